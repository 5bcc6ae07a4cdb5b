"""Areas: the tree city → county → street or town → community, and which of them holds a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Loaded, Row, raise_all
from yike.ingest.datum import to_wgs84_shapes
from yike.ingest.files import Sheet, absent_columns, fault_of, read_sheet
from yike.tables import LEVELS, Areas

DIGITS = {"city": 4, "county": 6, "street": 9, "community": 12}
MADE = "99"  #: no place of the country has codes beginning so: codes made for a file that has none


def read_areas(
    paths: Sequence[str | Path],
    columns: Mapping[str, str] | Sequence[Mapping[str, str] | None] | None = None,
    datum: str | Sequence[str] = "wgs84",
) -> Loaded[Areas]:
    """Read outlines and codes of areas of any levels and join them to one tree.

    Codes are the 12 digits of the statistics office (shorter ones are padded); the level and the parent follow from
    the code. A file without codes but with columns of names (市, 县, 乡, 社区) gets made codes beginning with 99, the
    same for the same names. Upper levels that no file holds are made by joining their children.

    Parameters
    ----------
    columns, datum
        As of `read_sheet` and `to_wgs84`: one for all files, or one for each.

    Raises
    ------
    InputError
        Those of `read_sheet`; ``ingest.columns_missing``, ``areas.code_bad``, ``areas.code_twice``,
        ``areas.not_outline``, ``areas.too_many``: of all files at once.
    """
    headed = [columns] * len(paths) if columns is None or isinstance(columns, Mapping) else columns
    datums = [datum] * len(paths) if isinstance(datum, str) else datum
    notes: list[Fault] = []
    parts: list[pd.DataFrame] = []
    faults: list[Fault] = []
    for path, heads, each in zip(paths, headed, datums, strict=True):
        sheet = read_sheet(path, heads)
        frame = _coded(sheet, faults) if "code" in sheet.frame else _made(sheet, notes, faults)
        parts.append(frame.assign(geometry=_outlines(sheet, each, notes, faults), row=sheet.rows, file=sheet.name))
    frame = pd.concat(parts, ignore_index=True)
    twice = frame[frame["code"].duplicated() & (frame["code"] != "")]
    told = zip(twice["row"], twice["code"], twice["file"], strict=True)
    rows = tuple((int(row), f"{code} ({file})") for row, code, file in told)
    raise_all(InputError, faults + ([Fault("areas.code_twice", rows)] if rows else []))
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
        if code[DIGITS[level] - _wide(level) : DIGITS[level]].strip("0"):
            return level
    return None


def parent_of(code: str) -> str:
    """Return the code of the area above, "" for a city. Cities without counties have streets right below them.

    Examples
    --------
    >>> parent_of("140502001001"), parent_of("140500000000"), parent_of("441900003000")
    ('140502001000', '', '441900000000')
    """
    level = level_of(code)
    if level is None or level == "city":
        return ""
    above = LEVELS[LEVELS.index(level) - 1]
    return code[: DIGITS[above]].ljust(12, "0")


def _coded(sheet: Sheet, faults: list[Fault]) -> pd.DataFrame:
    """Return code, name and level of a sheet that has codes; a bad code becomes "" and is told."""
    texts = np.array([text.strip() for text in sheet.texts("code")], dtype=object)
    bad = np.array(
        [not (text.isascii() and text.isdigit() and len(text) in DIGITS.values()) for text in texts], dtype=bool
    )
    codes = [text.ljust(12, "0") for text in texts]
    levels = [None if wrong else level_of(code) for code, wrong in zip(codes, bad, strict=True)]
    bad |= np.array([level is None or code[2:4] == "00" for code, level in zip(codes, levels, strict=True)], bool)
    faults += fault_of("areas.code_bad", sheet, bad, texts.tolist())
    return pd.DataFrame({"code": np.where(bad, "", codes), "name": sheet.texts("name"), "level": levels})


def _made(sheet: Sheet, notes: list[Fault], faults: list[Fault]) -> pd.DataFrame:
    """Return codes made from the columns of names: one number per name within its parent, in the order of names."""
    named = [level for level in LEVELS if level in sheet.frame]
    if not named or sheet.geometry is None:
        faults += absent_columns(sheet, ["code"])
        return pd.DataFrame({"code": [""] * len(sheet.frame), "name": "", "level": ""})
    frame = sheet.frame[named]
    if crowded := _crowded(frame, named):
        faults.append(Fault("areas.too_many", crowded, {"path": sheet.name}))
        return pd.DataFrame({"code": [""] * len(frame), "name": "", "level": ""})
    codes = np.full(len(frame), MADE, dtype=object)
    for level in LEVELS:
        if level in named:
            number = (
                frame.assign(above=codes)
                .groupby("above")[level]
                .transform(lambda names: pd.factorize(names, sort=True)[0])
            )
            codes = codes + (number.astype(int) + 1).astype(str).str.zfill(_wide(level)).to_numpy(dtype=object)
        elif LEVELS.index(level) < LEVELS.index(named[-1]):
            codes = codes + "1".zfill(_wide(level))
    deepest = named[-1]
    notes.append(Fault("areas.code_made", values={"path": sheet.name, "n_areas": len(frame)}))
    found = pd.DataFrame({"code": [code.ljust(12, "0") for code in codes], "name": frame[deepest], "level": deepest})
    for k, level in enumerate(named[:-1]):  # the names of the upper levels travel along to name what is made of them
        found[f"name_{level}"] = frame[named[k]].to_numpy()
    again = found["code"].duplicated(keep=False).to_numpy()
    if again.any():  # one name for two places of one parent: both are kept, numbered
        found.loc[again, "code"] = _numbered(found.loc[again, "code"].tolist(), found["code"].tolist())
    return found


def _crowded(frame: pd.DataFrame, named: list[str]) -> tuple[Row, ...]:
    """Return the places with more areas of the next level below than the digits of a code count."""
    found: list[Row] = []
    for k, level in enumerate(named):
        above = [frame[name] for name in named[:k]] or [pd.Series("", index=frame.index)]
        below = frame.groupby(above)[level].agg("count" if level == named[-1] else "nunique")
        full = below[below > 10 ** _wide(level) - 1]
        keys = [key if isinstance(key, tuple) else (key,) for key in full.index]
        found += [(None, f"{' '.join(key)} {level} × {count}".strip()) for key, count in zip(keys, full, strict=True)]
    return tuple(found)


def _wide(level: str | None) -> int:
    """Return how many digits of a code count the areas of a level: two for counties, three below."""
    return 3 if level in ("street", "community") else 2


def _numbered(codes: list[str], taken: list[str]) -> list[str]:
    used, fresh = set(taken), []
    seen: set[str] = set()
    for code in codes:
        wide = _wide(level_of(code))
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


def _outlines(sheet: Sheet, datum: str, notes: list[Fault], faults: list[Fault]) -> list[shapely.Geometry | None]:
    """Return valid outlines in WGS 84; those that had to be mended are noted, points and lines are faults."""
    if sheet.geometry is None:
        return [None] * len(sheet.frame)
    shapes = to_wgs84_shapes(shapely.force_2d(sheet.geometry), datum)
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    flat = ~shapely.is_missing(shapes) & ~np.isin(shapely.get_type_id(shapes), (3, 6))
    faults += fault_of("areas.not_outline", sheet, flat, sheet.texts("name"))
    if broken.any():
        notes.extend(fault_of("areas.mended", sheet, broken, sheet.texts("name")))
        shapes = np.where(broken, shapely.make_valid(shapes), shapes)
    return list(shapes)


def _with_parents(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the areas with the levels above that no file holds, each joined from its children."""
    for level in reversed(LEVELS[1:]):
        children = frame[frame["level"] == level].assign(above=lambda f: [parent_of(code) for code in f["code"]])
        lacking = children[~children["above"].isin(frame["code"])]
        made = [
            {"code": code, "level": level_of(code), "geometry": _joined(part["geometry"]),
             "name": _first(part, f"name_{level_of(code)}"),
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
