"""study.toml: what a study is made of, which standard judges it, and who walks."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import tomli_w

from yike.errors import Fault, Row, StudyError, raise_all
from yike.ingest.datum import DATUMS
from yike.ingest.outlets import UNKNOWN_CHOICES

FILE = "study.toml"
KINDS = ("maps", "outlets", "residents", "areas")  #: the lists of input files
SHORTEST_S, LONGEST_S = 60.0, 1800.0


@dataclass(frozen=True)
class InputFile:
    """One input file, copied into the study, with how to read it.

    ``path`` is relative to the study; ``digest`` is the SHA-256 of the file (and of the files that belong to it)
    when it was brought in. The rest are choices of the readers in ``ingest``; "" and {} leave them at their defaults.
    """

    path: str
    digest: str = ""
    datum: str = "wgs84"
    columns: dict[str, str] = field(default_factory=dict)
    crosswalk: str = ""
    unknown: str = "refuse"
    merge_duplicates: bool = False
    counts: str = ""  #: residents: a table of people beside the outlines, row by row


@dataclass(frozen=True)
class Settings:
    """All settings of a study. Every one is a line of study.toml and is explained in docs/method/study-folder.md."""

    name: str = "study"
    made_up: bool = False  #: 演示数据: inputs are invented; every table, page and picture says so
    standard: str = "jincheng"
    packs: tuple[str, ...] = ()
    walkers: tuple[str, ...] = ("adult",)
    also_walk: tuple[str, ...] = ()  #: further walkers that ways are told for, without coverage
    walkers_file: str = ""
    limit_s: float = 900.0
    attach_limit_m: float = 150.0
    spread_people: float = 0.0  #: a total to spread over the map where no table of residents is given
    clip_people: bool = True  #: reduce an outline's people to the part of it that the map shows
    household_size: float = 0.0  #: people of one household, for tables that count households
    hours: tuple[int, ...] = tuple(range(168))
    hour_types: tuple[str, ...] = ("breakfast", "convenience_store", "pharmacy", "wet_market", "clinic")
    maps: tuple[InputFile, ...] = ()
    outlets: tuple[InputFile, ...] = ()
    residents: tuple[InputFile, ...] = ()
    areas: tuple[InputFile, ...] = ()

    def as_toml(self) -> dict[str, Any]:
        """Return the settings as tables of TOML: one for the choices, one list per kind of input."""
        plain = asdict(self)
        inputs = {kind: [_shown(each) for each in plain.pop(kind)] for kind in KINDS}
        return {"study": {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}, **inputs}


def _shown(file: dict[str, Any]) -> dict[str, Any]:
    """Return an input without the choices that are at their defaults."""
    default = asdict(InputFile(""))
    return {key: value for key, value in file.items() if key == "path" or value != default[key]}


def write_settings(folder: Path, settings: Settings) -> None:
    """Write study.toml, aside first, then swapped in."""
    aside = folder / (FILE + ".new")
    aside.write_text(tomli_w.dumps(settings.as_toml()), encoding="utf-8")
    aside.replace(folder / FILE)


def read_settings(folder: Path) -> Settings:
    """Read and check study.toml.

    Raises
    ------
    StudyError
        ``study.missing``; ``study.settings_broken`` (not TOML); ``study.setting_bad``, every wrong line at once.
    """
    path = folder / FILE
    if not path.is_file():
        raise StudyError(Fault("study.missing", values={"path": str(folder)}))
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(Fault("study.settings_broken", values={"path": FILE, "why": str(error)})) from error
    bad: list[Row] = []
    choices = _checked(raw.get("study", {}), Settings, "study", bad, skip=KINDS)
    lists: dict[str, Any] = {}
    for kind in KINDS:
        files = raw.get(kind, [])
        if not isinstance(files, list):
            bad.append((None, f"{kind} = {files!r}"))
            continue
        lists[kind] = tuple(InputFile(**_checked({"path": ""} | dict(f), InputFile, kind, bad)) for f in files)
    bad += [(None, f"{key} = …") for key in raw if key not in (*KINDS, "study")]
    raise_all(StudyError, [Fault("study.setting_bad", tuple(bad))] if bad else [])
    found = Settings(**choices, **lists)
    raise_all(StudyError, out_of_range(found))
    return found


def _checked(given: Mapping[str, Any], kind: type, where: str, bad: list[Row], skip: tuple[str, ...] = ()) -> Any:
    """Return the known settings with their types made right; wrong ones go to ``bad``."""
    default = kind("") if kind is InputFile else kind()
    known = {each.name: getattr(default, each.name) for each in fields(kind) if each.name not in skip}
    found: dict[str, Any] = {}
    for name, value in given.items():
        wanted = known.get(name)
        if wanted is None or not _fits(value, wanted):
            bad.append((None, f"{where}.{name} = {value!r}"))
        else:
            found[name] = tuple(value) if isinstance(wanted, tuple) else type(wanted)(value)
    return found


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(wanted, bool)
    if isinstance(wanted, float):
        return isinstance(value, int | float)
    if isinstance(wanted, tuple):
        inner = type(wanted[0]) if wanted else str
        return isinstance(value, list) and all(isinstance(each, inner) for each in value)
    return isinstance(value, type(wanted))


def out_of_range(now: Settings) -> list[Fault]:
    """Return as one fault the settings whose value cannot be meant."""
    wrong = {
        "walkers": not now.walkers,
        "limit_s": not SHORTEST_S <= now.limit_s <= LONGEST_S,
        "attach_limit_m": not 0 < now.attach_limit_m <= 1000,
        "spread_people": not 0 <= now.spread_people < math.inf,
        "household_size": not 0 <= now.household_size < math.inf,
        "hours": not all(0 <= hour < 168 for hour in now.hours),
    }
    rows: list[Row] = [(None, f"study.{name} = {getattr(now, name)!r}") for name, is_wrong in wrong.items() if is_wrong]
    for kind in KINDS:
        for file in getattr(now, kind):
            known = {"datum": DATUMS, "unknown": UNKNOWN_CHOICES}
            rows += [(None, f"{kind}.{name} = {getattr(file, name)!r}") for name in known
                     if getattr(file, name) not in known[name]]  # fmt: skip
    return [Fault("study.setting_bad", tuple(rows))] if rows else []
