"""The chain of the journal: how a line is written, and how the whole is proved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from yike.web.accounts.deeds import Deed
from yike.web.accounts.limits import limit
from yike.web.accounts.rights import grants_of
from yike.web.journal.models import Line

FIRST = "0" * 64
REFUSED = "refused."
LOCK = 0x79696B65  #: PostgreSQL's advisory lock of the chain: "yike"


def write_line(verb: str, deed: Deed) -> Line:
    """Append one line to the journal; the caller's transaction holds the deed and its line together.

    Two writers never follow the same line: on PostgreSQL the second waits for the first one's commit, on SQLite a
    writing transaction is alone; and the database itself refuses a second line after the same one.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = Line.objects.order_by("-id").values_list("digest", flat=True).first()
        roles = deed.through or (",".join(sorted({role for role, _ in grants_of(deed.by)})) if deed.by else "")
        line = Line(
            at=timezone.now(), verb=verb, person=deed.by, roles=roles, kind=deed.kind, record=deed.record,
            area=deed.area.code if deed.area else "", said=as_text(deed.change), before=last or FIRST,
        )  # fmt: skip
        line.digest = digest_of(line)
        line.save(force_insert=True)
    return line


def write_refusal(verb: str, deed: Deed) -> Line | None:
    """Write that a person was refused; the same refusal again within some seconds (``limits.csv``) is not a new line."""
    since = timezone.now() - timedelta(seconds=limit("refusal_seconds"))
    again = Line.objects.filter(verb=REFUSED + verb, person=deed.by, record=deed.record, at__gte=since).exists()
    return None if again else write_line(REFUSED + verb, Deed(deed.by, deed.area, deed.kind, deed.record))


def as_text(change: dict[str, Any]) -> str:
    """Return a change as JSON text that any database keeps as it is: no lone surrogates, dates and decimals as words."""
    text = json.dumps(change, ensure_ascii=False, sort_keys=True, cls=DjangoJSONEncoder, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def digest_of(line: Line) -> str:
    """Return the SHA-256 over a line and the digest of the one before it; the time in UTC, to the microsecond."""
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [line.before, at, line.verb, line.person_id, line.roles, line.kind, line.record, line.area, line.said]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True)
class Proof:
    """What going through the whole journal found."""

    lines: int
    head: str  # digest of the last line: written down elsewhere, it proves later that nothing before it was cut off
    broken: int | None = None  # id of the first line that does not hold
    why: str = ""  # "changed": its digest is not its own; "parted": it does not follow the line before


def prove() -> Proof:
    """Go through the journal line by line and stop at the first that does not hold."""
    before, count = FIRST, 0
    for line in Line.objects.order_by("id").iterator(2000):
        if line.before != before:
            return Proof(count, before, line.pk, "parted")
        if digest_of(line) != line.digest:
            return Proof(count, before, line.pk, "changed")
        before, count = line.digest, count + 1
    return Proof(count, before)


__all__ = ["FIRST", "LOCK", "REFUSED", "Deed", "Proof", "as_text", "digest_of", "prove", "write_line", "write_refusal"]
