"""What a finished study found, as it is kept with its record: shares by walker and area, and the worst of each level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from yike.coverage.groups import EVERYONE
from yike.study import Study

LISTED = (EVERYONE, "city", "county", "street")  #: levels whose areas are kept one by one
WORST = 10  #: areas kept of each of the other levels, the worst first
BASIC = "basic"


def figures_of(study: Study) -> dict[str, Any]:
    """Return shares by walker: ``areas`` one by one (wide levels), ``levels`` in sum, ``worst`` areas of narrow levels.

    Of an area: residents, the mean share of residents within the minutes of each basic type (a type with several
    limits by its shortest), and the share that meets the rule of 10 and 15 minutes.
    """
    coverage, presence = study.table("coverage"), study.table("presence")
    found: dict[str, Any] = {}
    for walker in study.settings.walkers:
        areas = _areas(coverage[coverage["walker"] == walker], presence[presence["walker"] == walker])
        narrow = areas[~areas["level"].isin(LISTED)]
        found[walker] = {
            "areas": _rows(areas[areas["level"].isin(LISTED)]),
            "levels": _levels(areas),
            "worst": {
                str(level): _rows(rows.sort_values("basic").head(WORST)) for level, rows in narrow.groupby("level")
            },
        }
    return found


def _areas(coverage: pd.DataFrame, presence: pd.DataFrame) -> pd.DataFrame:
    """Return one row per area: level, area, name, people, basic, ten_fifteen."""
    keys = ["level", "area", "area_name"]
    strict = coverage[coverage["category"] == BASIC].sort_values("limit_s", kind="stable")
    strict = strict.drop_duplicates(["level", "area", "business_type"])
    means = strict.groupby(keys, observed=True, sort=False).agg(people=("people", "first"), basic=("share", "mean"))
    both = presence[(presence["rule"] == "ten_fifteen") & (presence["part"] == "both")].set_index(keys)["share"]
    table = means.join(both.rename("ten_fifteen")).reset_index()
    return table[table["people"] > 0]


def _rows(areas: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "level": str(row.level), "area": str(row.area), "name": str(row.area_name), "people": float(row.people),
            "basic": number(row.basic), "ten_fifteen": number(row.ten_fifteen),
        }
        for row in areas.itertuples()
    ]  # fmt: skip


def _levels(areas: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return for each level how many areas there are, and the least and median share of basic types among them."""
    return {
        str(level): {
            "areas": len(rows),
            "least": number(rows["basic"].min()),
            "median": number(rows["basic"].median()),
            "least_ten_fifteen": number(rows["ten_fifteen"].min()),
        }
        for level, rows in areas.groupby("level", observed=True, sort=False)
    }


def number(value: Any) -> float | None:
    """Return a number for JSON, None for none."""
    return None if value is None or not np.isfinite(float(value)) else float(value)
