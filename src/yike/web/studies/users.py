"""How many people each outlet is the nearest for: what makes a check of one outlet matter more than of another."""

from __future__ import annotations

import numpy as np
from django.db import transaction

from yike.study import Study, store
from yike.web.areas.models import City
from yike.web.many import update
from yike.web.outlets.models import Outlet
from yike.web.studies.place import study_folder


def count_users(city: City) -> int:
    """Write to every outlet the people for whom it is the nearest of a type it serves; return how many have any.

    An outlet of several types has the most people of any one of them: adding them up would count a home twice.
    """
    study = Study.open(study_folder(city))
    people = store.residents(study).people
    users: dict[str, float] = {}
    nearest = study.table(f"nearest.{study.settings.walkers[0]}").drop(columns="id")
    for column in nearest.columns:
        codes = nearest[column].astype("category")
        known = codes.cat.codes.to_numpy()
        held = np.bincount(known[known >= 0], weights=people[known >= 0], minlength=len(codes.cat.categories))
        for key, number in zip(codes.cat.categories, held.tolist(), strict=True):
            if number > users.get(key, 0.0):
                users[key] = number
    known = set(Outlet.objects.filter(city=city).values_list("key", flat=True))
    mine = {f"{city.slug}-{key}" if f"{city.slug}-{key}" in known else key: number for key, number in users.items()}
    with transaction.atomic():
        update(Outlet, "key", "users", ((key, number) for key, number in mine.items() if key in known))
    return len(known & set(mine))
