"""Names of roles and verbs in templates, in the language of the page."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from yike.web.accounts.events import events
from yike.web.accounts.rights import verbs
from yike.web.accounts.roles import roles

register = template.Library()
REFUSED = "refused."


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.simple_tag
def role_name(role: str) -> str:
    """Return a role's name; one that is no longer known as it is written."""
    found = roles().get(role)
    return role if found is None else found.called("en" if _english() else "zh")


@register.simple_tag
def verb_name(verb: str) -> str:
    """Return the name of a verb or an event; a refused one says so."""
    bare = verb.removeprefix(REFUSED)
    known = verbs().get(bare)
    named = (known.zh, known.en) if known else events().get(bare, (bare, bare))
    if bare != verb:
        return f"Refused: {named[1]}" if _english() else f"被拒：{named[0]}"
    return named[1] if _english() else named[0]
