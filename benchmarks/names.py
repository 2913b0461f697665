"""Finding names as people write them: ``python -m benchmarks.names``.

Names are made up from parts of real ones: of a Chinese city, and of a German and American one. Queries are
names with one slip. Beside the index: a plain scan with rapidfuzz, and SQLite's FTS5 with its trigrams.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from rapidfuzz import fuzz, process

from geo.names import NameIndex, fold
from geo.names_sounds import syllables
from geo.names_words import key_of

COUNT, QUERIES, SLOW_QUERIES = 150_000, 3_000, 100
LIMIT = 10
HEAD = "| names | way | query | first | among ten | searches/s | middle ms | p99 ms |\n"
HEAD += "|---|---|---|--:|--:|--:|--:|--:|"
HAN = (
    "人民虹桥新港工农城北秦西幸福通吕运河外环青年孩儿巷任八里庙渡滨江公园怡居景花苑兴东南郭濠阳天生钟秀观音山狼五"
    "文峰学田和平易家胜利红星光明建设解放友谊长春团结永安太黄石金沙银杏梅兰竹菊松柏杨柳荷塘湖海洋龙凤凰鹤鹿马"
    "牛羊白云彩霞朝晖晨曦旭日升华泰康宁静祥瑞丰盛昌隆富贵荣德仁义礼智信忠孝廉正大中小上下前后左右高低远近古今"
    "陈李王张刘赵周吴徐孙朱胡林何郑谢宋唐许韩冯邓曹彭曾肖潘袁董余苏叶杜魏蒋汪任姚钱汤"
)
HAN_ENDS = [
    "路", "东路", "西路", "南路", "北路", "中路", "街", "巷", "大道", "小区", "花园", "新村", "北村",
    "苑", "社区", "村", "街道", "桥", "河", "闸", "公园", "小学", "广场",
]  # fmt: skip
STEMS = """
    haupt bahnhof kirch schul garten berg wald linden eichen buchen rosen mozart goethe schiller bach lessing
    nürnberger bayreuther hersbrucker rathaus markt mühl müller schmied weiher wiesen feld acker sonnen stern
    maple oak cedar pine elm walnut chestnut lincoln washington jefferson madison franklin jackson harrison
    canal river lake hill park spring church mill bridge meadow forest valley sunset highland prairie
