"""Projects grown from an accepted proposal: one a site, with the needs and gaps it answers, its space, money, offices and days.

Everything happens inside the acceptance's own transaction and under its line of the journal; a site that has its project
already is left as it is, so that the same news twice makes nothing twice.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate

from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.journal.verbs import Deed
from yike.web.lists.choices import number, type_name
from yike.web.lists.placing import new_key
from yike.web.lists.states import step
from yike.web.needs.models import Need
from yike.web.needs.privacy import ROOM as NEEDS
from yike.web.projects.models import Project, ProjectGap
from yike.web.projects.offices import ROOM, lead_of
from yike.web.projects.tracing import uncovered
from yike.web.proposals.models import Proposal, Site
from yike.web.spaces.fields import ROOM as SPACES
from yike.web.spaces.models import Space

ACCEPT = "proposals.accept"


def grow(sender: Any, proposal: Proposal, deed: Deed, **more: Any) -> list[str]:
    """Make the projects of an accepted proposal; return their keys.

    Raises
    ------
    ListError
        ``lists.state``: a space is no longer free.
    """
    taken: set[int] = set()
    keys = []
    for site in proposal.sites.select_related("space__area", "area", "proposal").order_by("order"):
        known = Project.objects.filter(site=site).first()
        project = known or _project(proposal, site, taken)
        keys.append(project.key)
    return keys


def _project(proposal: Proposal, site: Site, taken: set[int]) -> Project:
    city, area = proposal.city, site.area or site.space.area or proposal.area
    project = Project(
        city=city, area=area, circle=circle_of(area), key=new_key("p"), kind="outlet", site=site, space=site.space,
        business_type=site.business_type, name=name_of(site.business_type, site.space, area), state="",
        cost_yuan=Decimal(site.cost_yuan), people_gained=site.people_gained, study=proposal.study,
        standard=proposal.standard, made_up=city.made_up,
    )  # fmt: skip
    put_defaults(project, city)
    step(ROOM, project, "listed", ACCEPT)
    project.save()
    if site.space_id not in taken:
        reserve(site.space, ACCEPT)
        taken.add(site.space_id)
    _answer(project, site)
    return project


def name_of(business_type: str, space: Space | None, area: Area) -> str:
    """Return a project's name: business type, space, community.

    Examples
    --------
    >>> name_of("breakfast", None, Area(name="文昌社区"))
    '文昌社区早餐店'
    """
    what = type_name(business_type)
    where = f"（{space.name}）" if space else ""
    return f"{area.name}{what}{where}"[: int(number(ROOM, "name_chars"))]


def circle_of(area: Area) -> Circle | None:
    """Return the living circle a community lies in, None where it lies in none."""
    found: Circle | None = area.circles.order_by("id").first()
    return found


def put_defaults(project: Project, city: City, today: date | None = None) -> None:
    """Fill in who leads and supports, the source of money and the days, where they are not told yet (rows of ``leads/``)."""
    lead = lead_of(city.slug, project.business_type, project.kind)
    project.lead = project.lead or lead.lead
    project.supporting = project.supporting or list(lead.supporting)
    project.source = project.source or lead.funding
    today = today or localdate()
    if project.starts_on is None:
        project.starts_on = first_of_month(today, int(number(ROOM, "months_to_start")))
    if project.ends_on is None:
        project.ends_on = first_of_month(project.starts_on, int(number(ROOM, f"months_{project.kind}")))


def first_of_month(day: date, months: int) -> date:
    """Return the first day of the month so many months after a day's.

    Examples
    --------
    >>> first_of_month(date(2026, 11, 25), 2)
    datetime.date(2027, 1, 1)
    """
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def reserve(space: Space, by: str) -> list[str]:
    """Take a space for a project (saved); ``lists.state`` where it is not free."""
    space = Space.objects.select_for_update().get(pk=space.pk)
    change = step(SPACES, space, "reserved", by)
    space.save()
    return change


def _answer(project: Project, site: Site) -> None:
    """Link the open needs and the gaps of the type in the communities that gain."""
    codes = [str(gain["area"]) for gain in site.gains if gain.get("people", 0) > 0]
    areas = list(Area.objects.filter(city=project.city, code__in=codes))
    for area in areas:
        people, study = uncovered(area, site.business_type)
        if people > 0:
            ProjectGap.objects.create(
                project=project, area=area, business_type=site.business_type, people=people,
                study=study or project.study,
            )  # fmt: skip
    asked = Need.objects.filter(city=project.city, area__in=areas, business_type=site.business_type)
    mine = asked.filter(state="open") | asked.filter(state="planned", projects__site__proposal=site.proposal)
    for need in Need.objects.select_for_update().filter(pk__in=mine.values("pk")):
        link(project, need, ACCEPT)


def link(project: Project, need: Need, by: str) -> list[str]:
    """Let a project answer a need (saved): the need is planned; one that is planned already has one project more."""
    change = [need.state, need.state]
    if need.state != "planned":
        change = step(NEEDS, need, "planned", by)
        need.save()
    project.needs.add(need)
    return change
