"""Search: what matches best first, and of equals what is nearest on foot.

How well a record matches is one number, its *tier*: the whole name before its beginning before its middle, Chinese
before pinyin before initials before an address, and a near miss last. An errand (配钥匙) puts the outlets that do it
beside those that have the word in their name.
"""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from yike.hours.week import CLOSED, OPEN
from yike.web.areas.models import City
from yike.web.map import shown as register
from yike.web.map.errands import HAN, Errand, beginning, errand_of, plain
from yike.web.map.listing import Origin, origin_of
from yike.web.map.opening import moment, opening
from yike.web.map.search_index import KINDS, Names, OutletWords, outlets_of, places_of
from yike.web.map.shown import shown_of
from yike.web.map.table import Shown
from yike.web.map.tiles import base_of
from yike.web.map.words_index import CLOSE, EXACT, FRONT, INSIDE, Texts

LONGEST = 40  #: characters of a query that are looked at
NONE = 99
Tiers = NDArray[np.int8]
NAME = {EXACT: 0, FRONT: 2, INSIDE: 4}
ENGLISH = {EXACT: 1, FRONT: 3, INSIDE: 5}
SAID = {EXACT: 3, FRONT: 4, INSIDE: 6}
SHORT = {EXACT: 3, FRONT: 5, INSIDE: 7}
ERRAND_TYPE, ERRAND_SHOWN, ERRAND, LINE_OF_PRICES, ADDRESS, NEAR_MISS, GUESS = 1, 2, 3, 6, 7, 8, 9


@dataclass(frozen=True)
class Finder:
    """One city's names at one moment."""

    shown: Shown
    stamp: Any  #: of the base map the places come from
    places: Names
    outlets: Names
    words: OutletWords
    kind: NDArray[np.int8]  #: of each place, as a number in `KINDS`

    @classmethod
    def of(cls, shown: Shown, before: Finder | None = None) -> Finder:
        """Make the index of a table; places are taken over from the one before while the base map stays."""
        base = base_of(shown.city.slug)
        stamp = base.stamp if base else None
        same = before is not None and before.stamp == stamp
        places = before.places if before is not None and same else Names.of(places_of(shown.city, shown))
        kind = np.array([KINDS.index(each.kind) for each in places.records], np.int8)
        words = OutletWords(shown)
        words.addresses, words.items, words.by_service  # noqa: B018  (made now, not by the first asker)
        return cls(shown, stamp, places, Names.of(outlets_of(shown)), words, kind)


_FINDERS: dict[int, Finder] = {}
_MAKING = threading.Lock()


def finder_of(shown: Shown) -> Finder:
    """Return the index for a table, or for a city of size the one at hand while the new one is made beside."""
    found = _kept(shown)
    if found is not None and found.shown.number >= shown.number:
        return found
    if found is not None and len(shown.rows) > register.SMALL:
        if _MAKING.acquire(blocking=False):
            try:
                threading.Thread(target=_remake, args=(shown, found), daemon=True, name="search-index").start()
            except RuntimeError:  # no more threads: the next asker tries again
                _MAKING.release()
        return found
    with _MAKING:
        found = _kept(shown)
        if found is None or found.shown.number < shown.number:
            found = _FINDERS[shown.city.pk] = Finder.of(shown, found)
    return found


def _kept(shown: Shown) -> Finder | None:
    """Return the index at hand, None where it is of another reading of the city."""
    found = _FINDERS.get(shown.city.pk)
    return found if found is not None and found.shown.reading == shown.reading else None


def _remake(shown: Shown, before: Finder) -> None:
    try:
        _FINDERS[shown.city.pk] = Finder.of(shown, before)
    finally:
        _MAKING.release()
        connection.close()


def _with_tiers(tiers: Tiers, answers: Tiers, by: dict[int, int]) -> None:
    """Better the tiers of those records that answer."""
    for quality, tier in by.items():
        np.minimum(tiers, tier, out=tiers, where=answers == quality)


def tiers_of(names: Names, query: str) -> Tiers:
    """Return (R,) the tier of every record for a plain query."""
    n = len(names)
    tiers = np.full(n, NONE, np.int8)
    _with_tiers(tiers, names.names.answers(query, n), NAME)
    if not HAN.search(query):
        _with_tiers(tiers, names.said.answers(query, n), SAID)
        short = SHORT if len(query) > 1 else {EXACT: SHORT[EXACT], FRONT: SHORT[FRONT]}
        _with_tiers(tiers, names.short.answers(query, n), short)
        _with_tiers(tiers, names.english.answers(query, n), ENGLISH)
    return tiers


def _near_misses(names: Names, query: str, tiers: Tiers) -> None:
    """Add what the query may have meant, one character off."""
    texts: Texts = names.names if HAN.search(query) else names.said
    if len(query) >= (3 if HAN.search(query) else 5):
        _with_tiers(tiers, texts.close(query, len(names)), {CLOSE: NEAR_MISS})


