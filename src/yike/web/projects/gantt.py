"""Start and end of projects as a chart: one bar each on an axis of months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yike.web.projects.models import Project

NAMES, WIDTH, ROW, TOP = 250, 960, 26, 30  #: picture units: column of names, whole width, one row, the axis
MOST = 40  #: bars in one picture
LONGEST = 19  #: signs of a name beside its bar


@dataclass(frozen=True)
class Bar:
    """One project's bar."""

    name: str
    whole: str
    url: str
    state: str
    x: float
    y: float
    width: float
    days: str

    @property
    def text_y(self) -> float:
        return self.y + 12


@dataclass(frozen=True)
class Chart:
    """The picture: its size, months along the top, bars."""

    width: int
    height: int
    months: tuple[tuple[float, str], ...]
    bars: tuple[Bar, ...]


def chart(projects: Sequence[Project]) -> Chart | None:
    """Return the chart of projects that have a start and an end, None where none has."""
    told = [each for each in projects if each.starts_on and each.ends_on and each.state != "dropped"][:MOST]
    if not told:
        return None
    first = min(each.starts_on for each in told if each.starts_on)
    last = max(each.ends_on for each in told if each.ends_on)
    begin, months = _month(first), _month(last) - _month(first) + 1
    step = (WIDTH - NAMES - 10) / months
    every = max(1, round(months / 12))
    marks = tuple((NAMES + k * step, _named(begin + k)) for k in range(0, months, every))
    bars = tuple(_bar(each, k, begin, step) for k, each in enumerate(told))
    return Chart(WIDTH, TOP + ROW * len(told) + 8, marks, bars)


def _bar(project: Project, k: int, begin: int, step: float) -> Bar:
    starts, ends = project.starts_on or date.min, project.ends_on or date.min
    x = NAMES + (_month(starts) - begin + (starts.day - 1) / 31) * step
    end = NAMES + (_month(ends) - begin + (ends.day - 1) / 31) * step
    name = project.name if len(project.name) <= LONGEST else project.name[: LONGEST - 1] + "…"
    return Bar(
        name, project.name, f"/desk/projects/{project.key}/", project.state, round(x, 1), TOP + k * ROW + 5,
        round(max(4.0, end - x), 1), f"{starts:%Y-%m-%d} – {ends:%Y-%m-%d}",
    )  # fmt: skip


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _named(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"
