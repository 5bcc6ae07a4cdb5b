"""What is asked under load: addresses of the running city, drawn with a seed, every one tried before it counts."""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
DEGREE_M = 111_320.0
SPREAD_M = 250.0  #: a home lies within so much of some outlet
ZOOMS = (12, 13, 14, 15, 16)
Paths = dict[str, list[str]]


def fetch(base: str, path: str) -> tuple[int, bytes]:
    """Return status and body of an answer."""
    try:
        with urlopen(Request(base + path), timeout=60) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, b""


def city_of(base: str, slug: str = "") -> dict[str, Any]:
    """Return a city as /api/cities tells it; the first where none is named."""
    cities = json.loads(fetch(base, "/api/cities")[1])
    return next(each for each in cities if slug in ("", each["slug"]))


def paths_of(base: str, city: dict[str, Any], many: int = 400, seed: int = 3) -> Paths:
    """Return addresses by leg, and ``mix`` of them all in the shares of ``mix.csv``."""
    draw = random.Random(seed)
    homes = [home for home in _homes(base, city, draw) if _walks(base, city, home)][:many]
    slug = city["slug"]
    words = [row["word"] for row in csv.DictReader((HERE / "words.csv").read_text(encoding="utf-8").splitlines())]
    at = [{"city": slug, "lon": lon, "lat": lat} for lon, lat in homes]
    paths: Paths = {
        "tiles": list(_tiles(base, slug, homes, draw))[:many],
        "nearby": ["/api/outlets?" + urlencode(each | {"limit": 50}) for each in at],
        "quarter": [
            "/api/quarter?" + urlencode(each | {"who": draw.choice(["adult", "adult", "elder"])}) for each in at
        ],
        "search": ["/api/search?" + urlencode(each | {"q": draw.choice(words)}) for each in at],
    }
    for leg, asked in paths.items():
        wrong = [path for path in asked[:20] if fetch(base, path)[0] not in (200, 204)]
        if wrong or not asked:
            raise SystemExit(f"{leg}: {wrong[:3] or 'nothing to ask'}")
    return paths | {"mix": _mixed(paths, draw, many * 5)}


def _homes(base: str, city: dict[str, Any], draw: random.Random) -> Iterator[tuple[float, float]]:
    """Yield places near outlets all over the city, first by first, without end."""
    id = quote(f"{city['slug']}.outlets")
    total = json.loads(fetch(base, f"/ogc/collections/{id}/items?limit=1&f=json")[1])["numberMatched"]
    places: list[list[float]] = []
    for offset in draw.sample(range(0, max(total - 100, 0) + 1, 100), k=min(20, max(total // 100, 1))):
        page = json.loads(fetch(base, f"/ogc/collections/{id}/items?limit=100&offset={offset}&f=json")[1])
        places += [each["geometry"]["coordinates"] for each in page["features"]]
    for _ in range(5000):
        lon, lat = draw.choice(places)
        far, turn = SPREAD_M * math.sqrt(draw.random()), draw.random() * math.tau
        yield (
            round(lon + far * math.cos(turn) / (DEGREE_M * math.cos(math.radians(lat))), 5),
            round(lat + far * math.sin(turn) / DEGREE_M, 5),
        )


def _walks(base: str, city: dict[str, Any], home: tuple[float, float]) -> bool:
    """Return whether one can walk from there: a point in a field has no quarter of an hour."""
    lon, lat = home
    status, body = fetch(base, "/api/quarter?" + urlencode({"city": city["slug"], "lon": lon, "lat": lat}))
    return status == 200 and not json.loads(body).get("why_off")


def _tiles(base: str, slug: str, homes: list[tuple[float, float]], draw: random.Random) -> Iterator[str]:
    """Yield addresses of tiles as a map asks for them, around homes: base and outlets, each at the zooms it has."""
    told = json.loads(fetch(base, f"/tiles/{slug}/meta.json")[1])
    for lon, lat in homes * 2:
        zoom = draw.choice(ZOOMS)
        for layer in ("base", "outlets"):
            z = min(zoom, told[layer]["maxzoom"])
            x = int((lon + 180) / 360 * 2**z)
            y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
            yield told[layer]["tiles"].format(z=z, x=x + draw.randint(-1, 1), y=y + draw.randint(-1, 1))


def _mixed(paths: Paths, draw: random.Random, many: int) -> list[str]:
    rows = list(csv.DictReader((HERE / "mix.csv").read_text(encoding="utf-8").splitlines()))
    legs = draw.choices([row["leg"] for row in rows], [float(row["share"]) for row in rows], k=many)
    return [draw.choice(paths[leg]) for leg in legs]
