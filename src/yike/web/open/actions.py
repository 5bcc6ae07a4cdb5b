"""Verbs of the open interfaces: making and revoking keys."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from yike.web.accounts.keys import ApiKey, new_word, scopes
from yike.web.journal.verbs import Deed, verb
from yike.web.open.tables import rules


@verb("open.key_make")
def key_make(deed: Deed, name: str, wanted: list[str], until: date) -> tuple[ApiKey, str]:
    """Make a key that acts for who makes it, in the deed's area; return it with the word, which is kept nowhere.

    Raises
    ------
    ValidationError
        No name, no known scope, or a last day that is past or too far away.
    """
    last = timezone.localdate() + timedelta(days=rules()["key_days_most"])
    faults = {}
    if not name.strip() or len(name.strip()) > 60:
        faults["name"] = _("请写明用途，不超过 60 个字。")
    if not wanted or not set(wanted) <= set(scopes()):
        faults["scopes"] = _("请至少选一个权限范围。")
    if not timezone.localdate() <= until <= last:
        faults["until"] = _("有效期最晚到 {day}，且不能早于今天。").format(day=last.isoformat())
    if faults or deed.by is None or deed.area is None:
        raise ValidationError(faults)
    word, prefix, fingerprint = new_word()
    key = ApiKey.objects.create(
        person=deed.by, area=deed.area, name=name.strip(), prefix=prefix, word_print=fingerprint,
        scopes=sorted(set(wanted)), until=until,
    )  # fmt: skip
    deed.kind, deed.record = "accounts.apikey", str(key.pk)
    deed.change = {"key": [None, prefix], "scopes": [None, key.scopes], "until": [None, until.isoformat()]}
    return key, word


@verb("open.key_revoke")
def key_revoke(deed: Deed, key: ApiKey) -> None:
    """Revoke a key from this moment on; revoking it again changes nothing."""
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        deed.change = {"revoked": [False, True], "key": [key.prefix, key.prefix]}


def deed_on(person: object, key: ApiKey) -> Deed:
    """Return the deed of a person on a key."""
    return Deed(person, key.area, kind="accounts.apikey", record=str(key.pk), owner_id=key.person_id)  # type: ignore[arg-type]
