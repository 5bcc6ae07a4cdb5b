"""The first filling of a city's register: from its own tables, or from the map where it has no table."""

from __future__ import annotations

from pathlib import Path

import h3
from django.db import transaction

from yike.study import Study, store
from yike.tables import LEVELS
from yike.web.areas.models import Area, City
from yike.web.journal.chain import Deed, write_line
from yike.web.outlets.importing.loading import load_outlets
from yike.web.outlets.models import Function, Outlet

CELL = 9  #: resolution of the H3 cells of the register


def fill_register(city: City, study: Study) -> int:
    """Fill the register of a city that has no outlet yet; return how many came in.

    Raises
    ------
    InputError
        Every fault of the tables' rows, all at once.
    """
    tables = [
        file for file in study.settings.outlets if Path(file.path).suffix.lower() in (".csv", ".xlsx", ".geojson")
    ]
    if not tables:
        return _from_map(city, study)
    total = 0
    for file in tables:
        crosswalk = study.folder / file.crosswalk if (study.folder / file.crosswalk).is_file() else file.crosswalk
        counts = load_outlets(city, study.folder / file.path, file.datum, crosswalk or "words", file.columns or None)
        total += counts["add"]
    return total


def _from_map(city: City, study: Study) -> int:
    """Take the outlets of the study, which came from its map, into the register."""
    outlets, table = store.outlets(study).frame, study.table("outlets")
    areas: dict[str, int] = dict(Area.objects.filter(city=city).values_list("code", "id"))
    taken = set(Outlet.objects.values_list("key", flat=True))
    rows = []
    for row, codes in zip(outlets.itertuples(), table[list(LEVELS)].to_numpy(), strict=True):
        key = str(row.id) if str(row.id) not in taken else f"{city.slug}-{row.id}"
        area = next((areas[code] for code in codes[::-1] if code in areas), None)
        rows.append(
            Outlet(
                city=city, area_id=area, key=key, name=row.name[:80], state=row.state, lon=row.lon, lat=row.lat,
                h3=h3.str_to_int(h3.latlng_to_cell(row.lat, row.lon, CELL)), hours=row.hours[:200],
                source=row.source[:120], made_up=city.made_up,
            )
        )  # fmt: skip
    with transaction.atomic():
        Outlet.objects.bulk_create(rows, batch_size=500)
        ids: dict[str, int] = dict(Outlet.objects.filter(city=city).values_list("key", "id"))
        serves = zip(rows, outlets["types"], strict=True)
        Function.objects.bulk_create(
            [Function(outlet_id=ids[each.key], code=code) for each, types in serves for code in types], batch_size=2000
        )
        change = {"first": True, "map": True, "counts": {"add": len(rows)}}
        write_line("outlets.import_apply", Deed(None, city.root, "areas.city", city.slug, change=change))
    return len(rows)
