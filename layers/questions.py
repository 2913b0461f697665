"""The one question that would settle most whose it is, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.findings import Lang
from layers.generation import NONE, Generation, Objects, Positions
from layers.hypotheses import Hypotheses
from layers.resolve import Facts
from layers.surroundings import STREET
from layers.terms import term

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BRIDGE = "bridge"
SPAN = frozenset({"river", "canal", "water", "water_area", "underpass"})  # what passes under a bridge
SIDES = {"zh": ("东侧", "北侧", "西侧", "南侧"), "en": ("the east", "the north", "the west", "the south")}
EASIER = 0.05  # a question that settles this much less, but is easier to answer, is asked first

QUESTIONS: dict[str, dict[str, str]] = {
    "zh": {
        "deck": "是在桥（{one}）上，还是在桥下（{other}）？",
        "kind": "是{one}的问题，还是{other}的问题？",
        "street": "在哪条路上：{one}还是{other}？",
        "side": "在哪一侧：{one}还是{other}？",
        "area": "在「{one}」里面，还是在外面？",
        "between": "在「{one}」，还是在「{other}」？",
        "section": "在「{one}」一段，还是「{other}」一段？",
        "asset": "{kind}上的编号是什么：{one}还是{other}？",
        "which": "{kind}上的编号是什么？",
        "any": "是不是{one}的问题，还是别的东西？",
        "outside": "别处",
    },
    "en": {
        "deck": "On the bridge ({one}) or under it ({other})?",
        "kind": "Is it about {one} or about {other}?",
        "street": "On which street: {one} or {other}?",
        "side": "On which side: {one} or {other}?",
        "area": "In {one}, or outside it?",
        "between": "In {one} or in {other}?",
        "section": "On the stretch {one} or {other}?",
        "asset": "What number is on the {kind}: {one} or {other}?",
        "which": "What number is on the {kind}?",
        "any": "Is it about the {one}, or about something else?",
        "outside": "elsewhere",
    },
}


@dataclass(frozen=True)
class _Topic:
    """Something that can be asked: a label for each hypothesis, and what labels are called."""

    template: str
    label: Positions
    name: Callable[[int, Lang], str]
    span: int = 1


def find_questions(
    facts: Facts, hypotheses: Hypotheses, owner: Positions, ambiguous: Bools
) -> tuple[Objects, Objects]:
    """For each report that is ambiguous the question whose answer makes one owner likeliest on average.

    What an answer leaves to its likeliest owner, summed over the answers, is the share that would be right
    after asking. Easy questions come first among those that settle as much. Empty where nothing that one
    could ask would help.

    Args:
        facts: what the rules looked at, one entry a hypothesis.
        hypotheses: weighed.
        owner: of each hypothesis.
        ambiguous: which reports to ask about.
    """
    zh, en = (np.full(len(ambiguous), "", dtype=object) for _ in range(2))
    if not ambiguous.any() or not len(hypotheses):
        return zh, en
    asked = ambiguous[hypotheses.row]
    rows = np.unique(hypotheses.row[asked])
    if not len(rows):
        return zh, en
    entry = np.flatnonzero(asked)
    row = np.searchsorted(rows, hypotheses.row[entry])
    weight, who = hypotheses.weight[entry], owner[entry]
    least = _settled(row, np.zeros(len(row), dtype=np.intp), who, weight, len(rows))
    best, choice = least + EASIER, np.full(len(rows), NONE, dtype=np.intp)
    topics = list(_topics(facts, hypotheses, entry))
    for number, topic in enumerate(topics):
        settled = _settled(row, topic.label, who, weight, len(rows))
        better = settled > best + (EASIER if number else 0.0) * (choice >= 0)
        best[better], choice[better] = settled[better], number
    for at in np.flatnonzero(choice >= 0):
        mine = row == at
        topic = topics[choice[at]]
        one, other = _leading(topic.label[mine], who[mine], weight[mine])
        if topic.template == "street" and min(one, other) >= 0:
            topic, one, other = _decked(facts.generation, topic, hypotheses.take(entry[mine]), one, other)
        if topic.template == "asset" and weight[mine][np.isin(topic.label[mine], [one, other])].sum() < 0.5:
            topic = replace(topic, template="which")  # two of many would be no help
        zh[rows[at]] = _say(facts, topic, one, other, "zh")
        en[rows[at]] = _say(facts, topic, one, other, "en")
    return zh, en


def _settled(row: Positions, label: Positions, who: Positions, weight: Floats, count: int) -> Floats:
    """For each report the share that the likeliest owners of the answers have together."""
    order = np.lexsort((who, label, row))
    row, label, who, weight = row[order], label[order], who[order], weight[order]
    new = np.ones(len(row), dtype=bool)
    new[1:] = (np.diff(row) != 0) | (np.diff(label) != 0) | (np.diff(who) != 0)
    start = np.flatnonzero(new)
    total = np.add.reduceat(weight, start)
    row, label = row[start], label[start]
    answer = np.ones(len(row), dtype=bool)
    answer[1:] = (np.diff(row) != 0) | (np.diff(label) != 0)
    start = np.flatnonzero(answer)
    most = np.maximum.reduceat(total, start) if len(start) else total
    settled: Floats = np.bincount(row[start], most, count).astype(np.float64)
    return settled


def _leading(label: Positions, who: Positions, weight: Floats) -> tuple[int, int]:
    """The likeliest answer, and the likeliest one that leads to somebody else."""
    pair, of = np.unique(np.column_stack([label, who]), axis=0, return_inverse=True)
    total = np.bincount(of.ravel(), weight)
    order = np.lexsort((np.arange(len(total)), -total.round(9)))
    one = order[0]
    for other in order[1:]:
        if pair[other, 0] != pair[one, 0] and pair[other, 1] != pair[one, 1]:
            return int(pair[one, 0]), int(pair[other, 0])
    other = next((o for o in order[1:] if pair[o, 0] != pair[one, 0]), one)
    return int(pair[one, 0]), int(pair[other, 0])


def _topics(facts: Facts, hypotheses: Hypotheses, entry: Positions) -> Iterator[_Topic]:
    """What can be asked, the easiest first."""
    generation, assets = facts.generation, facts.assets
    kind, asset = assets.kind[entry], assets.position[entry]
    yield _Topic("kind", kind, lambda label, lang: _kind_name(facts, label, lang))
    streets = _streets(generation, assets.kinds, kind, asset)
    if streets.max(initial=NONE) >= 0:
        yield _Topic("street", streets, lambda label, _: _named(generation, STREET, label))
    sides = _sides(generation, assets.kinds, hypotheses.take(entry))
    if sides.max(initial=NONE) >= 0:
        yield _Topic("side", sides, lambda label, lang: SIDES[lang][label] if label >= 0 else "?")
    areas = {area: facts.areas[area][entry] for area in generation.surroundings.asked_areas}
    estates = [area for area, label in areas.items() if (label < 0).any()]
    for area in estates:  # people know whether they are in an estate
        yield _Topic("area", areas[area], _or_outside(generation.areas[area].name))
    for route, position in facts.sections.items():
        yield _Topic("section", position[entry], _or_outside(generation.sections[route].name))
    yield _Topic("between", facts.cell[entry], _or_outside(generation.cells.name))
    for area in sorted(set(areas) - set(estates)):  # but hardly know a cleaning contract's bounds
        yield _Topic("between", areas[area], _or_outside(generation.areas[area].name))
    span = int(asset.max(initial=0)) + 2
    yield _Topic("asset", kind * span + asset, lambda label, _: _asset_name(facts, label, span), span)


def _streets(generation: Generation, kinds: tuple[str, ...], kind: Positions, asset: Positions) -> Positions:
    """The first road of the name of the street that each asset stands in, -1 for none."""
    street = np.full(len(kind), NONE, dtype=np.intp)
    if STREET not in generation.assets:
        return street
    first = np.append(generation.surroundings.first_roads, NONE)
    for number in np.unique(kind[kind >= 0]):
        mine = kind == number
        at = generation.surroundings.streets(kinds[number])[asset[mine]]
        street[mine] = first[at]
    return street


def _sides(generation: Generation, kinds: tuple[str, ...], places: Hypotheses) -> Positions:
    """On which side of its line, or of its street, each place lies: 0 east, 1 north, 2 west, 3 south."""
    side = np.full(len(places), NONE, dtype=np.intp)
    for number in np.unique(places.kind[places.kind >= 0]):
        kind = kinds[number]
        mine = np.flatnonzero(places.kind == number)
        line, of = places.asset[mine], kind
        if not generation.surroundings.is_line(kind):
            if STREET not in generation.assets:
                continue
            line, of = generation.surroundings.streets(kind)[line], STREET
        mine, line = mine[line >= 0], line[line >= 0]
        points = shapely.points(places.x[mine], places.y[mine])
        foot = shapely.get_point(
            shapely.shortest_line(generation.asset_index[of].geometries[line], points), 0
        )
        turn = np.arctan2(places.y[mine] - shapely.get_y(foot), places.x[mine] - shapely.get_x(foot))
        side[mine] = np.round(turn / (np.pi / 2)).astype(np.intp) % 4
    return side


def _decked(
    generation: Generation, topic: _Topic, places: Hypotheses, one: int, other: int
) -> tuple[_Topic, int, int]:
    """Two streets that cross at a bridge: on it or under it? The one it carries comes first."""
    if BRIDGE not in generation.assets:
        return topic, one, other
    index, half = generation.asset_index[BRIDGE], generation.half_width[BRIDGE]
    _, bridge, distance = index.within(places.x, places.y, float(half.max(initial=0.0)))
    bridge = bridge[distance <= half[bridge]]
    if not len(bridge):
        return topic, one, other
    deck = shapely.buffer(index.geometries[bridge[0]], max(float(half[bridge[0]]), 1.0))
    lines = generation.asset_index[STREET].geometries[[one, other]]
    carried = shapely.length(shapely.intersection(lines, deck))
    first, second = (one, other) if carried[0] >= carried[1] else (other, one)
    return replace(topic, template="deck"), first, second


def _or_outside(names: Objects) -> Callable[[int, Lang], str]:
    return lambda label, lang: str(names[label]) if label >= 0 else QUESTIONS[lang]["outside"]


def _named(generation: Generation, kind: str, position: int) -> str:
    if position < 0:
        return "?"
    layer = generation.assets[kind]
    return str(layer.name[position] or layer.id[position])


def _kind_name(facts: Facts, label: int, lang: Lang) -> str:
    return term(lang, facts.assets.kinds[label]) if label >= 0 else "?"


def _asset_name(facts: Facts, label: int, span: int) -> str:
    kind, asset = divmod(label, span)
    if kind < 0 or asset < 0:
        return "?"
    layer = facts.generation.assets[facts.assets.kinds[kind]]
    id_, name = str(layer.id[asset]), str(layer.name[asset])
    return id_ if name in ("", id_) else name if id_ in name else f"{id_} {name}"


def _say(facts: Facts, topic: _Topic, one: int, other: int, lang: Lang) -> str:
    words = QUESTIONS[lang]
    names = [topic.name(one, lang), topic.name(other, lang)]
    template, extra = topic.template, {}
    if template == "kind" and min(one, other) >= 0:
        kinds = [facts.assets.kinds[one], facts.assets.kinds[other]]
        if BRIDGE in kinds and set(kinds) & SPAN:
            template = "deck"
            names = names if kinds[0] == BRIDGE else names[::-1]
    if template == "kind" and min(one, other) < 0:
        template, names = "any", names if one >= 0 else names[::-1]
    if template == "area":
        template = "area" if min(one, other) < 0 else "between"
        names = names[::-1] if one < 0 else names
    if template in ("asset", "which"):
        extra["kind"] = _kind_name(facts, max(one, other) // topic.span, lang)
    return words[template].format(one=names[0], other=names[1], **extra)
