"""city.toml: what a city is to the platform: its name, its standard and its files, each with datum and heads.

The demonstration city and a real city are described by the same file. Maps, outlets, residents and areas become the
inputs of a study; ``spaces`` (idle spaces), ``needs``, ``circles``, ``facts`` and
``programmes`` of communities are registers that only the platform reads.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from yike.errors import Fault, Row, StudyError, raise_all
from yike.ingest.datum import DATUMS
from yike.ingest.outlets import UNKNOWN_CHOICES
from yike.study.folder import Study
from yike.study.settings import KINDS, InputFile, Settings
from yike.study.start import start_study

CITY_FILE = "city.toml"
REGISTERS = ("spaces", "needs", "circles", "facts", "programmes")  #: lists of files beside those of a study
SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")


@dataclass(frozen=True)
class CityFile:
    """A city as its folder describes it. Every line is explained in docs/guide/demonstration-city.md.

    Paths of files are relative to the folder. ``reference_date`` is the day as of which the registers stand.
    """

    slug: str
    zh: str
    en: str
    code: str = ""  #: 12 digits of the area that the city is; "" where codes are made
    made_up: bool = False  #: 演示数据
    standard: str = "jincheng"
    walkers: tuple[str, ...] = ("adult",)
    reference_date: str = ""
    size: str = ""  #: of a demonstration city
    seed: int = 0  #: of a demonstration city
    maps: tuple[InputFile, ...] = ()
    outlets: tuple[InputFile, ...] = ()
    residents: tuple[InputFile, ...] = ()
    areas: tuple[InputFile, ...] = ()
    spaces: tuple[InputFile, ...] = ()
    needs: tuple[InputFile, ...] = ()
    circles: tuple[InputFile, ...] = ()
    facts: tuple[InputFile, ...] = ()  #: what tables tell of communities: households, ages, income
    programmes: tuple[InputFile, ...] = ()

    def as_toml(self) -> dict[str, Any]:
        """Return the file's tables: one for the city, a list for each kind of file."""
        plain = asdict(self)
        default = asdict(InputFile(""))
        lists = {kind: [{k: v for k, v in file.items() if k == "path" or v != default[k]} for file in plain.pop(kind)]
                 for kind in (*KINDS, *REGISTERS)}  # fmt: skip
        return {"city": {**plain, "walkers": list(self.walkers)}, **{k: v for k, v in lists.items() if v}}


def write_city(folder: Path, city: CityFile) -> None:
    """Write city.toml, aside first, then swapped in."""
    aside = folder / (CITY_FILE + ".new")
    aside.write_text(tomli_w.dumps(city.as_toml()), encoding="utf-8")
    aside.replace(folder / CITY_FILE)


def read_city(folder: str | Path) -> CityFile:
    """Read and check city.toml.

    Raises
    ------
    StudyError
        ``city.missing``; ``city.broken`` (not TOML); ``city.setting_bad`` and ``city.file_missing``, all at once.
    """
    folder = Path(folder)
    path = folder / CITY_FILE
    if not path.is_file():
        raise StudyError(Fault("city.missing", values={"path": str(folder)}))
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(Fault("city.broken", values={"path": CITY_FILE, "why": str(error)})) from error
    bad: list[Row] = [(None, f"{key} = …") for key in raw if key not in ("city", *KINDS, *REGISTERS)]
    told = raw.get("city", {})
    choices = _choices(told if isinstance(told, dict) else {}, bad)
    lists: dict[str, Any] = {kind: _files(raw.get(kind, []), kind, bad) for kind in (*KINDS, *REGISTERS)}
    absent: list[Row] = [
        (None, f"{kind}: {name}")
        for kind, files in lists.items()
        for file in files
        for name in filter(None, (file.path, file.counts))
        if not (folder / name).is_file()
    ]
    faults = [Fault("city.setting_bad", tuple(bad))] if bad else []
    raise_all(StudyError, faults + ([Fault("city.file_missing", tuple(absent))] if absent else []))
    return CityFile(**choices, **lists)


def _choices(told: Mapping[str, Any], bad: list[Row]) -> dict[str, Any]:
    """Return the lines of the table [city]; what is unknown, absent or cannot be meant goes to ``bad``."""
    default = CityFile("", "", "")
    known = {
        each.name: getattr(default, each.name) for each in fields(CityFile) if each.name not in (*KINDS, *REGISTERS)
    }
    found: dict[str, Any] = {name: told[name] for name in known if name in told and _fits(told[name], known[name])}
    bad += [(None, f"city.{name} = {value!r}") for name, value in told.items() if name not in found]
    for name in ("slug", "zh", "en"):
        if name not in told:
            bad.append((None, f"city.{name} = ?"))
    wrong = {
        "slug": not SLUG.fullmatch(found.get("slug", "xx")),
        "code": re.fullmatch(r"(\d{12})?", found.get("code", "")) is None,
        "reference_date": not _is_date(found.get("reference_date", "")),
        "walkers": not found.get("walkers", ["adult"]),
        "seed": found.get("seed", 0) < 0,
    }
    bad += [(None, f"city.{name} = {found[name]!r}") for name, is_wrong in wrong.items() if is_wrong]
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return type(value) is type(wanted)


def _is_date(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _files(told: Any, kind: str, bad: list[Row]) -> tuple[InputFile, ...]:
    """Return one list of files."""
    default, found = asdict(InputFile("")), []
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        bad.append((None, f"{kind} = {told!r}"))
        return ()
    for each in told:
        wrong = [name for name, value in each.items() if type(value) is not type(default.get(name))]
        wrong += [name for name, allowed in (("datum", DATUMS), ("unknown", UNKNOWN_CHOICES))
                  if name in each and name not in wrong and each[name] not in allowed]  # fmt: skip
        bad += [(None, f"{kind}.{name} = {each[name]!r}") for name in wrong]
        if not isinstance(each.get("path"), str) or not each["path"]:
            bad.append((None, f"{kind}.path = {each.get('path')!r}"))
        elif not wrong:
            found.append(InputFile(**each))
    return tuple(found)


def settings_of(folder: str | Path, city: CityFile, **choices: Any) -> Settings:
    """Return the settings of a city's study; ``choices`` replace single ones.

    Examples
    --------
    >>> city = CityFile("x-town", "某镇", "X", made_up=True, maps=(InputFile("map.osm.pbf"),))
    >>> found = settings_of("data", city, limit_s=600.0)
    >>> found.name, found.made_up, found.limit_s, Path(found.maps[0].path).as_posix()
    ('某镇', True, 600.0, 'data/map.osm.pbf')
    """
    lists: dict[str, Any] = {
        kind: tuple(
            replace(
                file, path=str(Path(folder, file.path)), counts=str(Path(folder, file.counts)) if file.counts else ""
            )
            for file in getattr(city, kind)
        )
        for kind in KINDS
    }
    plain = {"name": city.zh, "made_up": city.made_up, "standard": city.standard, "walkers": city.walkers}
    return Settings(**{**plain, **lists, **choices})


def study_of(city_folder: str | Path, study_folder: str | Path, **choices: Any) -> Study:
    """Make the study of a city: its inputs copied into a new study folder.

    Raises
    ------
    StudyError
        Those of `read_city` and `start_study`.
    """
    return start_study(study_folder, settings_of(city_folder, read_city(city_folder), **choices))
