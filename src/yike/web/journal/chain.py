"""The chain of the journal: how a line is written, and how the whole is proved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from yike.web.accounts.models import Person
from yike.web.areas.models import Area
from yike.web.journal.models import Line

FIRST = "0" * 64


@dataclass
class Deed:
    """One act under way: by whom (None: not logged in), where, on which record, and what it changes."""

    by: Person | None
    area: Area | None
    kind: str = ""
    record: str = ""
    owner_id: int | None = None
    change: dict[str, Any] = field(default_factory=dict)


def write_line(verb: str, deed: Deed) -> Line:
    """Append one line to the journal; the caller's transaction holds the deed and its line together."""
    last = Line.objects.select_for_update().order_by("-id").first()
    roles = ",".join(sorted(set(deed.by.grants.values_list("role", flat=True)))) if deed.by else ""
    line = Line(
        at=timezone.now(), verb=verb, person=deed.by, roles=roles, kind=deed.kind, record=deed.record,
        area=deed.area.code if deed.area else "", change=deed.change, before=last.digest if last else FIRST,
    )  # fmt: skip
    line.digest = digest_of(line)
    line.save(force_insert=True)
    return line


def digest_of(line: Line) -> str:
    """Return the SHA-256 over a line and the digest of the one before it."""
    parts = [
        line.before, line.at.isoformat(), line.verb, str(line.person_id or ""), line.roles, line.kind, line.record,
        line.area, json.dumps(line.change, ensure_ascii=False, sort_keys=True),
    ]  # fmt: skip
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
