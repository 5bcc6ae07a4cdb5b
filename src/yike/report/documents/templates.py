"""Text templates of plans: TOML files a city may edit. They hold words and names of values, never code.

A template is a list of parts. A part is one of: ``head`` / ``sub`` / ``point`` (a heading of level 1, 2, 3), ``text``,
``table``, ``map``, ``dial``; ``each`` with ``text`` writes a numbered line for every item of a list; ``when`` and
``unless`` name a fact that must, or must not, hold. ``{figure:…}``, ``{text:…}`` and ``{item:…}`` in a text stand for
values of ``known.csv``. Whatever is not known is a fault, and all faults of all templates are told at once.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from yike.errors import Fault, Row, StudyError, raise_all

KINDS = {"city_plan": "city", "circle_plan": "circle"}
HEADS = {"head": 1, "sub": 2, "point": 3}
SHOWN = ("text", "table", "map", "dial")
HOLDER = re.compile(r"\{(figure|text|item):([a-z0-9_]+)\}")


@dataclass(frozen=True)
class Part:
    """One part of a template."""

    sort: str  #: head, sub, point, text, table, map or dial
    value: str  #: words with places for values, or the name of a table, map or dial
    each: str = ""
    when: str = ""
    unless: str = ""


@dataclass(frozen=True)
class Template:
    """One plan's words."""

    kind: str
    title: str
    title_en: str
    parts: tuple[Part, ...]
    summary: tuple[Part, ...]  #: the page in English
    text: str  #: the file as it is, for the document's digest


@cache
def known(kind: str) -> dict[str, frozenset[str]]:
    """Return the names that a template of a kind may use, by sort.

    Examples
    --------
    >>> "people" in known("circle_plan")["figure"], "circles" in known("circle_plan")["figure"]
    (True, False)
    """
    text = resources.files(__package__).joinpath("known.csv").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        names = found.setdefault(row["sort"], set())
        if row["kinds"] in ("both", KINDS[kind]):
            names.add(row["name"])
    return {sort: frozenset(names) for sort, names in found.items()}


def load_templates(folder: Path | None = None) -> dict[str, Template]:
    """Read the templates that ship with yike, a city's own in their place where its folder has them.

    Raises
    ------
    StudyError
        ``documents.template_broken`` (not TOML, not UTF-8), ``documents.template_bad`` with every unknown name of every
        template.
    """
    faults: list[Fault] = []
    found = {}
    for kind in KINDS:
        own = folder / f"{kind}.toml" if folder is not None else None
        shipped = resources.files(__package__).joinpath("templates", f"{kind}.toml")
        data = own.read_bytes() if own is not None and own.is_file() else shipped.read_bytes()
        if made := read_template(kind, data, faults):
            found[kind] = made
    raise_all(StudyError, faults)
    return found


def read_template(kind: str, data: bytes, faults: list[Fault]) -> Template | None:
    """Read one template; what is wrong with it goes to ``faults``."""
    name = f"{kind}.toml"
    try:
        text = data.decode("utf-8-sig")
        told = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(Fault("documents.template_broken", values={"file": name, "why": str(error)}))
        return None
    bad: list[Row] = [(None, f"{key} = …") for key in told if key not in ("title", "title_en", "part", "summary")]
    for key in ("title", "title_en"):
        if not isinstance(told.get(key), str) or not told[key].strip():
            bad.append((None, f"{key} = {told.get(key)!r}"))
        else:
            bad += [(None, f"{key}: {wrong}") for wrong in _unknown(told[key], kind, "")]
    lists = {key: tuple(_parts(told.get(key, []), kind, key, bad)) for key in ("part", "summary")}
    if not lists["part"] and not bad:
        bad.append((None, "part = []"))
    if bad:
        faults.append(Fault("documents.template_bad", tuple(bad), {"file": name}))
        return None
    return Template(kind, told["title"], told["title_en"], lists["part"], lists["summary"], text)


def _parts(told: Any, kind: str, where: str, bad: list[Row]) -> Iterator[Part]:
    if not isinstance(told, list):
        bad.append((None, f"{where} = {told!r}"))
        return
    for number, each in enumerate(told, start=1):
        place = f"{where} {number}"
        if not isinstance(each, dict) or not all(isinstance(value, str) for value in each.values()):
            bad.append((None, f"{place}: {each!r}"))
            continue
        sorts = [sort for sort in (*HEADS, *SHOWN) if sort in each]
        wrong = [f"{key} = …" for key in each if key not in (*HEADS, *SHOWN, "each", "when", "unless")]
        if len(sorts) != 1:
            wrong.append(" + ".join(sorts) or "?")
        wrong += _wrong(each, sorts[0] if sorts else "", kind)
        bad += [(None, f"{place}: {text}") for text in wrong]
        if not wrong:
            more = {key: each[key] for key in ("each", "when", "unless") if key in each}
            yield Part(sorts[0], each[sorts[0]], **more)


def _wrong(part: dict[str, str], sort: str, kind: str) -> list[str]:
    """Return what a part names that is not known."""
    names, wrong = known(kind), []
    if sort in ("table", "map", "dial") and part[sort] not in names[sort]:
        wrong.append(f"{sort} = {part[sort]}")
    if sort in (*HEADS, "text"):
        wrong += _unknown(part[sort], kind, part.get("each", ""))
    if "each" in part and (part["each"] not in names["list"] or sort != "text"):
        wrong.append(f"each = {part['each']}")
    wrong += [f"{key} = {part[key]}" for key in ("when", "unless") if key in part and part[key] not in names["fact"]]
    return wrong


def _unknown(text: str, kind: str, each: str) -> list[str]:
    """Return the places of a text that stand for nothing known; a stray brace is one."""
    names, wrong = known(kind), []
    for sort, name in HOLDER.findall(text):
        full = f"{each}.{name}" if sort == "item" else name
        if full not in names[sort]:
            wrong.append(f"{{{sort}:{name}}}")
    return wrong + re.findall(r"\{[^{}]*\}?|\}", HOLDER.sub("", text))
