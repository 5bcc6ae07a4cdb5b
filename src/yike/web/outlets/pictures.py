"""Pictures and papers from outside: only what really is one is kept; of pictures only the pixels."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, UnidentifiedImageError

from yike.errors import Fault
from yike.web.outlets.choices import limit
from yike.web.outlets.states import RegisterError
from yike.web.pictures import PIXELS, clean_picture


def _refused(zh: str, en: str) -> RegisterError:
    values = {"why": {"zh": zh, "en": en}, "limit": int(limit("photo_bytes")) // 1_000_000}
    return RegisterError(Fault("outlets.photo", values=values))


def clean_photo(file: Any) -> tuple[ContentFile, tuple[int, int]]:
    """Return a picture as a fresh JPEG and its size: turned upright, at most ``photo_side`` long, without EXIF or any other note.

    Raises
    ------
    RegisterError
        ``outlets.photo``: too large, or not a picture that can be read to its last line.
    """
    return clean_picture(file, limit("photo_bytes"), int(limit("photo_side")), _refused)


def kind_of_document(content: bytes) -> str | None:
    """Return what a paper's bytes are: "pdf", "jpeg" or "png"; None for anything else, whatever its name."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "pdf"
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > PIXELS:
                return None
            kind = (picture.format or "").lower()
            picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return kind
