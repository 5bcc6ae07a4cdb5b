"""The job that solves: from the register as it is now to an answer with its proof."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from yike.siting.joint import JointSettings, solve
from yike.web.proposals.ground import ground_of
from yike.web.proposals.models import Proposal, Site
from yike.web.queue import Running, handler
from yike.web.queue.signals import job_ended
from yike.web.spaces.models import Space
from yike.words import say

GROUND = 0.3  #: of the work is getting ready


@handler("proposals.solve")
def solve_job(job: Running) -> dict[str, Any]:
    """Solve a proposal that waits; one that has its answer already is left as it is."""
    proposal = Proposal.objects.select_related("city").get(pk=job.payload["proposal"])
    link = {"proposal": proposal.pk, "link": f"/desk/proposals/{proposal.pk}/"}
    if proposal.state != "solving":
        return link
    lang = "en" if (translation.get_language() or "").startswith("en") else "zh"
    job.tell(0.02, say("joint.step.ground", lang))
    settings = JointSettings.from_json(proposal.settings)
    kept = ground_of(proposal.city, settings.walker)
    answer = solve(
        kept.ground, settings, tell=lambda share, key: job.tell(GROUND + (0.98 - GROUND) * share, say(key, lang)),
        stopped=job.stopped,
    ).as_json()  # fmt: skip
    with job.writing():
        proposal.state = "infeasible" if answer["status"] == "infeasible" else "solved"
        proposal.answer, proposal.through = answer, kept.through
        proposal.study, proposal.standard = kept.study, kept.standard
        proposal.save(update_fields=["state", "answer", "through", "study", "standard"])
        _write_sites(proposal, answer["sites"])
    return link


def _write_sites(proposal: Proposal, rows: list[dict[str, Any]]) -> None:
    spaces = {
        each.key: each
        for each in Space.objects.filter(city=proposal.city, key__in={row["space"] for row in rows}).select_related(
            "area"
        )
    }
    proposal.sites.all().delete()
    Site.objects.bulk_create(
        Site(
            proposal=proposal, space=spaces[row["space"]], area=spaces[row["space"]].area,
            business_type=row["business_type"], locked=row["locked"], cost_yuan=round(row["cost_yuan"], 2),
            area_m2=row["area_m2"], people_gained=row["people_gained"], minutes_saved=row["minutes_saved"],
            gains=row["gains"], order=row["order"],
        )
        for row in rows
    )  # fmt: skip


def ended(sender: Any, job: Any, **more: Any) -> None:
    """A job that failed or was stopped leaves no proposal waiting for ever."""
    if job.kind == "proposals.solve" and job.state in ("failed", "cancelled"):
        Proposal.objects.filter(pk=job.payload["proposal"], state="solving").update(state="failed")


job_ended.connect(ended, dispatch_uid="proposals.ended")
