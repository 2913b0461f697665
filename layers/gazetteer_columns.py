"""What the columns of a city's layers say about names, codes and house numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.generation import Features

Objects = NDArray[np.object_]
Bools = NDArray[np.bool_]

BETWEEN = ";"  # between several names, or codes, of one thing

# Names of columns, written small and without separators; the better ones first.
ESTATE_COLUMNS = "estate estatename compound residence housingestate 小区 小区名称 所属小区 所在小区 楼盘"
BUILDING_COLUMNS = "number no buildingnumber buildingno block 楼号 幢号 栋号 楼栋号 楼幢号 楼栋 楼幢 幢"
STREET_COLUMNS = "street streetname addrstreet addrplace strasse straße katu gata 街路 街路名称 路名 街名"
HOUSE_COLUMNS = (
    "housenumber houseno housenum hnr addrhousenumber streetnumber hausnummer hausnr talonumero "
    "addressnumber 门牌 门牌号 门牌号码 楼门牌"
)
ADDRESS_COLUMNS = "address addr fulladdress streetaddress siteaddress adresse osoite 地址 详细地址 门牌地址"
ROAD_COLUMNS = "road roadname street streetname 道路 道路名称 路名 所在道路 所属道路 所在路段"
RIVER_COLUMNS = "river rivername waterway 河道 河道名称 河名 所属河道 所在河道"
KIND_COLUMNS = "kind type class category 类型 类别"

# What registers write where a name is missing. As it stands: Nan and None are towns.
NO_NAMES = frozenset(
    [
        *("无", "暂无", "未知", "不详", "不明", "未命名", "无名", "无名称", "待定", "空"),
        *("null", "NULL", "none", "NONE", "nan", "NaN", "n/a", "N/A", "NA", "unknown", "Unknown", "UNKNOWN"),
        *("unnamed", "Unnamed", "no name", "No name", "noname", "unbenannt", "unbekannt", "nimetön"),
    ]
)
_AROUND = " ()（）[]【】<>*-_.。"

_ALIAS = re.compile(
    r"(?:name|alias)_.+|alias|(?:former|alt|old|official|short|loc|local|bridge|en|other)_?names?\d?"
    r"|.*(?:别名|曾用名|旧名|旧称|原名|俗称|俗名|简称|又名|英文名|英文名称)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"code|ref|pole|.*_(?:code|no|ref)|no|.*(?:编码|编号|代码|杆号|标识码|井号)", re.IGNORECASE
)
_LIST = re.compile(r"\s*[;；、\n]\s*")
MOSTLY = 0.9  # of the rows that have one have a code of their own
# What is added to ids that an import made up, and those of OpenStreetMap's objects: nobody says them.
_NUMBERED = r"-\d{6}(?:~\d+)?|[nwr]-?\d+(?:~\d+)?"


def column_like(layer: Features, words: str) -> Objects | None:
    """The first column of a layer that is called by one of the words, as texts; None where there is none."""
    plain = {_plain(name): name for name in reversed([str(name) for name in layer.attributes.columns])}
    found = next((plain[word] for word in words.split() if word in plain), None)
    return None if found is None else texts(layer.attributes[found])


def texts_like(layer: Features, words: str) -> Objects:
    """`column_like`, or empty texts."""
    column = column_like(layer, words)
    return np.full(len(layer.id), "", dtype=object) if column is None else column


def texts(column: pd.Series) -> Objects:
    """A column as trimmed texts, empty where missing; whole numbers without a decimal point."""
    if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    said = column.astype(object).where(column.notna(), "")
    return text_column(str(text).strip() for text in said.tolist())


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name)).casefold()


def text_column(said: Iterable[str]) -> Objects:
    """Texts as a column of objects."""
    listed = list(said)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def key(text: str) -> str:
    """A name as it is compared: full-width characters as narrow ones, no case, runs of blanks as one."""
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def keys(names: Objects) -> Objects:
    """`key` of many; each different name is folded once."""
    of, said = pd.factorize(names)
    folded = text_column(key(text) for text in said.tolist())
    return folded[of] if len(folded) else np.full(len(names), "", dtype=object)


def among(names: Objects, known: frozenset[str]) -> Bools:
    """Which names are among some that are folded."""
    return np.array([name in known for name in keys(names).tolist()], dtype=bool)


def are_names(texts: Objects) -> Bools:
    """Which texts name something: they have a letter or digit, and are no word for a missing name."""
    of, said = pd.factorize(texts)
    named = [any(map(str.isalnum, text)) and text.strip(_AROUND) not in NO_NAMES for text in said.tolist()]
    return np.array([*named, False], dtype=bool)[of]


def names_of(texts: Objects) -> Objects:
    """The texts that name something; the others are empty."""
    return np.where(are_names(texts), texts, "")


# ---- other names, and codes


def is_alias(column: str) -> bool:
    """Whether a column of this name holds other names of a thing."""
    return _ALIAS.fullmatch(column) is not None


def aliases(frame: pd.DataFrame, name: Objects) -> Objects:
    """The other names of each row, joined by `BETWEEN`: those in columns such as name_en, alias, former_name,
    which may be lists; not the name itself.
    """
    columns = [texts(frame[column]) for column in frame.columns if is_alias(str(column))]
    return joined([name, *columns], skip_first=True)


def codes(layer: Features) -> Objects:
    """The codes of each row, joined by `BETWEEN`: its id, and what columns such as code, ref or pole hold
    where most rows have their own.
    """
    columns = [texts(layer.attributes[c]) for c in layer.attributes.columns if _CODE.fullmatch(str(c))]
    said = np.where(is_said(layer.kind, layer.id), layer.id, "")
    return joined([said, *(column for column in columns if _tells_apart(column))])


def is_said(kind: str, ids: Objects) -> Bools:
    """Which ids of a kind people may say or write: those of the city's own registers."""
    unsaid = re.compile(rf"{re.escape(kind)}{_NUMBERED}")
    return np.array([unsaid.fullmatch(text) is None for text in ids.tolist()], dtype=bool)


def _tells_apart(column: Objects) -> bool:
    there = [text for text in column.tolist() if text]
    return bool(there) and len(set(there)) >= MOSTLY * len(there)


def joined(columns: Sequence[Objects], *, skip_first: bool = False) -> Objects:
    """The texts of each row's columns, each once, joined by `BETWEEN`; those of the first may be left out."""
    first, *rest = columns
    rest = [column for column in rest if ((column != "") & (column != first)).any()]
    if not rest:
        return np.full(len(first), "", dtype=object) if skip_first else first
    rows = zip(first.tolist(), *(column.tolist() for column in rest), strict=True)
    return text_column(_row(row, skip_first) for row in rows)


def _row(said: Iterable[str], skip_first: bool) -> str:
    first, *rest = said
    several = dict.fromkeys(part for text in rest if text for part in split(text))
    if not skip_first:
        several = {**dict.fromkeys(split(first)), **several}
    else:
        several.pop(first, None)
    return BETWEEN.join(several)


def split(text: str) -> list[str]:
    """The parts of a list of names or codes."""
    if _LIST.search(text) is None:
        return [text] if text else []
    return [part for part in _LIST.split(text.strip()) if part]
