"""The joint problem in arrays: options (a type in a space, of a size), and groups of homes that any choice treats alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.siting.joint.ground import JointGround
from yike.siting.joint.options import Option, Reach, check_spaces, chosen_types, list_options, reach_of
from yike.siting.joint.settings import JointSettings

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """N options over G groups.

    A *group* is a business type with the homes beyond its limit now that the same spaces would bring within it (and, with
    a least share, of the same area): nothing tells its homes apart. A *lane* is one type that an option serves: its own,
    and those its own stands for (``counts_for``). Edges ``lane_at[l]:lane_at[l + 1]`` of ``edge_group`` are the groups
    lane ``l`` covers. Shortage areas are those below the least share now; ``shortage`` is what each lacks.
    """

    types: tuple[str, ...]
    weight: Floats  #: (T,)
    options: tuple[Option, ...]
    option_space: Ints  #: (N,) and likewise below
    option_pair: Ints
    option_cost: Floats
    option_area: Floats
    option_need: Floats
    option_lane: Ints  #: (N + 1,) lanes of each option; its own type is the first
    lane_option: Ints  #: (L,)
    lane_type: Ints  #: (L,)
    lane_cap: Floats  #: (L,)
    lane_at: Ints  #: (L + 1,)
    edge_group: Ints  #: (E,)
    group_at: Ints  #: (G + 1,) edges of each group
    group_edge: Ints
    group_type: Ints  #: (G,)
    group_people: Floats  #: (G,)
    group_area: Ints  #: (G,) row of ``areas``, -1 = of no area in shortage
    home_at: Ints  #: (G + 1,) homes of each group
    home_of: Ints
    area_m2: Floats  #: (S,)
    budget_yuan: float  #: inf = no limit
    locked: tuple[int, ...]  #: pairs
    areas: tuple[str, ...]  #: areas in shortage
    shortage: Floats  #: person-types each of them lacks
    area_total: Floats  #: residents × types of each
    homes: NDArray[np.bool_]  #: (R,) whose residents count

    @cached_property
    def edge_lane(self) -> Ints:
        return np.repeat(np.arange(len(self.lane_option)), np.diff(self.lane_at))

    @cached_property
    def edge_weight(self) -> Floats:
        return self.weight[self.lane_type[self.edge_lane]]


def build_problem(ground: JointGround, settings: JointSettings) -> Problem:
    """Put a question over a ground into arrays.

    Raises
    ------
    InputError
        ``joint.type_unknown``, ``joint.space_unknown``, ``joint.area_unknown``.
    """
    types = chosen_types(ground, settings)
    check_spaces(ground, settings)
    homes, spaces = ground.inside(settings.within)
    reach = {code: reach_of(ground, code, homes, spaces) for code in types}
    options, pairs = list_options(ground, settings, types, spaces, reach)
    short = _shortages(ground, settings, types, homes)
    area_of = _area_rows(ground, settings, short[0])
    serves = {code: (code, *ground.catalogue.type(code).counts_for) for code in types}
    serving: dict[str, set[int]] = {code: set() for code in types}
    for each in options:
        for code in serves[each.business_type]:
            if code in serving:
                serving[code].add(each.space)
    groups = [_groups(ground, code, serving[code], reach[code], area_of) for code in types]
    return _assembled(ground, settings, types, options, pairs, serves, groups, short, homes)


def _shortages(
    ground: JointGround, settings: JointSettings, types: tuple[str, ...], homes: NDArray[np.bool_]
) -> tuple[tuple[str, ...], Floats, Floats]:
    """Return the areas below the least share now, their residents × types, and the person-types each lacks."""
    if settings.least_share is None:
        return (), np.zeros(0), np.zeros(0)
    codes, total, met = shares_now(ground, settings.level, types, homes)
    lacks = settings.least_share * total - met
    short = lacks > 1e-6 * np.maximum(total, 1.0)
    return tuple(codes[short]), total[short], lacks[short]


def shares_now(
    ground: JointGround, level: str, types: tuple[str, ...], homes: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], Floats, Floats]:
    """Return the areas of a level where people live, their residents × types, and the person-types covered now."""
    people = ground.residents.people * homes
    codes, row = np.unique(ground.residents.frame[level].to_numpy(object).astype(str), return_inverse=True)
    total = np.bincount(row, weights=people, minlength=len(codes)) * len(types)
    met = np.zeros(len(codes))
    for code in types:
        met += np.bincount(row, weights=people * ~ground.uncovered(code), minlength=len(codes))
    lived = (total > 0) & (codes != "")
    return codes[lived].astype(object), total[lived], met[lived]


def _area_rows(ground: JointGround, settings: JointSettings, areas: tuple[str, ...]) -> Ints:
    """Return (R,) the row of each home's area among those in shortage, -1 where it is in none."""
    place = {code: k for k, code in enumerate(areas)}
    names = ground.residents.frame[settings.level]
    return np.array([place.get(code, -1) for code in names], np.int64) if areas else np.full(len(names), -1, np.int64)


