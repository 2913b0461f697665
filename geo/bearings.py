"""Directions and relations: 北侧30米, 对面, "30 m north of": from words to places, and from places to words.

Everything is in metres. North is the grid's: within a city it differs from true north by a few degrees at
most, a fraction of what a word means.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.errors import CoordinateError
from geo.linework import lines_of

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]
Geometries = NDArray[np.object_]

DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
"""The eight directions that people name, clockwise."""
_ZH = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")
_EN = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
_WORDS = {"zh": dict(zip(DIRECTIONS, _ZH, strict=True)), "en": dict(zip(DIRECTIONS, _EN, strict=True))}

WORD_M = 0.27
"""What a direction leaves open, for each metre: of the 22.5 degrees to either side that a word stands for,
68 % are within 15.3, whose tangent this is."""
ROUND_M = 0.2
"""What a number of metres leaves open, for each of them: people pace and round."""
BESIDE_M = 15.0
"""How far from a thing, or a road's axis, its side is if nobody says."""
FACING_M = 25.0
"""What faces a street stands at most so far from its axis."""
ON_M = 3.0
"""Nearer to a line than this, a point is on it."""
NEAR_M = 50.0
"""How far "near" reaches (68 %)."""

_BY_KIND = {
    "opposite": ("对面", "opposite"), "near": ("附近", "near"), "side": ("旁", "beside"),
    "offset": ("旁", "beside"), "under": ("下方", "under"), "front": ("前", "in front of"),
    "behind": ("后面", "behind"), "between": ("之间", "between"), "entrance": ("入口", "entrance of"),
}  # fmt: skip
_LOOSE_M = {"near": NEAR_M, "under": 5.0, "entrance": 30.0, "front": 15.0, "behind": 15.0, "opposite": 40.0}


class Moved(NamedTuple):
    """A place named by its relation to another; about 68 % of what is meant lies within the radius."""

    x: float
    y: float
    radius_m: float


def offset(
    x: float,
    y: float,
    kind: str,
    *,
    direction: str = "",
    metres: float | None = None,
    line: shapely.Geometry | None = None,
    radius_m: float = 0.0,
) -> Moved:
    """Where something lies that is named by its relation to a place.

    ``opposite`` is across the line, as far from it as the place, at most `FACING_M`; ``front`` lies between
    the place and the line and ``behind`` away from it. A direction leads at right angles away from the line,
    if there is one and it does not run that way itself, else straight on. What says neither direction nor
    line stays where the place is, with the radius that the word means.

    Args:
        x: of the place that is named.
        y: of the place that is named.
        kind: opposite, near, side, offset, under, front, behind, entrance; others stay where they are.
        direction: one of `DIRECTIONS`, or nothing.
        metres: as the text has it; for ``near`` and without a direction it is how far at most.
        line: the street or river that the relation refers to; None or empty if there is none.
        radius_m: of the place itself.

    Raises:
        CoordinateError: the direction is none of `DIRECTIONS`.
    """
    if direction and direction not in DIRECTIONS:
        raise CoordinateError(
            f"{direction!r} is no direction.", fix=f"Use one of {', '.join(DIRECTIONS)}, or nothing."
        )
    here = np.array([x, y])
    foot = _foot(line, here)
    if direction and kind != "near":
        return _led(here, foot, line, direction, metres, radius_m)
    if foot is not None and kind in _FACING:
        return _facing(here, foot, kind, metres, radius_m)
    loose = metres if metres is not None else _LOOSE_M.get(kind, BESIDE_M)
    return _moved(here, radius_m, loose)


def between(one: tuple[float, float], other: tuple[float, float]) -> Moved:
    """Half way between two places; the radius holds 68 % of the way."""
    a, b = np.array(one, np.float64), np.array(other, np.float64)
    return _moved((a + b) / 2, 0.34 * float(np.hypot(*(b - a))), BESIDE_M)


def _moved(xy: Floats, *misses_m: float) -> Moved:
    return Moved(float(xy[0]), float(xy[1]), float(np.linalg.norm(misses_m)))


def _foot(line: shapely.Geometry | None, xy: Floats) -> Floats | None:
    """The place on a line nearest to a point; None where there is no line."""
    if line is None or line.is_empty:
        return None
    nearest = shapely.get_point(shapely.shortest_line(line, shapely.Point(xy)), 0)
    return np.asarray(shapely.get_coordinates(nearest)[0])


# ---- facing a street

_FACING = ("opposite", "front", "behind")


def _facing(here: Floats, foot: Floats, kind: str, metres: float | None, radius_m: float) -> Moved:
    away = float(np.hypot(*(foot - here)))
    if away < ON_M:  # on the line itself: its other side may be either
        return _moved(here, radius_m, metres if metres is not None else BESIDE_M)
    across = (foot - here) / away
    if kind == "opposite":
        far = min(away, FACING_M) if metres is None else metres
        return _moved(foot + across * far, radius_m, BESIDE_M)
    step = min(away / 2, BESIDE_M) if metres is None else metres
    return _moved(here + (across if kind == "front" else -across) * step, radius_m, BESIDE_M)


# ---- led by a direction


