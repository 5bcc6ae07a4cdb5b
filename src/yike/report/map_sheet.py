"""图幅: one PNG per question, with title, legend, scale, north, source, standard and date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import numpy as np
import shapely

from yike.coverage.groups import EVERYONE
from yike.errors import Fault, StudyError
from yike.report.minutes import class_of, minute_classes
from yike.report.scene import Scene, load_scene
from yike.study.folder import Study
from yike.study.store import walker_name
from yike.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, STREET, PRIVATE, BUILDING, ACCENT = "#1d1d1f", "#c9c9c9", "#e6d9cf", "#efefef", "#d43f2a"
WIDTH_IN, HEIGHT_IN, DPI = 11.69, 8.27, 150  #: A4 across
SHEETS = 3  #: sheets of single types, when none are asked for


def draw_sheets(
    study: Study, folder: Path, *, types: Sequence[str] = (), walker: str | None = None, lang: str = "zh"
) -> list[Path]:
    """Draw map sheets of a finished study and return their files.

    Parameters
    ----------
    types
        One sheet per business type; by default the most telling ones. The overview comes first in any case.
    walker, lang
        Who walks (the study's first by default); "zh" or "en".

    Raises
    ------
    StudyError
        ``study.not_run``, ``study.walker_unknown``, ``study.type_unknown``.
    """
    scene = load_scene(study, walker)
    unknown = [code for code in types if code not in scene.minutes.columns]
    if unknown:
        raise StudyError(Fault("study.type_unknown", tuple((None, code) for code in unknown)))
    folder.mkdir(parents=True, exist_ok=True)
    files = [_sheet(scene, None, folder / f"overview.{scene.walker}.png", lang)]
    for code in types or _telling(scene):
        files.append(_sheet(scene, code, folder / f"{code}.{scene.walker}.png", lang))
    return files


def _telling(scene: Scene) -> list[str]:
    """Return the basic types whose map tells most: about half of the people are in time, so one sees where and where not."""
    gaps = scene.study.table("gaps")
    mine = gaps[(gaps["level"] == EVERYONE) & (gaps["walker"] == scene.walker) & (gaps["outlets"] > 0)]
    mine = mine[mine["business_type"].isin(scene.minutes.columns) & (mine["category"] == "basic")]
    return mine.iloc[(mine["share"] - 0.5).abs().argsort(kind="stable")]["business_type"].tolist()[:SHEETS]


def _sheet(scene: Scene, code: str | None, path: Path, lang: str) -> Path:
    """Draw one sheet: all basic types together, or one type."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0.02, 0.09, 0.72, 0.80))
    _ground(axes, scene)
    legend = _homes_by_count(axes, scene, lang) if code is None else _homes_by_minutes(axes, scene, code, lang)
    _frame(axes, scene)
    _scale_bar(axes, scene, lang)
    _texts(figure, scene, code, lang)
    _legend(figure, legend, lang)
    if scene.study.settings.made_up:
        figure.text(0.38, 0.5, say("made_up.band", lang), fontproperties=_font(46), color=INK, alpha=0.12, rotation=28,
                    ha="center", va="center")  # fmt: skip
    aside = path.with_name(path.name + ".new")
    figure.savefig(aside, format="png")
    aside.replace(path)
    return path


def _font(size: float) -> Any:
    from matplotlib.font_manager import FontProperties
    from pylopdf_fonts_zh_cn import sans_path

    return FontProperties(fname=str(sans_path()), size=size)


def _ground(axes: Axes, scene: Scene) -> None:
    """Streets in grey, ways inside compounds in sand, buildings in white."""
    from matplotlib.collections import LineCollection, PolyCollection

    width = 0.7 if len(scene.lines) < 60_000 else 0.3
    axes.add_collection(LineCollection(scene.lines[~scene.private], colors=STREET, linewidths=width, zorder=2))
    axes.add_collection(LineCollection(scene.lines[scene.private], colors=PRIVATE, linewidths=width, zorder=2))
    shapes = shapely.get_parts(np.asarray(scene.buildings["geometry"], dtype=object))
    shapes = shapes[shapely.get_type_id(shapes) == 3]
    if len(shapes) and len(shapes) < 60_000:
        rings = [shapely.get_coordinates(shapely.get_exterior_ring(shape)) for shape in shapes]
        axes.add_collection(PolyCollection(rings, facecolors=BUILDING, edgecolors="#d9d9d9", linewidths=0.3, zorder=1))


def _dots(scene: Scene) -> float:
    """Return the size of a home's dot: homes shall be seen, and not cover each other."""
    return float(np.clip(26_000 / max(len(scene.homes), 1), 0.6, 26))


def _homes_by_minutes(axes: Axes, scene: Scene, code: str, lang: str) -> list[tuple[Any, str]]:
    """Homes in the scale of minutes and the type's outlets; return the legend."""
    homes, which = scene.homes, class_of(scene.minutes[code].to_numpy())
    people, total = homes["people"].to_numpy(), max(float(homes["people"].sum()), 1e-9)
    legend = []
    for k, each in reversed(list(enumerate(minute_classes()))):
        here = which == k
        marker = "x" if each.hatch else "o"
        dots = axes.scatter(homes["lon"][here], homes["lat"][here], s=_dots(scene), c=each.colour, marker=marker,
                            linewidths=0.6 if each.hatch else 0, zorder=3)  # fmt: skip
        legend.append((dots, f"{each.name(lang)}  {people[here].sum() / total:.0%}"))
    shops = scene.open_outlets(code)
    dots = axes.scatter(
        shops["lon"], shops["lat"], s=34, c="white", marker="D", edgecolors=INK, linewidths=1.1, zorder=4
    )
    return [*reversed(legend), (dots, say("sheet.outlets", lang, n=len(shops)))]


def _homes_by_count(axes: Axes, scene: Scene, lang: str) -> list[tuple[Any, str]]:
    """Homes by how many basic types are near enough, in four steps; return the legend."""
    homes, of = scene.homes, scene.basic_of
    steps = [round(of * part) for part in (0.25, 0.5, 0.75)]
    which = np.searchsorted(steps, scene.basic_met, side="right")
    colours = [each.colour for each in minute_classes()][::-1]
    people, total = homes["people"].to_numpy(), max(float(homes["people"].sum()), 1e-9)
    legend = []
    for k, colour in enumerate(colours):
        here = which == k
        dots = axes.scatter(homes["lon"][here], homes["lat"][here], s=_dots(scene), c=colour,
                            marker="x" if k == 0 else "o", linewidths=0.6 if k == 0 else 0, zorder=3)  # fmt: skip
        low = [0, *steps][k]
        high = [*[step - 1 for step in steps], of][k]
        words = say("sheet.types_met", lang, low=low, high=high)
        legend.append((dots, f"{words}  {people[here].sum() / total:.0%}"))
    return legend[::-1]


def _frame(axes: Axes, scene: Scene) -> None:
    west, south, east, north = scene.bounds
    stretch = 1 / np.cos(np.radians((south + north) / 2))
    box = axes.get_position()
    shape = box.height * HEIGHT_IN / (box.width * WIDTH_IN)  # of the frame on paper: the map is widened to fill it
    wide, high = east - west, (north - south) * stretch
    more_x, more_y = max(0.0, high / shape - wide) / 2, max(0.0, wide * shape - high) / stretch / 2
    axes.set_aspect("auto")
    axes.set_xlim(west - more_x, east + more_x)
    axes.set_ylim(south - more_y, north + more_y)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_edgecolor("#bbbbbb")


def _scale_bar(axes: Axes, scene: Scene, lang: str) -> None:
    """A bar of a round number of metres, about a fifth of the sheet, and the minutes an adult needs for it."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    metre = 1 / (111_320 * np.cos(np.radians((south + north) / 2)))
    length = round_length((east - west) / metre / 5)
    x, y = west + 0.03 * (east - west), south + 0.035 * (north - south)
    axes.plot([x, x + length * metre], [y, y], color=INK, linewidth=2.5, solid_capstyle="butt", zorder=6)
    words = length_told(length)
    axes.text(x, y + 0.012 * (north - south), words, fontproperties=_font(9), color=INK, zorder=6)
    axes.annotate("N", xy=(0.97, 0.965), xytext=(0.97, 0.90), xycoords="axes fraction", ha="center",
                  fontproperties=_font(10), arrowprops={"arrowstyle": "-|>", "color": INK}, zorder=6)  # fmt: skip


def round_length(most: float) -> float:
    """Return the longest length of 1, 2 or 5 times a power of ten that is no longer than ``most``.

    >>> round_length(640), round_length(200), round_length(99)
    (500.0, 200.0, 50.0)
    """
    step = float(10 ** np.floor(np.log10(most)))
    return step * max(each for each in (1, 2, 5) if each * step <= most * (1 + 1e-9))


def length_told(metres: float) -> str:
    """Return a length as a scale bar says it."""
    return f"{metres:,.0f} m" if metres < 1000 else f"{metres / 1000:g} km"


def _texts(figure: Figure, scene: Scene, code: str | None, lang: str) -> None:
    walker = walker_name(scene.study, scene.walker, lang)
    name = scene.study.settings.name
    if code is None:
        title = say("sheet.overview", lang, of=scene.basic_of)
    else:
        kind = scene.catalogue.type(code)
        title = say("sheet.type", lang, name=kind.zh if lang == "zh" else kind.en)
    mark = say("made_up", lang) if scene.study.settings.made_up else ""
    figure.text(0.02, 0.955, f"{name} · {title}", fontproperties=_font(19), color=INK, va="center")
    figure.text(0.02, 0.915, say("sheet.sub", lang, walker=walker, people=scene.people(lang), mark=mark),
                fontproperties=_font(11), color="#555555", va="center")  # fmt: skip
    standard = scene.headline["standard"]
    source = say("sheet.source", lang, source=scene.source(lang), standard=standard["name"],
                 version=standard["version"], digest=standard["digest"][:12])  # fmt: skip
    figure.text(0.02, 0.034, wrapped(source, LINE_EMS), fontproperties=_font(8.5), color="#555555", va="bottom",
                linespacing=1.35)  # fmt: skip
    figure.text(0.02, 0.02, say("sheet.made", lang, date=scene.made_on.isoformat(), engine=scene.headline["engine"]),
                fontproperties=_font(8.5), color="#555555", va="center")  # fmt: skip


LINE_EMS = 90.0  #: what fits on one line under the map, in widths of a Chinese character


def wrapped(text: str, ems: float) -> str:
    """Return a text in lines no wider than ``ems``; Latin letters count half, and names are not cut.

    >>> wrapped("数据：map.osm.pbf", 6)
    '数据：\\nmap.osm.pbf'
    """
    lines, width = [""], 0.0
    for piece in re.findall(r"[\x21-\x7e]+ ?|[^\x21-\x7e]", text):
        wide = sum(1.0 if east_asian_width(letter) in "WF" else 0.55 for letter in piece)
        if width + wide > ems and lines[-1]:
            lines.append("")
            width = 0.0
        lines[-1] += piece
        width += wide
    return "\n".join(line.strip() for line in lines)


def _legend(figure: Figure, entries: list[tuple[Any, str]], lang: str) -> None:
    handles, labels = [handle for handle, _ in entries], [label for _, label in entries]
    drawn = figure.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.755, 0.89), frameon=False,
                          prop=_font(11), labelspacing=0.9, handletextpad=0.4, title=say("sheet.legend", lang),
                          title_fontproperties=_font(12), alignment="left")  # fmt: skip
    for handle in drawn.legend_handles:
        if handle is not None and hasattr(handle, "set_sizes"):
            handle.set_sizes([48])
