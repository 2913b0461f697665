"""What stands around the drawing: the answer above it, scale and north in it, the legend below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from layers.findings import Lang
from layers.generation import DRAFT, Generation
from layers.telling import Names, percent
from maps.explain.ink import number, plain, tag
from maps.explain.labels import shortened, text_width
from maps.explain.style import (
    AREA_LINE,
    BOUND_MARK,
    BOUND_SHAPE,
    CANDIDATE_MARK,
    CANDIDATE_SHAPE,
    CELL_LINE,
    CIRCLE_68,
    CIRCLE_95,
    CROSS,
    DOTS,
    INK,
    LARGE,
    OWN_CELL,
    QUIET,
    SMALL,
    SUPPORT,
    SUPPORT_LINE,
    Look,
)
from maps.explain.view import View
from maps.explain.words import WORDS

HEAD_PX, ROW_PX, SIDE_PX = 30.0, 19.0, 10.0
SIGN_PX, GAP_PX = 26.0, 14.0  # of a legend's entry: room for its sign, room after its words

Entry = tuple[str, str]  # sign and words


def answer_line(proof: dict[str, Any], names: Names, lang: Lang, width: float) -> str:
    """Whose it is, and whose it may be instead, as one line of text."""
    said = WORDS[lang]
    owners = [owner for owner in proof["owners"] if owner["id"]]
    if not owners:
        parts = [said["nobody"]]
    else:
        parts = [f"{said['lead']} {_held(owners[0], names)}"]
        parts += [f"{said['or']} {_held(owner, names)}" for owner in owners[1:3]]
    room, drawn, x = width - 2 * SIDE_PX, [], SIDE_PX
    for turn, part in enumerate(parts):
        size = LARGE if turn == 0 else SMALL + 1
        text = shortened(part, size, room)
        if turn and text != part:
            break
        weight = "700" if turn == 0 else None
        drawn.append(_text(text, x, HEAD_PX / 2 + 5, size, font_weight=weight))
        taken = text_width(text, size, bold=turn == 0) + GAP_PX
        x, room = x + taken, room - taken
    return "".join(drawn)


def _held(owner: dict[str, Any], names: Names) -> str:
    share = "" if owner["share"] is None else f" {percent(owner['share'])}"
    return names.owner(owner["id"]) + share


def _text(text: str, x: float, y: float, size: float, **other: object) -> str:
    return tag("text", plain(text), x=x, y=y, font_size=size, fill=INK, **other)


def version(proof: dict[str, Any], lang: Lang) -> str:
    """Which version of the data answered, with the beginning of its SHA-256."""
    said, generation = WORDS[lang], proof["generation"]
    name = said["draft"] if generation["id"] == DRAFT else said["generation"].format(id=generation["id"])
    return f"{name} · {generation['sha256'][:12]}" if generation["sha256"] else name


def legend_rows(entries: Sequence[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """The entries in rows that are no wider than the drawing, each with its left edge."""
    rows: list[list[tuple[float, Entry]]] = [[]]
    x = SIDE_PX
    for sign, words in entries:
        taken = (SIGN_PX if sign else 0) + text_width(words, SMALL) + GAP_PX
        if rows[-1] and x + taken - GAP_PX > width - SIDE_PX:
            rows.append([])
            x = SIDE_PX
        rows[-1].append((x, (sign, words)))
        x += taken
    return rows


def legend(rows: Sequence[Sequence[tuple[float, Entry]]], top: float, width: float) -> str:
    """The rows, drawn from ``top`` down."""
    drawn = []
    for turn, row in enumerate(rows):
        y = top + 4 + ROW_PX * (turn + 0.5)
        for x, (sign, words) in row:
            at = x
            if sign:
                drawn.append(_SIGNS[sign](x, y))
                at += SIGN_PX
            words = shortened(words, SMALL, width - SIDE_PX - at)
            drawn.append(tag("text", plain(words), x=at, y=y + 4, font_size=SMALL, fill=INK))
    return "".join(drawn)


def _swatch(look: Look) -> Callable[[float, float], str]:
    return lambda x, y: tag("rect", x=x, y=y - 5, width=20.0, height=10.0, **look)


def _stroke(look: Look) -> Callable[[float, float], str]:
    return lambda x, y: tag("path", d=f"M{number(x)} {number(y)}h20", **look)


def _mark(look: Look, radius: float) -> Callable[[float, float], str]:
    return lambda x, y: tag("circle", cx=x + 10, cy=y, r=radius, **look)


def _cross(x: float, y: float) -> str:
    return tag("path", d=f"M{number(x + 3)} {number(y)}h14m-7 -7v14", **CROSS)


_SIGNS: dict[str, Callable[[float, float], str]] = {
    "position": _cross,
    "error68": _mark(CIRCLE_68, 6.5),
    "error95": _mark({**CIRCLE_95, "stroke_dasharray": "4 2.5"}, 6.5),
    "support": _swatch(SUPPORT),
    "support.line": _stroke(SUPPORT_LINE),
    "bound": _mark(BOUND_MARK, 6.0),
    "bound.ground": _swatch(BOUND_SHAPE),
    "candidate": _mark(CANDIDATE_MARK, 5.0),
    "candidate.ground": _swatch(CANDIDATE_SHAPE),
    "other": lambda x, y: tag("path", d=f"M{number(x + 4)} {number(y)}h0m12 0h0", **DOTS),
    "own": _swatch({**OWN_CELL, "stroke": "#4f565d", "stroke_width": 1.2}),
    "cell": _stroke(CELL_LINE),
    "area": _stroke(AREA_LINE),
}


def scale_bar(view: View) -> str:
    """A bar of a round number of metres, at most a quarter of the width, in the lower left corner."""
    most = view.width / 4 / view.scale
    power = 10.0 ** math.floor(math.log10(most))
    length = next(step * power for step in (5, 2, 1) if step * power <= most)
    words = f"{length:g} m" if length < 1000 else f"{length / 1000:g} km"
    x, y, pixels = 12.0, view.height - 12, length * view.scale
    bar = f"M{number(x)} {number(y - 5)}v5h{number(pixels)}v-5"
    return (
        tag("path", d=bar, fill="none", stroke="#fff", stroke_width=4, stroke_opacity="0.8")
        + tag("path", d=bar, fill="none", stroke=INK, stroke_width=1.5)
        + tag("text", words, x=x + 4, y=y - 4, font_size=SMALL, fill=INK)
    )


def reserved(view: View) -> tuple[shapely.Polygon, shapely.Polygon]:
    """What the bar and the arrow cover."""
    bar = shapely.box(6, view.height - 32, 18 + view.width / 4, view.height - 4)
    return bar, shapely.box(view.width - 40, 0, view.width, 54)


def north_arrow(view: View, generation: Generation, report: dict[str, Any], lang: Lang) -> str:
    """An arrow to the true north, which is not quite up in most metric systems."""
    lng, lat = report["lng"], report["lat"]
    x, y = generation.metric.points([lng, lng], [lat, lat + 1e-3])
    turn = round(float(np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0]))), 1) + 0.0
    cx, cy = view.width - 18, 24.0
    arrow = tag("path", d="M0 -15L6 6L0 2L-6 6z", fill=INK, stroke="#fff", stroke_width=1)
    return tag("g", arrow, transform=f"translate({number(cx)} {number(cy)}) rotate({number(turn)})") + tag(
        "text", WORDS[lang]["north"], x=cx, y=cy + 21, font_size=SMALL, fill=QUIET, text_anchor="middle"
    )
