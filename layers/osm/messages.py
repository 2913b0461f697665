"""What importing an OpenStreetMap extract can notice, said in Chinese and English."""

from __future__ import annotations

from layers.findings import MESSAGES, Message

OSM_MESSAGES: dict[str, Message] = {
    "osm_levels": Message(
        "网格取自行政边界 {value}，共 {count} 个网格。",
        "The grid is made of the closed boundaries of {value}: {count} cells.",
    ),
    "osm_square_grid": Message(
        "没有可用的闭合行政边界，改用边长 {metres:g} 米的方格网，共 {count} 格。",
        "There is no usable closed boundary: a square grid of {metres:g} m is laid instead, {count} cells.",
        "有正式边界后：woodpecker import layer FILE --as grid:LEVEL。",
        "Once you have boundaries: woodpecker import layer FILE --as grid:LEVEL.",
    ),
    "osm_own_grid": Message(
        "没有可用的闭合行政边界；本市已有网格 {value}，不再铺方格。",
        "There is no usable closed boundary; the city's own levels ({value}) stay, no squares are laid.",
    ),
    "osm_boundary_cut": Message(
        "{count} 个行政边界被数据范围切断，未导入：{value}。",
        "Boundaries cut off by the extract's edge, which are no cells ({count}): {value}.",
        "如需要，请取更大的数据范围。",
        "If they belong to the city, take a larger extract.",
    ),
    "osm_boundary_open": Message(
        "{count} 个行政边界本身不闭合，未导入：{value}。",
        "{count} boundaries are complete and yet do not close, so they are no cells: {value}.",
        "在 OpenStreetMap 里改正。",
        "Mend them in OpenStreetMap.",
    ),
    "osm_boundary_part": Message(
        "{count} 个闭合边界只是其他边界的组成部分（飞地），不另设网格：{value}。",
        "{count} closed ways are rings (exclaves) of the boundaries beside them and no cells of their own: {value}.",
    ),
    "osm_boundary_outside": Message(
        "{count} 个闭合边界大部分在数据范围之外，未导入：{value}。",
        "{count} boundaries close but lie mostly outside the extract's data, so they are no cells: {value}.",
        "如需要，请取更大的数据范围。",
        "If they belong to the city, take a larger extract.",
    ),
    "osm_level_left_out": Message(
        "行政级别 {value} 的 {count} 个边界未用作网格：{why_zh}。",
        "The {count} boundaries of level {value} are no grid level: {why_en}.",
    ),
    "osm_coverage": Message(
        "网格只覆盖道路和建筑的 {value}，其余在网格之外。",
        "The cells cover {value} of the roads and buildings; the rest lies outside every cell.",
        "取更大的数据范围，或导入自己的网格。",
        "Take a larger extract, or import a grid of your own.",
    ),
    "osm_nodes_missing": Message(
        "{count} 个对象缺少节点，无法画出，未导入（{value}）。",
        "Objects without the nodes to draw them by, left out ({count}): {value}.",
        "取更大的数据范围。",
        "Take a larger extract.",
    ),
    "osm_way_shortened": Message(
        "{count} 条线缺少部分节点，只保留数据范围内的一段（{value}）。",
        "Lines that lack nodes, of which the longest known stretch is kept ({count}): {value}.",
    ),
    "osm_not_closed": Message(
        "{count} 个应为面的对象不闭合，未导入（{value}）。",
        "Objects that ought to be areas and do not close, left out ({count}): {value}.",
        "在 OpenStreetMap 里改正。",
        "Mend them in OpenStreetMap.",
    ),
    "osm_area_cut": Message(
        "{count} 个多边形关系缺少成员，边界不闭合，未导入（{value}）。",
        "Areas that lack members and stay open, left out ({count}): {value}.",
        "取更大的数据范围。",
        "Take a larger extract.",
    ),
    "osm_area_partial": Message(
        "{count} 个多边形关系缺少部分成员，只导入完整的环（{value}）。",
        "Areas that lack some members, of which the rings that close are kept ({count}): {value}.",
    ),
    "osm_area_open": Message(
        "{count} 个多边形关系成员齐全但不闭合，未导入（{value}）。",
        "Areas with all their members that do not close, left out ({count}): {value}.",
        "在 OpenStreetMap 里改正。",
        "Mend them in OpenStreetMap.",
    ),
    "osm_area_collapsed": Message(
        "{count} 个面没有面积或无法修复，未导入（{value}）。",
        "Areas that enclose nothing or cannot be mended, left out ({count}): {value}.",
        "在 OpenStreetMap 里改正。",
        "Mend them in OpenStreetMap.",
    ),
    "osm_duplicates": Message(
        "{count} 个对象在文件中重复出现，保留版本最高的一个（{value}）。",
        "Objects that are there more than once, of which the highest version is kept ({count}): {value}.",
    ),
    "osm_kept_table": Message(
        "{value} 来自其他文件，保留不动。",
        "{value} was imported from another file and stays as it is.",
        "如要改用 OpenStreetMap 的数据，请先从草稿中删除该表。",
        "To take OpenStreetMap's instead, delete the table from the draft first.",
    ),
    "osm_rules": Message(
        "规则改用城镇起步规则，共 {count} 条，见 city.toml。",
        "The rules are now the starter rules for towns, {count} of them; see city.toml.",
    ),
}

MESSAGES.update(OSM_MESSAGES)
