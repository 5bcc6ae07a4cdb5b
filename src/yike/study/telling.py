"""Step headline: the few figures people ask for first, each with what it rests on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import yike
from yike.coverage.groups import EVERYONE
from yike.errors import Fault
from yike.standards.catalogue import Catalogue
from yike.study import store
from yike.study.accessing import limit_of
from yike.study.folder import Study
from yike.study.ground import catalogue_of, unseen_types

WORST = 10  #: how many of the largest gaps the headline names


def headline_step(study: Study, work: Path, tell: Callable[[float], None]) -> list[Fault]:
    """Write headline.json."""
    catalogue = catalogue_of(study)
    figures = {
        "study": study.settings.name,
        "made_up": study.settings.made_up,
        "engine": yike.__version__,
        "standard": {"name": catalogue.name, "version": catalogue.version, "digest": catalogue.digest},
        "inputs": {receipt: found["digest"] for receipt, found in study.receipts().items()},
        "limit_s": limit_of(study, catalogue),
        **_size(study),
        "walkers": {walker: _walker(study, catalogue, walker) for walker in study.settings.walkers},
        "hours": _hours(study),
        "types_unseen": list(unseen_types(study, catalogue)),
    }
    text = json.dumps(figures, ensure_ascii=False, indent=1, allow_nan=False)
    (work / "headline.json").write_text(text, encoding="utf-8")
    return []


def _size(study: Study) -> dict[str, Any]:
    """Return how large the study is: people, points, outlets, network."""
    people, outlets = store.residents(study), store.outlets(study)
    links = study.table(f"network/links.{study.settings.walkers[0]}")
    return {
        "people": float(people.people.sum()),
        "points": len(people),
        "people_by_method": _sums(people.frame, "method"),
        "outlets": len(outlets),
        "outlets_open": int(outlets.is_open.sum()),
        "types_present": int(outlets.frame.loc[outlets.is_open, "types"].explode().nunique()),
        "nodes": len(study.table("network/nodes")),
        "links": len(links),
        "street_km": float(links.loc[links["kind"] != "square", "length_m"].sum() / 1000),
        "private_km": float(links.loc[links["private"], "length_m"].sum() / 1000),
        "areas": store.areas(study).frame["level"].value_counts().to_dict(),
    }


def _sums(frame: pd.DataFrame, by: str) -> dict[str, float]:
    return {str(key): float(value) for key, value in frame.groupby(by)["people"].sum().items()}


def _share(value: float) -> float | None:
    """Return a share for JSON: null where nobody lives."""
    return None if np.isnan(value) else float(value)


def _walker(study: Study, catalogue: Catalogue, walker: str) -> dict[str, Any]:
    """Return one walker's figures for everybody together."""
    coverage = _all(study.table("coverage"), walker)
    presence = _all(study.table("presence"), walker)
    gates = _all(study.table("gates"), walker)
    gaps = _all(study.table("gaps"), walker)
    why = store.attachment(study, f"residents_attach.{walker}").why
    people = store.residents(study).people
    seen = ~gaps["business_type"].isin(unseen_types(study, catalogue))
    ranked = gaps[gaps["rank"].notna() & seen].sort_values("rank").head(WORST)
    return {
        "people_unattached": float(people[why != ""].sum()),
        "ten_fifteen_share": _share(_of(presence, "ten_fifteen", "both")),
        "presence": {
            f"{row.rule}.{row.part}": {
                "share": _share(row.share),
                "at_least": _number(row.at_least),
                "of": _number(row.of),
            }
            for row in presence.itertuples()
        },
        "gates": [
            {
                "part": row.part,
                "how": row.how,
                "present": int(row.types_present),
                "of": int(row.of),
                "at_least": int(row.at_least),
                "passed": bool(row.passed),
            }
            for row in gates.itertuples()
        ],
        "coverage": {
            category: {row.business_type: _share(row.share) for row in rows.itertuples()}
            for category, rows in _strictest(coverage).groupby("category")
        },
        "mean_share": {
            category: _share(float(rows["share"].mean())) for category, rows in _strictest(coverage).groupby("category")
        },
        "worst": [
            {
                "business_type": row.business_type,
                "zh": catalogue.type(row.business_type).zh,
                "en": catalogue.type(row.business_type).en,
                "state": row.state,
                "people_uncovered": float(row.people_uncovered),
                "share": _share(row.share),
                "grade": row.grade,
            }
            for row in ranked.itertuples()
        ],
    }


def _all(table: pd.DataFrame, walker: str) -> pd.DataFrame:
    return table[(table["level"] == EVERYONE) & (table["walker"] == walker)]


def _strictest(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return one row per type: its shortest limit."""
    return coverage.sort_values("limit_s", kind="stable").drop_duplicates("business_type").sort_index()


def _of(presence: pd.DataFrame, rule: str, part: str) -> float:
    return float(presence.loc[(presence["rule"] == rule) & (presence["part"] == part), "share"].iloc[0])


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _hours(study: Study) -> list[dict[str, Any]]:
    """Return who is covered at seven on a weekday, the hour that an average hides, by type."""
    table = study.table("by_hour")
    rows = table[(table["level"] == EVERYONE) & (table["clock"] == "We 07:00")]
    return [
        {"business_type": row.business_type, "clock": row.clock, "share": _share(row.share),
         "share_unknown": _share(row.share_unknown)}
        for row in rows.itertuples()
    ]  # fmt: skip
