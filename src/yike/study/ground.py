"""Steps ground, areas, residents, outlets: files become the study's own tables, all doubt settled at the door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from yike.errors import Fault, Loaded, StudyError
from yike.ingest.areas import locate, read_areas
from yike.ingest.merge import read_maps, shown_area
from yike.ingest.osm_things import places_to_outlets
from yike.ingest.outlets import read_outlets
from yike.ingest.population import Counts, estimate_by_floor_area, read_people, share_out
from yike.standards.catalogue import Catalogue, load_catalogue
from yike.standards.crosswalk import Crosswalk, load_crosswalk
from yike.study import store
from yike.study.folder import Study, put
from yike.study.settings import InputFile
from yike.tables import LEVELS, Areas, Outlets, Residents, StreetMap

Tell = Callable[[float], None]
MAPS = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
ALL = frozenset({"ways", "buildings", "places", "walls", "doors", "squares"})


def catalogue_of(study: Study) -> Catalogue:
    """Return the standard that judges a study; packs of the city's own lie in its inputs."""
    inside = [study.folder / pack for pack in study.settings.packs]
    packs = [
        path if (path / "source.toml").is_file() else pack
        for path, pack in zip(inside, study.settings.packs, strict=True)
    ]
    return load_catalogue(study.settings.standard, packs)


def read_map(study: Study, keep: frozenset[str] = ALL) -> Loaded[StreetMap]:
    """Read the study's map: its files joined to one."""
    return read_maps([study.folder / file.path for file in study.settings.maps], keep)


def ground_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Maps → ground/buildings, ground/walls, ground/doors."""
    found = read_map(study, frozenset({"buildings", "walls", "doors"}))
    streets = found.value
    store.put_ground(work, streets.buildings, streets.walls, streets.doors)
    return list(found.notes)


def areas_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Outlines → areas; a study without any is one place without parts."""
    files = study.settings.areas
    if not files:
        store.put_areas(work, Areas(pd.DataFrame(columns=["code", "name", "level", "parent", "geometry"])))
        return []
    paths = [study.folder / file.path for file in files]
    found = read_areas(paths, [file.columns or None for file in files], [file.datum for file in files])
    store.put_areas(work, found.value)
    return list(found.notes)


def _with_areas(residents: Residents, areas: Areas) -> Residents:
    """Return the points with the codes of the areas that hold them; codes that were given stay."""
    frame = residents.frame.copy()
    found = locate(areas, residents.lon, residents.lat)
    for level in LEVELS:
        given = frame[level].to_numpy(dtype=object)
        frame[level] = [mine or theirs for mine, theirs in zip(given, found[level], strict=True)]
    return Residents(frame)


def residents_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """People → residents: as given, shared out over homes and streets, or estimated where no table is given."""
    areas, settings = store.areas(study), study.settings
    notes: list[Fault] = []
    parts: list[pd.DataFrame] = []
    for file in settings.residents:
        found = _people_of(study, file, areas)
        notes += found.notes
        parts.append(found.value.frame)
        tell(len(parts) / len(settings.residents))
    if not settings.residents:
        guessed = _without_table(study)
        notes += guessed.notes
        parts.append(guessed.value.frame)
    residents = _with_areas(Residents(pd.concat(parts, ignore_index=True)), areas)
    put(work, "residents", residents.frame)
    return notes


def _people_of(study: Study, file: InputFile, areas: Areas) -> Loaded[Residents]:
    """Read one file of people and place them."""
    found = read_people(
        study.folder / file.path,
        columns=file.columns or None,
        datum=file.datum,
        household_size=study.settings.household_size,
        counts=study.folder / file.counts if file.counts else None,
        areas=areas,
        inside=store.outline(areas.frame),
    )
    if not isinstance(found.value, Counts):
        return Loaded(found.value, found.notes)
    maps = [study.folder / each.path for each in study.settings.maps]
    ways = read_map(study, frozenset({"ways"})).value.ways
    clip = shown_area(maps, ways) if study.settings.clip_people else None
    placed = share_out(found.value, store.ground(study)[0], ways, clip=clip)
    return Loaded(placed.value, (*found.notes, *placed.notes))


