"""How many open outlets of each type an area has: by where they stand, or by who can walk to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.groups import CIRCLE, EVERYONE, Circles
from yike.coverage.measure import Coverage
from yike.coverage.served import served
from yike.errors import Fault, InputError, raise_all
from yike.tables import LEVELS, Outlets

COLUMNS = ["level", "area", "business_type"]


@dataclass(frozen=True)
class OutletCounts:
    """Open outlets per area and business type; an outlet of two types counts once for each (functions, not shops)."""

    frame: pd.DataFrame  #: level, area, business_type, outlets
    how: str  #: "located" (stands in the area) or "reached" (within the limit of a home of the area)

    def table(self, levels: tuple[str, ...], areas: tuple[str, ...], types: tuple[str, ...]) -> NDArray[np.int64]:
        """Return (G, K) counts for areas and types, 0 where there is none."""
        counts = self.frame.set_index(COLUMNS)["outlets"]
        wanted = pd.MultiIndex.from_tuples([(*key, code) for key in zip(levels, areas, strict=True) for code in types])
        return counts.reindex(wanted, fill_value=0).to_numpy(dtype=np.int64).reshape(len(levels), len(types))


def _functions(outlets: Outlets) -> pd.DataFrame:
    """Return one row per open outlet and type: outlet (row number), business_type."""
    frame = (
        outlets.frame.loc[outlets.is_open, ["types"]]
        .explode("types")
        .dropna()
        .rename(columns={"types": "business_type"})
    )
    return frame.rename_axis("outlet").reset_index().drop_duplicates()


def _counted(parts: list[pd.DataFrame], how: str) -> OutletCounts:
    rows = pd.concat(parts, ignore_index=True).drop_duplicates()
    return OutletCounts(rows.groupby(COLUMNS, sort=True).size().rename("outlets").reset_index(), how)


def _inside(members: NDArray[np.bool_] | Collection[str], outlet_areas: pd.DataFrame) -> NDArray[np.bool_]:
    """Return the mask of one circle's outlets, given as a mask or as codes of areas of any level."""
    if isinstance(members, np.ndarray) and members.dtype == np.bool_:
        return members
    codes = {str(code) for code in members} - {""}
    levels = [level for level in LEVELS if level in outlet_areas.columns]
    return np.asarray(outlet_areas[levels].isin(codes).any(axis=1), dtype=np.bool_)


def count_located(outlets: Outlets, outlet_areas: pd.DataFrame, circles: Circles | None = None) -> OutletCounts:
    """Count open outlets where they stand.

    Parameters
    ----------
    outlets
        O outlets; planned, paused and closed ones never count.
    outlet_areas
        O rows in the same order with one code per level of `yike.tables.LEVELS` ("" = none),
        as ``ingest.areas.locate`` gives them.
    circles
        Name of circle -> mask (O,) of the outlets inside it, or the codes of the areas it is made of.

    Raises
    ------
    InputError
        ``coverage.areas_length`` when rows and outlets differ in number.

    Examples
    --------
    >>> shops = Outlets(pd.DataFrame({"id": ["a", "b"], "types": [("x", "y"), ("x",)], "lon": 0.0, "lat": 0.0}))
    >>> where = pd.DataFrame({"community": ["1", "2"]})
    >>> counts = count_located(shops, where)
    >>> counts.table(("community", "all"), ("1", "all"), ("x", "y")).tolist()
    [[1, 1], [2, 1]]
    """
    inside = {name: _inside(members, outlet_areas) for name, members in (circles or {}).items()}
    lengths = {"outlet_areas": len(outlet_areas)} | {name: len(mask) for name, mask in inside.items()}
    wrong = tuple((None, f"{name}: {length}") for name, length in lengths.items() if length != len(outlets))
    raise_all(InputError, [Fault("coverage.areas_length", wrong, {"n_outlets": len(outlets)})] if wrong else [])
    functions = _functions(outlets)
    at = functions["outlet"].to_numpy()
    parts = [functions.assign(level=EVERYONE, area=EVERYONE)]
    for level in LEVELS:
        if level in outlet_areas.columns:
            parts.append(functions.assign(level=level, area=outlet_areas[level].fillna("").astype(str).to_numpy()[at]))
    for name, mask in inside.items():
        parts.append(functions[mask[at]].assign(level=CIRCLE, area=name))
    return _counted(parts, "located")


def count_reached(coverage: Coverage, outlets: Outlets, pairs: pd.DataFrame) -> OutletCounts:
    """Count the distinct open outlets that some home of an area can walk to within the type's limit.

    Parameters
    ----------
    coverage
        Gives the homes, areas and limits (per type the strictest one).
    outlets
        O outlets.
    pairs
        Walks from home to outlet: ``id`` (residents' point), ``outlet`` (outlet id), ``seconds``;
        all pairs within the longest limit.

    Notes
    -----
    An outlet on a border is counted by both sides, so these counts do not add up to the whole.
    """
    judged = served(coverage)
    limit = {code: judged.strictest(k).limit_ms for k, code in enumerate(judged.types)}
    home = pd.Index(coverage.residents.frame["id"]).get_indexer(pd.Index(pairs["id"].astype(str)))
    shop = pd.Index(outlets.frame["id"]).get_indexer(pd.Index(pairs["outlet"].astype(str)))
    walks = pd.DataFrame({"home": home, "outlet": shop, "ms": np.rint(pairs["seconds"].to_numpy() * 1000)})
    walks = walks[(walks["home"] >= 0) & (walks["outlet"] >= 0)].merge(_functions(outlets), on="outlet")
    walks = walks[walks["ms"] <= walks["business_type"].map(limit)]
    groups = coverage.groups
    members = pd.DataFrame({"home": groups.points, "group": groups.of})
    reached = walks.merge(members, on="home")[["outlet", "business_type", "group"]].drop_duplicates()
    group = reached["group"].to_numpy()
    named = reached.assign(level=np.array(groups.level)[group], area=np.array(groups.area)[group])
    return _counted([named.drop(columns="group")], "reached")
