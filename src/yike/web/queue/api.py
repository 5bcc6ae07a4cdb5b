"""JSON of jobs: how far one is, and asking it to stop."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import Field

from yike.errors import YikeError
from yike.web.accounts.key_auth import staff_auth
from yike.web.accounts.rights import may, person_of
from yike.web.queue import actions
from yike.web.queue.models import Job
from yike.web.wording import error_json

router = Router(tags=["jobs"], auth=staff_auth)
Number = Annotated[int, Path(ge=1, le=2**62, description="任务编号 Number of the job")]


class JobOut(Schema):
    """A job: its state, how much is done (0 to 1), what is being done, and how it ended."""

    id: int
    kind: str
    title: str
    city: str
    area: str
    state: str
    share: float
    step: str
    stop_asked: bool
    link: str
    tries: int
    made_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    faults: list[dict[str, Any]]


class Problem(Schema):
    """Why something was refused, in the caller's language, and each fault with its code in both."""

    detail: str
    faults: list[dict[str, Any]] = Field(default_factory=list)


def _job(request: HttpRequest, pk: int) -> Job | None:
    person = person_of(request)
    found = Job.objects.select_related("city", "area").filter(pk=pk).first()
    if found is None or person is None:
        return None
    narrowing = getattr(person, "narrowing", None)  # a key sees its person's own jobs only where it may see jobs
    own = found.person_id == person.pk and (narrowing is None or narrowing.allows("queue.see", ""))
    return found if own or may(person, "queue.see", found.area) else None


def job_json(job: Job) -> dict[str, Any]:
    """Return a job as JSON tells it."""
    plain = (
        "kind",
        "title",
        "state",
        "share",
        "step",
        "stop_asked",
        "link",
        "tries",
        "made_at",
        "began_at",
        "ended_at",
        "faults",
    )
    return {
        "id": job.pk, "city": job.city.slug, "area": job.area.code if job.area else "",
        **{name: getattr(job, name) for name in plain},
    }  # fmt: skip


@router.get("/jobs/{number}", response={200: JobOut, 404: Problem}, summary="A background job: state, progress, faults")
def job(request: HttpRequest, number: Number) -> Any:
    """Return a job that the caller may see or has put."""
    found = _job(request, number)
    return (200, job_json(found)) if found else (404, {"detail": "no such job"})


@router.post(
    "/jobs/{number}/cancel", response={200: JobOut, 403: Problem, 404: Problem, 409: Problem},
    summary="Ask a background job to stop",
)  # fmt: skip
def cancel(request: HttpRequest, number: Number) -> Any:
    """Ask a job to stop: a waiting one is cancelled at once, a running one at its next step."""
    found = _job(request, number)
    if found is None:
        return 404, {"detail": "no such job"}
    try:
        actions.cancel(actions.deed_on(person_of(request), found), found)
    except YikeError as error:
        return 409, error_json(error)
    except PermissionDenied:
        return 403, {"detail": "queue.cancel"}
    found.refresh_from_db()
    return 200, job_json(found)
