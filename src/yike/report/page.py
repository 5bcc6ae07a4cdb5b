"""One self-contained page of a study: it opens from a disk, offline, and asks nothing of any server.

Streets, homes and minutes travel inside it as packed arrays; our own script draws them. A strict content policy names
the script and the style by their digests, so nothing else can run.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.coverage.groups import EVERYONE
from yike.report.minutes import minute_classes
from yike.report.scene import FEWEST_PEOPLE, Scene, load_scene
from yike.study.folder import Study
from yike.study.store import walker_name
from yike.words import LANGUAGES, raw, say

NONE = 255  #: minutes are told in quarters; this is "no way within the limit"
MOST_BUILDINGS = 60_000  #: beyond this many the page shows streets only
KINDS = {"uint8": "u8", "uint16": "u16", "uint32": "u32", "float32": "f32"}
WORDS = (
    "walk.minutes", "table.type", "table.minutes", "table.limit", "table.share", "category.basic", "category.quality",
    "page.title", "page.large", "page.walker", "page.home", "page.home_short", "page.home_full", "page.whole",
    "page.sentence", "page.none", "page.unseen", "page.back", "page.map", "page.zoom_in", "page.zoom_out",
    "sheet.outlets", "made_up.band",
)  # fmt: skip
Array = NDArray[Any]


def write_page(study: Study, path: Path, *, walker: str | None = None, lang: str = "zh") -> Path:
    """Write the page of a finished study and return its path.

    Raises
    ------
    StudyError
        ``study.not_run``, ``study.walker_unknown``.
    """
    scene = load_scene(study, walker)
    others = [load_scene(study, each) for each in study.settings.walkers if each != scene.walker]
    facts, arrays = _facts(scene, lang), _arrays(scene, others)
    facts["walkers"] = [_walker(study, each.walker) for each in (scene, *others)]
    facts["shares"] = {each.walker: _shares(study, each.walker) for each in (scene, *others)}
    packed, facts["arrays"] = _pack(arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")
    aside.write_text(_filled(facts, packed, lang), encoding="utf-8")
    aside.replace(path)
    return path


def _part(name: str) -> str:
    return resources.files("yike.report").joinpath("page_parts", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return the digest by which a content policy names a script or a style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _filled(facts: dict[str, Any], packed: bytes, lang: str) -> str:
    style, script = _part("page.css"), _part("page.js")
    values = {
        "lang": lang,
        "title": html.escape(say("page.title", lang, study=facts["study"])),
        "style_hash": _digest(style),
        "script_hash": _digest(script),
        "noscript": html.escape(say("page.noscript", lang)),
        "facts": json.dumps(facts, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c"),
        "arrays": base64.b64encode(packed).decode(),
        "style": style,
        "script": script,
    }
    pieces = _part("page.html").split("{{")
    out = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        out += [values[name], rest]
    return "".join(out)


def _walker(study: Study, walker: str) -> dict[str, str]:
    return {"id": walker, **{lang: walker_name(study, walker, lang) for lang in LANGUAGES}}


def _facts(scene: Scene, lang: str) -> dict[str, Any]:
    limits = _limits(scene)
    codes = list(scene.minutes.columns)
    unseen = set(scene.headline["types_unseen"])
    row_of = {row: k for k, row in enumerate(scene.outlets.index)}
    return {
        "study": scene.study.settings.name,
        "lang": lang,
        "made_up": scene.study.settings.made_up,
        "fewest": FEWEST_PEOPLE,
        "bounds": list(scene.bounds),
        "homes": len(scene.homes),
        "links": len(scene.lines),
        "types": [
            {"code": code, "zh": kind.zh, "en": kind.en, "category": kind.category, "limit_min": limits.get(code),
             "unseen": code in unseen}
            for code, kind in ((code, scene.catalogue.type(code)) for code in codes)
        ],
        "classes": [
            {"upto": None if np.isinf(each.upto_min) else each.upto_min, "colour": each.colour,
             "hatch": bool(each.hatch), "zh": each.zh, "en": each.en}
            for each in minute_classes()
        ],
        "outlets_of": {code: [row_of[row] for row in scene.open_outlets(code).index] for code in codes},
        "source": {each: _source(scene, each) for each in LANGUAGES},
        "words": {key: {each: _raw(key, each) for each in LANGUAGES} for key in WORDS},
    }  # fmt: skip


def _raw(key: str, lang: str) -> str:
    """Return words with the places for their values left open: the script fills them in."""
    return raw(key, lang).replace(":,.0f}", "}").replace(":.0f}", "}").replace(":g}", "}")


def _source(scene: Scene, lang: str) -> str:
    standard = scene.headline["standard"]
    source = say("sheet.source", lang, source=scene.source(lang), standard=standard["name"],
                 version=standard["version"], digest=standard["digest"][:12])  # fmt: skip
    made = say("sheet.made", lang, date=scene.made_on.isoformat(), engine=scene.headline["engine"])
    return f"{scene.people(lang)} {source} {made}"


def _limits(scene: Scene) -> dict[str, float]:
    """Return the strictest walking limit of each type in minutes."""
    table = scene.study.table("coverage")
    table = table[(table["level"] == EVERYONE) & (table["walker"] == scene.walker)]
    found = table.groupby("business_type")["limit_s"].min() / 60
    return {str(code): round(float(minutes), 2) for code, minutes in found.items()}


def _shares(study: Study, walker: str) -> dict[str, float | None]:
    """Return the share of people in time per type, everybody together, by the strictest limit."""
    table = study.table("coverage")
    table = table[(table["level"] == EVERYONE) & (table["walker"] == walker)].sort_values("limit_s", kind="stable")
    firsts = table.drop_duplicates("business_type")
    return {
        str(row.business_type): None if np.isnan(row.share) else round(float(row.share), 4)
        for row in firsts.itertuples()
    }


def _arrays(scene: Scene, others: list[Scene]) -> dict[str, Array]:
    """Return what the page draws: places as 16-bit fractions of the map, minutes as quarters."""
    west, south, east, north = scene.bounds
    low, size = np.array([west, south]), np.array([east - west, north - south])

    def placed(points: Array) -> Array:
        return np.rint(np.clip((points - low) / size, 0, 1) * 65535).astype(np.uint16)

    inside = ((scene.lines >= low) & (scene.lines <= low + size)).all(axis=2).any(axis=1)
    shapes = shapely.get_parts(np.asarray(scene.buildings["geometry"], dtype=object))
    shapes = shapes[shapely.get_type_id(shapes) == 3] if len(shapes) <= MOST_BUILDINGS else shapes[:0]
    rings, owner = shapely.get_coordinates(shapely.get_exterior_ring(shapes), return_index=True)
    return {
        "ring_start": np.searchsorted(owner, np.arange(len(shapes) + 1)).astype(np.uint32),
        "people": scene.homes["people"].to_numpy(np.float32),
        "rings": placed(rings).ravel(),
        "lines": placed(scene.lines[inside]).ravel(),
        "home_at": placed(scene.homes[["lon", "lat"]].to_numpy()).ravel(),
        "outlet_at": placed(scene.outlets[["lon", "lat"]].to_numpy()).ravel(),
        "private": scene.private[inside].astype(np.uint8),
        **{f"minutes.{each.walker}": _quarters(each.minutes.to_numpy()).ravel() for each in (scene, *others)},
    }


def _quarters(minutes: Array) -> Array:
    """Return minutes as quarters, rounded up so that a page never calls a walk shorter than it is.

    Examples
    --------
    >>> _quarters(np.array([0.0, 5.0, 5.01, np.nan])).tolist()
    [0, 20, 21, 255]
    """
    quarters = np.ceil(np.where(np.isnan(minutes), 0, minutes) * 4 - 1e-4)
    return np.where(np.isnan(minutes), NONE, np.minimum(quarters, NONE - 1)).astype(np.uint8)


def _pack(arrays: dict[str, Array]) -> tuple[bytes, list[dict[str, Any]]]:
    """Return all arrays in one packed piece, widest elements first so that each lies aligned, and where each is."""
    order = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    pieces, table, at = [], [], 0
    for name in order:
        values = np.ascontiguousarray(arrays[name])
        table.append({"name": name, "kind": KINDS[values.dtype.name], "from": at, "length": int(values.size)})
        pieces.append(values.tobytes())
        at += values.nbytes
        if at % 4:
            pieces.append(bytes(4 - at % 4))
            at += 4 - at % 4
    return gzip.compress(b"".join(pieces), 6, mtime=0), table
