"""JSON of proposals: solve, look, solve again, accept. For staff, with a key or a session."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from yike.errors import YikeError
from yike.web.accounts.key_auth import staff_auth
from yike.web.accounts.rights import may, person_of
from yike.web.areas.models import Area, City
from yike.web.outlets.wording import error_json
from yike.web.proposals import actions
from yike.web.proposals.models import Proposal
from yike.web.proposals.telling import as_json

router = Router(tags=["planning"])
LONGEST = 2**31 - 1

Pair = tuple[str, str]


class Problem(Schema):
    """Why something was refused, and each fault with its code."""

    detail: str
    faults: list[dict[str, Any]] = Field(default_factory=list)


class SolveIn(Schema):
    """What is asked: the area proposed for, a name, and settings of the joint problem (budget_yuan, types, locked …)."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(max_length=50)
    area: str = Field("", max_length=15, description="code of the area; empty: the whole city")
    name: str = Field("", max_length=80)
    settings: dict[str, Any] = Field(default_factory=dict, max_length=30)


class AgainIn(Schema):
    """What is changed: pairs of a space's key and a business type ("" = the whole space), and settings."""

    model_config = ConfigDict(extra="forbid")
    lock: list[Pair] = Field(default_factory=list, max_length=1000)
    unlock: list[Pair] = Field(default_factory=list, max_length=1000)
    forbid: list[Pair] = Field(default_factory=list, max_length=1000)
    allow: list[Pair] = Field(default_factory=list, max_length=1000)
    settings: dict[str, Any] = Field(default_factory=dict, max_length=30)


class Begun(Schema):
    id: int
    job: int | None
    link: str


class Accepted(Schema):
    projects: list[str]


class JobOut(Schema):
    id: int
    state: str
    share: float
    step: str


class ProposalOut(Schema):
    id: int
    name: str
    state: str
    area: str
    city: str
    before: int | None
    settings: dict[str, Any]
    answer: dict[str, Any] | None
    sites: list[dict[str, Any]]
    job: JobOut | None
    study: str
    standard: str
    made_up: bool
    link: str


def proposal_for(person: Any, pk: int, right: str = "proposals.see") -> Proposal | None:
    """Return a proposal a person may see; to anybody else it is as if it were not there."""
    found = Proposal.objects.select_related("city", "area", "job").filter(pk=min(max(pk, 0), LONGEST)).first()
    return found if found and may(person, right, found.area) else None


def _begun(proposal: Proposal) -> dict[str, Any]:
    return {"id": proposal.pk, "job": proposal.job_id, "link": f"/desk/proposals/{proposal.pk}/"}


@router.post(
    "/proposals", auth=staff_auth, response={202: Begun, 403: Problem, 404: Problem, 422: Problem},
    summary="Solve the joint problem of an area: which business types in which idle spaces for a budget",
)  # fmt: skip
def solve(request: HttpRequest, asked: SolveIn) -> Any:
    """Begin a job that solves; ask for the proposal until its state is no longer "solving"."""
    city = City.objects.filter(slug=asked.city.replace("\x00", "")).first()
    area = _area(city, asked.area) if city else None
    if city is None or area is None:
        return 404, {"detail": "no such city or area"}
    try:
        made = actions.solve(actions.deed_in(person_of(request), area), city, _clean(asked.name), asked.settings)
    except YikeError as error:
        return 422, error_json(error)
    except PermissionDenied:
        return 403, {"detail": "proposals.solve"}
    return 202, _begun(made)


@router.get(
    "/proposals/{pk}", auth=staff_auth, response={200: ProposalOut, 404: Problem}, summary="A proposal with its answer"
)
def look(request: HttpRequest, pk: int) -> Any:
    """Return state, job, settings, answer and sites."""
    found = proposal_for(person_of(request), pk)
    return (200, as_json(found)) if found else (404, {"detail": "no such proposal"})


@router.post(
    "/proposals/{pk}/again", auth=staff_auth, response={202: Begun, 403: Problem, 404: Problem, 422: Problem},
    summary="Solve again with sites locked or forbidden",
)  # fmt: skip
def again(request: HttpRequest, pk: int, asked: AgainIn) -> Any:
    """Begin another proposal from this one; this one stays as it is."""
    person = person_of(request)
    found = proposal_for(person, pk)
    if found is None:
        return 404, {"detail": "no such proposal"}
    pairs = {name: tuple(getattr(asked, name)) for name in ("lock", "unlock", "forbid", "allow")}
    try:
        made = actions.solve_again(person, found, actions.Again(**pairs, settings=asked.settings))
    except YikeError as error:
        return 422, error_json(error)
    except PermissionDenied:
        return 403, {"detail": "proposals.solve"}
    return 202, _begun(made)


@router.post(
    "/proposals/{pk}/accept", auth=staff_auth, response={200: Accepted, 403: Problem, 404: Problem, 409: Problem},
    summary="Accept a proposal: its sites become projects",
)  # fmt: skip
def accept(request: HttpRequest, pk: int) -> Any:
    """Accept; refused when a space of it has been taken since."""
    person = person_of(request)
    found = proposal_for(person, pk)
    if found is None:
        return 404, {"detail": "no such proposal"}
    try:
        keys = actions.accept(actions.deed_on(person, found))
    except YikeError as error:
        return 409, error_json(error)
    except PermissionDenied:
        return 403, {"detail": "proposals.accept"}
    return 200, {"projects": keys}


def _area(city: City, code: str) -> Area | None:
    if not code:
        return city.root
    return Area.objects.filter(city=city, code=_clean(code)).first()


def _clean(text: str) -> str:
    return text.replace("\x00", "")
