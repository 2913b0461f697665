"""Texts to examine the geocoder with, each with the truth: ``texts(town, …)``.

A text names a place the way people do, inside a complaint. Every kind of place comes in variants:

- clean: with the parents that contain it (a community, a town, a postcode), written in one of many forms;
- typo: the same with one edit in a name, or in the code;
- no parent: without them, where the words mean one place all the same;
- wrong parent: with an area that does not contain it;
- none: one text in ten names what does not exist, and so has no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely

from benchmarks.geocoding_places import Place, Rng, Town, sampled
from benchmarks.geocoding_typos import Names, one_typo
from benchmarks.geocoding_words import (
    COMPLAINTS,
    DIRECTIONS,
    METRES,
    NOWHERE,
    SPEECH,
    Speech,
    numeral,
    pick,
    wide,
)

CLEAN, TYPO, NO_PARENT, WRONG_PARENT, NONE = "clean", "typo", "no parent", "wrong parent", "none"
VARIANTS = (CLEAN, TYPO, NO_PARENT, WRONG_PARENT)
UNANSWERABLE = 0.1  # of the texts
TRIES = 30  # for a text that is unlike all before


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its truth.

    Attributes:
        kind: of the place.
        variant: clean, typo, no parent, wrong parent or none.
        truth: metric geometries that are right; none where no answer is right.
        many: whether several places are as right as one another: they have to be listed, not chosen from.
        correct: the same text without its typo.
        why: what is not there.
    """

    kind: str
    variant: str
    text: str
    truth: tuple[shapely.Geometry, ...]
    many: bool = False
    correct: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a phrase; a name may be mistyped."""

    text: str
    is_name: bool = False


def texts(town: Town, rng: Rng, count: int) -> list[Text]:
    """Texts that differ from each other, ``count`` of every kind and variant that the town has places for."""
    found: dict[str, Text] = {}
    for kind, places in town.places.items():
        for variant in VARIANTS:
            for text in _some(town, places, kind, variant, rng, count):
                found.setdefault(text.text, text)
    wanted = round(len(found) * UNANSWERABLE / (1 - UNANSWERABLE))
    for text in _unanswerable(town, rng, wanted):
        found.setdefault(text.text, text)
    return list(found.values())


def _some(
    town: Town, places: Sequence[Place], kind: str, variant: str, rng: Rng, count: int
) -> Iterator[Text]:
    fit = [place for place in places if _fits(place, variant)]
    made, seen = 0, set()
    for place in sampled(fit, rng, 3 * count):
        text = _text(town, place, kind, variant, rng)
        if text and text.text not in seen and made < count:
            seen.add(text.text)
            made += 1
            yield text


def _fits(place: Place, variant: str) -> bool:
    many = len(place.truth) > 1
    if variant == NO_PARENT:
        return place.lone and not many
    if variant == WRONG_PARENT:
        return bool(place.wrong) and place.lone and not many
    return variant == CLEAN or place.lone


def _text(town: Town, place: Place, kind: str, variant: str, rng: Rng) -> Text | None:
    language = place.language or town.language
    place = replace(place, parents=_parents(place, variant, rng))
    pieces = _phrase(place, language, rng)
    frame = pick(rng, COMPLAINTS[language])
    if variant == TYPO:
        wrong, many = _mistyped(pieces, place, language, town.names, rng)
        if wrong is None:
            return None
        correct = _said(frame, pieces)
        many = many or len(place.truth) > 1
        return Text(kind, variant, _said(frame, wrong), place.truth, many, correct)
    return Text(kind, variant, _said(frame, pieces), place.truth, len(place.truth) > 1, why=place.why)


def _said(frame: str, pieces: Sequence[_Piece]) -> str:
    return frame.replace("|", "".join(piece.text for piece in pieces))


def _parents(place: Place, variant: str, rng: Rng) -> tuple[str, ...]:
    if variant == NO_PARENT or len(place.truth) > 1:
        return ()
    if variant == WRONG_PARENT:
        return (pick(rng, place.wrong),)
    if not place.parents or rng.random() < 0.1:
        return place.parents
    return (pick(rng, place.parents),)


def _phrase(place: Place, language: str, rng: Rng) -> list[_Piece]:
    speech = SPEECH[language]
    parents = place.parents
    core = [] if place.kind == "nothing" else list(_core(place, speech, language, rng))
    if language == "zh":
        return [_Piece(_chinese_parents(parents, place, rng)), *core]
    if not parents:
        return core
    return [*core, _Piece(pick(rng, (", ", ", ", " ", " in ")) + parents[-1])] if language == "de" else [
        *core, _Piece(pick(rng, (", ", " ")) + parents[-1])
    ]  # fmt: skip


def _chinese_parents(parents: Sequence[str], place: Place, rng: Rng) -> str:
    if not parents:
        return ""
    head = pick(rng, ("", "", "", "崇川区", "南通市崇川区")) if place.kind != "code" else ""
    own = [name for name in parents if name != place.a]
    return head + pick(rng, ("", "", " ", "，")).join(own) + pick(rng, ("", "", "", " "))


def _core(place: Place, speech: Speech, language: str, rng: Rng) -> Iterator[_Piece]:
    kind = place.kind if place.kind in speech.forms else _LIKE[place.kind]
    form = pick(rng, speech.forms[kind])
    values = {
        "a": speech.name(place.a, rng), "b": speech.name(place.b, rng), "p": place.number,
        "n": _number(place, speech, rng),
        "d": _direction(place, language, rng), "m": _metres(place.metres, language, rng),
    }  # fmt: skip
    for part in re.split(r"(\{\w\})", form):
        key = part.strip("{}")
        if part == f"{{{key}}}" and part:
            yield _Piece(values[key], is_name=key in "ab" and place.kind != "code")
        elif part:
            yield _Piece(part)


_LIKE: Mapping[str, str] = {
    "interpolation": "address",
    "missing building": "building",
    "crossing twice": "crossing",
}


def _number(place: Place, speech: Speech, rng: Rng) -> str:
    if place.kind == "code":
        return _code(place.number, rng)
    if place.kind in ("milepost", "kilometres"):
        return wide(place.number) if rng.random() < 0.15 else place.number
    if place.kind == "offset" and speech is SPEECH["zh"]:
        return place.number
    if speech is SPEECH["zh"] and place.number.isdecimal() and int(place.number) > 9999:
        return place.number
    return speech.number(place.number, rng)


def _code(code: str, rng: Rng) -> str:
    way = rng.random()
    if way < 0.75:
        return code
    return wide(code) if way < 0.85 else f"{code[: len(code) // 2]}{' -'[way > 0.93]}{code[len(code) // 2 :]}"


def _direction(place: Place, language: str, rng: Rng) -> str:
    words = [word for word, way in DIRECTIONS[language].items() if way == place.direction]
    return pick(rng, words) if words else ""


def _metres(metres: float, language: str, rng: Rng) -> str:
    return f"{metres:.0f}" + pick(rng, (" m", "m", METRES[language]))


def _mistyped(
    pieces: Sequence[_Piece], place: Place, language: str, names: Names, rng: Rng
) -> tuple[list[_Piece] | None, bool]:
    """The pieces with one edit in a name, or in the code; and whether it may have been meant otherwise."""
    if place.kind == "code":
        return _wrong_code(pieces, place.number, names, rng), True
    named = [at for at, piece in enumerate(pieces) if piece.is_name]
    if not named:
        return None, False
    at = named[int(rng.integers(len(named)))]
    typo = one_typo(pieces[at].text, language, names, rng)
    return (None if typo is None else [*pieces[:at], _Piece(typo, True), *pieces[at + 1 :]]), False


def _wrong_code(pieces: Sequence[_Piece], code: str, names: Names, rng: Rng) -> list[_Piece] | None:
    """One digit replaced, missing, doubled or swapped, so that there is no such code."""
    at = next((at for at, piece in enumerate(pieces) if piece.text == code), -1)
    for _ in range(TRIES if at >= 0 else 0):
        wrong = _edited(code, rng)
        if wrong != code and wrong not in names.codes:
            return [*pieces[:at], _Piece(wrong), *pieces[at + 1 :]]
    return None


def _edited(code: str, rng: Rng) -> str:
    at, way = int(rng.integers(len(code) - 1)), rng.random()
    if way < 0.5:
        return code[:at] + str(rng.integers(10)) + code[at + 1 :]
    if way < 0.7:
        return code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    return code[:at] + code[at + 1 :] if way < 0.85 else code[:at] + code[at] + code[at:]


def _unanswerable(town: Town, rng: Rng, count: int) -> Iterator[Text]:
    """Texts about what does not exist, as many of each kind as there can be."""
    kinds = [kind for kind, places in town.missing.items() if places]
    seen: set[str] = set()
    for at in range(TRIES * count):
        if len(seen) >= count:
            return
        kind = kinds[at % len(kinds)]
        if kind == "nothing":
            text: Text | None = Text(kind, NONE, pick(rng, NOWHERE[town.language]), (), why="no place")
        else:
            places = town.missing[kind]
            text = _text(town, places[int(rng.integers(len(places)))], kind, NONE, rng)
        if text and text.text not in seen:
            seen.add(text.text)
            yield text


__all__ = ["CLEAN", "NONE", "NO_PARENT", "TYPO", "VARIANTS", "WRONG_PARENT", "Text", "numeral", "texts"]
