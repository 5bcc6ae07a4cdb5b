"""A study on disk: what is where, what is finished, and how nothing is ever half-written.

A step writes all its files into ``.work/`` and they are swapped in one by one; only then its receipt is written,
also by a swap. Whatever is killed in between has no receipt, so the next run does that step again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq

from yike.errors import Fault, StudyError
from yike.study.settings import Settings, read_settings

RECEIPTS, LOCK, WORK = "receipts.json", ".lock", ".work"


@dataclass(frozen=True)
class Study:
    """An open study folder.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> Study.open(pathlib.Path(tempfile.gettempdir(), "no-such-study"))
    Traceback (most recent call last):
    ...
    yike.errors.StudyError: study.missing: there is no study in "...".
      Make one with `yike init`, or name the folder that holds study.toml.
    """

    folder: Path
    settings: Settings

    @classmethod
    def open(cls, folder: str | Path) -> Study:
        """Open the study in ``folder``; raises ``study.missing`` and the faults of `read_settings`."""
        return cls(Path(folder), read_settings(Path(folder)))

    def path(self, name: str) -> Path:
        """Return the path of a table, such as "residents" or "network/links.adult"."""
        return self.folder / f"{name}.parquet"

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of results, with geometry where it has one.

        Raises
        ------
        StudyError
            ``study.not_run``: the step that writes it has not been run.
        """
        path = self.path(name)
        if not path.is_file():
            raise StudyError(Fault("study.not_run", values={"table": name, "path": str(self.folder)}))
        has_geometry = b"geo" in (pq.read_schema(path).metadata or {})
        return gpd.read_parquet(path) if has_geometry else pd.read_parquet(path)

    def headline(self) -> dict[str, Any]:
        """Return the headline figures; raises ``study.not_run``."""
        path = self.folder / "headline.json"
        if not path.is_file():
            raise StudyError(Fault("study.not_run", values={"table": "headline", "path": str(self.folder)}))
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def receipts(self) -> dict[str, dict[str, Any]]:
        """Return the receipts of finished steps, by step."""
        path = self.folder / RECEIPTS
        if not path.is_file():
            return {}
        try:
            found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise StudyError(Fault("study.receipts_broken", values={"path": RECEIPTS, "why": str(error)})) from error
        return found

    def write_receipts(self, receipts: Mapping[str, Mapping[str, Any]]) -> None:
        """Swap in the receipts."""
        aside = self.folder / (RECEIPTS + ".new")
        aside.write_text(json.dumps(receipts, ensure_ascii=False, indent=1), encoding="utf-8")
        aside.replace(self.folder / RECEIPTS)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs away; the lock goes with the process, however it ends.

        Raises
        ------
        StudyError
            ``study.busy``: another process is running this study.
        """
        handle = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise StudyError(Fault("study.busy", values={"path": str(self.folder)})) from error
        try:
            yield
        finally:
            os.close(handle)

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """Give an empty folder for a step's files; it is gone afterwards, whatever happened."""
        work = self.folder / WORK
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def swap_in(self, work: Path) -> dict[str, str]:
        """Move all files of ``work`` to their places; return their digests by name."""
        digests = {}
        for file in sorted(work.rglob("*")):
            if file.is_file():
                name = file.relative_to(work).as_posix()
                digests[name] = digest_of(file)
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                file.replace(target)
        return digests


def digest_of(*files: Path) -> str:
    """Return the SHA-256 of files, one after the other.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "a")
    ...     _ = file.write_text("一刻")
    ...     digest_of(file)[:12]
    '654579825d26'
    """
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                total.update(piece)
    return total.hexdigest()


def put(work: Path, name: str, table: pd.DataFrame) -> None:
    """Write one table of a step into its folder aside."""
    path = work / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(table, gpd.GeoDataFrame):
        table.to_parquet(path, index=False)
    else:
        table.to_parquet(path, index=False, compression="zstd")
