"""What the OpenAPI document shows of the geocoder's answers."""

from __future__ import annotations

from typing import Any

BUILDING: dict[str, Any] = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [120.8337, 32.00031]},
    "bbox": [120.83347, 32.00023, 120.83391, 32.00039],
    "properties": {
        "label": "虹桥北村65幢",
        "match": "building",
        "radius_m": 12.4,
        "text_score": 0.994,
        "position_score": 0.89,
        "kind": "building",
        "layer": "asset:building",
        "id": "B65",
        "cell_code": "32061300200806",
        "cell_path": "320613/320613002/320613002008/32061300200806",
        "parents": ["新西社区第6网格", "新西社区", "虹桥街道", "崇川区"],
        "address": {"building": "虹桥北村65幢", "residential": "虹桥北村", "suburb": "虹桥街道"},
        "faults": [
            {
                "code": "homophone",
                "value": "红桥北村",
                "zh": "“红桥北村”读音相同，应为“虹桥北村”",
                "en": "'红桥北村' sounds like '虹桥北村'",
                "penalty": 0.05,
            }
        ],
    },
}
FREE = ("address",)
ANSWER: dict[str, Any] = {
    "type": "FeatureCollection", "outcome": "found", "question": None, "features": [BUILDING]
}  # fmt: skip
AMBIGUOUS: dict[str, Any] = {
    **ANSWER,
    "outcome": "ambiguous",
    "question": {"zh": "是和平桥街道还是虹桥街道？", "en": "Which one: 和平桥街道 or 虹桥街道?"},
}
REFUSED: dict[str, Any] = {
    "type": "/problems/invalid_request",
    "title": "The request is not valid",
    "status": 422,
    "code": "invalid_request",
    "detail": "lat: lat is missing: a position needs both.",
}
MANY: dict[str, Any] = {"answers": [ANSWER, {"external_id": "WX-1", **AMBIGUOUS}, {"error": REFUSED}]}
COMPLETED: dict[str, Any] = {"type": "FeatureCollection", "features": [BUILDING]}
REVERSE: dict[str, Any] = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [120.8528, 32.0101]},
    "properties": {
        "words": {"zh": "人民中路北侧30米，近友谊桥", "en": "30 m north of 人民中路, near 友谊桥"},
        "address": {
            **BUILDING, "properties": {**BUILDING["properties"], "distance_m": 21.5, "direction": "NE"}
        },
        "street": {
            "name": "人民中路",
            "name_en": "Renmin Middle Road",
            "layer": "asset:road",
            "id": "road-12",
            "distance_m": 30.1,
            "direction": "N",
            "point": [120.85281, 32.00984],
            "words": {"zh": "人民中路北侧30米", "en": "30 m north of Renmin Middle Road"},
        },
        "cell_code": "320613002008",
        "cell_path": "320613/320613002/320613002008",
        "cells": [
            {
                "level": "community",
                "code": "320613002008",
                "name": "虹桥社区",
                "owner": {"id": "hongqiao", "name": "虹桥社区"},
            }
        ],
        "areas": [
            {
                "kind": "property",
                "code": "W1",
                "name": "虹桥北村",
                "owner": {"id": "wuye", "name": "虹桥物业"},
            }
        ],
        "assets": [
            {
                "kind": "street_light",
                "id": "02120400",
                "name": "灯杆02120400",
                "owner": {"id": "lamps", "name": "路灯管理所"},
                "distance_m": 3.4,
            }
        ],
        "more_assets": 0,
        "radius_m": 100.0,
    },
}  # fmt: skip