def _without_table(study: Study) -> Loaded[Residents]:
    """Return people where no table is given: from a total, or from floor area; marked and noted as what it is.

    Raises
    ------
    StudyError
        ``study.no_people``: there is nothing to go by.
    """
    buildings, total = store.ground(study)[0], study.settings.spread_people
    if total <= 0:
        if not buildings.frame["residential"].astype(bool).any():
            raise StudyError(Fault("study.no_people"))
        return estimate_by_floor_area(buildings)
    ways = read_map(study, frozenset({"ways"})).value.ways
    whole = shown_area([], ways)
    counts = Counts(pd.DataFrame({"id": ["map"], "people": [total], "geometry": [whole]}))
    return share_out(counts, buildings, ways)


def outlets_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Outlets of files and maps → outlets, each with its areas and with the types it counts for."""
    files = study.settings.outlets
    notes: list[Fault] = []
    parts: list[pd.DataFrame] = []
    for file in files or study.settings.maps:
        found = _outlets_of(study, file)
        notes += found.notes
        parts.append(found.value.frame)
        tell(len(parts) / max(len(files), 1))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[~(frame["id"].duplicated() & (frame["source"] == "OpenStreetMap"))]  # in two extracts that overlap
    outlets = Outlets(frame.assign(types=_counting_for(frame["types"], catalogue_of(study))))
    store.put_outlets(work, outlets, locate(store.areas(study), outlets.lon, outlets.lat))
    if unseen := unseen_types(study, catalogue_of(study)):
        notes.append(Fault("study.types_unseen", tuple((None, code) for code in unseen)))
    return notes


def _is_map(file: InputFile) -> bool:
    return file.path.lower().endswith((*MAPS, ".json"))


def _crosswalk_of(study: Study, file: InputFile) -> Crosswalk:
    """Return the crosswalk of one source of outlets: of tags for maps, else the one asked for."""
    if _is_map(file):
        return load_crosswalk("osm")
    inside = study.folder / file.crosswalk
    return load_crosswalk(inside if file.crosswalk and inside.is_file() else file.crosswalk or "words")


def unseen_types(study: Study, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the business types that none of the study's sources of outlets could tell, whatever stands in the town.

    A map without a tag for 家政 shows no 家政: that is a gap of the source, not of the town, and no figure may say else.
    """
    files = study.settings.outlets or study.settings.maps
    told = {code for file in files for rule in _crosswalk_of(study, file).rules for code in rule.types}
    told |= {more for each in catalogue.types if each.code in told for more in each.counts_for}
    return tuple(code for code in catalogue.codes if code not in told)


def _outlets_of(study: Study, file: InputFile) -> Loaded[Outlets]:
    path = study.folder / file.path
    walk = _crosswalk_of(study, file)
    if path.name.lower().endswith(MAPS):
        found = read_maps([path], frozenset({"places"}))
        taken = places_to_outlets(found.value.places, walk)
        return Loaded(taken.value, (*found.notes, *taken.notes))
    if path.suffix.lower() == ".json":
        return Loaded(Outlets(pd.DataFrame({"id": [], "types": [], "lon": [], "lat": []})))
    return read_outlets(
        path,
        columns=file.columns or None,
        crosswalk=walk,
        datum=file.datum,
        inside=store.outline(store.areas(study).frame),
        unknown=file.unknown,
        merge_duplicates=file.merge_duplicates,
    )


def _counting_for(types: pd.Series, catalogue: Catalogue) -> list[tuple[str, ...]]:
    """Return the types of each outlet with those it counts for: a vegetable van is a vegetable shop too."""
    more = {each.code: each.counts_for for each in catalogue.types}
    return [tuple(dict.fromkeys(code for own in each for code in (own, *more.get(own, ())))) for each in types]
