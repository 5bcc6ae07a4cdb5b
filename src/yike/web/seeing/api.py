"""JSON of seeing: what a place lacks, for whom, how far, at which hour; homes packed for the map."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from yike.errors import YikeError
from yike.study.stress import Closing
from yike.web.accounts.key_auth import staff_auth
from yike.web.areas.models import Area
from yike.web.lists.cells import plain
from yike.web.seeing import merged, packing, strain, telling
from yike.web.seeing.failing import failing, reasons
from yike.web.seeing.hours import week_of
from yike.web.seeing.now import seen
from yike.web.seeing.part import Part, part_of
from yike.web.seeing.places import as_json, asked
from yike.web.studies.api import told
from yike.web.wording import language

router = Router(tags=["seeing"], auth=staff_auth)

Code = Annotated[
    str, Field(max_length=40, description="业态代码，见 /api/types Code of a business type, see /api/types")
]
Who = Annotated[
    str, Field(max_length=20, description="步行者；空 = 测算的第一种 Who walks; empty = the first of the study")
]
Hour = Annotated[
    int,
    Field(
        ge=-1, le=167, description="一周中的小时，0 = 周一 0 点；-1 = 不限 Hour of the week, 0 = Monday 0:00; -1 = any"
    ),
]


class Asked(Schema):
    """Who walks."""

    who: Who = ""


class AskedType(Asked):
    """Who walks to what, when."""

    type: Code
    hour: Hour = -1


class AskedHomes(AskedType):
    limit: Annotated[int, Field(ge=1, le=200, description="最多几条 How many at most")] = 30
    offset: Annotated[int, Field(ge=0, le=10_000_000, description="跳过几条 How many to skip")] = 0


def opened(request: HttpRequest, code: str, who: str) -> Part:
    """Return the measures of an area or circle; 403 outside the caller's areas, 404 where there is none, 422 for a walker."""
    code = plain(code)
    try:
        place = asked(request, code, circle=not Area.objects.filter(code=code).exists())
    except PermissionDenied as error:
        raise HttpError(403, "无权查看这个区域") from error
    try:
        return part_of(seen(place.city, who), place)
    except YikeError as error:
        raise HttpError(404 if error.code == "study.not_run" else 422, told(error)) from error


def typed(part: Part, code: str) -> int:
    """Return the column of a type; answers 422 where the standard asks no walk for it."""
    if code not in part.served.types:
        raise HttpError(422, f"没有按步行判断的业态“{code[:40]}”")
    return part.served.types.index(code)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@router.get("/seeing/{code}", summary="What an area or circle has and lacks, now", response=dict[str, Any])
def place(request: HttpRequest, code: str, asked: Query[Asked]) -> dict[str, Any]:
    """The sentence, 10 & 15, and every type with its share, its state and the people it does not reach; for one walker."""
    part = opened(request, code, asked.who)
    some = len(part.rows) > 0
    return {
        "place": as_json(part.place), "sources": part.seen.sources, "sentence": telling.sentence(part, language()),
        "people": float(part.people[0]) if some else 0.0, "ten_fifteen": _number(part.ten_fifteen[0]) if some else None,
        "types": telling.type_gaps(part, language()) if some else [],
    }  # fmt: skip


@router.get(
    "/seeing/{code}/matrix", summary="Parts of an area × business types: shares in time", response=dict[str, Any]
)
def matrix(request: HttpRequest, code: str, asked: Query[Asked]) -> dict[str, Any]:
    """A cell is the share of residents who reach an open outlet of the type in time; null where nobody lives."""
    part = opened(request, code, asked.who)
    if len(part.rows) == 0:
        return {"place": as_json(part.place), "sources": part.seen.sources, "columns": [], "rows": []}
    made = telling.matrix(part, language())
    return {
        "place": as_json(part.place), "sources": part.seen.sources,
        "columns": [{key: each[key] for key in ("code", "name", "category", "limit_min", "unseen")} for each in made["columns"]],
        "rows": [
            {"code": row["code"], "name": row["name"], "people": row["people"], "ten_fifteen": _number(row["both"]),
             "shares": [_number(cell["share"]) for cell in row["cells"]]}
            for row in (made["whole"], *made["rows"])
        ],
    }  # fmt: skip


@router.get("/seeing/{code}/gaps", summary="Gaps of the parts of an area, ranked by people", response=dict[str, Any])
def gaps(request: HttpRequest, code: str, asked: Query[Asked]) -> dict[str, Any]:
    """Missing and lacking types of every part, the one that leaves most people uncovered first."""
    part = opened(request, code, asked.who)
    rows = telling.ranked_gaps(part, language(), 500) if len(part.rows) else []
    return {"place": as_json(part.place), "sources": part.seen.sources, "gaps": rows}


@router.get(
    "/seeing/{code}/homes", summary="Homes that a type does not reach in time, worst first", response=dict[str, Any]
)
def homes(request: HttpRequest, code: str, asked: Query[AskedHomes]) -> dict[str, Any]:
    """Each home with its people, the minutes to the nearest open outlet, which one it is, and the reason. No names."""
    part = opened(request, code, asked.who)
    typed(part, asked.type)
    found = failing(part, asked.type, asked.hour)
    words = reasons()
    return {
        "place": as_json(part.place), "sources": part.seen.sources, "homes": len(found), "people": found.people,
        "worst": [vars(each) | {"reason_told": words[each.reason]} for each in found.page(asked.offset, asked.limit)],
    }  # fmt: skip


