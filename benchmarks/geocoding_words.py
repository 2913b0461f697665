"""How people write about places in Chinese, German, Finnish and Swedish: complaints, numbers, roads.

Written for the examination of the geocoder alone: nothing here comes from the tables by which it reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

Rng = np.random.Generator

# What stands before the place and after it; `|` marks where the place goes.
COMPLAINTS: Mapping[str, tuple[str, ...]] = {
    "zh": (
        "|",
        "|路灯不亮",
        "|，路灯坏了好几天了，晚上黑漆漆的",
        "|楼下垃圾没人清，苍蝇很多",
        "|有3辆车乱停，把路堵了",
        "|门口堆满了东西",
        "|地面塌了一块，大约2米宽，危险！",
        "|井盖响，晚上10点以后还在响，睡不着",
        "|下雨积水，已经2天了",
        "|有人在3楼搭违建，请查处",
        "|污水外冒，麻烦尽快处理，电话13800006655",
        "您好，|的路面坑坑洼洼",
        "你好 我想反映一下|绿化带被人种了菜",
        "举报：|有人飞线充电，太危险了",
        "我要投诉！！|晚上烧烤油烟很大",
        "昨天下午5点路过|，看到护栏断了一截",
        "11月20日晚上8点半，|有5个人放鞭炮",
        "请问|什么时候修，报了2次了",
        "在|看到一堆建筑垃圾",
        "位置：|。问题：树枝挡住信号灯",
        "地址|，狗没有拴绳，小孩害怕",
        "麻烦派人到|看看，水管爆了，花了200元也没修好",
        "本人住|，楼上漏水一个多月",
        "老人在|摔了一跤，希望重视",
        "|这边又没人扫地，12345打了三次了",
        "早上7:30左右|堵得一塌糊涂",
        "|(靠近公交站)有小广告",
        "城管能不能管管|乱摆摊的",
    ),
    "de": (
        "|",
        "|: Schlagloch in der Fahrbahn",
        "|, Straßenlaterne defekt",
        "Laterne kaputt, |",
        "Sperrmüll liegt seit 3 Tagen bei |",
        "Guten Tag, bei | ist der Kanaldeckel locker. Danke!",
        "Hallo, vor | parken jeden Abend 5 Autos auf dem Gehweg",
        "Wilder Müll – |",
        "| Baum umgestürzt, bitte schnell kommen",
        "Melde hiermit: | Gully verstopft",
        "Seit dem 12.11. um 8 Uhr ist das Licht aus (|)",
        "Ort: | / Problem: Ampel blinkt gelb",
        "|\nÖlspur auf ca. 20 m",
        "Bitte um Reinigung, |, Tel. 0171 2345678",
        "Hundekot ohne Ende an der Adresse |",
        "Ratten gesehen, | im 2. Stock",
    ),
    "fi": (
        "|",
        "|, katuvalo ei pala",
        "Katuvalo rikki: |",
        "Roskia osoitteessa |",
        "Hei, osoitteessa | on kuoppa tiessä",
        "| liikennemerkki kaatunut",
        "Lumet auraamatta | jo 3 päivää",
        "Iso lätäkkö (|), n. 2 m leveä",
        "Terve! Pyörä hylätty, |. Kiitos",
        "Graffiti seinässä, |, nähty klo 8.30",
        "|: kaivonkansi irti, soita 040 1234567",
        "Paikka: |. Vika: roska-astia täynnä",
    ),
    "sv": (
        "|",
        "|, gatlampan är trasig",
        "Skräp vid |",
        "Hej, det är en grop i gatan vid |",
        "Gatubelysning släckt: |",
        "| cykel övergiven sedan 3 dagar",
        "Plats: |. Fel: papperskorgen full",
        "Hål i vägen (|), ca 2 m brett",
    ),
    "en": (
        "|",
        "|, street light out",
        "Pothole at |",
        "Garbage in the alley behind the garage, |, for 3 weeks now",
        "Hi, there are 5 rats by |. Please call 312-555-0143",
        "|: overflowing dumpster, 2nd floor tenants",
        "Water main break near |!!",
        "my car was hit by a branch on 6/12 at 8:30 pm, |",
        "Location: | / Problem: signal stuck on yellow",
        "| tree down",
    ),
}

NOWHERE: Mapping[str, tuple[str, ...]] = {
    "zh": (
        "路灯白天一直亮着",
        "楼道灯不亮，3楼到5楼都黑的",
        "放学时间学校门口违停，孩子过马路危险",
        "昨天打电话说2天内处理，到现在没人来",
        "有3个人在路边烧烤，烟很大，12345也没用",
        "小区门口垃圾成堆，共5袋",
        "我家楼上装修噪音，早上6点就开始",
        "请问社保怎么办理，电话13912345678",
        "公交车20分钟一班太慢了",
        "一直没有人管！！！",
    ),
    "de": (
        "Straßenlaterne seit 3 Tagen kaputt",
        "Wann wird endlich der Müll abgeholt? 5 Säcke!",
        "Die Ampel geht zu schnell auf Rot",
        "Bitte um Rückruf unter 0171 2345678",
        "Vor unserem Haus parkt seit 2 Wochen ein Anhänger",
    ),
    "fi": (
        "Katuvalo ei pala, soita 040 1234567",
        "Roskia ei ole haettu 3 viikkoon",
        "Bussi oli 20 minuuttia myöhässä",
        "Pihalla on rikottuja pulloja",
    ),
    "sv": ("Gatlampan är trasig sedan 2 veckor", "Ingen har hämtat soporna"),
    "en": (
        "Street light has been out for 3 weeks",
        "When will the garbage be picked up? 5 bags!",
        "Call me at 312-555-0143 about my ticket 1234567",
        "The bus was 20 minutes late",
    ),
}

# Roads that exist nowhere: whoever uses one checks that the city has none like it.
INVENTED: Mapping[str, tuple[str, ...]] = {
    "zh": ("翡翠谷路", "喀什噶尔街", "蝴蝶泉大道", "琥珀巷", "驼铃路", "孔雀岭路", "鹦鹉洲大道", "窑洞沟路"),
    "de": (
        "Zypressenallee",
        "Quetzalstraße",
        "Walrossgasse",
        "Xaveriusdamm",
        "Papageienweg",
        "Pharaonenring",
    ),
    "fi": ("Kirahvikatu", "Jättiläispandantie", "Sambakuja", "Yökyöpelinpolku"),
    "sv": ("Giraffgatan", "Zebravägen", "Sambagränd"),
    "en": ("S Zebrafish Ave", "W Quixotry St", "N Xylophone Blvd", "E Papyrusmill Rd"),
}

_DIGITS = "零一二三四五六七八九"


def numeral(value: int) -> str:
    """A number below ten thousand in Chinese: 65 is 六十五."""
    text = ""
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = value // size % 10
        if digit:
            text += _DIGITS[digit] + unit
        elif text and not text.endswith("零") and value % size:
            text += "零"
    return text.removeprefix("一") if 10 <= value < 20 else text or _DIGITS[0]


def wide(text: str) -> str:
    """Digits and signs in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def written(value: str, rng: Rng) -> str:
    """A number as somebody writes it in Chinese: mostly in digits, sometimes full-width or in words."""
    way = rng.random()
    if way < 0.7 or not value.isdecimal():
        return value
    return wide(value) if way < 0.82 else numeral(int(value))


