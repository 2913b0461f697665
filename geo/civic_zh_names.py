"""The names in a Chinese text: those of the lexicon, and those that an ending or a position proposes.

Chinese has no blanks between words, so a name begins where the last word or name ended. A name that the
lexicon has is taken whole; of several that overlap, those are taken that explain most.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from geo.civic_zh_tokens import Name, Token
from geo.civic_zh_words import (
    CODED,
    ENDING,
    GENERIC,
    JOINING,
    KIND_OF,
    LEADING,
    MERGING,
    THING,
    WORD,
    NameKind,
    either,
)

GLYPH = 3  # what a glyph is worth that a known name explains; every name costs 1
LONGEST_BODY = 9  # glyphs before the ending of a name that only its ending proposes
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_NUMBERED = re.compile(r"(?:号|幢|栋|座|楼|室|单元|组|#)$")
_MORE = re.compile(r"\s*[-/之号幢栋座楼室单元组#0-9]")  # of a number at the end of a name
_COMMON = re.compile(rf"(?:{WORD}|{either(CODED)})+")
_ONLY_SIDES = re.compile(r"[东西南北中上下前后内外新老大小一二三四五六七八九十0-9]+")
THINGS = frozenset(THING.split())
_SHORTEST_ALONE = 2
_EXTENDED = {"name", "generic"}  # what another ending may make longer: 三角桥|南路, 花园|路
_WELL_NAMED = 0.8
_SOME = re.compile(r"[这那每整几两一二三各][一二三几]?[段条片排个处]")  # 一段路灯
_INNER = {"estate", "structure", "water"}  # kinds that streets are named after
_GREAT = {"大街", "大道", "环路"}  # 南大街 is a name
_LANES = {"弄", "巷", "胡同", "条巷", "段"}
_GENERIC_ENDS = ("马路", "道路", "铁路", "人行道", "车道", "小区里")
# An ending in a compound (人民路口, 人民路灯): its first glyph belongs to a name if one comes before.
_SHARED = (
    "路口", "路灯", "路面", "路边", "路上", "路中", "路旁", "路段", "路过",
    "河里", "河面", "河边", "河水",
)  # fmt: skip


class Known(NamedTuple):
    """A name of the lexicon at its place in the text."""

    start: int
    end: int


def best_cover(known: Sequence[Known]) -> list[Known]:
    """Names that do not overlap and explain the most: as many glyphs as possible in as few names.

    Weighted interval scheduling: sorted by end, O(n log n). Of equals the one that ends first wins.
    """
    ordered = sorted(set(known), key=lambda span: (span.end, -span.start))
    ends = [span.end for span in ordered]
    worth = [0]
    taken: list[int | None] = []
    for place, span in enumerate(ordered):
        before = bisect_right(ends, span.start, 0, place)
        with_it = worth[before] + GLYPH * (span.end - span.start) - 1
        taken.append(before if with_it > worth[-1] else None)
        worth.append(max(worth[-1], with_it))
    return _trace(ordered, taken)


def _trace(ordered: Sequence[Known], taken: Sequence[int | None]) -> list[Known]:
    chosen, place = [], len(ordered)
    while place:
        before = taken[place - 1]
        if before is None:
            place -= 1
        else:
            chosen.append(ordered[place - 1])
            place = before
    return chosen[::-1]


def is_usable(text: str, span: Known) -> bool:
    """Whether a known name may hold its place against numbers and words of the text.

    A name of one glyph, a number, a house or building, or common words such as 公园 and 雨水井盖 may not; one
    that ends in a number may, where that is all of the number (网格12).
    """
    name = text[span.start : span.end]
    return (
        len(name) >= _SHORTEST_ALONE
        and _HAN.search(name) is not None
        and name not in GENERIC
        and name not in _SHARED
        and not _NUMBERED.search(name)
        and not (name[-1].isdecimal() and _MORE.match(text, span.end))
        and not _COMMON.fullmatch(name)
    )


def known_token(text: str, span: Known) -> Token:
    """The token of a name of the lexicon; its ending tells its kind, as far as it has one."""
    return Token("name", span.start, span.end, Name(kind_of(text, span.start, span.end), known=True))


def kind_of(text: str, start: int, end: int) -> NameKind:
    """The kind of thing that the ending of a name tells, or ""."""
    return next(
        (KIND_OF[text[at:end]] for at in range(max(start, end - 6), end) if text[at:end] in KIND_OF), ""
    )


def names_in(text: str, start: int, end: int, after: Token | None) -> Iterator[Token]:
    """The names in a run of text that is nothing else, and what joins them; last comes the rest, if any.

    ``after``: the token that ends where the run begins, if any. It comes out first, and longer if it is a
    name whose ending follows (闸口, 123弄).
    """
    begin, last = start, after
    for match in ENDING.finditer(text, start, end):
        body = text[begin : match.start()]
        behind = last is not None and last.end == begin
        if behind and last is not None and last.kind in _EXTENDED and _merges(text, last, body, match[0]):
            begin = match.end()
            if not _repeats(text, last, match):
                last = longer(last, begin, text)
            continue
        found = _named(text, begin, match, may_join=behind)
        if found:
            if last is not None:
                yield last
            yield from found[:-1]
            last, begin = found[-1], match.end()
    if last is not None:
        yield last
    if begin < end:
        yield Token("rest", begin, end)


def _merges(text: str, last: Token, body: str, ending: str) -> bool:
    """Whether an ending belongs to the name directly before it: nothing, a side or a numeral is between."""
    if body.isdecimal():
        return ending in _LANES
    if isinstance(last.value, Name) and not last.value.known:
        if last.value.kind in _INNER and len(body) <= 1 and KIND_OF[ending] == "street":  # 千禧园|丽|路
            return True
        if last.quality < _WELL_NAMED and len(body) <= 1:  # 京港|澳|高速, 唐闸|古|镇
            return True
        if last.value.kind == "area" and text[last.end - 1] != "村":
            return _merges_with_area(body, ending)
    if text.endswith(("街道", "社区"), last.start, last.end) and KIND_OF[ending] == "street":
        return False  # 虹桥街道|东街
    return MERGING.fullmatch(body) is not None


def _merges_with_area(body: str, ending: str) -> bool:
    """村|社区 and 社区|老桥 are one name; 川汇区|八一大道 and 古镇|河东街 are two."""
    if body:
        return MERGING.fullmatch(body) is not None and not _is_body(body, KIND_OF[ending], ending)
    return KIND_OF[ending] in {"area", "estate"} or ending in THINGS


def _repeats(text: str, last: Token, match: re.Match[str]) -> bool:
    """Whether the ending only says again what the name ends with: 人民路路东, 新河河中."""
    return match.start() == last.end and text.endswith(match[0], last.start, last.end)


def longer(name: Token, end: int, text: str) -> Token:
    """The name with what stands up to ``end`` as another ending of it: 三角桥 + 南路, 人民路 + 123弄."""
    within = name.value if isinstance(name.value, Name) else None
    kind = kind_of(text, name.start, end)
    if within and within.kind == "estate" and kind == "area":  # 紫金花园东区
        kind = "estate"
    value = Name(kind, False, name.end if within else 0, bool(within and within.known))
    return Token("name", name.start, end, value, 0.8)


def _named(text: str, begin: int, match: re.Match[str], *, may_join: bool) -> list[Token]:
    """The name that ends with the match, behind its joining word if it has one; nothing if it is none."""
    kind, stop, before = KIND_OF[match[0]], match.start(), []
    start = _trimmed(text, begin, stop)
    if may_join and text[start] in JOINING and stop - start > _SHORTEST_ALONE:
        before = [Token("join", start, start + 1)]
        start = _trimmed(text, start + 1, stop)
    if stop - start > LONGEST_BODY:
        start = stop - LONGEST_BODY
        before = [Token("break", begin, start)]
    body = text[start:stop]
    if (body + match[0]).endswith(_GENERIC_ENDS) or body + match[0] in GENERIC:
        return [*before, Token("generic", start, match.end())] if len(body) > 0 or len(match[0]) > 1 else []
    if not _is_body(body, kind, match[0]):
        return []
    return [
        *before,
        Token("name", start, match.end(), Name(kind, known=False), 0.8 if len(body) > 1 else 0.65),
    ]


def _is_body(body: str, kind: NameKind, ending: str) -> bool:
    """Whether the glyphs before an ending can be a name: rivers and 2-glyph endings need one, others two."""
    if not body or body.isascii():
        return False
    if _ONLY_SIDES.fullmatch(body):
        return len(body) >= _SHORTEST_ALONE or (body in "东西南北" and ending in _GREAT)
    return len(body) >= _SHORTEST_ALONE or kind in {"water", "structure", "street"} or len(ending) > 1


def _trimmed(text: str, begin: int, stop: int) -> int:
    """Where a name begins that has little words in front (从人民路); never so that nothing is left."""
    match = LEADING.match(text, begin, stop)
    return match.end() if match and stop - match.end() >= min(_SHORTEST_ALONE, stop - begin) else begin


def shared_ending(text: str, rest: Token, following: Token | None) -> Token | None:
    """The street of 人民|路口 and 人民|路灯, where the run before has no ending of its own; else None."""
    if following is None or following.start != rest.end or not text.startswith(_SHARED, following.start):
        return None
    start = _trimmed(text, rest.start, rest.end)
    start = max(start, rest.end - LONGEST_BODY)
    body = text[start : rest.end]
    if (
        len(body) < _SHORTEST_ALONE
        or _ONLY_SIDES.fullmatch(body)
        or not _HAN.match(body)
        or _SOME.fullmatch(body)
    ):
        return None
    return Token("name", start, rest.end + 1, Name(KIND_OF[text[rest.end]], known=False), 0.5)


def with_shared(text: str, name: Token, following: Token | None) -> Token:
    """The name, aware of the street that it may be with the first glyph of what follows: 新港中心|路灯杆."""
    if not isinstance(name.value, Name) or name.value.known or name.value.kind == "street":
        return name
    if following is None or following.start != name.end or not text.startswith(_SHARED, following.start):
        return name
    return name._replace(value=name.value._replace(shared_end=name.end + 1))


def by_position(text: str, rest: Token, before: Token | None) -> Token | None:
    """The run before a number as a name that nobody knows (a mistyped one), or None where it is none.

    A name ``before`` it that only its ending proposed is taken in: 虹桥|北邨 is one name.
    """
    start = _trimmed(text, rest.start, rest.end)
    start = max(start, rest.end - LONGEST_BODY)
    body = text[start : rest.end].strip()
    if _is_taken_in(before, start):
        assert before is not None
        return longer(before, rest.end, text)._replace(quality=0.6)
    return Token("name", start, rest.end, Name("", known=False), 0.6) if is_namelike(body) else None


def is_namelike(body: str) -> bool:
    """Whether glyphs could be a name: two or more, not only sides and numerals, and no word for a kind."""
    return (
        len(body) >= _SHORTEST_ALONE
        and _ONLY_SIDES.fullmatch(body) is None
        and _HAN.search(body) is not None
        and body not in GENERIC
        and not _COMMON.fullmatch(body)
    )


def _is_taken_in(before: Token | None, start: int) -> bool:
    if before is None or before.end != start:
        return False
    if not isinstance(before.value, Name):
        return before.kind == "generic"  # 新城|城
    return not before.value.known and before.value.kind in {"structure", "water", "estate"}


def unjoined(text: str, tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens, with a joining word split off a name that follows another token: 青年路|与|跃龙南路."""
    last: Token | None = None
    for token in tokens:
        follows = last is not None and last.end == token.start and last.kind not in {"break", "join", "comma"}
        joins = int(follows and _begins_with_join(text, token))
        if joins:
            yield Token("join", token.start, token.start + 1)
        last = token._replace(start=token.start + joins)
        yield last


def _begins_with_join(text: str, token: Token) -> bool:
    """Whether a name nobody knows begins with a joining word; 和平路 alone does not."""
    name, first = token.value, text[token.start]
    if not isinstance(name, Name) or name.known or name.is_split_known or first not in JOINING:
        return False
    return token.end - token.start > (_SHORTEST_ALONE if first == "与" else _SHORTEST_ALONE + 1)
