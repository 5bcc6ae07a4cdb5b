"""我的一刻钟: from one home, every type of business with its minutes, its nearest outlet, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from yike.hours.week import CLOSED, OPEN
from yike.network.graph import FAR_MS
from yike.standards.catalogue import BusinessType
from yike.web.studies.live import Live, Walks
from yike.words import say

NAMED = 6  #: how many missing types a sentence names before it says "and so on"


@dataclass(frozen=True)
class Found:
    """One type as seen from one home."""

    kind: BusinessType
    limit_min: float  #: minutes of the rule for its category
    minutes: float | None  #: None = no outlet within the walks that are searched
    row: int  #: of the outlet in the stock, -1 for none
    open: bool | None  #: None = its hours are not known

    @property
    def met(self) -> bool:
        return self.minutes is not None and self.minutes <= self.limit_min


@dataclass(frozen=True)
class Quarter:
    """The answer for one home, walker and time; ``when`` None = whatever the hours."""

    walks: Walks
    when: datetime | None
    types: tuple[Found, ...]
    unseen: tuple[str, ...] = ()  #: types that no source could tell and no outlet of the register serves: not gaps

    def missing(self, category: str) -> list[Found]:
        """Types of a category that are not within their minutes."""
        return [each for each in self.types if each.kind.category == category and not each.met]

    def met(self, category: str) -> int:
        return sum(each.kind.category == category and each.met for each in self.types)


def quarter(city: Live, lon: float, lat: float, who: str = "", when: datetime | None = None) -> Quarter:
    """Tell what is within a quarter of an hour's walk of a place.

    Types are those that are walked to, in the order of the catalogue. An outlet that is surely closed at ``when`` is
    passed over; one whose hours nobody told is not, but is marked as not known. A type that the sources of the city
    cannot tell is neither found nor missing: it is named apart.

    Raises
    ------
    StudyError
        ``study.point_off``, ``study.walker_unknown``.
    """
    walks = city.walks(lon, lat, who)
    state = None if when is None else city.opening(walks.stock, when)
    usable = walks.reached if state is None else walks.reached & (state != CLOSED)
    best = _nearest(walks, usable)
    unseen = city.unseen - set(walks.stock.serving[0])
    found = []
    for kind in city.catalogue.types:
        if kind.walked and kind.category in city.presence and kind.code not in unseen:
            row = best.get(kind.code, -1)
            is_open = None if state is None or row < 0 or state[row] not in (CLOSED, OPEN) else bool(state[row] == OPEN)
            minutes = float(walks.ms[row]) / 60_000 if row >= 0 else None
            found.append(Found(kind, city.presence[kind.category], minutes, row, is_open))
    return Quarter(walks, when, tuple(found), tuple(sorted(unseen)))


def _nearest(walks: Walks, usable: NDArray[np.bool_]) -> dict[str, int]:
    """Return the row of the nearest usable outlet of every type; of equals the first in the register."""
    codes, row, number = walks.stock.serving
    pair = np.flatnonzero((usable & (walks.ms < FAR_MS))[row])
    pair = pair[np.argsort(walks.ms[row[pair]], kind="stable")]
    kinds, first = np.unique(number[pair], return_index=True)
    return {codes[kind]: at for kind, at in zip(kinds.tolist(), row[pair[first]].tolist(), strict=True)}


def sentence(city: Live, answer: Quarter, lang: str) -> str:
    """Say the answer in one sentence, "zh" or "en"."""
    parts = [_part(answer, category, minutes, lang) for category, minutes in city.presence.items()]
    joined = ("；" if lang == "zh" else ". ").join(each[:1].upper() + each[1:] for each in parts)
    return joined + ("。" if lang == "zh" else ".")


def _part(answer: Quarter, category: str, minutes: float, lang: str) -> str:
    met, missing = answer.met(category), answer.missing(category)
    kind = say(f"category.{category}", lang)
    names = ("、" if lang == "zh" else ", ").join(getattr(each.kind, lang) for each in missing[:NAMED])
    names += say("quarter.more", lang, n=len(missing)) if len(missing) > NAMED else ""
    values = {"minutes": f"{minutes:g}", "met": met, "of": met + len(missing), "category": kind.lower()}
    lacking = say("quarter.lacking", lang, names=names) if names else say("quarter.whole", lang)
    return say("quarter.part", lang, **values) + lacking
