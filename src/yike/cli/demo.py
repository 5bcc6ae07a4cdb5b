"""demo: the demonstration city, marked 演示数据 wherever it goes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from yike.cli.options import AsJson, Lang
from yike.cli.speak import Voice
from yike.demo import write
from yike.study.city import study_of


def demo(
    folder: Annotated[str, typer.Argument(help="文件夹 Folder")],
    size: Annotated[str, typer.Option(help="规模 Size: full 全市 / small 小样")] = "full",
    seed: Annotated[int, typer.Option(help="种子，相同则逐字节相同 Same seed, same bytes")] = 1,
    study: Annotated[bool, typer.Option(help="同时建立测算 Also make the study, in FOLDER/study")] = True,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """写出演示城市（演示数据，全部街道、居民和网点都是编造的）。The demonstration city: made-up streets, people, outlets."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        summary = write(folder, size, seed)
        voice.line("demo.written", **asdict(summary))
        place = Path(folder) / "study"
        made = study and not place.exists()
        if made:
            study_of(folder, place)
        if study:
            voice.line("demo.study_made" if made else "demo.study_kept", path=place)
        voice.document({**asdict(summary), "made_up": True, "study": str(place) if study else None, "study_made": made})
