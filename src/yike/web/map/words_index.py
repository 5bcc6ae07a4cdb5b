"""Texts of many records as one array of characters, with the places of every character: a search by arrays.

A query starts from the places of its first character and keeps those where the next ones follow, whatever it is made
of: one Chinese character, two, or half a word of pinyin. That is well under a millisecond for a city, and gives the
same on every database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

EXACT, FRONT, INSIDE, CLOSE, NOT = 0, 1, 2, 3, 9  #: how well a record answers, best first
LONGEST = 64  #: characters of the longest query
Ints = NDArray[np.int64]


def _signs(text: str) -> NDArray[np.uint32 | np.uint8]:
    """Return the characters of a text as numbers."""
    return (
        np.frombuffer(text.encode("latin-1"), np.uint8)
        if text.isascii()
        else np.frombuffer(text.encode("utf-32-le"), np.uint32)
    )


@dataclass(frozen=True)
class Texts:
    """T texts, each of one of the records that are searched; one record may have several."""

    signs: NDArray[np.uint32 | np.uint8]  #: all characters, a 0 after each text; bytes where all are Latin
    start: Ints  #: (T,) where each text begins
    length: Ints  #: (T,)
    record: Ints  #: (T,) the record it belongs to
    order: Ints  #: places sorted by the character that stands there, then as they come
    sorted: NDArray[np.uint32 | np.uint8]  #: the characters in that order
    begins: NDArray[np.bool_] | None = None  #: at which characters a match may begin (syllables, words); None = at any

    @classmethod
    def of(cls, texts: Sequence[str], record: Sequence[int], begins: Sequence[Sequence[int]] | None = None) -> Texts:
        """Lay texts end to end; ``begins`` are lengths of the syllables or words of each."""
        length = np.array([len(text) for text in texts], np.int64)
        signs = _signs("\0".join([*texts, ""]))
        start = np.cumsum(length + 1) - length - 1
        marks = None
        if begins is not None:
            marks = np.zeros(len(signs), bool)
            parts = np.array([part for each in begins for part in each], np.int64)
            text = np.repeat(np.arange(len(begins)), [len(each) for each in begins])
            marks[np.cumsum(parts) - parts + text] = True  # one sign stands between texts
        order = np.argsort(signs, kind="stable")
        if marks is not None:
            order = order[marks[order]]
        padded = np.append(signs, np.zeros(LONGEST + 1, signs.dtype))
        return cls(padded, start, length, np.asarray(record, np.int64), order, signs[order], marks)

    def answers(self, query: str, records: int) -> NDArray[np.int8]:
        """Return (records,) how well each record answers: `EXACT`, `FRONT`, `INSIDE` or `NOT`."""
        best = np.full(records, NOT, np.int8)
        places = self._places(query)
        if len(places):
            text = np.searchsorted(self.start, places, "right") - 1
            front = places == self.start[text]
            exact = front & (self.length[text] == len(query))
            quality = np.where(exact, EXACT, np.where(front, FRONT, INSIDE)).astype(np.int8)
            np.minimum.at(best, self.record[text], quality)
        return best

    def _places(self, query: str) -> Ints:
        """Return where the query stands in the array."""
        wanted = _signs(query)
        if not 0 < len(wanted) <= LONGEST:
            return np.zeros(0, np.int64)
        low, high = np.searchsorted(self.sorted, wanted[0], "left"), np.searchsorted(self.sorted, wanted[0], "right")
        places = self.order[low:high]
        for k in range(1, len(wanted)):
            if len(places) == 0:
                break
            places = places[self.signs[places + k] == wanted[k]]
        return places

    def close(self, query: str, records: int) -> NDArray[np.int8]:
        """Return (records,) `CLOSE` where the query stands with one character wrong, missing or too many, else `NOT`.

        One error leaves the first or the second half whole: only places of one of them are looked at. Queries under
        three characters are never close to anything; where matches begin at syllables, the first half must be right.
        """
        best = np.full(records, NOT, np.int8)
        n = len(query)
        if not 3 <= n <= LONGEST:
            return best
        half = n // 2
        front, back = self._places(query[:half]), self._places(query[half:]) - half
        places = front if self.begins is not None else np.unique(np.concatenate([front, back - 1, back, back + 1]))
        places = places[places >= 0]
        places = places[(self.signs[places] != 0) & self._nearly(_signs(query), places)]
        text = np.searchsorted(self.start, places, "right") - 1
        within = places + n - 1 <= self.start[text] + self.length[text]
        best[self.record[text[within]]] = CLOSE
        return best

    def _nearly(self, wanted: NDArray[Any], places: Ints) -> NDArray[np.bool_]:
        """Return at which places the query stands but for one error."""
        n = len(wanted)
        front = [np.ones(len(places), bool)]
        for k in range(n):
            front.append(front[-1] & (self.signs[places + k] == wanted[k]))
        hit = np.zeros(len(places), bool)
        tail = tail_after = tail_before = np.ones(len(places), bool)
        for k in range(n - 1, -1, -1):
            hit |= front[k] & tail  # sign k is wrong: what is before and after it stands
            if k < n - 1:
                hit |= front[k + 1] & tail_after  # the text has one more after sign k
            hit |= front[k] & tail_before  # sign k is too many
            tail = tail & (self.signs[places + k] == wanted[k])
            tail_after = tail_after & (self.signs[places + k + 1] == wanted[k])
            if k > 0:
                tail_before = tail_before & (self.signs[places + k - 1] == wanted[k])
        return hit
