"""A proposal as machines and pages read it: figures with units, the proof line, the curve as a picture."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from yike.standards.packs import load_types
from yike.web.proposals.models import Proposal, Site

WIDE, HIGH, PAD = 640, 220, 44  #: of the curve, in its own units


def as_json(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal with its job, its answer and its sites."""
    job = proposal.job
    return {
        "id": proposal.pk, "name": proposal.name, "state": proposal.state, "area": proposal.area.code,
        "city": proposal.city.slug, "before": proposal.before_id, "settings": proposal.settings,
        "answer": proposal.answer, "sites": [site_json(each) for each in proposal.sites.select_related("space", "area")],
        "job": {"id": job.pk, "state": job.state, "share": job.share, "step": job.step} if job else None,
        "study": proposal.study, "standard": proposal.standard, "made_up": proposal.city.made_up,
        "link": f"/desk/proposals/{proposal.pk}/",
    }  # fmt: skip


def site_json(site: Site) -> dict[str, Any]:
    """Return one site: space, type, money, who gains."""
    kind = names()[site.business_type]
    return {
        "space": site.space.key, "space_name": site.space.name, "business_type": site.business_type, **kind,
        "lon": site.space.lon, "lat": site.space.lat, "area": site.area.code if site.area else "",
        "area_name": site.area.name if site.area else "", "order": site.order, "locked": site.locked,
        "cost_yuan": float(site.cost_yuan), "area_m2": site.area_m2, "people_gained": site.people_gained,
        "minutes_saved": site.minutes_saved, "yuan_per_person": yuan_per_person(site), "gains": site.gains,
    }  # fmt: skip


def yuan_per_person(site: Site) -> float | None:
    """Return yuan per newly covered resident; None where a site covers nobody new."""
    return float(site.cost_yuan) / site.people_gained if site.people_gained > 0 else None


def names() -> dict[str, dict[str, str]]:
    """Return the names of all business types by code."""
    return {each.code: {"zh": each.zh, "en": each.en} for each in load_types()}


def proof(proposal: Proposal) -> str:
    """Return the proof line: how far from the best the answer can be at most."""
    answer = proposal.answer or {}
    gap = answer.get("gap")
    if gap is None:
        return ""
    if answer["status"] == "optimal":
        return _("已证明为最优。")
    return _("与最优值相差不超过 %(gap)s %%。") % {"gap": f"{100 * gap:.2f}"}


def curve(answer: dict[str, Any]) -> dict[str, Any] | None:
    """Return the marginal-yuan curve as points of an SVG, with the budget, the elbow and the ends of the axes."""
    points = answer.get("curve") or []
    if len(points) < 2 or points[-1]["budget_yuan"] <= 0 or points[-1]["people_types"] <= 0:
        return None
    most, top = max(p["budget_yuan"] for p in points), max(p["people_types"] for p in points)

    def x(yuan: float) -> float:
        return round(PAD + (WIDE - 2 * PAD) * min(yuan / most, 1.0), 1)

    def y(people: float) -> float:
        return round(HIGH - PAD / 2 - (HIGH - PAD) * people / top, 1)

    elbow: float | None = answer.get("elbow_yuan")
    budget: float | None = answer.get("budget_yuan")
    at = {p["budget_yuan"]: p["people_types"] for p in points}
    return {
        "wide": WIDE, "high": HIGH, "foot": HIGH - 4, "base": y(0), "left": PAD, "right": WIDE - PAD,
        "line": " ".join(f"{x(p['budget_yuan'])},{y(p['people_types'])}" for p in points),
        "dots": [{"x": x(p["budget_yuan"]), "y": y(p["people_types"]), **p} for p in points],
        "budget_x": x(budget) if budget is not None else None,
        "elbow": {"x": x(elbow), "y": y(at[elbow]), "yuan": elbow} if elbow is not None and elbow in at else None,
        "most": most, "top": top,
    }  # fmt: skip