def pick(rng: Rng, choices: Sequence[str]) -> str:
    """One of them."""
    return choices[int(rng.integers(len(choices)))]


class Speech(NamedTuple):
    """Patterns for each kind of place, in one language.

    ``{a}`` and ``{b}`` are names, ``{n}`` is a number as written and ``{p}`` as registered; ``{m}``
    are metres in the direction ``{d}``.
    """

    forms: Mapping[str, tuple[str, ...]]
    number: Callable[[str, Rng], str]
    name: Callable[[str, Rng], str]


_ZH = {
    "address": (
        "{a}{n}号", "{a}{n}号", "{a}{n}号", "{a} {n} 号", "{a}{n}号门口", "{a}{n}号附近", "{a}{n}号旁边",
    ),
    "building": (
        "{a}{n}幢", "{a}{n}幢", "{a}{n}栋", "{a}{n}号楼", "{a}{n}#", "{a} {n}幢", "{a}{n}幢2单元",
        "{a}{n}栋一单元301室", "{a}第{n}幢", "{a}{n}号楼302", "{a}{n}幢门口",
    ),
    "crossing": (
        "{a}与{b}交叉口", "{a}和{b}路口", "{a}{b}路口", "{a}、{b}交汇处", "{a}跟{b}的十字路口", "{a}/{b}口",
        "{a}与{b}交叉路口", "{a} {b}交叉口", "{a}（{b}路口）", "{a}&{b}", "{a}近{b}",
    ),
    "code": ("{a}{n}", "{a}{n}", "{a}：{n}", "{a}编号{n}", "{a}号{n}", "{n}号{a}", "{a} {n}", "{a}No.{n}"),
    "milepost": ("{a}K{n}", "{a}k{n}", "{a}桩号K{n}", "{a} K{n}", "{a}K{n}处", "{a}K {n}附近"),
    "kilometres": ("{a}{n}公里处", "{a}{n}km处"),
    "group": ("{a}{n}组", "{a}{n}组", "{a}第{n}组", "{a}{n}小组", "{a}第{n}村民小组", "{a} {n} 组"),
    "bridge": (
        "{a}{b}桥", "{b}{a}桥", "{b}上{a}的桥", "{a}跨{b}的桥", "{a}过{b}那座桥", "{b}大桥（{a}）",
    ),
    "gate": ("{b}{a}闸口", "{b}上{a}闸口", "{b}的{a}闸口", "{b} {a}闸", "{a}闸口"),
    "named": ("{a}", "{a}", "{a}里面", "{a}附近"),
    "opposite": ("{a}{n}号对面", "{a}{n}号的对面", "{a}{n}号斜对过", "{a} {n}号马路对面"),
    "offset": ("{a}{n}", "{a}{n}处", "{a}{n}左右"),
}  # fmt: skip

