"""Memory for tables, lent and given back: fresh pages for a city's table cost as much time as the sweep over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

KEPT = 2  #: buffers kept between questions; a third at the same time is made and forgotten


class Memory:
    """Buffers of bytes that tables are made in; safe to share between threads."""

    def __init__(self) -> None:
        self._free: list[NDArray[np.uint8]] = []
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[Memory], tuple[()]]:
        return Memory, ()  # a copy in another process has memory of its own

    @contextmanager
    def table(self, rows: int, columns: int, dtype: DTypeLike) -> Iterator[NDArray[Any]]:
        """Lend a table; what is in it is anything.

        Examples
        --------
        >>> with Memory().table(2, 8, np.int32) as table:
        ...     table.shape
        (2, 8)
        """
        size = rows * columns * np.dtype(dtype).itemsize
        with self._lock:
            fit = next((k for k, buffer in enumerate(self._free) if len(buffer) >= size), None)
            held = self._free.pop(fit) if fit is not None else None
        buffer = np.empty(size, np.uint8) if held is None else held
        try:
            yield buffer[:size].view(dtype).reshape(rows, columns)
        finally:
            with self._lock:
                self._free = sorted([*self._free, buffer], key=len)[-KEPT:]
