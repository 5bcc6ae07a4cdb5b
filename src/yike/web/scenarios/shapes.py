"""The shapes of this app's JSON: what is asked, and what is answered."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Field, Path, Schema

Slug = Annotated[
    str, Field(max_length=50, pattern=r"^[-\w]*$", description="城市 short name of the city; empty: the default one")
]
Code = Annotated[
    str, Field(max_length=15, pattern=r"^[0-9A-Za-z]*$", description="区域代码 code of an area; empty: the city")
]
Who = Annotated[
    str, Field(max_length=20, pattern=r"^[a-z_]*$", description="步行者 walker; empty: the first of the study")
]
Kind = Annotated[str, Field(max_length=40, pattern=r"^[-a-z0-9_]*$", description="业态代码 code of a business type")]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


Number = Annotated[int, Path(description="方案编号 number of a scenario")]


class Problem(Schema):
    """Why something was refused, in the caller's language, and each fault with its code in both."""

    detail: str
    faults: list[dict[str, Any]] = Field(default_factory=list)


class ChangesIn(Schema):
    """A list of changes. Each has a ``verb`` (add, move, close, gate, link, walker, limit); see docs/method/scenarios.md."""

    changes: list[dict[str, Any]] = Field(default_factory=list, max_length=200)


class TryIn(ChangesIn):
    """A question: where, who walks, what is changed; ``kind`` lists the homes of a type, ``point`` asks for its dial."""

    city: Slug = ""
    area: Code = ""
    who: Who = ""
    kind: Kind = ""
    point: tuple[Degrees, Degrees] | None = None


class SaveIn(ChangesIn):
    """A scenario to be kept."""

    city: Slug = ""
    area: Code = ""
    name: str = Field(max_length=200)


class NameIn(Schema):
    """Another name."""

    name: str = Field(max_length=200)


class RankIn(Schema):
    """Whose gates are ranked."""

    city: Slug = ""
    who: Who = ""


class HomesIn(Schema):
    """Which homes are asked for."""

    city: Slug = ""
    who: Who = ""
    kind: Kind
    bbox: Annotated[str, Field(max_length=120, description="西,南,东,北 west,south,east,north")]


class EffectOut(Schema):
    """What a question brings; see docs/method/scenarios.md for every field."""

    study: str
    standard: str
    through: int
    made_up: bool
    who: str
    who_after: str
    types: list[dict[str, Any]]
    total: dict[str, float | None]
    ten_fifteen: dict[str, float]
    areas: list[dict[str, Any]]
    bands: list[dict[str, Any]]
    homes: dict[str, list[float | None]]
    changes: list[dict[str, Any]]
    dial: dict[str, Any] | None = None


class HomesOut(Schema):
    """Homes in columns; ``of`` says how many there are in the box, which may be more than are given."""

    study: str
    standard: str
    through: int
    made_up: bool
    kind: str
    limit_min: float
    row: list[int]
    lon: list[float]
    lat: list[float]
    people: list[float]
    minutes: list[float | None]
    of: int


class WorstOut(Schema):
    homes: list[dict[str, Any]]


class JobOut(Schema):
    id: int
    state: str
    share: float
    step: str


class GatesOut(Schema):
    """Every gate with its place; ``minutes`` and people where they were ranked."""

    walker: str
    gates: list[dict[str, Any]]
    ranked: bool
    current: bool  # the ranking is of the register as it is now
    job: JobOut | None


class ScenarioOut(Schema):
    id: int
    name: str
    area: str
    area_name: str
    changes: list[dict[str, Any]]
    effect: dict[str, Any] | None
    study: str
    through: int
    changed_at: str


class Dropped(Schema):
    dropped: bool = True
