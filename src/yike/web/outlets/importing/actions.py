"""The verbs of the wizard: a table is checked, applied as one transaction, undone as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from yike.errors import Fault, InputError
from yike.web.accounts.models import Person
from yike.web.journal.chain import Deed
from yike.web.journal.verbs import verb
from yike.web.outlets.importing import applying, undoing
from yike.web.outlets.importing.models import Import, OwnWord
from yike.web.outlets.importing.models import Mapping as Remembered
from yike.web.outlets.importing.preparing import Plan, Upload, heads_digest, mark_of, remembered
from yike.web.outlets.importing.store import forget, path_of
from yike.web.outlets.signals import tell_supplies


def deed_on(person: Person | None, job: Import) -> Deed:
    """Return the deed of an act on an import: it lies in the area whose tree its rows must lie in."""
    return Deed(person, job.area, "outlets.import", str(job.pk or ""))


@verb("outlets.import_check")
def import_check(
    deed: Deed,
    job: Import,
    *,
    upload: Upload | None = None,
    plan: Plan | None = None,
    words: Mapping[str, Sequence[str]] | None = None,
) -> Import:
    """Write down what was given for an import, and the counts of its check; the register stays as it is.

    Parameters
    ----------
    job
        With what was given: columns, datum, crosswalk, choices. It may be new.
    upload
        Its file, or a corrected one; columns are proposed as they were chosen for such heads before.
    plan
        What `plan_of` found; None where nothing could be checked yet.
    words
        Categories assigned on the spot (category → types); they become the city's own.
    """
    if job.pk and Import.objects.select_for_update().get(pk=job.pk).state not in ("uploaded", "checked"):
        raise InputError(Fault("import.changed_since"))
    if upload:
        _take(job, upload)
    for category, types in (words or {}).items():
        OwnWord.objects.update_or_create(
            city=job.city, category=category[:120], defaults={"types": list(types), "by": deed.by}
        )
    if plan:
        job.state, job.counts, job.result = "checked", plan.counts, plan.digest
        told = {"columns": job.columns, "datum": job.datum, "crosswalk": job.crosswalk}
        Remembered.objects.update_or_create(city=job.city, heads=heads_digest(job.heads), defaults=told)
    else:
        job.state, job.counts, job.result = "uploaded", {}, ""
    job.by = deed.by
    job.save()
    if upload:
        forget(job)
        upload.path.replace(path_of(job))
    deed.record = str(job.pk)
    deed.change = {"file": job.name, "digest": job.digest, "counts": job.counts, "words": sorted(words or {})}
    return job


def _take(job: Import, upload: Upload) -> None:
    job.name, job.digest, job.size = upload.name[-120:], upload.digest, upload.size
    job.rows, job.heads, job.choices = upload.rows, list(upload.heads), {}
    for field, value in remembered(job.city, upload.heads).items():
        setattr(job, field, value)


@verb("outlets.import_apply")
def import_apply(deed: Deed, job: Import, plan: Plan) -> dict[str, int]:
    """Carry out a checked import: everything or nothing.

    Returns
    -------
    dict
        Rows added, updated, unchanged, skipped and left out for their faults.

    Raises
    ------
    InputError
        ``import.changed_since``: the register, the file or the choices are no longer those of the check;
        ``import.not_ready``: rows have faults and nobody has said that they may be left out.
    """
    job = Import.objects.select_for_update().get(pk=job.pk)
    if job.state != "checked" or job.result != plan.digest or mark_of(job.city) != plan.mark:
        raise InputError(Fault("import.changed_since"))
    if plan.counts["fault"] and not job.leave_out:
        rows = tuple((each.row, "") for each in plan.checked.records if each.action == "fault")
        raise InputError(Fault("import.not_ready", rows))
    changed = applying.write(job, plan.checked.records)
    job.state, job.applied_at, job.counts = "applied", timezone.now(), plan.counts
    job.save()
    deed.record = str(job.pk)
    deed.change = {"file": job.name, "digest": job.digest, "counts": plan.counts}
    tell_supplies(changed)
    return plan.counts


@verb("outlets.import_undo")
def import_undo(deed: Deed, job: Import, *, force: bool = False) -> dict[str, Any]:
    """Put the register back to where it was before an import: everything or nothing.

    Outlets that somebody has changed since stay as they are and are told, unless ``force`` is given. Added outlets that
    other records have come to refer to are closed instead of removed.

    Returns
    -------
    dict
        ``removed``, ``closed``, ``restored``, ``left`` and the keys of those ``kept``.

    Raises
    ------
    InputError
        ``import.undone_already``.
    """
    job = Import.objects.select_for_update().get(pk=job.pk)
    left = job.state == "undone" and job.outlets.filter(outcome="left").exists()
    if job.state != "applied" and not (left and force):
        raise InputError(Fault("import.undone_already"))
    changed = undoing.take_back(job, force)
    outcomes = Counter(job.outlets.values_list("outcome", flat=True))
    counts: dict[str, Any] = {name: outcomes[name] for name in ("removed", "closed", "restored", "left")}
    job.state, job.undone_at = "undone", timezone.now()
    job.save()
    deed.record = str(job.pk)
    deed.change = {"file": job.name, "digest": job.digest, "counts": counts, "force": force}
    tell_supplies(changed)
    transaction.on_commit(lambda: forget(job))
    return counts | {"kept": list(job.outlets.filter(outcome="left").values_list("key", flat=True))}
