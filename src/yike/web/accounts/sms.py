"""Sending a text message: a function of (phone, text) named by ``YIKE_SMS``; without one, the server's own console."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from yike.web.accounts.phones import is_demonstration, masked

Send = Callable[[str, str], None]


def to_console(phone: str, text: str) -> None:
    """Print a message where the server was started; of a real number the middle is struck out."""
    shown = phone if is_demonstration(phone) else masked(phone)
    print(f"[短信 SMS → {shown}] {text}", file=sys.stderr, flush=True)


def send(phone: str, text: str) -> None:
    """Send a message by the sender of this installation; one to a demonstration number never leaves the console."""
    sender: Send = to_console if is_demonstration(phone) else import_string(settings.SMS_SENDER)
    sender(phone, text)
