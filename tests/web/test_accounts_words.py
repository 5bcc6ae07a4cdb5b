"""Every word of the pages of people and of the journal has its English; every table names things in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import yike.web
from yike.web.accounts.events import events
from yike.web.accounts.roles import roles
from yike.web.accounts.templatetags.roles import role_name, verb_name

WEB = Path(yike.web.__path__[0])


def said(app):
    """Message ids of an app's templates and modules."""
    found = set()
    for page in (WEB / app).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        found |= set(re.findall(r'{% translate "([^"]+)" %}', text))
        blocks = re.findall(r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", text, re.S)
        found |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks}
    for module in (WEB / app).glob("*.py"):
        found |= set(re.findall(r'\b_\(\s*"([^"]+)"\s*\)', module.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("app", ["accounts", "journal"])
def test_every_word_has_its_english(app):
    text = (WEB / app / "locale/en/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    english = dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', text, re.M))
    assert said(app) == set(english), "words without English, or English without words"
    for zh, en in english.items():
        assert en and not re.search("[一-鿿]", en), zh
        assert set(re.findall(r"%\(\w+\)[sd]", zh)) == set(re.findall(r"%\(\w+\)[sd]", en)), zh


def test_tables_name_things_in_both_languages():
    assert all(each.zh and each.en for each in roles().values()) and all(all(both) for both in events().values())
    assert role_name("auditor") == "审计员" and role_name("gone") == "gone"
    assert verb_name("refused.accounts.invite") == "被拒：邀请人员" and verb_name("session.began") == "登录"
    assert verb_name("unknown.verb") == "unknown.verb"