_DE = {
    "address": ("{a} {n}", "{a} {n}", "{a} {n}", "{a} {n}", "{a} {n}", "{a}, {n}", "{a}{p}"),
    "crossing": (
        "Ecke {a}/{b}", "{a} Ecke {b}", "Kreuzung {a} und {b}", "{a} / {b}", "{a} & {b}",
        "Kreuzung {a}, {b}", "Einmündung {b} in {a}", "an der Ecke {a} und {b}",
    ),
    "named": ("{a}", "in der Nähe von {a}"),
    "opposite": ("gegenüber {a} {n}", "gegenüber von {a} {n}", "{a} {n} gegenüber"),
    "offset": ("{m} {d} von {a} {n}",),
}  # fmt: skip
_FI = {
    "address": ("{a} {n}", "{a} {n}", "{a} {n}", "{a} {n}", "{a} {n} as 4", "{a} {n}, 2. krs"),
    "crossing": ("{a} / {b}", "{a} ja {b} kulma", "risteys {a} - {b}", "{a} & {b}", "{a}, {b} risteys"),
    "inflected crossing": ("{a} ja {b} risteys", "{a} ja {b} kulmassa", "{a} ja {b} risteyksessä"),
    "inflected": ("{a} {n}",),
    "named": ("{a}",),
    "opposite": ("vastapäätä osoitetta {a} {n}", "{a} {n} vastapäätä"),
    "offset": ("{m} {d} osoitteesta {a} {n}",),
}
_SV = {
    "address": ("{a} {n}",),
    "crossing": ("korsningen {a} och {b}", "hörnet av {a} och {b}", "{a} / {b}", "{a}, hörnet {b}"),
    "named": ("{a}",),
    "opposite": ("mittemot {a} {n}",),
    "offset": ("{m} {d} om {a} {n}",),
}

_EN = {
    "address": ("{n} {a}", "{n} {a}", "{n} {a}", "{n} {a}", "# {n} {a}", "{n} {a} Apt 2", "{n} {a}, unit 3F"),
    "offset": ("{m} {d} of {n} {a}",),
}

DIRECTIONS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "zh": {
        "东侧": (1, 0), "西侧": (-1, 0), "南侧": (0, -1), "北侧": (0, 1), "往东": (1, 0), "往西": (-1, 0),
        "以南": (0, -1), "以北": (0, 1), "东边": (1, 0), "西面": (-1, 0), "向南": (0, -1), "向北": (0, 1),
        "东北方向": (1, 1), "西南侧": (-1, -1), "东南": (1, -1), "西北": (-1, 1),
    },
    "de": {
        "nördlich": (0, 1), "südlich": (0, -1), "östlich": (1, 0), "westlich": (-1, 0),
        "nordöstlich": (1, 1), "südwestlich": (-1, -1),
    },
    "fi": {"pohjoiseen": (0, 1), "etelään": (0, -1), "itään": (1, 0), "länteen": (-1, 0)},
    "en": {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0), "northeast": (1, 1)},
    "sv": {"norr": (0, 1), "söder": (0, -1), "öster": (1, 0), "väster": (-1, 0)},
}  # fmt: skip

