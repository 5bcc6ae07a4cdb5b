"""Must show 3 on the full demonstration city: `YIKE_HOME=var python tests/full_scenario.py [changes] [seed]`.

Random changes of every kind (outlets added, closed, moved; paths; gates; compounds) are tried alone and in growing mixes,
for each walker in turn; after each, the seconds of all homes to all types, and the figures told, are compared with
a recomputation from scratch (`web.second_opinion`). Needs a city that `yike city add` brought in.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yike.web.settings")
sys.path.insert(0, str(Path(__file__).parent))

import django

django.setup()

import numpy as np  # noqa: E402

from web.second_opinion import Town, question_of, random_change  # noqa: E402
from yike.web.areas.models import City  # noqa: E402
from yike.web.scenarios.asked import ScenarioError  # noqa: E402
from yike.web.scenarios.living import table_of  # noqa: E402
from yike.web.scenarios.measuring import measured  # noqa: E402

MIX = 5  #: changes of one scenario before a new one is begun


def main(changes: int, seed: int) -> int:
    city, chance = City.objects.get(is_default=True), random.Random(seed)
    table = table_of(city)
    towns = {who: Town(city, who) for who in table.walkers}
    rows, wrong, done, busy, kinds = table.rows_in("city", ""), 0, 0, [], Counter()
    while done < changes:
        who = list(towns)[done // MIX % len(towns)]
        near, scenario = chance.randrange(len(table.people)), []
        while len(scenario) < MIX and done < changes:
            change = random_change(table, towns[who], chance, near)
            try:
                question_of(table, who, [*scenario, change])
            except ScenarioError:  # a place off the streets, a path too short: another one is drawn
                continue
            scenario.append(change)
            began = time.process_time()
            question = question_of(table, who, scenario)
            told = measured(table, question, rows)
            busy.append(time.process_time() - began)
            wrong += compare(towns[who], question, scenario, told)
            kinds[change.get("kind", change["verb"])] += 1
            done += 1
            print(f"{done}: {who} {len(scenario)} of a mix, {change['verb']}: {wrong} wrong", flush=True)
    ms = [1000 * each for each in busy]
    print(
        f"{done} changes ({dict(kinds)}): {wrong} figures differ from a full recomputation; processor time of a gesture "
        f"{statistics.median(ms):.0f} ms (median), {max(ms):.0f} ms (longest)"
    )
    return wrong


def compare(town: Town, question: object, scenario: list[dict[str, object]], told: dict[str, object]) -> int:
    truth = town.seconds(scenario, question)
    found = question.after.trial(question.moves).scenario
    seconds = np.stack([found.seconds(code) for code in town.types], axis=1)
    wrong = int((seconds != truth).sum())
    for each in told["types"]:
        limit = np.float32(round(each["limit_after_min"] * 60_000)) / np.float32(1000)
        met = float(town.people[truth[:, town.types.index(each["code"])] <= limit].sum())
        wrong += abs(met - each["met_after"]) > 0.06
    return wrong


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:3]]
    sys.exit(bool(main(given[0] if given else 12, given[1] if len(given) > 1 else 1)))
