"""A second opinion on the figures: the register measured from scratch, without anything that follows it."""

from __future__ import annotations

import numpy as np

from yike.access.walk import Supply, prepare, walk_times
from yike.coverage import measure_coverage
from yike.network.attach import attach
from yike.study import Study, store
from yike.study.accessing import limit_of, walked_types
from yike.web.areas.models import Area, City
from yike.web.outlets.models import Function, Outlet
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.studies.live import live
from yike.web.studies.models import Figure
from yike.web.studies.place import study_folder
from yike.web.studies.stock import counting_for

Told = dict[tuple[str, str, str], float]


def figures_now(city: City) -> Told:
    rows = Figure.objects.filter(city=city).exclude(requirement=TEN_FIFTEEN)
    return {
        (code, requirement, walker): met
        for code, requirement, walker, met in rows.values_list("area__code", "requirement", "walker", "people_met")
    }


def from_scratch(city: City) -> Told:
    """Measure coverage of the register without anything that follows it: attach, walk and count anew."""
    study = Study.open(study_folder(city))
    catalogue = live(city).catalogue
    rows = list(Outlet.objects.filter(city=city, state="open").order_by("id"))
    own: dict[int, list[str]] = {each.pk: [] for each in rows}
    for outlet, code in Function.objects.filter(outlet__city=city).order_by("id").values_list("outlet_id", "code"):
        own.get(outlet, []).append(code)
    serves = [counting_for(own[each.pk], catalogue) for each in rows]
    buildings, walls, doors = store.ground(study)
    people, found = store.residents(study), {}
    lon, lat = np.array([each.lon for each in rows]), np.array([each.lat for each in rows])
    for walker in store.walkers_of(study):
        network, walk = store.network(study, walker.id)
        at = attach(network, walk, lon, lat, walls=walls, doors=doors, buildings=buildings,
                    limit_m=study.settings.attach_limit_m)  # fmt: skip
        homes = store.attachment(study, f"residents_attach.{walker.id}")
        routes = prepare(network, walk, limit_of(study, catalogue))
        times = walk_times(
            routes, homes, Supply.of(at, serves, walked_types(catalogue)), ids=people.frame["id"].tolist()
        )
        table = measure_coverage(people, times, catalogue, m_per_min=walker.m_per_min, why=homes.why).to_frame()
        for row in table[table["area"].isin(set(Area.objects.values_list("code", flat=True)))].itertuples():
            found[row.area, row.requirement, row.walker] = row.people_met
    return found
