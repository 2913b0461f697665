"""The proof of an answer: everything it rests on, as canonical JSON that can be replayed byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import Any

import numpy as np
import shapely

from geo.errors import CityError
from geo.uncertainty import HALF_PLANE_ERROR
from layers.answers import answer_columns, reasons_by_language
from layers.assign import Assignments, assign
from layers.findings import Lang
from layers.generation import Generation

FORMAT = 1
MOST_CANDIDATES = 3
LANGUAGES: tuple[Lang, ...] = ("zh", "en")  # of the reasons
DIGITS = 6  # of shares; metres have three, degrees are told exactly

Proof = dict[str, Any]


def prove(answers: Assignments, row: int = 0) -> Proof:
    """The proof of one answer, JSON values only.

    ``share_error`` is how far off the shares of places may be at one straight boundary; those of point and
    line assets are exact but for the bends of the line.
    """
    return _proofs(answers, [row])[0]


def prove_all(answers: Assignments) -> list[Proof]:
    """The proof of every answer, as `prove` gives it; much quicker than one by one."""
    return _proofs(answers, range(len(answers)))


def _proofs(answers: Assignments, rows: Sequence[int]) -> list[Proof]:
    columns = answer_columns(answers)
    asked = {name: [column[row] for row in rows] for name, column in columns.items()}
    reasons = reasons_by_language(asked, LANGUAGES)
    ties, entries = answers.is_tie_break, _entries(answers)
    return [
        {
            **_proof(answers, row, entries),
            "certainty": str(columns["certainty"][row]),
            "tie_break": bool(ties[row]),
            "reason": {lang: reasons[lang][number] for lang in LANGUAGES},
        }
        for number, row in enumerate(rows)
    ]


@dataclass(frozen=True)
class _Entries:
    """Per report its entries among the cells that tie, the assets and the owners."""

    tied: list[range]
    assets: list[range]
    owners: list[range]


def _entries(answers: Assignments) -> _Entries:
    verdicts = answers.verdicts
    columns = (answers.cells.rivals[0], verdicts.assets.row, verdicts.owners.row)
    starts = [np.searchsorted(column, np.arange(len(answers) + 1)).tolist() for column in columns]
    return _Entries(*(list(starmap(range, pairwise(start))) for start in starts))


def _proof(answers: Assignments, row: int, entries: _Entries) -> Proof:
    generation, bound = answers.generation, answers.verdicts.bound
    return {
        "format": FORMAT,
        "generation": {"id": generation.id, "sha256": generation.sha256},
        "report": _report(answers, row),
        "cell": _cell(answers, row, entries.tied[row]),
        "areas": _areas(answers, row),
        "asset": _asset(generation, int(bound.assets.kind[row]), int(bound.assets.position[row]),
                        float(bound.assets.distance_m[row]), float(bound.share[row])),
        "bound": str(bound.what[row]),
        "candidates": _candidates(answers, entries.assets[row]),
        "sections": _sections(answers, row),
        "owners": _owners(answers, entries.owners[row]),
        "roles": _roles(answers, row),
        "share_error": HALF_PLANE_ERROR if answers.evidence.accuracy_m[row] > 0 else 0.0,
        "question": _question(answers, row),
    }  # fmt: skip


def canonical(proof: Proof) -> bytes:
    """The one way to write a proof: keys sorted, no blanks, UTF-8."""
    text = json.dumps(proof, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def replay(generation: Generation, proof: Mapping[str, Any]) -> Proof:
    """The proof of the same report by a generation.

    Raises:
        CityError: the proof is none of this format.
    """
    said, shown = proof.get("report"), str(proof.get("format"))[:40]
    if proof.get("format") != FORMAT or not isinstance(said, Mapping):
        what = "it has no report" if shown == str(FORMAT) else f"its format is {shown!r}"
        raise CityError(
            f"This is no proof of format {FORMAT}: {what}.",
            fix="Give a file that woodpecker explain --out F.json wrote.",
        )
    try:
        answers = _ask(generation, said)
    except (KeyError, TypeError, ValueError, NotImplementedError, shapely.errors.GEOSException) as error:
        fix = "Give a file that woodpecker explain --out F.json wrote, unchanged."
        raise CityError(f"The report of this proof cannot be read: {error}.", fix=fix) from error
    return prove(answers)


def _ask(generation: Generation, said: Mapping[str, Any]) -> Assignments:
    """Ask again what a proof says was asked; what no proof says is a `TypeError` or a `ValueError`."""
    for name, kinds in _SAID.items():
        if not isinstance(said[name], kinds) or (isinstance(said[name], bool) and bool not in kinds):
            raise TypeError(f"{name} is {said[name]!r}"[:80])
    when, shape = said["occurred_at"], said["shape"]
    # Whole numbers of JSON may be larger than any double.
    lng, lat, accuracy, level = (
        np.nan if said[name] is None else float(str(said[name]))
        for name in ("lng", "lat", "accuracy_m", "level")
    )
    if not 0 <= accuracy < np.inf:
        raise ValueError(f"accuracy_m is {accuracy!r}")
    return assign(
        generation, [lng], [lat], category=[said["category"]], accuracy_m=[accuracy], level=level,
        text=[said["text"]],
        occurred_at=None if when is None else [np.datetime64(when.removesuffix("Z"), "us")],
        shape=None if shape is None else [_shape(shape)],
        extent=said["extent"],
    )  # fmt: skip


def _shape(wkt: str) -> shapely.Geometry:
    with np.errstate(invalid="ignore"):  # of NaN, which is refused next
        shape = shapely.from_wkt(wkt)
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError(f"shape is {wkt!r}"[:80])
    return shape


# What kinds of values a proof says of its report.
_SAID: dict[str, tuple[type, ...]] = {
    "lng": (int, float, type(None)),
    "lat": (int, float, type(None)),
    "accuracy_m": (int, float),
    "level": (int, float),
    "category": (str,),
    "text": (str,),
    "occurred_at": (str, type(None)),
    "shape": (str, type(None)),
    "extent": (bool,),
}


def _number(value: float, digits: int) -> float | None:
    return round(value, digits) if np.isfinite(value) else None


def _report(answers: Assignments, row: int) -> Proof:
    evidence = answers.evidence
    shape, when = evidence.shapes[row], evidence.occurred_at[row]
    exactly = None if shape is None else shapely.to_wkt(shape, rounding_precision=-1)
    return {
        "lng": _degree(evidence.lng[row]),
        "lat": _degree(evidence.lat[row]),
        "accuracy_m": float(evidence.accuracy_m[row]),
        "level": float(evidence.level[row]),
        "category": str(evidence.codes[row]),
        "text": str(evidence.texts[row]),
        "occurred_at": None if np.isnat(when) else f"{when}Z",
        "shape": exactly,
        "extent": bool(evidence.extents[row]),
    }


def _degree(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _cell(answers: Assignments, row: int, tied: range) -> Proof:
    cells, found = answers.generation.cells, answers.cells
    at = int(found.cell[row])
    return {
        "code": str(cells.code[at]) if at >= 0 else "",
        "name": str(cells.name[at]) if at >= 0 else "",
        "path": str(cells.path[at]) if at >= 0 else "",
        "topology": str(found.topology[row]),
        "distance_m": _number(float(found.distance_m[row]), 3),
        "tied": [str(cells.code[found.rivals[1][entry]]) for entry in tied],
    }


def _areas(answers: Assignments, row: int) -> Proof:
    generation, said = answers.generation, {}
    for kind, position in sorted(answers.areas.items()):
        at = int(position[row])
        if at >= 0:
            layer = generation.areas[kind]
            owner = int(layer.owner[at])
            said[kind] = {
                "code": str(layer.id[at]),
                "name": str(layer.name[at]),
                "owner_id": generation.owners[owner].id if owner >= 0 else "",
            }
    return said


def _asset(generation: Generation, kind: int, at: int, distance: float, share: float) -> Proof | None:
    if kind < 0:
        return None
    name = generation.asset_kinds[kind]
    layer = generation.assets[name]
    return {
        "kind": name,
        "id": str(layer.id[at]),
        "name": str(layer.name[at]),
        "distance_m": _number(distance, 3),
        "share": _number(share, DIGITS),
    }


def _candidates(answers: Assignments, entries: range) -> list[Proof]:
    shares, generation = answers.verdicts.assets, answers.generation
    said = []
    for entry in entries[:MOST_CANDIDATES]:
        kind, at = int(shares.kind[entry]), int(shares.position[entry])
        one = _asset(generation, kind, at, float(shares.distance_m[entry]), float(shares.share[entry]))
        owner = int(generation.assets[generation.asset_kinds[kind]].owner[at])
        said.append({**(one or {}), "owner_id": generation.owners[owner].id if owner >= 0 else ""})
    return said


def _sections(answers: Assignments, row: int) -> Proof:
    said = {}
    for kind, place in sorted(answers.verdicts.sections.items()):
        at = int(place.position[row])
        if at >= 0:
            layer = answers.generation.sections[kind]
            said[kind] = {
                "id": str(layer.id[at]),
                "name": str(layer.name[at]),
                "route": str(layer.route[at]),
                "m": _number(float(place.route_m[row]), 3),
                "side": "left" if place.offset_m[row] >= 0 else "right",
            }
    return said


def _owners(answers: Assignments, entries: range) -> list[Proof]:
    shares, generation = answers.verdicts.owners, answers.generation
    rules = generation.config.rules
    said = []
    for entry in entries:
        owner, rule = int(shares.owner[entry]), int(shares.rule[entry])
        said.append(
            {
                "id": generation.owners[owner].id if owner >= 0 else "",
                "name": generation.owners[owner].name if owner >= 0 else "",
                "share": _number(float(shares.share[entry]), DIGITS),
                "rule": rules[rule].id if rule >= 0 else "",
            }
        )
    return said


def _roles(answers: Assignments, row: int) -> Proof:
    generation, said = answers.generation, {}
    for role, (rules, owners) in answers.verdicts.others.items():
        rule, owner = int(rules[row]), int(owners[row])
        if owner >= 0:
            said[role] = {
                "owner_id": generation.owners[owner].id,
                "owner_name": generation.owners[owner].name,
                "rule": generation.config.rules[rule].id,
            }
    return said


def _question(answers: Assignments, row: int) -> Proof | None:
    verdicts = answers.verdicts
    if not verdicts.question_zh[row]:
        return None
    return {"zh": str(verdicts.question_zh[row]), "en": str(verdicts.question_en[row])}
