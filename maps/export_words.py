"""What an export says of itself and of what a format cannot hold, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layers.exported import Pair

SHOWN = 5


def listed(words: Iterable[str]) -> str:
    """Some names in one line; those past a handful are counted."""
    said = list(words)
    more = f" … (+{len(said) - SHOWN})" if len(said) > SHOWN else ""
    return ", ".join(said[:SHOWN]) + more


def renamed(pairs: Sequence[tuple[str, str]]) -> Pair:
    """Columns that are called otherwise in the file."""
    said = listed(f"{old} → {new}" for old, new in pairs)
    return f"列名有改动：{said}。", f"Columns are called otherwise in the file: {said}."


def as_json(columns: Sequence[str]) -> Pair:
    """Lists and objects as text."""
    return f"列表写成 JSON 文本：{listed(columns)}。", f"Lists are written as JSON text: {listed(columns)}."


def without_zone(columns: Sequence[str]) -> Pair:
    """Times of which nobody said in which zone they are."""
    said = listed(columns)
    return f"没有时区的时间写成文本：{said}。", f"Times without a zone are written as text: {said}."


def mended(columns: Sequence[str]) -> Pair:
    """Characters that no file of text can hold."""
    said = listed(columns)
    return f"无法写入的字符换成 �：{said}。", f"Characters that cannot be written became �: {said}."


def no_infinity(columns: Sequence[str]) -> Pair:
    """Infinite numbers that a format has no word for."""
    said = listed(columns)
    return (
        f"该格式没有无穷大，写成空值：{said}。",
        f"The format knows no infinity, which is left empty: {said}.",
    )


def milliseconds(columns: Sequence[str]) -> Pair:
    """Times that lose what is finer than a millisecond."""
    return f"时间精确到毫秒：{listed(columns)}。", f"Times to the millisecond: {listed(columns)}."


def times_as_text(columns: Sequence[str]) -> Pair:
    """Times in a format that has none."""
    said = listed(columns)
    return f"时间写成文本（UTC）：{said}。", f"Times are written as text, in UTC: {said}."


def blank_is_missing() -> Pair:
    """A text of no characters reads as a missing one."""
    return (
        "该格式不区分空文本与缺失值。",
        "The format does not tell an empty text from a missing one.",
    )


def guarded(columns: Sequence[str]) -> Pair:
    """Texts that a spreadsheet would take for formulas."""
    said = listed(columns)
    return (
        f"以 = + - @ 制表符或回车开头的文本前加了单引号，防止被当作公式：{said}。",
        f"Texts that begin with = + - @, a tab or a return have a ' before them, so that no spreadsheet "
        f"takes them for formulas: {said}.",
    )


def without_about() -> Pair:
    """A format that has room for rows alone."""
    return (
        "该格式不含数据来源、参数与说明；需要时请用 .xlsx 或 .gpkg。",
        "The file does not hold what it was made of, nor the notes on it: take .xlsx or .gpkg for these.",
    )


def only_category(shown: str, left_out: int) -> Pair:
    """A drawing of hotspots of several categories, which lie on each other."""
    others = "1 other is" if left_out == 1 else f"{left_out:,} others are"
    return (
        f"图中只有热点最多的类别：{shown}；其余 {left_out} 个类别不在图中，全部类别请用 .gpkg。",
        f"Drawn is only the category with most hotspots: {shown}; {others} left out: take .gpkg for all.",
    )


def only_first(name: str, others: Sequence[str], instead: str = ".gpkg") -> Pair:
    """A format of one layer."""
    said = listed(others)
    return (
        f"该格式只有一个图层：只含 {name}，不含 {said}；全部图层请用 {instead}。",
        f"The format has one layer: it holds {name} and not {said}; take {instead} for all.",
    )


def unplaced(name: str, rows: int) -> Pair:
    """Rows that a drawing cannot show."""
    have = "1 row has" if rows == 1 else f"{rows:,} rows have"
    return f"{name} 有 {rows} 行没有位置，不在图中。", f"{have} no position and cannot be drawn: {name}."


def off_the_map(name: str, rows: int) -> Pair:
    """Rows so far from all others that a map of them would show nothing."""
    lie = "1 row lies" if rows == 1 else f"{rows:,} rows lie"
    return (
        f"{name} 有 {rows} 行远离其余各行，不在图幅之内。",
        f"{lie} far from all others and off the picture: {name}.",
    )


def beyond_area(crs: str, area: str) -> Pair:
    """Data outside where a reference system is meant for."""
    return (
        f"数据超出了 {crs} 的适用范围（{area}），坐标变形会变大。",
        f"Data lie outside the area that {crs} is meant for ({area}): expect distortion.",
    )


def picture_only(title: Pair) -> Pair:
    """A table that shows and tests nothing."""
    return f"“{title[0]}”只供查看，不含检验。", f"To look at only, it tests nothing: {title[1]}."


def whole_as_text(columns: Sequence[str]) -> Pair:
    """Numbers with more digits than a format holds."""
    said = listed(columns)
    return (
        f"位数过多的整数写成文本：{said}。",
        f"Whole numbers of too many digits are written as text: {said}.",
    )


def large_as_text(columns: Sequence[str]) -> Pair:
    """Numbers larger than a format holds."""
    said = listed(columns)
    return f"过大的数写成文本：{said}。", f"Numbers too large for the format are written as text: {said}."


def decimals(columns: Sequence[str]) -> Pair:
    """Numbers smaller than a format holds well."""
    said = listed(columns)
    return f"小数只保留 15 位：{said}。", f"Numbers have 15 decimals, so that tiny ones lose digits: {said}."


def cut(columns: Sequence[str], limit: str) -> Pair:
    """Texts that are longer than a cell of a format."""
    said = listed(columns)
    return f"超过 {limit} 的文本被截断：{said}。", f"Texts longer than {limit} are cut: {said}."


def no_end_blanks(columns: Sequence[str]) -> Pair:
    """Blanks at the ends of a text, which a format fills up with."""
    said = listed(columns)
    return f"文本首尾的空格会丢失：{said}。", f"Blanks at both ends of texts are lost: {said}."


def short_names() -> Pair:
    """Names of columns that are made shorter."""
    return (
        "列名缩短为 10 个 ASCII 字符以内，对照表见压缩包中的 columns.csv。",
        "Columns have names of at most 10 ASCII characters; columns.csv in the zip says which is which.",
    )


def split(name: str, parts: Sequence[str]) -> Pair:
    """A table with several kinds of geometries, which a format keeps apart."""
    said = listed(parts)
    return (
        f"该格式一个图层只能有一种几何：{name} 分为 {said}，行的先后只在各图层内保持。",
        f"A layer of the format has one kind of geometry: {name} is split into {said}, each in its order.",
    )


def no_geometry(name: str) -> Pair:
    """Lines and areas in a workbook."""
    return (
        f"表格不含 {name} 的线和面，只含点的坐标。",
        f"A workbook holds the coordinates of points, not the lines and areas of {name}.",
    )


def utc_times(columns: Sequence[str]) -> Pair:
    """Times in cells that know no zone."""
    said = listed(columns)
    return f"时间均为 UTC：{said}。", f"Times are in UTC: {said}."


def line_ends(columns: Sequence[str]) -> Pair:
    """Returns inside a text."""
    said = listed(columns)
    return f"换行统一为 LF：{said}。", f"Line ends are LF: {said}."


def drawn_only(label: str) -> Pair:
    """What a drawing leaves out."""
    column = label or "-"
    return (
        f"图中只有位置、类别（图层）与文字标注（{column}），没有其他列；面只画轮廓。",
        f"A drawing holds positions, classes (as layers) and one label ({column}), no other columns; "
        "areas are outlines.",
    )


def beyond_gbk(columns: Sequence[str]) -> Pair:
    """Labels with characters that old drawings have no code for."""
    said = listed(columns)
    return (
        f"GBK 以外的字符写成 \\U+ 代码：{said}。",
        f"Characters beyond GBK are written as \\U+ codes: {said}.",
    )


def no_cjk_font() -> Pair:
    """A machine without Chinese letters."""
    return (
        "本机没有中文字体，图中文字只用英文。",
        "This machine has no font for Chinese: the picture is labelled in English only.",
    )
