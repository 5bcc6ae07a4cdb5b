"""The acts behind the pages: what is given is read and checked first, then one verb writes it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from yike.errors import Fault, InputError
from yike.web.accounts.models import Person
from yike.web.areas.models import Area
from yike.web.outlets.importing import store, telling
from yike.web.outlets.importing.actions import deed_on, import_apply, import_check
from yike.web.outlets.importing.models import Import
from yike.web.outlets.importing.preparing import plan_of, read_upload
from yike.web.outlets.importing.reading import KINDS


def take_file(person: Person, area: Area, name: str, pieces: Iterable[bytes], job: Import | None = None) -> Import:
    """Begin an import with a file, or give one a corrected file; it is checked at once where its columns are known.

    Raises
    ------
    InputError
        Those of `open_table`; nothing is kept then.
    """
    store.sweep()
    name = Path(name.replace("\\", "/")).name[-120:] or "upload"
    suffix = Path(name).suffix.lower()
    if suffix not in KINDS:
        raise InputError(Fault("ingest.format", values={"path": name, "known": "CSV, XLSX, GeoJSON"}))
    path, digest, size = store.keep(pieces, suffix)
    try:
        upload = read_upload(path, name, digest, size)
        job = job or Import(city=area.city, area=area)
        return import_check(deed_on(person, job), job, upload=upload)
    finally:
        path.unlink(missing_ok=True)


def recheck(person: Person, job: Import, words: Mapping[str, Sequence[str]] | None = None) -> Import:
    """Check an import as it stands now, with categories assigned on the spot, and keep what was told."""
    plan = plan_of(job, words)
    job = import_check(deed_on(person, job), job, plan=plan, words=words)
    if plan:
        telling.keep(job, plan)
    return job


def apply(person: Person, job: Import) -> dict[str, int]:
    """Apply a checked import; where the register has changed since, the new check is kept and told instead.

    Raises
    ------
    InputError
        ``import.changed_since``, ``import.not_ready``, ``import.file_gone``.
    """
    plan = plan_of(job)
    if plan is None:
        raise InputError(Fault("import.column_needed"))
    if plan.digest != job.result and job.state == "checked":
        telling.keep(import_check(deed_on(person, job), job, plan=plan), plan)
        raise InputError(Fault("import.changed_since"))
    return import_apply(deed_on(person, job), job, plan)
