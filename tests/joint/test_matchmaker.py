"""The matchmaker both ways: against sums over homes, and against a what-if of the same outlet."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from joint_towns import TYPES, near, things, town
from yike.access.whatif import AddOutlet, Scenario
from yike.errors import InputError
from yike.siting.joint import JointGround, JointSettings, what_can, which_space
from yike.study import Study
from yike.study.questions import Desk
from yike.study.trying import base_of


@pytest.mark.parametrize("seed", range(10))
def test_both_ways_agree_with_sums_over_homes(seed: int):
    ground, asked = town(seed), JointSettings(types=TYPES)
    pairs = things(ground, asked)
    for j, key in enumerate(ground.spaces.keys):
        rows = what_can(ground, key, asked)
        assert [row["business_type"] for row in rows if row["why"] == ""] == sorted(
            (row["business_type"] for row in rows if row["why"] == ""),
            key=lambda code: next(r["yuan_per_person"] for r in rows if r["business_type"] == code),
        )
        for row in rows:
            code = row["business_type"]
            people = sum(ground.residents.people[h] for h in near(ground, j, code))
            if (j, code) not in pairs:
                assert row["why"] in ("use", "area")
                continue
            rates = {each.cost / min(people, each.capacity): each for each in pairs[j, code]} if people else {}
            if people < ground.costs[code].min_catchment_people:
                assert row["why"] == "catchment"
            elif people == 0:
                assert row["why"] == "nobody"
            else:
                best = rates[min(rates)]
                assert row["why"] == "" and row["people"] == pytest.approx(min(people, best.capacity))
                assert row["cost_yuan"] == pytest.approx(best.cost) and row["area_m2"] == pytest.approx(best.area)


@pytest.mark.parametrize("seed", range(10))
def test_the_spaces_for_a_gap_are_those_that_bring_its_people(seed: int):
    ground, asked = town(seed), JointSettings(types=TYPES, capacity=False)
    area = ground.residents.frame["community"].iloc[0]
    mine = (ground.residents.frame["community"] == area).to_numpy()
    found = {row["space"]: row for row in which_space(ground, "repair", area, asked)}
    for j, key in enumerate(ground.spaces.keys):
        homes = near(ground, j, "repair")
        here = sum(ground.residents.people[h] for h in homes if mine[h])
        buildable = any(row["business_type"] == "repair" and not row["why"] for row in what_can(ground, key, asked))
        assert (key in found) == (buildable and here > 0)
        if key in found:
            assert found[key]["people"] == pytest.approx(here)
    rates = [row["yuan_per_person"] for row in found.values()]
    assert rates == sorted(rates)


def test_people_and_minutes_are_those_of_a_what_if(ground: JointGround, study: Study):
    desk, asked = Desk.of(study), JointSettings(capacity=False, viable=False)
    base = base_of(desk)
    tried = 0
    for j, key in enumerate(ground.spaces.keys[:12]):
        lon, lat = ground.spaces.lon[j], ground.spaces.lat[j]
        for row in what_can(ground, key, asked):
            if row["why"]:
                continue
            [effect] = Scenario(base).apply(AddOutlet(desk.at(lon, lat), (row["business_type"],)))
            before = np.minimum(effect.before_s, ground.longest_s)
            saved = ((before - effect.after_s) * base.people[effect.homes]).sum() / 60
            assert row["people"] == pytest.approx(effect.people_gained)
            assert row["minutes_saved"] == pytest.approx(saved, rel=1e-4, abs=0.5)
            tried += 1
    assert tried > 5


def test_both_ways_answer_at_once(ground: JointGround):
    start = time.process_time()
    what_can(ground, ground.spaces.keys[0])
    which_space(ground, "repair")
    assert time.process_time() - start < 1.0


def test_what_is_barred_or_unknown_is_said(ground: JointGround):
    key = ground.spaces.keys[0]
    asked = JointSettings(forbidden=((key, ""),))
    assert {row["why"] for row in what_can(ground, key, asked)} <= {"forbidden", "off"}
    off = replace(ground, why=np.full(len(ground.spaces), "far", object), _kept={})
    assert {row["why"] for row in what_can(off, key)} == {"off"}
    with pytest.raises(InputError) as raised:
        what_can(ground, "nowhere")
    assert raised.value.code == "joint.space_unknown"
    with pytest.raises(InputError) as raised:
        which_space(ground, "castle")
    assert raised.value.code == "joint.type_unknown"
