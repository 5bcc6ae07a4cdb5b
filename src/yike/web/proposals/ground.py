"""The joint problem's ground of a city as its register is now: built once and kept until register or spaces change."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from django.db.models import Max

from yike.siting.joint import JointGround, Spaces
from yike.study.accessing import walked_types
from yike.study.proposing import joint_ground
from yike.web.areas.models import City
from yike.web.spaces.models import Space
from yike.web.spaces.reading import siting_rows, spaces_in
from yike.web.studies.figures import Watched, watched


@dataclass(frozen=True)
class Kept:
    """A ground with what it was built from."""

    stamp: tuple[object, ...]
    ground: JointGround
    through: int  #: id of the last supply change in it
    study: str
    standard: str


_KEPT: dict[tuple[int, str], Kept] = {}
_BUILDING = threading.Lock()


def ground_of(city: City, walker: str = "") -> Kept:
    """Return the ground of all free spaces of a city for one walker; raises ``study.not_run``, ``study.walker_unknown``."""
    with _BUILDING:
        now = watched(city)
        stock = now.engine.stock(fresh=True)
        who = now.engine.ground(walker).walker if walker else next(iter(now.walkers))
        stamp = (now.engine.stamp, stock.through, _stamp(city))
        kept = _KEPT.get((city.pk, who))
        if kept is None or kept.stamp != stamp:
            kept = _KEPT[city.pk, who] = Kept(stamp, _build(now, city, who), stock.through, *_names(now))
        return kept


def _names(now: Watched) -> tuple[str, str]:
    catalogue = now.engine.catalogue
    return now.engine.digest, f"{catalogue.name} {catalogue.version}"


def _stamp(city: City) -> tuple[object, ...]:
    spaces = Space.objects.filter(city=city, state="free")
    return spaces.count(), spaces.aggregate(last=Max("changed_at"))["last"]


def spaces_of(city: City) -> Spaces:
    """Return the free spaces of a city's register as the engine takes them."""
    return Spaces.of(siting_rows(spaces_in(city)))


def _build(now: Watched, city: City, who: str) -> JointGround:
    watch = now.walkers[who].beside()  # what an outlet's change did is told by `follow` alone
    watch.follow(now.engine.stock(fresh=True))
    codes = walked_types(watch.catalogue)
    return joint_ground(
        watch.ground.routes, watch.ground.standing, watch.homes, watch.people.residents,
        {code: watch.seconds(code) for code in codes}, watch.catalogue, spaces_of(city),
        m_per_min=watch.ground.walking.m_per_min, study=now.engine.study.settings.name, digest=now.engine.digest,
    )  # fmt: skip
