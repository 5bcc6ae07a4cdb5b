"""A joint answer as files: proposal.json, plan.json, sites.csv, sites.geojson."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from yike.plan import Plan
from yike.siting.joint import JointAnswer, Spaces
from yike.standards.catalogue import Catalogue


def sites_table(answer: JointAnswer, spaces: Spaces, catalogue: Catalogue) -> pd.DataFrame:
    """Return one row per site in order of building, with the names of space and type and its place."""
    frame = spaces.frame.set_index("key")
    rows = []
    for site in answer.sites:
        kind = catalogue.type(site.business_type)
        space = frame.loc[site.space]
        rows.append({
            "order": site.order, "space": site.space, "name": space["name"], "kind": space["kind"],
            "business_type": kind.code, "zh": kind.zh, "en": kind.en, "locked": site.locked, "area_m2": site.area_m2,
            "cost_yuan": round(site.cost_yuan, 2), "people_gained": site.people_gained,
            "minutes_saved": site.minutes_saved, "yuan_per_person": site.yuan_per_person,
            "lon": space["lon"], "lat": space["lat"],
        })  # fmt: skip
    columns = ["order", "space", "name", "kind", "business_type", "zh", "en", "locked", "area_m2", "cost_yuan",
               "people_gained", "minutes_saved", "yuan_per_person", "lon", "lat"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def write_proposal(
    answer: JointAnswer, plan: Plan, spaces: Spaces, catalogue: Catalogue, folder: str | Path, made_up: bool = False
) -> list[Path]:
    """Write the four files into a folder and return their paths; each says whether its data is made up."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    table = sites_table(answer, spaces, catalogue).assign(made_up=made_up)
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
         "properties": {key: value for key, value in row.items() if key not in ("lon", "lat")}}
        for row in json.loads(table.to_json(orient="records", double_precision=10))
    ]  # fmt: skip
    collection = {"type": "FeatureCollection", "made_up": made_up, "digest": answer.digest, "features": features}
    texts = {
        "proposal.json": json.dumps({**answer.as_json(), "made_up": made_up}, ensure_ascii=False, indent=1),
        "plan.json": json.dumps({**plan.as_json(), "made_up": made_up}, ensure_ascii=False, indent=1),
        "sites.csv": table.to_csv(index=False),
        "sites.geojson": json.dumps(collection, ensure_ascii=False),
    }
    for name, text in texts.items():
        aside = folder / f".{name}.new"
        aside.write_text(text, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8")
        aside.replace(folder / name)
    return [folder / name for name in texts]
