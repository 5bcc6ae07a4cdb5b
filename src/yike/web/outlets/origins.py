"""From which connection something anonymous came: a keyed print of address and day, so that one can count and not know."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from yike.errors import Fault
from yike.web.accounts.addresses import address_of
from yike.web.home import secret
from yike.web.outlets.choices import limit
from yike.web.outlets.models import Outlet, Proposal, Report
from yike.web.outlets.states import RegisterError


def origin_of(request: HttpRequest) -> str:
    """Return the print of a request's address for today."""
    text = f"{timezone.localdate().isoformat()} {address_of(request)}"
    return hmac.new(secret("origins").encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def allow(kind: type[Report] | type[Proposal], origin: str, outlet: Outlet) -> None:
    """Refuse what comes too often from one connection (``outlets.too_many``), and wipe prints older than a day."""
    kind.objects.filter(at__lt=timezone.now() - timedelta(days=1)).exclude(origin="").update(origin="")
    if not origin:
        return
    today = kind.objects.filter(origin=origin)
    most = "reports_per_day" if kind is Report else "proposals_per_day"
    if today.count() >= limit(most):
        raise RegisterError(Fault("outlets.too_many"))
    if kind is Report and today.filter(outlet=outlet).count() >= limit("reports_same_outlet_per_day"):
        raise RegisterError(Fault("outlets.too_many"))
