"""A city of the places where owners quarrel, drawn for docs/: ``python -m tests.hard_cases`` draws anew.

Each scene lies on ground of its own, a kilometre from the next; places are metres from its middle.
"""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

from layers.assign import assign
from layers.city import create_city
from layers.generation import Generation, load_draft
from layers.proof import Proof, prove
from maps.explain import explain_svg
from tests.cities import METRIC, SOUTH, WEST, bring, words

DRAWINGS = Path(__file__).parents[1] / "docs" / "drawings"
M_LNG, M_LAT = 1 / 94_480, 1 / 110_900  # degrees a metre, about
SCENES = ("bridge", "lamps", "carriageways", "underpass", "banks", "boundary")
RULES = """
[[shared_edge]]
asset = "road:边界路"
cell = "E2"

[[rule]]
id = "section"
when = { category = ["E0105", "E0111"], section.river = ["左岸", "右岸"] }
owner = "@section.river"

[[rule]]
id = "asset"
owner = "@asset"

[[rule]]
id = "river-chief"
role = "supervisor"
when = { category = ["E0105", "E0111"] }
owner = "river-chief"

[[rule]]
id = "territory"
owner = "@cell"

[[owner]]
id = "river-chief"
name = "河长办"

[[category]]
code = "E0110"
name_zh = "道路破损"
name_en = "Road damage"
asset_kinds = ["bridge", "road"]

[[category]]
code = "E0102"
name_zh = "暴露垃圾"
name_en = "Exposed garbage"

[[category]]
code = "E0105"
name_zh = "水域不洁"
name_en = "Dirty water"
asset_kinds = ["river"]

[[category]]
code = "E0111"
name_zh = "河堤破损"
name_en = "Embankment damage"
asset_kinds = ["river"]

[[category]]
code = "E0406"
name_zh = "道路积水"
name_en = "Flooded road"
asset_kinds = ["road"]

[[category]]
code = "0118"
name_zh = "路灯"
name_en = "Street light"
asset_kinds = ["street_light"]
"""


def at(scene: str, east: float, north: float) -> tuple[float, float]:
    """The degrees of a place of a scene."""
    return WEST + 0.01 * SCENES.index(scene) + 0.005 + east * M_LNG, SOUTH + 0.005 + north * M_LAT


