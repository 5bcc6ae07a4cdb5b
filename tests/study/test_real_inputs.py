"""Real Beijing: tagged extracts, townships with WorldPop's counts, and the second opinion of the oracle."""

from __future__ import annotations

from pathlib import Path

import pytest

import real_inputs


@pytest.mark.parametrize("letter", ["b"])
def test_a_real_input_agrees_with_the_oracle(
    shared_data: Path, letter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert real_inputs.show(letter, tmp_path) == 0
    told = capsys.readouterr().out
    assert "202,375 people" in told and "0 mismatches" in told
