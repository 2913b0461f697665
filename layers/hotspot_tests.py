"""The tests that a question asks for: of its categories, in the whole window, before its end, and lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.hotspot_fdr import benjamini_hochberg
from geo.hotspot_trend import Trend, mann_kendall, share_trend
from geo.hotspot_weights import neighbourhoods
from geo.hotspots import (
    EXCLUDED,
    FALLING,
    HOT,
    NOT_SIGNIFICANT,
    RISING,
    Evidence,
    Hotspots,
    by_change,
    by_count,
    by_exposure,
    by_share,
    classified,
    judged,
)
from layers.hotspot_counting import Sample
from layers.hotspot_question import SHARE
from layers.hotspot_windows import Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

LEAST_STEPS = 6
"""Of fewer steps no order is unlikely enough to be a trend anywhere."""


@dataclass(frozen=True)
class Baseline:
    """What reports are held against.

    Attributes:
        name: as it is asked for.
        exposure: of each part; None for the share of all reports, and for none.
    """

    name: str
    exposure: Floats | None = None


@dataclass(frozen=True)
class Subject:
    """A category with the parts of the city where it can occur.

    Attributes:
        code: empty for all reports together.
        counted: which parts.
    """

    code: str
    counted: Bools


@dataclass(frozen=True)
class Change:
    """What has changed lately, and over the steps of the window.

    Attributes:
        recent: the verdicts on the last days.
        is_new: hot lately, not before, and more than before.
        change: lately against before.
        tau, trend_q, trend_class: of the trend (of shares, tau is a correlation); NaN and empty where
            there are too few steps.
    """

    recent: Hotspots
    is_new: Bools
    change: Hotspots
    tau: Floats
    trend_q: Floats
    trend_class: Objects


@dataclass(frozen=True)
class Verdict:
    """What is said of a subject; change is None where the window is too short."""

    subject: Subject
    whole: Hotspots
    change: Change | None


def verdicts(
    sample: Sample, subjects: Sequence[Subject], links: csr_array, base: Baseline, windows: Windows | None,
    alpha: float,
) -> list[Verdict]:  # fmt: skip
    """The verdicts on all subjects, as one family for each kind of test.

    Args:
        links: who touches whom, shape (parts, parts).
        windows: the last days and those before; None where there is nothing to compare.
    """
    every = np.ones(len(sample), dtype=np.bool_)
    whole = _judged(sample, subjects, links, base, [every], alpha)[0]
    if windows is None:
        return [Verdict(subject, told, None) for subject, told in zip(subjects, whole, strict=True)]
    before = sample.between(windows.start_us, windows.recent_us)
    lately = sample.between(windows.recent_us, windows.end_us)
    earlier, recent = _judged(sample, subjects, links, base, [before, lately], alpha)
    found = judged(
        [_change(sample, each, links, base, windows, alpha) for each in subjects],
        alpha=alpha, words=(RISING, FALLING),
    )  # fmt: skip
    changes = [_told(each, _counted(subject, base)) for each, subject in zip(found, subjects, strict=True)]
    clumps = [change.evidence.dispersion.ratio for change in changes]
    trends = _trends(sample, subjects, links, base, windows, alpha, clumps)
    return [
        Verdict(subject, told, Change(late, _is_new(early, late, change), change, *trend))
        for subject, told, early, late, change, trend in zip(
            subjects, whole, earlier, recent, changes, trends, strict=True
        )
    ]


def _is_new(early: Hotspots, late: Hotspots, change: Hotspots) -> Bools:
    """Hot lately, not before, and with a rate that rose by more than its interval: to be significant in one
    window and not in another is no difference yet (Gelman and Stern 2006).
    """
    with np.errstate(invalid="ignore"):
        return np.asarray((late.class_ == HOT) & (early.class_ != HOT) & (change.evidence.low > 1))


def _judged(
    sample: Sample, subjects: Sequence[Subject], links: csr_array, base: Baseline, windows: Sequence[Bools],
    alpha: float,
) -> list[list[Hotspots]]:  # fmt: skip
    """For each window the verdicts on each subject: all of them are one family."""
    tested = [evidence(sample, each, links, base, which, alpha) for which in windows for each in subjects]
    flat = [
        _told(found, _counted(subject, base))
        for found, subject in zip(judged(tested, alpha=alpha), [*subjects] * len(windows), strict=True)
    ]
    return [flat[at : at + len(subjects)] for at in range(0, len(flat), len(subjects))]


def evidence(
    sample: Sample, subject: Subject, links: csr_array, base: Baseline, which: Bools, alpha: float
) -> Evidence:
    """Of a subject among some of the reports."""
    counts = sample.counted(which & sample.of(subject.code))
    if base.exposure is not None:
        return by_exposure(counts, base.exposure, links, counted=subject.counted, alpha=alpha)
    if base.name == SHARE:
        return by_share(counts, sample.counted(which), links, counted=subject.counted, alpha=alpha)
    return by_count(counts, links, counted=subject.counted, alpha=alpha)


def _told(found: Hotspots, counted: Bools) -> Hotspots:
    """A part where the category can occur and nothing was reported at all is not excluded: it is not
    significant, and has no p.
    """
    silent = (found.class_ == EXCLUDED) & counted
    return replace(found, class_=np.where(silent, NOT_SIGNIFICANT, found.class_))


def _counted(subject: Subject, base: Baseline) -> Bools:
    return subject.counted if base.exposure is None else subject.counted & (base.exposure > 0)


def _change(
    sample: Sample, subject: Subject, links: csr_array, base: Baseline, windows: Windows, alpha: float
) -> Evidence:
    counted = _counted(subject, base)
    around = neighbourhoods(links, itself=True, counted=counted)
    spans = [
        sample.between(*span)
        for span in ((windows.start_us, windows.recent_us), (windows.recent_us, windows.end_us))
    ]
    before, after = (around @ sample.counted(span & sample.of(subject.code)) for span in spans)
    if base.name == SHARE:
        exposures = [around @ sample.counted(span) for span in spans]
        return by_change(before, after, *exposures, counted=counted, alpha=alpha)
    days = (windows.recent_us - windows.start_us, windows.end_us - windows.recent_us)
    return by_change(before, after, *(us / 86.4e9 for us in days), counted=counted, alpha=alpha)


def _trends(
    sample: Sample, subjects: Sequence[Subject], links: csr_array, base: Baseline, windows: Windows,
    alpha: float, clumps: Sequence[float],
) -> list[tuple[Floats, Floats, Objects]]:  # fmt: skip
    """Of the steps of each subject; ``clumps`` are the dispersions of its changes."""
    if windows.steps < LEAST_STEPS:
        none = np.full(sample.parts, np.nan)
        return [(none, none, np.full(sample.parts, "", dtype=object)) for _ in subjects]
    found = [
        _trend(sample, subject, links, base, windows, clump)
        for subject, clump in zip(subjects, clumps, strict=True)
    ]
    q = benjamini_hochberg(np.array([trend.p for trend in found]))
    told = []
    for trend, each_q, subject in zip(found, q, subjects, strict=True):
        class_ = classified(each_q, trend.side, alpha=alpha, words=(RISING, FALLING))
        class_[(class_ == EXCLUDED) & _counted(subject, base)] = NOT_SIGNIFICANT
        told.append((trend.tau, each_q, class_))
    return told


def _trend(
    sample: Sample, subject: Subject, links: csr_array, base: Baseline, windows: Windows, clump: float
) -> Trend:
    """Whether each part and its neighbours have more from step to step; of shares, a larger part of all,
    whatever becomes of these. NaN where a part is left out.
    """
    counted = _counted(subject, base)
    around = neighbourhoods(links, itself=True, counted=counted)
    step = windows.step_of(sample.points.occurred_us)
    mine = around @ sample.in_steps(sample.of(subject.code), step, windows.steps)
    if base.name == SHARE:
        every = np.ones(len(sample), dtype=np.bool_)
        return share_trend(mine, around @ sample.in_steps(every, step, windows.steps), dispersion=clump)
    return mann_kendall(np.where(counted[:, None], mine, np.nan))
