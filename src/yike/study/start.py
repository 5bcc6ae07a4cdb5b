"""`yike init`: a new study folder with its inputs inside, whole or not at all."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from yike.errors import Fault, Row, StudyError, raise_all
from yike.study.folder import Study, digest_of
from yike.study.settings import FILE, KINDS, InputFile, Settings, out_of_range, write_settings


def start_study(folder: str | Path, settings: Settings) -> Study:
    """Make a study folder: copy the input files into ``inputs/`` and write study.toml.

    Parameters
    ----------
    folder
        Where the study is to be; it must not exist, or be empty.
    settings : Settings
        Paths of input files are those outside; in the study they become ``inputs/…`` with their digests. Files that
        belong together (a shapefile's parts) are copied together.

    Raises
    ------
    StudyError
        ``study.exists``; ``study.input_missing`` with every file that is not there; ``study.no_map``;
        ``study.setting_bad`` with every choice that cannot be meant.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(Fault("study.exists", values={"path": str(folder)}))
    _check(settings)
    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "inputs").mkdir(parents=True)
    try:
        inside: dict[str, Any] = {
            kind: tuple(_brought(each, aside) for each in getattr(settings, kind)) for kind in KINDS
        }
        walkers_file = _copied(Path(settings.walkers_file), aside) if settings.walkers_file else ""
        write_settings(aside, replace(settings, **inside, walkers_file=walkers_file))
        if folder.exists():
            folder.rmdir()
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Study.open(folder)


def _check(settings: Settings) -> None:
    faults = [*([] if settings.maps else [Fault("study.no_map")]), *out_of_range(settings)]
    absent: list[Row] = []
    for kind in KINDS:
        for each in getattr(settings, kind):
            for path in filter(None, (each.path, each.counts)):
                if not Path(path).is_file():
                    absent.append((None, f"{kind}: {path}"))
    if settings.walkers_file and not Path(settings.walkers_file).is_file():
        absent.append((None, f"walkers_file: {settings.walkers_file}"))
    faults += [Fault("study.input_missing", tuple(absent))] if absent else []
    raise_all(StudyError, faults)


def _brought(file: InputFile, aside: Path) -> InputFile:
    """Copy one input with its parts and return it as it is inside the study."""
    inside = _copied(Path(file.path), aside)
    counts = _copied(Path(file.counts), aside) if file.counts else ""
    return replace(file, path=inside, counts=counts, digest=input_digest(aside, inside, counts))


def parts_of(path: Path) -> list[Path]:
    """Return a file and those that belong to it: the other parts of a shapefile."""
    if path.suffix.lower() != ".shp":
        return [path]
    others = (p for p in path.parent.glob(f"{path.stem}.*") if p.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"))
    return [path, *sorted(others)]


def input_digest(folder: Path, path: str, counts: str = "") -> str:
    """Return the digest of an input inside a study, with its parts and its table of counts."""
    extra = [folder / counts] if counts else []
    return digest_of(*parts_of(folder / path), *extra)


def _copied(path: Path, aside: Path) -> str:
    """Copy a file and its parts into ``inputs/`` under a name that is free; return the path inside."""
    stem, n = path.stem, 1
    wanted = digest_of(path)
    while (target := aside / "inputs" / f"{stem}{path.suffix}").exists():
        if digest_of(target) == wanted:
            return f"inputs/{target.name}"  # the same file, asked for twice: an outline that is also a count
        n += 1
        stem = f"{path.stem}-{n}"
    for part in parts_of(path):
        shutil.copyfile(part, target.with_suffix(part.suffix) if part != path else target)
    return f"inputs/{target.name}"


__all__ = ["FILE", "input_digest", "parts_of", "start_study"]
