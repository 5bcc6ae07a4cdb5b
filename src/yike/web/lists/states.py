"""How a record's states follow each other: ``states.csv`` beside its model (from, to, by which verb)."""

from __future__ import annotations

from functools import cache
from typing import Any

from yike.errors import Fault, YikeError
from yike.web.accounts.rights import verbs
from yike.web.lists.choices import labels, table


class ListError(YikeError):
    """Something asked of a list cannot be done as asked."""


@cache
def ways(room: str) -> frozenset[tuple[str, str, str]]:
    """Return (from, to, verb) of a room's states; from is "" for what begins a record."""
    return frozenset((row["from"], row["to"], row["verb"]) for row in table(room, "states"))


def can(room: str, state: str, verb: str) -> bool:
    """Return whether some step by ``verb`` leads on from ``state``."""
    return any(begin == state and by == verb for begin, _, by in ways(room))


def step(room: str, record: Any, to: str, verb: str) -> list[str]:
    """Take a record to a state by a verb (not saved); return [before, after] for the journal.

    Raises
    ------
    ListError
        ``lists.state``: the room's table has no such step.
    """
    before = record.state
    if (before, to, verb) not in ways(room):
        name = labels(room, "state_names").get(before) or {"zh": before, "en": before}
        values = {
            "record": str(record),
            "state": {"zh": name["zh"], "en": name["en"]},
            "verb": {"zh": verbs()[verb].zh, "en": verbs()[verb].en},
        }
        raise ListError(Fault("lists.state", values=values))
    record.state = to
    return [before, to]
