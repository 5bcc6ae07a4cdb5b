"""Words of jobs in templates."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from django import template

from yike.web.queue.models import Job
from yike.web.wording import language

register = template.Library()


@cache
def _states() -> dict[str, dict[str, str]]:
    text = resources.files("yike.web.queue").joinpath("state_names.csv").read_text(encoding="utf-8")
    return {row["state"]: row for row in csv.DictReader(text.splitlines())}


@register.filter
def state_name(state: str) -> str:
    """Return a state's name in the page's language."""
    return _states()[state][language()]


@register.filter
def percent(share: float) -> int:
    """Return a share of 0 to 1 as whole percent."""
    return int(100 * share)


@register.filter
def local_link(job: Job) -> str:
    """Return the page a job is about, if it is one of ours; "" for none."""
    return job.link if job.link.startswith("/") and not job.link.startswith("//") else ""
