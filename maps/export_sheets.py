"""An export made ready for files: plain columns, names that every format takes, the file's coordinates."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.exported import Export, ExportTable, Pair
from maps import export_words as words
from maps.export_target import Target

Kind = Literal["text", "int", "real", "bool", "time"]
Notes = tuple[Pair, ...]
Geometries = NDArray[np.object_]

GEOMETRY = "geometry"
TAKEN = frozenset({"fid", "ogc_fid", "geom", "geometry", "rowid", "shape", "ogr_style"})
_MULTI = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}


@dataclass(frozen=True)
class Sheet:
    """A table as files take it.

    Attributes:
        name: of the layer: ASCII.
        frame: columns of str, Int64, float64, boolean or UTC times; None, NaN or NA is nothing.
        kinds: of its columns, in their order.
        labels: what people call its columns.
        class_by: as of `ExportTable`.
    """

    name: str
    title: Pair
    frame: geopandas.GeoDataFrame
    kinds: Mapping[str, Kind]
    labels: Mapping[str, Pair] = field(default_factory=dict)
    class_by: str = ""
    is_picture: bool = False

    @property
    def geometry(self) -> Geometries:
        """Of its rows; None where there is none."""
        return np.asarray(self.frame.geometry.array, dtype=object)

    def of_kind(self, kind: Kind) -> list[str]:
        """The names of the columns of a kind."""
        return [name for name, own in self.kinds.items() if own == kind]

    def with_columns(self, columns: Mapping[str, Any], kinds: Mapping[str, Kind] | None = None) -> Sheet:
        """The same with some columns replaced."""
        frame = self.frame.assign(**columns) if columns else self.frame
        return replace(self, frame=frame, kinds={**self.kinds, **(kinds or {})})


@dataclass(frozen=True)
class Book:
    """What one file is to hold.

    Attributes:
        about: what it was made of and how, and the coordinates it is in.
        told: what a reader must know to not misread it, as the export has it.
        languages: in the order of preference, for what is drawn.
    """

    title: Pair
    sheets: tuple[Sheet, ...]
    about: Mapping[str, str]
    told: Notes
    target: Target
    languages: tuple[str, ...] = ("zh", "en")

    @property
    def notes(self) -> Notes:
        """What a reader must know to not misread it, pictures among its tables too."""
        pictures = (words.picture_only(sheet.title) for sheet in self.sheets if sheet.is_picture)
        return tuple(dict.fromkeys((*self.told, *pictures)))

    @property
    def first(self) -> Sheet:
        """The table that formats of one layer hold."""
        return self.sheets[0]

    def rows(self) -> list[tuple[str, str]]:
        """What is said of it, as names and values."""
        said = [("title", self.title[0]), ("title_en", self.title[1]), *self.about.items()]
        for zh, en in self.notes:
            said += [("note", zh), ("note_en", en)]
        return said


def prepare(export: Export, target: Target, languages: Sequence[str] = ("zh", "en")) -> tuple[Book, Notes]:
    """An export in the coordinates of a file, and what had to be changed for it."""
    notes: list[Pair] = []
    suffix = f"_{target.shifted}" if target.shifted else ""
    sheets = []
    for table in export.tables:
        sheet, said = _sheet(table, target, suffix)
        sheets.append(sheet)
        notes += said
    about = {str(name): str(value) for name, value in export.about.items()}
    about |= {"coordinates": target.said[0], "coordinates_en": target.said[1]}
    book = Book(export.title, tuple(sheets), about, export.notes, target, tuple(languages))
    return book, tuple(dict.fromkeys(notes))


def _sheet(table: ExportTable, target: Target, suffix: str) -> tuple[Sheet, list[Pair]]:
    frame = table.frame
    geoms = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
    geoms[shapely.is_empty(geoms)] = None
    rings = np.flatnonzero(shapely.get_type_id(geoms) == shapely.GeometryType.LINEARRING)
    geoms[rings] = [shapely.LineString(ring) for ring in geoms[rings]]
    source = frame.drop(columns=frame.geometry.name)
    names = unique_names([str(name) for name in source.columns])
    notes = list(target.warnings(geoms))
    changed = [(str(old), new) for old, new in zip(source.columns, names, strict=True) if str(old) != new]
    if changed:
        notes.append(words.renamed(changed))
    columns, kinds, said = _columns(source, names)
    own = {str(old): new for old, new in reversed(list(zip(source.columns, names, strict=True)))}
    labels = {own[name]: label for name, label in table.labels.items() if name in own}
    made = geopandas.GeoDataFrame(columns, geometry=target.geometries(geoms), crs=target.crs)
    title = (table.title[0] + target.label(0), table.title[1] + target.label(1))
    sheet = Sheet(
        table.name + suffix, title, made, kinds, labels, own.get(table.class_by, ""), table.is_picture
    )
    return sheet, notes + said


def unique_names(names: Sequence[str]) -> list[str]:
    """Names that no two columns share, large and small letters alike, and that no format keeps for itself."""
    used: set[str] = set(TAKEN)
    found = []
    for place, name in enumerate(names, 1):
        clean = _printable(name).strip() or f"column_{place}"
        base, count = clean, 1
        while clean.casefold() in used:
            count += 1
            clean = f"{base}_" if count == 2 and base.casefold() in TAKEN else f"{base}_{count}"
        used.add(clean.casefold())
        found.append(clean)
    return found


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() and not 0xD800 <= ord(c) < 0xE000 else "_" for c in text)


def _columns(
    source: pd.DataFrame, names: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Kind], list[Pair]]:
    columns: dict[str, Any] = {}
    kinds: dict[str, Kind] = {}
    said: dict[Any, list[str]] = {}
    for place, name in enumerate(names):
        columns[name], kinds[name], remarks = plain(source.iloc[:, place])
        for remark in remarks:
            said.setdefault(remark, []).append(name)
    return columns, kinds, [remark(found) for remark, found in said.items()]


def plain(values: pd.Series) -> tuple[Any, Kind, list[Any]]:
    """A column as one of five kinds, and which remarks it wants (functions of `maps.export_words`)."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred == "boolean":
        return values.astype("boolean").array, "bool", []
    if inferred == "integer" and _fits(values):
        return values.astype("Int64").array, "int", []
    if inferred in ("floating", "mixed-integer-float"):
        return pd.to_numeric(values.astype(object).where(values.notna(), np.nan)).to_numpy(float), "real", []
    if inferred in ("datetime64", "datetime") and (times := _times(values)) is not None:
        return times, "time", []
    return _texts(values, inferred)


