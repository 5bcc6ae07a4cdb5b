"""What a worker does for this app: the ranking of all gates of a city."""

from __future__ import annotations

from typing import Any

from yike.web.queue import Running, handler
from yike.web.scenarios import gates
from yike.web.scenarios.living import table_of
from yike.words import say


@handler(gates.KIND)
def rank_gates(job: Running) -> dict[str, Any]:
    """Rank the gates of a city for one walker; nothing is written but the job's own result."""
    step = say("trying.gates.step", "zh")

    def tell(tried: int, of: int) -> None:
        job.tell(tried / max(of, 1), f"{step} {tried}/{of}")

    found = gates.rank(table_of(job.city), str(job.payload.get("walker", "")), tell)
    job.log(say("trying.gates.found", "zh", n=found["tried"], k=len(found["gates"])))
    return {**found, "link": "/desk/plan/"}
