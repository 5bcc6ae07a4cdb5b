"""What Vite built, in templates: ``{% script "map" %}`` and ``{% stylesheet "map" %}`` give the file's hashed name."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> dict[str, dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))


def manifest() -> dict[str, dict[str, Any]]:
    """Return Vite's manifest: source file → what was built from it. Read again when it was built again.

    Raises
    ------
    ImproperlyConfigured
        The front end has not been built.
    """
    path = Path(settings.BUILT) / "manifest.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"The pages' scripts and styles are not built ({path}): run `make frontend`."
        ) from None


def entry(name: str) -> dict[str, Any]:
    """Return what was built from ``frontend/src/entries/<name>``, e.g. ``map.js``."""
    found = manifest().get(f"src/entries/{name}")
    if found is None:
        raise ImproperlyConfigured(
            f"No entry {name} in frontend/src/entries, or it is not built yet: run `make frontend`."
        )
    return found


def files_of(name: str) -> list[str]:
    """Return all built files that an entry needs: itself, what it imports, at once or later, their styles and workers."""
    seen: list[str] = []

    def add(chunk: dict[str, Any]) -> None:
        if chunk["file"] in seen:  # chunks may import one another in a ring
            return
        for file in (chunk["file"], *chunk.get("css", ()), *chunk.get("assets", ())):
            if file not in seen:
                seen.append(file)
        for other in (*chunk.get("imports", ()), *chunk.get("dynamicImports", ())):
            add(manifest()[other])

    add(entry(name))
    return seen


@register.simple_tag
def script(name: str) -> SafeString:
    """Return the elements that load an entry's script, with the styles it imports; deferred, as modules are.

    What it will ask for is told beforehand, so that a phone fetches all of it in one go.
    """
    built = entry(f"{name}.js")
    later = [
        each
        for each in files_of(f"{name}.js")
        if each.endswith(".js") and each != built["file"] and "worker" not in each
    ]
    return format_html(
        '{}{}<script type="module" src="{}"></script>',
        format_html_join("", '<link rel="stylesheet" href="{}">', ((static(each),) for each in built.get("css", ()))),
        format_html_join("", '<link rel="modulepreload" href="{}">', ((static(each),) for each in later)),
        static(built["file"]),
    )


@register.simple_tag
def stylesheet(name: str) -> SafeString:
    """Return the element that loads an entry's style sheet."""
    return format_html('<link rel="stylesheet" href="{}">', static(entry(f"{name}.css")["file"]))
