"""What a verb is: the right checked, the state checked, one transaction, one line in the journal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may
from yike.web.areas.models import Area
from yike.web.journal.chain import Deed, write_line

P = ParamSpec("P")
R = TypeVar("R")
ACTIONS: dict[str, Callable[..., Any]] = {}  #: every verb that is carried out somewhere, by name


def verb(name: str) -> Callable[[Callable[Concatenate[Deed, P], R]], Callable[Concatenate[Deed, P], R]]:
    """Make a function the one way to do ``name``.

    The function's first argument is a `Deed`: who, on which record, in which area, owned by whom. The right is asked
    before anything else; the body runs in one transaction; what it puts in ``deed.change`` goes into the journal.

    Raises
    ------
    PermissionDenied
        The person may not do this here.
    """

    def make(body: Callable[Concatenate[Deed, P], R]) -> Callable[Concatenate[Deed, P], R]:
        @wraps(body)
        def act(deed: Deed, *args: P.args, **kwargs: P.kwargs) -> R:
            if not may(deed.by, name, deed.area, deed.owner_id):
                raise PermissionDenied(name)
            with transaction.atomic():
                result = body(deed, *args, **kwargs)
                write_line(name, deed)
            return result

        if name in ACTIONS:
            raise ValueError(f"verb {name} is done in two places")
        ACTIONS[name] = act
        return act

    return make


__all__ = ["ACTIONS", "Area", "Deed", "Person", "verb"]
