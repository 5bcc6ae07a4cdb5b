"""What tests of spaces, needs and projects share: a drawn tree, files as people send them, one accepted proposal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from web.cast import LAT, LON, STEP
from yike.web.areas.models import Area
from yike.web.journal.models import Line
from yike.web.needs.models import Need
from yike.web.proposals.models import Proposal, Site
from yike.web.spaces.models import Space
from yike.web.studies.models import Figure

STUDY = "ab12" * 16


def place(column: int, row: int = 0) -> tuple[float, float]:
    """The middle of a drawn community: columns run west to east (c1s1, c1s2, c2s1, c2s2), rows a, b south to north."""
    return LON + (column + 0.5) * STEP, LAT + (row + 0.5) * STEP


def sheet(heads: list[str], rows: list[list[Any]], name: str = "table.csv") -> SimpleUploadedFile:
    """A CSV as an office sends it."""
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    return SimpleUploadedFile(name, out.getvalue().encode("utf-8-sig"), "text/csv")


def pages_built(settings: Any, tmp_path: Path) -> None:
    """Pages name built files; a test of pages does not need the build itself."""
    settings.MEDIA_ROOT = tmp_path / "media"
    names = ("base.css", "page.js", "staff.js", "lists.js", "lists.css")
    settings.BUILT = tmp_path
    told = {f"src/entries/{name}": {"file": f"{name}-x.{name[-2:]}"} for name in names}
    (tmp_path / "manifest.json").write_text(json.dumps(told), encoding="utf-8")


def space(area: Area, key: str = "K1", **more: Any) -> Space:
    """An idle space in the middle of a community."""
    given = {"name": f"空间{key}", "kind": "shop", "lon": area.lon, "lat": area.lat, "area_m2": 60.0, "made_up": True}
    return Space.objects.create(city=area.city, area=area, key=key, **{**given, **more})


def need(area: Area, business_type: str = "breakfast", **more: Any) -> Need:
    """A need that waits."""
    key = more.pop("key", f"n{Need.objects.count() + 1}")
    return Need.objects.create(
        city=area.city, area=area, key=key, business_type=business_type, **{"source": "hotline", **more}
    )


def figure(area: Area, business_type: str, people: float, met: float, requirement: str = "") -> Figure:
    """Coverage of an area as a study told it."""
    return Figure.objects.create(
        city=area.city, area=area, requirement=requirement or f"{business_type}.walk", business_type=business_type,
        walker="adult", limit_s=600, people=people, people_met=met, people_met_first=met, study=STUDY, standard="jincheng 1",
    )  # fmt: skip


def proposal(areas: dict[str, Area]) -> Proposal:
    """A solved proposal: breakfast and repair in one space of c1s1a, breakfast in another of c1s1b."""
    root = areas["c1"]
    made = Proposal.objects.create(
        city=root.city,
        area=root,
        name="五百万",
        state="solved",
        answer={"status": "optimal"},
        study=STUDY,
        standard="jincheng 1",
    )
    first, second = space(areas["c1s1a"], "K1"), space(areas["c1s1b"], "K2", area_m2=90)
    gains = [{"area": areas["c1s1a"].code, "people": 60, "minutes_saved": 300},
             {"area": areas["c1s1b"].code, "people": 30, "minutes_saved": 60}]  # fmt: skip
    rows = ((first, "breakfast", gains), (first, "repair", gains[:1]), (second, "breakfast", gains[1:]))
    for k, (at, code, told) in enumerate(rows, start=1):
        Site.objects.create(
            proposal=made, space=at, business_type=code, area=at.area, cost_yuan="120000.50", area_m2=30,
            people_gained=sum(each["people"] for each in told), minutes_saved=360, gains=told, order=k,
        )  # fmt: skip
    return made


def lines(verb: str) -> list[Line]:
    """Lines of the journal of one verb."""
    return list(Line.objects.filter(verb=verb).order_by("id"))
