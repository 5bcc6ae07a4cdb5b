"""Making plans of a city: facts and sheets here, where the database is; words, maps and files by `yike.report.documents`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yike.report.documents.facts import PlanFacts
from yike.report.documents.hands import make_many
from yike.report.documents.maps import Sheet
from yike.report.documents.templates import load_templates
from yike.web.documents.facts import area_facts, circle_facts
from yike.web.documents.places import Place, own_templates
from yike.web.documents.registers import Registers
from yike.web.documents.sheets import Sheets


@dataclass(frozen=True)
class Done:
    """One plan made: its figures as JSON, files by suffix, pages as sources of Typst, and what it rests on."""

    place: Place
    title: str
    figures: list[dict[str, Any]]
    files: dict[str, bytes]
    pages: dict[str, bytes]
    digest: str
    facts: PlanFacts


class Desk:
    """A city opened for making plans: registers, ground and templates, read once."""

    def __init__(self, at: Registers, day: date, office: str) -> None:
        self.at, self.day, self.office = at, day, office
        self.templates = load_templates(own_templates(at.city))
        self.sheets = Sheets(at)

    def gather(self, place: Place) -> tuple[PlanFacts, Sheet]:
        """Gather the facts of one plan, and what its map sheets show."""
        facts = facts_of(self.at, place, self.day, self.office)
        if place.circle is not None:
            return facts, self.sheets.of_circle(place.circle, facts)
        return facts, self.sheets.of_area(place.area, facts)

    def make(self, places: Sequence[Place]) -> Generator[Done, None, None]:
        """Make plans, several at once where there are many; given back in their order."""
        for place, facts, plan, pages in make_many(list(places), self.gather, self.sheets.ground, self.templates):
            figures = [each.as_json() for each in plan.document.figures.values()]
            yield Done(place, plan.document.title, figures, plan.files, pages, plan.digest, facts)


def facts_of(at: Registers, place: Place, day: date, office: str) -> PlanFacts:
    """Gather the facts of a plan as registers tell them now."""
    if place.circle is not None:
        return circle_facts(at, place.circle, day, office)
    return area_facts(at, place.area, day, office)
