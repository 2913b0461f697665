"""Who answers for what in the demo city: departments, companies, street offices, communities."""

from __future__ import annotations

from typing import NamedTuple

from layers.demo.divisions import DISTRICT_NAME, divisions


class Body(NamedTuple):
    """A body that can own something."""

    id: str
    name: str
    name_en: str
    kind: str


CITY_BODIES: tuple[Body, ...] = (
    Body("district", f"{DISTRICT_NAME}人民政府", "Chongchuan District Government", "district"),
    Body("urban", "崇川区城市管理局", "Chongchuan Urban Management Bureau", "department"),
    Body("municipal", "市政设施管理处", "Municipal Facilities Office", "department"),
    Body("highway", "公路事业发展中心", "Highway Centre", "department"),
    Body("lighting", "南通市路灯管理所", "Nantong Street Lighting Office", "department"),
    Body("river", "崇川区河道管理所", "Chongchuan River Office", "department"),
    Body("hao", "濠河风景区管理办公室", "Hao River Scenic Area Office", "department"),
    Body("yangtze", "长江堤防管理所", "Yangtze Dike Office", "department"),
    Body("sluice", "闸站管理所", "Sluice and Pump Station Office", "department"),
    Body("traffic", "公安局交通警察大队", "Traffic Police", "department"),
    Body("garden", "园林绿化管理处", "Parks and Greenery Office", "department"),
    Body("sanitation", "环境卫生管理处", "Environmental Sanitation Office", "department"),
    Body("housing", "崇川区住房和城乡建设局", "Housing and Construction Bureau", "department"),
    Body("market", "崇川区市场监督管理局", "Market Supervision Bureau", "department"),
    Body("emergency", "崇川区应急管理局", "Emergency Management Bureau", "department"),
    Body("zone", "崇川经济开发区管理委员会", "Chongchuan Development Zone Committee", "department"),
    Body("drainage", "城市排水有限公司", "City Drainage Company", "utility"),
    Body("water", "自来水有限公司", "Water Supply Company", "utility"),
    Body("gas", "燃气有限公司", "Gas Company", "utility"),
    Body("power", "供电公司", "Power Supply Company", "utility"),
    Body("telecom", "通信管线公司", "Telecom Ducts Company", "utility"),
)
PROPERTY_WORDS = (
    "崇安",
    "江海",
    "濠滨",
    "紫琅",
    "五山",
    "通宁",
    "文峰",
    "百家",
    "和润",
    "金桥",
    "安居",
    "清泉",
    "惠民",
    "春晖",
    "翠苑",
    "众诚",
    "佳和",
    "恒泰",
    "邻里",
    "同济",
    "万和",
    "永泰",
    "康宁",
    "益民",
    "长乐",
    "馨园",
    "祥瑞",
    "顺达",
    "晨光",
    "宜家园",
)
SANITATION_WORDS = ("洁城", "清源", "绿洁", "净美", "晨扫", "环卫一", "环卫二", "环卫三")
POLICE_NAMES = (
    "和平桥",
    "城东",
    "任港",
    "新城桥",
    "虹桥",
    "学田",
    "钟秀",
    "文峰",
    "观音山",
    "狼山",
    "永兴",
    "唐闸",
    "天生港",
    "秦灶",
    "陈桥",
    "幸福",
    "城闸",
    "北濠",
    "五一路",
    "新港",
    "洪江",
    "世纪大道",
    "通京",
    "军山",
)


def bodies() -> list[Body]:
    """Every body, departments first, communities last."""
    return [*CITY_BODIES, *companies(), *stations(), *offices()]


def companies() -> list[Body]:
    """Property managers and cleaning contractors."""
    property_ = [
        Body(f"property-{n:02d}", f"{word}物业服务有限公司", f"Property Manager {n}", "property")
        for n, word in enumerate(PROPERTY_WORDS, 1)
    ]
    cleaning = [
        Body(f"cleaning-{n:02d}", f"{word}保洁服务有限公司", f"Cleaning Contractor {n}", "sanitation")
        for n, word in enumerate(SANITATION_WORDS, 1)
    ]
    return property_ + cleaning


def stations() -> list[Body]:
    """Police stations."""
    return [
        Body(f"police-{n:02d}", f"{word}派出所", f"Police Station {n}", "police")
        for n, word in enumerate(POLICE_NAMES, 1)
    ]


def offices() -> list[Body]:
    """Street offices and residents' or villagers' committees."""
    kinds = {9: ("street", "Street Office"), 12: ("community", "Community Committee")}
    out = []
    for division in divisions():
        kind, english = kinds[len(division.code)]
        out.append(Body(division.body_id, division.body, f"{english} {division.code[6:]}", kind))
    return out
