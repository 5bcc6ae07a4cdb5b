"""Verbs of proposals: solve, solve again, accept, rename, drop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from yike.errors import Fault, raise_all
from yike.web.accounts.models import Person
from yike.web.areas.models import Area, City
from yike.web.journal.verbs import Deed, verb
from yike.web.proposals.choices import ProposalError, check_step
from yike.web.proposals.models import Proposal
from yike.web.proposals.settings import merged, settings_from
from yike.web.proposals.signals import proposal_accepted
from yike.web.queue import put
from yike.web.spaces.models import Space

KIND = "proposals.proposal"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Again:
    """What is changed before solving again; a pair is (key of a space, business type or "" for the whole space)."""

    lock: Pairs = ()
    unlock: Pairs = ()
    forbid: Pairs = ()
    allow: Pairs = ()
    settings: dict[str, Any] = field(default_factory=dict)  # settings replaced, as budget_yuan


def deed_in(person: Person | None, area: Area) -> Deed:
    """Return the deed of proposing in an area."""
    return Deed(person, area, KIND)


def deed_on(person: Person | None, proposal: Proposal) -> Deed:
    """Return the deed of an act on a proposal."""
    return Deed(person, proposal.area, KIND, str(proposal.pk), proposal.person_id)


@verb("proposals.solve")
def solve(deed: Deed, city: City, name: str, settings: dict[str, Any], before: Proposal | None = None) -> Proposal:
    """Ask for an answer of the joint problem; it is worked out by a job.

    Parameters
    ----------
    deed
        Its area is the one proposed for: only its spaces are used and only its residents counted.
    settings
        Fields of `JointSettings`; ``within`` is set from the area.

    Raises
    ------
    ProposalError
        ``proposals.elsewhere``, ``proposals.space_unknown``, ``proposals.no_space``; all faults of `JointSettings` at once.
    """
    assert deed.area is not None
    if deed.area.city_id != city.pk:
        raise ProposalError(Fault("proposals.elsewhere"))
    within = deed.area.code if deed.area.parent_id else ""
    checked = settings_from({**settings, "within": within})
    _spaces_there(city, deed.area, checked)
    proposal = Proposal.objects.create(
        city=city, area=deed.area, name=_name(name, checked), person=deed.by, settings=checked, before=before,
    )  # fmt: skip
    proposal.job = put(
        "proposals.solve", city, title=f"{proposal.name} · {deed.area.name}",
        payload={"proposal": proposal.pk, "link": f"/desk/proposals/{proposal.pk}/"},
        area=deed.area, person=deed.by, key=f"proposals.solve {proposal.pk}",
    )  # fmt: skip
    proposal.save(update_fields=["job"])
    deed.record = str(proposal.pk)
    deed.change = {
        "budget_yuan": [None, checked["budget_yuan"]],
        "locked": checked["locked"],
        "forbidden": checked["forbidden"],
    }
    return proposal


def solve_again(person: Person | None, proposal: Proposal, again: Again) -> Proposal:
    """Ask for another answer with sites locked or forbidden; the one before stays as it is. Raises as `solve`."""
    settings = merged(proposal.settings, again)
    return solve(deed_in(person, proposal.area), proposal.city, proposal.name, settings, proposal)


@verb("proposals.accept")
def accept(deed: Deed) -> list[str]:
    """Accept an answer: its spaces are taken, and the project list grows by its sites; return the projects' keys.

    Raises
    ------
    ProposalError
        ``proposals.state``, ``proposals.spaces_taken`` (with every space that is not free any more).
    """
    proposal = _locked(deed)
    check_step(proposal.state, "accepted", "proposals.accept")
    sites = list(proposal.sites.all())
    held = Space.objects.select_for_update().filter(pk__in={site.space_id for site in sites}).order_by("pk")
    spaces = list(held)  # in one order: two acceptances at once wait for each other and never both for ever
    if not sites:
        raise ProposalError(Fault("proposals.nothing"))
    taken = tuple(sorted((None, f"{space.key} {space.name}") for space in spaces if space.state != "free"))
    if taken:
        raise ProposalError(Fault("proposals.spaces_taken", taken))
    proposal.state, proposal.accepted_at = "accepted", timezone.now()
    proposal.save(update_fields=["state", "accepted_at"])
    found = proposal_accepted.send(sender=Proposal, proposal=proposal, deed=deed)
    keys = [key for _, made in found for key in made or ()]
    deed.change = {"state": ["solved", "accepted"], "projects": keys}
    return keys


@verb("proposals.rename")
def rename(deed: Deed, name: str) -> Proposal:
    """Give a proposal another name; raises ``proposals.name``."""
    proposal = _locked(deed)
    if not name.strip():
        raise ProposalError(Fault("proposals.name"))
    deed.change = {"name": [proposal.name, name.strip()[:80]]}
    proposal.name = name.strip()[:80]
    proposal.save(update_fields=["name"])
    return proposal


@verb("proposals.drop")
def drop(deed: Deed) -> Proposal:
    """Put a proposal aside; it stays readable. Raises ``proposals.state``."""
    proposal = _locked(deed)
    check_step(proposal.state, "dropped", "proposals.drop")
    deed.change = {"state": [proposal.state, "dropped"]}
    proposal.state = "dropped"
    proposal.save(update_fields=["state"])
    return proposal


def _locked(deed: Deed) -> Proposal:
    found = Proposal.objects.select_for_update().filter(pk=int(deed.record or 0)).first()
    if found is None or deed.area is None or found.area_id != deed.area.pk:
        raise ProposalError(Fault("proposals.changed"))
    return found


def _name(name: str, settings: dict[str, Any]) -> str:
    if name.strip():
        return name.strip()[:80]
    budget = settings["budget_yuan"]
    return f"{budget / 10_000:g} 万元方案" if budget is not None else "不限预算方案"


def _spaces_there(city: City, area: Area, settings: dict[str, Any]) -> None:
    """Refuse where no space is free, or a locked or forbidden pair names one that is not there."""
    free = set(
        Space.objects.filter(city=city, area__path__startswith=area.path, state="free").values_list("key", flat=True)
    )
    if not free:
        raise ProposalError(Fault("proposals.no_space", values={"area": area.name}))
    known = set(Space.objects.filter(city=city).values_list("key", flat=True))
    rows = [(None, key) for key, _ in settings["locked"] if key not in free]
    rows += [(None, key) for key, _ in settings["forbidden"] if key not in known]
    raise_all(ProposalError, [Fault("proposals.space_unknown", tuple(dict.fromkeys(rows)))] if rows else [])
