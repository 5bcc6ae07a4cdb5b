"""JSON of the project list, for the planning desk and for keys."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from yike.web.accounts.key_auth import staff_auth
from yike.web.accounts.rights import person_of, within_reach
from yike.web.lists.asking import narrowed
from yike.web.lists.cells import plain
from yike.web.projects.models import Project

router = Router(tags=["projects"])
MOST = 2000


class GapAnswered(Schema):
    """A gap that a project answers."""

    area: str
    business_type: str
    people: float = Field(description="residents uncovered when the project was listed")
    study: str


class ProjectOut(Schema):
    """A project with its trace both ways."""

    key: str
    name: str
    kind: str
    business_type: str
    state: str
    area: str
    circle: str
    space: str = Field(description="key of the idle space, empty for none")
    proposal: int | None
    needs: list[str] = Field(description="keys of the needs it answers")
    gaps: list[GapAnswered]
    cost_yuan: float
    source: str
    lead: str
    supporting: list[str]
    starts_on: date | None
    ends_on: date | None
    people_gained: float
    study: str
    standard: str
    made_up: bool


class AskedProjects(Schema):
    """What is asked of the project list."""

    city: str = Field("", max_length=40, description="short name of the city; the first one without it")
    area: str = Field("", max_length=15, description="code of an area: projects of its tree")
    type: str = Field("", max_length=40, description="code of a business type")
    state: str = Field("", max_length=9, description="listed, approved, building, finished or dropped; empty: all")


@router.get("/projects", response=list[ProjectOut], auth=staff_auth, summary="项目清单 Projects")
def projects(request: HttpRequest, asked: Query[AskedProjects]) -> list[dict[str, Any]]:
    """List the projects that the asker may see, with what each comes from and answers, at most 2,000."""
    found = Project.objects.filter(within_reach(person_of(request), "projects.see"))
    found = narrowed(found, asked.city, asked.area, asked.state)
    if asked.type:
        found = found.filter(business_type=plain(asked.type))
    found = found.select_related("area", "circle", "space", "site").prefetch_related("needs", "gaps__area")
    return [_told(each) for each in found[:MOST]]


def _told(each: Project) -> dict[str, Any]:
    gaps = [
        {"area": gap.area.code, "business_type": gap.business_type, "people": gap.people, "study": gap.study}
        for gap in each.gaps.all()
    ]
    return {
        "key": each.key, "name": each.name, "kind": each.kind, "business_type": each.business_type, "state": each.state,
        "area": each.area.code, "circle": each.circle.code if each.circle else "", "space": each.space.key if each.space else "",
        "proposal": each.site.proposal_id if each.site else None, "needs": [one.key for one in each.needs.all()], "gaps": gaps,
        "cost_yuan": float(each.cost_yuan), "source": each.source, "lead": each.lead, "supporting": each.supporting,
        "starts_on": each.starts_on, "ends_on": each.ends_on, "people_gained": each.people_gained, "study": each.study,
        "standard": each.standard, "made_up": each.made_up,
    }  # fmt: skip
