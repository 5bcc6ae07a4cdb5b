"""Map sheets of plans as SVG: homes by what they reach, outlets, projects, boundaries; legend, scale, north, source.

The ground is read once and shared by all sheets; a sheet holds only what lies in its frame, so the sheets of a whole
city's circles take seconds. Colours and steps are those of ``minutes.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.report.dial import FONT, INK, SOFT
from yike.report.documents.numbering import ranges
from yike.report.map_sheet import ACCENT, BUILDING, PRIVATE, STREET, length_told, round_length, wrapped
from yike.report.minutes import class_of, minute_classes
from yike.report.scene import Scene
from yike.words import say

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
WIDTH, HEIGHT = 640.0, 430.0  #: of the frame; the sheet is higher by its legend
LETTER = 12.0
MOST_LINES = 40_000  #: beyond so many streets in one frame they would be a grey cover, and are left out
HOME_M = 26.0  #: metres that the dot of a home is wide, where that can be seen
SPOT = 14.0  #: width of the mark of a project
MOST_LABELS = 60  #: beyond so many projects those that stand together are not numbered
MOST_HOMES = 12_000  #: beyond so many homes a sheet shows communities instead


@dataclass(frozen=True)
class Ground:
    """What all sheets of a city share, as arrays. Coordinates are WGS 84."""

    lines: Floats  #: (E, 2, 2)
    private: Mask  #: (E,)
    rings: NDArray[np.object_]  #: outlines of buildings, (n, 2) each
    ring_bounds: Floats  #: (B, 4)
    lon: Floats  #: (R,) homes
    lat: Floats
    people: Floats
    community: NDArray[np.object_]  #: (R,) codes
    basic_met: NDArray[np.int64]  #: (R,) basic types in time
    basic_of: int
    minutes: Mapping[str, Floats]  #: per type (R,) minutes to the nearest outlet, nan = none
    outlets: Mapping[str, Floats]  #: per type (K, 2) open outlets
    source: Mapping[str, str]
    made: str


def ground_of(scene: Scene, community: NDArray[np.object_]) -> Ground:
    """Return what sheets need of a scene; ``community`` (R,) is the code each home stands in."""
    shapes = shapely.get_parts(np.asarray(scene.buildings["geometry"], dtype=object))
    shapes = shapes[shapely.get_type_id(shapes) == 3]
    rings = np.empty(len(shapes), object)
    rings[:] = [shapely.get_coordinates(each) for each in shapely.get_exterior_ring(shapes)]
    places: dict[str, list[tuple[float, float]]] = {}
    is_open = (scene.outlets["state"] == "open").to_numpy()
    rows = zip(scene.outlets["lon"], scene.outlets["lat"], scene.outlets["types"], is_open, strict=True)
    for lon, lat, types, counts in rows:
        for code in types if counts else ():
            places.setdefault(code, []).append((lon, lat))
    return Ground(
        lines=scene.lines, private=scene.private, rings=rings,
        ring_bounds=shapely.bounds(shapes).reshape(-1, 4),
        lon=scene.homes["lon"].to_numpy(float), lat=scene.homes["lat"].to_numpy(float),
        people=scene.homes["people"].to_numpy(float), community=community,
        basic_met=np.asarray(scene.basic_met, np.int64), basic_of=scene.basic_of,
        minutes={code: scene.minutes[code].to_numpy(float) for code in scene.minutes.columns},
        outlets={code: np.array(each, float).reshape(-1, 2) for code, each in places.items()},
        source={lang: scene.source(lang) for lang in ("zh", "en")}, made=scene.made_on.isoformat(),
    )  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A project on a sheet: its number in the list, and where."""

    number: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Sheet:
    """What one sheet shows of a place."""

    homes: Mask  #: (R,) those of the place
    boundary: Any = None  #: shapely geometry, None where no outline is known
    first: Any = None  #: the original boundary, where it differs
    spots: Sequence[Spot] = ()
    made_up: bool = False
    trace: str = ""
    areas: Sequence[Any] = ()  #: outlines of communities, drawn where a place has too many homes to draw each
    area_people: Sequence[float] = ()  #: who lives in each
    shares: Mapping[str, Sequence[float | None]] = field(default_factory=dict)  #: their shares, for "basic" and by type


