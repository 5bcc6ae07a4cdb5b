"""What was done with a record, from the journal, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yike.web.accounts.rights import verbs
from yike.web.journal.models import Line
from yike.web.lists.choices import label

LINES = 60
OF_PROJECTS = ("projects.add", "projects.finish", "projects.drop", "projects.link_need", "projects.unlink_need")


@dataclass(frozen=True)
class Through:
    """Acts of some verbs on another record that touched the one in hand."""

    kind: str
    record: str
    verbs: tuple[str, ...]
    name: str


def through_projects(projects: Iterable[Any]) -> list[Through]:
    """Return the acts on projects that took a space or a need along, and the acceptances the projects grew from."""
    found = []
    for each in projects:
        found.append(Through("projects.project", each.key, OF_PROJECTS, each.name))
        if each.site_id:
            found.append(accepted(each.site.proposal_id, each.site.proposal.name))
    return found


def accepted(proposal: int, name: str) -> Through:
    """Return the acceptance of a proposal."""
    return Through("proposals.proposal", str(proposal), ("proposals.accept",), name)


def history(
    kind: str,
    record: str,
    room: str,
    lang: str,
    tell: Callable[[str, Any], str | None],
    through: Sequence[Through] = (),
) -> list[dict[str, Any]]:
    """Return a record's lines of the journal, newest first; staff pages only, since they name who did it.

    Parameters
    ----------
    room
        Whose ``field_names.csv`` names what changed.
    tell
        A value of a field in words, None where it is to be shown as it is.
    through
        Acts on other records that touched this one; told with the other record's name.
    """
    asked = Q(kind=kind, record=record)
    for each in through:
        asked |= Q(kind=each.kind, record=each.record, verb__in=each.verbs)
    names = {(each.kind, each.record): each.name for each in through}
    found = Line.objects.filter(asked).exclude(verb__startswith="refused.")
    return [
        {
            "at": line.at, "what": _verb(line.verb, lang),
            "who": (line.person.name if line.person else "") or line.roles or _("未登录"),
            "other": names.get((line.kind, line.record), ""),
            "changes": [] if (line.kind, line.record) in names else
                       [(label(room, "field_names", name, lang), _told(name, change, tell))
                        for name, change in line.change.items()],
        }
        for line in found.select_related("person").order_by("-id")[:LINES]
    ]  # fmt: skip


def _verb(name: str, lang: str) -> str:
    known = verbs().get(name)
    return name if known is None else known.zh if lang == "zh" else known.en


def _told(name: str, change: Any, tell: Callable[[str, Any], str | None]) -> str:
    if not (isinstance(change, list) and len(change) == 2):
        return str(change)
    return " → ".join(_word(tell(name, each), each) for each in change)


def _word(told: str | None, value: Any) -> str:
    if value in ("", None, []):
        return "—"
    if told is not None:
        return told
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
