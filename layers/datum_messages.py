"""What is said of layers and batches in another datum than was declared, in Chinese and English."""

from __future__ import annotations

from layers.findings import MESSAGES, Message

_ZH = (
    "个位置中，若如此则有 {in_band} 个距 {reference} {from_m:g} 至 {to_m:g} 米，现状只有 {as_declared} 个，"
    "换成任何其他平移最多 {elsewhere} 个（距离中位数 {median_m:.0f} 米，现状 {declared_m:.0f} 米）。"
)
_EN = (
    "{in_band} would then lie {from_m:g} to {to_m:g} m from {reference}; {as_declared} do as it is, and at most "
    "{elsewhere} after any other displacement (median distance {median_m:.0f} m instead of {declared_m:.0f} m)."
)
_LAYER_ZH = "{layer} 按 {declared} 处理，但看来是 {actual}：{subject} 的 {points} " + _ZH
_LAYER_EN = (
    "{layer} was taken for {declared} and seems to be in {actual}: of {points} places of {subject}, " + _EN
)

DATUM_MESSAGES = {
    "datum_wrong": Message(
        _LAYER_ZH,
        _LAYER_EN,
        "先在地图上核对；若属实，用 --datum {actual} 重新导入 {layer}。",
        "Look at it on a map. If so, import {layer} again with --datum {actual}.",
    ),
    "datum_doubtful": Message(
        _LAYER_ZH + "也可能是 {other} 按 {actual} 处理而其实是 {declared}。",
        _LAYER_EN + " Or {other} was taken for {actual} and is in {declared}.",
        "先在地图上核对两个图层；再用 --datum 重新导入有误的一个。",
        "Look at both on a map, and import the one that is wrong again with the right --datum.",
    ),
    "batch_datum": Message(
        "{whose_zh}{count} 行按 {declared} 处理，但看来是 {actual}：{points} " + _ZH,
        "{count} rows{whose_en} are taken for {declared} and seem to be in {actual}: of {points} places, "
        + _EN,
        "没有做任何转换。先在地图上核对；若属实，用 --datum {actual}，或改正 datum 列。",
        "Nothing was converted. Look at some on a map; if so, say --datum {actual}, or correct the column datum.",
    ),
}
MESSAGES.update(DATUM_MESSAGES)
