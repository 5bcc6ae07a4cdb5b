"""Translations: ``locale/<language>/LC_MESSAGES/django.po`` of every app, read and compiled to ``.mo``.

``python -m yike.web.translations`` compiles what has changed (``make messages``). GNU gettext is not needed: a ``.mo`` is two
sorted tables of strings (GNU gettext manual, "The Format of GNU MO Files"), which the standard library reads.
"""

from __future__ import annotations

import ast
import os
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

WEB = Path(__file__).parent
MAGIC = 0x950412DE


@dataclass
class Entry:
    """One message: its text, plural and context, and what it is translated to, one text per plural form."""

    id: str = ""
    plural: str | None = None
    context: str | None = None
    texts: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False
    line: int = 0

    @property
    def key(self) -> str:
        """Return the message's key in a ``.mo``."""
        context = f"{self.context}\x04" if self.context is not None else ""
        return context + self.id + (f"\0{self.plural}" if self.plural is not None else "")

    @property
    def value(self) -> str:
        """Return the translation as it stands in a ``.mo``."""
        return "\0".join(self.texts[each] for each in sorted(self.texts))


class BadCatalogue(ValueError):
    """A ``.po`` that cannot be read: file, line, what is wrong."""


def read_po(path: Path) -> list[Entry]:
    """Read a ``.po``: every entry that is not obsolete, the header (id "") first.

    Raises
    ------
    BadCatalogue
        A line that is none of the format's, or a message that stands twice.
    """
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for block in _blocks(path.read_text(encoding="utf-8")):
        entry = _entry(path, block)
        if entry is None:
            continue
        if entry.key in seen:
            raise BadCatalogue(f"{path}:{entry.line}: {entry.id!r} stands already in line {seen[entry.key]}")
        seen[entry.key] = entry.line
        entries.append(entry)
    return entries


def _blocks(text: str) -> list[list[tuple[int, str]]]:
    """Cut a catalogue into entries: at empty lines, and where a new msgctxt or msgid follows a msgstr."""
    blocks: list[list[tuple[int, str]]] = [[]]
    translated = False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or (translated and line.startswith(("msgid ", "msgctxt ", "#"))):
            blocks.append([])
            translated = False
        if line:
            translated = translated or line.startswith("msgstr")
            blocks[-1].append((number, line))
    return [block for block in blocks if block]


def _entry(path: Path, block: list[tuple[int, str]]) -> Entry | None:
    entry, parts, at = Entry(line=block[0][0]), dict[str, str](), ""
    for number, line in block:
        if line.startswith("#"):
            entry.fuzzy = entry.fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        word, _, rest = line.partition(" ")
        if not line.startswith('"'):
            at, line = word, rest.strip()
            parts[at] = ""
        try:
            parts[at] += ast.literal_eval(line)
        except (SyntaxError, ValueError, KeyError):
            raise BadCatalogue(f"{path}:{number}: {line}") from None
    if "msgid" not in parts:
        return None
    entry.id, entry.plural, entry.context = parts["msgid"], parts.get("msgid_plural"), parts.get("msgctxt")
    for name, text in parts.items():
        if name.startswith("msgstr"):
            entry.texts[int(name[7:-1]) if "[" in name else 0] = text
    return entry


def mo_of(entries: list[Entry]) -> bytes:
    """Return the bytes of a ``.mo``: entries that are translated and sure, sorted by key."""
    kept = sorted(
        (each.key.encode(), each.value.encode()) for each in entries if all(each.texts.values()) and not each.fuzzy
    )
    start = 7 * 4 + 16 * len(kept)
    keys = values = b""
    places: list[tuple[int, int, int, int]] = []
    for key, value in kept:
        places.append((len(key), len(keys), len(value), len(values)))
        keys += key + b"\0"
        values += value + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(kept), 28, 28 + 8 * len(kept), 0, start)
    first = b"".join(struct.pack("<2I", length, start + at) for length, at, _, _ in places)
    second = b"".join(struct.pack("<2I", length, start + len(keys) + at) for _, _, length, at in places)
    return head + first + second + keys + values


def catalogues(root: Path = WEB) -> list[Path]:
    """Return every ``django.po`` of the platform."""
    skipped = {"node_modules", "built"}
    return sorted(path for path in root.glob("**/locale/*/LC_MESSAGES/django.po") if not skipped & set(path.parts))


def compile_all(root: Path = WEB) -> list[Path]:
    """Compile what has changed, each file written aside and swapped in; return what was written."""
    written = []
    for source in catalogues(root):
        made, target = mo_of(read_po(source)), source.with_suffix(".mo")
        if target.is_file() and target.read_bytes() == made:
            continue
        aside = target.with_name(f"{target.name}.{os.getpid()}")
        aside.write_bytes(made)
        aside.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    try:
        for path in compile_all():
            print(path)
    except BadCatalogue as bad:
        sys.exit(str(bad))