class _Frame:
    """Places on paper."""

    def __init__(self, box: tuple[float, float, float, float]) -> None:
        west, south, east, north = box
        self.stretch = float(np.cos(np.radians((south + north) / 2)))
        rim = 0.04
        wide, high = max((east - west) * self.stretch, 1e-5), max(north - south, 1e-5)
        self.unit = min(WIDTH / (wide * (1 + 2 * rim)), HEIGHT / (high * (1 + 2 * rim)))
        self.lon, self.lat = (west + east) / 2, (south + north) / 2
        half_x, half_y = WIDTH / 2 / self.unit / self.stretch, HEIGHT / 2 / self.unit
        self.box = self.lon - half_x, self.lat - half_y, self.lon + half_x, self.lat + half_y

    def x(self, lon: Any) -> Any:
        return WIDTH / 2 + (np.asarray(lon) - self.lon) * self.stretch * self.unit

    def y(self, lat: Any) -> Any:
        return HEIGHT / 2 - (np.asarray(lat) - self.lat) * self.unit

    def holds(self, lon: Any, lat: Any) -> Mask:
        west, south, east, north = self.box
        return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))

    @property
    def metres(self) -> float:
        """Metres of one unit of paper."""
        return 111_320 / self.unit


def draw_map(ground: Ground, sheet: Sheet, what: str, lang: str = "zh") -> str:
    """Return a sheet as SVG.

    Parameters
    ----------
    what
        "basic": homes by how many basic types are in time; "sites": the same with the projects; or the code of a
        business type: homes by minutes, with its outlets.
    """
    frame = _Frame(_extent(ground, sheet))
    told = "basic" if what == "sites" else what
    by_area = bool(sheet.areas) and told in sheet.shares and sheet.homes.sum() > MOST_HOMES
    parts = [f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>']
    legend: list[tuple[str, str]] = []
    if by_area:
        drawn, legend = _areas(frame, sheet, sheet.shares[told], lang)
        parts.append(drawn)
    else:
        parts += [*_buildings(ground, frame), *_streets(ground, frame)]
        steps = _by_count(ground, lang) if what in ("basic", "sites") else _by_minutes(ground.minutes[what], lang)
        drawn, legend = _homes(ground, frame, sheet.homes, *steps)
        parts.append(drawn)
    parts.append(_outline(frame, sheet.first, INK, 0.9, "5 3"))
    parts.append(_outline(frame, sheet.boundary, INK, 1.4, ""))
    if sheet.first is not None:
        legend.append((_line_key("5 3"), say("documents.legend.first_boundary", lang)))
    if sheet.boundary is not None:
        legend.append((_line_key(""), say("documents.legend.boundary", lang)))
    if what not in ("basic", "sites") and not by_area:
        drawn, n = _outlets(frame, ground.outlets.get(what, np.zeros((0, 2))))
        parts.append(drawn)
        legend.append((_diamond(7, 0), say("documents.legend.outlets", lang, n=n)))
    if what == "sites" and sheet.spots:
        parts.append(_spots(frame, sheet.spots))
        legend.append(
            (f'<circle cx="7" cy="0" r="5" fill="{ACCENT}"/>', say("documents.legend.sites", lang, n=len(sheet.spots)))
        )
    return _assembled(parts, legend, frame, ground, sheet, lang)


def _extent(ground: Ground, sheet: Sheet) -> tuple[float, float, float, float]:
    boxes = [shapely.bounds(each) for each in (sheet.boundary, sheet.first) if each is not None]
    if sheet.homes.any():
        lon, lat = ground.lon[sheet.homes], ground.lat[sheet.homes]
        boxes.append(np.array([lon.min(), lat.min(), lon.max(), lat.max()]))
    if not boxes:
        lon, lat = ground.lines[:, :, 0], ground.lines[:, :, 1]
        boxes = [np.array([lon.min(), lat.min(), lon.max(), lat.max()])]
    found = np.stack(boxes)
    (west, south), (east, north) = found[:, :2].min(axis=0), found[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _streets(ground: Ground, frame: _Frame) -> list[str]:
    west, south, east, north = frame.box
    low, high = ground.lines.min(axis=1), ground.lines.max(axis=1)
    here = (high[:, 0] >= west) & (low[:, 0] <= east) & (high[:, 1] >= south) & (low[:, 1] <= north)
    if here.sum() > MOST_LINES:
        return []
    found = []
    for mask, colour in ((here & ground.private, PRIVATE), (here & ~ground.private, STREET)):
        part = ground.lines[mask]
        x, y = frame.x(part[:, :, 0]).round(1).tolist(), frame.y(part[:, :, 1]).round(1).tolist()
        d = "".join(f"M{a[0]} {b[0]}L{a[1]} {b[1]}" for a, b in zip(x, y, strict=True))
        if d:
            width = 0.9 if here.sum() < 8000 else 0.4
            found.append(f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
    return found


def _buildings(ground: Ground, frame: _Frame) -> list[str]:
    west, south, east, north = frame.box
    box = ground.ring_bounds
    if not len(box):
        return []
    here = np.flatnonzero((box[:, 2] >= west) & (box[:, 0] <= east) & (box[:, 3] >= south) & (box[:, 1] <= north))
    if not 0 < len(here) <= MOST_LINES // 4:
        return []
    d = "".join(_ring(frame, ground.rings[k]) for k in here)
    return [f'<path d="{d}" fill="{BUILDING}" stroke="#dcdcdc" stroke-width="0.3"/>']


def _ring(frame: _Frame, ring: Floats) -> str:
    x, y = frame.x(ring[:, 0]).round(1).tolist(), frame.y(ring[:, 1]).round(1).tolist()
    return "M" + "L".join(f"{a} {b}" for a, b in zip(x, y, strict=True)) + "Z"


Steps = tuple[NDArray[np.int64], list[tuple[str, bool, str]]]  #: class of every home; per class colour, crossed, words


def _by_count(ground: Ground, lang: str) -> Steps:
    """Homes in four steps by how many basic types are in time, the worst first."""
    of = ground.basic_of
    steps = [round(of * part) for part in (0.25, 0.5, 0.75)]
    colours = [each.colour for each in minute_classes()][::-1]
    low, high = [0, *steps], [*(step - 1 for step in steps), of]
    told = [
        (colour, k == 0, say("documents.legend.types", lang, low=low[k], high=high[k]))
        for k, colour in enumerate(colours)
    ]
    return np.searchsorted(steps, ground.basic_met, side="right"), told


def _by_minutes(minutes: Floats, lang: str) -> Steps:
    classes = minute_classes()[::-1]
    told = [(each.colour, bool(each.hatch), each.name(lang)) for each in classes]
    return len(classes) - 1 - class_of(minutes), told


def _homes(
    ground: Ground, frame: _Frame, mine: Mask, which: NDArray[np.int64], classes: list[tuple[str, bool, str]]
) -> tuple[str, list[tuple[str, str]]]:
    """Homes of the place in colour, those around it in grey; the legend with each class's share of people."""
    here = frame.holds(ground.lon, ground.lat)
    x, y = frame.x(ground.lon), frame.y(ground.lat)
    size = float(np.clip(HOME_M / frame.metres, 1.4, 6.5))
    parts = [_dots(x[here & ~mine], y[here & ~mine], 0.6 * size, "#d8d8d8")]
    total, legend = max(float(ground.people[mine].sum()), 1e-9), []
    for k, (colour, crossed, words) in enumerate(classes):
        chosen = mine & (which == k)
        draw = _crosses if crossed else _dots
        parts.append(draw(x[chosen], y[chosen], size, colour))
        key = (
            _crosses(np.array([7.0]), np.array([0.0]), 7.0, colour)
            if crossed
            else f'<circle cx="7" cy="0" r="4" fill="{colour}"/>'
        )
        legend.append((key, f"{words}  {ground.people[chosen].sum() / total:.0%}"))
    return "".join(parts), legend[::-1]


def _dots(x: Floats, y: Floats, size: float, colour: str) -> str:
    d = "".join(f"M{a} {b}h.01" for a, b in zip(x.round(1).tolist(), y.round(1).tolist(), strict=True))
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{size:.1f}" stroke-linecap="round"/>' if d else ""
    )


def _crosses(x: Floats, y: Floats, size: float, colour: str) -> str:
    r = round(max(size / 2, 1.2), 1)
    d = "".join(
        f"M{a - r:.1f} {b - r:.1f}l{2 * r} {2 * r}M{a - r:.1f} {b + r:.1f}l{2 * r} {-2 * r}"
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{max(0.25 * size, 0.8):.1f}"/>' if d else ""


def _diamond(x: float, y: float) -> str:
    return f'<path d="M{x} {y - 4}l4 4l-4 4l-4 -4Z" fill="#fff" stroke="{INK}" stroke-width="1.1"/>'


def _outlets(frame: _Frame, places: Floats) -> tuple[str, int]:
    here = places[frame.holds(places[:, 0], places[:, 1])]
    x, y = frame.x(here[:, 0]).round(1).tolist(), frame.y(here[:, 1]).round(1).tolist()
    return "".join(_diamond(a, b) for a, b in zip(x, y, strict=True)), len(here)


def _spots(frame: _Frame, spots: Sequence[Spot]) -> str:
    """Projects with their numbers in the list; those that stand together share a mark, their numbers beside it."""
    together: dict[tuple[int, int], list[Spot]] = {}
    for each in spots:
        x, y = float(frame.x(each.lon)), float(frame.y(each.lat))
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
            together.setdefault((round(x / SPOT), round(y / SPOT)), []).append(each)
    parts = []
    for group in together.values():
        x, y = float(frame.x(group[0].lon)), float(frame.y(group[0].lat))
        words, several = ranges(sorted(each.number for each in group)), len(group) > 1
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SPOT / 2:g}" fill="{ACCENT}" stroke="#fff" stroke-width="1"/>'
        )
        if several and len(spots) <= MOST_LABELS:
            parts.append(_text(x + SPOT / 2 + 2, y + 3.2, words, 9, ACCENT))
        elif not several:
            parts.append(_text(x, y + 3.2, words, 9, "#fff", "middle"))
    return "".join(parts)


def _outline(frame: _Frame, shape: Any, colour: str, width: float, dash: str) -> str:
    if shape is None:
        return ""
    rings = [shapely.get_coordinates(ring) for part in shapely.get_parts(shape) if part.geom_type == "Polygon"
             for ring in (part.exterior, *part.interiors)]  # fmt: skip
    d = "".join(_ring(frame, ring) for ring in rings)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>' if d else ""


def _areas(frame: _Frame, sheet: Sheet, shares: Sequence[float | None], lang: str) -> tuple[str, list[tuple[str, str]]]:
    """Communities by their share of people in time, in quarters; an area where nobody lives is blank."""
    colours = [each.colour for each in minute_classes()][::-1]
    parts, people = [], [0.0] * len(colours)
    for shape, share, living in zip(sheet.areas, shares, sheet.area_people, strict=True):
        k = None if share is None else min(int(share * 4), 3)
        fill = "#f4f4f4" if k is None else colours[k]
        if k is not None:
            people[k] += living
        rings = [each.exterior for each in shapely.get_parts(shape) if each.geom_type == "Polygon"]
        d = "".join(_ring(frame, shapely.get_coordinates(ring)) for ring in rings)
        parts.append(f'<path d="{d}" fill="{fill}" stroke="#fff" stroke-width="0.3"/>')
    total = max(sum(people), 1e-9)
    legend = []
    for k in (3, 2, 1, 0):
        words = say("documents.legend.share", lang, low=25 * k, high=25 * (k + 1), people=f"{people[k] / total:.0%}")
        legend.append((f'<rect x="2" y="-5" width="11" height="10" fill="{colours[k]}"/>', words))
    return "".join(parts), legend


def _line_key(dash: str) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M0 0h14" stroke="{INK}" stroke-width="1.4"{dashed}/>'


def _text(x: float, y: float, text: str, size: float, colour: str = INK, anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}">'
            f"{escape(text)}</text>")  # fmt: skip


