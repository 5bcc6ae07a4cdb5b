"""Settings of the joint problem out of a form: yuan in 万元, shares in per cent; all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from yike.errors import Fault, Row
from yike.web.proposals.choices import ProposalError

WAN = 10_000.0
NUMBERS: Mapping[str, tuple[str, float]] = {  #: field → setting, and what a number of the form is worth
    "budget": ("budget_yuan", WAN), "years": ("years", 1.0), "least": ("least_share", 0.01),
}  # fmt: skip


def settings_of(form: QueryDict, only_given: bool = False) -> dict[str, Any]:
    """Return the settings that a form holds.

    Parameters
    ----------
    only_given
        Leave out what the form leaves empty, so that solving again keeps it.

    Raises
    ------
    ProposalError
        ``proposals.settings`` with every field that is not a number.
    """
    found: dict[str, Any] = {}
    bad: list[Row] = []
    for field, (setting, worth) in NUMBERS.items():
        text = form.get(field, "").replace("，", "").replace(",", "").replace("％", "").replace("%", "").strip()
        if not text:
            continue
        try:
            found[setting] = float(text) * worth
        except ValueError:
            bad.append((None, f"{field}: {text[:20]}"))
    if bad:
        raise ProposalError(Fault("proposals.settings", tuple(bad)))
    if kinds := form.getlist("type"):
        found["types"] = kinds
    if "switches" in form:
        found |= {"capacity": form.get("capacity") == "1", "viable": form.get("viable") == "1"}
    if not only_given:
        found.setdefault("budget_yuan", None)
    return found
