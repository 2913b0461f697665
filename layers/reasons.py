"""Why a report went where it went: sentences in Chinese and English, made of templates and facts.

The templates hold nothing but ``{name}`` placeholders, so that a web page can write the same
sentences from the same columns (`maps` hands them over as JSON).
"""

from __future__ import annotations

from collections.abc import Mapping

# One sentence per topology of the position, per asset found, per way the owner was reached.
TEMPLATES: dict[str, dict[str, str]] = {
    "zh": {
        "topology.inside": "位置在「{cell_name}」（{cell_code}）内。",
        "topology.edge": "位置在 {cells} 的公共边界上，按最后的办法取编码最小的「{cell_name}」。",
        "topology.held": "位置在 {cells} 的公共边界上，按共边约定取「{cell_name}」（{cell_code}）。",
        "topology.overlap": "位置同时在 {cells} 内（边界重叠），按最后的办法取编码最小的「{cell_name}」。",
        "topology.gap": "位置在网格之间的缝隙里（或边线外不足半米），取最近的「{cell_name}」（{cell_code}），相距 {cell_m} 米。",
        "topology.deep_gap": "位置在网格之间的大片空白里（可能属于别的辖区），最近的是「{cell_name}」（{cell_code}），相距 {cell_m} 米。",
        "topology.near": "位置在全部网格之外 {cell_m} 米，未超出所报精度 {accuracy_m} 米，取最近的「{cell_name}」。",
        "topology.outside": "位置在全部网格之外，最近的是「{nearest_name}」（{nearest_code}），相距 {cell_m} 米。",
        "topology.nowhere": "位置不在任何网格内（尚未导入网格）。",
        "topology.neighbour": "位置属于相邻辖区「{neighbour_name}」，不在本市网格内。",
        "topology.none": "没有可用的位置。",
        "problem.missing": "没有坐标。",
        "problem.number": "坐标不是数字。",
        "problem.range": "坐标超出范围（经度 −180 至 180，纬度 −90 至 90）。",
        "problem.swapped": "坐标超出范围，经度和纬度可能写反了。",
        "problem.datum": "坐标系写得不对（可用 wgs84、gcj02、bd09、cgcs2000 或 EPSG:n）。",
        "problem.accuracy": "所报精度不是非负的米数。",
        "problem.level": "精度的百分比不在 1 到 99.9 之间。",
        "problem.time": "时间读不懂（可写 2026-07-01T08:30）。",
        "problem.shape": "范围不是可用的 WKT 线或面。",
        "accuracy.weighed": "已计入位置误差 {accuracy_m} 米（{level} %）。",
        "shape.place": "位置只知道在所给的范围内，按范围内的份额计。",
        "shape.extent": "上报的是一段线或一片面，按长度或面积的份额计。",
        "category.unknown": "类别「{category_name}」不在类别表中。",
        "asset.found": "相关部件：{asset_kind} {asset_id}，相距 {asset_m} 米。",
        "asset.likely": "相关部件很可能是：{asset_kind} {asset_id}，相距 {asset_m} 米（{asset_share} %）。",
        "asset.street": "相关部件可能是 {candidates}，都在「{asset_name}」上。",
        "asset.section": "相关部件可能是 {candidates}，都在「{section_name}」一段。",
        "asset.open": "相关部件可能是 {candidates}，不能确定是哪一个。",
        "asset.none": "附近没有与类别「{category_name}」相关的部件。",
        "via.fixed": "规则「{rule}」指定由「{owner_name}」负责。",
        "via.asset": "规则「{rule}」：由该部件的权属单位「{owner_name}」负责。",
        "via.area": "规则「{rule}」：由责任区（{area_kind}）「{area_name}」的责任单位「{owner_name}」负责。",
        "via.cell": "规则「{rule}」：由所在网格的责任主体「{owner_name}」负责。",
        "via.section": "规则「{rule}」：由该路段（河段）「{section_name}」的责任单位「{owner_name}」负责。",
        "via.holder": "规则「{rule}」：按共边约定由「{owner_name}」负责。",
        "via.other_cell": "规则「{rule}」：由可能所在网格的责任主体「{owner_name}」负责。",
        "via.none": "没有规则给出责任单位。",
        "role.assist": "协办：「{assist}」。",
        "role.supervisor": "督办：「{supervisor}」。",
        "share.rival": "把握 {owner_percent} %，其次可能是「{alt_owner_name}」。",
        "share.alone": "把握 {owner_percent} %。",
        "question": "可以问：{question_zh}",
    },
    "en": {
        "topology.inside": "The position lies in {cell_name} ({cell_code}).",
        "topology.edge": "The position lies on the shared boundary of {cells}; "
        "{cell_name}, the lowest code, is taken as the last resort.",
        "topology.held": "The position lies on the shared boundary of {cells}; "
        "{cell_name} ({cell_code}) is taken, as agreed for the road or river that runs there.",
        "topology.overlap": "The position lies in {cells} at once (they overlap); "
        "{cell_name}, the lowest code, is taken as the last resort.",
        "topology.gap": "The position lies in a gap between cells, or less than half a metre outside them; "
        "the nearest, {cell_name} ({cell_code}), {cell_m} m away, is taken.",
        "topology.deep_gap": "The position lies in a large gap between cells, which may be another jurisdiction's; "
        "the nearest, {cell_name} ({cell_code}), is {cell_m} m away.",
        "topology.near": "The position lies {cell_m} m outside every cell, within its accuracy of "
        "{accuracy_m} m; the nearest, {cell_name}, is taken.",
        "topology.outside": "The position lies outside every cell; "
        "the nearest is {nearest_name} ({nearest_code}), {cell_m} m away.",
        "topology.nowhere": "The position lies in no cell (no grid was imported).",
        "topology.neighbour": "The position lies in the neighbouring jurisdiction {neighbour_name}, "
        "in no cell of this city.",
        "topology.none": "There is no usable position.",
        "problem.missing": "The coordinates are missing.",
        "problem.number": "The coordinates are not numbers.",
        "problem.range": "The coordinates are out of range (lng -180 to 180, lat -90 to 90).",
        "problem.swapped": "The coordinates are out of range; longitude and latitude may be swapped.",
        "problem.datum": "The datum is unknown (wgs84, gcj02, bd09, cgcs2000 or EPSG:n).",
        "problem.accuracy": "The accuracy is not a number of metres, 0 or more.",
        "problem.level": "The accuracy's level is not a percentage from 1 to 99.9.",
        "problem.time": "The time cannot be read (write 2026-07-01T08:30).",
        "problem.shape": "The shape is no usable WKT of a line or area.",
        "accuracy.weighed": "Its error of {accuracy_m} m ({level} %) is weighed in.",
        "shape.place": "The place is only known to lie in the given area; shares are those of its ground.",
        "shape.extent": "A stretch or an area was reported; shares are those of its length or ground.",
        "category.unknown": "Category {category_name} is not in the category table.",
        "asset.found": "Asset concerned: {asset_kind} {asset_id}, {asset_m} m away.",
        "asset.likely": "Asset concerned, most likely: {asset_kind} {asset_id}, {asset_m} m away ({asset_share} %).",
        "asset.street": "The asset concerned may be {candidates}, all on {asset_name}.",
        "asset.section": "The asset concerned may be {candidates}, all on the stretch {section_name}.",
        "asset.open": "The asset concerned may be {candidates}; which one is open.",
        "asset.none": "No asset that concerns category {category_name} is near.",
        "via.fixed": "Rule {rule} names {owner_name}.",
        "via.asset": "Rule {rule}: the asset's owner, {owner_name}.",
        "via.area": "Rule {rule}: {owner_name}, responsible for {area_name} ({area_kind}).",
        "via.cell": "Rule {rule}: {owner_name}, the body responsible for the cell.",
        "via.section": "Rule {rule}: {owner_name}, responsible for the stretch {section_name}.",
        "via.holder": "Rule {rule}: {owner_name}, which holds this shared edge.",
        "via.other_cell": "Rule {rule}: {owner_name}, responsible for the cell where it most likely is.",
        "via.none": "No rule names an owner.",
        "role.assist": "Assisting: {assist}.",
        "role.supervisor": "Supervising: {supervisor}.",
        "share.rival": "{owner_percent} % sure; else most likely {alt_owner_name}.",
        "share.alone": "{owner_percent} % sure.",
        "question": "Ask: {question_en}",
    },
}


def sentence(lang: str, parts: tuple[str, ...], facts: Mapping[str, object]) -> str:
    """The sentences that the parts (keys of `TEMPLATES`) make of the facts, in one language."""
    gap = "" if lang == "zh" else " "
    return gap.join(TEMPLATES[lang][part].format_map(facts) for part in parts)
