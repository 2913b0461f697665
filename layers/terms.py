"""Names of levels, kinds and states that cities usually have, in Chinese and English."""

from __future__ import annotations

from layers.findings import Lang
from layers.life_cycle import STATE_WORDS

TERMS: dict[str, tuple[str, str]] = {
    # grid levels
    "district": ("区", "district"),
    "street": ("街道", "street"),
    "town": ("镇", "town"),
    "county": ("县", "county"),
    "community": ("社区", "community"),
    "village": ("村", "village"),
    "grid": ("网格", "grid cell"),
    "cell": ("网格", "grid cell"),
    "square": ("方格", "square"),
    **{f"admin_{level}": (f"{level} 级行政区", f"administrative level {level}") for level in range(1, 12)},
    # areas
    "property": ("物业", "property management"),
    "sanitation": ("环卫区", "sanitation"),
    "police": ("警区", "police"),
    "neighbour": ("相邻辖区", "neighbouring jurisdiction"),
    # assets
    "bridge": ("桥梁", "bridge"),
    "building": ("房屋", "building"),
    "canal": ("运河", "canal"),
    "dam": ("水坝", "dam"),
    "dike": ("堤防", "dike"),
    "hydrant": ("消防栓", "hydrant"),
    "lock_gate": ("船闸", "lock gate"),
    "manhole": ("井盖", "manhole"),
    "park": ("公园", "park"),
    "pump_station": ("泵站", "pump station"),
    "river": ("河道", "river"),
    "river_mark": ("河道桩号", "kilometre stone"),
    "road": ("道路", "road"),
    "road_mark": ("道路桩号", "kilometre stone"),
    "school": ("学校", "school"),
    "sluice": ("水闸", "sluice"),
    "street_light": ("路灯", "street light"),
    "traffic_sign": ("交通标志", "traffic sign"),
    "traffic_signal": ("信号灯", "traffic signal"),
    "tree": ("行道树", "tree"),
    "water": ("水体", "water"),
    "water_area": ("水面", "water"),
    "weir": ("堰", "weir"),
    # states of a report
    **{state.value: names for state, names in STATE_WORDS.items()},
    "open": ("待处理", "open"),
    "assigned": ("已分派", "assigned"),
    "unassigned": ("待分派", "unassigned"),
    "resolved": ("已处理", "resolved"),
    "duplicate": ("重复", "duplicate"),
}


def term(lang: Lang, word: str) -> str:
    """The word's name in a language; a word that is not known is its own name."""
    names = TERMS.get(word)
    return word if names is None else names[0 if lang == "zh" else 1]
