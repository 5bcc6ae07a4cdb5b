"""What residents ask for: made-up tickets of a hotline and rows of a survey, more of them where an outlet is missing.

Whether a community has an outlet is read from the made-up register by its community alone. Some communities with
nothing never ask, and some ask for what they have: both are seen by those who plan.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from yike.demo.facts import rows
from yike.demo.register import MARK, REFERENCE
from yike.demo.town import Town

PER_1000 = 0.55  #: asks for one thing that is missing, by a thousand people, times the weight of the thing
THOUGH_THERE = 0.06  #: of that where there is an outlet
SILENT = 0.3  #: share of communities that never ask
CHANNELS = ("12345", "12345", "12345", "问卷调查")
PEOPLE = (1, 1, 1, 2, 3, 5, 8, 14)  #: who stand behind one ask


def write_needs(town: Town, outlets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return what is asked for; ``outlets`` is the made-up register with its columns ``code`` and ``types``."""
    communities, asks = town.plan.communities.reset_index(drop=True), rows("asks")
    words = {code: set("、".join(types).split("、")) for code, types in outlets.groupby("code")["types"]}
    silent = rng.random(len(communities)) < SILENT
    lively = np.where(town.plan.urban, 1.0, 0.25)
    thousands = communities["people"].to_numpy(float) / 1000
    found: list[tuple[str, str, str]] = []
    for ask in asks:
        there = np.array(
            [bool(set(ask["words"].split("|")) & words.get(code, set())) for code in communities["code"]], dtype=bool
        )
        rate = PER_1000 * float(ask["weight"]) * thousands * lively * np.where(there, THOUGH_THERE, 1)
        many = rng.poisson(np.where(silent, 0, rate))
        texts = ask["texts"].split("|")
        for k in np.flatnonzero(many):
            found += [
                (communities["code"][k], ask["category"], texts[int(rng.integers(len(texts)))]) for _ in range(many[k])
            ]
    frame = pd.DataFrame(found, columns=["code", "category", "text"])
    frame = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    return _told(frame, town, rng)


def _told(frame: pd.DataFrame, town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows with a number, a day, a channel and how many ask; places in the texts are those of the community."""
    n = len(frame)
    days = np.sort(rng.integers(0, 300, n))[::-1]
    channel = np.array(CHANNELS, dtype=object)[rng.integers(0, len(CHANNELS), n)]
    people = np.where(channel == CHANNELS[-1], rng.choice(PEOPLE, n) * 3, rng.choice(PEOPLE[:5], n))
    words = town.plan.city.words
    first, second = (np.array(words[kind], dtype=object) for kind in ("street_first", "street_second"))
    streets = first[rng.integers(0, len(first), n)] + second[rng.integers(0, len(second), n)] + "路"
    names = town.plan.communities.set_index("code")["name"].str.replace(
        r"(社区)?(居民委员会|居委会)$|村委会$", "", regex=True
    )
    texts = [
        text.format(compound=names[code], street=street)
        for text, code, street in zip(frame["text"], frame["code"], streets, strict=True)
    ]
    return frame.assign(
        id=[f"YS{REFERENCE.year}{k + 1:06d}" for k in range(n)],
        text=texts,
        people=people.astype(int),
        day=[(REFERENCE - timedelta(days=int(d))).isoformat() for d in days],
        source=channel,
        note=MARK,
    )
