"""The verbs of circles: draw, change, name, class, dissolve; have circles proposed and accept them.

Every change of a boundary appends a version; what a boundary was is never overwritten. Figures follow after the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from yike.errors import Fault, InputError
from yike.web.accounts.deeds import Deed, verb
from yike.web.areas.models import Area, City
from yike.web.circles.models import CLASSES, Circle
from yike.web.circling.drawing import CirclingError, checked, make, need_within, put, release
from yike.web.circling.proposing import Asked, communities_asked, targets_of
from yike.web.circling.states import check_step
from yike.web.queue import put as put_job
from yike.web.queue.models import Job
from yike.web.studies.figures import tell_circles

WHY = 200  #: longest reason kept


def _on(deed: Deed, circle: Circle) -> None:
    deed.kind, deed.record = "circles.circle", circle.code


def _alone(city: City, circle: Circle | None = None) -> None:
    """Let no other change of the city's circles go on beside this one; the circle is read again as it is now.

    A community is in one circle at most: whoever comes second sees what the first one made.
    """
    City.objects.select_for_update().get(pk=city.pk)
    if circle is not None:
        circle.refresh_from_db()


def _follow(city: City, circles: Iterable[Circle]) -> None:
    """Tell the figures of some circles anew after the commit."""
    ids = [each.pk for each in circles]
    transaction.on_commit(lambda: tell_circles(city, ids))


@verb("circling.draw")
def draw(deed: Deed, city: City, name: str, grade: str, codes: Sequence[str], why: str = "") -> Circle:
    """Draw a circle of some communities; raises the faults of `checked`."""
    _alone(city)
    communities = checked(city, codes, name=name, grade=grade)
    need_within(deed.area, communities)
    circle = make(city, name, grade, communities)
    circle.append(why.strip()[:WHY], deed.by)
    _on(deed, circle)
    deed.change = {"name": circle.name, "class": grade, "communities": len(communities)}
    _follow(city, [circle])
    return circle


@verb("circling.revise")
def revise(deed: Deed, circle: Circle, codes: Sequence[str], why: str = "") -> Circle:
    """Give a circle another boundary: a new version is appended.

    Raises
    ------
    CirclingError
        Those of `checked`; ``circling.same``: the boundary is the one it has; ``circling.state``: it is dissolved.
    """
    _on(deed, circle)
    _alone(circle.city, circle)
    check_step(circle.state, "standing", "circling.revise")
    communities = checked(circle.city, codes, name=circle.name, mine=circle)
    before = set(circle.communities.values_list("code", flat=True))
    need_within(deed.area, [*communities, *circle.communities.all()])
    after = {each.code for each in communities}
    if after == before:
        raise CirclingError(Fault("circling.same"))
    put(circle, communities)
    version = circle.append(why.strip()[:WHY], deed.by)
    deed.change = {"version": version.number, "added": sorted(after - before), "left": sorted(before - after)}
    _follow(circle.city, [circle])
    return circle


@verb("circling.rename")
def rename(deed: Deed, circle: Circle, name: str, name_en: str = "") -> Circle:
    """Give a circle another name; raises ``circling.name_missing``, ``circling.name_long``, ``circling.state``."""
    _on(deed, circle)
    _alone(circle.city, circle)
    check_step(circle.state, "standing", "circling.revise")
    codes = list(circle.communities.values_list("code", flat=True))
    checked(circle.city, codes, name=name, mine=circle)
    deed.change = {"name": [circle.name, name.strip()]}
    circle.name, circle.name_en = name.strip(), name_en.strip()[:120] or circle.name_en
    circle.save(update_fields=("name", "name_en"))
    return circle


@verb("circling.set_class")
def set_class(deed: Deed, circle: Circle, grade: str) -> Circle:
    """Set a circle's class (基本型、提升型、品质型); raises ``circling.grade_unknown``, ``circling.state``."""
    _on(deed, circle)
    _alone(circle.city, circle)
    check_step(circle.state, "standing", "circling.revise")
    if grade not in CLASSES:
        raise CirclingError(Fault("circling.grade_unknown", ((None, grade[:40]),)))
    deed.change = {"class": [circle.grade, grade]}
    circle.grade = grade
    circle.save(update_fields=("grade",))
    return circle


