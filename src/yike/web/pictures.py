"""Pictures from outside, for every app that keeps them: only what really is one is kept, and of it only the pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

from yike.errors import YikeError

PIXELS = 60_000_000  # beyond this a picture is a bomb, not a photo
KINDS = ("JPEG", "PNG", "WEBP")


def clean_picture(
    file: Any, most_bytes: float, side: int, refused: Callable[[str, str], YikeError]
) -> tuple[ContentFile, tuple[int, int]]:
    """Return a picture as a fresh JPEG and its size: turned upright, made small, without EXIF or any other note.

    Parameters
    ----------
    most_bytes
        Of the file as it came.
    side
        Pixels of the longest side that is kept.
    refused
        Called with the reason in Chinese and English; returns the error to raise.
    """
    size = getattr(file, "size", None)
    if size is None or size > most_bytes:
        raise refused("文件太大", "too large")
    try:
        picture = Image.open(file, formats=KINDS)
        if picture.width * picture.height > PIXELS:
            raise refused("像素太多", "too many pixels")
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, YikeError):
            raise
        raise refused("不是可读的照片", "not a picture that can be read") from error
    upright.thumbnail((side, side))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82, optimize=True)
    return ContentFile(out.getvalue()), bare.size