def _fits(values: pd.Series) -> bool:
    known = values.dropna()
    return known.empty or (int(known.min()) >= -(2**63) and int(known.max()) < 2**63)


def _times(values: pd.Series) -> Any:
    """In UTC, to the microsecond; None where some have no zone."""
    if not isinstance(values.dtype, pd.DatetimeTZDtype):
        known = values.dropna()
        if any(getattr(time, "tzinfo", None) is None for time in known):
            return None
    return pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]").array


def _texts(values: pd.Series, inferred: str) -> tuple[Any, Kind, list[Any]]:
    remarks: list[Any] = []
    if inferred != "string":
        values, remarks = _as_texts(values)
    texts = as_str(values)
    if texts is None:  # half characters, which cannot be written
        values = pd.Series([text if _is_missing(text) else writable(text) for text in values.astype(object)])
        return as_str(values), "text", [*remarks, words.mended]
    broken = contains(texts, "\x00")
    if broken.any():
        texts, remarks = replaced(texts, broken, writable), [*remarks, words.mended]
    return texts.array, "text", remarks


def _as_texts(values: pd.Series) -> tuple[pd.Series, list[Any]]:
    """What is no text as text, and what to say of that."""
    found = values.astype(object).to_numpy(dtype=object, copy=True)
    missing = np.array([_is_missing(value) for value in found], dtype=bool)
    found[missing] = None
    kinds = {type(value) for value in found[~missing]}
    remarks = []
    if kinds & {list, tuple, set, frozenset, dict, np.ndarray}:
        remarks.append(words.as_json)
    if any(issubclass(kind, (datetime.datetime, np.datetime64)) for kind in kinds):
        remarks.append(words.without_zone)
    return pd.Series([None if value is None else _said(value) for value in found], dtype=object), remarks


def as_str(values: Any) -> pd.Series | None:
    """Texts as a column of texts; None where one of them cannot be written."""
    try:
        return pd.Series(values, dtype="str").reset_index(drop=True)
    except UnicodeEncodeError:
        return None


def contains(texts: pd.Series, part: str) -> NDArray[np.bool_]:
    """Which texts hold some characters (a pattern)."""
    return np.asarray(texts.str.contains(part, regex=True).fillna(False), dtype=bool)


def replaced(texts: pd.Series, where: NDArray[np.bool_], change: Callable[[str], str]) -> pd.Series:
    """The texts with some of them changed."""
    out = texts.copy()
    out[where] = [change(text) for text in texts[where]]
    return out


def mend(
    sheet: Sheet, part: str, change: Callable[[str], str], remark: Callable[[Sequence[str]], Pair]
) -> tuple[Sheet, Notes]:
    """The sheet with the texts changed that hold some characters (a pattern), and what to say of that."""
    columns: dict[str, Any] = {}
    for name in sheet.of_kind("text"):
        where = contains(sheet.frame[name], part)
        if where.any():
            columns[name] = replaced(sheet.frame[name], where, change)
    return sheet.with_columns(columns), (remark(list(columns)),) if columns else ()


def cut_texts(sheet: Sheet, cut: Callable[[str], str], surely: int, limit: str) -> tuple[Sheet, Notes]:
    """The sheet with texts cut, and what to say of that; those of up to ``surely`` characters surely fit."""
    columns: dict[str, Any] = {}
    for name in sheet.of_kind("text"):
        texts = sheet.frame[name]
        where = (texts.str.len() > surely).fillna(False).to_numpy(bool)
        short = replaced(texts, where, cut) if where.any() else texts
        if (short != texts)[texts.notna()].any():
            columns[name] = short
    return sheet.with_columns(columns), (words.cut(list(columns), limit),) if columns else ()


