"""Siting instances as files: OR-Library p-median graphs, and MCLP cities with their listed covers.

* p-median (Beasley 1990): the numbers ``n edges p``, then ``u v length`` per edge, nodes counted from 1. An edge given
  twice has the length given last. Costs are shortest ways over the graph.
* MCLP (Máximo, Nascimento and Carvalho 2017): ``NAME.txt`` has ``NODE_COORD_SECTION`` (latitude and longitude, or planar x
  and y) and ``DEMAND_SECTION``, one line a node; every node is demand and site. ``NAME_P_RADIUS.txt`` beside it lists a known
  cover: ``f: value`` and ``Facilidade: nodes``, counted from 0.

Distances of latitude and longitude are great circles of a sphere of 6,378,137 m, not rounded, a demand at exactly the radius is
covered: so every one of the twelve listed covers gives the value listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from yike.errors import Fault, InputError, Row, raise_all
from yike.siting.problem import Floats, Ints, Pairs

SPHERE_M = 6_378_137.0
LISTED = re.compile(r"(?P<city>.+)_(?P<p>\d+)_(?P<radius>\d+(?:\.\d+)?)$")  #: NAME_P_RADIUS


@dataclass(frozen=True)
class MedianFile:
    """A p-median instance: the lengths between all nodes and how many to open."""

    name: str
    p: int
    length: Floats  #: (n, n), inf where there is no way


@dataclass(frozen=True)
class CityFile:
    """An MCLP city: nodes that are demand and site."""

    name: str
    place: Floats  #: (n, 2): latitude, longitude in degrees, or x, y
    planar: bool
    weight: Floats  #: (n,)

    def within(self, radius: float) -> Pairs:
        """Return the pairs of nodes at most ``radius`` apart (metres, or the unit of x and y)."""
        place = self.place
        if not self.planar:
            lat, lon = np.radians(place).T
            place = SPHERE_M * np.c_[np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
        tree = cKDTree(place)
        near = tree.sparse_distance_matrix(tree, radius * (1 + 1e-9) + 1e-9, output_type="coo_matrix")
        a, b = near.row.astype(np.int64), near.col.astype(np.int64)
        if self.planar:
            apart = np.hypot(*(place[a] - place[b]).T)
        else:
            half = (
                np.sin((lat[a] - lat[b]) / 2) ** 2
                + np.cos(lat[a]) * np.cos(lat[b]) * np.sin((lon[a] - lon[b]) / 2) ** 2
            )
            apart = 2 * SPHERE_M * np.arcsin(np.sqrt(half))
        keep = apart <= radius
        same = np.arange(len(place))
        n = len(place)
        return Pairs.of_triples(
            np.r_[a[keep], same], np.r_[b[keep], same], np.r_[apart[keep], np.zeros(n)], n, n
        )  # fmt: skip


@dataclass(frozen=True)
class ListedFile:
    """A known cover of a city: the question in the file's name, value and nodes inside."""

    name: str
    city: Path
    p: int
    radius: float
    value: float
    nodes: Ints