def _errands(finder: Finder, query: str, errand: Errand, outlets: Tiers, places: Tiers) -> None:
    """Better the tiers of the types and outlets that do an errand; those that say so themselves before the others."""
    n, shown = len(finder.outlets), finder.shown
    does = np.zeros(n, bool)
    for code in errand.types:
        does |= shown.by_type.get(code, False)
    for code in errand.services:
        does |= finder.words.by_service.get(code, False)
    np.minimum(outlets, ERRAND if errand.whole else GUESS, out=outlets, where=does)
    if not errand.whole:
        return
    for word in errand.words:
        word = plain(word)
        says = finder.words.items.answers(word, n) <= INSIDE
        says |= (finder.outlets.names.answers(word, n) <= INSIDE) & does
        np.minimum(outlets, ERRAND_SHOWN, out=outlets, where=says)
    for k, record in enumerate(finder.places.records):
        if record.kind != "type":
            break  # types stand first
        if record.key in errand.types:
            places[k] = min(places[k], ERRAND_TYPE)


def normal(query: str) -> str:
    """Return a query as names are compared: signs, spaces, tones and case gone.

    Examples
    --------
    >>> normal(" Xiǎo xiū-pù "), normal("配 钥匙")
    ('xiaoxiupu', '配钥匙')
    """
    apart = unicodedata.normalize("NFD", query[:200].replace("ü", "v"))
    return plain("".join(sign for sign in apart if not unicodedata.combining(sign)))[:LONGEST]


def found(
    city: City, query: str, lon: float | None = None, lat: float | None = None, who: str = "", limit: int = 20
) -> dict[str, Any]:
    """Return what a query finds in a city, best first; of equals the nearest on foot first, then by name.

    Raises
    ------
    InputError, StudyError
        The faults of `origin_of`.
    """
    now = shown_of(city)
    finder = finder_of(now)
    shown, text = finder.shown, normal(query)
    origin = origin_of(shown, lon, lat, who)
    errand = errand_of(query[:200]) if text else None
    results = _best(finder, now, text, query[:200], errand, origin, limit) if text else []
    types = list(errand.types) if errand is not None and errand.whole else []
    return {"results": results, "types": types, "origin": origin.told() if origin else None, "made_up": city.made_up}


def _best(
    finder: Finder, now: Shown, text: str, query: str, errand: Errand | None, origin: Origin | None, limit: int
) -> list[dict[str, Any]]:
    n, shown = len(finder.outlets), finder.shown
    places, outlets = tiers_of(finder.places, text), tiers_of(finder.outlets, text)
    errand = errand or beginning(query)
    if errand is not None:
        _errands(finder, text, errand, outlets, places)
    if len(text) >= 2:
        _with_tiers(outlets, finder.words.items.answers(text, n), dict.fromkeys((EXACT, FRONT, INSIDE), LINE_OF_PRICES))
        _with_tiers(outlets, finder.words.addresses.answers(text, n), dict.fromkeys((EXACT, FRONT, INSIDE), ADDRESS))
    if min(places.min(initial=NONE), outlets.min(initial=NONE)) >= NEAR_MISS:
        _near_misses(finder.places, text, places)
        _near_misses(finder.outlets, text, outlets)
    here, there = np.flatnonzero(places < NONE), np.flatnonzero(outlets < NONE)
    minutes = origin.minutes[there] if origin and origin.minutes is not None else np.full(len(there), np.inf)
    tier = np.concatenate([places[here], outlets[there]])
    kind = np.concatenate([finder.kind[here], np.full(len(there), KINDS.index("outlet"), np.int8)])
    walk = np.concatenate([np.full(len(here), np.inf), minutes])
    rank = np.concatenate([here, shown.rank[there]])
    state = opening(now, moment("now"))
    chosen: list[dict[str, Any]] = []
    for k in np.lexsort((rank, walk, kind, tier)).tolist():
        if len(chosen) == limit:
            break
        if k < len(here):
            chosen.append(_told(finder.places.records[here[k]]))
            continue
        row = now.row.get(finder.outlets.records[there[k - len(here)]].key)
        if row is not None:  # it has not closed since the index was made
            chosen.append(_outlet_told(now, row, float(walk[k]), int(state.state[row])))
    return chosen


def _told(record: Any) -> dict[str, Any]:
    return {
        "kind": record.kind, "key": record.key, "name": record.name, "name_en": record.name_en, "detail": record.detail,
        "lon": record.lon, "lat": record.lat, "minutes": None, "open": None,
    }  # fmt: skip


def _outlet_told(shown: Shown, k: int, minutes: float, state: int) -> dict[str, Any]:
    row = shown.rows[k]
    return {
        "kind": "outlet", "key": row.key, "name": row.name, "name_en": "", "detail": row.address, "lon": row.lon,
        "lat": row.lat, "minutes": round(minutes, 1) if np.isfinite(minutes) else None,
        "open": bool(state == OPEN) if state in (OPEN, CLOSED) else None,
    }  # fmt: skip
