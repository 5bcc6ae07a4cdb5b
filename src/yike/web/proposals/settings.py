"""Settings of the joint problem as records keep them: checked by the engine, changed by locking and forbidding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yike.siting.joint import JointSettings

if TYPE_CHECKING:
    from yike.web.proposals.actions import Again


def settings_from(told: dict[str, Any]) -> dict[str, Any]:
    """Return settings whole and checked, as JSON; raises InputError with every fault (``joint.*``)."""
    found: dict[str, Any] = JointSettings.from_json(told).as_json()
    return found


def merged(settings: dict[str, Any], again: Again) -> dict[str, Any]:
    """Return settings after locking, unlocking, forbidding and allowing pairs; what is locked is not forbidden, and the reverse.

    Examples
    --------
    >>> from yike.web.proposals.actions import Again
    >>> old = {"locked": [["K1", "repair"]], "forbidden": []}
    >>> merged(old, Again(forbid=(("K1", "repair"),)))
    {'locked': [], 'forbidden': [['K1', 'repair']]}
    """
    locked = {tuple(pair) for pair in settings.get("locked", ())} | set(again.lock)
    forbidden = {tuple(pair) for pair in settings.get("forbidden", ())} - set(again.allow) - set(again.lock)
    locked -= set(again.unlock) | {pair for pair in locked if pair in again.forbid or (pair[0], "") in again.forbid}
    forbidden |= set(again.forbid)
    return {
        **settings,
        **again.settings,
        "locked": sorted(map(list, locked)),
        "forbidden": sorted(map(list, forbidden)),
    }
