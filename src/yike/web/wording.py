"""What a page says of a fault, and names of things in the page's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from yike.errors import Fault, YikeError, messages


def language() -> str:
    """Return "en" or "zh": the language of the request under way."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def fault_words(fault: Fault, lang: str | None = None) -> str:
    """Return what a fault says and what to do, in one line, with the entries it was found in."""
    lang = lang or language()
    words = messages()[fault.code]
    values = {"n": len(fault.rows), **{k: v[lang] if isinstance(v, dict) else v for k, v in fault.values.items()}}
    what, remedy = (words.zh, words.remedy_zh) if lang == "zh" else (words.en, words.remedy_en)
    rows = ("；" if lang == "zh" else "; ").join(text for _, text in fault.rows[:20])
    told = f"{what.format(**values)}{f'（{rows}）' if lang == 'zh' and rows else f' ({rows})' if rows else ''}"
    return f"{told}{'' if lang == 'zh' else ' '}{remedy.format(**values)}"


def error_words(error: YikeError, lang: str | None = None) -> list[str]:
    """Return all faults of an error in the page's language."""
    return [fault_words(fault, lang) for fault in error.faults]


def error_json(error: YikeError) -> dict[str, Any]:
    """Return an error for machines: its faults with codes and both languages, and one text in the caller's language."""
    return {"detail": " ".join(error_words(error)), "faults": [fault.as_json() for fault in error.faults]}
