"""Steps network, attach, walk: the ground becomes times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.access.walk import Supply, nearest_k, prepare, walk_times
from yike.coverage import longest_limit_s, walk_limits
from yike.errors import Fault
from yike.network.attach import attach
from yike.network.build import build_network
from yike.network.graph import Attachment
from yike.network.walking import walking
from yike.standards.catalogue import Catalogue
from yike.study import store
from yike.study.folder import Study, put
from yike.study.ground import catalogue_of, read_map
from yike.tables import Outlets

BANDS_S = (300.0, 600.0, 900.0)
PIECE = 20_000  #: homes asked at once, so that a bar can move and memory stays small
Tell = Callable[[float], None]


def network_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Ways → network/nodes and network/links.<walker>."""
    found = read_map(study)
    streets = found.value
    network = build_network(streets.ways, walls=streets.walls, doors=streets.doors, squares=streets.squares)
    store.put_network(work, network.value)
    walkers = store.all_walkers_of(study)
    for k, walker in enumerate(walkers):
        store.put_links(work, network.value, walking(network.value, walker))
        tell((k + 1) / len(walkers))
    return list(network.notes)


def attach_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Residents and outlets find their place on the links of each walker."""
    buildings, walls, doors = store.ground(study)
    notes: list[Fault] = []
    for k, walker in enumerate(study.settings.walkers):
        network, walk = store.network(study, walker)
        for name, thing in (("residents", store.residents(study)), ("outlets", store.outlets(study))):
            at = attach(
                network, walk, thing.lon, thing.lat,
                walls=walls, doors=doors, buildings=buildings, limit_m=study.settings.attach_limit_m,
            )  # fmt: skip
            store.put_attachment(work, f"{name}_attach.{walker}", thing.frame["id"], at)
            notes += _unattached(name, walker, at, thing.frame)
        tell((k + 1) / len(study.settings.walkers))
    return notes


def _unattached(name: str, walker: str, at: Attachment, frame: pd.DataFrame) -> list[Fault]:
    """List the points that are not on the network, with the reason; nothing is guessed for them."""
    lost = np.flatnonzero(at.link < 0)
    if len(lost) == 0:
        return []
    rows = tuple((int(i) + 1, f"{frame['id'].iloc[i]}: {at.why[i]}") for i in lost)
    people = float(frame["people"].iloc[lost].sum()) if "people" in frame else 0.0
    return [Fault(f"study.{name}_unattached", rows, {"walker": walker, "people": f"{people:,.0f}", "of": len(frame)})]


def limit_of(study: Study, catalogue: Catalogue) -> float:
    """Return how far walks are searched: the setting, or farther where the standard asks farther."""
    paces = [walker.m_per_min for walker in store.walkers_of(study)]
    longest = max(longest_limit_s(walk_limits(catalogue, pace)) for pace in paces)
    return max(study.settings.limit_s, float(np.ceil(longest)))


def walked_types(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the types that are walked to."""
    return tuple(each.code for each in catalogue.types if each.walked)


def supply_of(
    outlets: Outlets, at: Attachment, types: tuple[str, ...], counted: NDArray[np.bool_] | None = None
) -> Supply:
    """Return the outlets that homes walk to: those open, or those of a mask (O,)."""
    return Supply.of(at, outlets.frame["types"].tolist(), types, outlets.is_open if counted is None else counted)


def walk_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Homes × types: seconds to the nearest outlet, which one it is, and how many are within 5, 10 and 15 minutes."""
    catalogue = catalogue_of(study)
    types, limit_s = walked_types(catalogue), limit_of(study, catalogue)
    people, outlets = store.residents(study), store.outlets(study)
    ids, names = people.frame["id"].to_numpy(object), outlets.frame["id"].to_numpy(object)
    walkers = study.settings.walkers
    for w, walker in enumerate(walkers):
        network, walk = store.network(study, walker)
        routes = prepare(network, walk, limit_s)
        homes = store.attachment(study, f"residents_attach.{walker}")
        supply = supply_of(outlets, store.attachment(study, f"outlets_attach.{walker}"), types)
        store.put_walk_times(work, walk_times(routes, homes, supply, ids=ids))
        nearest, counts = [], []
        for first in range(0, len(ids), PIECE):
            part = slice(first, min(first + PIECE, len(ids)))
            some = Attachment(homes.link[part], homes.at[part], homes.access_ms[part], homes.why[part])
            found = nearest_k(routes, some, supply, 1, bands_s=[min(b, limit_s) for b in BANDS_S])
            nearest.append(found.outlet[:, :, 0])
            counts.append(found.counts)
            tell((w + part.stop / len(ids)) / len(walkers))
        _put_nearest(work, walker, ids, names, types, np.concatenate(nearest))
        _put_counts(work, walker, ids, types, np.concatenate(counts))
    asked = study.settings.limit_s
    return [Fault("study.limit_raised", values={"asked": f"{asked:g}", "limit": f"{limit_s:g}"})] * (limit_s > asked)


def _put_nearest(
    work: Path, walker: str, ids: np.ndarray, names: np.ndarray, types: tuple[str, ...], nearest: np.ndarray
) -> None:
    """Write nearest.<walker>: id and one column of outlet ids per type, null where none is within the limit."""
    columns = {code: pd.Categorical.from_codes(nearest[:, k], names) for k, code in enumerate(types)}
    put(work, f"nearest.{walker}", pd.DataFrame({"id": ids, **columns}))


def _put_counts(work: Path, walker: str, ids: np.ndarray, types: tuple[str, ...], counts: np.ndarray) -> None:
    """Write counts.<walker>: id and, per type and band, the number of outlets within so many minutes."""
    columns = {
        f"{code}.{int(band // 60)}": counts[:, k, b].astype(np.int32)
        for k, code in enumerate(types)
        for b, band in enumerate(BANDS_S)
    }
    put(work, f"counts.{walker}", pd.DataFrame({"id": ids, **columns}))
