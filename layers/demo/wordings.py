"""What people report in the demo city, and in which words."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """A kind of problem: its category, how common it is, where it happens, when, and how people say it.

    ``at`` names the things it happens at: lamp, road, river, bridge, manhole, estate, shop or bank.
    ``hours`` is day, evening, night or rush.
    """

    category: str
    weight: float
    at: str
    hours: str
    texts: tuple[str, ...]


PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "0118",
        9.0,
        "lamp",
        "evening",
        (
            "{road}{pole}路灯不亮",
            "{pole}不亮，晚上很黑",
            "{road}路灯坏了好几天了",
            "{community}{road}路灯一闪一闪的",
            "路灯白天一直亮着，{pole}",
            "{road}这边一排路灯都不亮，老人出门不方便",
        ),
    ),
    Problem(
        "0118",
        3.0,
        "estate",
        "evening",
        (
            "{estate}{n}幢楼道灯不亮",
            "{estate}{n}幢门口路灯坏了",
            "{estate}里面的路灯不亮，请物业修一下",
            "{estate}{n}幢二单元楼道灯坏了，没人管",
        ),
    ),
    Problem(
        "0102",
        2.2,
        "manhole",
        "day",
        (
            "{road}污水井盖破损",
            "{road}路中间井盖松动，车一过就响",
            "{road}井盖缺失，太危险了",
            "{road}污水井往外冒水",
        ),
    ),
    Problem(
        "0103",
        1.4,
        "manhole",
        "day",
        ("{road}雨水井盖翘起来了", "{road}雨水口被树叶堵住", "{community}{road}雨水井盖下沉"),
    ),
    Problem(
        "0208",
        0.7,
        "bridge",
        "day",
        (
            "{bridge}桥面破损",
            "{bridge}栏杆断了一截",
            "{bridge}伸缩缝坏了，骑车颠得厉害",
            "{bridge}护栏松动，孩子经过不安全",
        ),
    ),
    Problem(
        "0210",
        1.2,
        "road",
        "rush",
        ("{road}路口红绿灯不亮", "{road}信号灯时间太短，老人走不过去", "{road}红绿灯一直黄闪"),
    ),
    Problem(
        "0305", 1.5, "road", "day", ("{road}垃圾箱满了没人清", "{road}果壳箱破损", "{road}垃圾桶倒在路边")
    ),
    Problem(
        "0402", 1.2, "road", "day", ("{road}行道树倒伏", "{road}树枝遮挡信号灯", "{road}行道树枯死，请补种")
    ),
    Problem(
        "E0102",
        9.0,
        "road",
        "day",
        (
            "{road}路边有一堆暴露垃圾",
            "{community}{road}垃圾没人清，苍蝇很多",
            "{road}有人乱倒生活垃圾",
            "{road}拐角垃圾成堆",
        ),
    ),
    Problem(
        "E0103",
        3.5,
        "estate",
        "day",
        (
            "{estate}{n}幢旁边堆着装修垃圾",
            "{estate}有积存的建筑垃圾，一个多星期了",
            "{estate}北门垃圾渣土没人运",
        ),
    ),
    Problem(
        "E0104",
        4.0,
        "road",
        "day",
        ("{road}路面很脏，有泥", "{road}人行道上油污很重", "{road}没有清扫，落叶满地"),
    ),
    Problem(
        "E0105",
        4.0,
        "river",
        "day",
        (
            "{river}河面有漂浮垃圾",
            "{river}水发黑，有臭味",
            "{river}边上水面飘着白色泡沫",
            "{river}里有很多水草和塑料瓶",
        ),
    ),
    Problem(
        "E0106",
        2.0,
        "estate",
        "day",
        ("{estate}绿地里都是垃圾", "{estate}绿化带被踩秃了", "{estate}{n}幢前绿地种了菜"),
    ),
    Problem(
        "E0101",
        1.6,
        "estate",
        "day",
        ("{estate}{n}幢一楼在搭违建", "{estate}{n}幢楼顶私搭阳光房", "{estate}有人占绿地搭棚子"),
    ),
    Problem("E0107", 1.0, "road", "day", ("{road}有一辆废弃面包车，停了半年", "{road}路边僵尸车占车位")),
    Problem(
        "E0110",
        6.0,
        "road",
        "day",
        (
            "{road}路面破损，有个大坑",
            "{road}人行道地砖翘起",
            "{road}路面坑坑洼洼，下雨全是水",
            "{community}{road}路面开裂",
        ),
    ),
    Problem(
        "E0111",
        0.6,
        "bank",
        "day",
        ("江边护岸有裂缝，属于险工险段", "沿江堤坡有塌陷，请派人看看", "江堤护坡块石松动"),
    ),
    Problem("E0117", 0.7, "road", "day", ("{road}路上有一只死猫", "{road}绿化带里有动物尸体")),
    Problem(
        "E0118",
        1.4,
        "estate",
        "day",
        ("{estate}{n}幢有人养鸡，早上很吵", "{estate}养了好几只大狗，没有笼子", "{estate}车库里养鸭子"),
    ),
    Problem(
        "E0201",
        3.0,
        "estate",
        "day",
        ("{estate}{n}幢楼道贴满小广告", "{estate}门口墙上喷了办证广告", "{estate}楼道小广告清了又贴"),
    ),
    Problem("E0205", 0.9, "shop", "day", ("{road}一家店招牌要掉下来了", "{address}门头招牌破损")),
    Problem(
        "E0301",
        3.2,
        "shop",
        "night",
        ("{road}旁边工地半夜施工，睡不着", "{address}附近工地夜里打桩", "{community}工地凌晨还在浇混凝土"),
    ),
    Problem(
        "E0302",
        1.8,
        "shop",
        "day",
        ("{road}工地扬尘很大", "{address}旁边拆迁没有洒水", "{road}渣土车不盖布，灰很大"),
    ),
    Problem("E0303", 1.5, "road", "day", ("{road}施工围挡占了人行道", "{road}开挖管线没有留通道")),
    Problem("E0401", 0.5, "road", "day", ("{road}路面塌陷，已经下去一块", "{road}非机动车道突然塌了个洞")),
    Problem(
        "E0404",
        2.2,
        "estate",
        "day",
        ("{estate}{n}幢下水道堵了", "{estate}化粪池满溢，味道很大", "{estate}{n}幢门口污水外冒"),
    ),
    Problem("E0406", 1.5, "road", "day", ("{road}积水很深，电瓶车过不去", "{road}下雨就积水")),
    Problem(
        "E0408",
        2.6,
        "estate",
        "evening",
        (
            "{estate}{n}幢飞线充电，太危险",
            "{estate}有人从三楼拉电线下来给电瓶车充电",
            "{estate}{n}幢前通信线垂下来了",
        ),
    ),
    Problem(
        "E0501",
        3.0,
        "road",
        "rush",
        ("{road}有流动摊贩占道卖水果", "{road}路口早上全是卖菜的", "{road}晚上烧烤摊占了人行道"),
    ),
    Problem(
        "E0504",
        4.2,
        "shop",
        "day",
        (
            "{address}店铺出店经营",
            "{road}好几家店把桌子摆到外面",
            "{road}水果店占道经营",
            "{address}门口堆满货，行人只能走机动车道",
        ),
    ),
    Problem(
        "E0505",
        6.5,
        "road",
        "rush",
        (
            "{road}机动车乱停，把路堵了",
            "{road}人行道上停满汽车",
            "{road}公交站台停了私家车",
            "{community}{road}消防通道被车堵住",
        ),
    ),
    Problem(
        "E0506",
        4.0,
        "shop",
        "day",
        ("{road}共享单车乱停", "{address}门口电瓶车停满人行道", "{road}非机动车乱停乱放，盲道都占了"),
    ),
    Problem(
        "E0507",
        3.0,
        "estate",
        "day",
        ("{estate}{n}幢楼道乱堆放杂物", "{estate}{n}幢前堆着旧家具", "{estate}车棚里乱堆物料"),
    ),
    Problem(
        "E0508",
        3.0,
        "shop",
        "night",
        ("{address}商家音响太吵", "{road}广场舞音响声音太大", "{road}酒吧夜里很吵"),
    ),
    Problem("E0510", 1.6, "shop", "night", ("{road}露天烧烤，油烟很大", "{address}夜里烧烤，烟直往楼上飘")),
)


class Case(NamedTuple):
    """A case from the newspapers: its words and where it lies (a thing and its name)."""

    category: str
    text: str
    at: str
    name: str
    day: int
    channel: str = "wechat"


# The channel ``hotline`` here gives words only.
CASES: tuple[Case, ...] = (
    Case("0118", "虹桥北村65幢楼道灯不亮", "building", "虹桥北村65幢", 176),
    Case("E0118", "幸福街道秦西社区怡居小区有人在绿化带搭狗窝，养了好几只狗", "estate", "怡居小区", 173),
    Case("E0118", "怡居小区狗窝扰民，味道很大", "estate", "怡居小区", 174),
    Case("E0504", "新港中心路几家店出店经营，垃圾乱扔", "road", "新港中心路", 171),
    Case("E0505", "新港中心路路边乱停车，公交车进不了站", "road", "新港中心路", 171),
    Case("0208", "八里庙村社区老桥是危桥，桥板都露钢筋了", "bridge", "八里庙村社区老桥", 160, "patrol"),
    Case("0208", "八里庙村社区东桥桥墩开裂，请尽快维修", "bridge", "八里庙村社区东桥", 160, "patrol"),
    Case("E0110", "八里庙村社区八处路面破损，老人容易摔跤", "bridge", "八里庙村社区老桥", 161),
    Case("E0105", "任港街道城港社区运料河漂浮垃圾很多", "river", "运料河", 169, "patrol"),
    Case("E0111", "滨江公园江边险工险段，护岸松动", "bank", "滨江公园", 175, "patrol"),
    Case("E0408", "虹桥北村12幢飞线充电，从窗户拉线到楼下", "building", "虹桥北村12幢", 177),
    Case("E0507", "怡居小区3幢楼道乱堆放", "building", "怡居小区3幢", 172),
    Case("E0506", "新港中心路18号对面非机动车乱停", "address", "新港中心路18号", 178),
    Case("0209", "北渡村22组十字路口是盲区，希望装一面凸面镜", "spot", "北渡村22组", 174, "app"),
    Case("0209", "北渡村22组路口看不见来车，请装凸面镜", "", "", 175, "hotline"),
    Case("0118", "灯杆03120456不亮", "", "", 177, "hotline"),
    Case("0210", "人民西路与外环西路交叉口红绿灯不亮", "", "", 178, "hotline"),
    Case("E0105", "运料河人民西路闸口有大量漂浮物", "", "", 176, "hotline"),
    Case("E0103", "通吕运河K2+300北岸有人倒垃圾", "", "", 175, "hotline"),
    Case("0118", "虹桥北村六十五幢二单元楼道灯也不亮了", "", "", 177, "hotline"),
)

# Spots without an asset of their own, in metres from the city's middle.
SPOTS = {"北渡村22组": (7900.0, 1900.0)}
