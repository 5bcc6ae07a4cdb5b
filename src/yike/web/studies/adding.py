"""A city comes into the platform: its files become a study, its tree, its register, its circles, its figures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.apps import apps
from django.db import transaction

from yike.errors import Fault, StudyError
from yike.network.walkers import load_walkers
from yike.study import Study, store
from yike.study import run as run_study
from yike.study.city import CITY_FILE, CityFile, read_city, study_of
from yike.study.folder import digest_of
from yike.study.run import Progress
from yike.tables import LEVELS
from yike.web.accounts.models import Grant
from yike.web.accounts.rights import APPS
from yike.web.areas.models import Area, City
from yike.web.areas.naming import english
from yike.web.circles.models import Circle
from yike.web.circles.reading import read_circles
from yike.web.needs.importing import load_file as load_needs
from yike.web.outlets.first import fill_register
from yike.web.spaces.importing import load_file as load_spaces
from yike.web.studies.figures import write_all
from yike.web.studies.place import city_folder, study_folder
from yike.web.studies.signals import city_added
from yike.web.studies.users import count_users

Tell = Callable[[str], None]
ASIDE, DIGEST = "study.new", "city.digest"  #: where a study is made; the file in it that tells of which files
PLACES = 6  #: decimals of a degree in outlines: 0.1 m


def add_city(folder: Path, *, default: bool = False, again: bool = False, progress: Progress, tell: Tell) -> City:
    """Add the city of a folder with ``city.toml``, or find it already there.

    The study is run first; then all records are written in one transaction, so a city is there whole or not at all.

    Parameters
    ----------
    default
        Make it the city that "/" shows.
    again
        Throw away what the platform has of this city, with all that was edited, and read it anew.

    Raises
    ------
    StudyError
        ``city.exists``: it is there, made from other files; and all faults of the files.
    """
    given = read_city(folder)
    digest = city_digest(folder, given)
    there = City.objects.filter(slug=given.slug).first()
    if there and not again:
        if there.digest == digest:
            run_study(Study.open(study_folder(there)), progress=progress)
            return there
        raise StudyError(Fault("city.exists", values={"slug": given.slug}))
    study = bring_study(folder, given, digest)
    run_study(study, progress=progress)
    tell("records")
    with transaction.atomic():
        rights = _take_away(there) if there else []
        city = _write(folder, given, digest, study, default or bool(there and there.is_default))
        _give_back(city, rights)
        _swap_in(study)
    tell("figures")
    write_all(city)
    count_users(city)
    return city


def city_digest(folder: Path, given: CityFile) -> str:
    """Return the digest of all files that a city is made of."""
    files = [
        each
        for kind in ("maps", "outlets", "residents", "areas", "spaces", "needs", "circles", "facts", "programmes")
        for each in getattr(given, kind)
    ]
    return digest_of(folder / CITY_FILE, *(folder / each.path for each in files))


def bring_study(folder: Path, given: CityFile, digest: str) -> Study:
    """Make a city's study aside, or find the one that was made of the same files, however far it came.

    Coverage is measured for the city's walkers; ways are told for all whom the table of walkers knows.
    """
    for name in ("study", ASIDE):
        target = city_folder(given.slug) / name
        mark = target / DIGEST
        if mark.is_file() and mark.read_text(encoding="ascii") == digest:
            return Study.open(target)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    others = tuple(name for name in load_walkers(None) if name not in given.walkers)
    study = study_of(folder, target, also_walk=others)
    (target / DIGEST).write_text(digest, encoding="ascii")
    return study


def _take_away(city: City) -> list[tuple[str, Grant]]:
    """Delete a city's records, lowest first; return the rights people had in its areas, by the area's code."""
    rights = [(each.area.code, each) for each in Grant.objects.filter(area__city=city).select_related("area")]
    for model in reversed(apps.get_models()):  # an app's records before those they are about
        if model._meta.app_label in APPS[2:] and "city" in {each.name for each in model._meta.fields}:
            model._default_manager.filter(city=city).delete()
    for level in reversed(LEVELS):
        Area.objects.filter(city=city, level=level).delete()
    city.delete()
    return rights


def _give_back(city: City, rights: list[tuple[str, Grant]]) -> None:
    """Give people the rights they had again, where the area of that code is still there."""
    areas = {each.code: each for each in Area.objects.filter(city=city)}
    for code, right in rights:
        if code in areas:
            right.pk, right.area = None, areas[code]
            right.save(force_insert=True)


def _swap_in(study: Study) -> None:
    """Put a study that was made aside in the place of the old one."""
    if study.folder.name == ASIDE:
        place = study.folder.with_name("study")
        shutil.rmtree(place, ignore_errors=True)
        study.folder.rename(place)


def _write(folder: Path, given: CityFile, digest: str, study: Study, default: bool) -> City:
    residents = store.residents(study).frame
    if default:
        City.objects.update(is_default=False)
    lon, lat, people = (residents[name].to_numpy(float) for name in ("lon", "lat", "people"))
    nodes = study.table("network/nodes")
    city = City.objects.create(
        slug=given.slug, name=given.zh, name_en=given.en, made_up=given.made_up,
        is_default=default or not City.objects.exists(), digest=digest,
        west=float(nodes["lon"].min()), east=float(nodes["lon"].max()),
        south=float(nodes["lat"].min()), north=float(nodes["lat"].max()),
        lon=_middle(lon, people), lat=_middle(lat, people),
    )  # fmt: skip
    _write_tree(city, given, study, residents)
    fill_register(city, study)
    _write_circles(city, folder, given, residents)
    _write_lists(city, folder, given)
    city_added.send(sender=City, city=city, folder=folder, given=given, residents=residents)
    return city


def _middle(values: np.ndarray, people: np.ndarray) -> float:
    """Return the place that half of the people live on either side of."""
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(people[order]), people.sum() / 2)])


def _write_tree(city: City, given: CityFile, study: Study, residents: pd.DataFrame) -> None:
    """Write the tree of areas, widest first; a study without a city's outline gets a root of its own."""
    frame = store.areas(study).frame
    sums = {level: residents.groupby(level)["people"].sum().to_dict() for level in LEVELS}
    roots = frame[frame["level"] == LEVELS[0]]
    written: dict[str, Area] = {}
    if len(roots) != 1:
        code, total = given.code or given.slug[:15], float(residents["people"].sum())
        root = Area.objects.create(
            city=city, code=code, name=given.zh, name_en=given.en, level=LEVELS[0], path=f"{code}/", people=total,
            lon=city.lon, lat=city.lat,
        )  # fmt: skip
        frame = frame[frame["level"] != LEVELS[0]]
    else:
        root = _area(city, roots.iloc[0], None, sums, given.en)
        root.save()
    written[root.code] = root
    for level in LEVELS[1:]:
        rows = [row for _, row in frame[frame["level"] == level].iterrows()]
        made = [_area(city, row, written.get(row["parent"], root), sums) for row in rows]
        Area.objects.bulk_create(made, batch_size=500)
        written.update({each.code: each for each in Area.objects.filter(city=city, level=level)})


