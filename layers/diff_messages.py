"""What `diff` says, in Chinese and English."""

from __future__ import annotations

# What became of a member, of ground, of a word or of a place.
WORDS = {
    "added": ("新增", "added"),
    "removed": ("删除", "removed"),
    "recoded": ("换码", "re-coded"),
    "moved": ("移位", "moved"),
    "reshaped": ("变形", "reshaped"),
    "owner": ("换责任单位", "owner changed"),
    "reparented": ("换上级", "parent changed"),
    "renamed": ("改名", "renamed"),
    "attributes": ("属性变更", "attributes changed"),
    "redrawn": ("重绘（仅细缝）", "redrawn (slivers only)"),
    "ground_cell": ("范围换网格", "ground changes cell"),
    "ground_owner": ("范围换责任单位", "ground changes owner"),
    "ground": ("范围换网格和责任单位", "ground changes cell and owner"),
    "changed": ("变更", "changed"),
    "reordered": ("换次序", "reordered"),
    "to_cell": ("换网格", "another cell"),
    "to_asset": ("换部件", "another asset"),
    "to_owner": ("换责任单位", "another owner"),
    "rules": ("规则", "rules"),
    "categories": ("类别", "categories"),
    "owners": ("责任单位", "owners"),
    "settings": ("设置", "settings"),
    "places": ("地点", "places"),
    "nobody": ("（无）", "(none)"),
}

SENTENCES = {
    "zh": {
        "none": "没有差别。",
        "nothing_live": "尚未发布任何版本：草稿中的一切都算新增。",
        "head": "草稿与现行版本 {live} 的差别：",
        "layer": "{layer}：{counts}。",
        "ground": "{layer}：{cell_m2:,.1f} 平方米换网格，{owner_m2:,.1f} 平方米换责任单位；另有 {slivers} 处细缝，共 {sliver_m2:,.1f} 平方米。",
        "places": "{places:,} 个地点中 {moves:,} 个会变：{cell} 个换网格，{asset} 个换部件，{owner} 个换责任单位；{unusable} 个没有可用的位置。",
        "more": "…… 另有 {count} 条",
        "written": "已写入 {path}。",
        "layers": "可在 QGIS 中打开：{path}（{layers}）。",
        "no_layers": "没有可写入的内容，未写 {path}。",
    },
    "en": {
        "none": "No differences.",
        "nothing_live": "Nothing was published yet: everything in the draft counts as added.",
        "head": "The draft against live generation {live}:",
        "layer": "{layer}: {counts}.",
        "ground": "{layer}: {cell_m2:,.1f} m² change cell, {owner_m2:,.1f} m² change owner; {slivers} slivers besides, {sliver_m2:,.1f} m² in all.",
        "places": "{moves:,} of {places:,} places would move: {cell} to another cell, {asset} to another asset, {owner} to another owner; {unusable} have no usable position.",
        "more": "… and {count} more of these",
        "written": "{path} is written.",
        "layers": "To look at in QGIS: {path} ({layers}).",
        "no_layers": "There is nothing to write: no {path}.",
    },
}
