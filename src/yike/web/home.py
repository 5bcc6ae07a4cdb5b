"""Where the platform keeps what is its own: database, cities, pictures, secrets. One folder, ``YIKE_HOME``."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def home() -> Path:
    """Return the platform's folder: ``YIKE_HOME``, or ``var`` where the command was started."""
    return Path(os.environ.get("YIKE_HOME") or "var").resolve()


def secret(name: str) -> str:
    """Return a secret of this installation: from the environment (``YIKE_<NAME>``), else made once and kept.

    The file lies in ``YIKE_HOME/secrets`` and only its owner can read it.
    """
    given = os.environ.get(f"YIKE_{name.upper()}")
    if given:
        return given
    folder = home() / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made := secrets.token_urlsafe(48))
    return made
