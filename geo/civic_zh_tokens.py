"""The tokens of a Chinese text: numbers of houses and assets, relations, and all that is no address.

Names are not here: they are what is left between tokens (`geo.civic_zh_names`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from geo.civic_numerals import CHINESE_DIGITS, CHINESE_NUMERALS, NUMBER, digits, number
from geo.civic_reading import Building, HouseNumber, Relation
from geo.civic_zh_words import CODED, WORD, NameKind, either


class Token(NamedTuple):
    """A piece of the text and what it says.

    ``kind``: name, house, building, unit, dash, number, group, code, chainage, relation, crossing, join,
    thing; or skip (may stand within an address), comma (parents may stand before it), break (ends it).
    """

    kind: str
    start: int
    end: int
    value: object = None
    quality: float = 1.0


class Code(NamedTuple):
    """A number that an asset bears, and the word that came with it."""

    code: str
    kind: str


class Chainage(NamedTuple):
    """Metres along a route; a loose one (2公里处, K12) needs the route's name before it."""

    metres: float
    is_loose: bool


class Name(NamedTuple):
    """What a name token holds.

    ``split``: where the name stops that stands within it before its last, empty-bodied ending (运料河|闸口,
    人民路|123弄), or 0; ``is_split_known``: whether that is a name of the lexicon. ``shared_end``: where it stops
    if the first glyph of the next word is its ending (新港中心|路灯), or 0.
    """

    kind: NameKind
    known: bool
    split: int = 0
    is_split_known: bool = False
    shared_end: int = 0


_N = NUMBER
_DIRECTION = "东北|东南|西北|西南|东|南|西|北"
_COMPASS = {
    "东": "E",
    "南": "S",
    "西": "W",
    "北": "N",
    "东北": "NE",
    "东南": "SE",
    "西北": "NW",
    "西南": "SW",
}
_STREETISH = "路街巷弄道河港桥"
_FAR = rf"(?:大约|大概|差不多|约)?\s?(?:[0-9]{{1,4}}(?:\.[0-9]{{1,3}})?|[{CHINESE_NUMERALS}]{{1,6}})\s?[多来余]?\s?(?:米|m(?![a-z])|公尺|公里|千米|km)"
_THERE = r"(?:(?:左右|的)?(?:处|远|开外|外|地方|位置)|左右)?"
_LABEL = either(CODED)
_CODE = r"(?:[a-z]{1,6}[-_]?)?[0-9][0-9a-z]{0,23}(?:[-_/.][0-9a-z]{1,16}){0,4}"
_COUNTED = (
    "个 只 辆 台 盏 根 棵 株 块 条 件 位 名 人 户 家 间 张 处 次 种 排 堆 袋 桶 把 天 年 日 周 星期 小时 分钟 秒 层 楼 岁 度 级 倍 折 期 批 斤 公斤 "
    "吨 元 块钱 毛钱 角钱 万 亿 % 平米 平方 立方 车 头 匹 双 份 套 圈 遍 米 m 公里 千米 km 厘米 cm 趟 轮 点 时 分 月"
)
_COUNTED_ZH = "个 辆 盏 根 棵 块钱 元钱 天 年 个月 星期 小时 分钟 楼 层 次 多个 多年 点钟 点半 公里 米 平米 平方米 号线"
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_NOT_HOUSE = (
    r"(?!线|楼|幢|栋|桥|闸|泵|井|灯|杆|地块|码头|航站|公馆|仓|机组|馆|公路|国道|省道|路(?![灯口边面上旁])|街(?!道)"
    r"|门(?![口前面店头诊外])|大门|院线|卡|文|令)"
)

