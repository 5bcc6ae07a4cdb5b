"""Papers of registrations on disk: enciphered, in a folder of their own that no address reaches."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet

from yike.web.home import home, secret


@cache
def _cipher(word: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(word.encode()).digest()))


def _path(token: str) -> Path:
    if not token.isalnum():
        raise ValueError(token)
    return home() / "documents" / token[:2] / token


def keep(content: bytes) -> str:
    """Write a paper enciphered (Fernet: AES-128-CBC with HMAC-SHA-256) and return its token."""
    token = secrets.token_hex(16)
    path = _path(token)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_cipher(secret("documents")).encrypt(content))
    return token


def take(token: str) -> bytes:
    """Return a paper's bytes."""
    return _cipher(secret("documents")).decrypt(_path(token).read_bytes())


def drop(token: str) -> None:
    """Remove a paper from disk; one that is gone already is no fault."""
    _path(token).unlink(missing_ok=True)
