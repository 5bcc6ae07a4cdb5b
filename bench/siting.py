"""Solve siting instances from files and print one JSON line each: `python bench/siting.py FILE...` (see README.md).

FILE is an OR-Library p-median file, an MCLP city (NAME.txt) or a listed cover of one (NAME_P_RADIUS.txt, with NAME.txt beside
it). A city is solved for --p and --radius, or else for every NAME_P_RADIUS.txt beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yike.errors import Fault, InputError, YikeError
from yike.siting import Answer, Effort, Rules, mclp, p_median
from yike.siting.answer import plain
from yike.siting.problem import Pairs
from yike.siting.reading import LISTED, kind_of, read_city, read_listed, read_median


def line(path: Path, p: int, radius: float | None, found: Answer) -> dict[str, Any]:
    """What is printed of one answer."""
    return {
        "file": str(path), "p": p, "radius": None if radius is None else plain(radius), "value": plain(found.objective),
        "bound": plain(found.bound), "gap": found.gap, "seconds": round(found.seconds, 4),
    }  # fmt: skip


def cover(path: Path, city: Path, p: int, radius: float, options: argparse.Namespace, effort: Effort) -> dict[str, Any]:
    """Solve one city for one question."""
    town = read_city(city, True if options.planar else None)
    return line(path, p, radius, mclp(town.within(radius), town.weight, Rules(p=p), effort))


def answers(path: Path, options: argparse.Namespace, effort: Effort) -> Iterator[dict[str, Any]]:
    """Solve what a file asks."""
    kind = kind_of(path)
    if kind == "median":
        given = read_median(path)
        p = options.p or given.p
        yield line(path, p, None, p_median(Pairs.of_matrix(given.length), None, Rules(p=p), effort))
    elif kind == "listed":
        listed = read_listed(path)
        yield cover(path, listed.city, options.p or listed.p, options.radius or listed.radius, options, effort)
    elif options.p and options.radius:
        yield cover(path, path, options.p, options.radius, options, effort)
    else:
        read_city(path)
        beside = [each for each in sorted(path.parent.glob(f"{path.stem}_*.txt")) if LISTED.match(each.stem)]
        asked = [each for each in beside if LISTED.match(each.stem)["city"] == path.stem]  # type: ignore[index]
        if not asked:
            raise InputError(Fault("siting.file_question", values={"path": str(path)}))
        for each in asked:
            listed = read_listed(each)
            yield cover(each, path, options.p or listed.p, options.radius or listed.radius, options, effort)


def warm_up() -> None:
    """Compile the loops (once after an update; later runs read them from the cache): not counted in any seconds."""
    pairs = Pairs.of_matrix([[0, 1, 2], [1, 0, 1], [2, 1, 0], [3, 2, 1]])
    p_median(pairs, None, Rules(p=1))
    mclp(pairs.within(1), None, Rules(p=1))


def whole(text: str) -> int:
    """A whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def positive(text: str) -> float:
    """A number above 0."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("more than 0")
    return number


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("files", nargs="+", type=Path, metavar="FILE")
    asked.add_argument("--p", type=whole, help="how many sites, in place of what the file says")
    asked.add_argument("--radius", type=positive, help="how far a site reaches (MCLP)")
    asked.add_argument("--planar", action="store_true", help="the city's numbers are x, y, not latitude, longitude")
    asked.add_argument("--seconds", type=positive, default=100.0, help="time for each (default 100)")
    asked.add_argument("--gap", type=float, default=0.0, help="be content with a proven gap of this (default 0)")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    effort, failed = Effort(seconds=options.seconds, gap=options.gap, seed=options.seed), False
    warm_up()
    for path in options.files:
        try:
            for each in answers(path, options, effort):
                print(json.dumps(each, ensure_ascii=False), flush=True)
        except YikeError as error:
            failed = True
            told = "; ".join(" ".join(part.strip() for part in fault.text().splitlines()) for fault in error.faults)
            print(f"{path}: {told}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