def kind_of(path: Path) -> str:
    """Return ``median``, ``city`` or ``listed`` by what the file says.

    Raises
    ------
    InputError
        ``siting.file_missing``, ``siting.file_form``.
    """
    text = _text(path)
    if "DEMAND_SECTION" in text or "NODE_COORD_SECTION" in text:
        return "city"
    if re.match(r"\s*f\s*:", text):
        return "listed"
    if re.match(r"\s*\d+\s+\d+\s+\d+\s", text + " "):
        return "median"
    raise InputError(Fault("siting.file_form", values={"path": str(path)}))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Fault("siting.file_missing", values={"path": str(path), "why": str(error)})) from error


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the words of every line that has any, with its number."""
    return [(k, line.split()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]


def _numbers(words: list[str]) -> list[float] | None:
    try:
        found = [float(word) for word in words]
    except ValueError:
        return None
    return found if all(np.isfinite(found)) else None


def read_median(path: Path) -> MedianFile:
    """Read an OR-Library p-median file.

    Raises
    ------
    InputError
        All at once: ``siting.file_line`` (not three numbers, unknown node, negative length), ``siting.file_count``
        (another number of edges than announced), ``siting.file_p``.
    """
    lines = _lines(_text(path))
    head = _numbers(lines[0][1]) if lines else None
    if head is None or len(head) != 3 or any(x != int(x) or x < 0 for x in head) or head[0] < 1:
        raise InputError(Fault("siting.file_form", values={"path": str(path)}))
    n, edges, p = (int(x) for x in head)
    bad: list[Row] = []
    length: dict[tuple[int, int], float] = {}
    for number, words in lines[1:]:
        got = _numbers(words)
        if got is None or len(got) != 3 or got[2] < 0 or any(x != int(x) or not 1 <= x <= n for x in got[:2]):
            bad.append((number, " ".join(words)))
            continue
        u, v = sorted((int(got[0]) - 1, int(got[1]) - 1))
        length[u, v] = got[2]
    faults = (
        [Fault("siting.file_line", tuple(bad), {"path": str(path), "want": f"u v length, 1 <= u, v <= {n}"})]
        if bad
        else []
    )
    if len(lines) - 1 != edges:
        faults.append(Fault("siting.file_count", values={"path": str(path), "want": edges, "have": len(lines) - 1}))
    if not 1 <= p <= n:
        faults.append(Fault("siting.file_p", values={"path": str(path), "p": p, "n": n}))
    raise_all(InputError, faults)
    return MedianFile(path.stem, p, _all_ways(n, length))


def _all_ways(n: int, length: dict[tuple[int, int], float]) -> Floats:
    """Return the shortest ways between all nodes; a length of 0 is a way."""
    ends = np.array([pair for pair in length if pair[0] != pair[1]], dtype=np.int64).reshape(-1, 2)
    cost = np.array([length[u, v] for u, v in ends.tolist()], dtype=float)
    tiny = 2.0**-40  # SciPy reads a stored 0 as no link
    graph = sparse.csr_matrix((np.where(cost > 0, cost, tiny), (ends[:, 0], ends[:, 1])), shape=(n, n))
    ways = dijkstra(graph, directed=False)
    return np.where(np.abs(ways - np.rint(ways)) < n * tiny, np.rint(ways), ways)


def read_city(path: Path, planar: bool | None = None) -> CityFile:
    """Read an MCLP city; ``planar`` None = planar unless all places can be latitude and longitude (type COORD).

    Raises
    ------
    InputError
        All at once: ``siting.file_section`` (a section is missing), ``siting.file_line``, ``siting.file_count``.
    """
    head, rows, faults = _sections(path)
    place, place_faults = _column(path, rows.get("NODE_COORD_SECTION", []), 2)
    weight, weight_faults = _column(path, rows.get("DEMAND_SECTION", []), 1)
    faults += place_faults + weight_faults
    want = head.get("DIMENSION", "")
    for section in ("NODE_COORD_SECTION", "DEMAND_SECTION"):
        have = len(rows.get(section, []))
        if section in rows and (not want.isdigit() or have != int(want)):
            faults.append(
                Fault("siting.file_count", values={"path": str(path), "want": want or "DIMENSION", "have": have})
            )
    raise_all(InputError, faults)
    if (weight < 0).any():
        bad: list[Row] = [(int(k) + 1, str(weight[k, 0])) for k in np.flatnonzero(weight[:, 0] < 0)]
        raise InputError(Fault("siting.weight_bad", tuple(bad)))
    if planar is None:
        kind = head.get("EDGE_WEIGHT_TYPE", "COORD").upper()
        on_globe = bool((np.abs(place[:, 0]) <= 90).all() and (np.abs(place[:, 1]) <= 180).all())
        planar = kind.startswith("EUC") or not on_globe
    return CityFile(head.get("NAME", path.stem), place, planar, weight[:, 0])


def _sections(path: Path) -> tuple[dict[str, str], dict[str, list[tuple[int, list[str]]]], list[Fault]]:
    """Return the head's values, the lines of every section, and the sections missing."""
    head: dict[str, str] = {}
    rows: dict[str, list[tuple[int, list[str]]]] = {}
    section = ""
    for number, words in _lines(_text(path)):
        if words[0].endswith("_SECTION"):
            section = words[0]
            rows[section] = []
        elif words[0] == "EOF":
            break
        elif section:
            rows[section].append((number, words))
        else:
            key, _, value = " ".join(words).partition(":")
            head[key.strip()] = value.strip()
    missing = [name for name in ("NODE_COORD_SECTION", "DEMAND_SECTION") if name not in rows]
    values = {"path": str(path), "section": ", ".join(missing)}
    return head, rows, [Fault("siting.file_section", values=values)] if missing else []


def _column(path: Path, lines: list[tuple[int, list[str]]], width: int) -> tuple[Floats, list[Fault]]:
    """Return the numbers of a section; a line may begin with the node's own number."""
    found, bad = [], []
    for number, words in lines:
        got = _numbers(words)
        if got is None or len(got) not in (width, width + 1):
            bad.append((number, " ".join(words)))
        else:
            found.append(got[-width:])
    faults = [Fault("siting.file_line", tuple(bad), {"path": str(path), "want": f"{width} numbers"})] if bad else []
    return np.array(found, dtype=float).reshape(-1, width), faults


def read_listed(path: Path) -> ListedFile:
    """Read a known cover; the file's name must be NAME_P_RADIUS and NAME.txt must lie beside it.

    Raises
    ------
    InputError
        ``siting.file_name``, ``siting.file_missing``, ``siting.file_line``.
    """
    named = LISTED.match(path.stem)
    if named is None:
        raise InputError(Fault("siting.file_name", values={"path": str(path)}))
    city = path.with_name(f"{named['city']}.txt")
    if not city.is_file():
        raise InputError(Fault("siting.file_missing", values={"path": str(city), "why": f"{path.name} is about it"}))
    value, nodes, bad = None, [], []
    for number, words in _lines(_text(path)):
        key, _, rest = " ".join(words).partition(":")
        got = _numbers((rest if rest else key).split())
        if got is None or (key == "f" and len(got) != 1):
            bad.append((number, " ".join(words)))
        elif key == "f":
            value = got[0]
        else:
            nodes += got
    if bad or value is None:
        raise InputError(
            Fault("siting.file_line", tuple(bad), {"path": str(path), "want": "f: value / Facilidade: nodes"})
        )
    return ListedFile(path.stem, city, int(named["p"]), float(named["radius"]), value, np.array(nodes, dtype=np.int64))