def _area(city: City, row: Any, parent: Area | None, sums: dict[str, dict[str, float]], name_en: str = "") -> Area:
    shape = row["geometry"]
    spot = shapely.point_on_surface(shape) if shape is not None else None
    return Area(
        city=city, code=row["code"], name=row["name"], name_en=name_en or english(row["name"]), level=row["level"],
        parent=parent, path=f"{parent.path if parent else ''}{row['code']}/", boundary=outline(shape),
        lon=spot.x if spot else None, lat=spot.y if spot else None,
        people=float(sums[row["level"]].get(row["code"], 0.0)),
    )  # fmt: skip


def outline(shape: shapely.Geometry | None) -> dict[str, Any] | None:
    """Return a shape as GeoJSON with six decimals of a degree, None for none."""
    if shape is None or shape.is_empty:
        return None
    found: dict[str, Any] = shapely.geometry.mapping(shapely.set_precision(shape, 10.0**-PLACES))
    return found


def _write_lists(city: City, folder: Path, given: CityFile) -> None:
    """Write the city's idle spaces and needs; their readers tell all faults of a file."""
    for file in given.spaces:
        load_spaces(city, folder / file.path, file.datum, file.columns)
    for file in given.needs:
        load_needs(city, folder / file.path, file.datum, file.columns)


def _write_circles(city: City, folder: Path, given: CityFile, residents: pd.DataFrame) -> None:
    """Write the city's circles with their communities, people and outline."""
    communities = {each.code: each for each in Area.objects.filter(city=city, level=LEVELS[-1])}
    people = residents.groupby(LEVELS[-1])["people"].sum()
    rows = [row for file in given.circles for row in read_circles(folder / file.path, communities.keys())]
    for row in rows:
        members = [communities[code] for code in row.communities]
        shapes = [shapely.geometry.shape(each.boundary) for each in members if each.boundary]
        circle = Circle.objects.create(
            city=city, code=row.code, name=row.name, name_en=english(row.name), grade=row.grade,
            people=float(sum(people.get(each.code, 0.0) for each in members)),
            boundary=outline(shapely.union_all(shapes)) if shapes else None,
        )  # fmt: skip
        circle.communities.set(members)
        circle.append("")
