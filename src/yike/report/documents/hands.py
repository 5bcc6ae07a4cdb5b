"""Many plans at once: processes that share the ground and the templates, and know nothing of any database."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from yike.report.documents.facts import PlanFacts
from yike.report.documents.files import Made, make_files
from yike.report.documents.maps import Ground, Sheet
from yike.report.documents.templates import Template
from yike.report.documents.to_pdf import page_sources

FEW = 4  #: plans that are made in this process: starting others would take longer
AHEAD = 3  #: plans whose facts wait for each process
MOST = 8  #: processes
T = TypeVar("T")


def make_many(
    places: list[T],
    gather: Callable[[T], tuple[PlanFacts, Sheet]],
    ground: Ground,
    templates: Mapping[str, Template],
    *,
    processes: int | None = None,
) -> Iterator[tuple[T, PlanFacts, Made, dict[str, bytes]]]:
    """Make plans and give them back in their order, each with the sources of its pages (`page_sources`).

    Parameters
    ----------
    gather
        Gives the facts and the sheet of a place; called in this process, a few places ahead.
    processes
        How many to use; the machine's cores by default, none at all for a few plans.
    """
    number = processes or max(1, min(len(os.sched_getaffinity(0)), MOST))
    if processes is None and (len(places) <= FEW or number == 1):
        for place in places:
            facts, sheet = gather(place)
            yield place, facts, *made(facts, templates[facts.kind], ground, sheet)
        return
    with tempfile.TemporaryDirectory(prefix="yike-plans-") as folder:
        path = Path(folder, "ground")
        path.write_bytes(pickle.dumps({"ground": ground, "templates": dict(templates)}, protocol=5))
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(number, mp_context=context, initializer=_begin, initargs=(str(path),))
        try:
            yield from _in_order(places, gather, pool, AHEAD * number)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_order(
    places: Iterable[T], gather: Callable[[T], tuple[PlanFacts, Sheet]], pool: ProcessPoolExecutor, ahead: int
) -> Iterator[tuple[T, PlanFacts, Made, dict[str, bytes]]]:
    waiting: deque[tuple[T, PlanFacts, Future[tuple[Made, dict[str, bytes]]]]] = deque()
    for place in places:
        facts, sheet = gather(place)
        waiting.append((place, facts, pool.submit(_by_hand, facts, sheet)))
        if len(waiting) > ahead:
            place, facts, future = waiting.popleft()
            yield place, facts, *future.result()
    for place, facts, future in waiting:
        yield place, facts, *future.result()


def made(facts: PlanFacts, template: Template, ground: Ground, sheet: Sheet) -> tuple[Made, dict[str, bytes]]:
    """Make one plan's files, with the sources its pages are drawn from later."""
    plan = make_files(facts, template, ground, sheet)
    return plan, page_sources(plan.document)


_HAND: dict[str, Any] = {}  #: what a process keeps between plans


def _begin(path: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _HAND.update(pickle.loads(Path(path).read_bytes()))


def _end_with_parent() -> None:
    """End when the process that began this one ends, however it ends: a killed job leaves nobody behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _by_hand(facts: PlanFacts, sheet: Sheet) -> tuple[Made, dict[str, bytes]]:
    plan, pages = made(facts, _HAND["templates"][facts.kind], _HAND["ground"], sheet)
    return replace(
        plan, document=replace(plan.document, pieces=(), summary=())
    ), pages  # files are written: no need to travel
