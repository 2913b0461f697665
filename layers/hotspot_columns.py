"""The columns of hotspots, and what people call them."""

from __future__ import annotations

from layers.exported import Pair

COLUMNS: dict[str, Pair] = {
    "category": ("类别代码", "category code"),
    "category_name": ("类别", "category"),
    "cell_code": ("单元代码", "cell code"),
    "cell_name": ("单元", "cell"),
    "class": ("结论", "class"),
    "observed": ("实际数", "observed"),
    "expected": ("期望数", "expected"),
    "excess": ("超出数", "excess"),
    "relative_risk": ("相对风险", "relative risk"),
    "rr_low": ("相对风险下限", "relative risk from"),
    "rr_high": ("相对风险上限", "relative risk to"),
    "z": ("z 值", "z"),
    "p": ("p 值", "p"),
    "q": ("q 值", "q"),
    "reports": ("上报数", "reports"),
    "issues": ("问题数", "issues"),
    "reporters": ("上报人数", "reporters"),
    "exposure": ("基数", "exposure"),
    "expected_again": ("同等时段预期数", "expected again"),
    "area_km2": ("面积（平方千米）", "area in km²"),
    "stability": ("平移稳定度", "agreement of moved bins"),
    "recent_observed": ("近期实际数", "observed lately"),
    "recent_expected": ("近期期望数", "expected lately"),
    "recent_q": ("近期 q 值", "q lately"),
    "recent_class": ("近期结论", "class lately"),
    "is_new": ("新热点", "new"),
    "change_ratio": ("变化倍数", "rate ratio"),
    "change_low": ("变化倍数下限", "rate ratio from"),
    "change_high": ("变化倍数上限", "rate ratio to"),
    "change_q": ("变化 q 值", "q of the change"),
    "change_class": ("变化", "change"),
    "trend_tau": ("趋势系数", "trend coefficient"),
    "trend_q": ("趋势 q 值", "q of the trend"),
    "trend_class": ("趋势", "trend"),
    "top_category": ("主要类别", "dominant category"),
    "top_category_issues": ("主要类别问题数", "issues of that category"),
    "top_asset": ("最多的部件", "most frequent asset"),
    "top_asset_kind": ("部件种类", "kind of that asset"),
    "top_asset_issues": ("该部件问题数", "issues of that asset"),
    "issue_ids": ("问题编号", "issue ids"),
}
"""A hotspot's, in order. `observed` to `q` are of a cell and its neighbours, `reports` to `area_km2` of the
cell alone, and `expected_again` is what another window as long would bring in it. `stability` is the share of
bins with their origin moved that say the same; other parts have none. `category` is empty where all
categories count together."""

CLUSTERS: dict[str, Pair] = {
    "category": ("类别代码", "category code"),
    "rank": ("序号", "rank"),
    "observed": ("实际数", "observed"),
    "expected": ("期望数", "expected"),
    "relative_risk": ("相对风险", "relative risk"),
    "llr": ("对数似然比", "log likelihood ratio"),
    "p": ("p 值", "p"),
    "radius_m": ("半径（米）", "radius in m"),
    "cells": ("单元数", "cells"),
    "cell_codes": ("单元代码", "cell codes"),
}
"""Of the circular scan."""

DENSITY: dict[str, Pair] = {
    "category": ("类别代码", "category code"),
    "level": ("级", "level"),
    "per_km2": ("每平方千米至少", "at least per km²"),
}
"""Of the surface's contours."""
