"""Run the benchmarks, print their table and write results.json (see README.md)."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from peers import cityseer_nearest, pandana_nearest, scipy_nearest
from towns import Town, helsinki, helsinki_file, porto, porto_file
from yike.access import kernel
from yike.access.states import build_states
from yike.access.trips import reach
from yike.access.walk import Routes, Supply, coarse_table, nearest_k, node_times, prepare, walk_times
from yike.access.whatif import AddOutlet, RemoveOutlet, Scenario, baseline
from yike.ingest.osm import read_streets
from yike.network.build import build_network
from yike.network.walkers import load_walkers
from yike.network.walking import walking

LIMIT_S = 900.0


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    task: str
    network: str
    nodes: int
    types: int
    ours_s: float
    peer: str | None
    peer_s: float | None
    ratio: float | None
    disagreements: int | None


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def differ(ours: np.ndarray, theirs: np.ndarray) -> int:
    """Count nearest times that disagree by more than 1 s."""
    here, there = np.isfinite(ours), np.isfinite(theirs)
    with np.errstate(invalid="ignore"):
        apart = (here & there) & (np.abs(ours - theirs) > 1.0)
    edge = (here != there) & (np.minimum(ours, theirs) < LIMIT_S - 1.0)
    return int(apart.sum() + edge.sum())


def against(
    task: str, town: Town, ours: Callable[[], np.ndarray], peer: str, theirs: Callable[[], np.ndarray], rounds: int
) -> Result:
    """Time both sides in turn; the first round warms up and gives the answers to compare."""
    wrong = differ(np.asarray(ours()), np.asarray(theirs()))
    pairs = [(timed(ours)[0], timed(theirs)[0]) for _ in range(rounds)]
    mine, peers = np.median(np.array(pairs), axis=0)
    ratio = float(np.median([b / a for a, b in pairs]))
    n, types = town.network.n_nodes, len(town.outlets)
    return Result(task, town.name, n, types, float(mine), peer, float(peers), ratio, wrong)


def alone(task: str, town: Town, work: Callable[[], object], rounds: int = 9) -> Result:
    work()
    seconds = float(np.median([timed(work)[0] for _ in range(rounds)]))
    return Result(task, town.name, town.network.n_nodes, len(town.outlets), seconds, None, None, None, None)


def nearest_tasks(town: Town, rounds: int, peers: list[str]) -> list[Result]:
    routes, supply = prepare(town.network, town.walking), town.supply
    everyone = town.at_nodes(np.arange(town.network.n_nodes))
    fast = lambda: node_times(routes, supply)  # noqa: E731
    exact = lambda: walk_times(routes, everyone, supply).seconds  # noqa: E731
    found = []
    ask = scipy_nearest(town, LIMIT_S)
    found.append(against("nearest, all nodes, kernel (16-bit)", town, sweep_only(routes, supply), "scipy", ask, rounds))
    found.append(against("nearest, all nodes, table in seconds", town, fast, "scipy", ask, rounds))
    found.append(against("nearest, all homes, exact", town, exact, "scipy", ask, rounds))
    if "pandana" in peers:
        ask = pandana_nearest(town, LIMIT_S)
        found.append(against("nearest, all nodes, table in seconds", town, fast, "pandana", ask, 3))
        ask3 = pandana_nearest(town, LIMIT_S, 3)
        three = lambda: nearest_k(routes, everyone, supply, 3).seconds  # noqa: E731
        found.append(against("3 nearest, all homes, exact", town, three, "pandana", ask3, 1))
    if "cityseer" in peers:
        ask = cityseer_nearest(town, LIMIT_S)
        found.append(against("nearest, all nodes, table in seconds", town, fast, "cityseer", ask, 3))
    return found


def sweep_only(routes: Routes, supply: Supply) -> Callable[[], np.ndarray]:
    """The part that SciPy's search is, from outlets to a table; its ticks are read off as seconds once, to be compared."""
    told: list[np.ndarray] = []

    def ask() -> np.ndarray:
        if told:
            with coarse_table(routes, supply, 0, len(supply.types)):
                pass
        else:
            told.append(node_times(routes, supply))
        return told[0]

    return ask


