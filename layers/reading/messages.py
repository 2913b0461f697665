"""What reading a file can notice, said in Chinese and English."""

from __future__ import annotations

from layers.findings import MESSAGES, Message

# Rows with one of these are not in the frame; all others are.
REJECTS: dict[str, Message] = {
    "geometry_missing": Message(
        "没有图形。", "There is no geometry.", "补上图形或删去此行。", "Draw it or delete the row."
    ),
    "geometry_unreadable": Message(
        "图形无法读取（{value}）。",
        "The geometry cannot be read ({value}).",
        "在 GIS 软件里另存一次。",
        "Save the layer again in a GIS program.",
    ),
    "coordinate_missing": Message(
        "列“{column}”没有坐标。", "Column {column} holds no coordinate.", "填上坐标。", "Fill it in."
    ),
    "coordinate_not_number": Message(
        "列“{column}”的值“{value}”不是数。",
        "Column {column} holds {value}, which is no number.",
        "改成数，例如 120.8612。",
        "Write a number such as 120.8612.",
    ),
    "coordinate_not_finite": Message(
        "坐标里有 NaN 或无穷大（{value}）。",
        "A coordinate is NaN or infinite ({value}).",
        "改正坐标或删去此行。",
        "Correct it or delete the row.",
    ),
    "coordinate_out_of_range": Message(
        "坐标 {value} 不是经纬度（{reference}）。",
        "{value} is no position on earth ({reference}).",
        "核对坐标、坐标系和经纬度顺序。",
        "Check the numbers, the reference and the order of the axes.",
    ),
    "type_not_accepted": Message(
        "图形是 {value}，这里只收 {accepted}。",
        "The geometry is a {value}; only {accepted} is accepted here.",
        "换成合适的图层，或删去此行。",
        "Take another layer, or delete the row.",
    ),
    "polygon_too_tangled": Message(
        "面太大或自交太多，无法修复（{value}）。",
        "The polygon is too large or too tangled to be repaired ({value}).",
        "在 GIS 软件里修复后再导入。",
        "Repair it in a GIS program first.",
    ),
    "geometry_collapsed": Message(
        "修复后什么也没剩下（{value}）。",
        "Nothing is left of the geometry after repair ({value}).",
        "重画或删去此行。",
        "Draw it again or delete the row.",
    ),
    "far_from_city": Message(
        "位置 {value} 远离本市其他数据。",
        "Position {value} is far from the rest of the city.",
        "核对坐标、坐标系和经纬度顺序。",
        "Check the numbers, the reference and the order of the axes.",
    ),
}

READING_MESSAGES: dict[str, Message] = REJECTS | {
    "polygon_repaired": Message("无效的面已修复（{value}）。", "An invalid polygon was repaired ({value})."),
    "collection_reduced": Message(
        "几何集合只保留了 {value} 部分。", "Of a geometry collection only the {value} part was kept."
    ),
    "duplicate_feature": Message(
        "与第 {first} 行完全相同，只保留前一个。", "The same as row {first}, which was kept."
    ),
    "row_wrong_width": Message(
        "这一行有 {value} 列，表头有 {header} 列。",
        "The row has {value} fields, the header {header}.",
        "核对分隔符和引号。",
        "Check separators and quotes.",
    ),
    "column_renamed": Message(
        "列名“{value}”改为“{column}”（为空、重复或含控制字符）。",
        "Column {value} is called {column} here (empty, repeated, or with control characters).",
    ),
    "columns_guessed": Message("坐标列取 {value}。", "Coordinates are taken from {value}."),
    "encoding_guessed": Message("文字编码判断为 {value}。", "The text is read as {value}."),
    "encoding_overruled": Message(
        "文件自称编码为 {declared}，实际按 {value} 读取。",
        "The file says its text is {declared}; it is read as {value}.",
    ),
    "text_mended": Message(
        "列“{column}”里有不是 UTF-8 的字节，已换成 U+FFFD。",
        "Column {column} holds bytes that are no UTF-8; U+FFFD stands in their place.",
        "按 UTF-8 重新导出。",
        "Export the layer again in UTF-8.",
    ),
    "table_longer": Message(
        "属性表自称 {value} 条记录，实有 {held} 条。",
        "The attribute table says it has {value} records; it holds {held}.",
        "重新导出此图层。",
        "Export the layer again.",
    ),
    "reference_assumed": Message(
        "文件没有说明坐标系，按 {value} 处理。",
        "The file declares no reference; it is taken as {value}.",
        "若不是，用 --crs 或 --datum 说明。",
        "If it is another, say so with --crs or --datum.",
    ),
    "reference_overridden": Message(
        "文件自称 {own}，按声明的 {value} 处理。",
        "The file says {own}; the declared {value} is used.",
    ),
    "reference_ignored": Message(
        "文件自带坐标系 {own}，声明的 {value} 没有采用。",
        "The file has its own reference, {own}; the declared {value} is not used.",
        "去掉 --crs/--datum，或改正文件。",
        "Leave out --crs/--datum, or correct the file.",
    ),
    "axes_swapped": Message(
        "坐标的两个轴像是反了：{value}。",
        "The two axes look swapped: {value}.",
        "对调 --lng 和 --lat（或在文件里对调）。",
        "Swap --lng and --lat, or swap them in the file.",
    ),
    "not_degrees": Message(
        "{value} 不是度，却声明为 {reference}。",
        "{value} is not in degrees, but {reference} is declared.",
        "用 --crs EPSG:n 声明投影坐标系。",
        "Declare the projected reference with --crs EPSG:n.",
    ),
    "degrees_as_metres": Message(
        "{value} 像是经纬度，却声明为投影坐标系 {reference}。",
        "{value} looks like degrees, but the projected {reference} is declared.",
        "改为 --datum wgs84（或实际的基准）。",
        "Declare --datum wgs84, or the datum it is in.",
    ),
    "zone_prefix": Message(
        "横坐标 {value} 带有带号，{reference} 没有。",
        "Easting {value} carries a zone number, which {reference} has not.",
        "改为 --crs {suggested}。",
        "Declare --crs {suggested}.",
    ),
    "zone_prefix_missing": Message(
        "横坐标 {value} 不带带号，{reference} 要求带。",
        "Easting {value} carries no zone number, which {reference} has.",
        "改为 --crs {suggested}。",
        "Declare --crs {suggested}.",
    ),
    "outside_area_of_use": Message(
        "{value} 不在 {reference} 的适用范围内。",
        "{value} lies outside the area that {reference} is made for.",
        "核对 --crs 和坐标的顺序。",
        "Check --crs and the order of the axes.",
    ),
    "nothing_left": Message(
        "没有一行可用（共 {value} 行）。",
        "None of the {value} rows can be used.",
        "看各行的原因。",
        "See the reasons row by row.",
    ),
}

MESSAGES.update(READING_MESSAGES)
