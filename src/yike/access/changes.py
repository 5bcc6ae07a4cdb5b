"""What may be changed in a what-if question, and what one change does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.network.graph import Attachment

Int32 = NDArray[np.int32]


@dataclass(frozen=True)
class AddOutlet:
    """A new outlet at one attached point, serving ``types``."""

    at: Attachment
    types: tuple[str, ...]


@dataclass(frozen=True)
class RemoveOutlet:
    """Outlet number ``outlet`` serves nothing any more (numbers go on counting through added ones)."""

    outlet: int


@dataclass(frozen=True)
class MoveOutlet:
    """Outlet number ``outlet`` keeps its types and stands elsewhere."""

    outlet: int
    at: Attachment


@dataclass(frozen=True)
class AddLink:
    """A new public link between two nodes, in seconds there and back."""

    u: int
    v: int
    there_s: float
    back_s: float


@dataclass(frozen=True)
class AddPath:
    """A new public path between two places that stand anywhere on links, in seconds there and back.

    Each end is a *foot*: a new node that stands on its link as a door of a house does. Links, homes and outlets keep
    what they were; the foot is one more place where trips may leave or join the link. On a private link only trips that
    begin or end in that compound get to it. The way from a point to its link (``access_ms``) is no part of the path.
    """

    ends: Attachment  #: two attached points
    there_s: float
    back_s: float


@dataclass(frozen=True)
class OpenGate:
    """Private links that strangers may use from now on: the ways behind an opened gate."""

    links: tuple[int, ...]


Change = AddOutlet | RemoveOutlet | MoveOutlet | AddLink | AddPath | OpenGate


@dataclass(frozen=True)
class TypeEffect:
    """What one change did to one business type: homes whose nearest outlet changed, and people within the limit."""

    business_type: str
    homes: Int32  #: rows of residents' points
    before_s: NDArray[np.float32]  #: `inf` = none within the limit
    after_s: NDArray[np.float32]
    people_gained: float  #: people newly within the type's limit, less those newly beyond it


def joined(first: list[TypeEffect], second: list[TypeEffect]) -> list[TypeEffect]:
    """Return the effect of two changes in a row on the same types as one, type by type."""
    return [_both(one, two) for one, two in zip(first, second, strict=True)]


def _both(one: TypeEffect, two: TypeEffect) -> TypeEffect:
    homes = np.union1d(one.homes, two.homes).astype(np.int32)
    before = dict(zip(two.homes.tolist(), two.before_s.tolist(), strict=True))
    before.update(zip(one.homes.tolist(), one.before_s.tolist(), strict=True))
    after = dict(zip(one.homes.tolist(), one.after_s.tolist(), strict=True))
    after.update(zip(two.homes.tolist(), two.after_s.tolist(), strict=True))
    was = np.array([before[h] for h in homes.tolist()], np.float32)
    now = np.array([after[h] for h in homes.tolist()], np.float32)
    keep = was != now
    gained = one.people_gained + two.people_gained
    return TypeEffect(one.business_type, homes[keep], was[keep], now[keep], gained)