@verb("circling.dissolve")
def dissolve(deed: Deed, circle: Circle, why: str) -> Circle:
    """Dissolve a circle: its communities are free again, its history is kept.

    Raises
    ------
    CirclingError
        ``circling.why_missing``; ``circling.state``: it is dissolved already.
    """
    _on(deed, circle)
    _alone(circle.city, circle)
    check_step(circle.state, "dissolved", "circling.dissolve")
    if not why.strip():
        raise CirclingError(Fault("circling.why_missing"))
    deed.change = {"state": [circle.state, "dissolved"], "why": why.strip()[:WHY]}
    circle.state = "dissolved"
    put(circle, [])
    circle.append(why.strip()[:WHY], deed.by)
    _follow(circle.city, [circle])
    return circle


@verb("circling.propose")
def propose(deed: Deed, city: City, asked: Asked) -> Job:
    """Put a proposal of circles for an area into the queue.

    Raises
    ------
    YikeError
        Those of `targets_of` and `communities_asked`.
    """
    targets_of(asked)
    codes = communities_asked(city, asked)
    area = Area.objects.get(city=city, code=asked.area) if asked.area else city.root
    need_within(deed.area, [area])
    job = put_job(
        "circling.propose", city, title=f"自动划圈：{area.name}（{len(codes)} 个社区）", area=area, person=deed.by,
        payload={**asked.as_json(), "link": "/desk/circles/new/"},
    )  # fmt: skip
    deed.kind, deed.record = "queue.job", str(job.pk)
    deed.change = {"communities": len(codes), **{k: v for k, v in asked.as_json().items() if v is not None}}
    return job


@verb("circling.accept_proposal")
def accept_proposal(deed: Deed, job: Job, picks: Sequence[int], taking: bool = False) -> list[Circle]:
    """Make circles of some proposals of a job.

    Parameters
    ----------
    picks
        Rows of the proposal, from 0.
    taking
        Take communities that are in other circles out of them: each of those gets a new version, an empty one is
        dissolved. Without it such a community is a fault.

    Raises
    ------
    CirclingError, InputError
        ``circling.not_ready``: the job is not done; ``circling.no_pick``; those of `checked`, of all circles at once.
    """
    rows: list[dict[str, Any]] = (job.result or {}).get("circles", []) if job.state == "done" else []
    if job.kind != "circling.propose" or not rows:
        raise CirclingError(Fault("circling.not_ready"))
    chosen = [rows[k] for k in sorted(set(picks)) if 0 <= k < len(rows)]
    if not chosen:
        raise CirclingError(Fault("circling.no_pick"))
    _alone(job.city)
    areas = _all_checked(job.city, chosen, taking)
    need_within(deed.area, [each for part in areas for each in part])
    changed = release(job.city, [each for part in areas for each in part], f"自动划圈 #{job.pk}", deed.by)
    made = []
    for row, communities in zip(chosen, areas, strict=True):
        check_step("", "standing", "circling.accept_proposal")
        circle = make(job.city, row["name"], "basic", communities)
        circle.append(f"自动划圈 #{job.pk}", deed.by)
        made.append(circle)
    deed.kind, deed.record = "queue.job", str(job.pk)
    deed.change = {"made": [each.code for each in made], "changed": [each.code for each in changed]}
    _follow(job.city, [*changed, *made])
    return made


def _all_checked(city: City, rows: Sequence[dict[str, Any]], taking: bool) -> list[list[Area]]:
    faults: list[Fault] = []
    areas = []
    for row in rows:
        try:
            areas.append(checked(city, row["communities"], name=row["name"], taking=taking))
        except CirclingError as error:
            faults += error.faults
    if faults:
        joined = {code: tuple(r for f in faults if f.code == code for r in f.rows) for code in {f.code for f in faults}}
        raise InputError(*(Fault(code, found) for code, found in sorted(joined.items())))
    return areas
