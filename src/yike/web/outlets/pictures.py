"""Pictures and papers from outside: only what really is one is kept; of pictures only the pixels."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

from yike.errors import Fault
from yike.web.outlets.choices import limit
from yike.web.outlets.states import RegisterError

PIXELS = 60_000_000  # beyond this a picture is a bomb, not a photo
KINDS = ("JPEG", "PNG", "WEBP")


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
    size = getattr(file, "size", None)
    if size is None or size > limit("photo_bytes"):
        raise _refused("文件太大", "too large")
    try:
        picture = Image.open(file, formats=KINDS)
        if picture.width * picture.height > PIXELS:
            raise _refused("像素太多", "too many pixels")
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, RegisterError):
            raise
        raise _refused("不是可读的照片", "not a picture that can be read") from error
    side = int(limit("photo_side"))
    upright.thumbnail((side, side))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82, optimize=True)
    return ContentFile(out.getvalue()), bare.size


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
