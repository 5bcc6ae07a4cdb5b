"""Documents say what the code says: verbs, settings, error codes, terms and paths.

`python tests/test_docs.py` writes docs/method/errors.md anew from the messages.
"""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from yike.errors import messages

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def errors_page() -> str:
    """Every code with its words and its remedy."""
    lines = ["# 错误代码 Error codes", "", "Written by `python tests/test_docs.py` from `src/yike/messages/`.", ""]
    lines += ["| code | 中文 | 改法 | English | remedy |", "|---|---|---|---|---|"]
    for code, words in sorted(messages().items()):
        cells = (words.zh, words.remedy_zh, words.en, words.remedy_en)
        lines.append(f"| `{code}` | " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def test_every_error_code_is_documented():
    assert read("docs/method/errors.md") == errors_page(), "run: python tests/test_docs.py"


def test_every_code_in_the_source_has_words():
    rooms = {code.split(".")[0] for code in messages()}
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        used |= set(re.findall(r'(?:Fault|fault_of)\(\s*"([a-z_]+\.[a-z_0-9]+)"', path.read_text(encoding="utf-8")))
    assert used, "no codes found: has the way of raising changed?"
    assert {code for code in used if code.split(".")[0] in rooms} - set(messages()) == set()
    assert {code for code in used if code.split(".")[0] not in rooms} == set()


def test_no_code_and_no_word_is_told_twice():
    for folder in ("messages", "words"):
        rows = [line.split(",", 1)[0] for path in sorted((ROOT / "src/yike" / folder).glob("*.csv"))
                for line in path.read_text(encoding="utf-8").splitlines()[1:] if line]  # fmt: skip
        assert not {code for code in rows if rows.count(code) > 1}


def test_every_message_has_both_languages_and_the_same_places():
    for code, words in messages().items():
        assert all((words.en, words.remedy_en, words.zh, words.remedy_zh)), code
        places = [set(re.findall(r"{(\w+)", text)) for text in (words.en + words.remedy_en, words.zh + words.remedy_zh)]
        assert places[0] == places[1], code


def test_every_word_has_both_languages():
    from yike.words import _table

    for key, words in _table().items():
        assert words["zh"] and words["en"], key
        assert set(re.findall(r"{(\w+)", words["zh"])) == set(re.findall(r"{(\w+)", words["en"])), key


def test_every_verb_is_documented():
    import typer

    from yike.cli.main import app

    verbs = typer.main.get_command(app).commands
    guide = read("docs/guide/command-line.md")
    assert [verb for verb in verbs if f"`yike {verb}`" not in guide] == []
    for verb in typer.main.get_command(app).commands["standards"].commands:
        assert f"`{verb}`" in guide, verb


def test_every_setting_is_documented():
    from yike.study.settings import KINDS, InputFile, Settings

    page = read("docs/method/study-folder.md")
    names = [each.name for each in (*fields(Settings), *fields(InputFile))]
    assert [name for name in names if name not in KINDS and f"| `{name}` |" not in page] == []


def test_every_step_is_documented():
    from yike.study import NAMES

    page = read("docs/method/study-folder.md")
    assert f"Steps: {', '.join(NAMES)}." in page.replace("\n", " ")


def test_terms_of_the_glossary_are_in_the_code():
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".js")
    )
    terms = re.findall(r"^\| [^|]+ \| [^|]+ \| ([^|]+) \|", read("docs/glossary.md"), re.M)[2:]
    names = [name for cell in terms for name in re.findall(r"`([A-Za-z_]+)", cell)]
    assert len(names) > 25
    assert [name for name in names if not re.search(rf"\b{name}\b", source)] == []


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "README.md", "README.zh.md", "CONTRIBUTING.md"])
def test_every_path_named_exists(page):
    text = read(page)
    named = set(re.findall(r"`((?:src|docs|tests|bench|\.ci)/[\w./-]*)`", text)) | set(
        re.findall(r"\]\(([\w./-]+)\)", text)
    )
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_links_between_documents_lead_somewhere():
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([\w./-]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_choice_of_the_house_has_a_page():
    pages = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
    assert len(pages) >= 10
    for page in pages:
        text = (DOCS / "decisions" / page).read_text(encoding="utf-8")
        assert all(part in text for part in ("**Question.**", "**Choice.**", "**Reasons.**", "**Date.**")), page


if __name__ == "__main__":
    (DOCS / "method" / "errors.md").write_text(errors_page(), encoding="utf-8")
    sys.exit(0)
