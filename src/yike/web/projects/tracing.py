"""The trace both ways: project → site → proposal → study; project → needs, gaps, space; and back from each of them."""

from __future__ import annotations

from django.db.models import QuerySet

from yike.web.areas.models import Area
from yike.web.needs.models import Need
from yike.web.projects.models import Project
from yike.web.spaces.models import Space
from yike.web.studies.models import Figure

GOING = ("listed", "approved", "building", "finished")  #: states of projects that answer something


def projects_for_gap(area: Area, business_type: str) -> QuerySet[Project]:
    """Return the projects that answer the gap of a type in an area, or in areas of its tree."""
    return Project.objects.filter(
        gaps__business_type=business_type, gaps__area__path__startswith=area.path, state__in=GOING
    ).distinct()


def projects_for_need(need: Need) -> QuerySet[Project]:
    """Return the projects that answer a need; dropped ones no longer do."""
    return Project.objects.filter(needs=need, state__in=GOING)


def projects_in_space(space: Space) -> QuerySet[Project]:
    """Return all projects a space was or is taken for, dropped ones too."""
    return Project.objects.filter(space=space).order_by("-id")


def uncovered(area: Area, business_type: str) -> tuple[float, str]:
    """Return residents of an area beyond a type's minutes, by its strictest requirement, and the study's digest.

    The walker is the city's first. (0, "") where nothing was measured.
    """
    rows = Figure.objects.filter(area=area, business_type=business_type).order_by("id")
    walker = rows.values_list("walker", flat=True).first()
    worst = max(rows.filter(walker=walker), key=lambda row: row.people - row.people_met, default=None)
    return (0.0, "") if worst is None else (max(0.0, worst.people - worst.people_met), worst.study)
