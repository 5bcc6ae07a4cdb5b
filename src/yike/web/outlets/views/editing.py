"""The form of an outlet's fields, shared by the desk and the merchant's page: shown, read, and written by the right verb."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yike.web.accounts.models import Person
from yike.web.journal.chain import Deed
from yike.web.outlets import actions
from yike.web.outlets.choices import label, labels, table
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.fields import OWNER_MAY_NOT
from yike.web.outlets.models import Outlet
from yike.web.outlets.views.common import perform, posted_prices

#: Steps from state to state that a page offers, each as (deed, reason).
STEPS: dict[str, Callable[[Deed, str], Any]] = {
    "outlets.open": lambda deed, reason: actions.open_outlet(deed),
    "outlets.pause": actions.pause,
    "outlets.reopen": lambda deed, reason: actions.reopen(deed),
    "outlets.close": actions.close,
    "outlets.revoke": actions.revoke,
    "outlets.vouch": lambda deed, reason: actions.vouch(deed),
    "outlets.withdraw_voucher": lambda deed, reason: actions.withdraw_voucher(deed, reason),
}


def field_name(name: str, lang: str) -> str:
    """Return a field's name for people."""
    return next((row[lang] for row in table("field_names") if row["field"] == name), name)


def edited_fields(outlet: Outlet, lang: str, owner: bool = False) -> list[dict[str, Any]]:
    """Return the form: per field its name, kind, value and choices. An owner is not offered what authorities give."""
    found = []
    for row in table("field_names"):
        name = row["field"]
        if row["kind"] == "prices" or (owner and name in OWNER_MAY_NOT) or (name == "schedule" and not outlet.mobile):
            continue
        value = outlet.hours_text or outlet.hours if name == "hours" else getattr(outlet, name)
        choices = [(code, label(row["table"], code, lang)) for code in labels(row["table"])] if row["table"] else []
        found.append(
            {
                "name": name,
                "kind": row["kind"],
                "label": row[lang],
                "value": "" if value is None else value,
                "choices": choices,
            }
        )
    return found


def posted_fields(request: HttpRequest, owner: bool = False) -> dict[str, Any]:
    """Return what a posted form says of the fields it showed (``shown``), unchecked."""
    given: dict[str, Any] = {}
    shown = set(request.POST.getlist("shown"))
    for row in table("field_names"):
        name, kind = row["field"], row["kind"]
        if name not in shown or kind in ("hours", "prices") or (owner and name in OWNER_MAY_NOT):
            continue
        given[name] = request.POST.getlist(name) if kind == "many" else request.POST.get(name, "")
    return given


def changed_fields(request: HttpRequest, outlet: Outlet, owner: bool = False) -> dict[str, Any]:
    """Return what a posted form changes: fields, ``hours`` and ``prices`` that differ from the outlet's."""
    changed = {
        name: value for name, value in posted_fields(request, owner).items() if _differs(getattr(outlet, name), value)
    }
    if "hours" in request.POST and request.POST["hours"].strip() != (outlet.hours_text or outlet.hours):
        changed["hours"] = request.POST["hours"].strip()
    if "price_item" in request.POST:
        lines = [line for line in posted_prices(request) if line["item"].strip() or line["yuan"]]
        kept = [{"item": p.item, "yuan": f"{p.yuan:f}", "unit": p.unit} for p in outlet.prices.all()]
        if lines != kept:
            changed["prices"] = lines
    return changed


def _differs(kept: Any, given: Any) -> bool:
    if isinstance(kept, bool) or kept is None or isinstance(given, bool):
        words = {True: ("true", "on", "yes"), False: ("false", "", "no"), None: ("", "unknown")}
        return str(given).lower() not in words.get(kept, ("",))
    if isinstance(kept, list):
        return set(kept) != set(given if isinstance(given, list) else [given])
    return str(kept) != str(given).strip()


def edit_outlet(request: HttpRequest, person: Person, outlet: Outlet) -> bool:
    """Write a posted form by its verbs, or, on somebody else's outlet, send it as a proposal; tell what came of it."""
    own = outlet.owner_id == person.pk
    changed = changed_fields(request, outlet, owner=bool(outlet.owner_id))
    if not changed:
        messages.info(request, _("没有改动。"))
        return True
    if outlet.owner_id and not own:
        sent = perform(
            request,
            lambda: actions.propose(deed_on(person, outlet), changed),
            _("该网点有经营者，修改已作为建议送交，等经营者确认。"),
        )
        return sent is not None
    done = []
    if "hours" in changed:
        text = changed.pop("hours")
        done.append(perform(request, lambda: actions.set_hours(deed_on(person, outlet), text)))
    if "prices" in changed:
        lines = changed.pop("prices")
        done.append(perform(request, lambda: actions.set_prices(deed_on(person, outlet), lines)))
    if changed:
        done.append(perform(request, lambda: actions.edit(deed_on(person, outlet), changed)))
    if all(each is not None for each in done):
        messages.success(request, _("已保存。"))
        return True
    return False


def posted_closures(request: HttpRequest) -> list[tuple[date, date, str]]:
    """Return the lines of a form of closures; raises ValueError for what is no date. Lines without a first day are left out."""
    rows = zip(
        request.POST.getlist("closed_from"),
        request.POST.getlist("closed_to"),
        request.POST.getlist("closed_why"),
        strict=False,
    )
    return [
        (date.fromisoformat(begins), date.fromisoformat(ends or begins), why)
        for begins, ends, why in rows
        if begins.strip()
    ]
