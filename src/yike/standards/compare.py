"""Packs side by side, and where one figure of a catalogue comes from."""

from __future__ import annotations

from dataclasses import dataclass

from yike.errors import Fault, StandardError
from yike.standards.catalogue import Catalogue
from yike.standards.nouns import Requirement, Source


@dataclass(frozen=True)
class Difference:
    """One demand on which two catalogues do not say the same; None = says nothing."""

    business_type: str
    measure: str
    first: Requirement | None
    second: Requirement | None

    @property
    def kind(self) -> str:
        """Return "only_first", "only_second" or "value"."""
        if self.second is None:
            return "only_first"
        return "only_second" if self.first is None else "value"


def compare(first: Catalogue, second: Catalogue) -> tuple[Difference, ...]:
    """Return where two catalogues ask different things, by type and measure.

    Examples
    --------
    >>> from yike.standards.catalogue import load_catalogue
    >>> [found] = [d for d in compare(load_catalogue("national"), load_catalogue("jincheng"))
    ...            if (d.business_type, d.measure) == ("pharmacy", "walk_min")]
    >>> found.kind, found.first.value, found.second.value
    ('value', 15.0, 10.0)
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
    """Where one effective row comes from: the paper, and the rows of other packs that it stands in for."""

    row: Requirement
    source: Source
    displaced: tuple[Requirement, ...]


def explain(catalogue: Catalogue, what: str) -> tuple[Origin, ...]:
    """Return the origin of every effective row of a business type, or of one requirement by its id.

    The id of a displaced row leads to the row that stands in for it.

    Raises
    ------
    StandardError
        ``standards.name_unknown``: neither a type nor a requirement of this catalogue.

    Examples
    --------
    >>> from yike.standards.catalogue import load_catalogue
    >>> [found] = explain(load_catalogue(), "ministry-guide-2021.repair.walk_min")
    >>> found.source.title, found.row.value, [(row.pack, row.value) for row in found.displaced]
    ('晋城市一刻钟便民生活圈试点城市建设实施方案', 10.0, [('ministry-guide-2021', 15.0)])
    """
    sources = {source.pack: source for source in catalogue.sources}
    keys = {(row.business_type, row.measure) for row in catalogue.every_row if what in (row.business_type, row.id)}
    if not keys and what not in catalogue.codes:
        raise StandardError(Fault("standards.name_unknown", values={"name": what, "catalogue": catalogue.name}))
    rows = [row for row in catalogue.requirements if (row.business_type, row.measure) in keys]
    return tuple(Origin(row, sources[row.pack], catalogue.displaced_by(row)) for row in rows)