METRES: Mapping[str, str] = {"zh": "米", "de": " Meter", "fi": " metriä", "sv": " meter", "en": " meters"}


def _latin_number(value: str, rng: Rng) -> str:
    found = re.fullmatch(r"(\d+)\s*([a-zA-Z])", value)
    if not found:
        return value
    number, letter = found.groups()
    return pick(rng, (f"{number}{letter}", f"{number} {letter}", f"{number}{letter.swapcase()}"))


def _german_number(value: str, rng: Rng) -> str:
    return pick(rng, ("", "", "", "", "Nr. ", "Hausnr. ")) + _latin_number(value, rng)


def _cased(name: str, rng: Rng) -> str:
    way = rng.random()
    if way < 0.7:
        return name
    return name.lower() if way < 0.93 else name.upper()


_PLAIN = dict(zip("äöüÄÖÜ", "aouAOU", strict=True))


def _german_name(name: str, rng: Rng) -> str:
    """A street as people shorten and spell it: Hauptstr., Hauptstrasse, hauptstraße, Albrecht Duerer Str."""
    way = rng.random()
    if way < 0.25:
        name = re.sub(r"([Ss])tra(?:ß|ss)e", lambda m: m[1] + pick(rng, ("tr.", "tr")), name)
    elif way < 0.4:
        name = name.replace("straße", "strasse") if "ß" in name else name.replace("strasse", "straße")
    elif way < 0.5:
        name = name.replace("-", " ")
    elif way < 0.6:
        name = re.sub("[äöüÄÖÜ]", lambda m: _PLAIN[m[0]] + "e", name)
    elif way < 0.65:
        name = re.sub("[äöüÄÖÜ]", lambda m: _PLAIN[m[0]], name)
    return _cased(name, rng)


def _nordic_name(name: str, rng: Rng) -> str:
    way = rng.random()
    if way < 0.1:
        name = name.translate(str.maketrans("äöåÄÖÅ", "aoaAOA"))
    elif way < 0.2:
        name = re.sub(r"(katu)$", "k.", name)
    return _cased(name, rng)


_AMERICAN = {
    "Ave": "Avenue", "St": "Street", "Pl": "Place", "Blvd": "Boulevard", "Rd": "Road", "Dr": "Drive",
    "Pkwy": "Parkway", "Ct": "Court", "Ter": "Terrace",
}  # fmt: skip
_SIDES = {"N": "North", "S": "South", "E": "East", "W": "West"}


def _american_name(name: str, rng: Rng) -> str:
    """A street with its side and its kind in full, in short, or with dots."""
    side, *rest = name.split(" ")
    if not rest:
        return name
    way = rng.random()
    if way < 0.3:
        rest[-1] = _AMERICAN.get(rest[-1], rest[-1])
    elif way < 0.5 and rest[-1] in _AMERICAN:
        rest[-1] += "."
    if rng.random() < 0.3:
        side = _SIDES.get(side, side)
    elif rng.random() < 0.2 and side in _SIDES:
        side += "."
    return _cased(" ".join([side, *rest]), rng)


SPEECH: Mapping[str, Speech] = {
    "zh": Speech(_ZH, written, lambda name, _: name),
    "de": Speech(_DE, _german_number, _german_name),
    "fi": Speech(_FI, _latin_number, _nordic_name),
    "sv": Speech(_SV, _latin_number, _cased),
    "en": Speech(_EN, _latin_number, _american_name),
}

# Finnish roads in the genitive (of the …) and the adessive (on the …).
_ENDINGS = (
    ("katu", "kadun", "kadulla"), ("tie", "tien", "tiellä"), ("kuja", "kujan", "kujalla"),
    ("ranta", "rannan", "rannalla"), ("polku", "polun", "polulla"), ("aukio", "aukion", "aukiolla"),
    ("tori", "torin", "torilla"), ("puisto", "puiston", "puistossa"), ("vardi", "vardin", "vardilla"),
    ("nadi", "nadin", "nadilla"), ("silta", "sillan", "sillalla"),
)  # fmt: skip


def inflected(name: str, *, genitive: bool) -> str | None:
    """A Finnish road in the case that a sentence needs; None where the ending is not known here."""
    for ending, of, on in _ENDINGS:
        if name.casefold().endswith(ending):
            return name[: -len(ending)] + (of if genitive else on)
    return None
