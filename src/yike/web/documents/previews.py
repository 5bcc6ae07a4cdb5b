"""Pages of a plan as pictures: drawn when first looked at, kept until the plan is made again."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from yike.report.documents.to_pdf import draw_pages
from yike.web.documents.jobs import unzipped
from yike.web.documents.models import Document
from yike.web.documents.places import folder_of, path_of, place_of

_DRAWING = threading.Lock()  #: a page's pictures are asked for all at once, and are drawn once


def page_file(document: Document, number: int) -> Path | None:
    """Return the picture of a page, from 1 on; None where there is no such page."""
    if not 1 <= number <= document.pages:
        return None
    name = place_of(document).file
    folder = folder_of(document.city) / "previews" / f"{name}.{document.digest[:12]}"
    path = folder / f"{number}.png"
    sources = path_of(document, "pages")
    if sources is None:
        return None
    with _DRAWING:
        if not path.is_file():
            _draw(sources, folder, name)
    return path if path.is_file() else None


def _draw(sources: Path, folder: Path, name: str) -> None:
    """Draw all pages aside, swap the folder in, and let go of those of earlier versions.

    Where another process was first its pictures are kept: they are the same.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    for number, data in enumerate(draw_pages(unzipped(sources)), start=1):
        (aside / f"{number}.png").write_bytes(data)
    try:
        aside.replace(folder)
    except OSError:
        shutil.rmtree(aside)
        if not folder.is_dir():
            raise
    forget(folder.parent, name, keep=folder.name)


def forget(previews: Path, name: str, keep: str = "") -> None:
    """Delete the pictures of a plan, save those of one version."""
    if not previews.is_dir():
        return
    for each in previews.iterdir():
        if each.name.rpartition(".")[0] == name and each.name != keep:
            shutil.rmtree(each, ignore_errors=True)
