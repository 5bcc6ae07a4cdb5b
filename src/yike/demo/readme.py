"""演示数据说明.md: what the folder of a demonstration city holds, and that nobody lives there."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from yike.demo.facts import rows

if TYPE_CHECKING:
    from yike.demo.write import Summary

README = "演示数据说明.md"
TABLES = {"outlets.csv": "outlets", "outlets_more.xlsx": "more", "residents.csv": "residents",
          "idle_spaces.csv": "spaces", "needs.csv": "needs", "circles.csv": "circles",
          "community_facts.csv": "facts", "programmes.csv": "programmes"}  # fmt: skip


def readme(summary: Summary) -> str:
    """Return the text of the readme, Chinese first, with the columns of every table."""
    lines = ["## 各文件的列 Columns of the files", ""]
    for file, table in TABLES.items():
        lines += [f"### {file}", "", "| 列 | column | note |", "|---|---|---|"]
        lines += [f"| {row['zh']} | {row['en']} | {row['note']} |" for row in rows("columns") if row["table"] == table]
        lines.append("")
    text = resources.files("yike.demo").joinpath("readme.md").read_text(encoding="utf-8")
    return text.format(columns="\n".join(lines), **vars(summary))
