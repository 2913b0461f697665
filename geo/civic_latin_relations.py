"""Where a place lies as seen from a name, in the words around it: 30 m north of, gegenüber, vieressä."""

from __future__ import annotations

from collections.abc import Sequence

from geo.civic_latin_tokens import Word
from geo.civic_latin_words import DIRECTIONS, words_of
from geo.civic_reading import Relation, RelationKind

_LOOK = 10  # words before a name that are looked at
# Words between a relation and the name it belongs to: opposite (the house at the corner of) …
_BETWEEN = words_of(
    "the a der die das dem den des our house haus hausnummer no nr number adresse address adressen "
    "osoitteesta osoitetta osoitteen kohteesta hausnr"
)
_CORNERS = words_of("corner intersection junction crossing ecke kreuzung")
_OF = words_of("of from von vom der des zu zur zum to om fran")
_ENDS = words_of("side seite end corner ecke half")

_SAYS_BEFORE: dict[RelationKind, str] = {
    "opposite": "opposite|opposite to|opposite of|opposite from|across|across from|across the street from"
    "|across the road from|facing|mittemot|mitt emot|vastapaata|gegenuber|gegenuber von|en face de",
    "behind": "behind|in back of|hinter|derriere",
    "front": "in front of|vor|devant",
    "under": "under|underneath|below|beneath|unter|unterhalb|unterhalb von|sous",
    "entrance": "entrance to|entrance of|gate of|gate to|eingang zu|eingang zum|eingang zur|eingang von"
    "|einfahrt zu",
    "between": "between|zwischen|entre",
    "near": "near|near to|close to|next to|beside|by|adjacent to|in der nahe von|in der nahe|nahe|neben|bei"
    "|beim|unweit|pres de",
}
_SAYS_BEHIND: dict[RelationKind, str] = {
    "opposite": "gegenuber|vastapaata|opposite",
    "behind": "takana",
    "front": "edessa|edustalla",
    "under": "alla|alapuolella",
    "entrance": "entrance|main entrance|eingang|sisaankaynti",
    "between": "valissa|valilla",
    "near": "lahella|vieressa|kohdalla|nearby",
}
_BEFORE = {words: kind for kind, says in _SAYS_BEFORE.items() for words in says.split("|")}
_BEHIND = {words: kind for kind, says in _SAYS_BEHIND.items() for words in says.split("|")}
_LOOSE = words_of("front near")  # what stands behind the name says more: vor Herrengasse 8 gegenüber
_AWAY = words_of("from von vor behind hinter past before after nach")
_MOST_WORDS = 4  # of a relation


def relation_around(words: Sequence[Word], first: int, stop: int) -> Relation | None:
    """The relation that the words before ``words[first:stop]`` say, or those behind it; else None."""
    before = _before(words[max(0, first - _LOOK) : first])
    if before is not None and before.kind not in _LOOSE:
        return before
    return _behind(words[stop : stop + _MOST_WORDS]) or before


def _before(words: Sequence[Word]) -> Relation | None:
    end = _without_corner(words, len(words))
    while end and words[end - 1].key in _BETWEEN:
        end -= 1
    if not end:
        return None
    side = _side_before(words, end)
    if side is not None:
        return side
    if words[end - 1].key in _AWAY and end > 1 and (far := _far(words[end - 2])) is not None:
        return Relation("offset", "", far)
    for count in range(min(_MOST_WORDS, end), 0, -1):
        kind = _BEFORE.get(" ".join(word.key for word in words[end - count : end]))
        if kind is not None:
            return Relation(kind)
    return None


def _without_corner(words: Sequence[Word], end: int) -> int:
    """Where the words stop before "the corner of"."""
    at = end
    while at and words[at - 1].key in _BETWEEN | {"of", "von"}:
        at -= 1
    return at - 1 if at and words[at - 1].key in _CORNERS and end - at <= 1 and at < end else end


def _side_before(words: Sequence[Word], end: int) -> Relation | None:
    """North of, 30 m north of, on the north side of, nördlich von."""
    at = end - 1
    if at and words[at].key in _OF:
        at -= 1
    elif words[at].key not in DIRECTIONS or len(words[at].key) < _MOST_WORDS:
        return None
    if at and words[at].key in _ENDS:
        at -= 1
    direction = DIRECTIONS.get(words[at].key)
    if direction is None:
        return None
    far = next((_far(word) for word in words[max(0, at - 3) : at] if word.kind == "metres"), None)
    return Relation("side", direction) if far is None else Relation("offset", direction, far)


def _behind(words: Sequence[Word]) -> Relation | None:
    if words and words[0].key == ",":
        words = words[1:]
    if not words:
        return None
    far = next((value for word in words[:2] if (value := _far(word)) is not None), None)
    rest = [word.key for word in words if word.kind != "metres"]
    direction = DIRECTIONS.get(rest[0]) if rest else None
    if far is not None:
        sides = [key for key in rest if key not in {"to", "the", "in", "richtung", "nach"}][:1]
        direction = DIRECTIONS.get(sides[0]) if sides else None
        return Relation("offset", direction, far) if direction else None
    if direction and ((len(rest) > 1 and rest[1] in _ENDS) or rest[0].endswith("lich")):
        return Relation("side", direction)
    for count in (2, 1):
        if (kind := _BEHIND.get(" ".join(rest[:count]))) is not None:
            return Relation(kind)
    return None


def _far(word: Word) -> float | None:
    return word.value if word.kind == "metres" and isinstance(word.value, float) else None
