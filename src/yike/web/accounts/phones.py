"""Phone numbers: their forms as data, their cipher for keeping, their keyed fingerprint for finding."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import re
from functools import cache
from importlib import resources

from cryptography.fernet import Fernet

from yike.web.home import secret


@cache
def forms() -> tuple[dict[str, str], ...]:
    """Return the rows of ``phone_forms.csv``: which numbers are taken, and which of them in made-up cities only."""
    text = resources.files("yike.web.accounts").joinpath("phone_forms.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def plain(typed: str, made_up: bool = False) -> str | None:
    """Return a number as digits, None if it has no known form; ``made_up`` admits demonstration numbers.

    Examples
    --------
    >>> plain("+86 138-0000 1234"), plain("12000000001"), plain("12000000001", made_up=True)
    ('13800001234', None, '12000000001')
    """
    digits = re.sub(r"[\s\-()（）]", "", typed)
    digits = re.sub(r"^(\+|00)86", "", digits)
    if not digits.isascii():
        return None
    for form in forms():
        if re.fullmatch(form["pattern"], digits) and (made_up or not form["made_up_only"]):
            return digits
    return None


def is_demonstration(phone: str) -> bool:
    """Return whether a number is one that no phone ever has."""
    return any(form["made_up_only"] and re.fullmatch(form["pattern"], phone) for form in forms())


def masked(phone: str) -> str:
    """Return a number with its middle struck out.

    Examples
    --------
    >>> masked("13800001234")
    '138****1234'
    """
    return f"{phone[:3]}****{phone[-4:]}"


@cache
def _key(purpose: str) -> bytes:
    """Return a key of its own for each purpose, drawn from the installation's secret."""
    return hmac.new(secret("phone_key").encode(), f"yike {purpose}".encode(), hashlib.sha256).digest()


def cipher(text: str) -> bytes:
    """Encipher a number for keeping (AES-128-CBC with HMAC-SHA256, as Fernet)."""
    return Fernet(base64.urlsafe_b64encode(_key("cipher"))).encrypt(text.encode())


def decipher(kept: bytes | memoryview) -> str:
    """Return the number of a cipher."""
    return Fernet(base64.urlsafe_b64encode(_key("cipher"))).decrypt(bytes(kept)).decode()


def print_of(text: str, purpose: str = "phone") -> str:
    """Return a keyed fingerprint (HMAC-SHA256): the same for the same text, of no use without the key."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()