@router.get("/seeing/{code}/hours", summary="A week of one type: shares of people by hour", response=dict[str, Any])
def hours(request: HttpRequest, code: str, asked: Query[AskedType]) -> dict[str, Any]:
    """168 shares from Monday 0:00: by outlets surely open, and with those whose hours nobody told counted as open."""
    part = opened(request, code, asked.who)
    typed(part, asked.type)
    week = week_of(part, asked.type)
    return {
        "place": as_json(part.place), "sources": part.seen.sources, "sure": week.sure.round(6).tolist(),
        "maybe": week.maybe.round(6).tolist(), "outlets": week.outlets, "outlets_unknown": week.unknown,
    }  # fmt: skip


@router.get("/seeing/{code}/places", summary="Homes of an area for a map, packed")
def places(request: HttpRequest, code: str) -> HttpResponse:
    """Octets, little-endian: float64 west, south, degrees a step east, degrees a step north; uint16 x (n), y (n), people (n)."""
    return _octets(packing.places(opened(request, code, "")), 3600)


class AskedLayer(Asked):
    layer: Annotated[
        Literal["minutes", "merging", "loop", "loop_any"],
        Field(
            description="minutes 步行时间 walks; merging 齐了几个圈 sub-circles; loop, loop_any 走一圈 a loop, in order or not"
        ),
    ] = "minutes"
    type: Annotated[
        str, Field(max_length=40, description="业态代码（minutes 用） Code of a business type (for minutes)")
    ] = ""
    hour: Hour = -1


@router.get("/seeing/{code}/values", summary="Values of the homes of an area for a map, packed")
def values(request: HttpRequest, code: str, asked: Query[AskedLayer]) -> HttpResponse:
    """Octets: uint16 a home, in the order of `places`, little-endian; 65,535 = none.

    minutes, loop, loop_any: tenths of seconds; merging: how many sub-circles are whole.
    """
    part = opened(request, code, asked.who)
    if asked.layer == "minutes":
        typed(part, asked.type)
        return _octets(packing.minutes(part, asked.type, asked.hour), 0)
    if asked.layer == "merging":
        return _octets(packing.values(merged.merging_of(part.seen).count[part.rows].astype(float)), 0)
    minutes = merged.loop_minutes(part.seen, asked.layer == "loop_any")[part.rows]
    return _octets(packing.values(minutes * 600), 0)


@router.get("/seeing/{code}/merging", summary="圈圈相融: sub-circles and the loop of an area", response=dict[str, Any])
def merging(request: HttpRequest, code: str, asked: Query[Asked]) -> dict[str, Any]:
    """Shares of people by area: each sub-circle whole, all, none, the loop in order, the loop in any order."""
    part = opened(request, code, asked.who)
    some = len(part.rows) > 0
    columns = [*(each.group for each in merged.merging_of(part.seen).circles), "all", "none", "loop", "loop_any"]
    rows = merged.table(part, language()) if some else []
    return {
        "place": as_json(part.place), "sources": part.seen.sources, "columns": columns,
        "loop": merged.summary(part, language()) if some else None,
        "rows": [
            {"code": row["code"], "name": row["name"], "people": row["people"], "shares": [_number(x) for x in row["shares"]]}
            for row in rows
        ],
    }  # fmt: skip


class AskedStress(Asked):
    way: Annotated[
        Literal["top", "list", "road", "line"],
        Field(
            description="top 最多人用的几家 most loaded; list 指定网点 outlets; road 一条路 a street; line 画的线 a drawn line"
        ),
    ] = "top"
    need: Annotated[str, Field(max_length=20, description="top：food 食品、medicine 药品；空 = 都算 of which need")] = (
        ""
    )
    number: Annotated[int, Field(ge=1, le=200, description="top：几家 How many")] = 5
    outlets: Annotated[str, Field(max_length=8000, description="list：网点编号或名称，用逗号分开 Keys or names")] = ""
    road: Annotated[str, Field(max_length=80, description="road：路名 Name of a street")] = ""
    line: Annotated[str, Field(max_length=4000, description="line：经度,纬度;经度,纬度… lon,lat;lon,lat…")] = ""

    def asked(self) -> strain.Asked:
        return strain.Asked(self.way, self.need, self.number, self.outlets, self.road, self.line)


@router.get("/seeing/{code}/stress", summary="保供 stress test: who loses food and medicine", response=dict[str, Any])
def stress(request: HttpRequest, code: str, asked: Query[AskedStress]) -> dict[str, Any]:
    """Close outlets or a road and count again: people who lose each need within its minutes, by part of the area."""
    part = opened(request, code, asked.who)
    closure = _closure(part, asked)
    result = strain.told(part, strain.strain_of(part, closure), language()) if len(part.rows) else None
    return {
        "place": as_json(part.place), "sources": part.seen.sources, "closed": strain.closed_outlets(part, closure),
        "links": len(closure.links), "cuts": len(closure.cuts), "whole": result["whole"] if result else None,
        "parts": result["rows"] if result else [],
        "communities": strain.by_community(part, strain.strain_of(part, closure), language()) if result else [],
    }  # fmt: skip


@router.get("/seeing/{code}/stress/values", summary="The same stress test, home by home, packed")
def stress_values(request: HttpRequest, code: str, asked: Query[AskedStress]) -> HttpResponse:
    """Octets as `values`: 0 not touched, 1 lacked something before, 2 loses something, 3 cannot leave its own door."""
    part = opened(request, code, asked.who)
    closure = _closure(part, asked)
    return _octets(packing.values(strain.classes(part, strain.strain_of(part, closure)).astype(float)), 0)


def _closure(part: Part, asked: AskedStress) -> Closing:
    try:
        return strain.closure_of(part, asked.asked())
    except YikeError as error:
        raise HttpError(422, told(error)) from error


def _octets(content: bytes, seconds: int) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Cache-Control"] = f"private, max-age={seconds}"
    return answer