_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "secret",  # numbers of people and papers, whatever they look like
        r"(?:工单|订单|案件|受理|投诉|事件|流水|身份证|银行卡|车牌|电话|手机|联系方式|微信|qq|tel|热线|座机|固话)"
        r"(?:编号|号码|单号|号)?[\s:是为]{0,3}[0-9a-z+_-]{3,24}",
    ),
    (
        "labelled",
        rf"(?P<label>{_LABEL})的?(?:编号|号码|序号|牌号|号)?[是为]?[\s:#.(]{{0,3}}"
        rf"(?P<labelled_code>{_CODE}|[{CHINESE_DIGITS}]{{3,12}})(?![0-9a-z])"
        rf"(?!\s?(?:{either(_COUNTED)}|幢|栋|号楼|号线))",
    ),
    (
        "carried",
        rf"(?<![0-9a-z])(?:(?P<carried_code>{_CODE})号|(?P<carried_long>(?:[a-z]{{1,6}}[-_]?)?[0-9]{{4,16}}))"
        rf"的?(?P<carried_kind>{_LABEL})",
    ),
    (
        "chainage",
        r"(?<![0-9a-z])(?:(?P<post>里程桩号?|公里桩号?|百米桩号?|桩号)[\s:]?(?P<post_km>[0-9]{1,4}(?:\.[0-9]{1,3})?(?![0-9k\s]*\+))?)?(?:"
        r"(?P<k>[a-z]{0,2}k)\s?(?P<k_km>[0-9]{1,4})(?:\s?\+\s?(?P<k_m>[0-9]{1,3}(?:\.[0-9]{1,3})?))?"
        r"|(?P<p_km>[0-9]{1,4})k?\s?\+\s?(?P<p_m>[0-9]{3}(?:\.[0-9]{1,3})?)"
        r"|(?<=[0-9])(?=公里|km|处|$|[^0-9k+]))(?:米|m)?(?![0-9a-z])",
    ),
    (
        "road",  # a road that is a number: G204, 省道S336, 204国道
        r"(?:国道|省道|县道|乡道)?(?<![0-9a-z])[gsxy][0-9]{1,4}(?![0-9a-z+-])(?:国道|省道|县道|乡道|线|高速公路|高速)?"
        r"|(?<![0-9a-z])[0-9]{2,3}(?:国道|省道|县道|乡道)",
    ),
    (
        "kilometre",
        rf"(?<![0-9a-z.])(?P<km>[0-9]{{1,4}}(?:\.[0-9]{{1,3}})?|[{CHINESE_NUMERALS}]{{1,5}})\s?(?:公里|千米|km)(?:\+?"
        rf"(?P<km_m>[0-9]{{1,3}}|[{CHINESE_NUMERALS}]{{1,5}})\s?(?:米|m))?处",
    ),
    (
        "plate",
        rf"[{_PLATES}][a-z][·\s]?[a-z0-9]{{5,6}}(?![a-z0-9])",
    ),
    (
        "phone",
        r"(?<![0-9])(?:(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}[- ]?[0-9]{7,8}"
        r"|[48]00[- ]?[0-9]{3}[- ]?[0-9]{4}|[0-9]{17}[0-9x])(?![0-9])",
    ),
    (
        "date",
        rf"(?<![0-9])(?:[0-9]{{2,4}}年(?:{_N}月份?(?:{_N}[日号])?)?|{_N}月份?{_N}[日号]|[0-9]{{1,2}}月份?"
        rf"|[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}日?|[本上这每当下]个?月(?:份?{_N}[日号])?|{_N}日(?![用常光化]))",
    ),
    (
        "time",
        rf"(?<![0-9])(?:[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?![0-9])|[0-9]{{1,2}}[点时](?:半|钟|整|多|左右|{_N}分?)?"
        rf"|[{CHINESE_NUMERALS}]{{1,3}}点(?:半|钟|整|多|左右|{_N}分))",
    ),
    (
        "building",
        rf"第?(?<![0-9a-z.])(?:(?P<b_number>{_N})(?:[-、/至到](?P<b_to>{_N}))?|(?P<b_word>[a-z][0-9]{{0,2}}|[0-9]{{1,3}}[a-z]|[甲乙丙丁]))\s?"
        r"(?P<b_unit>号楼|号栋|号幢|#楼|幢|栋|#(?![0-9a-z])|座(?![桥山塔庙房椅位]|大桥|大山)|(?<=[a-z])楼)(?:楼(?![道上下顶梯前后层盘宇]))?",
    ),
    (
        "unit",
        rf"第?(?:{_N}|[a-z甲乙丙丁东西中])(?:单元|梯位)(?:[0-9]{{3,4}}室?)?|(?<![0-9a-z])[a-z]?[0-9]{{3,4}}[a-z]?(?:室|房间|房(?![屋产东租子])|户)",
    ),
    ("group", rf"第?(?P<g_number>{_N})(?:村民小组|居民小组|村民组|居民组|生产队|小组|组(?![织长员合装])|队(?![伍员列长])|社(?![区会保员群]))"),
    (
        "gate",
        rf"(?:(?P<g_direction>{_DIRECTION})|正|后|侧|偏|大|校|院|{_N}号)(?:大|小|侧|边|偏|校)?门(?:口|外|前|旁|处)?(?![路街巷头面店诊窗牌框板锁把禁卫岗户村桥里])"
        r"|门口(?![路街巷塘村])|出入口|进出口|入口|出口(?![路贸加])",
    ),
    ("date_like", rf"(?<![路街巷弄道村苑园区\s])(?<![0-9a-z]){_N}号(?=(?:上午|下午|早上|晚上|凌晨|中午|那天|开始|以来|到现在|至今|之前|之后))"),
    (
        "house",
        rf"(?<![0-9a-z.])(?P<h_before>[甲乙丙丁](?=[0-9]))?(?P<h_number>{_N})\s?(?:(?P<h_sign>[-/之、至到])(?P<h_second>{_N}|[a-z](?![a-z]))|(?P<h_letter>[a-z甲乙丙丁]))?\s?"
        rf"号(?:大院(?![里内])|院(?![里内子线])|宅)?(?:(?:之|-|附|内)(?P<h_after>[0-9]{{1,3}}|[{CHINESE_NUMERALS}]{{1,3}})号?|(?P<h_mark>[a-z甲乙丙丁](?![a-z座栋幢])))?"
        + _NOT_HOUSE,
    ),
    ("no", r"(?<![a-z0-9])no\.?\s?(?P<no_number>[0-9]{1,5})(?![0-9a-z])"),
    (
        "offset",
        rf"(?:[往向朝以偏正靠]|再往)?(?:(?P<o_direction>{_DIRECTION})(?:侧|边|面|首|头|端|方向|向|方|部)?|(?P<o_word>前方|前面|往前|向前|后方|后面|旁边|附近|周边)|(?P<o_from>距离?|离|外|约))"
        rf"(?:走|过去|行|前行|距离|距)?\s?(?P<o_far>{_FAR}){_THERE}",
    ),
    (
        "away",
        rf"(?P<a_far>{_FAR})(?:左右|的)?(?:处|远|开外|外|的地方|位置)"
        rf"|(?<=[桥路街口站闸号幢校园村])(?P<a_bare>{_FAR})(?![长宽高深的道多粗厚])",
    ),
    (
        "counted",
        rf"(?:第|约|近|共)?(?<![0-9a-z.])[0-9]{{1,9}}(?:\.[0-9]{{1,6}})?[多来几余]?\s?(?:{either(_COUNTED)})(?![a-z])"
        rf"|第?[{CHINESE_NUMERALS}几]{{1,5}}[多来]?(?:{either(_COUNTED_ZH)})|负[{CHINESE_NUMERALS}0-9]{{1,2}}[楼层]|(?<![a-z0-9])[0-9]{{1,2}}f(?![a-z0-9])"
        rf"|(?<![a-z0-9])b[0-9]层|地下[{CHINESE_NUMERALS}0-9]{{1,2}}层|[¥$]\s?[0-9]{{1,9}}(?:\.[0-9]{{1,4}})?|(?<![经纬横竖支0-9])[0-9]{{1,3}}(?:路(?=公交|车|站|[^\w]|$)|号线)",
    ),
    ("opposite", r"(?:马路|公路|道路|街|路)?斜?正?(?:对面(?![山路街村桥])|对过|对门|对侧|对岸)"),
    ("between", r"(?:之间|中间)(?:路?段)?"),
    (
        "near",
        r"附近|旁边|边上|隔壁|周边|周围|一带(?!一路)|近旁|不远处?|近处|旁(?![听若])|(?<=[河江湖塘桥楼沟渠港])边(?![路街村城缘])",
    ),
    ("under", r"下穿(?:通道|隧道)?|(?<=[桥架道梁涵])(?:下方|下面|底下|下(?![村庄水乡坡雨班午周]|[东西南北]))|下方|下面|底下|桥洞"),
    ("front", r"门前(?![路街])|楼前|屋前|店前|前面|前方|(?<=[号幢栋座#楼])前(?![进后程天几往街路门年])"),
    ("behind", r"后面|后方|屋后|楼后|背后|后侧|(?<=[号幢栋座#])后(?![天来门街路勤年])"),
    (
        "side",
        rf"(?:[往向朝以偏正靠])?(?P<s_direction>{_DIRECTION})(?:侧|边|面|首|头|端|段|角|半幅|方向)(?![路街巷村桥河港苑园镇])"
        rf"|以(?P<s_beyond>{_DIRECTION})(?![路街])|(?<=[路街桥河口站区园苑村])(?P<s_bare>{_DIRECTION})(?=[\s,.;。;、!的有]|$)",
    ),
    (
        "crossing",
        r"(?:大|小)?(?:十字|丁字|三岔|三叉|t字|t型|丁字型|y型|岔|交叉)?路口(?:处)?|交叉口|交叉点|交叉处|交叉(?!路)|交汇[处口点]?|交会处?|交界[处口]?|交接处|交口|相交处?"
        r"|十字路|十字街口|转盘(?!路)|环岛(?!路)|(?<=[路街巷弄道])口(?![岸腔罩味])",
    ),
    ("corner", r"(?:转角|拐角|拐弯)处?"),
    ("dash", r"(?<![0-9a-z.-])(?P<d_first>[0-9]{1,3})[-/](?P<d_second>[0-9]{1,4})(?:[-/](?P<d_third>[0-9]{1,4}))?(?:室|号)?(?![0-9a-z%.:+-])"),
    ("bare", r"(?<![0-9a-z])(?=[a-z_-]{0,8}[0-9])(?:[a-z]{1,6}[-_]?[0-9]{2,20}|[0-9]{6,20}|[a-z]{0,4}[0-9]{2,12}(?:[-_][0-9a-z]{1,12}){1,4})(?![0-9a-z])"),
    ("number", r"(?<![0-9a-z.])[0-9]{1,5}(?![0-9a-z%.:弄巷段里]|\s?(?:胡同|条巷|支路|大街))"),
    ("join", r"\s?(?:以及|[&+×/、]|-(?![0-9]))\s?|[至到](?!了|处|底|现|家|今)"),
    ("skip", r"的(?=交|路口|十|丁|东|西|南|北|对|附|旁|门|[0-9]|前|后|下|拐|大门)|[ \"'“”]+"),
    ("comma", r"[,(),()《》\[\]【】:：]"),
    ("break", rf"{WORD}|[^\w\s]|[\n\r\u2028\u2029]|_"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))


