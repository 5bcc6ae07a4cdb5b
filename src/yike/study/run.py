"""`yike run`: do the steps that are not done, in order, and leave a receipt for each."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yike
from yike.errors import Fault, StudyError
from yike.study.folder import Study, digest_of
from yike.study.settings import KINDS
from yike.study.start import input_digest
from yike.study.steps import NAMES, STEPS, Step

DONE, STALE, OPEN = "done", "stale", "open"


class Progress(Protocol):
    """Who is told how the work goes on: a bar, a log, a page."""

    def step(self, name: str, share: float, skipped: bool) -> None:
        """Step ``name`` is done to ``share`` (0 to 1)."""


class Silent:
    """Nobody watches."""

    def step(self, name: str, share: float, skipped: bool) -> None:
        """Say nothing."""


def run(study: Study, until: str | None = None, progress: Progress | None = None) -> list[str]:
    """Bring a study up to date and return the names of the steps that were done.

    A step is skipped when its receipt carries the digest of its inputs, settings and the steps before it, and its
    files are there. Whenever this is broken off, even by kill -9, the next run goes on from the last whole step and
    ends with the same tables.

    Parameters
    ----------
    until
        The last step wanted; all by default.

    Raises
    ------
    StudyError
        ``study.step_unknown``, ``study.busy``, ``study.input_missing``; and any fault of the steps' inputs.
    """
    if until is not None and until not in NAMES:
        raise StudyError(Fault("study.step_unknown", values={"step": until, "known": ", ".join(NAMES)}))
    progress = progress or Silent()
    done: list[str] = []
    with study.locked():
        study = _with_digests(study)
        receipts = study.receipts()
        for step in STEPS[: NAMES.index(until) + 1] if until else STEPS:
            digest = digest_of_step(study, step, receipts)
            if _finished(study, receipts.get(step.name), digest):
                progress.step(step.name, 1.0, True)
                continue
            receipts[step.name] = _carried_out(study, step, digest, receipts, progress)
            study.write_receipts(receipts)
            done.append(step.name)
    return done


def status(study: Study) -> dict[str, str]:
    """Return for each step whether it is "done", "stale" (inputs or settings changed since) or "open"."""
    study, receipts, found = _with_digests(study), study.receipts(), {}
    stale_before = False
    for step in STEPS:
        receipt = receipts.get(step.name)
        if receipt is None:
            found[step.name] = OPEN
            continue
        is_done = not stale_before and _finished(study, receipt, digest_of_step(study, step, receipts))
        found[step.name] = DONE if is_done else STALE
        stale_before |= not is_done
    return found


def notes(study: Study) -> list[dict[str, Any]]:
    """Return the findings of all finished steps that did not stop them, as `Fault.as_json` with the step's name."""
    receipts = study.receipts()
    return [{"step": name, **note} for name in NAMES for note in receipts.get(name, {}).get("notes", [])]


def _with_digests(study: Study) -> Study:
    """Return the study with the digests of its input files as they are now: an edited input is run anew."""
    absent = [
        (None, file.path)
        for kind in KINDS
        for file in getattr(study.settings, kind)
        if not (study.folder / file.path).is_file()
    ]
    if absent:
        raise StudyError(Fault("study.input_missing", tuple(absent)))
    now: dict[str, Any] = {
        kind: tuple(
            replace(file, digest=input_digest(study.folder, file.path, file.counts))
            for file in getattr(study.settings, kind)
        )
        for kind in KINDS
    }
    return replace(study, settings=replace(study.settings, **now))


def digest_of_step(study: Study, step: Step, receipts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the digest of all that a step depends on: engine version, settings, inputs, earlier steps."""
    settings = study.settings
    parts = {
        "engine": engine_digest(),
        "step": step.name,
        "settings": {name: getattr(settings, name) for name in step.settings},
        "inputs": {kind: [repr(file) for file in getattr(settings, kind)] for kind in step.inputs},
        "needs": {name: receipts.get(name, {}).get("digest", "") for name in step.needs},
    }
    if {"standard", "packs"} & set(step.settings):
        from yike.study.ground import catalogue_of

        parts["catalogue"] = catalogue_of(study).digest
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@cache
def engine_digest() -> str:
    """Return the digest of the engine, code and rules: figures of another engine are computed anew.

    Faces, documents, siting and the demonstration city are not in it: they tell, propose or write, and change no figure.
    """
    root = Path(yike.__file__).parent
    faces = tuple(root / name for name in ("circles", "cli", "demo", "plan", "report", "siting", "web"))
    files = (path for path in root.rglob("*") if path.suffix in (".py", ".csv", ".toml"))
    return digest_of(*sorted(path for path in files if not any(path.is_relative_to(face) for face in faces)))


def _finished(study: Study, receipt: Mapping[str, Any] | None, digest: str) -> bool:
    if receipt is None or receipt["digest"] != digest:
        return False
    return all((study.folder / name).is_file() for name in receipt["files"])


def _carried_out(
    study: Study, step: Step, digest: str, receipts: dict[str, dict[str, Any]], progress: Progress
) -> dict[str, Any]:
    """Do one step and return its receipt; the one it had is gone before the first of its files is replaced."""
    progress.step(step.name, 0.0, False)
    began = time.perf_counter()
    tell: Callable[[float], None] = lambda share: progress.step(step.name, min(share, 0.99), False)  # noqa: E731
    with study.aside() as work:
        found = step.work(study, work, tell)
        if receipts.pop(step.name, None) is not None:
            study.write_receipts(receipts)
        files = study.swap_in(work)
    progress.step(step.name, 1.0, False)
    return {
        "digest": digest,
        "engine": yike.__version__,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - began, 3),
        "files": files,
        "notes": [fault.as_json() for fault in found],
    }
