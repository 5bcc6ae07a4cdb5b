"""What tests of the register need: pictures and papers made on the spot, valid licence codes."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

USCC = "91110000600037341L"  # passes its check digit
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def photo_bytes(width: int = 640, height: int = 480, exif: bool = False) -> bytes:
    """A JPEG; with ``exif`` it says where and by which camera it was taken."""
    picture = Image.effect_noise((width, height), 40).convert("RGB")
    notes = picture.getexif()
    if exif:
        notes[0x010F] = "A camera maker"
        notes.get_ifd(0x8825)[2] = (35.0, 30.0, 0.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=notes)
    return out.getvalue()


def photo_file(width: int = 640, height: int = 480, exif: bool = False) -> SimpleUploadedFile:
    """The same as an upload."""
    return SimpleUploadedFile("stall.jpg", photo_bytes(width, height, exif), "image/jpeg")
