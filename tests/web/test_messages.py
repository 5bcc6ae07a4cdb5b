"""Every Chinese word of the platform has its English: templates, Python and the front end.

``python tests/web/test_messages.py [app]`` prints what is missing as entries for the app's ``django.po``.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from yike.web.translations import WEB, BadCatalogue, catalogues, compile_all, mo_of, read_po

CHINESE = re.compile(r"[\u3400-\u9fff]")
CALLS = ("gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "_")
IN_TEMPLATE = re.compile(
    r"""\b(gettext|ngettext|pgettext|npgettext|_)\(((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|,\s*)+)"""
)
PLACES = re.compile(r"%\((\w+)\)s|\{(\w*)\}|%([sd])")
ITSELF = {"中文"}  #: the name of a language is in that language
Message = tuple[str, str]  #: context ("" for none), msgid


def app_of(path: Path) -> str:
    """Return the app a file belongs to, "web" for shared ones."""
    first = path.relative_to(WEB).parts[0]
    return first if (WEB / first / "apps.py").is_file() else "web"


def in_templates() -> Iterator[tuple[Path, Message]]:
    """Yield messages of all templates, as Django's own extractor sees them."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    from django.utils.translation.template import templatize

    for path in sorted(WEB.glob("**/templates/**/*")):
        if path.suffix not in (".html", ".txt", ".svg", ".js") or "node_modules" in path.parts:
            continue
        for call, words in IN_TEMPLATE.findall(templatize(path.read_text(encoding="utf-8"))):
            texts = ast.literal_eval(f"[{words}]")
            yield path, (texts[0], texts[1]) if call.startswith(("p", "np")) else ("", texts[0])


def in_python() -> Iterator[tuple[Path, Message]]:
    """Yield messages of all gettext calls with a constant text."""
    for path in sorted(WEB.glob("**/*.py")):
        if {"node_modules", "built"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if name in CALLS and texts:
                yield path, (texts[0], texts[1]) if name.startswith("p") and len(texts) > 1 else ("", texts[0])


def translated() -> dict[Message, str]:
    """Return all English texts: Django looks through the catalogues of all apps."""
    found: dict[Message, str] = {}
    for path in catalogues():
        for entry in read_po(path):
            if entry.id and all(entry.texts.values()) and not entry.fuzzy:
                found[(entry.context or "", entry.id)] = entry.texts[0]
    return found


def missing(app: str = "") -> dict[Message, Path]:
    """Return Chinese messages without English, with a file each stands in."""
    english = translated()
    every = [*in_templates(), *in_python()]
    return {
        message: path
        for path, message in every
        if CHINESE.search(message[1])
        and message[1] not in ITSELF
        and message not in english
        and app in ("", app_of(path))
    }


def test_every_message_has_english():
    lacking = missing()
    told = "\n".join(f"{path.relative_to(WEB)}: {message[1]}" for message, path in list(lacking.items())[:60])
    assert not lacking, f"{len(lacking)} without English (python tests/web/test_messages.py prints entries):\n{told}"


def test_the_extractor_sees_messages():
    assert len({message for _, message in in_templates()}) > 50
    assert len({message for _, message in in_python()}) > 20


def test_english_keeps_the_places_of_the_chinese():
    for (_, chinese), english in translated().items():
        places = [sorted("".join(each) for each in PLACES.findall(text)) for text in (chinese, english)]
        assert places[0] == places[1], chinese


def test_english_is_english():
    for (_, chinese), english in translated().items():
        assert not CHINESE.search(re.sub(r"（[^）]*）|“[^”]*”|\([^)]*\)|中文", "", english)), (chinese, english)


def test_compiled_catalogues_are_read_by_the_standard_library(tmp_path):
    import gettext

    folder = tmp_path / "app/locale/en/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\n'
        '# a comment\nmsgid "早点"\n"铺"\nmsgstr "breakfast \\"shop\\""\n\n#, fuzzy\nmsgid "不确定"\nmsgstr "unsure"\n\n'
        'msgctxt "verb"\nmsgid "开"\nmsgstr "open"\n\nmsgid "%(n)s 家"\nmsgid_plural "%(n)s 家"\nmsgstr[0] "%(n)s outlet"\n'
        'msgstr[1] "%(n)s outlets"\n\nmsgid "没译"\nmsgstr ""\n\n#~ msgid "旧"\n#~ msgstr "old"\n',
        encoding="utf-8",
    )
    assert [path.name for path in compile_all(tmp_path)] == ["django.mo"]
    assert compile_all(tmp_path) == []  # nothing has changed
    words = gettext.GNUTranslations((folder / "django.mo").open("rb"))
    assert words.gettext("早点铺") == 'breakfast "shop"'
    assert words.pgettext("verb", "开") == "open"
    assert (words.ngettext("%(n)s 家", "%(n)s 家", 1), words.ngettext("%(n)s 家", "%(n)s 家", 2)) == (
        "%(n)s outlet", "%(n)s outlets",
    )  # fmt: skip
    assert [words.gettext(each) for each in ("不确定", "没译", "旧")] == ["不确定", "没译", "旧"]


@pytest.mark.parametrize("text", ['msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', 'msgid "a\nmsgstr "b"\n'])
def test_a_broken_catalogue_is_told_with_its_line(tmp_path, text):
    (tmp_path / "django.po").write_text(text, encoding="utf-8")
    with pytest.raises(BadCatalogue, match=r"django\.po:\d"):
        mo_of(read_po(tmp_path / "django.po"))


def test_every_setting_of_the_environment_is_in_the_operators_guide():
    source = "".join(path.read_text(encoding="utf-8") for path in WEB.parent.rglob("*.py"))
    guide = (WEB.parents[2] / "docs/guide/operator.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bYIKE_[A-Z]+(?:_[A-Z]+)*\b", source))
    assert len(named) > 8 and {each for each in named if f"`{each}`" not in guide} == set()


# --- the front end ---

FRONT = WEB / "frontend"
TABLES = sorted((FRONT / "words").glob("*.json"))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_words_of_the_front_end_have_both_languages(table):
    words = json.loads(table.read_text(encoding="utf-8"))
    assert words
    for key, both in words.items():
        assert set(both) == {"zh", "en"} and both["zh"].strip() and both["en"].strip(), key
        assert not CHINESE.search(both["en"]), key
        zh, en = (sorted(re.findall(r"\{(\w+)\}", both[lang])) for lang in ("zh", "en"))
        assert zh == en, key


def test_words_that_scripts_say_are_in_their_table():
    said = 0
    for path in sorted((FRONT / "src").rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        tables = re.findall(r'from "[./]+/words/(\w+)\.json"', text)
        if not tables:
            continue
        known: set[str] = set()
        for name in tables:
            known |= set(json.loads((FRONT / "words" / f"{name}.json").read_text(encoding="utf-8")))
        keys = re.findall(r'\bsay\("([\w.]+)"', text)
        assert set(keys) <= known, f"{path.name}: {set(keys) - known}"
        said += len(keys)
    assert said > 5


def test_scripts_hold_no_chinese_of_their_own():
    for path in sorted((FRONT / "src").rglob("*.js")):
        code = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)|(?m:\s//\s.*$)", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not CHINESE.search(code), f"{path.name}: {CHINESE.search(code)}"


if __name__ == "__main__":
    for (context, text), path in missing(*sys.argv[1:2]).items():
        print(f"#: {path.relative_to(WEB)}")
        if context:
            print(f"msgctxt {json.dumps(context, ensure_ascii=False)}")
        print(f'msgid {json.dumps(text, ensure_ascii=False)}\nmsgstr ""\n')
