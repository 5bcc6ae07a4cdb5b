"""How sure the register is of an outlet: P(the record is still true), decaying by type, weighed down by reports.

The formula and its numbers are told in docs/method/confidence.md; half-lives are rows of ``decay.csv``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from yike.web.areas.models import Area, City
from yike.web.outlets.choices import business_types, limit, table
from yike.web.outlets.models import Outlet

VERIFIED_DAYS = 90  #: the span of the published share


@cache
def _half_lives() -> dict[str, float]:
    return {row["of"]: float(row["half_life_days"]) for row in table("decay")}


@cache
def _weights() -> dict[str, float]:
    return {row["kind"]: float(row["weight"]) for row in table("reports")}


def half_life_days(types: Iterable[str], mobile: bool = False) -> float:
    """Return the half-life of an outlet's record in days: the shortest of its types'; a type without a row has its category's.

    Examples
    --------
    >>> half_life_days(["pharmacy"]), half_life_days(["convenience_store", "breakfast"]), half_life_days([])
    (1095.0, 240.0, 365.0)
    """
    rows, found = _half_lives(), []
    for code in types:
        known = business_types().get(code)
        found.append(rows.get(code) or rows.get(known.category if known else "*") or rows["*"])
    lives = found or [rows["*"]]
    return min([*lives, rows["mobile_breakfast_cart"]] if mobile else lives)


def confidence(days: float | None, half_life: float, reports: Iterable[str] = ()) -> float:
    """Return P(the record is true), between 0 and 1.

    Parameters
    ----------
    days
        Since somebody last stood before it; None: nobody ever did, and ``never_verified`` is the answer before reports.
    half_life
        In days: after so many, half of such records are no longer true.
    reports
        Kinds of the reports that wait; each divides the odds by its weight (``reports.csv``).

    Examples
    --------
    >>> round(confidence(0, 365), 3), round(confidence(365, 365), 3), round(confidence(0, 365, ["closed"]), 3)
    (0.98, 0.49, 0.71)
    """
    p = limit("never_verified") if days is None else limit("just_verified") * 0.5 ** (max(0.0, days) / half_life)
    odds = p / (1 - p)
    for kind in reports:
        odds /= _weights().get(kind, 1.0)
    return odds / (1 + odds)


def confidence_of(outlet: Outlet, today: date | None = None) -> float:
    """Return `confidence` of one outlet today."""
    today = today or timezone.localdate()
    life = half_life_days((each.code for each in outlet.functions.all()), outlet.mobile)
    waiting = [each.kind for each in outlet.reports.all() if not each.outcome]
    return confidence((today - outlet.verified_at).days if outlet.verified_at else None, life, waiting)


@dataclass(frozen=True)
class Check:
    """One outlet worth a look: how sure, how many people use it, and what the look is worth (expected error × users)."""

    outlet: Outlet
    confidence: float
    worth: float
    reports: tuple[str, ...]


def checks(outlets: QuerySet[Outlet], most: int | None = None, today: date | None = None) -> list[Check]:
    """Return the few checks that matter most: by expected error × users, then by expected error.

    Only outlets on the map (open, paused) are asked for.
    """
    today = today or timezone.localdate()
    asked = outlets.filter(state__in=("open", "paused"))
    types: dict[int, list[str]] = defaultdict(list)
    waiting: dict[int, list[str]] = defaultdict(list)
    for pk, code in asked.values_list("pk", "functions__code"):
        types[pk] += [code] if code else []
    for pk, kind in asked.filter(reports__outcome="").values_list("pk", "reports__kind"):
        waiting[pk].append(kind)
    found = []
    for pk, key, seen, users, mobile in asked.values_list("pk", "key", "verified_at", "users", "mobile"):
        life = half_life_days(types[pk], mobile)
        p = confidence((today - seen).days if seen else None, life, waiting[pk])
        found.append((-(1 - p) * users, p, key, pk))
    found.sort()
    chosen = found[: int(limit("weekly_checks")) if most is None else most]
    whole = Outlet.objects.prefetch_related("functions").select_related("area").in_bulk([pk for *_, pk in chosen])
    return [Check(whole[pk], p, -worth, tuple(waiting[pk])) for worth, p, _, pk in chosen]


@dataclass(frozen=True)
class VerifiedShare:
    """How many of the open outlets were verified within some days."""

    verified: int
    open: int
    days: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where there is no open outlet."""
        return self.verified / self.open if self.open else None


def verified_share(where: City | Area, days: int = VERIFIED_DAYS, today: date | None = None) -> VerifiedShare:
    """Return the share of open outlets of a city, or of the tree under an area, that somebody stood before within ``days``."""
    since = (today or timezone.localdate()) - timedelta(days=days)
    held = Q(city=where) if isinstance(where, City) else Q(area__path__startswith=where.path)
    told = Outlet.objects.filter(held, state="open").aggregate(
        n=Count("pk"), seen=Count("pk", filter=Q(verified_at__gte=since))
    )
    return VerifiedShare(told["seen"], told["n"], days)