def has_blank(sheet: Sheet) -> bool:
    """Whether some text has no characters."""
    return any((sheet.frame[name] == "").any() for name in sheet.of_kind("text"))


def _is_missing(value: Any) -> bool:
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float) and value != value  # NaN is not itself


def _said(value: Any) -> str:
    """A value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=str)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=_said)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def with_names(sheet: Sheet, names: Mapping[str, str]) -> Sheet:
    """The sheet with its columns called otherwise; every column is named."""
    return replace(
        sheet,
        frame=sheet.frame.rename(columns=names),
        kinds={names[name]: kind for name, kind in sheet.kinds.items()},
        labels={names[name]: label for name, label in sheet.labels.items()},
        class_by=names.get(sheet.class_by, ""),
    )


def times_said(sheet: Sheet, names: Sequence[str] | None = None) -> Sheet:
    """The sheet with times (all, or those named) as RFC 3339 text."""
    columns: dict[str, Any] = {}
    for name in sheet.of_kind("time") if names is None else names:
        columns[name] = np.array(values_of(sheet, name), dtype=object)
    return sheet.with_columns(columns, dict.fromkeys(columns, "text"))


def values_of(sheet: Sheet, name: str, rows: slice = slice(None)) -> list[Any]:
    """The values of a column as Python's own; times as RFC 3339, None where there is nothing."""
    values = sheet.frame[name].iloc[rows]
    if sheet.kinds[name] == "time":
        times = values.dt.tz_localize(None).to_numpy("datetime64[us]")
        found = np.char.add(np.datetime_as_string(times, unit="us"), "Z").astype(object)
    else:
        found = values.to_numpy(dtype=object, copy=True)
    found[values.isna().to_numpy()] = None
    listed: list[Any] = found.tolist()
    return listed


def finite(sheet: Sheet) -> tuple[Sheet, Notes]:
    """The sheet with nothing where a number is infinite, and what to say of that."""
    infinite = [name for name in sheet.of_kind("real") if np.isinf(sheet.frame[name]).any()]
    columns = {name: sheet.frame[name].replace([np.inf, -np.inf], np.nan) for name in infinite}
    notes: Notes = (words.no_infinity(infinite),) if infinite else ()
    return sheet.with_columns(columns), notes


def longest_whole(sheet: Sheet, most: int) -> list[str]:
    """The columns of whole numbers that reach beyond a size."""
    big = []
    for name in sheet.of_kind("int"):
        known = sheet.frame[name].dropna()
        if len(known) and (int(known.max()) > most or int(known.min()) < -most):
            big.append(name)
    return big


def whole_said(sheet: Sheet, most: int) -> tuple[Sheet, Notes]:
    """The sheet with columns of larger whole numbers as text, and what to say of that."""
    big = longest_whole(sheet, most)
    columns: dict[str, Any] = {
        name: np.array([None if v is None else str(v) for v in values_of(sheet, name)], dtype=object)
        for name in big
    }
    notes: Notes = (words.whole_as_text(big),) if big else ()
    return sheet.with_columns(columns, dict.fromkeys(big, "text")), notes


_NO_FILE = re.compile("[\x00\ud800-\udfff]")
NO_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_NO_XML = re.compile(NO_XML)


def writable(text: str) -> str:
    """The text without what cannot stand in UTF-8 or ends a text; the very same where it has none of it."""
    return _NO_FILE.sub("\ufffd", text) if _NO_FILE.search(text) else text


def in_xml(text: str) -> str:
    """The text without what cannot stand in XML; the very same where it has none of it."""
    return _NO_XML.sub("\ufffd", text) if _NO_XML.search(text) else text


def to_multi(geoms: Geometries) -> Geometries:
    """Every point, line and area as one of several parts; None and collections stay."""
    out = geoms.copy()
    kinds = shapely.get_type_id(geoms)
    for kind, build in _MULTI.items():
        at = np.flatnonzero(kinds == kind)
        if len(at):
            out[at] = build(out[at], indices=np.arange(len(at)))
    return out


def families(geoms: Geometries) -> Geometries:
    """Per row: ``point``, ``line``, ``polygon``, ``collection``, or empty of none."""
    kinds = shapely.get_type_id(geoms)
    names = np.array(["point", "line", "line", "polygon", "point", "line", "polygon", "collection", ""])
    return np.asarray(names[kinds], dtype=object)


def uniform(geoms: Geometries) -> Geometries:
    """Single and multiple ones of a family all as multiple ones; of one type already, as they are."""
    kinds = np.unique(shapely.get_type_id(geoms))
    kinds = kinds[kinds >= 0]
    return geoms if len(kinds) < 2 else to_multi(geoms)
