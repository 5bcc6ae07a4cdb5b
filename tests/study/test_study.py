"""A study folder: whole or not at all, finished after any kill, true to a second opinion."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import oracle
from yike.errors import StudyError
from yike.study import InputFile, Settings, Study, run, start_study, status
from yike.study.questions import Desk, explain, isochrone, nearest
from yike.study.trying import try_changes

TABLES = ("walk_times.adult", "coverage", "gaps", "failing", "residents", "outlets", "network/links.adult")


@pytest.fixture(scope="session")
def sample(helsinki: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("studies") / "helsinki"
    settings = Settings(name="helsinki", walkers=("adult", "elder"), maps=(InputFile(str(helsinki)),))
    study = start_study(folder, settings)
    assert run(study)[-1] == "headline"
    return study


def test_the_oracle_finds_no_mismatch(sample: Study, capsys: pytest.CaptureFixture[str]):
    assert oracle.compare(sample.folder) == 0
    assert "3,240 walks" in capsys.readouterr().out


def test_a_finished_study_is_not_done_again(sample: Study):
    assert run(sample) == []
    assert set(status(sample).values()) == {"done"}


def test_totals_are_told_as_estimated(sample: Study):
    figures = sample.headline()
    assert list(figures["people_by_method"]) == ["estimated_floor_area"]
    assert figures["people"] == pytest.approx(sample.table("residents")["people"].sum())
    assert figures["standard"]["digest"] and figures["limit_s"] == 900


def test_a_changed_setting_makes_later_steps_stale(sample: Study, helsinki: Path, tmp_path: Path):
    study = start_study(tmp_path / "s", Settings(maps=(InputFile(str(helsinki)),)))
    run(study, until="network")
    text = (study.folder / "study.toml").read_text(encoding="utf-8")
    (study.folder / "study.toml").write_text(text.replace('"adult"', '"elder"'), encoding="utf-8")
    found = status(Study.open(study.folder))
    assert found["ground"] == "done" and found["network"] == "stale" and found["walk"] == "open"


@pytest.mark.parametrize("after_s", [0.9, 1.6, 2.3, 3.2])
def test_a_killed_run_is_finished_by_the_next(sample: Study, helsinki: Path, tmp_path: Path, after_s: float):
    settings = Settings(name="helsinki", walkers=("adult", "elder"), maps=(InputFile(str(helsinki)),))
    study = start_study(tmp_path / "s", settings)
    code = f"from yike.study import Study, run; run(Study.open({str(study.folder)!r}))"
    worker = subprocess.Popen([sys.executable, "-c", code])
    time.sleep(after_s)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    run(study)
    for name in TABLES:
        pd.testing.assert_frame_equal(study.table(name), sample.table(name))
    assert not (study.folder / ".work").exists()


def test_a_swap_broken_off_never_stands_under_the_old_receipt(
    helsinki: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    study = start_study(tmp_path / "s", Settings(maps=(InputFile(str(helsinki)),)))
    run(study, until="network")
    toml = study.folder / "study.toml"
    before = toml.read_text(encoding="utf-8")
    toml.write_text(before.replace('"adult"', '"elder"'), encoding="utf-8")

    def broken_off(self: Study, work: Path) -> dict[str, str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Study, "swap_in", broken_off)
        with pytest.raises(KeyboardInterrupt):
            run(Study.open(study.folder), until="network")
    toml.write_text(before, encoding="utf-8")
    assert run(Study.open(study.folder), until="network") == ["network"]


def test_two_runs_do_not_meet(sample: Study):
    with sample.locked(), pytest.raises(StudyError, match=r"study\.busy"):
        run(sample)


def test_init_is_whole_or_not_at_all(helsinki: Path, tmp_path: Path):
    settings = Settings(
        maps=(InputFile(str(helsinki)),), outlets=(InputFile("/no/such.csv"), InputFile("/nor/this.csv"))
    )
    with pytest.raises(StudyError) as told:
        start_study(tmp_path / "s", settings)
    assert told.value.code == "study.input_missing" and len(told.value.faults[0].rows) == 2
    assert list(tmp_path.iterdir()) == []


def test_every_wrong_setting_is_told_at_once(sample: Study, tmp_path: Path):
    (tmp_path / "study.toml").write_text(
        '[study]\nlimit_s = 5.0\nwalkers = []\n[[maps]]\npath = "a"\n', encoding="utf-8"
    )
    with pytest.raises(StudyError) as told:
        Study.open(tmp_path)
    assert told.value.code == "study.setting_bad" and len(told.value.faults[0].rows) == 2


def test_questions_agree_with_the_tables(sample: Study):
    desk = Desk.of(sample)
    homes, times = sample.table("residents"), sample.table("walk_times.adult")
    home = homes.iloc[0]
    rows = nearest(desk, home["lon"], home["lat"]).set_index("business_type")
    for code in ("convenience_store", "pharmacy", "supermarket"):
        assert rows.loc[code, "minutes"] * 60 == pytest.approx(times.loc[0, code], abs=0.01)
    told = explain(desk, home["id"], every=True)
    by_type = {reason.limit.requirement.business_type: reason for reason in told.reasons}
    assert by_type["pharmacy"].route.seconds == pytest.approx(times.loc[0, "pharmacy"], abs=0.01)
    assert by_type["pharmacy"].met == (times.loc[0, "pharmacy"] <= 600)


def test_no_home_beyond_the_limit_lies_in_the_isochrone(sample: Study):
    import shapely

    from yike.access.trips import reach

    desk = Desk.of(sample)
    (drawn,) = isochrone(desk, 24.9405, 60.1700, (8,))
    seconds = reach(desk.routes, desk.at(24.9405, 60.1700)).seconds_to(desk.homes)
    beyond = seconds > 480
    homes = shapely.points(desk.residents.lon[beyond], desk.residents.lat[beyond])
    assert beyond.any() and not shapely.contains(drawn.area, homes).any()


def test_what_if_leaves_the_study_as_it_was(sample: Study):
    before = json.dumps(sample.receipts())
    homes = sample.table("residents")
    change = f"add breakfast@{homes['lon'][0]},{homes['lat'][0]}"
    effects, totals = try_changes(Desk.of(sample), [change])
    assert effects["people_gained"].sum() == pytest.approx(totals["breakfast"]["after"] - totals["breakfast"]["before"])
    assert totals["breakfast"]["before"] == 0 < totals["breakfast"]["after"]
    assert json.dumps(sample.receipts()) == before


def test_unreadable_changes_are_all_told(sample: Study):
    with pytest.raises(StudyError) as told:
        try_changes(Desk.of(sample), ["fly away", "add breakfast@1,2", "move x"])
    assert told.value.code == "study.change_bad" and [row for row, _ in told.value.faults[0].rows] == [1, 3]
