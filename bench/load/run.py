"""Put the platform under load and write down what it bears (README.md beside this file).

    .venv/bin/python bench/load/run.py --home var

starts ``yike serve`` on loopback over a home that holds a city, asks every leg with wrk in rounds, prints a table and
writes ``results.json``. Nothing else should run on the machine meanwhile: wrk takes its share of the same cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asking import city_of, fetch, paths_of
from weight import page_weight

HERE = Path(__file__).parent
GOAL = {"mix_per_s": 2000, "mix_p99_ms": 50, "page_bytes": 600_000}
UNLIMITED = "scope,prefix,who,per_minute,burst,note\n" + "".join(
    f"{name},/{name}/,{who},1e12,1e12,\n" for name in ("api", "ogc", "export") for who in ("address", "key")
)


@contextmanager
def served(home: Path, workers: int, log: Path) -> Iterator[str]:
    """Serve a home on a free port of loopback; the limits are asked as ever, only high enough for one address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    limits = log.with_name("limits.csv")
    limits.write_text(UNLIMITED, encoding="utf-8")
    env = os.environ | {"YIKE_HOME": str(home), "YIKE_LIMITS": str(limits)}
    command = [str(Path(sys.executable).with_name("yike")), "serve", "--port", str(port), "--workers", str(workers)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=env, stdout=out, stderr=out)
    base = f"http://127.0.0.1:{port}"
    try:
        _await(server, base, log)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await(server: subprocess.Popen[bytes], base: str, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            if fetch(base, "/api/cities")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"the server did not start:\n{log.read_text(errors='replace')}")


def ask(base: str, paths: Path, seconds: float, threads: int, connections: int) -> dict[str, Any]:
    """Run wrk once over a file of addresses."""
    command = [
        "wrk",
        f"-t{threads}",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--timeout",
        "10s",
        "-s",
        str(HERE / "ask.lua"),
        base,
    ]
    said = subprocess.run([*command, "--", str(paths)], capture_output=True, text=True, check=True).stdout
    line = next(each for each in said.splitlines() if each.startswith("FIGURES "))
    figures = json.loads(line.removeprefix("FIGURES "))
    return figures | {"per_s": figures["requests"] / figures["seconds"]}


def measure(base: str, asked: dict[str, Path], options: argparse.Namespace) -> dict[str, Any]:
    """Warm every leg up, then ask all legs round by round; medians of the rounds."""
    shape = (options.threads, options.connections)
    for path in asked.values():
        ask(base, path, options.warm, *shape)
    rounds: dict[str, list[dict[str, Any]]] = {leg: [] for leg in asked}
    for _ in range(options.rounds):
        for leg, path in asked.items():
            rounds[leg].append(ask(base, path, options.seconds, *shape))
    return {leg: _middle(figures) for leg, figures in rounds.items()}


def _middle(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    middle = {
        name: round(statistics.median(each[name] for each in rounds), 2)
        for name in ("per_s", "p50_ms", "p99_ms", "most_ms")
    }
    return middle | {
        "bytes_each": round(sum(each["bytes"] for each in rounds) / max(sum(each["requests"] for each in rounds), 1)),
        "requests": sum(each["requests"] for each in rounds),
        "not_ok": sum(each["not_ok"] for each in rounds),
        "failed": sum(each["failed"] for each in rounds),
        "per_s_rounds": [round(each["per_s"], 1) for each in rounds],
    }


def machine() -> dict[str, Any]:
    """Say on what this was measured."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "",
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count(), "cpu": cpu,
        "python": platform.python_version(),
        "commit": commit, "load_before": round(os.getloadavg()[0], 2), "database": os.environ.get("YIKE_DATABASE", "SQLite").split("://")[0],
    }  # fmt: skip


def table(results: dict[str, Any]) -> str:
    """Return the results as a table of text."""
    lines = [f"{'leg':9}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'bytes':>9}{'not ok':>8}{'failed':>8}"]
    for leg, each in results["legs"].items():
        speed = f"{each['per_s']:9.0f}{each['p50_ms']:9.1f}{each['p99_ms']:9.1f}"
        lines.append(f"{leg:9}{speed}{each['bytes_each']:9d}{each['not_ok']:8d}{each['failed']:8d}")
    mix, weight = results["legs"]["mix"], results["page"]
    fast, soon = mix["per_s"] >= GOAL["mix_per_s"], mix["p99_ms"] <= GOAL["mix_p99_ms"]
    lines.append(f"goal: mix ≥ {GOAL['mix_per_s']} req/s: {fast}, p99 ≤ {GOAL['mix_p99_ms']} ms: {soon}")
    if weight:
        light = weight["total_bytes"] <= GOAL["page_bytes"]
        lines.append(f"page /: {weight['total_bytes'] / 1000:.0f} kB {weight['by_kind']}, ≤ 600 kB: {light}")
    return "\n".join(lines)


def main() -> None:
    """Read the options, serve, ask, write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--home", default="var", help="YIKE_HOME with a city in it")
    options.add_argument("--city", default="", help="short name; the first city otherwise")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--warm", type=float, default=5, help="seconds of every leg before anything counts")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--threads", type=int, default=1, help="of wrk")
    options.add_argument("--connections", type=int, default=16, help="of wrk")
    options.add_argument("--out", default=str(HERE / "results.json"))
    given = options.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: apt-get install wrk")
    with (
        tempfile.TemporaryDirectory(prefix="yike-load-") as folder,
        served(Path(given.home).resolve(), given.workers, Path(folder) / "log") as base,
    ):
        city, asked = city_of(base, given.city), dict[str, Path]()
        for leg, paths in paths_of(base, city).items():
            asked[leg] = Path(folder) / f"{leg}.txt"
            asked[leg].write_text("\n".join(paths) + "\n", encoding="utf-8")
        results = {
            "machine": machine(), "city": {key: city[key] for key in ("slug", "made_up")},
            "options": {key: value for key, value in vars(given).items() if key not in ("home", "out")},
            "legs": measure(base, asked, given), "page": page_weight(base + "/"),
        }  # fmt: skip
    Path(given.out).write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
