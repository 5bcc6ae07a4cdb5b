"""How the command line speaks: tables, bars, errors and JSON, in the language asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from yike.errors import Fault, YikeError
from yike.words import language, say


class Voice:
    """What every verb writes through: words in one language for people, or one JSON document for machines."""

    def __init__(self, as_json: bool = False, lang: str | None = None) -> None:
        self.as_json, self.lang = as_json, language(lang)
        self.out = Console(highlight=False, soft_wrap=True)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, key: str, **values: Any) -> str:
        """Return the words of a key."""
        return say(key, self.lang, **values)

    def line(self, key: str, **values: Any) -> None:
        """Print one line for people."""
        if not self.as_json:
            self.out.print(self.say(key, **values), markup=False)

    def plain(self, text: str) -> None:
        """Print text as it is, for people."""
        if not self.as_json:
            self.out.print(text, markup=False)

    def notes(self, found: list[dict[str, Any]]) -> None:
        """Print findings, each once, though two steps that read the same file make the same one."""
        for text in dict.fromkeys(note[self.lang] for note in found):
            self.plain(text)

    def document(self, value: Any) -> None:
        """Print the answer for machines."""
        if self.as_json:
            print(json.dumps(for_json(value), ensure_ascii=False, indent=1, allow_nan=False))

    def table(self, rows: pd.DataFrame, **heads: str) -> None:
        """Print columns of a table; ``heads`` names them: column=key of its words."""
        if self.as_json:
            return
        drawn = Table(box=None, pad_edge=False)
        for column, key in heads.items():
            drawn.add_column(self.say(key), justify="right" if rows[column].dtype.kind in "fiu" else "left",
                             overflow="fold")  # fmt: skip
        for row in rows[list(heads)].itertuples(index=False):
            drawn.add_row(*(self.cell(value) for value in row))
        self.out.print(drawn, markup=False)

    def cell(self, value: Any) -> str:
        """Return a value as a person reads it: one decimal, a dash for nothing."""
        if value is None or (isinstance(value, float) and not np.isfinite(value)):
            return "—"
        return f"{value:,.1f}" if isinstance(value, float) else str(value)

    def refuse(self, faults: Sequence[Fault]) -> NoReturn:
        """Tell faults and leave with status 2."""
        if self.as_json:
            print(json.dumps({"faults": [fault.as_json() for fault in faults]}, ensure_ascii=False, indent=1))
        else:
            for fault in faults:
                self.err.print(fault.text(self.lang), markup=False)
        sys.exit(2)

    @contextmanager
    def faults_told(self) -> Iterator[None]:
        """Tell a fault once, whole, in the right language, and leave with status 2; Ctrl-C leaves with 130."""
        try:
            yield
        except YikeError as error:
            self.refuse(error.faults)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = ((None, str(error.filename)),) if error.filename else ()
            self.refuse((Fault("study.file_refused", where, {"why": error.strerror or str(error)}),))
        except KeyboardInterrupt:
            self.err.print(self.say("cli.interrupted"), markup=False)
            sys.exit(130)


def for_json(value: Any) -> Any:
    """Return a value as JSON can hold it: null for no number, lists for arrays and tables.

    Examples
    --------
    >>> for_json({"a": float("nan"), "b": np.int64(3), "c": (1.5, "x")})
    {'a': None, 'b': 3, 'c': [1.5, 'x']}
    """
    if isinstance(value, pd.DataFrame):
        return [for_json(row) for row in value.to_dict("records")]
    if isinstance(value, dict):
        return {str(key): for_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [for_json(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value


class Bars:
    """Progress bars of a run: one line per step, on the error stream so that answers stay clean."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.tasks: dict[str, TaskID] = {}
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=voice.err,
            disable=voice.as_json,
        )

    def __enter__(self) -> Bars:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def step(self, name: str, share: float, skipped: bool) -> None:
        """Move the bar of a step."""
        if name not in self.tasks:
            self.tasks[name] = self.bars.add_task(self.voice.say(f"step.{name}"), total=1.0, state="")
        state = self.voice.say("step.skipped") if skipped else self.voice.say("step.done") if share >= 1 else ""
        self.bars.update(self.tasks[name], completed=share, state=state)
        if share >= 1:
            self.bars.stop_task(self.tasks[name])

    def finish(self) -> None:
        """Mark whatever was begun as done: for work that ends as a whole."""
        for name in self.tasks:
            self.step(name, 1.0, False)
