"""How an outlet's states follow each other: ``states.csv`` (from, to, by which verb)."""

from __future__ import annotations

from functools import cache

from yike.errors import Fault, YikeError
from yike.web.accounts.rights import verbs
from yike.web.outlets.choices import labels, table
from yike.web.outlets.models import Outlet


class RegisterError(YikeError):
    """Something asked of the register cannot be done as asked."""


@cache
def ways() -> frozenset[tuple[str, str, str]]:
    """Return (from, to, verb); from is "" for what begins a record."""
    return frozenset((row["from"], row["to"], row["verb"]) for row in table("states"))


def can(state: str, verb: str) -> bool:
    """Return whether some step by ``verb`` leads on from ``state``."""
    return any(begin == state and by == verb for begin, _, by in ways())


def step(outlet: Outlet, to: str, verb: str) -> list[str]:
    """Take an outlet to a state by a verb (not saved); return [before, after] for the journal.

    Raises
    ------
    RegisterError
        ``outlets.state``: the table has no such step.
    """
    before = outlet.state
    if (before, to, verb) not in ways():
        name, named = labels("state_names")[before], verbs()[verb]
        values = {"state": name, "verb": {"zh": named.zh, "en": named.en}}
        raise RegisterError(Fault("outlets.state", values=values))
    outlet.state = to
    return [before, to]
