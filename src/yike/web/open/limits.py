"""How often one may ask: a bucket of tokens per address or key, refilled steadily; rows of ``limits.csv``.

Buckets are kept in each process, so that asking costs no database: with two workers one may ask up to twice as often.
An operator's own table is named by ``YIKE_LIMITS``. A key counts as a key only while it holds; any other word counts
with the address it comes from, so that inventing keys gains nothing.
"""

from __future__ import annotations

import csv
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from ipaddress import IPv6Address, ip_address
from math import ceil
from pathlib import Path
from threading import Lock
from time import monotonic

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from yike.web.accounts.addresses import address_of
from yike.web.accounts.keys import MARK, key_of, print_of

MOST = 100_000  #: buckets kept per process; the longest unused go first
KNOWN_S = 30.0  #: a key is looked up again after so long


@dataclass(frozen=True)
class Limit:
    """One row: how many questions a second flow in, how many may come at once."""

    scope: str
    prefix: str
    who: str  # address | key
    per_s: float
    burst: float


def read_limits() -> list[Limit]:
    """Read the operator's table (``YIKE_LIMITS``), else ours."""
    own = os.environ.get("YIKE_LIMITS")
    text = (
        Path(own).read_text(encoding="utf-8")
        if own
        else resources.files("yike.web.open").joinpath("limits.csv").read_text("utf-8")
    )
    return [
        Limit(row["scope"], row["prefix"], row["who"], float(row["per_minute"]) / 60, float(row["burst"]))
        for row in csv.DictReader(text.splitlines())
    ]


class Buckets:
    """Tokens left per (scope, who asks), and when that was so."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, limit: Limit, who: str) -> float:
        """Take one token; return 0, or the seconds until there is one (then none is taken)."""
        now, name = self.clock(), (limit.scope, who)
        with self._lock:
            left, at = self._left.pop(name, (limit.burst, now))
            left = min(limit.burst, left + (now - at) * limit.per_s)
            wait = 0.0 if left >= 1 else (1 - left) / limit.per_s
            self._left[name] = (left if wait else left - 1, now)
            if len(self._left) > MOST:
                self._left.popitem(last=False)
        return wait

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._left.clear()


BUCKETS = Buckets()


class RateLimit:
    """Middleware for /api/, /ogc/ and /export/: too many questions are answered 429 with Retry-After."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        limits = read_limits()
        self.prefixes = tuple({each.prefix for each in limits})
        self.limits = {(each.prefix, each.who): each for each in limits}
        self._keys: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(self.prefixes):
            return self.get_response(request)
        prefix = request.path[: request.path.index("/", 1) + 1]
        key = self._key(request.META.get("HTTP_AUTHORIZATION", ""))
        limit = self.limits.get((prefix, "key" if key else "address"))
        wait = BUCKETS.wait_s(limit, key or network_of(address_of(request))) if limit else 0.0
        return too_many(wait) if wait else self.get_response(request)

    def _key(self, header: str) -> str:
        """Return the fingerprint of a key that holds, "" for none; asked of the database twice a minute at most."""
        if not header.startswith("Bearer " + MARK):
            return ""
        word, now = header[7:], monotonic()
        fingerprint = print_of(word)
        until, known = self._keys.get(fingerprint, (0.0, ""))
        if until < now:
            known = fingerprint if key_of(word) else ""
            if known:  # invented words are not kept: they would only fill the memory
                self._keys[fingerprint] = (now + KNOWN_S, known)
                if len(self._keys) > 1000:
                    self._keys.popitem(last=False)
        return known


def too_many(wait_s: float) -> HttpResponse:
    """Return the answer to who asks too often."""
    seconds = ceil(wait_s)
    body = {"code": "TooManyRequests", "detail": _("请求过于频繁，请在 {n} 秒后再试。").format(n=seconds)}
    answer = JsonResponse(body, status=429, json_dumps_params={"ensure_ascii": False})
    answer["Retry-After"] = str(seconds)
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def network_of(address: str) -> str:
    """Return what counts as one asker: an IPv4 address, or the /64 that one subscriber has of IPv6.

    Examples
    --------
    >>> network_of("2001:db8:1:2:3:4:5:6")
    '2001:db8:1:2::'
    """
    if ":" not in address:
        return address
    try:
        given = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(given) >> 64 << 64)) if isinstance(given, IPv6Address) else str(given)
