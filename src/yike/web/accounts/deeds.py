"""What a verb is: the right asked, one transaction, one line in the journal; and what an act under way knows of itself.

The journal lies above this floor, so it comes to us: at start it hands over how a line and a refusal are written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from threading import local
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import connection, transaction

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may
from yike.web.areas.models import Area

P = ParamSpec("P")
R = TypeVar("R")
ACTIONS: dict[str, Callable[..., Any]] = {}  #: every verb that is carried out somewhere, by name
log = logging.getLogger(__name__)


@dataclass
class Deed:
    """One act under way: by whom (None: not logged in), where, on which record, and what it changes."""

    by: Person | None
    area: Area | None
    kind: str = ""
    record: str = ""
    owner_id: int | None = None
    change: dict[str, Any] = field(default_factory=dict)
    through: str = ""  # "console": done on the server itself, by who has its command line


class Refused(PermissionDenied):
    """A person may not do this here. ``noted`` tells whether the journal knows of it already."""

    noted = False


Write = Callable[[str, Deed], Any]


class _Book(local):
    waiting: list[tuple[str, Deed]]

    def __init__(self) -> None:
        self.waiting = []


_writers: dict[str, Write] = {}
_book = _Book()


def keep_in(line: Write, refusal: Write) -> None:
    """Take from the journal how a line and a refusal are written."""
    _writers.update(line=line, refusal=refusal)


def write(name: str, deed: Deed) -> None:
    """Write one line of the journal inside the transaction under way."""
    if "line" not in _writers:
        raise ImproperlyConfigured("the journal is not installed: nothing may be done without it")
    _writers["line"](name, deed)


def verb(name: str) -> Callable[[Callable[Concatenate[Deed, P], R]], Callable[Concatenate[Deed, P], R]]:
    """Make a function the one way to do ``name``.

    The function's first argument is a `Deed`: who, on which record, in which area, owned by whom. The right is asked
    before anything else; the body runs in one transaction; what it puts in ``deed.change`` goes into the journal.
    A refusal, by the table or by the body, goes into the journal in a transaction of its own.

    Raises
    ------
    PermissionDenied
        The person may not do this here.
    """

    def make(body: Callable[Concatenate[Deed, P], R]) -> Callable[Concatenate[Deed, P], R]:
        @wraps(body)
        def act(deed: Deed, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                if not may(deed.by, name, deed.area, deed.owner_id):
                    raise Refused(name)
                with transaction.atomic():
                    result = body(deed, *args, **kwargs)
                    write(name, deed)
                return result
            except PermissionDenied as refusal:
                if not getattr(refusal, "noted", False):
                    refusal.noted = True  # type: ignore[attr-defined]
                    _book.waiting.append((name, deed))
                raise
            finally:
                if not connection.in_atomic_block:
                    write_refusals()

        if name in ACTIONS:
            raise ValueError(f"verb {name} is done in two places")
        ACTIONS[name] = act
        return act  # type: ignore[return-value]

    return make


def write_refusals() -> None:
    """Write the refusals that wait. Inside a transaction that will be undone they would be lost, so they wait for its end."""
    waiting, _book.waiting = _book.waiting, []
    for name, deed in waiting:
        if deed.by is None:
            log.info("refused: %s by nobody logged in", name)  # not in the journal: a stranger could fill it
        elif "refusal" in _writers:
            _writers["refusal"](name, deed)


def forget_refusals() -> None:
    """Drop refusals left over from work that this thread did before."""
    _book.waiting = []


def at_console(act: Callable[..., R], deed: Deed, *args: Any, **kwargs: Any) -> R:
    """Do a verb on the server's own command line, where nobody is logged in; the journal says ``console``.

    Only commands call this: who has the command line has the database too.
    """
    name = next(known for known, each in ACTIONS.items() if each is act)
    deed.through = "console"
    with transaction.atomic():
        result = act.__wrapped__(deed, *args, **kwargs)  # type: ignore[attr-defined]
        write(name, deed)
    return result


def tell(event: str, person: Person | None, area: Area | None, **change: Any) -> None:
    """Write what a person did with their own login (``events.csv``): no verb, since no right is asked."""
    with transaction.atomic():
        write(event, Deed(person, area, "accounts.person", person.get_username() if person else "", change=change))
