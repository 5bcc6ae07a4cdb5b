"""Options that verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

StudyFolder = Annotated[str, typer.Argument(help="测算文件夹 The study's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON One JSON document for machines")]
Lang = Annotated[str | None, typer.Option(help="语言 zh / en")]
Walker = Annotated[str | None, typer.Option(help="步行者，默认第一个 One of the study's walkers, the first by default")]
