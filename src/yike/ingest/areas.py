"""Areas: the tree city → county → street or town → community, and which of them holds a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Loaded, raise_all
from yike.ingest.datum import to_wgs84
from yike.ingest.files import Sheet, absent_columns, fault_of, read_sheet
from yike.tables import LEVELS, Areas

DIGITS = {"city": 4, "county": 6, "street": 9, "community": 12}
MADE = "99"  #: no place of the country has codes beginning so: codes made for a file that has none


def read_areas(
    paths: Sequence[str | Path], columns: Mapping[str, str] | None = None, datum: str = "wgs84"
) -> Loaded[Areas]:
    """Read outlines and codes of areas of any levels and join them to one tree.

    Codes are the 12 digits of the statistics office (shorter ones are padded); the level and the parent follow from
    the code. A file without codes but with columns of names (市, 县, 乡, 社区) gets made codes beginning with 99, the
    same for the same names. Upper levels that no file holds are made by joining their children.

    Raises
    ------
    InputError
        Those of `read_sheet`; ``areas.code_missing``, ``areas.code_bad``, ``areas.code_twice``, all at once.
    """
    notes: list[Fault] = []
    parts: list[pd.DataFrame] = []
    for path in paths:
        sheet = read_sheet(path, columns)
        frame = _coded(sheet) if "code" in sheet.frame else _made(sheet, notes)
        parts.append(frame.assign(geometry=_outlines(sheet, datum, notes)))
    frame = pd.concat(parts, ignore_index=True)
    twice = frame["code"].duplicated().to_numpy()
    rows = tuple((None, code) for code in frame.loc[twice, "code"])
    raise_all(InputError, [Fault("areas.code_twice", rows)] if rows else [])
    whole = _with_parents(frame)
    order = [LEVELS.index(level) for level in whole["level"]]
    whole = whole.assign(order=order).sort_values(["order", "code"], ignore_index=True).drop(columns="order")
    return Loaded(Areas(whole), tuple(notes))


def level_of(code: str) -> str | None:
    """Return the level of a 12-digit code, None for a province.

    Examples
    --------
    >>> [level_of(code) for code in ("140500000000", "140502000000", "140502001000", "140502001001", "140000000000")]
    ['city', 'county', 'street', 'community', None]
    """
    for level in reversed(LEVELS):
        if code[DIGITS[level] - (3 if DIGITS[level] > 6 else 2) : DIGITS[level]].strip("0"):
            return level
    return None


def parent_of(code: str) -> str:
    """Return the code of the area above, "" for a city.

    Examples
    --------
    >>> parent_of("140502001001"), parent_of("140500000000")
    ('140502001000', '')
    """
    level = level_of(code)
    if level is None or level == "city":
        return ""
    above = LEVELS[LEVELS.index(level) - 1]
    return code[: DIGITS[above]].ljust(12, "0")


def _coded(sheet: Sheet) -> pd.DataFrame:
    """Return code, name and level of a sheet that has codes."""
    texts = np.array([text.strip() for text in sheet.texts("code")], dtype=object)
    bad = np.array([not (text.isdigit() and len(text) in (4, 6, 9, 12)) for text in texts], dtype=bool)
    codes = [text.ljust(12, "0") for text in texts]
    levels = [None if wrong else level_of(code) for code, wrong in zip(codes, bad, strict=True)]
    bad |= np.array([level is None for level in levels], dtype=bool)
    raise_all(InputError, fault_of("areas.code_bad", sheet, bad, texts.tolist()))
    return pd.DataFrame({"code": codes, "name": sheet.texts("name"), "level": levels})


def _made(sheet: Sheet, notes: list[Fault]) -> pd.DataFrame:
    """Return codes made from the columns of names: one number per name within its parent, in the order of names."""
    named = [level for level in LEVELS if level in sheet.frame]
    if not named or sheet.geometry is None:
        raise_all(InputError, absent_columns(sheet, ["code"]))
    frame = sheet.frame[named]
    codes = np.full(len(frame), MADE, dtype=object)
    for level in LEVELS:
        if level in named:
            number = (
                frame.assign(above=codes)
                .groupby("above")[level]
                .transform(lambda names: pd.factorize(names, sort=True)[0])
            )
            wide = 3 if DIGITS[level] > 6 else 2
            codes = codes + (number.astype(int) + 1).astype(str).str.zfill(wide).to_numpy(dtype=object)
        elif LEVELS.index(level) < LEVELS.index(named[-1]):
            codes = codes + ("001" if DIGITS[level] > 6 else "01")
    deepest = named[-1]
    notes.append(Fault("areas.code_made", values={"path": sheet.name, "n_areas": len(frame)}))
    found = pd.DataFrame({"code": [code.ljust(12, "0") for code in codes], "name": frame[deepest], "level": deepest})
    for k, level in enumerate(named[:-1]):  # the names of the upper levels travel along to name what is made of them
        found[f"name_{level}"] = frame[named[k]].to_numpy()
    again = found["code"].duplicated(keep=False).to_numpy()
    if again.any():  # one name for two places of one parent: both are kept, numbered
        found.loc[again, "code"] = _numbered(found.loc[again, "code"].tolist(), found["code"].tolist())
    return found


def _numbered(codes: list[str], taken: list[str]) -> list[str]:
    used, fresh = set(taken), []
    seen: set[str] = set()
    for code in codes:
        wide = 3 if level_of(code) in ("street", "community") else 2
        end = DIGITS[level_of(code) or "city"]
        while code in seen:
            number = int(code[end - wide : end])
            candidates = (str(n).zfill(wide) for n in range(number + 1, 10**wide))
            code = next(
                c for c in (code[: end - wide] + each + code[end:] for each in candidates) if c not in used | seen
            )
        seen.add(code)
        fresh.append(code)
    return fresh


def _outlines(sheet: Sheet, datum: str, notes: list[Fault]) -> list[shapely.Geometry | None]:
    """Return valid outlines in WGS 84; those that had to be mended are noted."""
    if sheet.geometry is None:
        return [None] * len(sheet.frame)
    shapes = shapely.force_2d(sheet.geometry)
    if datum not in ("wgs84", "cgcs2000"):
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)))
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if broken.any():
        notes.extend(fault_of("areas.mended", sheet, broken, sheet.texts("name")))
        shapes = np.where(broken, shapely.make_valid(shapes), shapes)
    return list(shapes)


def _with_parents(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the areas with the levels above that no file holds, each joined from its children."""
    for level in reversed(LEVELS[1:]):
        children = frame[frame["level"] == level].assign(above=lambda f: [parent_of(code) for code in f["code"]])
        lacking = children[~children["above"].isin(frame["code"])]
        above = LEVELS[LEVELS.index(level) - 1]
        made = [
            {"code": code, "level": above, "geometry": _joined(part["geometry"]), "name": _first(part, f"name_{above}"),
             **{name: _first(part, name) for name in part.columns if name.startswith("name_")}}
            for code, part in lacking.groupby("above")
        ]  # fmt: skip
        if made:
            frame = pd.concat([frame, pd.DataFrame(made)], ignore_index=True)
    frame = frame.assign(parent=[parent_of(code) for code in frame["code"]], name=frame["name"].fillna(""))
    return frame[["code", "name", "level", "parent", "geometry"]]


