"""Residents' points: each building of homes gets its part of the community's people by floor area."""

from __future__ import annotations

import numpy as np
import pandas as pd

from yike.demo.facts import number
from yike.demo.plan import shares_of
from yike.demo.town import Town


def house_people(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Return the homes with ``people`` and ``elders`` (60 and more); every community keeps its count exactly."""
    homes = town.homes
    weight = homes["capacity"].to_numpy() * np.clip(rng.normal(1, 0.14, len(homes)), 0.6, 1.4)
    community = homes["community"].to_numpy()
    order = np.argsort(community, kind="stable")
    people = np.zeros(len(homes), np.int64)
    for part in np.split(order, np.flatnonzero(np.diff(community[order])) + 1):
        people[part] = shares_of(int(town.plan.communities["people"].iloc[community[part[0]]]), weight[part])
    kind = np.append(town.blocks.table["kind"].to_numpy(dtype=object), "village")[homes["block"].to_numpy()]
    older = {"slabs": 1.35, "yard": 1.45, "lanes": 1.5, "towers": 0.6, "urban_village": 0.8, "village": 1.3}
    share = number("elder_share") * np.array([older[each] for each in kind])
    elders = rng.binomial(people, np.clip(share * rng.normal(1, 0.2, len(homes)), 0.02, 0.7))
    return homes.assign(people=people, elders=elders, kind=kind)
