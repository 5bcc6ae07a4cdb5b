"""The full demonstration city, changed and measured anew: `YIKE_HOME=var python tests/full_demo.py [changes]`.

Needs a city that `yike city add` brought in. Outlets are closed and opened again through the verbs; after every change the
seconds until the figures have followed are told, and figures before and after are compared with a full recomputation.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yike.web.settings")
sys.path.insert(0, str(Path(__file__).parent))

import django

django.setup()

from web.cast import person  # noqa: E402
from web.recount import figures_now, from_scratch  # noqa: E402
from yike.web.areas.models import City  # noqa: E402
from yike.web.outlets import actions  # noqa: E402
from yike.web.outlets.deeds import deed_on  # noqa: E402
from yike.web.outlets.models import Outlet  # noqa: E402
from yike.web.studies.figures import watched  # noqa: E402
from yike.web.studies.models import SupplyChange  # noqa: E402


def main(changes: int) -> int:
    city = City.objects.get(is_default=True)
    planner, chance = person("city_planner", city.root), random.Random(1)
    began = time.perf_counter()
    watched(city)
    print(f"{city}: opened in {time.perf_counter() - began:.1f} s")
    wrong = compare(city, "before")
    keys = list(Outlet.objects.filter(city=city, state="open").values_list("key", flat=True))
    seconds, paused = [], []
    for key in chance.sample(keys, changes):
        outlet = Outlet.objects.get(key=key)
        began = time.perf_counter()
        actions.pause(deed_on(planner, outlet), "演示")
        seconds.append(time.perf_counter() - began)
        paused.append(key)
        if not SupplyChange.objects.latest("id").told:
            raise SystemExit("a change was not told")
    print(
        f"{changes} closings: figures followed in {statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (slowest)"
    )
    wrong += compare(city, "after the closings")
    for key in paused:
        actions.reopen(deed_on(planner, Outlet.objects.get(key=key)))
    return wrong + compare(city, "after the reopenings")


def compare(city: City, when: str) -> int:
    now, anew = figures_now(city), from_scratch(city)
    wrong = sum(now[key] != value for key, value in anew.items()) + len(set(now) ^ set(anew))
    print(f"{when}: {len(now):,} figures, {wrong} differ from a full recomputation")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)))