def _first(part: pd.DataFrame, column: str) -> str:
    if column not in part:
        return ""
    value = part[column].iloc[0]
    return value if isinstance(value, str) else ""


def _joined(shapes: pd.Series) -> shapely.Geometry | None:
    known = [shape for shape in shapes if shape is not None]
    return shapely.union_all(known) if known else None


def locate(areas: Areas, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pd.DataFrame:
    """Return for each of P points the code of its area on every level of `LEVELS`, "" where none holds it.

    The deepest outline that holds a point decides; what is above follows from the code. Where outlines of one level
    overlap, the smaller code is taken.
    """
    code = np.full(len(lon), "", dtype=object)
    points = shapely.points(lon, lat)
    for level in reversed(LEVELS):
        here = areas.at(level)
        known = here[[shape is not None for shape in here["geometry"]]]
        open_points = np.flatnonzero(code == "")
        if len(known) == 0 or len(open_points) == 0:
            continue
        shapes = known["geometry"].to_numpy(dtype=object)
        tree = shapely.STRtree(shapes)
        point, shape = tree.query(points[open_points], predicate="intersects")
        codes = known["code"].to_numpy(dtype=object)[shape]
        order = np.lexsort((codes.astype(str), point))
        first = np.unique(point[order], return_index=True)[1]
        code[open_points[point[order][first]]] = codes[order][first]
    return upper_codes(code)


def upper_codes(codes: NDArray[np.object_]) -> pd.DataFrame:
    """Return the code of every level for codes of any level, "" for levels below and for ""."""
    distinct, which = np.unique(codes.astype(str), return_inverse=True)
    rows = []
    for code in distinct:
        row = dict.fromkeys(LEVELS, "")
        each = str(code)
        while each and (level := level_of(each)) is not None:
            row[level] = each
            each = parent_of(each)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(LEVELS)).iloc[which].reset_index(drop=True)
