"""The words of Chinese addresses: what ends a name, what never is one, what names an object."""

from __future__ import annotations

import re
from typing import Literal

NameKind = Literal["area", "street", "water", "structure", "estate", ""]


def either(words: str) -> str:
    """A pattern for any of the words (separated by blanks), the longest first."""
    return "|".join(sorted(map(re.escape, words.split()), key=lambda word: (-len(word), word)))


def words_of(text: str) -> frozenset[str]:
    """The words of a text that are separated by blanks."""
    return frozenset(text.split())


def first_glyphs(words: str) -> str:
    """The glyphs that the words begin with, each once, for a class of a pattern."""
    return "".join(sorted({word[0] for word in words.split()}))


# What ends a name, by the kind of thing that it then names.
_AREA = (
    "省 市 区 县 旗 街道 街道办 镇 乡 社区 村 行政村 自然村 居委会 村委会 居民委员会 村民委员会 开发区 "
    "新区 片区 网格"
)
_STREET = (
    "路 大路 街 大街 老街 步行街 大道 道 巷 弄 胡同 公路 高速 快速路 高架 高架路 环路 国道 省道 县道 辅路 "
    "支路 "
    "支巷 里弄 条巷"
)
_WATER = "河 运河 江 港 湖 渠 沟 溪 浜 塘 泾 荡 涌 水库 干渠 大河 中心河 内河 引河 横河 竖河"
_STRUCTURE = (
    "桥 大桥 老桥 新桥 小桥 立交 立交桥 天桥 人行桥 闸 闸口 船闸 水闸 节制闸 涵洞 涵闸 隧道 泵站 排涝站 "
    "抽水站 码头 渡口 大坝"
)
_ESTATE = (
    "小区 花园 新村 苑 花苑 公寓 家园 名邸 华庭 雅居 佳苑 佳园 广场 大厦 府 庄园 山庄 别墅 公馆 庭 名苑 "
    "名都 豪庭 "
    "新城 名城 花城 宿舍 家属院 大院 家属区 安置区 安置房 园 邸 寓 轩 阁 墅 坊 郡 新苑 商城 商厦 市场 "
    "菜场 菜市场 "
    "农贸市场 批发市场 医院 卫生院 卫生服务中心 学校 小学 中学 大学 学院 幼儿园 公园 植物园 动物园 车站 "
    "汽车站 火车站 客运站 宾馆 "
    "酒店 饭店 超市 商场 购物中心 工业园 产业园 科技园 物流园 公司 工厂 体育馆 图书馆 博物馆 派出所 "
    "敬老院 养老院 教堂 庙 寺 庄 屯 "
    "庄子 湾 沙滩 中心 国际 大楼 写字楼 科技楼 商务楼"
)
_ENDINGS: dict[NameKind, str] = {
    "estate": _ESTATE,
    "structure": _STRUCTURE,
    "water": _WATER,
    "street": _STREET,
    "area": _AREA,
}
KIND_OF: dict[str, NameKind] = {
    ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()
}

# Letters behind an ending that make another word of it: 路灯 is no 路, 城管 no 城, 河南 no 河.
_NOT_BEFORE = {
    "路": "灯口面边上旁段牙肩沿基障况人过费政由程线",
    "街": "头面边坊道舍",
    "道": "路理歉具德",
    "村": "民干里口道委",
    "区": "域别里长",
    "市": "民场政容区长里",
    "镇": "政里长",
    "乡": "下亲里",
    "县": "里长",
    "省": "得略里",
    "桥": "面墩梁洞栏",
    "港": "口台币",
    "江": "边堤苏面水",
    "沟": "里通",
    "塘": "里",
    "渠": "道里",
    "园": "林区丁里",
    "府": "",
    "庭": "院审",
    "庄": "稼家严",
    "中心": "",
    "坊": "间",
    "网格": "员长",
    "社区": "干书主民",
    "街道": "办主书",
    "广场": "舞",
    "市场": "监管",
    "医院": "",
    "车站": "台",
    "站": "台长点在着立岗",
    "公司": "",
}
_NOT_AFTER = {
    "路": "封占堵修铺挖让问迷走",
    "道": "楼行车盲通地河水隧管巷匝轨跑步绿坡知味报渠栈频赛弯人街占",
    "市": "城超夜菜门早",
    "区": "小社",
    "街": "逛",
    "桥": "危",
}


def _ending(word: str) -> str:
    """The pattern of an ending where it ends a name."""
    if word == "段":  # 中山路一段
        return "(?<=[一二三四五六七八九十0-9])段"
    if word == "期":  # 紫金花园二期
        return "(?<=[一二三四五六七八九十0-9])期(?![工间限待望货])"
    after, before = _NOT_BEFORE.get(word, ""), _NOT_AFTER.get(word, "")
    return (f"(?<![{before}])" if before else "") + re.escape(word) + (f"(?![{after}])" if after else "")


KIND_OF |= {"段": "street", "期": "estate", "站": "estate"}
ENDING = re.compile("|".join(_ending(word) for word in sorted(KIND_OF, key=lambda word: (-len(word), word))))

