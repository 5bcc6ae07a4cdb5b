"""From a study, or a living city, to the ground of the joint problem; and candidate spaces from the map's buildings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.access.walk import Routes
from yike.errors import Fault, InputError, Loaded
from yike.network.attach import Standing
from yike.network.graph import Attachment
from yike.siting.joint import BuildCost, JointGround, Spaces, Uses, load_costs, load_uses, strictest_limits, walks_to
from yike.siting.joint.spaces import kind_of, rent_notes
from yike.standards.catalogue import Catalogue
from yike.study import store
from yike.study.accessing import limit_of
from yike.study.folder import Study
from yike.study.questions import Desk
from yike.tables import Residents

Seconds = NDArray[np.float32]


def joint_ground(
    routes: Routes,
    standing: Standing,
    homes: Attachment,
    residents: Residents,
    seconds: Mapping[str, Seconds],
    catalogue: Catalogue,
    spaces: Spaces,
    *,
    m_per_min: float,
    study: str = "",
    digest: str = "",
    costs: Mapping[str, BuildCost] | None = None,
    uses: Uses | None = None,
) -> JointGround:
    """Make the ground of joint problems over one state of a city: kept, it answers question after question.

    Parameters
    ----------
    routes, standing
        One walker's network, prepared for walking and for standing on.
    homes
        R residents' points on it.
    seconds
        By type: seconds (R,) from each home to the nearest open outlet as it is now, `inf` = none. Types without a row
        of costs or without a walking limit are not looked at; a walked type that is absent here cannot be sited.
    m_per_min
        The walker's level pace, for limits in metres.
    study, digest
        Name and digest that the answers carry.
    costs, uses
        A city's own tables; ours by default.
    """
    costs = load_costs() if costs is None else costs
    limits = {code: ms for code, ms in strictest_limits(catalogue, m_per_min, costs).items() if code in seconds}
    at = standing.place(spaces.lon, spaces.lat) if len(spaces) else _nowhere()
    return JointGround(
        residents=residents,
        spaces=spaces,
        catalogue=catalogue,
        limit_ms=limits,
        now={code: np.asarray(seconds[code], np.float32) for code in limits},
        walks=walks_to(routes, homes, at),
        why=at.why,
        walker=routes.walker,
        longest_s=routes.limit_s,
        costs=costs,
        uses=load_uses() if uses is None else uses,
        study=study,
        standard=f"{catalogue.name} {catalogue.version}".strip(),
        digest=digest,
    )


def _nowhere() -> Attachment:
    none = np.zeros(0, np.int32)
    return Attachment(none, np.zeros(0), none, np.zeros(0, object))


def study_ground(
    study: Study,
    spaces: Spaces,
    walker: str | None = None,
    *,
    costs: Mapping[str, BuildCost] | None = None,
    uses: Uses | None = None,
) -> JointGround:
    """Make the ground from a finished study's tables; raises ``study.not_run``, ``study.walker_unknown``."""
    desk = Desk.of(study, walker)
    buildings, walls, doors = store.ground(study)
    limit_m = study.settings.attach_limit_m
    standing = Standing.of(*desk.ground, walls=walls, doors=doors, buildings=buildings, limit_m=limit_m)
    times = store.walk_times(study, desk.walker, limit_of(study, desk.catalogue))
    told = study.headline()
    return joint_ground(
        desk.routes, standing, desk.homes, desk.residents,
        {code: times.seconds[:, k] for k, code in enumerate(times.types)}, desk.catalogue, spaces,
        m_per_min=desk.ground[1].m_per_min, study=str(told["study"]), digest=str(study.receipts()["headline"]["digest"]),
        costs=costs, uses=uses,
    )  # fmt: skip


def candidates_from_buildings(study: Study, least_m2: float = 6.0) -> Loaded[Spaces]:
    """Return the vacant or non-residential buildings of a study's map as candidate spaces.

    For cities without a register. A building counts when its tag is a word of ``kinds.csv`` (vacant, retail, warehouse,
    industrial, garage …) and nobody lives in it; schools and hospitals are no words there. The area is its footprint, the
    ground floor; the rent is not known and is told so.

    Parameters
    ----------
    least_m2
        Smaller buildings are left out.

    Raises
    ------
    InputError
        ``joint.no_space``: the map has no such building.
    """
    frame = store.ground(study)[0].frame
    kinds = [kind_of(str(use)) for use in frame["use"]]
    known = np.array([kind is not None for kind in kinds], dtype=bool)
    use = known & ~frame["residential"].to_numpy(bool) & (frame["footprint_m2"].to_numpy(float) >= least_m2)
    if not use.any():
        raise InputError(Fault("joint.no_space"))
    part = frame[use]
    spaces = Spaces(
        pd.DataFrame(
            {
                "key": part["id"].astype(str).to_numpy(),
                "name": part["use"].astype(str).to_numpy(),
                "kind": [kind for kind, kept in zip(kinds, use, strict=True) if kept],
                "lon": part["lon"].to_numpy(float),
                "lat": part["lat"].to_numpy(float),
                "area_m2": part["footprint_m2"].to_numpy(float).round(1),
            }
        )
    )
    return Loaded(spaces, rent_notes(spaces))
