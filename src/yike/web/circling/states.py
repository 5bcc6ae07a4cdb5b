"""How a circle's states follow each other: ``states.csv`` (from, to, by which verb)."""

from __future__ import annotations

from yike.errors import Fault, YikeError
from yike.web.lists.choices import labels, table


def check_step(before: str, after: str, verb: str) -> None:
    """Refuse a step that the table does not have; raises ``circling.state``."""
    if (before, after, verb) not in {
        (row["from"], row["to"], row["verb"]) for row in table("yike.web.circling", "states")
    }:
        name = labels("yike.web.circling", "state_names").get(before, {"zh": before, "en": before})
        raise YikeError(Fault("circling.state", values={"state": {"zh": name["zh"], "en": name["en"]}}))
