"""Verbs of scenarios: kept, written over, renamed, deleted; and the ranking of gates, put into the queue."""

from __future__ import annotations

from typing import Any

from yike.errors import Fault
from yike.web.areas.models import Area
from yike.web.journal.verbs import Deed, verb
from yike.web.queue import put
from yike.web.queue.models import Job
from yike.web.scenarios import gates
from yike.web.scenarios.asked import ScenarioError, kept_changes
from yike.web.scenarios.choices import limit
from yike.web.scenarios.models import Scenario
from yike.web.scenarios.trying import Question, try_out
from yike.words import say


def deed_on(by: Any, scenario: Scenario) -> Deed:
    """Return a deed on a scenario."""
    return Deed(by, scenario.area, "scenario", str(scenario.pk))


def _name(text: str) -> str:
    name = text.encode("utf-8", "ignore").decode().replace("\x00", "").strip()
    if not 1 <= len(name) <= limit("name_most"):
        raise ScenarioError(Fault("scenarios.name_bad", values={"most": int(limit("name_most"))}))
    return name


def _measure(scenario: Scenario, changes: list[Any]) -> None:
    """Put checked changes into a scenario with what they bring now, not saved."""
    scenario.changes = kept_changes(changes)
    told = try_out(Question(scenario.city, scenario.area, changes=changes))
    scenario.effect = {name: value for name, value in told.items() if name != "homes"}
    scenario.study, scenario.through = told["study"], told["through"]


def _locked(deed: Deed) -> Scenario:
    return Scenario.objects.select_for_update(of=("self",)).select_related("city", "area").get(pk=int(deed.record))


@verb("scenarios.save")
def save(deed: Deed, name: str, changes: list[Any]) -> Scenario:
    """Keep a new scenario of the deed's area, measured.

    Raises
    ------
    ScenarioError
        ``scenarios.name_bad``; all that trying it finds.
    """
    assert deed.area is not None  # the right was asked there
    made = Scenario(city=deed.area.city, area=deed.area, name=_name(name), person=deed.by)
    _measure(made, changes)
    made.save()
    deed.record, deed.change = str(made.pk), {"name": ["", made.name], "changes": [0, len(made.changes)]}
    return made


@verb("scenarios.change")
def change(deed: Deed, changes: list[Any]) -> Scenario:
    """Write the changes of a scenario over, measured anew."""
    found = _locked(deed)
    before = len(found.changes)
    _measure(found, changes)
    found.save()
    deed.change = {"changes": [before, len(found.changes)]}
    return found


@verb("scenarios.rename")
def rename(deed: Deed, name: str) -> Scenario:
    """Give a scenario another name; ``scenarios.name_bad``."""
    found = _locked(deed)
    deed.change = {"name": [found.name, _name(name)]}
    found.name = _name(name)
    found.save()
    return found


@verb("scenarios.drop")
def drop(deed: Deed) -> None:
    """Delete a scenario: it is nothing but a thought; the journal keeps its name."""
    found = _locked(deed)
    deed.change = {"name": [found.name, ""]}
    found.delete()


@verb("scenarios.rank_gates")
def rank_gates(deed: Deed, walker: str) -> Job:
    """Put the ranking of all gates of the city into the queue; one that is under way is not put twice."""
    assert deed.area is not None  # the right was asked there
    city, root = deed.area.city, Area.objects.get(city=deed.area.city, parent=None)
    title = say("trying.gates.title", "zh", walker=walker)
    job = put(
        gates.KIND, city, title=title, payload={"walker": walker}, area=root, person=deed.by,
        key=f"gates-{city.pk}-{walker}",
    )  # fmt: skip
    deed.record, deed.change = str(job.pk), {"walker": ["", walker]}
    return job
