"""What the command line shows of a geocoder's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.screen import result_json, say, table
from geo.crs import Reference, from_wgs84, parse_reference
from geo.types import Datum
from layers.candidates import Answer, Candidate, Fault, Outcome
from layers.findings import Lang
from layers.generation import Generation
from layers.geocoding_datum import name_of
from layers.geocoding_tables import fault_words

DIGITS = 7  # of degrees: a centimetre
_ONE = ("label", "lng", "lat", "radius_m", "match", "text_score", "position_score", "cell_code", "cell_path")
_LISTED = ("label", "lng", "lat", "radius_m", "match", "parents")
METRES = 1_000.0  # coordinates that are larger are no degrees


@dataclass(frozen=True, slots=True)
class Telling:
    """How answers are told.

    Attributes:
        reference: of the positions.
    """

    generation: Generation
    reference: Reference

    @classmethod
    def of(cls, generation: Generation, datum: str) -> Telling:
        """The telling of a generation's answers in a datum; WGS-84 where none is named.

        Raises:
            CrsError: there is no such datum.
        """
        return cls(generation, parse_reference(datum or "wgs84"))

    @property
    def language(self) -> Lang:
        """The city's first language."""
        return self.generation.config.languages[0]

    def show(self, text: str, answer: Answer, *, as_json: bool) -> None:
        """The answer for one text: for a person, or as JSON with the names that a file's columns have."""
        if as_json:
            result_json(self._json(text, answer))
        elif answer.best is not None:
            self._one(answer.best)
        elif answer.candidates:
            self._several(answer)
        else:
            table((), [("outcome", answer.outcome.value)])
            say("Nothing in these words names a place that is known here.")
            say("Name a road and a number, an estate and a building, two roads that meet, or a code.")

    def _one(self, best: Candidate) -> None:
        said = self.place(best)
        faults = [("fault", fault_words([fault], self.language)) for fault in best.faults]
        parents = ("parents", ", ".join(best.parents))
        table(
            (), [("outcome", Outcome.FOUND.value), *((name, said[name]) for name in _ONE), parents, *faults]
        )

    def _several(self, answer: Answer) -> None:
        table((), [("outcome", answer.outcome.value), ("question", self._question(answer))])
        table(_LISTED, [self._row(one) for one in answer.candidates])
        told = [
            (one.label, fault_words([fault], self.language))
            for one in answer.candidates
            for fault in one.faults
        ]
        if told:
            table(("label", "fault"), told)

    def _row(self, one: Candidate) -> tuple[object, ...]:
        """A place in a table that fits a terminal."""
        lng, lat = self._position(one)
        digits = 5 if max(abs(lng), abs(lat)) < METRES else 1  # about a metre
        around = one.parents[1:3] or one.parents
        return (
            one.label,
            f"{lng:.{digits}f}",
            f"{lat:.{digits}f}",
            round(one.radius_m),
            one.match.value,
            ", ".join(around),
        )

    def _question(self, answer: Answer) -> str:
        return answer.question_zh if self.language == "zh" else answer.question_en

    def place(self, one: Candidate) -> dict[str, Any]:
        """A place by the names of `layers.geocoding_tables.GEOCODE_COLUMNS` and some more."""
        lng, lat = self._position(one)
        return {
            "lng": lng, "lat": lat, "radius_m": round(one.radius_m, 1), "match": one.match.value,
            "text_score": round(one.text_score, 3), "position_score": round(one.position_score, 3),
            "label": one.label, "cell_code": one.cell_code, "cell_path": one.cell_path,
            "parents": list(one.parents), "kind": one.kind, "layer": one.layer, "id": one.id,
            "faults": [fault.json() for fault in one.faults],
        }  # fmt: skip

    def _position(self, one: Candidate) -> tuple[float, float]:
        if self.reference is Datum.WGS84:
            return round(one.lng, DIGITS), round(one.lat, DIGITS)
        x, y = from_wgs84([one.lng], [one.lat], self.reference)
        return round(float(x[0]), DIGITS), round(float(y[0]), DIGITS)

    def _json(self, text: str, answer: Answer) -> dict[str, Any]:
        places = [self.place(one) for one in answer.candidates]
        best = places[0] if answer.best is not None else _NO_PLACE
        return {
            "text": text, "outcome": answer.outcome.value, **best, "question": answer.question_en,
            "question_zh": answer.question_zh, "candidates": places, "datum": name_of(self.reference),
            "generation": self.generation.id,
        }  # fmt: skip


_NO_PLACE = {
    **dict.fromkeys(("lng", "lat", "radius_m", "match", "text_score", "position_score")),
    **dict.fromkeys(("label", "cell_code", "cell_path"), ""), "parents": [],
    **dict.fromkeys(("kind", "layer", "id"), ""), "faults": list[Fault](),
}  # fmt: skip
