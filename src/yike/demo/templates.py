"""Forms of street blocks in the unit square: buildings, ways, walls and gates, later laid into real blocks.

A place is (u, v) in 0…1; side 0 is v = 0, the side of the main gate, and sides count against the clock. A ``street``
vertex is one that the side's own street already has (`yike.demo.streets.FRACTIONS`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

INSET = 0.068  #: of a wall from the middle of the street: room for shops before it
SPINE = {"highway": "service", "service": "driveway"}
PATH = {"highway": "footway"}
LANE = {"highway": "living_street"}


@dataclass
class Form:
    """One form: ``places`` are vertices of its own; a ref below 0 is the street vertex -1 - (3 × side + fraction)."""

    places: list[tuple[float, float]] = field(default_factory=list)
    ways: list[tuple[list[int], dict[str, str]]] = field(default_factory=list)
    buildings: list[tuple[float, float, float, float]] = field(default_factory=list)  #: u, v, width, depth
    other: list[tuple[float, float, float, float]] = field(default_factory=list)  #: buildings where nobody lives
    ring: list[int] = field(default_factory=list)
    gates: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    areas: list[tuple[list[tuple[float, float]], dict[str, str]]] = field(default_factory=list)
    wide: bool = False  #: twice as wide as deep: walls stand as far from the street as in other blocks

    @property
    def inset(self) -> tuple[float, float]:
        """How far walls stand inside, in u and v."""
        return (INSET / 2 if self.wide else INSET), INSET

    def gate_at(self, side: int) -> tuple[float, float]:
        """Return the place of a gate in the middle of a side."""
        return on_side(side, 1, self.inset[side % 2 == 0])

    def place(self, u: float, v: float) -> int:
        """Return the vertex at a place, a new one where there is none."""
        spot = (round(u, 4), round(v, 4))
        if spot not in self.places:
            self.places.append(spot)
        return self.places.index(spot)

    def way(self, *over: tuple[float, float] | int, **tags: str) -> Form:
        """Draw a way over places and street vertices."""
        self.ways.append(([spot if isinstance(spot, int) else self.place(*spot) for spot in over], tags))
        return self

    def corners(self) -> list[tuple[float, float]]:
        """Return the corners inside the pavements, against the clock."""
        u, v = self.inset
        return [(u, v), (1 - u, v), (1 - u, 1 - v), (u, 1 - v)]

    def wall(self, *gates: tuple[int, dict[str, str]]) -> Form:
        """Draw a ring of wall with gates in the middle of sides; the ways to them come apart."""
        corners = self.corners()
        for side in range(4):
            self.ring.append(self.place(*corners[side]))
            for where, tags in gates:
                if where == side:
                    gate = self.place(*self.gate_at(side))
                    self.ring.append(gate)
                    self.gates.append((gate, tags))
        self.ring.append(self.ring[0])
        return self


def street(side: int, fraction: int = 1) -> int:
    """Return the ref of a street vertex."""
    return -1 - (3 * side + fraction)


def on_side(side: int, fraction: int, depth: float) -> tuple[float, float]:
    """Return the place so deep behind a street vertex."""
    at = (0.25, 0.5, 0.75)[fraction]
    return ((at, depth), (1 - depth, at), (1 - at, 1 - depth), (depth, 1 - at))[side]


OPEN: dict[str, str] = {"barrier": "gate"}
LOCKED: dict[str, str] = {"barrier": "gate", "locked": "yes"}
GATES: list[list[tuple[int, dict[str, str]]]] = [
    [(0, OPEN)],
    [(0, OPEN), (2, LOCKED)],
    [(0, OPEN), (2, OPEN)],
    [(0, OPEN), (1, OPEN)],
    [(0, OPEN), (1, LOCKED)],
    [(0, OPEN), (1, OPEN), (2, OPEN), (3, OPEN)],
]


def forms(name: str, n: int, wide: bool = False) -> list[Form]:
    """Return n variants of a form, or of its form for a block twice as wide as deep."""
    made = {"slabs": slabs, "towers": towers, "yard": yard, "lanes": lanes, "dense": dense, "market": market,
            "park": park, "school": school, "office": office, "works": works, "open": bare}  # fmt: skip
    if wide:
        made |= {"slabs": wide_slabs, "towers": wide_towers}
    return [made[name](k) for k in range(n)]


def slabs(k: int) -> Form:
    """Rows of walk-up blocks on both sides of a spine."""
    form, n = Form(), 4 + k % 3
    gates = GATES[(0, 1, 2, 4)[k // 3 % 4]]
    row = np.linspace(0.15, 0.84, n)
    for r, v in enumerate(row):
        form.way((0.15, v), (0.5, v), (0.85, v), **PATH)
        for u in (0.3, 0.7):
            if not (r == n - 1 and u > 0.5 and k % 2):
                form.buildings.append((u, v + 0.05, 0.29, 0.058))
    form.wall(*gates)
    spine: list[tuple[float, float]] = [(0.5, float(v)) for v in row]
    form.way(street(0), (0.5, INSET), *spine, **SPINE)
    for side, _ in gates[1:]:
        begin = (0.5, float(row[-1])) if side == 2 else (0.85, float(row[n // 2]))
        form.way(begin, form.gate_at(side), street(side), **SPINE)
    return form


def towers(k: int) -> Form:
    """Towers around a garden, a loop road inside the fence; some steps in the garden."""
    form = Form()
    across, up = ((2, 3), (3, 3), (2, 2))[k % 3]
    gates = GATES[(2, 3, 5)[k // 3 % 3]]
    loop = [(0.5, 0.14), (0.86, 0.14), (0.86, 0.5), (0.86, 0.86), (0.5, 0.86), (0.14, 0.86), (0.14, 0.5), (0.14, 0.14)]
    form.way(*loop, loop[0], **SPINE)
    form.wall(*gates)
    for side, _ in gates:
        form.way(loop[(0, 2, 4, 6)[side]], form.gate_at(side), street(side), **SPINE)
    form.way((0.14, 0.5), (0.4, 0.5), **PATH).way((0.4, 0.5), (0.46, 0.5), highway="steps", step_count="12")
    form.way((0.46, 0.5), (0.5, 0.5), (0.86, 0.5), **PATH).way((0.5, 0.14), (0.5, 0.5), (0.5, 0.86), **PATH)
    for u in np.linspace(0.26, 0.74, across):
        for v in np.linspace(0.25, 0.75, up):
            if abs(u - 0.5) < 0.05:
                u = 0.42
            form.buildings.append((float(u), float(v) + (0.09 if abs(v - 0.5) < 0.05 else 0.0), 0.12, 0.1))
    return form


def wide_slabs(k: int) -> Form:
    """Rows of walk-up blocks on two spines, gates on the long sides."""
    form, n = Form(wide=True), 4 + k % 2
    gates = GATES[(1, 2)[k // 2 % 2]]
    row = np.linspace(0.15, 0.84, n)
    for r, v in enumerate(row):
        form.way((0.07, v), (0.25, v), (0.5, v), (0.75, v), (0.93, v), **PATH)
        form.buildings += [(u, v + 0.05, 0.15, 0.058) for u in (0.16, 0.34, 0.66, 0.84)][: 3 if r == n - 1 else 4]
    form.wall(*gates)
    form.way(street(0), (0.5, INSET), *[(0.5, float(v)) for v in row], **SPINE)
    for u in (0.25, 0.75):
        form.way(*[(u, float(v)) for v in row], **PATH)
    for side, _ in gates[1:]:
        form.way((0.5, float(row[-1])), form.gate_at(side), street(side), **SPINE)
    return form


def wide_towers(k: int) -> Form:
    """Two rows of towers around a long garden, gates in the middle of sides."""
    form = Form(wide=True)
    gates = GATES[(2, 3, 5, 0)[k % 4]]
    loop = [(0.5, 0.14), (0.93, 0.14), (0.93, 0.5), (0.93, 0.86), (0.5, 0.86), (0.07, 0.86), (0.07, 0.5), (0.07, 0.14)]
    form.way(*loop, loop[0], **SPINE)
    form.wall(*gates)
    for side, _ in gates:
        form.way(loop[(0, 2, 4, 6)[side]], form.gate_at(side), street(side), **SPINE)
    form.way((0.07, 0.5), (0.3, 0.5), (0.5, 0.5), (0.7, 0.5), (0.93, 0.5), **PATH)
    form.way((0.5, 0.14), (0.5, 0.5), (0.5, 0.86), **PATH)
    form.buildings = [(u, v, 0.06, 0.1) for u in (0.15, 0.27, 0.4, 0.6, 0.73, 0.85) for v in (0.27, 0.73)]
    return form


def yard(k: int) -> Form:
    """An employer's yard: offices at the gate, homes behind."""
    form, n = Form(), 3 + k % 2
    gates = GATES[(0, 1, 0)[k // 2 % 3]]
    row = np.linspace(0.38, 0.82, n)
    form.other += [(0.27, 0.17, 0.3, 0.1), (0.73, 0.17, 0.3, 0.1)]
    for v in row:
        form.way((0.15, float(v)), (0.5, float(v)), (0.85, float(v)), **PATH)
        form.buildings += [(0.3, float(v) + 0.055, 0.3, 0.058), (0.7, float(v) + 0.055, 0.3, 0.058)]
    form.wall(*gates)
    form.way(street(0), (0.5, INSET), (0.5, 0.28), *[(0.5, float(v)) for v in row], **SPINE)
    for side, _ in gates[1:]:
        form.way((0.5, float(row[-1])), form.gate_at(side), street(side), **SPINE)
    return form


def _through(form: Form, cross: list[float], tags: dict[str, str]) -> None:
    """Draw three lanes through a block and some across; those at a quarter, half or three quarters reach the street."""
    for f, u in enumerate((0.25, 0.5, 0.75)):
        form.way(street(0, f), *[(u, v) for v in cross], street(2, 2 - f), **tags)
    for v in cross:
        inner: list[tuple[float, float] | int] = [(0.25, v), (0.5, v), (0.75, v)]
        if v in (0.25, 0.5, 0.75):
            f = (0.25, 0.5, 0.75).index(v)
            inner = [street(3, 2 - f), *inner, street(1, f)]
        else:
            inner = [(0.1, v), *inner, (0.9, v)]
        form.way(*inner, **tags)


def lanes(k: int) -> Form:
    """Old lanes: low houses in short rows."""
    form = Form()
    _through(form, [0.3, 0.5, 0.7] if k % 2 else [0.25, 0.5, 0.75], LANE if k % 2 else PATH)
    for u in (0.155, 0.375, 0.625, 0.845):
        for v in np.linspace(0.11, 0.89, 9):
            if min(abs(v - c) for c in (0.25, 0.5, 0.75)) > 0.045:
                form.buildings.append((u, float(v), 0.15, 0.055))
    return form


def dense(k: int) -> Form:
    """A village that the town has grown around: houses wall to wall."""
    form = Form()
    cross = [0.18, 0.34, 0.5, 0.66, 0.82] if k % 2 else [0.16, 0.29, 0.42, 0.58, 0.71, 0.84]
    _through(form, cross, PATH)
    for u in (0.13, 0.2, 0.31, 0.43, 0.57, 0.69, 0.8, 0.87):
        for a in cross:
            form.buildings.append((u, a + 0.055, 0.055, 0.075))
    return form


def market(k: int) -> Form:
    """Shops around a pedestrian cross."""
    form = Form()
    foot = {"highway": "pedestrian", "surface": "paving_stones"}
    form.way(street(0), (0.5, 0.25), (0.5, 0.5), (0.5, 0.75), street(2), **foot)
    form.way(street(3), (0.25, 0.5), (0.5, 0.5), (0.75, 0.5), street(1), **foot)
    for u in (0.27, 0.73):
        for v in (0.27, 0.73):
            form.other.append((u, v, 0.34, 0.34 if k % 2 else 0.2))
    return form


def park(k: int) -> Form:
    """Paths around a pond."""
    form = Form()
    circle = [(0.5 + 0.3 * np.cos(t), 0.5 + 0.3 * np.sin(t)) for t in np.arange(8) * np.pi / 4]
    form.way(*circle, circle[0], **PATH)
    for side, spot in ((0, circle[6]), (1, circle[0]), (2, circle[2]), (3, circle[4])):
        form.way(street(side), spot, **PATH)
    lake = [
        (0.5 + (0.2 + 0.04 * np.cos(3 * t + k)) * np.cos(t), 0.5 + 0.17 * np.sin(t)) for t in np.arange(12) * np.pi / 6
    ]
    form.areas.append(([(float(u), float(v)) for u, v in lake], {"natural": "water", "name": "人工湖"}))
    return form


def school(k: int) -> Form:
    """Class rooms and a running track behind a fence, one gate."""
    form = Form().wall((0, {"barrier": "gate", "access": "private"}))
    form.way(street(0), (0.5, INSET), (0.5, 0.35), highway="service", access="private")
    form.other += [(0.3, 0.25, 0.3, 0.09), (0.7, 0.25, 0.3, 0.09), (0.3, 0.42, 0.3, 0.09)]
    track = [(0.3, 0.58), (0.7, 0.58), (0.82, 0.64), (0.82, 0.8), (0.7, 0.86), (0.3, 0.86), (0.18, 0.8), (0.18, 0.64)]
    form.areas.append((track, {"leisure": "pitch", "sport": "athletics"}))
    return form


def office(k: int) -> Form:
    """Public offices or a hospital on open ground."""
    form = Form().way(street(0), (0.5, 0.2), (0.5, 0.5), (0.5, 0.8), street(2), **SPINE)
    form.other += [(0.3, 0.35, 0.25, 0.16), (0.7, 0.35, 0.25, 0.16), (0.3, 0.7, 0.25, 0.12), (0.7, 0.7, 0.25, 0.12)]
    return form


def works(k: int) -> Form:
    """Halls behind a wall."""
    form = Form().wall((0, {"barrier": "gate", "access": "private"}))
    form.way(street(0), (0.5, INSET), (0.5, 0.8), highway="service", access="private")
    form.other += [(0.28, 0.3, 0.3, 0.24), (0.72, 0.3, 0.3, 0.24), (0.28, 0.7, 0.3, 0.24), (0.72, 0.7, 0.3, 0.24)]
    return form


def bare(k: int) -> Form:
    """Ground not built on yet."""
    return Form().way(street(0), (0.5, 0.5), street(2), highway="path", surface="ground")