# Whole words that look like names by their ending and are none.
GENERIC = words_of(
    "马路 道路 公路 铁路 线路 电路 小路 大路 一路 走路 修路 堵路 占路 过路 迷路 问路 让路 开路 通路 "
    "土路 石子路 水泥路 柏油路 主路 "
    "高速 快速路 高架 高架路 辅路 支路 环路 国道 省道 县道 岔路 十字路 断头路 沿路 半路 网路 老路 "
    "新路 门前路 回家路 "
    "街道 大街 小街 老街 步行街 逛街 上街 沿街 临街 人行道 盲道 车道 楼道 通道 下水道 河道 街道办 "
    "小巷 巷 弄 "
    "小区 社区 村 农村 全村 本村 我村 老村 新村 本社区 本小区 老小区 居委会 村委会 网格 片区 城市 "
    "全市 我市 本市 超市 大超市 小超市 上市 "
    "本区 我区 景区 园区 厂区 校区 新区 开发区 地区 市区 城区 郊区 安置区 家属区 辖区 全区 东区 西区 "
    "南区 北区 "
    "小河 大河 河 内河 江 沿江 湖 水沟 排水沟 臭水沟 水塘 池塘 鱼塘 水渠 水库 香港 "
    "桥 大桥 小桥 老桥 新桥 天桥 过街天桥 人行天桥 立交 立交桥 人行桥 闸 闸口 水闸 船闸 涵洞 隧道 "
    "泵站 码头 电闸 刹车闸 "
    "花园 小花园 公寓 家园 广场 大厦 府 政府 市政府 区政府 镇政府 别墅 公园 小公园 市场 菜场 菜市场 "
    "农贸市场 医院 学校 小学 中学 大学 "
    "学院 幼儿园 车站 汽车站 火车站 公交车站 公交站 加油站 宾馆 酒店 饭店 商场 公司 工厂 派出所 中心 "
    "服务中心 大楼 宿舍 大院 家庭 法庭 "
    "校园 果园 菜园 田园 地铁站 物业公司 自来水公司 供电公司 公交公司 燃气公司 旅馆 图书馆 体育馆 寺 "
    "庙 新城 名城 国际 写字楼 商务楼 "
    "办公楼 购物中心 夜市 早市 集市 门市"
)

# Sides and numerals that stand between a name and its next ending, and belong to both: 三角桥|南|路.
MERGING = re.compile(r"[东西南北中上下前后内外新老大小一二三四五六七八九十a-z]{0,2}")

# Words that are no part of a name: they end it on the left and on the right.
_PLAIN_WORDS = (
    "位于 坐落 地处 家住 住在 我在 我们 你们 他们 咱们 大家 请问 请求 反映 投诉 举报 发现 看到 经过 路过 "
    "走到 今天 昨天 前天 明天 昨晚 "
    "今早 今晚 早上 晚上 夜里 半夜 中午 下午 上午 凌晨 傍晚 深夜 每天 天天 最近 近期 近日 这几天 几天 "
    "就是 还是 因为 由于 现在 目前 希望 "
    "麻烦 领导 你好 您好 市民 来电 居民 业主 本人 关于 那边 这边 这里 那里 一直 已经 有人 有个 有一 没有 "
    "没人 多次 经常 长期 非机动车道 "
    "机动车道 人行道 盲道 机动车 非机动车 电瓶车 电动车 共享单车 路面 路边 路上 路灯 路旁 路段 河边 "
    "河里 河面 河道 河水 水面 "
    "江边 江堤 楼道 楼顶 楼上 楼下 车库 车棚 绿化 绿化带 绿地 消防通道 下水道 化粪池 垃圾 井盖 窨井 雨水 "
    "污水 工地 护栏 栏杆 学校门口 "
    "里面 外面 中间 整条 整个 全部 一排 有点 有些 附近居民 流动摊贩 商家 店铺 商铺 门面 公交站台 信号灯 "
    "红绿灯 树枝 行道树 "
    "小广告 大量 很多 许多 施工 破损 损坏 塌陷 积水 漂浮 开裂 停满 堆满 严重 存在 出现 发生 导致 造成 "
    "影响 需要 尽快 处理 解决 修复 "
    "旁边的 对面的 幢前 楼前 电话 手机 联系 地址 地点 位置 事发 什么 怎么 为什么 可以 不能 不亮 不了 时候"
)
_PLAIN_GLYPHS = "的了是吗呢吧啊们这那我你您他她它被把很都也又没不些个说在着哪谁啥嘛呀哦"
PLAIN = _PLAIN_WORDS + " " + " ".join(_PLAIN_GLYPHS)
WORD = rf"{either(_PLAIN_WORDS)}|[{_PLAIN_GLYPHS}]"
# Glyphs that are trimmed from the left of a name that only its ending proposes.
LEADING = re.compile(r"(?:靠近|临近|邻近|途经|沿着|通往|[到从沿去往由于住就至靠近经对有请距离离段条座根处])+")
JOINING = "与和跟及同"

# Objects that carry a number of their own, in words that come with the number.
CODED = (
    "灯杆 路灯杆 路灯 照明灯 高杆灯 电杆 电线杆 线杆 杆号 灯号 灯杆号 灯柱 杆塔 铁塔 井盖 窨井盖 窨井 "
    "雨水井 污水井 检查井 电缆井 通信井 阀门井 "
    "雨水口 雨水篦 雨篦子 消防栓 消火栓 变压器 配电箱 配电柜 箱变 开关箱 控制箱 控制柜 摄像头 监控 监控杆 "
    "探头 信号灯 红绿灯 信号机 "
    "垃圾箱 果壳箱 垃圾桶 垃圾房 站牌 公交站牌 路牌 路名牌 标志牌 指示牌 广告牌 古树 行道树 泊位 停车位 "
    "车位 桥梁 泵站 水闸 闸门 阀门 充电桩 "
    "公厕 公共厕所 健身器材 座椅 护栏 交通岛 电话亭 邮筒 报刊亭 通信交接箱 交接箱 编号 设施编号 资产编号 "
    "设备编号 部件编号 设施 部件"
)
# Objects that take their name from the river or road they belong to.
THING = (
    "闸口 闸 水闸 船闸 节制闸 桥 大桥 老桥 小桥 立交 立交桥 天桥 涵洞 隧道 地道 泵站 码头 渡口 下穿通道 "
    "下立交 高架 匝道"
)
