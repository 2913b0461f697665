"""Whether an answer is right: how far its place lies from the truth, and what it claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from benchmarks.geocoding_texts import Text

RIGHT_M = 30.0
FOUND, AMBIGUOUS, NONE = "found", "ambiguous", "none"

RIGHT = "right"  # the answer is the truth; or all that is true is listed, where the words fit several places
LISTED = "listed"  # the truth is among several
ELSEWHERE = "elsewhere"  # found, and it is not there
UNSURE = "unsure"  # several, and none is true
SILENT = "silent"  # no answer where there is one
SAFE = "safe"  # no answer, or several to ask about, where there is none
COARSE = "coarse"  # a larger thing with a fault, where the thing itself does not exist
FALSE = "false"  # an answer where there is none

# What is larger than what was asked for.
LARGER = frozenset({"street", "waterway", "estate", "cell", "area"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is worth.

    Attributes:
        error_m: from the first candidate to the truth; NaN where one of them is missing.
        radius_m: that the answer claims.
    """

    word: str
    error_m: float = float("nan")
    radius_m: float = float("nan")


class Judge:
    """Judges answers in degrees against truths in a town's metres."""

    def __init__(self, metric: str) -> None:
        self._to_metres = Transformer.from_crs("EPSG:4326", metric, always_xy=True)

    def __call__(self, text: Text, answer: Any) -> Verdict:
        """The verdict."""
        if not text.truth:
            return Verdict(_without_truth(answer))
        if answer.outcome == NONE or not answer.candidates:
            return Verdict(SILENT)
        errors = self._errors(text, answer.candidates)
        radius = float(answer.candidates[0].radius_m)
        return Verdict(_word(text, answer.outcome, errors), float(errors[0].min()), radius)

    def _errors(self, text: Text, candidates: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Metres from each candidate to each truth."""
        x, y = self._to_metres.transform([c.lng for c in candidates], [c.lat for c in candidates])
        points = shapely.points(x, y)
        return np.asarray(shapely.distance(points[:, None], np.array(text.truth, dtype=object)[None, :]))


def _word(text: Text, outcome: str, errors: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    near = errors <= RIGHT_M
    if text.many:
        every = near.any(axis=0).all() and (outcome == AMBIGUOUS or errors.shape[1] == 1)
        return RIGHT if every else LISTED if outcome == AMBIGUOUS and near.any() else ELSEWHERE
    if outcome == FOUND:
        return RIGHT if near[0, 0] else ELSEWHERE
    return LISTED if near.any() else UNSURE


def _without_truth(answer: Any) -> str:
    if answer.outcome != FOUND or not answer.candidates:
        return SAFE
    first = answer.candidates[0]
    return COARSE if first.match in LARGER and first.faults else FALSE
