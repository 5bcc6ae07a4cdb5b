"""Bodies of requests as JSON means them: no NaN or Infinity, no sign that a database cannot keep."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from yike.web.lists.cells import plain


class StrictParser(Parser):
    """Reads bodies; what is no JSON is answered 400 by the interface."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return a body's values; raises ValueError where it holds NaN or Infinity."""
        told: dict[str, Any] = without_odd(json.loads(request.body, parse_constant=_refused))
        return told


def _refused(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def without_odd(told: Any) -> Any:
    """Return JSON values without NUL and lone surrogates in their texts and names.

    Examples
    --------
    >>> without_odd({"a\\x00": ["b\\x00c", 1, None, {"d": "\\ud800"}]})
    {'a': ['bc', 1, None, {'d': '?'}]}
    """
    if isinstance(told, str):
        return plain(told)
    if isinstance(told, list):
        return [without_odd(each) for each in told]
    if isinstance(told, dict):
        return {plain(name): without_odd(value) for name, value in told.items()}
    return told
