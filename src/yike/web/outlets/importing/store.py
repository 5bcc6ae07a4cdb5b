"""Where uploaded files lie: ``YIKE_HOME/imports``, readable by their owner only, for as long as ``limits.csv`` says."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from yike.errors import Fault, InputError
from yike.web.home import home
from yike.web.outlets.importing.columns import limit
from yike.web.outlets.importing.models import Import

DAY_S = 86_400


def folder() -> Path:
    """Return the folder of uploaded files; made where it is not there yet."""
    path = home() / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(pieces: Iterable[bytes], suffix: str) -> tuple[Path, str, int]:
    """Write an upload aside and return its path, digest and size; it has no import yet.

    Raises
    ------
    InputError
        ``import.file_large``: told before more of it is written.
    """
    handle, name = tempfile.mkstemp(prefix="new-", suffix=suffix, dir=folder())
    digest, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > limit("file_bytes"):
                break
            digest.update(piece)
            file.write(piece)
    if size > limit("file_bytes"):
        Path(name).unlink()
        values = {"path": "upload" + suffix, "most": int(limit("file_bytes") / 1e6)}
        raise InputError(Fault("import.file_large", values=values))
    return Path(name), digest.hexdigest(), size


def path_of(job: Import) -> Path:
    """Return where the file of an import lies.

    The name holds the digest, so that a file is never taken for another one.
    """
    return folder() / f"{job.pk}-{job.digest[:16]}{Path(job.name).suffix.lower()}"


def opened(job: Import) -> Path:
    """Return the file of an import, whole and unchanged.

    Raises
    ------
    InputError
        ``import.file_gone``.
    """
    path = path_of(job)
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != job.digest:
        raise InputError(Fault("import.file_gone"))
    return path


def forget(job: Import) -> None:
    """Delete the file of an import and what was written beside it."""
    for path in folder().glob(f"{job.pk}-*"):
        path.unlink(missing_ok=True)


def sweep() -> int:
    """Delete files older than they are kept; return how many."""
    oldest = time.time() - limit("keep_days") * DAY_S
    old = [path for path in folder().iterdir() if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
