"""Long work of circles: proposals for many communities."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from yike.web.circling.proposing import Asked, proposed
from yike.web.queue import Running, handler


@handler("circling.propose")
def propose_job(job: Running) -> dict[str, Any]:
    """Propose circles; the answer is kept as the job's result and nothing else is written."""
    job.tell(0.02, _("读取街道和屏障"))
    found = proposed(job.city, Asked.of(job.payload), lambda share: job.tell(share, _("测算步行和分圈")))
    job.log(f"{found['communities']} → {len(found['circles'])}")
    return {**found, "link": f"/desk/circles/proposed/{job.id}/"}