def scan(text: str, start: int, end: int) -> Iterator[Token]:
    """The tokens of ``text[start:end]`` (in plain glyphs, see `geo.civic_glyphs`), from left to right."""
    for match in _TOKEN.finditer(text, start, end):
        name = match.lastgroup
        # The outer group is the last one to close, so lastgroup names the alternative.
        token = _MAKERS.get(name or "", _plain)(match)
        if token is not None:
            yield token


def _plain(match: re.Match[str]) -> Token:
    kind = match.lastgroup or "break"
    return Token(kind if kind in _KEPT else "break", match.start(), match.end())


_KEPT = {"skip", "comma", "join", "break"}


def _labelled(match: re.Match[str]) -> Token | None:
    label, written = match["label"], match["labelled_code"]
    code = digits(written) or written
    follows = match.string[match.end() : match.end() + 1]
    if len(code) < 2 or (len(code) < 3 and (label.endswith("灯") or follows == "号")):
        return Token("break", match.start(), match.end())
    return _code(match, code, "" if label.endswith("编号") or label in {"设施", "部件"} else label)


def _carried(match: re.Match[str]) -> Token:
    return _code(match, match["carried_code"] or match["carried_long"], match["carried_kind"])


def _code(match: re.Match[str], code: str, kind: str) -> Token:
    return Token("code", match.start(), match.end(), Code(code.upper(), kind))