def ring(scene: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle of a scene."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[at(scene, *corner) for corner in corners]]}


def line(scene: str, *places: tuple[float, float]) -> dict[str, Any]:
    """A line of a scene."""
    return {"type": "LineString", "coordinates": [at(scene, *place) for place in places]}


def road(
    scene: str, code: str, name: str, width: float, owner: str, *places: tuple[float, float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A road or river of a scene."""
    return line(scene, *places), {"code": code, "name": name, "width": width, "owner": owner}


def spot(scene: str, east: float, north: float) -> dict[str, Any]:
    """A point of a scene."""
    return {"type": "Point", "coordinates": at(scene, east, north)}


@functools.cache
def hard_city() -> Generation:
    """The city, made once for all tests."""
    city = create_city(Path(tempfile.mkdtemp(prefix="woodpecker-hard-")), "难城", metric_crs=METRIC)
    words(city, RULES)
    cells = [
        (
            ring(s, -400, -400, 400, 400),
            {"code": f"{s[0].upper()}1", "name": f"{n}社区", "body": f"{s}-office"},
        )
        for s, n in zip(SCENES[:4], ("桥头", "灯下", "双幅", "下穿"), strict=True)
    ]
    for scene, code, name in (("banks", "K", "河"), ("boundary", "E", "界")):
        cells.append(
            (
                ring(scene, -400, 0, 400, 400),
                {"code": f"{code}1", "name": f"{name}北", "body": f"{scene}-north"},
            )
        )
        cells.append(
            (
                ring(scene, -400, -400, 400, 0),
                {"code": f"{code}2", "name": f"{name}南", "body": f"{scene}-south"},
            )
        )
    bring(city, "grid:cell", cells, owner="body")
    roads = [
        road("bridge", "R1", "桥路", 10, "市政处", (-300, 0), (300, 0)),
        road("lamps", "R2", "人民路", 14, "市政处", (-300, 0), (300, 0)),
        road("carriageways", "R3", "快速路北幅", 12, "公路中心", (-300, 9), (300, 9)),
        road("carriageways", "R4", "快速路南幅", 12, "市政处", (300, -9), (-300, -9)),
        road("underpass", "R5", "建设路", 12, "市政处", (-300, 0), (300, 0)),
        road("underpass", "R6", "高架路", 16, "高架公司", (0, -300), (0, 300)),
        road("boundary", "R7", "边界路", 12, "", (-300, 0), (300, 0)),
    ]
    bring(city, "asset:road", roads, owner="owner")
    rivers = [
        road("bridge", "W1", "运料河", 30, "河道所", (0, -300), (0, 300)),
        road("banks", "W2", "界河", 24, "河道所", (-300, 0), (300, 0)),
    ]
    bring(city, "asset:river", rivers, owner="owner")
    bring(city, "asset:bridge", [
        (ring("bridge", -20, -6, 20, 6), {"code": "B1", "name": "人民桥", "owner": "桥梁所"}),
        (ring("underpass", -8, -25, 8, 25), {"code": "B2", "name": "高架桥", "owner": "高架公司"}),
    ], owner="owner")  # fmt: skip
    lamps = [
        (spot("lamps", 18 * i + (9 if side < 0 else 0), side),
         {"code": f"{'NS'[side < 0]}-{i + 5:02d}", "owner": "路灯所" if side > 0 else "小区物业"})
        for i in range(-5, 6) for side in (9, -9)
    ]  # fmt: skip
    bring(city, "asset:street_light", lamps, owner="owner")
    metres = {"route": "界河", "from_m": 0, "to_m": 600}
    banks = [
        (
            line("banks", (-300, 0), (300, 0)),
            {"id": side, "name": name, "side": side, "owner": owner, **metres},
        )
        for side, name, owner in (("left", "左岸", "北街道"), ("right", "右岸", "南街道"))
    ]
    bring(city, "section:river", banks, owner="owner")
    return load_draft(city)


def ask(
    scene: str, east: float, north: float, category: str, *, accuracy_m: float = 0.0, text: str = ""
) -> Proof:
    """The proof of a report in a scene."""
    lng, lat = at(scene, east, north)
    return prove(assign(hard_city(), [lng], [lat], category=[category], accuracy_m=[accuracy_m], text=[text]))


# What the drawings in docs/assignment.md show.
DRAWN: dict[str, dict[str, Any]] = {
    "bridge": {"east": 4, "north": 2, "category": "E0110", "accuracy_m": 5},
    "water": {"east": 4, "north": 2, "category": "E0105", "accuracy_m": 5},
    "lamps": {"east": 2, "north": -2, "category": "0118", "accuracy_m": 8},
    "side": {"east": 2, "north": -2, "category": "0118", "accuracy_m": 8, "text": "人民路北侧路灯不亮"},
    "carriageways": {"east": 0, "north": 3, "category": "E0110", "accuracy_m": 10},
    "underpass": {"east": 2, "north": 1, "category": "E0406", "accuracy_m": 5},
    "banks": {"east": 40, "north": 8, "category": "E0105", "accuracy_m": 5},
    "boundary": {"east": 20, "north": 3, "category": "E0406", "accuracy_m": 5},
}
SCENE_OF = {"water": "bridge", "side": "lamps"}


def drawing(name: str, lang: str = "en") -> str:
    """The drawing of a case."""
    proof = ask(SCENE_OF.get(name, name), **DRAWN[name])
    proof["generation"] = {"id": "example", "sha256": ""}  # the file's bytes hold the time of its making
    return explain_svg(proof, hard_city(), lang=lang, width=640, height=400) + "\n"  # type: ignore[arg-type]


def main() -> None:
    """Draw every case for docs/."""
    DRAWINGS.mkdir(parents=True, exist_ok=True)
    for name in DRAWN:
        (DRAWINGS / f"{name}.svg").write_text(drawing(name), encoding="utf-8")


if __name__ == "__main__":
    main()
