"""What `check` says, in Chinese and English."""

from __future__ import annotations

from layers.findings import Message

CHECK_MESSAGES = {
    "no_last_rule": Message(
        "规则表没有收尾规则：最后一条主办（lead）规则必须没有条件和有效期，并指向 @cell 或某个责任单位。",
        "The rules have no last one that answers for everything: the last lead rule must have no conditions, "
        "no valid_from or valid_to, and name @cell or an owner.",
        '在 city.toml 末尾加上 [[rule]] id = "territory" owner = "@cell"。',
        'End city.toml with: [[rule]] id = "territory", owner = "@cell" (no conditions).',
    ),
    "rule_shadowed": Message(
        "规则「{rule}」在网格内不会起作用：它前面的「{above}」已答复它能匹配的一切。",
        "Inside the grid rule {rule} has nothing left to answer: rule {above} before it answers everything that it matches.",
        "把「{rule}」移到「{above}」前面，给「{above}」加上条件，或删除「{rule}」。",
        "Put {rule} before {above}, give {above} a condition, or delete {rule}.",
    ),
    "undeclared_owner": Message(
        "{count} 个责任单位被图层或规则引用但没有登记：{names}。",
        "{count} owners are named by a layer or rule and declared nowhere: {names}.",
        "在 city.toml 用 [[owner]] 登记，或导入 owner 表。",
        "Declare them with [[owner]] in city.toml, or import a table --as owner.",
    ),
    "rule_never": Message(
        "规则「{rule}」的条件 {column} 引用了不存在的 {missing}。",
        "Rule {rule}: {column} names what is not there: {missing}.",
        "改正 city.toml，或先导入该图层。",
        "Mend city.toml, or import the layer it means.",
    ),
    "shared_edge_never": Message(
        "共用边界「{edge}」不起作用：其 {column} 引用了不存在的「{value}」。",
        "Shared edge {edge} has no effect: its {column} names what is not there: {value}.",
        "改正 city.toml 的 [[shared_edge]]，或先导入该图层。",
        "Mend that [[shared_edge]] in city.toml, or import the layer it means.",
    ),
    "level_not_listed": Message(
        "网格级别「{value}」已导入，但不在 city.toml 的 levels 里，不起作用。",
        "Grid level {value} is imported but not in the levels of city.toml, so it has no effect.",
        "把它加到 levels 里（上级在前）。",
        "Add it to levels, top first.",
    ),
    "metric_crs_unfit": Message(
        "量测坐标系 {value} 不适合这座城市（{why}）",
        "The metric CRS {value} does not fit this city: {why}",
        "清空 city.toml 的 metric_crs 后重新导入网格，或换一个。",
        "Empty metric_crs in city.toml and import the grid again, or name another.",
    ),
    "no_grid": Message(
        "城市还没有网格。",
        "The city has no grid.",
        "导入一级网格：woodpecker import layer FILE --as grid:LEVEL。",
        "Import a level: woodpecker import layer FILE --city DIR --as grid:LEVEL.",
    ),
    "overlap": Message(
        "{one} 与 {other} 重叠 {area_m2:,.1f} 平方米。",
        "{one} and {other} overlap by {area_m2:,.1f} m².",
        "修改边界后重新导入；check --fix 给出建议。",
        "Correct the boundary and import again; check --fix proposes one.",
    ),
    "gap": Message(
        "网格之间有 {area_m2:,.1f} 平方米的缝隙。",
        "There is a gap of {area_m2:,.1f} m² between the cells.",
        "修改边界后重新导入（check --fix 给出建议）；若属别的辖区，请作为 area:neighbour 导入。",
        "Correct the boundary and import again (check --fix proposes one); "
        "if it is another jurisdiction's, import that --as area:neighbour.",
    ),
    "uncovered": Message(
        "{one} 有 {area_m2:,.1f} 平方米不在任何下级网格内。",
        "{area_m2:,.1f} m² of {one} lie in none of its cells.",
        "补全下级网格的边界。",
        "Complete the boundaries of the level below.",
    ),
    "outside_parent": Message(
        "{one} 有 {area_m2:,.1f} 平方米伸出上级网格。",
        "{area_m2:,.1f} m² of {one} lie outside its parent.",
        "修改其中一级的边界，或用 --parent 指定上级。",
        "Correct one of the two boundaries, or name the parent with --parent.",
    ),
    "orphan": Message(
        "{one} 没有上级网格。",
        "{one} has no parent.",
        "检查上级编码列（--parent）或边界。",
        "Look at the column of parent codes (--parent) or at the boundary.",
    ),
    "code_and_parent": Message(
        "{one} 位于 {other}，但编码不以其编码开头。",
        "{one} lies in {other}, but its code does not begin with that one's.",
        "改正编码，或用 --parent 指定上级。",
        "Correct the code, or name the parent with --parent.",
    ),
    "cell_without_owner": Message(
        "{count} 个网格没有责任主体，暂由网格自身代表：{names} …",
        "{count} cells have no responsible body and stand for themselves: {names} …",
        "用 --owner 指定责任主体列后重新导入。",
        "Import the level again with --owner COLUMN.",
    ),
    "asset_without_owner": Message(
        "{all} 个部件中有 {count} 个没有权属单位：{names} …",
        "{count} of {all} assets have no owner: {names} …",
        "用 --owner 指定权属列，或在规则中按 asset_kind 指定。",
        "Import them with --owner COLUMN, or name an owner for their asset_kind in a rule.",
    ),
    "category_without_owner": Message(
        "{count} 个类别没有规则兜底：{names} …",
        "No rule answers everywhere for {count} categories: {names} …",
        "补上收尾规则。",
        "Add a rule for them, or a last rule without conditions.",
    ),
    **{
        f"{code}_slivers": Message(
            f"另有 {{count}} 处细缝（宽度不足 {{width_m}} 米或面积不足 {{least_m2}} 平方米），共 {{area_m2:,.1f}} 平方米：{zh}。",
            f"{{count}} slivers more (thinner than {{width_m}} m or under {{least_m2}} m²), {{area_m2:,.1f}} m² in all: {en}.",
        )
        for code, zh, en in [
            ("overlap", "重叠", "overlaps"),
            ("gap", "缝隙", "gaps"),
            ("uncovered", "未覆盖", "parts of a parent in no cell"),
            ("outside_parent", "伸出上级", "parts outside the parent"),
        ]
    },
}
