"""A city's ground for one walker, opened once and kept: the network ready to walk on and to be stood on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.access.buckets import Buckets
from yike.access.walk import Routes, prepare
from yike.network.attach import Standing
from yike.network.graph import Attachment, Network, Walking
from yike.study import store
from yike.study.accessing import limit_of
from yike.study.folder import Study
from yike.study.ground import catalogue_of
from yike.web.studies.stock import Stock

Floats = NDArray[np.float64]


@dataclass
class Ground:
    """One walker on a city's streets.

    Outlets keep the places the study gave them; only what was added or moved since is attached anew.
    """

    study: Study
    walker: str
    network: Network
    walking: Walking
    routes: Routes
    standing: Standing

    @classmethod
    def of(cls, study: Study, walker: str, other: Ground | None = None) -> Ground:
        """Open the ground; ``other`` is that of another walker of the same study, to share what does not differ."""
        network, walking = store.network(study, walker)
        if other:
            standing = other.standing.sharing(network, walking)
        else:
            buildings, walls, doors = store.ground(study)
            limit_m = study.settings.attach_limit_m
            standing = Standing.of(network, walking, walls=walls, doors=doors, buildings=buildings, limit_m=limit_m)
        routes = prepare(network, walking, limit_of(study, catalogue_of(study)))
        return cls(study, walker, network, walking, routes, standing)

    @cached_property
    def _given(self) -> tuple[dict[str, int], Floats, Floats, Attachment]:
        if self.walker not in self.study.settings.walkers:
            none, ints = np.zeros(0), np.zeros(0, np.int32)
            return {}, none, none, Attachment(ints, none, ints, np.zeros(0, object))
        outlets = store.outlets(self.study)
        rows = {key: k for k, key in enumerate(outlets.frame["id"])}
        return rows, outlets.lon, outlets.lat, store.attachment(self.study, f"outlets_attach.{self.walker}")

    def attached(self, stock: Stock) -> Attachment:
        """Return where each outlet of a stock stands on this walker's streets."""
        rows, lon, lat, at = self._given
        given = np.array([rows.get(key, -1) for key in stock.key], np.int64)
        same = given >= 0
        same[same] = (lon[given[same]] == stock.lon[same]) & (lat[given[same]] == stock.lat[same])
        n = len(stock)
        found = Attachment(np.full(n, -1, np.int32), np.zeros(n), np.zeros(n, np.int32), np.full(n, "", object))
        for target, source in zip(vars(found).values(), vars(at).values(), strict=True):
            target[same] = source[given[same]]
        other = np.flatnonzero(~same)
        if len(other):
            anew = self.standing.place(stock.lon[other], stock.lat[other])
            for target, source in zip(vars(found).values(), vars(anew).values(), strict=True):
                target[other] = source
        return found

    def buckets(self, stock: Stock) -> Buckets:
        """Return the outlets of a stock in buckets."""
        return Buckets.of(self.routes, self.attached(stock))
