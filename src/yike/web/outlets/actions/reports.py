"""Verbs of reports: anybody says "closed, wrong, moved"; the community answers."""

from __future__ import annotations

import re

from django.utils import timezone

from yike.errors import Fault
from yike.web.journal.verbs import Deed, verb
from yike.web.outlets.choices import labels
from yike.web.outlets.deeds import locked, waiting
from yike.web.outlets.models import Outlet, Report
from yike.web.outlets.origins import allow
from yike.web.outlets.states import RegisterError

NUMBERS = re.compile(r"\d[\d\s\-]{5,}[\dxX]")  # a phone, an identity card, an account


@verb("outlets.report")
def report(deed: Deed, kind: str, note: str = "", origin: str = "") -> Report:
    """Note what a passer-by says of an outlet on the map; nothing tells who said it.

    Raises
    ------
    RegisterError
        ``outlets.report_kind``; ``outlets.too_many``; ``outlets.state``: the outlet is not on the map.
    """
    outlet = locked(deed)
    if kind not in labels("reports"):
        raise RegisterError(Fault("outlets.report_kind", values={"kind": kind[:20]}))
    if outlet.state not in ("open", "paused"):
        state = labels("state_names")[outlet.state]
        raise RegisterError(Fault("outlets.state", values={"state": state, "verb": {"zh": "反映", "en": "report"}}))
    allow(Report, origin, outlet)
    said = NUMBERS.sub("…", note.replace("\x00", "")).strip()[:100]
    made = Report.objects.create(outlet=outlet, kind=kind, note=said, origin=origin)
    deed.change = {"report": ["", kind]}
    return made


@verb("outlets.settle_report")
def settle_report(deed: Deed, pk: int, right: bool) -> Outlet:
    """Answer a report: it was right, or it was not. ``outlets.settled`` when somebody answered before."""
    outlet = locked(deed)
    found = Report.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    waiting(found, outlet)
    found.outcome, found.settled_at = "confirmed" if right else "refuted", timezone.now()
    found.save()
    deed.change = {f"report {found.pk} {found.kind}": ["", found.outcome]}
    return outlet