def _bare(match: re.Match[str]) -> Token:
    return Token("code", match.start(), match.end(), Code(match[0].upper(), ""), 0.5)


def _chainage(match: re.Match[str]) -> Token:
    whole = float(match["k_km"] or match["p_km"] or match["post_km"])
    metres = float(match["k_m"] or match["p_m"] or 0)
    loose = match["post"] is None and match["k_m"] is None
    return Token("chainage", match.start(), match.end(), Chainage(whole * 1000 + metres, loose))


def _kilometre(match: re.Match[str]) -> Token | None:
    whole = _measure(match["km"])
    metres = _measure(match["km_m"]) if match["km_m"] else 0.0
    if whole is None or metres is None:
        return None
    return Token("chainage", match.start(), match.end(), Chainage(whole * 1000 + metres, True))


def _measure(text: str) -> float | None:
    """The number a measure begins with: "30", "3.5", "三十"."""
    if text.isascii():
        return float(text)
    value = number(text)
    return None if value is None else float(value)


def _building(match: re.Match[str]) -> Token | None:
    word, written, unit = match["b_word"], match["b_number"], match["b_unit"]
    if word:
        return Token("building", match.start(), match.end(), Building(word.upper(), match[0]))
    value = number(written)
    if value is None or (unit == "座" and not written.isascii() and match[0][0] != "第"):
        return Token("break", match.start(), match.end())
    return Token("building", match.start(), match.end(), Building(value, match[0]), 0.9 if unit == "座" else 1.0)


