"""The app's own tables: states and their names."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from yike.errors import Fault, YikeError


class ProposalError(YikeError):
    """Something asked of a proposal cannot be done as asked."""


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of the app's tables."""
    text = resources.files("yike.web.proposals").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def state_name(state: str, lang: str) -> str:
    """Return a state's name in a language."""
    return next(row[lang] for row in table("state_names") if row["state"] == state)


def check_step(state: str, to: str, verb: str) -> None:
    """Let a step pass that ``states.csv`` has; raises ``proposals.state``."""
    if (state, to, verb) not in {(row["from"], row["to"], row["verb"]) for row in table("states")}:
        values = {"state": {lang: state_name(state, lang) for lang in ("zh", "en")}}
        raise ProposalError(Fault("proposals.state", values=values))