@dataclass(frozen=True)
class _Groups:
    """Groups of one type: homes (CSR), area, and the spaces that cover each."""

    homes: list[list[int]]
    area: list[int]
    spaces: list[tuple[int, ...]]


def _groups(ground: JointGround, code: str, serving: set[int], reach: Reach, area_of: Ints) -> _Groups:
    """Merge the homes that the same serving spaces would cover."""
    use = np.isin(reach.space, np.fromiter(serving, np.int64, len(serving)))
    space, home = reach.space[use], reach.home[use]
    order = np.lexsort((space, home))
    space, home = space[order], home[order]
    cuts = np.flatnonzero(np.diff(home)) + 1
    starts, ends = np.r_[0, cuts], np.r_[cuts, len(home)]
    found: dict[tuple[int, bytes], list[int]] = {}
    if len(home):
        for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
            signature = int(area_of[home[a]]), space[a:b].tobytes()
            found.setdefault(signature, []).append(int(home[a]))
    spaces = [tuple(np.frombuffer(text, np.int64).tolist()) for _, text in found]
    return _Groups(list(found.values()), [area for area, _ in found], spaces)


def _assembled(
    ground: JointGround,
    settings: JointSettings,
    types: tuple[str, ...],
    options: list[Option],
    pairs: dict[tuple[int, str], int],
    serves: dict[str, tuple[str, ...]],
    groups: list[_Groups],
    areas: tuple[tuple[str, ...], Floats, Floats],
    homes: NDArray[np.bool_],
) -> Problem:
    people = ground.residents.people
    members: list[Ints] = []
    group_type: list[int] = []
    group_area: list[int] = []
    covers: dict[tuple[int, str], list[int]] = {}
    for k, (code, part) in enumerate(zip(types, groups, strict=True)):
        for who, area, spaces in zip(part.homes, part.area, part.spaces, strict=True):
            for j in spaces:
                covers.setdefault((j, code), []).append(len(members))
            members.append(np.array(who, np.int64))
            group_type.append(k)
            group_area.append(area)
    place = {code: k for k, code in enumerate(types)}
    lanes = [
        (n, place[code], covers.get((each.space, code), []))
        for n, each in enumerate(options)
        for code in serves[each.business_type]
        if code in place
    ]
    lane_option = np.array([n for n, _, _ in lanes], np.int64)
    edge_group = np.array([g for _, _, part in lanes for g in part], np.int64)
    by_group = np.argsort(edge_group, kind="stable")
    number = {key: j for j, key in enumerate(ground.spaces.keys)}
    keep = [pairs[number[space], code] for space, code in settings.locked if (number[space], code) in pairs]
    budget = settings.budget_yuan
    return Problem(
        types=types,
        weight=np.array([float(settings.weights.get(code, 1.0)) for code in types]),
        options=tuple(options),
        option_space=np.array([each.space for each in options], np.int64),
        option_pair=np.array([each.pair for each in options], np.int64),
        option_cost=np.array([each.cost_yuan for each in options], float),
        option_area=np.array([each.area_m2 for each in options], float),
        option_need=np.array([each.need for each in options], float),
        option_lane=_ends(np.bincount(lane_option, minlength=len(options))),
        lane_option=lane_option,
        lane_type=np.array([k for _, k, _ in lanes], np.int64),
        lane_cap=np.array([options[n].capacity for n, _, _ in lanes], float),
        lane_at=_ends(np.array([len(part) for _, _, part in lanes], np.int64)),
        edge_group=edge_group,
        group_at=_ends(np.bincount(edge_group, minlength=len(members))),
        group_edge=by_group,
        group_type=np.array(group_type, np.int64),
        group_people=np.array([people[who].sum() for who in members], float),
        group_area=np.array(group_area, np.int64),
        home_at=_ends(np.array([len(who) for who in members], np.int64)),
        home_of=np.concatenate([np.zeros(0, np.int64), *members]),
        area_m2=ground.spaces.area_m2,
        budget_yuan=np.inf if budget is None else budget,
        locked=tuple(keep),
        areas=areas[0],
        shortage=areas[2],
        area_total=areas[1],
        homes=homes,
    )


def _ends(many: NDArray[np.integer]) -> Ints:
    at = np.zeros(len(many) + 1, np.int64)
    np.cumsum(many, out=at[1:])
    return at
