"""Verbs of the register. Every write goes through one of them: right, state, one transaction, one line in the journal."""

from yike.web.outlets.actions.editing import (
    add_photo,
    edit,
    remove_photo,
    set_closures,
    set_hours,
    set_prices,
    set_types,
)
from yike.web.outlets.actions.filters import remove_filter, save_filter
from yike.web.outlets.actions.merchants import (
    accept,
    attach_document,
    claim,
    keep_draft,
    register,
    remove_document,
    send_back,
)
from yike.web.outlets.actions.proposals import accept_proposal, decline_proposal, propose
from yike.web.outlets.actions.reports import report, settle_report
from yike.web.outlets.actions.stalls import add_stall, vouch, withdraw_voucher
from yike.web.outlets.actions.supply import (
    add,
    close,
    move,
    open_outlet,
    pause,
    place,
    plan,
    reopen,
    revoke,
    verify,
)
from yike.web.outlets.importing.actions import import_apply, import_check, import_undo

__all__ = [
    "accept",
    "accept_proposal",
    "add",
    "add_photo",
    "add_stall",
    "attach_document",
    "claim",
    "close",
    "decline_proposal",
    "edit",
    "import_apply",
    "import_check",
    "import_undo",
    "keep_draft",
    "move",
    "open_outlet",
    "pause",
    "place",
    "plan",
    "propose",
    "register",
    "remove_document",
    "remove_filter",
    "remove_photo",
    "reopen",
    "report",
    "revoke",
    "save_filter",
    "send_back",
    "set_closures",
    "set_hours",
    "set_prices",
    "set_types",
    "settle_report",
    "verify",
    "vouch",
    "withdraw_voucher",
]
