"""Which open issues a new report may be about: how alike two tellings are in place, time, kind and words.

The score is a naive Bayes sum of evidence (Fellegi and Sunter 1969, "A theory for record linkage"): for each
thing known of both, how much likelier it is of two tellings of one problem than of two problems, as a
logarithm; the logistic function makes a probability of the sum. What is not known of either is no evidence.
`benchmarks/duplicates.py` measures it; the weights are rounded and stand where two very different sets of
reports both do well, a city without words but with flagged duplicates (Chicago) and the demo.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from geo.duplicate_kernels import rows_near, shared_each

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]
Relations = NDArray[np.int8]

SAME, AKIN, UNKNOWN, OTHER = 2, 1, 0, -1
"""How two values relate: equal, of one class, one of them not known, different."""

SAME_ASSET, NEAR, SOON, SAME_CATEGORY, SIMILAR_TEXT = REASONS = (
    "same_asset", "near", "soon", "same_category", "similar_text",
)  # fmt: skip

EXTENT_M = 10.0
"""How far apart people stand when they point at one thing: it is added to the errors of both positions."""
ASTRAY_M, ASTRAY = 100.0, 0.05
"""One position in twenty is off by such a distance, whatever it says of its error."""
CHANCE_PER_M2 = 1e-6
"""How densely other open issues lie for which a report may be taken: one in a square kilometre."""
DAY_S = 86_400.0
SCALE_S = 3 * DAY_S
"""Nine in ten of the duplicates that Chicago's 311 flagged came within three days of the first report (half
within one), of the reports at one address that it did not flag only half did."""
SIMILAR = 0.4  # the least likeness of texts that is named as a reason
NEAR_DEVIATIONS = 2.0  # 86 % of what is at one place lies nearer

PRIOR = -4.5
PLACE = 0.75  # less than 1, because neighbours complain of neighbouring things
PLACE_BY_ASSET = 2.5  # where a position is missing and the asset is the same
LEAST_PLACE = -12.0
CATEGORY = {SAME: 1.5, AKIN: 0.5, UNKNOWN: 0.0, OTHER: -2.0}
"""People name one problem by two categories of a class (44 % of Chicago's flagged pairs), rarely of two."""
ASSET = {SAME: 1.5, UNKNOWN: 0.0, OTHER: -1.5}
LEAST_TIME = -3.0  # what is still open can be told again after any time
TEXT, USUAL_TEXT = 2.0, 0.2  # unrelated reports of one category and street share so much of their words

MAX_CHARS = 1000
SCORE_DIGITS = 9  # the last bits hang on how many are computed at once
_NOT_WORDS = re.compile(r"[\W_]+")


def grams(text: str) -> Ints:
    """The pairs and triples of neighbouring characters of a text, each once, as sorted numbers.

    Width and case do not count (NFKC, casefold), nor do blanks, punctuation and emojis. Only the first 1,000
    characters are read. Fewer than two characters give none.
    """
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold()
    words = _NOT_WORDS.sub("", plain)[:MAX_CHARS]
    codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    # A character has 21 bits, and none is 0: three fit in 63, and no pair equals a triple.
    pairs = codes[:-1] << 21 | codes[1:]
    found: Ints = np.concatenate([pairs, pairs[:-1] << 21 | codes[2:]])
    found.sort()
    new = np.ones(len(found), dtype=np.bool_)
    np.not_equal(found[1:], found[:-1], out=new[1:])
    each: Ints = found[new]
    return each


@dataclass(frozen=True, slots=True)
class Telling:
    """What duplicates are told by; empty, NaN or nothing where it is not known.

    Attributes:
        x, y: metres.
        deviation_m: of each coordinate, as `geo.uncertainty.deviation` has it; NaN counts as 0.
        at_s: when it was seen or reported, in seconds.
        category, category_class: codes.
        asset: kind and id of the thing concerned.
        grams: of the text, from `grams`.
    """

    x: float = np.nan
    y: float = np.nan
    deviation_m: float = 0.0
    at_s: float = np.nan
    category: str = ""
    category_class: str = ""
    asset: str = ""
    grams: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Candidates:
    """Open issues in columns, shape (n,), as `candidates` makes them."""

    id: Ints
    x: Floats
    y: Floats
    deviation_m: Floats
    at_s: Floats
    category: Objects
    category_class: Objects
    asset: Objects
    grams: Ints = field(repr=False)  # of all, one after the other
    first_gram: Ints = field(repr=False)  # shape (n + 1,)

    def __len__(self) -> int:
        return len(self.id)


def candidates(issues: Sequence[tuple[int, Telling]]) -> Candidates:
    """Columns of issues: ``(id, telling)``."""
    tellings = [telling for _, telling in issues]

    def numbers(name: str) -> Floats:
        return np.array([getattr(telling, name) for telling in tellings], dtype=np.float64)

    def words(name: str) -> Objects:
        return np.array([getattr(telling, name) for telling in tellings], dtype=object)

    all_grams = [np.empty(0, dtype=np.int64), *(telling.grams for telling in tellings)]
    return Candidates(
        id=np.array([id_ for id_, _ in issues], dtype=np.int64),
        x=numbers("x"),
        y=numbers("y"),
        deviation_m=numbers("deviation_m"),
        at_s=numbers("at_s"),
        category=words("category"),
        category_class=words("category_class"),
        asset=words("asset"),
        grams=np.concatenate(all_grams),
        first_gram=np.cumsum([len(each) for each in all_grams]),
    )


@dataclass(frozen=True)
class Likeness:
    """How alike pairs are, in columns of one shape.

    Attributes:
        distance_m: NaN where a position is missing.
        deviation_m: of the distance: both errors and `EXTENT_M` together.
        apart_s: never negative; NaN where a time is missing.
        category, asset: SAME, AKIN (categories of one class), UNKNOWN or OTHER.
        text: cosine of the sets of grams, 0 to 1; NaN where a text is missing.
    """

    distance_m: Floats
    deviation_m: Floats
    apart_s: Floats
    category: Relations
    asset: Relations
    text: Floats


def compare(new: Telling, others: Candidates) -> Likeness:
    """How alike a telling is to each of the candidates."""
    errors = np.square(np.nan_to_num(np.append(others.deviation_m, new.deviation_m), nan=0.0))
    kin = _relation(others.category, new.category)
    one_class = _relation(others.category_class, new.category_class) == SAME
    return Likeness(
        np.hypot(others.x - new.x, others.y - new.y),
        np.sqrt(errors[:-1] + errors[-1] + EXTENT_M**2),
        np.abs(others.at_s - new.at_s),
        np.where((kin == OTHER) & one_class, AKIN, kin).astype(np.int8),
        _relation(others.asset, new.asset),
        _cosines(new.grams, others),
    )


def _relation(others: Objects, mine: str) -> Relations:
    known = np.asarray((others != "") & (mine != ""), dtype=np.bool_)
    return np.where(known, np.where(others == mine, SAME, OTHER), UNKNOWN).astype(np.int8)


def _cosines(mine: Ints, others: Candidates) -> Floats:
    sizes = np.diff(others.first_gram)
    if not len(mine):
        return np.full(len(sizes), np.nan)
    place = np.minimum(np.searchsorted(mine, others.grams), len(mine) - 1)
    shared = np.concatenate([[0], np.cumsum(mine[place] == others.grams)])[others.first_gram]
    known = sizes > 0
    cosines = np.diff(shared) / np.sqrt(np.where(known, sizes, 1) * len(mine))
    return np.where(known, cosines, np.nan)


def cosines(mine: Sequence[Ints], of: NDArray[np.intp], others: Sequence[Ints]) -> Floats:
    """The cosine of the grams of each of the others and of the one of mine it is held against; NaN where a
    text is missing.
    """
    sizes = np.array([len(each) for each in others], dtype=np.int64)
    own = np.array([len(each) for each in mine], dtype=np.int64)[of]
    shared = shared_each(*_joined(mine), of, *_joined(others))
    known = (sizes > 0) & (own > 0)
    return np.where(known, shared / np.sqrt(np.where(known, sizes * own, 1)), np.nan)


def _joined(grams: Sequence[Ints]) -> tuple[Ints, NDArray[np.intp]]:
    """All one after the other, and where each begins."""
    first = np.cumsum([0, *(len(each) for each in grams)], dtype=np.intp)
    return np.concatenate([np.empty(0, dtype=np.int64), *grams]), first


def score(likeness: Likeness) -> Floats:
    """The probability, 0 to 1, that each pair tells of one problem; it never grows with the distance, nor
    with the time apart, nor falls when the texts are more alike.
    """
    return np.asarray(expit(PRIOR + _place(likeness) + _kind(likeness) + _time(likeness) + _text(likeness)))


def _place(likeness: Likeness) -> Floats:
    """How much denser the other telling of a problem lies at this distance than chance would have it."""
    distance, deviation = likeness.distance_m, likeness.deviation_m
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        usual = (1 - ASTRAY) * _density(distance, deviation)
        astray = ASTRAY * _density(distance, np.hypot(deviation, ASTRAY_M))
        placed = PLACE * np.log((usual + astray) / CHANCE_PER_M2)
    by_asset = np.where(likeness.asset == SAME, PLACE_BY_ASSET, 0.0)
    return np.where(np.isnan(placed), by_asset, np.maximum(placed, LEAST_PLACE))


def _density(distance: Floats, deviation: Floats) -> Floats:
    """Of the circular normal, per square metre."""
    return np.asarray(np.exp(-0.5 * np.square(distance / deviation)) / (2 * np.pi * np.square(deviation)))


def _kind(likeness: Likeness) -> Floats:
    category = np.array([CATEGORY[relation] for relation in (OTHER, UNKNOWN, AKIN, SAME)])
    asset = np.array([ASSET[OTHER], ASSET[UNKNOWN], 0.0, ASSET[SAME]])
    return np.asarray(category[likeness.category - OTHER] + asset[likeness.asset - OTHER])


def _time(likeness: Likeness) -> Floats:
    return np.nan_to_num(np.maximum(-likeness.apart_s / SCALE_S, LEAST_TIME), nan=0.0)


def _text(likeness: Likeness) -> Floats:
    return np.nan_to_num(TEXT * (likeness.text - USUAL_TEXT), nan=0.0)


def reach_m(deviation_m: ArrayLike) -> Floats:
    """The distances beyond which no score is .5, for the errors of both positions together (their root of
    squares): how far to look for candidates.
    """
    return np.asarray(3 * np.hypot(np.hypot(deviation_m, EXTENT_M), ASTRAY_M))


class Suspect(NamedTuple):
    """An open issue that a new report may be about.

    Attributes:
        reasons: those of `REASONS` that hold, in that order.
        distance_m, apart_s: NaN where not known.
    """

    id: int
    score: float
    reasons: tuple[str, ...]
    distance_m: float
    apart_s: float


def suspects(new: Telling, others: Candidates, *, most: int = 5, least: float = 0.5) -> list[Suspect]:
    """The candidates that the telling is most probably about: at most `most`, of a score of at least `least`.

    The likeliest comes first; equally likely ones by id.
    """
    likeness = compare(new, others)
    scores = np.round(score(likeness), SCORE_DIGITS)
    order = np.lexsort((others.id, -scores))[:most]
    return [
        Suspect(
            int(others.id[n]),
            float(scores[n]),
            reasons(likeness, int(n)),
            float(likeness.distance_m[n]),
            float(likeness.apart_s[n]),
        )
        for n in order
        if scores[n] >= least
    ]


def reasons(likeness: Likeness, n: int) -> tuple[str, ...]:
    """Those of `REASONS` that hold for a pair, in their order."""
    holds = (
        likeness.asset[n] == SAME,
        likeness.distance_m[n] <= NEAR_DEVIATIONS * likeness.deviation_m[n],
        likeness.apart_s[n] <= SCALE_S,
        likeness.category[n] == SAME,
        likeness.text[n] >= SIMILAR,
    )
    return tuple(reason for reason, held in zip(REASONS, holds, strict=True) if held)


def warm_up() -> None:
    """Compiles, or loads from disk, the loops that look for duplicates."""
    zero, row = np.zeros(1), np.zeros(1, dtype=np.intp)
    asset = row.astype(np.int32)
    rows_near(zero, zero, asset, np.ones(1, dtype=np.bool_), row + 1, zero, zero, zero, asset)
    cosines([grams("ab")], row, [grams("ab")])
