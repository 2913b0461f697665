"""Names that neither the lexicon nor an ending gives away, where people name the place first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geo.civic_reading import Relation
from geo.civic_zh_names import is_namelike
from geo.civic_zh_phrases import Phrase
from geo.civic_zh_tokens import Name, Token

_QUALITY = 0.45
_MOST_RESTS = 2  # stretches of unknown glyphs that are looked at
_WHOLE = 5  # glyphs of a stretch up to which it is taken whole
_LENGTHS = (4, 3, 5)  # of most Chinese names; tried on a longer stretch
_OPENING = ("在", "位于", "住", "处", "沿", "经过", "路过")


def guessed(text: str, tokens: Sequence[Token]) -> Iterator[Phrase]:
    """Phrases of what may be a name: 新园红|有人乱倒垃圾, known 碧林湾|北井, 某社区|青年南丽."""
    looked = 0
    for place, rest in enumerate(tokens):
        token = rest
        if token.kind != "rest" or looked == _MOST_RESTS:
            continue
        before = tokens[place - 1] if place else None
        behind = tokens[place + 1] if place + 1 < len(tokens) else None
        if before is not None and before.kind == "generic":  # 新城|虹
            token = token._replace(start=before.start)
            before = tokens[place - 2] if place > 1 else None
        if before is None or _opens(text, before):
            looked += 1
            yield from _phrases(text, token, behind, ())
        elif isinstance(before.value, Name) and before.end == token.start and before.value.kind != "street":
            looked += 1
            if before.value.kind == "area":
                yield from _phrases(text, token, behind, (before,))
            else:
                yield from _extended(text, before, token)


def _opens(text: str, token: Token) -> bool:
    """Whether a clause begins behind a token: a comma, or a word such as 在."""
    written = text[token.start : token.end]
    return token.kind == "comma" or (token.kind == "break" and (not written.isalnum() or written in _OPENING))


def _phrases(text: str, rest: Token, behind: Token | None, parents: tuple[Token, ...]) -> Iterator[Phrase]:
    length = rest.end - rest.start
    ends = (rest.end,) if length <= _WHOLE else tuple(rest.start + some for some in _LENGTHS)
    for end in ends:
        if not is_namelike(text[rest.start : end]):
            continue
        relation = behind.value if behind is not None and end == rest.end == behind.start else None
        phrase = _phrase(rest.start, end, parents)
        if behind is not None and isinstance(relation, Relation):
            phrase.relation, phrase.end = relation, behind.end
        yield phrase


def _extended(text: str, name: Token, rest: Token) -> Iterator[Phrase]:
    """A known name with one or two of the glyphs behind it."""
    for end in (rest.start + 2, rest.start + 1):
        if end <= rest.end and is_namelike(text[name.start : end]):
            yield _phrase(name.start, end, ())


def _phrase(start: int, end: int, parents: tuple[Token, ...]) -> Phrase:
    name = Token("name", start, end, Name("", known=False), _QUALITY)
    names = [*parents, name]
    return Phrase(names=names, joins=[""] * len(names), start=names[0].start, end=end)
