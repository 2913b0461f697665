"""What a question is about: its categories, where they can occur, and what they are held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.errors import NotFoundError
from layers.evidence import category_codes
from layers.exported import Pair
from layers.generation import Generation
from layers.hotspot_counting import Sample
from layers.hotspot_exposure import (
    AREA,
    POPULATION,
    WATER_KINDS,
    exposure_of,
    has_any,
    has_population,
    is_water,
)
from layers.hotspot_messages import baseline_name, note
from layers.hotspot_question import EACH, NONE, SHARE, Question
from layers.hotspot_reports import ReportedPoints
from layers.hotspot_tests import Baseline, Subject
from layers.hotspot_units import ROAD, Units

COMPLETE = 0.9
"""Where so many of a category's reports are by its assets, the inventory tells where there are none."""
SHOWN = 20


def category_names(generation: Generation, code: str) -> Pair:
    """What a category is called; all of them where the code is empty."""
    if not code:
        return "全部类别", "all categories"
    known = generation.config.categories.get(code)
    return (known.name("zh"), known.name("en")) if known else (code, code)


def categories_asked(
    generation: Generation, points: ReportedPoints, asked: Sequence[str], counted: ReportedPoints
) -> list[str]:
    """The codes of a question's categories; the empty one for all reports together, and for each of none.

    Each is each of those that count; by its name one may be asked for that was ever reported.

    Raises:
        NotFoundError: a category that the city does not know, and nobody reported.
    """
    if list(asked) == [EACH]:
        return _reported(counted) or [""]
    there = _reported(points)
    codes = [str(code) for code in category_codes(generation, list(asked), len(asked))]
    for given, code in zip(asked, codes, strict=True):
        if code not in there and code not in generation.config.categories:
            shown = ", ".join(there[:SHOWN]) + (" …" if len(there) > SHOWN else "")
            fix = f"Reported are: {shown}." if there else "No report has a category."
            raise NotFoundError(f"There is no category {given!r}.", fix=fix)
    return list(dict.fromkeys(codes)) or [""]


def _reported(points: ReportedPoints) -> list[str]:
    used = np.unique(points.category.codes)
    return sorted({str(points.category.values[code]) for code in used} - {""})


def baseline_of(
    generation: Generation, units: Units, sample: Sample, question: Question, codes: Sequence[str]
) -> tuple[Baseline, list[Pair]]:
    """What to hold reports against, and what must be said of it.

    The share of all reports says nothing of all reports: inhabitants take its place where they are known,
    else the ground.
    """
    if question.baseline != SHARE:
        return _held_against(generation, units, question.baseline)
    whole = sample.counted()
    if not whole.any() or not any((sample.counted(sample.of(code)) == whole).all() for code in codes):
        return Baseline(SHARE), [note("share")]
    instead = POPULATION if has_population(generation) else AREA
    base, notes = _held_against(generation, units, instead)
    name = baseline_name(instead, along_roads=units.division.kind == ROAD)
    return base, [note("share_of_all", name=name), *notes]


def _held_against(generation: Generation, units: Units, name: str) -> tuple[Baseline, list[Pair]]:
    if name == NONE:
        return Baseline(NONE), [note("none")]
    said = baseline_name(name, along_roads=units.division.kind == ROAD)
    return Baseline(name, exposure_of(generation, units, name)), [note("exposure", name=said)]


def subjects_of(
    generation: Generation, units: Units, sample: Sample, codes: Sequence[str]
) -> tuple[list[Subject], list[Pair]]:
    """The categories with where they can occur, and what must be said of that."""
    water = is_water(generation, units)
    subjects, notes = [], []
    for code in codes:
        kinds = _kinds(generation, sample, code)
        counted = np.ones(len(units), dtype=np.bool_)
        if water.any() and not set(kinds) & set(WATER_KINDS):
            counted &= ~water
            notes.append(note("water", count=int(water.sum())))
        if code and kinds and (there := has_any(generation, units, kinds)) is not None:
            mine = sample.counted(sample.of(code))
            by_one = mine[there].sum() / max(mine.sum(), 1)
            name = category_names(generation, code)
            if mine.any() and by_one < COMPLETE:
                notes.append(note("inventory", category=name, share=1 - by_one))
            elif not there.all():
                counted &= there
                notes.append(note("no_asset", category=name, count=int((~there).sum())))
        subjects.append(Subject(code, counted))
    return subjects, list(dict.fromkeys(notes))


def _kinds(generation: Generation, sample: Sample, code: str) -> tuple[str, ...]:
    """The assets that a category concerns; of all reports, those of every category that was reported."""
    table = generation.config.categories
    if code:
        return table[code].asset_kinds if code in table else ()
    used = {str(sample.points.category.values[at]) for at in np.unique(sample.points.category.codes)}
    return tuple(kind for one in sorted(used & set(table)) for kind in table[one].asset_kinds)