COLUMNS = 4  #: entries of the legend in one row


def _assembled(
    parts: list[str], legend: list[tuple[str, str]], frame: _Frame, ground: Ground, sheet: Sheet, lang: str
) -> str:
    """Put frame, scale, north, legend and source around what is drawn."""
    length = round_length(WIDTH * frame.metres / 5)
    bar = length / frame.metres
    edge = [
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="none" stroke="#999" stroke-width="0.8"/>',
        f'<rect x="8" y="{HEIGHT - 30}" width="{bar + 16:.1f}" height="24" fill="#fff" fill-opacity="0.8"/>',
        f'<path d="M16 {HEIGHT - 12}h{bar:.1f}" stroke="{INK}" stroke-width="2.4"/>',
        _text(16, HEIGHT - 17, length_told(length), 10),
        f'<path d="M{WIDTH - 20} 34l6 0l-6 -22l-6 22Z" fill="{INK}"/>', _text(WIDTH - 20, 46, "N", 11, INK, "middle"),
    ]  # fmt: skip
    top, step = HEIGHT + 18, 18.0
    for k, (key, words) in enumerate(legend):
        x, y = (k % COLUMNS) * WIDTH / COLUMNS, top + (k // COLUMNS) * step
        edge.append(f'<g transform="translate({x:.1f} {y:.1f})">{key}{_text(20, 4, words, LETTER)}</g>')
    foot = top + ((len(legend) - 1) // COLUMNS) * step + 20
    source = f"{ground.source[lang]}　{sheet.trace}　WGS 84　{ground.made}"
    lines = wrapped(source, WIDTH / 10.5).split("\n")
    for k, line in enumerate(lines):
        edge.append(_text(0, foot + 13 * k, line, 9.5, SOFT))
    mark = (
        f'<text x="{WIDTH / 2:g}" y="{HEIGHT / 2:g}" font-size="54" fill="{INK}" fill-opacity="0.1" text-anchor="middle" '
        f'transform="rotate(-28 {WIDTH / 2:g} {HEIGHT / 2:g})">{escape(say("documents.made_up", lang))}</text>'
        if sheet.made_up else ""
    )  # fmt: skip
    height = foot + 13 * len(lines) - 6
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" width="{WIDTH:g}" height="{height:g}" '
        f'font-family="{FONT}"><clipPath id="f"><rect width="{WIDTH:g}" height="{HEIGHT:g}"/></clipPath>'
        f'<g clip-path="url(#f)">{"".join(parts)}{mark}</g>{"".join(edge)}</svg>'
    )
