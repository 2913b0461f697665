"""One typo as people make it, with a hand-written list of Chinese characters that sound or look alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

Rng = np.random.Generator

# Characters typed for one another because they sound the same (tones aside).
SOUNDS = (
    "人仁任", "西夕希", "路鹿陆", "东冬", "南男楠", "北贝", "中忠钟", "道到", "桥乔侨", "河和荷",
    "虹红洪宏鸿弘", "新心欣辛", "园圆元源缘", "苑院远", "城成诚程", "港岗", "江姜", "长常", "青清轻",
    "工公宫功", "农浓", "幸兴星杏", "福服扶", "湖胡", "家佳加嘉", "悦月跃越", "景井", "龙隆", "金今",
    "兰蓝栏", "文闻", "学雪", "田甜", "秦琴勤", "灶造", "村邨", "观关官", "音因", "军均君", "狼郎廊",
    "秀绣", "启起企", "濠豪毫", "通同桐", "吕旅", "运韵", "扬杨阳洋", "裤库", "引饮", "姚摇遥", "竖树",
    "结节洁", "环还", "滨宾彬", "世市事士", "纪记计", "板版", "厂场", "八巴", "光广", "明名鸣", "友有",
    "谊意易义", "校笑", "育玉", "朝潮", "晖辉灰", "永勇", "胜盛", "国郭", "强墙", "安庵", "宁凝", "泰太",
    "祥详", "丰封风峰枫", "凤奉", "竹祝", "瑞锐", "碧毕", "林临邻", "湾弯", "山珊", "华滑", "苏酥", "春椿",
    "富付", "里理", "庙妙", "德得", "民岷", "石时", "庄装", "怡宜", "居具", "寓玉", "邸底", "雅哑", "庭廷",
    "达答", "翠脆", "馨欣", "锦紧", "书舒", "香乡", "三叁", "五伍", "一壹", "爱艾", "集及", "费废", "张章",
    "陈晨", "海亥", "圩维", "团湍", "祖组", "望旺", "孩还", "施师", "店垫", "剑见", "拱巩", "果裹", "树束",
    "泽则", "仁人", "合何", "和荷", "白百", "花哗", "横恒", "尖间", "沟勾", "口扣", "博伯", "颐宜", "畅倡",
    "竞境", "紫子", "荆京", "跃月", "润闰",
)  # fmt: skip

# Characters taken for one another because they look alike.
LOOKS = (
    "未末", "土士", "己已", "千干", "人入", "大太", "天夫", "木本", "由田", "王玉", "今令", "名各", "间问",
    "桥侨", "河何", "秦泰奏", "园团", "苑范", "清情", "狼狠", "港巷", "景影", "杨扬", "村材", "果呆",
    "陈阵", "幸辛", "观现", "姚桃", "城域", "路洛", "悦锐", "湖潮", "新折", "青育", "江汪", "海梅", "农衣",
    "星皇", "家冢", "嘉喜", "龙尤", "兰三", "文又", "灶吐", "军车", "启后", "濠壕", "通逼", "吕宫", "运达",
    "裤裆", "滨演", "纪纲", "板扳", "光先", "明朋", "友反", "谊宜", "校较", "朝乾", "永水", "胜性", "国固",
    "强弦", "安按", "宁宇", "祥样", "丰半", "凤风", "瑞端", "林材", "湾弯", "富宫", "石右", "怡恰", "居屋",
    "雅稚", "庭廷", "翠萃", "馨磬", "香杳", "五王", "爱受", "集隼", "费贵", "张帐", "团困", "望塑", "施旌",
    "拱洪", "树村", "泽译", "合台", "白自", "花华", "横模", "尖尘", "沟泃", "博傅", "跃跌", "润涧", "民氏",
    "里黑", "庄压", "德徳", "学字", "三二", "寓寅", "邸抵", "佳住", "源原", "金全", "虹虾", "洪供",
)  # fmt: skip

# Letters beside one another on a keyboard.
KEYS = (
    "qwertzuiop", "asdfghjkl", "yxcvbnm", "qa", "ws", "ed", "rf", "tg", "zh", "uj", "ik", "ol", "ay", "sx",
    "dc", "fv", "gb", "hn", "jm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """The names a typo must not turn into, or come as near to as to the one that was meant."""

    every: frozenset[str]
    codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Collection[str], codes: Collection[str] = ()) -> Names:
        """Folded."""
        return cls(frozenset(map(plain, names)), frozenset(codes))

    def unlike(self, name: str) -> bool:
        """Whether no name is within two edits of this one."""
        near = process.extract_iter(plain(name), self.every, scorer=OSA.distance, score_cutoff=2)
        return next(near, None) is None

    def mistakable(self, name: str, typo: str, *, sound: bool) -> bool:
        """Whether a reader could not know which name was meant.

        A homophone is clear where no other name sounds the same; any other typo, where no other name is one
        edit away.
        """
        name, typo = plain(name), plain(typo)
        if typo in self.every:
            return True
        if sound:
            return any(other != name and other in self.every for other in _substituted(typo, SOUNDS))
        near = process.extract_iter(typo, self.every, scorer=OSA.distance, score_cutoff=1)
        return any(other != name for other, _, _ in near)


def plain(name: str) -> str:
    """A name without its accents, small, and with its street written out."""
    folded = name.casefold().translate(str.maketrans("äöüå-", "aoua "))
    return re.sub(r"str\.?$", "strasse", folded).rstrip(".")


def one_typo(name: str, language: str, names: Names, rng: Rng) -> str | None:
    """The name with one edit (a letter replaced, missing, doubled or swapped with the next).

    None where every typo that was tried would be a name, or near to another.
    """
    for _ in range(12):
        typo, sound = _chinese(name, rng) if language == "zh" else (_latin(name, rng), False)
        if typo is None or OSA.distance(name, typo) != 1:
            continue
        if not names.mistakable(name, typo, sound=sound):
            return typo
    return None


def _chinese(name: str, rng: Rng) -> tuple[str | None, bool]:
    way = rng.random()
    if way < 0.55:
        return _one_of(list(_substituted(name, SOUNDS)), rng), True
    if way < 0.75:
        return _one_of(list(_substituted(name, LOOKS)), rng), False
    if way < 0.87 and len(name) > 3:
        return _without(name, int(rng.integers(len(name)))), False
    return _swapped(name, int(rng.integers(max(1, len(name) - 1)))), False


def _latin(name: str, rng: Rng) -> str | None:
    inner = [at for at in range(1, len(name) - 1) if name[at].isalpha() and name[at + 1].isalpha()]
    if not inner:
        return None
    at, way = inner[int(rng.integers(len(inner)))], rng.random()
    if way < 0.3:
        return _swapped(name, at)
    if way < 0.6:
        return _without(name, at)
    if way < 0.75:
        return name[:at] + name[at] + name[at:]
    return _one_of([t for t in _substituted(name, tuple(_neighbours())) if t[0] == name[0]], rng)


def _neighbours() -> Iterator[str]:
    for row in KEYS:
        yield from (row[at : at + 2] for at in range(len(row) - 1))


def _substituted(name: str, groups: Collection[str]) -> Iterator[str]:
    """The name with one character replaced by another of a group that it is in."""
    for at, char in enumerate(name):
        for group in groups:
            if char in group:
                yield from (name[:at] + other + name[at + 1 :] for other in group if other != char)


def _without(name: str, at: int) -> str:
    return name[:at] + name[at + 1 :]


def _swapped(name: str, at: int) -> str:
    return name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]


def _one_of(found: list[str], rng: Rng) -> str | None:
    return found[int(rng.integers(len(found)))] if found else None
