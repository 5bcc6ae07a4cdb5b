"""Packs side by side, and where one figure of a catalogue comes from."""

from __future__ import annotations

from dataclasses import dataclass

from yike.errors import Fault, StandardError
from yike.standards.catalogue import Catalogue
from yike.standards.packs import Pack, Requirement


@dataclass(frozen=True)
class Difference:
    """One demand on which two catalogues do not say the same; None = says nothing."""

    business_type: str
    measure: str
    first: Requirement | None
    second: Requirement | None


def compare(first: Catalogue, second: Catalogue) -> tuple[Difference, ...]:
    """Return where two catalogues ask different things, by type and measure.

    Examples
    --------
    >>> from yike.standards.catalogue import load_catalogue
    >>> [found] = [d for d in compare(load_catalogue("national"), load_catalogue("jincheng"))
    ...            if (d.business_type, d.measure) == ("pharmacy", "walk_min")]
    >>> found.first.value, found.second.value
    (15.0, 10.0)
    """
    rows = [{(row.business_type, row.measure): row for row in each.requirements} for each in (first, second)]
    found = []
    for key in sorted(rows[0].keys() | rows[1].keys()):
        one, two = rows[0].get(key), rows[1].get(key)
        if one is None or two is None or one.value != two.value:
            found.append(Difference(*key, one, two))
    return tuple(found)


@dataclass(frozen=True)
class Origin:
    """Where one effective row comes from: the paper, and the rows it stands in for."""

    row: Requirement
    pack: Pack
    displaced: tuple[Requirement, ...]


def explain(catalogue: Catalogue, what: str) -> tuple[Origin, ...]:
    """Return the origin of every effective row of a business type, or of one requirement by its id.

    Raises
    ------
    StandardError
        ``standards.type_unknown``: neither a type nor a requirement of this catalogue.

    Examples
    --------
    >>> from yike.standards.catalogue import load_catalogue
    >>> [origin.pack.title for origin in explain(load_catalogue("national"), "ministry-guide-2021.repair.walk_min")]
    ['城市一刻钟便民生活圈建设指南']
    """
    packs = {pack.name: pack for pack in catalogue.sources}
    rows = [row for row in catalogue.requirements if what in (row.business_type, row.id)]
    if not rows and what not in catalogue.codes:
        raise StandardError(Fault("standards.type_unknown", ((None, what),)))
    return tuple(Origin(row, packs[row.pack], catalogue.displaced_by(row)) for row in rows)