""".split()  # noqa: SIM905 - easier to read
GERMAN_ENDS = ("straße", "str.", "weg", "gasse", "platz", "allee", "ring", "steig", "anger")
US_ENDS = (" Street", " St", " Avenue", " Ave", " Road", " Drive", " Lane", " Court", " Boulevard", " Place")
Search = Callable[[str], Sequence[str]]


def main(count: int = COUNT) -> None:
    """Print one table for each kind of city."""
    print(HEAD)
    for label, make in (("Chinese", _han), ("Latin", _latin)):
        names = _distinct(make, count)
        rng = random.Random(2)
        asked = {
            "as it is": _slipped(names, rng, lambda name, _: name),
            "one slip": _slipped(names, rng, _slip),
        }
        if label == "Chinese":
            asked["by its sound"] = _slipped(names, rng, _homophone)
        for way, search, queries in _ways(label, names):
            for kind, pairs in asked.items():
                _measure(f"| {label} | {way} | {kind} |", search, pairs[:queries])


def _ways(label: str, names: list[str]) -> list[tuple[str, Search, int]]:
    index = _built(label, names)
    folded = [fold(name) for name in names]
    database = _trigrams(folded)
    return [
        ("Woodpecker", lambda text: [found.name for found in index.search(text, LIMIT)], QUERIES),
        ("SQLite FTS5 trigram", partial(_by_trigrams, database, names), SLOW_QUERIES),
        ("rapidfuzz, all names", partial(_by_scan, folded, names), SLOW_QUERIES),
    ]


def _built(label: str, names: list[str]) -> NameIndex:
    """The index; what it took is printed to the side."""
    entries = np.arange(len(names))
    NameIndex(names[:10], entries[:10]).search("compiles")
    start = time.perf_counter()
    NameIndex(names, entries)
    took_s = time.perf_counter() - start
    tracemalloc.start()
    index = NameIndex(names, entries)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{label}: {len(names):,} names built in {took_s:.2f} s, {size / 2**20:.0f} MB", file=sys.stderr)
    return index


def _measure(line: str, search: Search, pairs: list[tuple[str, str]]) -> None:
    """Print how often the name that was meant comes first and among ten, and how fast."""
    took, first, ten = [], 0, 0
    for text, name in pairs:
        start = time.perf_counter()
        found = search(text)
        took.append(time.perf_counter() - start)
        keys = [key_of(one) for one in found]
        first += keys[:1] == [key_of(name)]
        ten += key_of(name) in keys
    middle, slow = np.quantile(took, [0.5, 0.99]) * 1000
    shares = f"{first / len(pairs):.1%} | {ten / len(pairs):.1%}"
    print(f"{line} {shares} | {len(pairs) / sum(took):,.0f} | {middle:.2f} | {slow:.2f} |", flush=True)


def _by_scan(folded: list[str], names: list[str], text: str) -> list[str]:
    found = process.extract(fold(text), folded, scorer=fuzz.ratio, limit=LIMIT)
    return [names[row] for _, _, row in found]


def _trigrams(folded: list[str]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE name USING fts5(text, tokenize='trigram')")
    database.executemany("INSERT INTO name (rowid, text) VALUES (?, ?)", enumerate(folded))
    return database


def _by_trigrams(database: sqlite3.Connection, names: list[str], text: str) -> list[str]:
    """Names with any trigram of the text, by how rare those are; no text of fewer characters finds any."""
    text = fold(text).replace('"', " ")
    grams = " OR ".join(f'"{text[at : at + 3]}"' for at in range(len(text) - 2))
    query = "SELECT rowid FROM name WHERE name MATCH ? ORDER BY rank LIMIT ?"
    return [names[row] for (row,) in database.execute(query, (grams, LIMIT))] if grams else []


def _distinct(make: Callable[[random.Random], str], count: int) -> list[str]:
    rng, names = random.Random(1), dict[str, None]()
    while len(names) < count:
        names[make(rng)] = None
    return list(names)


def _han(rng: random.Random) -> str:
    name = "".join(rng.choices(HAN, k=rng.choice((2, 2, 2, 3)))) + rng.choice(HAN_ENDS)
    return name + f"{rng.randint(1, 300)}号" if rng.random() < 0.2 else name


def _latin(rng: random.Random) -> str:
    stem = "".join(rng.sample(STEMS, rng.choice((1, 2)))).capitalize()
    name = stem + rng.choice(GERMAN_ENDS + US_ENDS)
    if rng.random() < 0.3:
        name = f"{rng.choice(('North', 'South', 'Am', 'Alte', 'Obere'))} {name}"
    return name + f" {rng.randint(1, 300)}" if rng.random() < 0.5 else name


def _slipped(
    names: list[str], rng: random.Random, slip: Callable[[str, random.Random], str | None]
) -> list[tuple[str, str]]:
    """Names drawn at random, each with what was written for it."""
    pairs = [(slip(name, rng), name) for name in rng.sample(names, QUERIES)]
    return [(text, name) for text, name in pairs if text]


def _slip(name: str, rng: random.Random) -> str:
    """One letter another, missing, too many, or swapped with the next; digits and blanks stay."""
    at = rng.choice([place for place, letter in enumerate(name) if letter.isalpha()])
    other = rng.choice(HAN if name[at] > "\u3400" else "abcdefghijklmnopqrstuvwxyz")
    before, letter, after = name[:at], name[at], name[at + 1 :]
    swapped = before + after[:1] + letter + after[1:] if after[:1].isalpha() else before + other + after
    return rng.choice((before + other + after, before + after, before + other + letter + after, swapped))


def _homophone(name: str, rng: random.Random) -> str | None:
    """One character another of the same sound; None where none of the usual ones has it."""
    at = rng.choice([place for place, letter in enumerate(name) if letter > "\u3400"])
    spoken = (syllables(name[at]) or [""])[0]
    same = [letter for letter in _SOUNDS.get(spoken, ()) if letter != name[at]]
    return name[:at] + rng.choice(same) + name[at + 1 :] if same else None


def _sounds() -> dict[str, list[str]]:
    """The characters of the first level of GB 2312, by their commonest sound."""
    sounds: dict[str, list[str]] = {}
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            letter = bytes((high, low)).decode("gb2312", "ignore")
            for syllable in syllables(letter)[:1] if letter else ():
                sounds.setdefault(syllable, []).append(letter)
    return sounds


_SOUNDS = _sounds()

if __name__ == "__main__":
    main()
