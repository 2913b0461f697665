"""What importing and checking sections can notice, said in Chinese and English."""

from __future__ import annotations

from layers.findings import MESSAGES, Message

# Rows with one of these are not in the table.
SECTION_REJECTS: dict[str, Message] = {
    "section_route_missing": Message(
        "没有写路线。",
        "The row names no route.",
        "在“{column}”列填上道路或河道的名称或编号。",
        "Write the name or id of the road or river in column {column}.",
    ),
    "section_metre_missing": Message(
        "列“{column}”没有桩号。",
        "Column {column} holds no metres.",
        "填上，例如 1200 或 K1+200。",
        "Fill it in, such as 1200 or K1+200.",
    ),
    "section_metre_unreadable": Message(
        "列“{column}”的值“{value}”不是桩号。",
        "Column {column} holds {value}, which is neither metres nor a kilometre stone.",
        "改成 1200 或 K1+200 这样的写法。",
        "Write 1200 or K1+200.",
    ),
    "section_no_length": Message(
        "起点和终点都是 {value}，没有长度。",
        "It begins and ends at {value}: it has no length.",
        "改正起点或终点。",
        "Correct where it begins or ends.",
    ),
    "section_side_unknown": Message(
        "列“{column}”的值“{value}”不是侧别。",
        "Column {column} holds {value}, which is no side.",
        "写 left、right、both，或左、右、两侧；两侧可留空。",
        "Write left, right or both; leave it empty for both.",
    ),
    "section_not_measurable": Message(
        "没有桩号，而路线“{value}”还没有导入，无法按图形量取。",
        "It has no metres, and route {value} is not there to measure its line on.",
        "先导入 asset:{kind}，或写上起点和终点。",
        "Import asset:{kind} first, or write from and to.",
    ),
    "section_across_start": Message(
        "图形越过环形路线“{value}”的起点，无法用一段桩号表示。",
        "Its line runs across the start of the ring {value}: no two metres say that.",
        "在起点处断成两段。",
        "Cut it in two there.",
    ),
}

SECTION_MESSAGES: dict[str, Message] = {
    "section_measured": Message(
        "{count} 段没有桩号，按图形在路线上量取。",
        "{count} sections have no metres; they were measured by their lines.",
    ),
    "section_lines_unused": Message(
        "{count} 行的图形不能用，以桩号为准。",
        "{count} rows have no usable line; their metres count.",
    ),
    "section_disagrees": Message(
        "桩号 {given} 与图形（{drawn}）相差 {apart_m:,.0f} 米；以桩号为准。",
        "The metres, {given}, and the line, {drawn}, differ by {apart_m:,.0f} m; the metres count.",
        "核对桩号、图形和路线的起算点。",
        "Look at the metres, the line, and where the route counts from.",
    ),
    "section_off_route": Message(
        "图形离路线“{value}”有 {apart_m:,.0f} 米。",
        "Its line lies {apart_m:,.0f} m off route {value}.",
        "核对路线名称和图形。",
        "Look at the name of the route, and at the line.",
    ),
    "section_route_unknown": Message(
        "没有编号或名称为“{value}”的 {kind}（{count} 段）。",
        "No {kind} has the id or name {value}; rows that give it: {count}.",
        "核对名称，或重新导入 asset:{kind}。",
        "Look at the spelling, or import asset:{kind} again.",
    ),
    "section_routes_later": Message(
        "还没有 asset:{kind}；导入后各段才能落到图上。",
        "There is no asset:{kind} yet; the sections find their places once it is imported.",
        "woodpecker import layer FILE --city DIR --as asset:{kind}。",
        "woodpecker import layer FILE --city DIR --as asset:{kind}.",
    ),
}

CHECK_SECTION_MESSAGES: dict[str, Message] = {
    "section_gap": Message(
        "{route} 的 {from_} 至 {to}{on_zh} 没有责任段（{length_m:,.1f} 米）。",
        "{route} has no section from {from_} to {to}{on_en} ({length_m:,.1f} m).",
        "补上一段，或修改相邻段的起止点。",
        "Add one, or correct where its neighbours begin and end.",
    ),
    "section_overlap": Message(
        "{route} 的 {from_} 至 {to}{on_zh} 属于两段：{one} 与 {other}（{length_m:,.1f} 米）。",
        "{route} has two sections from {from_} to {to}{on_en}: {one} and {other} ({length_m:,.1f} m).",
        "修改起止点或侧别；在此之前由编号小的一段负责。",
        "Correct where they begin and end, or their sides; until then the lower id answers.",
    ),
    "section_reversed": Message(
        "{one} 的起点 {from_} 大于终点 {to}，按相反方向读取。",
        "{one} begins at {from_} and ends at {to}: it was read the other way round.",
        "对调起点和终点；侧别以里程增加的方向为准，请一并核对。",
        "Exchange the two; sides are those of increasing metres, so look at the side too.",
    ),
    "section_beyond": Message(
        "{one} 从 {from_} 到 {to}，超出 {route}（{first} 至 {last}）。",
        "{one} runs from {from_} to {to}, beyond {route}, which counts from {first} to {last}.",
        "改正桩号，或用 start_m、end_m 列或 asset:{kind}_mark 校准路线。",
        "Correct the metres, or calibrate the route with the columns start_m and end_m or with asset:{kind}_mark.",
    ),
    "section_no_route": Message(
        "没有编号或名称为“{value}”的 {kind}，{count} 段没有位置：{names}。",
        "No {kind} line has the id or name {value}; sections without a place: {count} ({names}).",
        "核对名称，或导入 asset:{kind}。",
        "Look at the spelling, or import asset:{kind}.",
    ),
    "section_without_owner": Message(
        "{all} 段中有 {count} 段没有责任单位：{names} …",
        "{count} of {all} sections have no owner: {names} …",
        "用 --owner 指定责任单位列后重新导入。",
        "Import them again with --owner COLUMN.",
    ),
    "route_broken": Message(
        "{route} 由 {parts} 段不相接的线组成，间断共 {length_m:,.1f} 米；桩号按就近相接的次序继续计算。",
        "{route} is in {parts} parts that do not join, {length_m:,.1f} m apart in all; metres run on from each to the part that starts nearest.",
        "把线接上，或用 asset:{kind}_mark 校准每一部分。",
        "Join the lines, or calibrate every part with asset:{kind}_mark.",
    ),
    "route_mark_unused": Message(
        "{route} 有 {count} 个里程标没有采用：{names}。",
        "{count} marks of {route} were not used: {names}.",
        "里程标应在路线 100 米以内，里程沿路线只增或只减，route 列应是路线的编号或名称。",
        "A mark stands within 100 m of its route and names it by id or name, and metres only rise, or only fall, along it.",
    ),
    "route_marks_unread": Message(
        "asset:{value} 没有 route 列或 m 列，里程标没有采用。",
        "asset:{value} lacks a column route or m, so no mark was used.",
        "补上这两列：路线的编号或名称，以及里程。",
        "Give it both: the id or name of the route, and the metre.",
    ),
}

MESSAGES.update(SECTION_REJECTS | SECTION_MESSAGES | CHECK_SECTION_MESSAGES)
