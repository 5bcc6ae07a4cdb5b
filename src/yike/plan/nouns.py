"""The nouns of a plan: an action with its reason, a phase with its money, the plan."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

KINDS = ("build", "advise")


@dataclass(frozen=True)
class Action:
    """One thing to do.

    ``kind`` "build": an outlet in a space, out of an answer of the joint problem. "advise": a type for which no site was
    chosen and people are still without it; ``how`` is the row of ``advice.csv`` that says what helps instead.
    """

    order: int  #: from 1
    kind: str
    business_type: str
    people: float  #: newly served by it; for advice: still without the type
    space: str = ""
    area: str = ""  #: the community that gains most of it
    cost_yuan: float = 0.0
    phase: int = 0  #: year it is built in, from 1; 0 for advice
    how: str = ""
    gap_state: str = ""  #: state of the type in that community before: missing, lacking …; "" where no gaps were given
    needs: tuple[str, ...] = ()  #: keys of the needs it answers
    zh: str = ""  #: the reason in words
    en: str = ""


@dataclass(frozen=True)
class Phase:
    """One year of building."""

    year: int  #: from 1
    actions: int
    cost_yuan: float
    people_types: float


@dataclass(frozen=True)
class Plan:
    """Actions in order with their reasons; numbers come from the answer whose digest it carries."""

    actions: tuple[Action, ...]
    phases: tuple[Phase, ...]
    cost_yuan: float
    people_types: float
    study: str = ""
    standard: str = ""
    digest: str = ""

    def builds(self) -> tuple[Action, ...]:
        """Return what is built."""
        return tuple(each for each in self.actions if each.kind == "build")

    def advice(self) -> tuple[Action, ...]:
        """Return what is advised where nothing is built."""
        return tuple(each for each in self.actions if each.kind == "advise")

    def as_json(self) -> dict[str, Any]:
        """Return the plan for machines."""
        told = asdict(self)
        for each in told["actions"]:
            each["needs"] = list(each["needs"])
        return {**told, "actions": list(told["actions"]), "phases": list(told["phases"])}
