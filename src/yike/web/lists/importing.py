"""A table on its way into a list: checked whole, shown, applied as one transaction, undone as one.

Nothing of the file itself is kept: a check leaves the rows as they would be written (what must not be kept is already
out of them), and what was found. The list's own app says how a row is read, written, compared and taken back.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from yike.errors import Fault, InputError, messages
from yike.web.areas.models import Area, City

STATES = ("checked", "applied", "undone")
NOTES = "notes"  #: codes that only tell; every other finding keeps its row out


@dataclass(frozen=True)
class Finding:
    """Something found in one row of a table: the code of its message, the field, and what stood there."""

    row: int
    code: str
    field: str = ""
    value: str = ""

    def words(self, lang: str) -> tuple[str, str]:
        """Return what is wrong and what to do."""
        told = messages()[self.code]
        return (told.zh, told.remedy_zh) if lang == "zh" else (told.en, told.remedy_en)


@dataclass(frozen=True)
class Ready:
    """One row ready to be written: its number, what it does, the key of the record, and the values by field."""

    row: int
    action: str  #: add, update, same
    key: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """What a table would do: rows that are good, all that was found, further counts (such as names taken out)."""

    ready: tuple[Ready, ...]
    findings: tuple[Finding, ...]
    rows: int
    more: dict[str, int] = field(default_factory=dict)
    notes: frozenset[str] = frozenset()  #: codes of findings that do not keep a row out
    waiting: tuple[Ready, ...] = ()  #: rows that wait for an answer; their action is what is asked about

    @property
    def faults(self) -> list[Finding]:
        return [each for each in self.findings if each.code not in self.notes]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by what they do; ``fault``: rows kept out."""
        by = Counter(each.action for each in self.ready)
        return {
            "rows": self.rows, "add": by["add"], "update": by["update"], "same": by["same"],
            "fault": len({each.row for each in self.faults}), **self.more,
        }  # fmt: skip


class TableImport(models.Model):
    """One table on its way into a list; every list has its own records of this shape."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")  # rows must lie in its tree
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, default="checked", choices=[(each, each) for each in STATES])
    name = models.CharField(max_length=120)  # of the file, as it was called
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    choices = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder
    )  # what was chosen for the whole table, such as its source
    ready = models.JSONField(
        default=list, encoder=DjangoJSONEncoder
    )  # [row, action, key, values]; emptied when applied
    findings = models.JSONField(default=list)  # [row, code, field, value]
    counts = models.JSONField(default=dict)
    spare = models.JSONField(default=list)  # heads of columns that were not read
    did = models.JSONField(default=list, encoder=DjangoJSONEncoder)  # [key, action, before, digest after, outcome]
    begun_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def found(self) -> list[Finding]:
        """What the check found, by row."""
        return [Finding(*each) for each in self.findings]


def keep(job: TableImport, checked: Checked) -> None:
    """Write a check into its import (saved)."""
    job.ready = [[each.row, each.action, each.key, each.values] for each in checked.ready]
    job.findings = [[each.row, each.code, each.field, each.value] for each in checked.findings]
    waiting = [[each.row, each.action, each.key, each.values] for each in checked.waiting]
    job.choices = {**job.choices, "notes": sorted(checked.notes), "waiting": waiting}
    job.counts, job.state = checked.counts, "checked"
    job.save()


def digest_of(values: dict[str, Any]) -> str:
    """Return the digest of a record's values, by which an undo sees that somebody changed it since."""
    return hashlib.sha256(orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()


Write = Callable[[Ready], Any]  #: writes a row, returns the record
Tell = Callable[[Any], dict[str, Any]]  #: a record's values


def apply(job: TableImport, leave_out: bool, find: Callable[[str], Any], write: Write, tell: Tell) -> dict[str, int]:
    """Write the rows of a checked import in the caller's transaction.

    Parameters
    ----------
    leave_out
        Whether rows with faults may be left out; else a single one stops all.

    Raises
    ------
    InputError
        ``import.not_ready``; ``lists.changed_since``: not checked, or records came or changed since the check.
    """
    if job.state != "checked":
        raise InputError(Fault("lists.changed_since"))
    if job.counts["fault"] and not leave_out:
        rows = tuple(dict.fromkeys((each.row, "") for each in job.found if each.code not in job.choices.get(NOTES, ())))
        raise InputError(Fault("import.not_ready", rows))
    did: list[list[Any]] = []
    for row, action, key, values in job.ready:
        if action == "same":
            continue
        there = find(key) if key else None
        if (there is not None) != (action == "update"):
            raise InputError(Fault("lists.changed_since", ((row, key),)))
        before = tell(there) if there is not None else None
        record = write(Ready(row, action, key, values))
        did.append([record.key, action, before, digest_of(tell(record)), ""])
    job.did, job.ready = did, []
    job.choices = {**job.choices, "waiting": []}
    job.state, job.applied_at = "applied", timezone.now()
    job.save()
    return dict(job.counts)


def undo(
    job: TableImport, find: Callable[[str], Any], tell: Tell, restore: Callable[[Any, dict[str, Any]], None],
    remove: Callable[[Any], bool],
) -> dict[str, int]:  # fmt: skip
    """Take an applied import back in the caller's transaction.

    Records that somebody changed since stay as they are and are told (``left``).

    Parameters
    ----------
    restore
        Writes a record's values of before.
    remove
        Removes an added record; False where others refer to it, so that it stays (``left``).

    Raises
    ------
    InputError
        ``import.undone_already``.
    """
    if job.state != "applied":
        raise InputError(Fault("import.undone_already"))
    told = Counter({"removed": 0, "restored": 0, "left": 0})
    after: list[Sequence[Any]] = []
    for key, action, before, digest, _ in job.did:
        record = find(key)
        if record is None or digest_of(tell(record)) != digest:
            outcome = "left"
        elif action == "update":
            restore(record, before)
            outcome = "restored"
        else:
            outcome = "removed" if remove(record) else "left"
        told[outcome] += 1
        after.append([key, action, before, digest, outcome])
    job.did, job.state, job.undone_at = after, "undone", timezone.now()
    job.save()
    return dict(told)