def scenario_tasks(town: Town) -> list[Result]:
    """Adding and removing one outlet, coverage included, against SciPy computing that type anew."""
    from scipy.sparse.csgraph import dijkstra

    routes, supply = prepare(town.network, town.walking), town.supply
    everyone = town.at_nodes(np.arange(town.network.n_nodes))
    people = np.ones(len(everyone))
    base = baseline(routes, everyone, people, supply, [600.0] * len(town.outlets))
    rng, found, graph = np.random.default_rng(5), [], town.graph
    middle = len(town.outlets) // 2
    first = int(sum(len(group) for group in town.outlets[:middle]))
    add, remove, anew = [], [], []
    wrong = 0
    for turn in range(30):
        scenario = Scenario(base)
        node = int(rng.integers(0, town.network.n_nodes))
        change = AddOutlet(town.at_nodes(np.array([node])), (f"t{middle}",))
        seconds, _ = timed(lambda s=scenario, c=change: s.apply(c))
        add.append(seconds)
        took, again = timed(
            lambda n=node: dijkstra(graph, indices=np.append(town.outlets[middle], n), min_only=True, limit=LIMIT_S)
        )
        anew.append(took)
        wrong += differ(scenario.seconds(f"t{middle}"), again)
        scenario = Scenario(base)
        outlet = first + turn % len(town.outlets[middle])
        remove.append(timed(lambda s=scenario, o=outlet: s.apply(RemoveOutlet(o)))[0])
    n = town.network.n_nodes
    for name, times in (
        ("what-if: add an outlet, with coverage", add),
        ("what-if: remove an outlet, with coverage", remove),
    ):
        pairs = zip(anew[3:], times[3:], strict=True)
        ratio = float(np.median([a / b for a, b in pairs]))
        mine, theirs = float(np.median(times[3:])), float(np.median(anew[3:]))
        found.append(Result(name, town.name, n, 1, mine, "scipy (one type anew)", theirs, ratio, wrong))
    return found


def reach_task(town: Town) -> Result:
    """Everything within 15 minutes of one point, against SciPy."""
    from scipy.sparse.csgraph import dijkstra

    routes, graph = prepare(town.network, town.walking), town.graph
    nodes = np.random.default_rng(9).integers(0, town.network.n_nodes, 200)
    starts = [town.at_nodes(np.array([node])) for node in nodes]
    assert routes.states.forward is not None  # made once, before the clock runs

    def ours() -> np.ndarray:
        return np.stack([reach(routes, start).state_ms[:: max(1, town.network.n_nodes // 500)] for start in starts])

    def theirs() -> np.ndarray:
        step = max(1, town.network.n_nodes // 500)
        return np.stack([dijkstra(graph, indices=int(node), limit=LIMIT_S)[::step] for node in nodes])

    one = against("200 searches of 15 minutes", town, lambda: seconds_of(ours()), "scipy", theirs, 3)
    return one


def seconds_of(ms: np.ndarray) -> np.ndarray:
    return np.where(ms < kernel.FAR, ms / 1000, np.inf)


def file_tasks(town: Town, path: Path) -> list[Result]:
    """From the file to a network ready to ask, with the real walker's costs."""
    adult = load_walkers()["adult"]

    def ready() -> object:
        network = build_network(read_streets(path, keep={"ways"}).value.ways).value
        return walking(network, adult)

    network = build_network(read_streets(path, keep={"ways"}).value.ways).value
    cost = walking(network, adult)
    return [
        alone("file to ready network", town, ready),
        alone("one walker's costs", town, lambda: walking(network, adult)),
        alone("state graph of one walker", town, lambda: build_states(network, cost)),
        alone("preparing one walker", town, lambda: prepare(network, cost)),
    ]


def show(results: list[Result]) -> None:
    print(
        f"{'task':44} {'network':9} {'nodes':>8} {'types':>5} {'ours ms':>9} {'peer':22} {'peer ms':>10} {'ratio':>8} differ"
    )
    for r in results:
        peer = f"{r.peer:22} {r.peer_s * 1e3:10.1f} {r.ratio:8.1f} {r.disagreements:6}" if r.peer else ""
        print(f"{r.task:44} {r.network:9} {r.nodes:8} {r.types:5} {r.ours_s * 1e3:9.2f} {peer}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--without", default="", help="peers to leave out: pandana,cityseer")
    asked.add_argument("--out", type=Path, default=Path(__file__).parent / "results.json")
    options = asked.parse_args()
    peers = [peer for peer in ("pandana", "cityseer") if peer not in options.without.split(",")]
    town = helsinki()
    results = nearest_tasks(town, options.rounds, peers) + file_tasks(town, helsinki_file())
    if porto_file().exists():
        town = porto()
        results += nearest_tasks(town, options.rounds, [p for p in peers if p != "cityseer"])
        results += [*scenario_tasks(town), reach_task(town), *file_tasks(town, porto_file())]
    else:
        print(f"Porto left out: {porto_file()} is not there (set YIKE_DATA)", file=sys.stderr)
    show(results)
    options.out.write_text(json.dumps([asdict(r) for r in results], indent=1) + "\n")


if __name__ == "__main__":
    main()
