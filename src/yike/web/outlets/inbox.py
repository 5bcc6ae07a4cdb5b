"""What waits for a person: registrations, stalls, reports, proposals in their areas; oldest first, overdue named."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from yike.web.accounts.models import Person
from yike.web.accounts.rights import reach_of, within_reach
from yike.web.outlets.choices import label, limit
from yike.web.outlets.models import Proposal, Registration, Report
from yike.web.outlets.wording import language


@dataclass(frozen=True)
class Item:
    """One thing that waits: what, of which outlet, since when, until when, and the page where it is done."""

    what: str
    name: str
    area: str
    link: str
    since: date
    due: date

    @property
    def overdue_days(self) -> int:
        """Days past its day; 0 or less: in time."""
        return (timezone.localdate() - self.due).days

    @property
    def overdue(self) -> bool:
        return self.overdue_days > 0


def items_for(person: Person) -> list[Item]:
    """Return what waits for a person, oldest first."""
    found = [*_registrations(person), *_stalls(person), *_reports(person), *_proposals(person)]
    return sorted(found, key=lambda item: (item.since, item.due, item.name))


def _day(moment: object) -> date:
    return timezone.localtime(moment).date() if moment else timezone.localdate()  # type: ignore[arg-type]


def _waiting(person: Person, verb: str, *kinds: str) -> list[Registration]:
    here = within_reach(person, verb, "outlet__area__path")
    return list(
        Registration.objects.filter(here, state="waiting", kind__in=kinds)
        .exclude(person=person)
        .select_related("outlet__area")
    )


def _registrations(person: Person) -> list[Item]:
    names, days = (
        {"new": _("新网点登记待审核"), "claim": _("网点认领待审核")},
        timedelta(days=limit("registration_days")),
    )
    return [
        Item(names[each.kind], each.outlet.name, str(each.outlet.area or ""), f"/desk/registrations/{each.pk}/",
             _day(each.submitted_at), _day(each.submitted_at) + days)
        for each in _waiting(person, "outlets.accept", "new", "claim") if each.outlet
    ]  # fmt: skip


def _stalls(person: Person) -> list[Item]:
    days = timedelta(days=limit("stall_days"))
    return [
        Item(_("免照摊点待见证"), each.outlet.name, str(each.outlet.area or ""), f"/desk/registrations/{each.pk}/",
             _day(each.submitted_at), _day(each.submitted_at) + days)
        for each in _waiting(person, "outlets.vouch", "stall") if each.outlet
    ]  # fmt: skip


def _reports(person: Person) -> list[Item]:
    """Return one item per outlet that somebody reported."""
    here = within_reach(person, "outlets.settle_report", "outlet__area__path")
    grouped: dict[int, list[Report]] = defaultdict(list)
    for report in Report.objects.filter(here, outcome="").select_related("outlet__area"):
        grouped[report.outlet_id].append(report)
    found, lang, days = [], language(), timedelta(days=limit("report_days"))
    for reports in grouped.values():
        outlet, first = reports[0].outlet, min(_day(each.at) for each in reports)
        kinds = "、".join(dict.fromkeys(label("reports", each.kind, lang) for each in reports))
        what = _("有人反映：%(kinds)s（%(n)d 次）") % {"kinds": kinds, "n": len(reports)}
        found.append(
            Item(what, outlet.name, str(outlet.area or ""), f"/desk/outlets/{outlet.key}/#reports", first, first + days)
        )
    return found


def _proposals(person: Person) -> list[Item]:
    """Return proposals that the community may answer now: of outlets without an owner, or past the owner's day."""
    here = within_reach(person, "outlets.accept_proposal", "outlet__area__path")
    today, days = timezone.localdate(), timedelta(days=limit("proposal_days"))
    found = []
    for each in Proposal.objects.filter(here, outcome="").select_related("outlet__area"):
        if each.outlet.owner_id is None or each.due < today:
            since = _day(each.at) if each.outlet.owner_id is None else each.due + timedelta(days=1)
            link = f"/desk/outlets/{each.outlet.key}/#proposals"
            found.append(
                Item(_("修改建议待答复"), each.outlet.name, str(each.outlet.area or ""), link, since, since + days)
            )
    return found


def has_desk(person: Person) -> bool:
    """Return whether a person works at the desk in some area."""
    return bool(reach_of(person, "outlets.see"))
