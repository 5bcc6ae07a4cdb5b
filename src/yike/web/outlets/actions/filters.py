"""Verbs of a person's own saved filters of the register."""

from __future__ import annotations

from yike.errors import Fault
from yike.web.journal.verbs import Deed, verb
from yike.web.outlets.models import SavedFilter
from yike.web.outlets.states import RegisterError


@verb("outlets.save_filter")
def save_filter(deed: Deed, name: str, query: str) -> SavedFilter:
    """Keep the query of a filtered register under a name; the same name is written over. ``outlets.filter``."""
    name = name.strip()
    if not 1 <= len(name) <= 30 or len(query) > 400 or deed.by is None:
        raise RegisterError(Fault("outlets.filter"))
    kept, _ = SavedFilter.objects.update_or_create(person=deed.by, name=name, defaults={"query": query})
    deed.change = {"filter": ["", name]}
    return kept


@verb("outlets.remove_filter")
def remove_filter(deed: Deed, pk: int) -> None:
    """Let go of one of one's own filters."""
    gone, _ = SavedFilter.objects.filter(person=deed.by, pk=pk).delete()
    if not gone:
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    deed.change = {"filter": [pk, ""]}
