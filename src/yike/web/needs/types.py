"""Which business type a category or a sentence asks for: the city's own words, ours, then the crosswalk of words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from yike.standards.crosswalk import load_crosswalk
from yike.web.areas.models import City
from yike.web.lists.choices import plain, table, type_words
from yike.web.needs.models import NeedWord

ROOM = "yike.web.needs"


@cache
def our_words() -> dict[str, str]:
    """Return what people say → business type, "" for what is none of ours, longest first (``words.csv``)."""
    pairs = [(plain(word), row["business_type"]) for row in table(ROOM, "words") for word in row["words"].split("|")]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


def words_of(city: City, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a city's own categories → business type, "" for none of ours, with ``more`` before them."""
    own = dict(NeedWord.objects.filter(city=city).values_list("category", "business_type"))
    return {plain(word): code for word, code in {**own, **(more or {})}.items()}


def type_of(category: str, said: str, own: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the business type asked for, and the code of a note or a fault.

    Returns
    -------
    tuple
        (code, ""), (code, ``needs.type_several``), (code, ``needs.type_from_text``), ("", ``needs.type_none``) for what
        is known to be none of ours, (None, ``needs.type_unknown``) or (None, ``needs.type_empty``).

    Examples
    --------
    >>> type_of("买菜难", "", {}), type_of("便利店", "", {}), type_of("12345", "小区门口没有早餐店", {})
    (('fresh_food_store', ''), ('convenience_store', ''), ('breakfast', 'needs.type_from_text'))
    >>> type_of("飞碟", "", {}), type_of("飞碟", "", {"飞碟": ""})
    ((None, 'needs.type_unknown'), ('', 'needs.type_none'))
    """
    word = plain(category)
    if word in own:
        return (own[word], "") if own[word] else ("", "needs.type_none")
    known = type_words().get(word, our_words().get(word))
    if known is not None:
        return (known, "") if known else ("", "needs.type_none")
    answer = load_crosswalk("words").ask(category) if word else None
    if answer and answer.types:
        return answer.types[0], "needs.type_several" if len(answer.types) > 1 else ""
    found = _heard(plain(category), plain(said))
    if found:
        return found, "needs.type_from_text"
    if answer and answer.known:
        return "", "needs.type_none"
    return None, "needs.type_unknown" if word else "needs.type_empty"


def _heard(*texts: str) -> str:
    """Return the type of the longest of our words that a text holds, the category before what was said."""
    for text in texts:
        for word, code in our_words().items():
            if code and word in text:
                return code
    return ""
