"""What hotspots were made of and how, enough to make them again; and what a reader must know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from geo.scan import REPLICATIONS
from layers.exported import Pair
from layers.generation import Generation
from layers.hotspot_counting import Sample
from layers.hotspot_messages import NULLS, note
from layers.hotspot_question import Question
from layers.hotspot_reports import NEVER
from layers.hotspot_seconds import widest_share
from layers.hotspot_subjects import category_names
from layers.hotspot_tests import Baseline, Verdict
from layers.hotspot_units import BY_ROAD_M, ROAD, Units
from layers.hotspot_windows import DAY_US, Windows, usual_times

FEW = 30
FOLDED = 0.1
"""If more than this share of issues counts with others of the same person, that is said."""
FIRST_S, LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2, 9998))
"""Clocks show what lies between, in every zone."""


def about_of(
    generation: Generation, question: Question, units: Units, sample: Sample, base: Baseline,
    found: Sequence[Verdict], windows: Windows | None, *, scanned: bool,
) -> dict[str, str]:  # fmt: skip
    """Parameters, generation and window by name."""
    zone = generation.config.time_zone
    start, end = _window(question, sample, zone)
    tested = [verdict.whole for verdict in found]
    about = {
        "city": generation.config.name,
        "generation": generation.id,
        "generation_sha256": generation.sha256,
        "metric_crs": generation.config.metric_crs,
        "counted_in": units.division.text,
        "parts": str(len(units)),
        "categories": ", ".join(verdict.subject.code or "*" for verdict in found),
        "category_names": ", ".join(
            " ".join(dict.fromkeys(category_names(generation, verdict.subject.code))) for verdict in found
        ),
        "baseline": base.name,
        "baseline_asked": question.baseline,
        "since": clock(start, zone),
        "until_before": clock(end, zone),
        "channels": ", ".join(question.channels) or "*",
        "counting": question.counting,
        "reports": str(len(sample)),
        "issues": str(int(sample.firsts.sum())),
        "alpha": f"{question.alpha:g}",
        "family": str(tested[0].family if tested else 0),
        "correction": "Benjamini-Hochberg, two-sided",
        "null": ", ".join(dict.fromkeys(each.evidence.null for each in tested)),
        "dispersion": ", ".join(f"{each.evidence.dispersion.ratio:.4g}" for each in tested),
        "neighbours": _neighbours(units),
    }
    if scanned:
        about["scan"] = (
            f"Kulldorff, Poisson, circles of up to {widest_share(len(units)):.0%} of all, "
            f"{REPLICATIONS} replications, seed 0"
        )
    if windows is not None:
        about |= {
            "recent_since": clock(windows.recent_us, zone),
            "recent_days": str(question.recent_days),
            "trend_steps": f"{windows.steps} × {windows.step_us // DAY_US} d",
        }
    return about


def _window(question: Question, sample: Sample, zone: str) -> tuple[int | None, int | None]:
    """When it begins and ends: as asked, else with the days of the reports; None where nobody knows."""
    at = sample.points.occurred_us
    at = usual_times(at[at != NEVER])
    first, last = (
        (_midnight(int(at.min()), zone), _midnight(int(at.max()), zone, 1)) if len(at) else (None, None)
    )
    start = first if question.since_us is None else question.since_us
    return start, last if question.until_us is None else question.until_us


def _midnight(at_us: int, zone: str, later: int = 0) -> int:
    """Where the day of a time begins, or one some days later, by the city's clock."""
    day = _local(at_us, zone).date() + timedelta(days=later)
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp()) * 1_000_000


def _channels(names: Sequence[str]) -> Pair:
    zh, en = ([name or nameless for name in names] for nameless in ("未注明渠道", "no channel"))
    return "、".join(zh), ", ".join(en)


def _neighbours(units: Units) -> str:
    if units.division.within_m:
        return f"centres within {units.division.within_m:g} m"
    return "what touches, corners too; and the part itself"


def clock(at_us: int | None, zone: str) -> str:
    """A time by the city's clock, from year 2 to 9998; empty where there is none."""
    if at_us is None:
        return ""
    return _local(at_us, zone).isoformat()


def _local(at_us: int, zone: str) -> datetime:
    return datetime.fromtimestamp(min(max(at_us / 1e6, FIRST_S), LAST_S), ZoneInfo(zone))


def notes_of(
    generation: Generation, question: Question, units: Units, sample: Sample, found: Sequence[Verdict],
    windows: Windows | None,
) -> list[Pair]:  # fmt: skip
    """What a reader must know of the counts and the tests."""
    notes = [] if len(sample) else [note("no_reports")]
    nobody = question.counting == "reporters" and len(sample) and not sample.has_reporters
    notes.append(note("nobody" if nobody else question.counting))
    if sample.accounts:
        notes.append(note("accounts", channels=_channels(sample.accounts)))
    folded = int(sample.leads.sum() - sample.counted().sum())
    if folded > FOLDED * sample.leads.sum():
        notes.append(note("folded", count=folded, issues=int(sample.leads.sum())))
    left = sample.left_out
    counts = {"outside": left.outside, "nowhere": left.nowhere, "undated": left.undated}
    notes += [note(code, count=count) for code, count in counts.items() if count]
    for verdict in found:
        name = category_names(generation, verdict.subject.code)
        tested = verdict.whole.evidence
        if tested.left_out:
            notes.append(note("left_out", category=name, count=tested.left_out))
        if tested.dispersion.ratio > 1:
            spread = {"ratio": tested.dispersion.ratio, "null": NULLS[tested.null]}
            notes.append(note("overdispersed", category=name, **spread))
    if windows is not None:
        at = sample.points.occurred_us
        if odd := int(((at != NEVER) & ((at < windows.start_us) | (at >= windows.end_us))).sum()):
            notes.append(note("odd_times", count=odd))
    if windows is None:
        is_dated = (sample.points.occurred_us != NEVER).any() or not len(sample)
        notes.append(note("no_change", days=question.recent_days) if is_dated else note("no_times"))
    elif question.until_us is not None and question.until_us - windows.end_us >= DAY_US:
        day = clock(windows.end_us, generation.config.time_zone)[:10]
        notes.append(note("last_report", day=day, days=question.recent_days))
    if len(units) < FEW:
        notes.append(note("few", count=len(units)))
    if units.division.kind == ROAD:
        notes.append(note("road", far=BY_ROAD_M))
    return notes
