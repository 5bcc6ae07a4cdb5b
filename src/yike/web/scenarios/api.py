"""JSON of trying: what a list of changes would bring, homes and gates for the map, and scenarios kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router, Schema

from yike.errors import Fault, YikeError
from yike.web.accounts.key_auth import staff_auth
from yike.web.accounts.rights import may, person_of, within_reach
from yike.web.areas.models import Area, City
from yike.web.journal.verbs import Deed
from yike.web.queue.models import Job
from yike.web.scenarios import actions, gates
from yike.web.scenarios.asked import ScenarioError
from yike.web.scenarios.living import table_of
from yike.web.scenarios.models import Scenario
from yike.web.scenarios.shapes import (
    ChangesIn,
    Code,
    Dropped,
    EffectOut,
    GatesOut,
    HomesIn,
    HomesOut,
    JobOut,
    NameIn,
    Number,
    Problem,
    RankIn,
    SaveIn,
    ScenarioOut,
    Slug,
    TryIn,
    Who,
    WorstOut,
)
from yike.web.scenarios.trying import Question, homes_in, try_out, walker_of, worst_homes
from yike.web.studies.live import city_named
from yike.web.wording import error_json

router = Router(tags=["scenarios"], auth=staff_auth)


def written(found: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(found), status=status, content_type="application/json; charset=utf-8")


def answers(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer faults with 422 and all of them, what is not there with 404, what one may not with 403."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except (City.DoesNotExist, Scenario.DoesNotExist) as error:
            return written({"detail": f"no such {type(error).__qualname__.split('.')[0].lower()}", "faults": []}, 404)
        except YikeError as error:
            status = 404 if error.faults[0].code in ("study.not_run", "scenarios.area_unknown") else 422
            return written(error_json(error), status)
        except PermissionDenied as error:
            return written({"detail": str(error) or "refused", "faults": []}, 403)

    return answer


def the_city(slug: str) -> City:
    found = city_named(slug)
    if found is None:
        raise City.DoesNotExist
    return found


def the_area(request: HttpRequest, city: City, code: str, verb: str = "scenarios.see") -> Area:
    """Return an area in which the caller may do a verb; raises ``scenarios.area_unknown``, PermissionDenied."""
    found = city.areas.filter(code=code).first() if code else city.root
    if found is None:
        raise ScenarioError(Fault("scenarios.area_unknown", values={"area": code}))
    if not may(person_of(request), verb, found):
        raise PermissionDenied(verb)
    return found


def box_of(text: str) -> tuple[float, float, float, float]:
    """Return west, south, east, north; raises ``scenarios.box_bad``."""
    try:
        west, south, east, north = (float(each) for each in text.split(","))
    except ValueError:
        raise ScenarioError(Fault("scenarios.box_bad")) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ScenarioError(Fault("scenarios.box_bad"))
    return west, south, east, north


def told(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.pk, "name": scenario.name, "area": scenario.area.code, "area_name": scenario.area.name,
        "changes": scenario.changes, "effect": scenario.effect, "study": scenario.study, "through": scenario.through,
        "changed_at": scenario.changed_at.isoformat(),
    }  # fmt: skip


def job_told(job: Job | None) -> dict[str, Any] | None:
    return {"id": job.pk, "state": job.state, "share": job.share, "step": job.step} if job else None


REFUSALS = {403: Problem, 404: Problem, 422: Problem}


@router.post("/scenarios/try", response={200: EffectOut, **REFUSALS}, summary="试一试 What changes would bring")
@answers
def try_changes(request: HttpRequest, asked: TryIn) -> Any:
    """Return what a list of changes would bring over the register as it is now. Nothing is written."""
    city = the_city(asked.city)
    area = the_area(request, city, asked.area)
    lang = "en" if (get_language() or "").startswith("en") else "zh"
    return written(try_out(Question(city, area, asked.who, asked.changes, asked.kind, asked.point, lang)))


@router.get(
    "/scenarios/homes", response={200: HomesOut, **REFUSALS}, summary="地图上的居民点 Homes with minutes to a type"
)
@answers
def homes(request: HttpRequest, asked: Query[HomesIn]) -> Any:
    city = the_city(asked.city)
    if not may_see_somewhere(request, city):
        raise PermissionDenied("scenarios.see")
    return written(homes_in(table_of(city), asked.who, asked.kind, box_of(asked.bbox)))


def may_see_somewhere(request: HttpRequest, city: City) -> bool:
    """Whether the caller may see scenarios of some area of a city: the ground of a scenario is the whole city."""
    reach = within_reach(person_of(request), "scenarios.see", "path")
    return bool(Area.objects.filter(reach, city=city).exists())


class WorstIn(Schema):
    city: Slug = ""
    area: Code = ""
    who: Who = ""


@router.get("/scenarios/worst", response={200: WorstOut, **REFUSALS}, summary="最缺的居民点 The worst homes of an area")
@answers
def worst(request: HttpRequest, asked: Query[WorstIn]) -> Any:
    city = the_city(asked.city)
    area, table = the_area(request, city, asked.area), table_of(city)
    return written({"homes": worst_homes(table, walker_of(table, asked.who), area)})


class GatesIn(Schema):
    city: Slug = ""
    who: Who = ""


@router.get("/scenarios/gates", response={200: GatesOut, **REFUSALS}, summary="可打开的门 Gates that could be opened")
@answers
def gate_list(request: HttpRequest, asked: Query[GatesIn]) -> Any:
    city = the_city(asked.city)
    if not may_see_somewhere(request, city):
        raise PermissionDenied("scenarios.see")
    table = table_of(city)
    who = walker_of(table, asked.who)
    living = table.living(who)
    done, under_way = gates.ranking(city, who)
    result = (done.result or {}) if done else {}
    same_study = result.get("study") == table.engine.digest
    ranked = result["gates"] if same_study else []
    rows = ranked or gates.places(table, living, list(living.streets.openings))
    return written(
        {
            "walker": who, "gates": rows, "ranked": bool(ranked), "job": job_told(under_way),
            "current": bool(ranked) and result.get("through") == living.through,
        }
    )  # fmt: skip


@router.post("/scenarios/gates/rank", response={200: JobOut, **REFUSALS}, summary="给门排序 Rank the gates")
@answers
def rank_gates(request: HttpRequest, asked: RankIn) -> Any:
    """Put the ranking of all gates by people × minutes into the queue; its result is shown by the list of gates."""
    city = the_city(asked.city)
    who = walker_of(table_of(city), asked.who)
    area = Area.objects.filter(within_reach(person_of(request), "scenarios.rank_gates", "path"), city=city).first()
    job = actions.rank_gates(Deed(person_of(request), area or city.root, "city", city.slug), who)
    return written(job_told(job))


class ListIn(Schema):
    city: Slug = ""


@router.get("/scenarios", response={200: list[ScenarioOut], **REFUSALS}, summary="方案列表 Scenarios kept")
@answers
def kept(request: HttpRequest, asked: Query[ListIn]) -> Any:
    city = the_city(asked.city)
    rows = Scenario.objects.filter(within_reach(person_of(request), "scenarios.see"), city=city)
    return written([told(each) for each in rows.select_related("area")[:200]])


def _scenario(request: HttpRequest, pk: int, verb: str) -> Scenario:
    """Return a scenario that the caller may do a verb on."""
    if not 0 < pk < 1 << 63:
        raise Scenario.DoesNotExist
    found = Scenario.objects.select_related("area", "city").get(pk=pk)
    if not may(person_of(request), verb, found.area):
        raise Scenario.DoesNotExist  # to whom may not see it, it is as if it were not there
    return found


@router.get("/scenarios/{scenario}", response={200: ScenarioOut, **REFUSALS}, summary="一个方案 One scenario")
@answers
def one(request: HttpRequest, scenario: Number) -> Any:
    return written(told(_scenario(request, scenario, "scenarios.see")))


@router.post("/scenarios", response={201: ScenarioOut, **REFUSALS}, summary="保存方案 Save a scenario")
@answers
def save(request: HttpRequest, asked: SaveIn) -> Any:
    """Keep a list of changes under a name, with what it brings now."""
    city = the_city(asked.city)
    area = the_area(request, city, asked.area)
    table_of(city).living("")  # opened before the verb's transaction: a cold process takes seconds for it
    made = actions.save(Deed(person_of(request), area, "scenario"), asked.name, asked.changes)
    return written(told(made), 201)


@router.put("/scenarios/{scenario}", response={200: ScenarioOut, **REFUSALS}, summary="改写方案 Write a scenario over")
@answers
def change(request: HttpRequest, scenario: Number, asked: ChangesIn) -> Any:
    """Put another list of changes in the place of the one before; what it brings is measured anew."""
    found = _scenario(request, scenario, "scenarios.see")
    table_of(found.city).living("")
    return written(told(actions.change(actions.deed_on(person_of(request), found), asked.changes)))


@router.patch("/scenarios/{scenario}", response={200: ScenarioOut, **REFUSALS}, summary="重命名方案 Rename a scenario")
@answers
def rename(request: HttpRequest, scenario: Number, asked: NameIn) -> Any:
    """Give a scenario another name."""
    found = _scenario(request, scenario, "scenarios.see")
    return written(told(actions.rename(actions.deed_on(person_of(request), found), asked.name)))


@router.delete("/scenarios/{scenario}", response={200: Dropped, **REFUSALS}, summary="删除方案 Delete a scenario")
@answers
def drop(request: HttpRequest, scenario: Number) -> Any:
    """Delete a scenario; the journal keeps its name."""
    found = _scenario(request, scenario, "scenarios.see")
    actions.drop(actions.deed_on(person_of(request), found))
    return written({"dropped": True})