def _led(
    here: Floats,
    foot: Floats | None,
    line: shapely.Geometry | None,
    direction: str,
    metres: float | None,
    radius_m: float,
) -> Moved:
    """So many metres in a direction; from the axis of the line if it leads away from it."""
    far = BESIDE_M if metres is None else metres
    said = _vector(direction)
    start, ahead = here, said
    if foot is not None and line is not None:
        normal = _normal(line, foot)
        across = float(said @ normal)
        if abs(across) > np.sin(np.radians(30)):  # 60 degrees off at most: else the line runs that way
            start, ahead = foot, normal * np.sign(across)
    open_m = BESIDE_M / 2 if metres is None else ROUND_M * far
    return _moved(start + ahead * far, radius_m, open_m, WORD_M * far)


def _vector(direction: str) -> Floats:
    turn = np.radians(45.0 * DIRECTIONS.index(direction))
    return np.array([np.sin(turn), np.cos(turn)])


def _normal(line: shapely.Geometry, foot: Floats) -> Floats:
    """The direction to the left of a line, or of the outline of an area, where it passes a place on it."""
    parts = lines_of(line)
    if not len(parts):  # points alone lead nowhere
        return np.zeros(2)
    part = parts[int(np.argmin(shapely.distance(parts, shapely.Point(foot))))]
    at = shapely.line_locate_point(part, shapely.Point(foot))
    ends = shapely.line_interpolate_point(part, np.clip([at - 1.0, at + 1.0], 0.0, part.length))
    ahead = np.diff(shapely.get_coordinates(ends), axis=0)[0]
    return np.array([-ahead[1], ahead[0]]) / max(float(np.hypot(*ahead)), 1e-9)


# ---- into words


def directions(dx: ArrayLike, dy: ArrayLike) -> Texts:
    """The direction of each step, of the eight; nothing where it is 0 or not finite.

    Half way between two, the one clockwise answers.
    """
    east, north = np.asarray(dx, np.float64), np.asarray(dy, np.float64)
    none = ~(np.isfinite(east) & np.isfinite(north)) | ((east == 0) & (north == 0))
    turn = np.degrees(np.arctan2(np.where(none, 0, east), np.where(none, 1, north)))
    # Rounded first: what lies half way must not depend on the last bit.
    eighth = np.floor(np.round(turn / 45.0, 9) + 0.5).astype(np.intp) % 8
    return np.where(none, "", np.array(DIRECTIONS, dtype=object)[eighth])


class Beside(NamedTuple):
    """Where points lie by lines, as columns; NaN and nothing where either is None or empty.

    Attributes:
        x, y: the nearest place on the line.
        along_m: of that place, from where the line begins (in the first part of several that has it).
        distance_m: to that place.
        direction: in which the point lies from there; nothing where it is nearer than `ON_M`.
    """

    x: Floats
    y: Floats
    along_m: Floats
    distance_m: Floats
    direction: Texts


def beside(lines: shapely.Geometry | Geometries, x: ArrayLike, y: ArrayLike) -> Beside:
    """Where each point lies by its line: `lines` is one for all or one for each, points of shape (n,)."""
    points = np.atleast_1d(shapely.points(np.asarray(x, np.float64), np.asarray(y, np.float64)))
    bridge = shapely.shortest_line(lines, points)
    foot, at = (shapely.get_point(bridge, end) for end in (0, 1))
    foot_x, foot_y = shapely.get_x(foot), shapely.get_y(foot)
    distance = shapely.length(bridge)
    distance = np.where(np.isnan(foot_x), np.nan, distance)
    steps = directions(shapely.get_x(at) - foot_x, shapely.get_y(at) - foot_y)
    direction = np.where(distance < ON_M, "", steps)
    return Beside(foot_x, foot_y, shapely.line_locate_point(lines, foot), distance, direction)


def beside_words(name: str, direction: str, distance_m: float, lang: str) -> str:
    """A place by its street in words: 人民西路北侧30米, "30 m north of Main St"; on it without a direction.

    Metres are rounded to what an eye can tell: ones below 10, fives below 100, tens beyond.
    """
    if not direction:
        return f"{name}上" if lang == "zh" else f"on {name}"
    metres = _rounded(distance_m)
    word = _WORDS[lang][direction]
    return f"{name}{word}侧{metres}米" if lang == "zh" else f"{metres} m {word} of {name}"


def relation_words(
    name: str, kind: str, lang: str, *, direction: str = "", metres: float | None = None
) -> str:
    """What lies by a relation to something, as people say it: 人民路18号对面, "30 m north of 12 Main St"."""
    far = "" if metres is None else f"{metres:g}"
    if direction or far:
        word = _WORDS[lang][direction] if direction else ""
        if lang == "zh":
            return f"{name}{word and word + '侧'}{far and far + '米'}{'' if direction else '处'}"
        return f"{far and far + ' m '}{word or 'from'}{' of' if word else ''} {name}"
    zh, en = _BY_KIND[kind]
    return f"{name}{zh}" if lang == "zh" else f"{en} {name}"


def _rounded(metres: float) -> int:
    step = 1 if metres < 10 else 5 if metres < 100 else 10
    return step * int(np.floor(metres / step + 0.5))
