"""Words of a study's settings, and studies side by side: what differs in what was asked, and in what was found."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from django.utils.translation import gettext as _

from yike.network.walkers import load_walkers
from yike.standards.catalogue import load_catalogue
from yike.standards.nouns import MEASURES
from yike.study import Study
from yike.web.areas.models import City
from yike.web.outlets.choices import type_name
from yike.web.studies.place import has_study, study_folder
from yike.web.studies.runs.choices import limits_of
from yike.web.studies.runs.measuring import digest_of
from yike.web.studies.runs.models import StudyRun
from yike.web.studies.runs.telling import figures_of

LEAST_POINTS = 0.05  #: smaller differences are shown as none
OWN = "city"  #: in addresses: the city's own study


@cache
def profile_names() -> dict[str, dict[str, str]]:
    """Return the names of the profiles of standards by language."""
    text = resources.files("yike.standards").joinpath("profiles.csv").read_text(encoding="utf-8")
    return {row["profile"]: row for row in csv.DictReader(text.splitlines())}


def walker_of(walker: str, lang: str) -> str:
    """Return a walker's name in one language."""
    found = load_walkers(None).get(walker)
    return str(getattr(found, lang)) if found else walker


def limit_name(name: str, lang: str) -> str:
    """Return "type.measure" in words, with its unit."""
    code, measure = name.rsplit(".", 1)
    return (
        f"{type_name(code, lang)}（{MEASURES[measure]}）"
        if lang == "zh"
        else f"{type_name(code, lang)} ({MEASURES[measure]})"
    )


def settings_words(settings: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """Return what was asked for, as pairs of a name and a text in the page's language."""
    comma = "、" if lang == "zh" else ", "
    names = profile_names()
    standard = str(settings["standard"])
    asked, walkers = limits_of(standard) if settings.get("limits") else {}, load_walkers(None)
    limits = [f"{limit_name(n, lang)} {asked[n]:g} → {v:g}" for n, v in settings.get("limits", {}).items()]
    paces = [
        f"{walker_of(n, lang)} {walkers[n].m_per_min:g} → {v:g} {_('米/分钟')}"
        for n, v in settings.get("paces", {}).items()
    ]
    return [
        (_("标准"), names[standard][lang] if standard in names else standard),
        (_("步行者"), comma.join(walker_of(each, lang) for each in settings["walkers"])),
        (_("网点"), _("发起时的网点登记") if settings.get("register") else _("现用测算的网点")),
        (_("分时"), _("一周各小时") if settings.get("hours") else _("仅周三 7 时")),
        (_("改动的时限"), comma.join(limits) or "—"),
        (_("改动的步速"), comma.join(paces) or "—"),
    ]


@dataclass(frozen=True)
class Entry:
    """One study as it is compared."""

    key: str
    name: str
    link: str
    digest: str
    standard: str
    words: tuple[tuple[str, str], ...]
    headline: Mapping[str, Any]
    figures: Mapping[str, Any]


def entry_of(run: StudyRun, lang: str) -> Entry:
    """Return a finished study as it is compared."""
    words = tuple(settings_words(run.settings, lang))
    return Entry(run.key, run.name, run.link, run.digest, run.standard, words, run.headline, run.figures)


def own_entry(city: City, lang: str) -> Entry | None:
    """Return the city's own study as it is compared; None where it has none."""
    if not has_study(city):
        return None
    study = Study.open(study_folder(city))
    digest, headline = digest_of(study), study.headline()
    adopted = StudyRun.objects.filter(city=city, digest=digest).first()
    given = study.settings
    asked = adopted.settings if adopted else {
        "standard": given.standard, "walkers": given.walkers, "register": False, "hours": len(given.hours) > 1,
    }  # fmt: skip
    words = tuple(settings_words(asked, lang))
    standard = f"{headline['standard']['name']} {headline['standard']['version']}"
    return Entry(
        OWN, _("全市现用测算"), "", digest, standard, words, headline, _figures(study.folder.as_posix(), digest)
    )


@lru_cache(maxsize=8)
def _figures(folder: str, digest: str) -> dict[str, Any]:
    return figures_of(Study.open(folder))


def differing(entries: Sequence[Entry]) -> list[tuple[str, list[str]]]:
    """Return the settings in which studies differ: a name, and each study's text."""
    names = list(dict.fromkeys(name for each in entries for name, _text in each.words))
    rows = [(name, [dict(each.words).get(name, "—") for each in entries]) for name in names]
    return [(name, texts) for name, texts in rows if len(set(texts)) > 1]


@dataclass(frozen=True)
class Row:
    """One figure of several studies: shares, and for all but the first how many points it differs from the first."""

    name: str
    cells: tuple[tuple[float | None, float | None], ...]

    @property
    def most(self) -> float:
        """The greatest difference, in points; a type that one of the studies does not tell differs wholly."""
        if len({share is None for share, _more in self.cells}) > 1:
            return 100.0
        return max((abs(more) for _share, more in self.cells if more is not None), default=0.0)


def row(name: str, values: Iterable[float | None]) -> Row:
    """Return a row of shares with their differences from the first in percentage points.

    Examples
    --------
    >>> row("x", [0.5, 0.25, None]).cells
    ((0.5, None), (0.25, -25.0), (None, None))
    """
    shares = list(values)
    first = shares[0]
    more = [None if first is None or each is None else 100 * (each - first) for each in shares]
    return Row(name, tuple((share, None if k == 0 else more[k]) for k, share in enumerate(shares)))


def compared(entries: Sequence[Entry], walker: str, lang: str) -> dict[str, list[Row]]:
    """Return the figures of several studies for one walker: in sum, by type, by county and street."""

    def told(each: Entry) -> Mapping[str, Any]:
        found: Mapping[str, Any] = each.headline["walkers"].get(walker, {})
        return found

    def share(each: Entry, category: str, code: str) -> float | None:
        return told(each).get("coverage", {}).get(category, {}).get(code)

    sums = [row(_("“10 和 15 分钟”达标居民"), (told(e).get("ten_fifteen_share") for e in entries))]
    for category, name in (("basic", _("基本保障类平均覆盖")), ("quality", _("品质提升类平均覆盖"))):
        sums.append(row(name, (told(e).get("mean_share", {}).get(category) for e in entries)))
    types = []
    for each in load_catalogue("national").types:
        values = [share(e, each.category, each.code) for e in entries]
        if any(value is not None for value in values):
            types.append(row(type_name(each.code, lang), values))
    areas: dict[str, str] = {}
    found: list[dict[str, float | None]] = []
    for entry in entries:
        rows = entry.figures.get(walker, {}).get("areas", [])
        areas |= {each["area"]: each["name"] for each in rows if each["level"] in ("county", "street")}
        found.append({each["area"]: each["basic"] for each in rows})
    places = [row(name or code, (each.get(code) for each in found)) for code, name in areas.items()]
    differ = sorted((each for each in types if each.most >= LEAST_POINTS), key=lambda each: -each.most)
    same = [each for each in types if each.most < LEAST_POINTS]
    return {"sums": sums, "types": differ, "same": same, "places": places}