def _group(match: re.Match[str]) -> Token | None:
    value = number(match["g_number"])
    return None if value is None else Token("group", match.start(), match.end(), value)


def _house(match: re.Match[str]) -> Token | None:
    value = number(match["h_number"])
    if value is None:
        return None
    second = match["h_second"] or ""
    last = number(second) if second and not ("a" <= second <= "z") else None
    # 12-14号 are two houses, 18-1号 is the first one behind number 18.
    to = last if match["h_sign"] != "之" and last is not None and last > value else None
    sub = "" if to is not None else second if last is None else str(last)
    after = match["h_after"] or ""
    suffix = match["h_before"] or match["h_letter"] or sub or match["h_mark"] or str(number(after) or after)
    return Token("house", match.start(), match.end(), HouseNumber(value, suffix, to, match[0].strip()))


def _no(match: re.Match[str]) -> Token:
    return Token("house", match.start(), match.end(), HouseNumber(int(match["no_number"]), "", None, match[0]))


def _number(match: re.Match[str]) -> Token:
    return Token("number", match.start(), match.end(), HouseNumber(int(match[0]), "", None, match[0]), 0.7)


def _dash(match: re.Match[str]) -> Token:
    parts = tuple(int(part) for part in (match["d_first"], match["d_second"], match["d_third"]) if part)
    return Token("dash", match.start(), match.end(), parts, 0.85)


def _unit(match: re.Match[str]) -> Token:
    return Token("unit", match.start(), match.end())


def _gate(match: re.Match[str]) -> Token:
    return _related(match, Relation("entrance", _COMPASS.get(match["g_direction"] or "", "")))


def _offset(match: re.Match[str]) -> Token | None:
    metres = _metres(match["o_far"])
    if metres is None:
        return None
    direction, word = _COMPASS.get(match["o_direction"] or "", ""), match["o_word"] or ""
    if word in {"旁边", "附近", "周边"}:
        return _related(match, Relation("near", "", metres))
    if word:
        return _related(match, Relation("behind" if word[0] == "后" else "front", "", metres))
    return _related(match, Relation("offset", direction, metres))


def _away(match: re.Match[str]) -> Token | None:
    metres = _metres(match["a_far"] or match["a_bare"])
    return None if metres is None else _related(match, Relation("offset", "", metres))


def _metres(text: str) -> float | None:
    found = re.search(rf"[0-9]+(?:\.[0-9]+)?|[{CHINESE_NUMERALS}]+", text)
    value = _measure(found[0]) if found else None
    if value is None:
        return None
    return value * 1000 if text.endswith(("公里", "千米", "km")) else value


def _side(match: re.Match[str]) -> Token:
    direction = match["s_direction"] or match["s_beyond"] or match["s_bare"]
    return _related(match, Relation("side", _COMPASS[direction]))


def _related(match: re.Match[str], relation: Relation) -> Token:
    return Token("relation", match.start(), match.end(), relation)


def _crossing(match: re.Match[str]) -> Token:
    return Token("crossing", match.start(), match.end(), match[0])


_MAKERS: dict[str, Callable[[re.Match[str]], Token | None]] = {
    "labelled": _labelled,
    "carried": _carried,
    "bare": _bare,
    "road": lambda match: Token("name", match.start(), match.end(), Name("street", False), 0.85),
    "chainage": _chainage,
    "kilometre": _kilometre,
    "building": _building,
    "group": _group,
    "house": _house,
    "no": _no,
    "number": _number,
    "dash": _dash,
    "unit": _unit,
    "gate": _gate,
    "offset": _offset,
    "away": _away,
    "side": _side,
    "opposite": lambda match: _related(match, Relation("opposite")),
    "between": lambda match: _related(match, Relation("between")),
    "near": lambda match: _related(match, Relation("near")),
    "under": lambda match: _related(match, Relation("under")),
    "front": lambda match: _related(match, Relation("front")),
    "behind": lambda match: _related(match, Relation("behind")),
    "crossing": _crossing,
    "corner": lambda match: Token("corner", match.start(), match.end(), match[0]),
}
