"""The joint problem against the best of all subsets on small towns, under every kind of condition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from joint_towns import TYPES, best_of_all, things, town
from yike.siting.joint import JointSettings, solve

EXACT = JointSettings(types=TYPES, gap=0.0, seconds=20.0)


def cases(seed: int) -> JointSettings:
    """Return conditions drawn for a town: money, locks, a least share, weights, with and without capacity."""
    rng = np.random.default_rng(1000 + seed)
    asked = replace(
        EXACT,
        budget_yuan=None if rng.random() < 0.15 else float(rng.integers(8_000, 90_000)),
        capacity=bool(rng.random() < 0.75),
        viable=bool(rng.random() < 0.7),
        years=float(rng.choice([1, 3])),
        weights={"repair": 2.5} if rng.random() < 0.3 else {},
        least_share=float(rng.choice([0.2, 0.5, 0.7])) if rng.random() < 0.4 else None,
        level=str(rng.choice(["community", "street"])),
    )
    pairs = list(things(town(seed), asked))
    if pairs and rng.random() < 0.4:
        space, code = pairs[int(rng.integers(len(pairs)))]
        asked = replace(asked, **{str(rng.choice(["locked", "forbidden"])): ((f"S{space}", code),)})
    return asked


@pytest.mark.parametrize("seed", range(48))
def test_the_answer_is_the_best_of_all_subsets(seed: int):
    ground, asked = town(seed), cases(seed)
    best, told = best_of_all(ground, asked), solve(ground, asked)
    if best is None:
        assert told.status == "infeasible" and told.conflicts and not told.sites
        return
    assert told.status == "optimal", told.conflicts
    assert told.objective == pytest.approx(best[0], abs=0.5)
    assert told.bound >= best[0] - 0.5
    assert asked.budget_yuan is None or told.spent_yuan <= asked.budget_yuan + 0.01
    assert {(f"{space}", code) for space, code in asked.locked} <= set(told.pairs)
    assert not set(asked.forbidden) & set(told.pairs)
    assert sum(site.cost_yuan for site in told.sites) == pytest.approx(told.spent_yuan)
