"""What may be chosen for a study, checked all at once; and the study settings it becomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from yike.errors import Fault, Row, StudyError, raise_all
from yike.network.walkers import load_walkers
from yike.standards.catalogue import list_profiles, load_catalogue
from yike.standards.nouns import WALKED

LEAST, MOST = {"walk_min": 1.0, "walk_m": 50.0}, {"walk_min": 30.0, "walk_m": 2000.0}  #: what a limit may be set to
SLOWEST, FASTEST = 10.0, 120.0  #: metres a minute


@dataclass(frozen=True)
class Choices:
    """A study as it is asked for.

    ``register``: outlets are those of the register when the measuring begins; else those of the city's own study.
    ``hours``: all hours of the week; else only the one that the headline tells. ``limits``: "type.measure" → minutes or
    metres in place of the standard's.
    ``paces``: walker → metres a minute on level ground in place of the table's.
    """

    standard: str = "jincheng"
    walkers: tuple[str, ...] = ("adult",)
    register: bool = True
    hours: bool = True
    limits: Mapping[str, float] = field(default_factory=dict)
    paces: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Choices:
        """Check and return choices.

        Raises
        ------
        StudyError
            ``studies.choice_bad`` with every wrong one.
        """
        bad: list[Row] = [(None, f"{name} = {told[name]!r}"[:200]) for name in told if name not in _DEFAULTS]
        found = {name: told[name] for name in _DEFAULTS if name in told}
        for name, value in found.items():
            if not _fits(value, _DEFAULTS[name]):
                bad.append((None, f"{name} = {value!r}"[:200]))
        raise_all(StudyError, [Fault("studies.choice_bad", tuple(bad))] if bad else [])
        choices = cls(
            str(found.get("standard", cls.standard)), tuple(found.get("walkers", cls.walkers)),
            bool(found.get("register", True)), bool(found.get("hours", True)),
            _numbers(found.get("limits", {})), _numbers(found.get("paces", {})),
        )  # fmt: skip
        wrong = choices.wrong()
        raise_all(StudyError, [Fault("studies.choice_bad", tuple(wrong))] if wrong else [])
        return choices

    def wrong(self) -> list[Row]:
        """Return every choice that cannot be meant."""
        bad: list[Row] = []
        walkers = load_walkers(None)
        if self.standard not in list_profiles():
            return [(None, f"standard = {self.standard!r}"[:200])]
        if not self.walkers or len(set(self.walkers)) != len(self.walkers):
            bad.append((None, f"walkers = {list(self.walkers)!r}"[:200]))
        bad += [(None, f"walkers: {each!r}"[:200]) for each in self.walkers if each not in walkers]
        known = {f"{row.business_type}.{row.measure}" for row in load_catalogue(self.standard).walk_requirements()}
        for name, value in self.limits.items():
            measure = name.rsplit(".", 1)[-1]
            if name not in known or not LEAST[measure] <= value <= MOST[measure]:
                bad.append((None, f"limits: {name} = {value!r}"[:200]))
        for name, value in self.paces.items():
            if name not in walkers or not SLOWEST <= value <= FASTEST:
                bad.append((None, f"paces: {name} = {value!r}"[:200]))
        return bad

    def as_json(self) -> dict[str, Any]:
        """Return the choices as they are kept; what is as the standard or the table says is left out."""
        catalogue = load_catalogue(self.standard)
        asked = {f"{row.business_type}.{row.measure}": row.value for row in catalogue.walk_requirements()}
        walkers = load_walkers(None)
        plain = {**asdict(self), "walkers": list(self.walkers)}
        plain["limits"] = {name: value for name, value in sorted(self.limits.items()) if value != asked[name]}
        plain["paces"] = {name: value for name, value in sorted(self.paces.items()) if value != walkers[name].m_per_min}
        return plain


_DEFAULTS: dict[str, Any] = {
    "standard": "", "walkers": (), "register": True, "hours": True, "limits": {}, "paces": {},
}  # fmt: skip


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return isinstance(value, bool)
    if isinstance(wanted, tuple):
        return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(isinstance(key, str) and _is_number(n) for key, n in value.items())
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _numbers(told: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in told.items()}


def limits_of(standard: str) -> dict[str, float]:
    """Return what a standard asks of walks: "type.measure" → minutes or metres.

    Examples
    --------
    >>> limits_of("jincheng")["breakfast.walk_min"]
    10.0
    """
    rows = load_catalogue(standard).walk_requirements()
    return {f"{row.business_type}.{row.measure}": row.value for row in rows if row.measure in WALKED}
