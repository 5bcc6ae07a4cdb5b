"""圈圈相融 of a place: how many of the four sub-circles are whole at its homes, and who can make the loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.access.loop import Rounds, walk_rounds
from yike.coverage.distribution import spread_of
from yike.coverage.measure import share
from yike.coverage.merging import LoopRule, Merging, load_loop, measure_merging
from yike.network.graph import FAR_MS
from yike.study.store import walker_name
from yike.web.seeing.now import Seen, seen
from yike.web.seeing.part import Part
from yike.web.seeing.places import Place, of_area
from yike.web.seeing.telling import people_told, percent


def merging_of(now: Seen) -> Merging:
    """Return the sub-circles of every home."""
    unseen = now.engine.unseen - set(now.stock.serving[0])
    walks = {code: now.seconds[:, k] for k, code in enumerate(now.types)}
    return now.keep("merging", lambda: measure_merging(walks, now.engine.catalogue, unseen=unseen))


def looped(now: Seen) -> tuple[LoopRule, Seen]:
    """Return the loop and the city as its walker lives it; where that walker is not measured, as the first one does."""
    rule = load_loop()
    return rule, seen(now.city, rule.walker if rule.walker in now.watched.walkers else "")


def rounds_of(now: Seen, any_order: bool = False) -> Rounds:
    """Return the shortest loop of every home, in the order given or in whichever is shortest."""
    rule, walks = looped(now)

    def walk() -> Rounds:
        kinds = [walks.serving(each.types) for each in rule.errands]
        return walk_rounds(walks.far, walks.homes, walks.at, kinds, rule.minutes * 60, any_order)

    return walks.keep(("loop", any_order), walk)


def loop_minutes(now: Seen, any_order: bool = False) -> NDArray[np.float64]:
    """Return (R,) minutes of the shortest loop, inf where none is short enough."""
    found = rounds_of(now, any_order)
    return np.where(found.ms < FAR_MS, found.ms / 60_000, np.inf)


def summary(part: Part, lang: str) -> dict[str, Any]:
    """Return what the page of a place says in a line: all four whole, and the loop in the order given."""
    (rule, walks), people = looped(part.seen), part.residents.people
    whole = merging_of(part.seen).count[part.rows]
    found = rounds_of(part.seen).whole[part.rows]
    total = float(people.sum())
    return {
        "errands": " → ".join(getattr(each, lang) for each in rule.errands), "loop_min": f"{rule.minutes:g}",
        "loop_walker": walker_name(walks.engine.study, walks.who, lang), "n": len(merging_of(part.seen).circles),
        "loop_share": percent(float(people @ found) / total) if total else "—",
        "all_share": percent(float(people @ (whole == len(merging_of(part.seen).circles))) / total) if total else "—",
    }  # fmt: skip


def table(part: Part, lang: str) -> list[dict[str, Any]]:
    """Return, for the place and its parts: shares of people by sub-circle, all of them whole, none, the loop both ways."""
    groups, weight, merging = part.groups, part.residents.people, merging_of(part.seen)
    whole = merging.whole[part.rows]
    people = groups.sum(weight)
    columns = [whole[:, k] for k in range(whole.shape[1])]
    columns += [np.asarray(whole.all(axis=1)), np.asarray(~whole.any(axis=1))]
    columns += [rounds_of(part.seen, any_order).whole[part.rows] for any_order in (False, True)]
    shares = np.stack([share(groups.sum(weight * each), people) for each in columns], axis=1)
    names = {area.code: of_area(area) for area in part.place.parts()}
    rows = []
    for g, code in enumerate(groups.area):
        own: Place | None = part.place if g == 0 else names.get(code)
        if own is None:
            continue
        rows.append({
            "code": own.code, "name": own.shown(lang), "path": f"{own.path}merging/", "people": float(people[g]),
            "people_told": people_told(float(people[g]), lang), "shares": shares[g].tolist(),
            "told": [percent(float(each)) for each in shares[g]], "whole": g == 0,
        })  # fmt: skip
    return [rows[0], *sorted(rows[1:], key=lambda row: row["shares"][-2])]


def heads(part: Part, lang: str) -> list[str]:
    """Return the names of the sub-circles, with how many types each asks for."""
    found = merging_of(part.seen)
    return [
        f"{getattr(each, lang)} ({needed}/{len(types)})"
        for each, needed, types in zip(found.circles, found.needed, found.types, strict=True)
    ]


def loop_told(part: Part, lang: str) -> dict[str, Any]:
    """Return how long the loop is for those who have one: the middle and the worst tenth beside the mean."""
    minutes = loop_minutes(part.seen)[part.rows]
    has = np.isfinite(minutes)
    found = spread_of(minutes[has], part.residents.people[has], high_is_worse=True)
    if not np.isfinite(found.mean):
        return {"some": False}
    told = {name: f"{value:.1f}" for name, value in vars(found).items() if name != "gini"}
    return {"some": True, "gini": f"{found.gini:.2f}"} | told
