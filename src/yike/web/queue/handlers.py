"""What can be done in the background: handlers by the kind of job, each registered by the app it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yike.web.queue.running import Running

Handler = Callable[["Running"], dict[str, Any]]
HANDLERS: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Make a function the one way to do jobs of a kind (``<app>.<what>``); it returns the job's result.

    Examples
    --------
    >>> @handler("example.add")
    ... def add(job):
    ...     return {"sum": sum(job.payload["numbers"])}
    >>> HANDLERS.pop("example.add") is add
    True
    """

    def register(function: Handler) -> Handler:
        if kind in HANDLERS:
            raise ValueError(f"jobs of kind {kind} are done in two places")
        HANDLERS[kind] = function
        return function

    return register
