"""Faults of siting: a problem that cannot be read, or that has no answer, with the smallest relaxation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, Row, YikeError


class SitingError(YikeError):
    """A siting problem contradicts itself or has no answer; every fault says what would have to give."""


class SitingFaults:
    """Faults gathered on the way, raised together.

    Examples
    --------
    >>> SitingFaults().of("siting.p_bad", p=-1).stop()
    Traceback (most recent call last):
    ...
    yike.siting.faults.SitingError: siting.p_bad: the number of sites to open is -1.
      Give a whole number of 0 or more.
    """

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def of(self, code: str, rows: Sequence[Row] = (), **values: Any) -> SitingFaults:
        """Add one fault."""
        self.found.append(Fault(code, tuple(rows), values))
        return self

    def unknown(self, code: str, given: NDArray[np.int64], n: int) -> None:
        """Add the numbers that are not 0 … n - 1."""
        bad = given[(given < 0) | (given >= n)]
        if len(bad):
            self.of(code, [(None, str(k)) for k in bad.tolist()], last=n - 1)

    def numbers(self, code: str, given: NDArray[np.float64]) -> None:
        """Add the entries that are negative or not a number."""
        bad = np.flatnonzero(~np.isfinite(given) | (given < 0))
        if len(bad):
            self.of(code, [(int(k), str(given[k])) for k in bad])

    def stop(self) -> None:
        """Raise when there is any."""
        if self.found:
            raise SitingError(self.found)
