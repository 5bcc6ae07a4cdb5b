"""Where open data comes from and under which licence: told with every collection and in every exported file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime, now

from yike.web.areas.models import City
from yike.web.open.tables import kinds, rows
from yike.web.outlets.models import Outlet
from yike.web.studies.models import Figure

MADE_UP = {
    "zh": "演示数据：全部为虚构，不得当作真实数据",
    "en": "Demonstration data: all of it made up, never to be taken for real",
}


@dataclass(frozen=True)
class Origin:
    """Source, date, study and licences of one kind of record of one city."""

    city: City
    kind: str
    at: datetime
    sources: tuple[str, ...]
    studies: tuple[str, ...]  # digests
    standards: tuple[str, ...]
    licences: tuple[dict[str, str], ...]

    @property
    def title(self) -> str:
        """Return what it is: 画城 · 网点."""
        return f"{self.city.name} · {kinds()[self.kind].zh}"

    def facts(self) -> dict[str, str]:
        """Return all of it as words for a file: name of the fact in Chinese and English, and the fact."""
        kind = kinds()[self.kind]
        found = {
            "标题 title": f"{self.title} | {self.city.name_en}: {kind.en}",
            "说明 description": f"{kind.zh_about} {kind.en_about}",
            "来源 source": " | ".join((f"一刻平台 yike · {self.city.name}", *self.sources)),
            "日期 date": self.at.isoformat(timespec="seconds"),
            "测算 study": " | ".join(self.studies) or "—",
            "标准 standard": " | ".join(self.standards) or "—",
            "许可 licence": " | ".join(f"{each['zh']} {each['en']} <{each['url']}>" for each in self.licences),
            "坐标 coordinates": "WGS 84（经度, 纬度）longitude, latitude",
        }
        if self.city.made_up:
            found["注意 notice"] = f"{MADE_UP['zh']}。{MADE_UP['en']}."
        return found


def origin_of(kind: str, city: City) -> Origin:
    """Look up where a city's records of a kind come from."""
    sources = [line.strip() for line in city.sources.splitlines() if line.strip()]
    if kind == "outlets":
        told = Outlet.objects.filter(city=city).exclude(source="").values_list("source", flat=True).distinct()
        sources += sorted(set(told) - set(sources))
    figures = Figure.objects.filter(city=city) if kind == "coverage" else Figure.objects.none()
    return Origin(
        city, kind, localtime(now()), tuple(sources[:50]),
        tuple(sorted(set(figures.values_list("study", flat=True).distinct()))),
        tuple(sorted(set(figures.values_list("standard", flat=True).distinct()))),
        tuple(licences_of(sources, city.made_up)),
    )  # fmt: skip


def licences_of(sources: list[str], made_up: bool) -> list[dict[str, str]]:
    """Return the licences of sources, from ``licences.csv``: the rows whose words a source holds, else the row ``*``.

    Made-up data is under its own licence whatever it says of its sources.
    """
    table = rows("licences.csv")
    asked = ["演示数据"] if made_up else sources or [""]
    chosen: list[dict[str, str]] = []
    for source in asked:
        hits = [row for row in table if row["source_holds"] in source]
        for row in hits or [row for row in table if row["source_holds"] == "*"]:
            if row["url"] not in {each["url"] for each in chosen}:
                chosen.append({key: row[key] for key in ("zh", "en", "url")})
    return chosen


def as_json(origin: Origin) -> dict[str, Any]:
    """Return the origin for machines."""
    return {
        "source": [f"一刻平台 yike · {origin.city.name}", *origin.sources],
        "date": origin.at.isoformat(timespec="seconds"),
        "study": list(origin.studies),
        "standard": list(origin.standards),
        "licence": list(origin.licences),
        "made_up": origin.city.made_up,
        **({"notice": f"{MADE_UP['zh']}。{MADE_UP['en']}."} if origin.city.made_up else {}),
    }
