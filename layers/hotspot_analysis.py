"""Where reports concentrate, how sure that is, whether it is new, and why: one answer for any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.bins import Lattice, keys_at
from geo.hotspot_prediction import expected_rates
from geo.hotspot_sensitivity import SHIFTS, origin_agreement
from geo.hotspot_weights import neighbourhoods
from geo.hotspots import HOT
from layers.coded import Coded
from layers.exported import Export, ExportTable, Pair
from layers.generation import Generation
from layers.hotspot_about import about_of, notes_of
from layers.hotspot_columns import COLUMNS
from layers.hotspot_counting import Sample, sample_of
from layers.hotspot_explained import contributing, kinds_and_ids, top_values
from layers.hotspot_messages import note
from layers.hotspot_question import NONE, SHARE, Question
from layers.hotspot_reports import ReportedPoints
from layers.hotspot_seconds import MOST_SCANNED, clusters_table, density_table
from layers.hotspot_subjects import baseline_of, categories_asked, category_names, subjects_of
from layers.hotspot_tests import Baseline, Subject, Verdict, verdicts
from layers.hotspot_units import Division, Units, units_of
from layers.hotspot_windows import windows_of
from layers.tables import WGS84

Columns = dict[str, Any]
_NOTHING = ("recent_observed", "recent_expected", "recent_q", "change_ratio", "change_low", "change_high",
            "change_q", "trend_tau", "trend_q")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beside:
    """What to answer besides.

    Attributes:
        scan: the clusters of a circular scan.
        picture: a density surface.
        moved: whether hotspots stay if the origin of bins moves; four more answers' work.
    """

    scan: bool = True
    picture: bool = True
    moved: bool = True


def analyse(
    generation: Generation, points: ReportedPoints, question: Question, beside: Beside | None = None
) -> Export:
    """The hotspots of a question, cell by cell, with clusters and density where they were asked for.

    The same reports in another order give the same answer.

    Raises:
        NotFoundError: the city has no such level, category, baseline, or nothing to make bins of.
        GridError: there would be too many bins.
    """
    beside = beside or Beside()
    units = units_of(generation, question.division)
    sample = sample_of(points, units, question)
    codes = categories_asked(generation, points, question.categories, sample.points)
    base, said = baseline_of(generation, units, sample, question, codes)
    subjects, excluded = subjects_of(generation, units, sample, codes)
    windows = windows_of(sample, question)
    found = verdicts(sample, subjects, units.neighbours, base, windows, question.alpha)
    tables = [_hotspots(generation, units, sample, base, found)]
    notes = [*said, *excluded, *notes_of(generation, question, units, sample, found, windows)]
    if beside.moved and units.lattice is not None:
        _add_stability(generation, points, question, subjects, units, found, tables[0].frame)
    scanned = beside.scan and len(units) * len(subjects) <= MOST_SCANNED
    if scanned:
        tables.append(clusters_table(generation, units, sample, subjects, base, question.alpha))
    elif beside.scan:
        notes.append(note("no_scan", most=MOST_SCANNED))
    if beside.picture:
        tables.append(density_table(generation, sample, subjects))
        notes += [note("picture")] if len(tables[-1].frame) else []
    about = about_of(generation, question, units, sample, base, found, windows, scanned=scanned)
    return Export(_title(generation, codes), tuple(tables), about, tuple(notes))


def _title(generation: Generation, codes: Sequence[str]) -> Pair:
    names = [category_names(generation, code) for code in codes[:3]]
    more = ("等", " and others") if len(codes) > 3 else ("", "")
    zh, en = "、".join(name[0] for name in names), ", ".join(name[1] for name in names)
    city = generation.config.name
    return f"{city}热点：{zh}{more[0]}", f"{city}: hotspots of {en}{more[1]}"


def _hotspots(
    generation: Generation, units: Units, sample: Sample, base: Baseline, found: Sequence[Verdict]
) -> ExportTable:
    parts = [_columns(generation, units, sample, base, verdict) for verdict in found]
    table = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)[list(COLUMNS)]
    geometry = np.tile(units.geometry, len(found))
    frame = geopandas.GeoDataFrame(table, geometry=list(geometry), crs=WGS84)
    return ExportTable("hotspots", ("热点", "hotspots"), frame, COLUMNS, class_by="class")


def _columns(
    generation: Generation, units: Units, sample: Sample, base: Baseline, verdict: Verdict
) -> Columns:
    whole, code = verdict.whole, verdict.subject.code
    tested, mine = whole.evidence, sample.of(code)
    name = category_names(generation, code)[0 if generation.config.languages[0] == "zh" else 1]
    n = len(units)
    return {
        "category": np.full(n, code, dtype=object), "category_name": np.full(n, name, dtype=object),
        "cell_code": units.code, "cell_name": units.name, "class": whole.class_,
        "observed": tested.observed, "expected": tested.expected, "excess": tested.excess,
        "relative_risk": tested.relative_risk, "rr_low": tested.low, "rr_high": tested.high, "z": tested.z,
        "p": tested.p, "q": whole.q,
        "reports": sample.reports(mine), "issues": sample.issues(mine),
        "reporters": sample.reporters(mine) if sample.has_reporters else np.nan,
        "exposure": _shown_exposure(sample, base, n), "expected_again": _again(units, sample, base, verdict),
        "area_km2": units.area_km2, "stability": np.nan,
        **_changes(verdict, n), **_explained(units, sample, verdict),
    }  # fmt: skip


def _shown_exposure(sample: Sample, base: Baseline, n: int) -> NDArray[np.float64]:
    if base.exposure is not None:
        return base.exposure
    return sample.counted().astype(np.float64) if base.name == SHARE else np.full(n, np.nan)


def _again(units: Units, sample: Sample, base: Baseline, verdict: Verdict) -> NDArray[np.float64]:
    """What another window as long would bring in each part; NaN where it is left out."""
    exposure = np.ones(len(units)) if base.name == NONE else _shown_exposure(sample, base, len(units))
    counts = sample.counted(sample.of(verdict.subject.code))
    return exposure * expected_rates(
        counts, units.neighbours, exposure=exposure, counted=verdict.subject.counted
    )


def _changes(verdict: Verdict, n: int) -> Columns:
    change = verdict.change
    if change is None:
        empty = np.full(n, "", dtype=object)
        words = {"recent_class": empty, "change_class": empty, "trend_class": empty}
        return {**dict.fromkeys(_NOTHING, np.nan), **words, "is_new": np.zeros(n, dtype=np.bool_)}
    late, changed = change.recent, change.change
    return {
        "recent_observed": late.evidence.observed, "recent_expected": late.evidence.expected,
        "recent_q": late.q, "recent_class": late.class_, "is_new": change.is_new,
        "change_ratio": changed.evidence.relative_risk, "change_low": changed.evidence.low,
        "change_high": changed.evidence.high, "change_q": changed.q, "change_class": changed.class_,
        "trend_tau": change.tau, "trend_q": change.trend_q, "trend_class": change.trend_class,
    }  # fmt: skip


def _explained(units: Units, sample: Sample, verdict: Verdict) -> Columns:
    """Of hot parts; empty of others."""
    n, mine = len(units), sample.of(verdict.subject.code)
    hot = verdict.whole.class_ == HOT
    if verdict.change is not None:
        hot |= verdict.change.recent.class_ == HOT
    rows = np.flatnonzero(hot)
    every = np.ones(len(sample), dtype=np.bool_)
    counted = ~np.isnan(verdict.whole.evidence.observed)
    around = neighbourhoods(units.neighbours, itself=True, counted=counted)

    def spread(column: NDArray[Any], nothing: object) -> NDArray[Any]:
        full = np.full(n, nothing, dtype=column.dtype)
        full[rows] = column
        return full

    def top(which: NDArray[np.bool_], column: Coded) -> tuple[NDArray[Any], NDArray[Any]]:
        values, number = top_values(sample, which, column, around, rows)
        return spread(values, ""), spread(number, 0)

    category, of_category = top(every, sample.points.category)
    asset, of_asset = top(mine, sample.points.asset)
    kinds, ids = kinds_and_ids(asset)
    return {
        "top_category": category, "top_category_issues": of_category, "top_asset": ids,
        "top_asset_kind": kinds, "top_asset_issues": of_asset,
        "issue_ids": contributing(sample, mine, around, hot),
    }  # fmt: skip


def _add_stability(
    generation: Generation, points: ReportedPoints, question: Question, subjects: Sequence[Subject],
    units: Units, found: Sequence[Verdict], frame: geopandas.GeoDataFrame,
) -> None:  # fmt: skip
    """Fill in how many of the moved lattices say the same of the middle of each bin that stands out."""
    if not any((verdict.whole.class_ == HOT).any() for verdict in found) or units.lattice is None:
        return
    answers: dict[Lattice, tuple[Any, Mapping[str, Any]]] = {}

    def ask(lattice: Lattice) -> tuple[Any, Mapping[str, Any]]:
        if lattice not in answers:
            answers[lattice] = _moved(generation, points, question, subjects, lattice)
        return answers[lattice]

    key = keys_at(units.lattice, units.centre)
    for place, verdict in enumerate(found):

        def again(lattice: Lattice, code: str = verdict.subject.code) -> tuple[Any, Any]:
            keys, classes = ask(lattice)
            return keys, classes[code]

        share = origin_agreement(units.lattice, key, verdict.whole.class_, again, shifts=SHIFTS)
        rows = np.arange(len(units)) + place * len(units)
        hot = verdict.whole.class_ == HOT
        frame.loc[rows[hot], "stability"] = share[hot]


def _moved(
    generation: Generation, points: ReportedPoints, question: Question, subjects: Sequence[Subject],
    lattice: Lattice,
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    """Keys of moved bins, and the class of each for every subject."""
    asked = question.division
    division = Division(asked.kind, "", asked.size_m, lattice.shift_m, asked.within_m)
    units = units_of(generation, division)
    moved = replace(question, division=division)
    sample = sample_of(points, units, moved)
    codes = [subject.code for subject in subjects]
    base, _ = baseline_of(generation, units, sample, moved, codes)
    theirs, _ = subjects_of(generation, units, sample, codes)
    found = verdicts(sample, theirs, units.neighbours, base, None, question.alpha)
    return keys_at(lattice, units.centre), {each.subject.code: each.whole.class_ for each in found}
