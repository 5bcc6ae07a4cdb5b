"""What the register tells the floors above: that what counts as supply has changed."""

from __future__ import annotations

from django.dispatch import Signal

from yike.web.outlets.models import Outlet

#: Sent inside the verb's transaction, when all of it is written, with ``outlet`` or ``outlets`` as they are now: a state
#: came to or left "open", or an open outlet's types or place changed. So a receiver's note of the change is kept with
#: the change itself or not at all; what takes long it does after the commit. ``sender`` is `Outlet`.
supply_changed = Signal()


def tell_supply(outlet: Outlet) -> None:
    """Send `supply_changed` for an outlet; the last thing a verb does."""
    supply_changed.send(sender=Outlet, outlet=outlet)


def tell_supplies(outlets: list[Outlet]) -> None:
    """Send one `supply_changed` with ``outlets`` for many at once, as an import does."""
    if outlets:
        supply_changed.send(sender=Outlet, outlets=outlets)
