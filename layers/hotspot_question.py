"""What is asked of hotspots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from geo.errors import GridError
from layers.hotspot_units import Division, parse_bins

SHARE, NONE = "share", "none"
"""Baselines beside exposures: the share of all reports, and nothing, which tells where reports are many."""
EACH = "each"
"""Instead of categories: each that was reported, for itself."""
RECENT_DAYS = 30
Counting = Literal["reporters", "issues", "reports"]
COUNTINGS: tuple[Counting, ...] = ("reporters", "issues", "reports")


@dataclass(frozen=True)
class Question:
    """Where reports concentrate.

    Attributes:
        categories: codes or names, judged as one family; none for all reports together, `EACH` for each.
        division: what to count in.
        since_us, until_us: of the time when it happened; the end does not belong to it.
        baseline: `SHARE`, `NONE`, ``population``, ``area`` or a kind of assets.
        alpha: at most such a share of what is found is chance.
        channels: only reports of these; none for all.
        counting: what counts as one: each report, each issue, or each person once in a cell.
        recent_days: of the end, held against what was before.
    """

    categories: tuple[str, ...] = ()
    division: Division = field(default_factory=Division)
    since_us: int | None = None
    until_us: int | None = None
    baseline: str = SHARE
    alpha: float = 0.05
    channels: tuple[str, ...] = ()
    counting: Counting = "reporters"
    recent_days: int = RECENT_DAYS

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise GridError(f"An alpha of {self.alpha} is not between 0 and 1.", fix="Say .05, or .01.")
        if not 1 <= self.recent_days <= 3660:
            raise GridError(f"Lately cannot be {self.recent_days} days.", fix="Say 30, or 7.")
        if self.since_us is not None and self.until_us is not None and self.since_us >= self.until_us:
            raise GridError("The window ends before it begins.", fix="Give --since before --until.")

    @property
    def is_windowed(self) -> bool:
        """Whether only reports of some time are asked for."""
        return self.since_us is not None or self.until_us is not None


def window_edge(text: str, time_zone: str, *, end: bool = False) -> int | None:
    """A day or time in microseconds since 1970 UTC; None for an empty text.

    Args:
        text: ``2026-05-01``, ``2026/5/1``, or a time in RFC 3339; without a zone, by the city's clock.
        end: a day then stands for its end, so that windows hold both their days.

    Raises:
        GridError: it is neither.
    """
    if not text:
        return None
    zone = ZoneInfo(time_zone)
    padded = _padded(text)
    try:
        try:
            day = date.fromisoformat(padded)
        except ValueError:
            said = datetime.fromisoformat(padded)
        else:
            said = datetime.combine(day + timedelta(days=1 if end else 0), datetime.min.time())
        return round((said if said.tzinfo else said.replace(tzinfo=zone)).timestamp() * 1e6)
    except (ValueError, OverflowError) as error:
        fix = "Write 2026-05-01, or 2026-05-01T08:00."
        raise GridError(f"{text!r} is no day and no time.", fix=fix) from error


def _padded(text: str) -> str:
    """``2026/5/1 8:00`` as RFC 3339 writes it; what is written in another way stays as it is."""
    found = re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ] *(\d{1,2})(:.+))?", text.strip())
    if found is None:
        return text
    year, _, month, day, hour, rest = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}" + (f"T{hour:0>2}{rest}" if hour else "")


def ask(
    time_zone: str, *, categories: Sequence[str] = (), level: str = "", bins: str = "", since: str = "",
    until: str = "", baseline: str = SHARE, alpha: float = 0.05, channels: Sequence[str] = (),
    counting: Counting = "reporters", recent_days: int = RECENT_DAYS, within_m: float = 0.0,
) -> Question:  # fmt: skip
    """The question in these words.

    Raises:
        GridError: bins, times or numbers that are none.
    """
    if not 0 <= within_m < float("inf"):
        raise GridError(f"Neighbours cannot lie within {within_m} m.", fix="Give metres, or leave it out.")
    division = replace(parse_bins(bins) if bins else Division(level=level), within_m=within_m)
    return Question(
        tuple(categories), division, window_edge(since, time_zone), window_edge(until, time_zone, end=True),
        baseline.strip() or SHARE, alpha, tuple(channels), counting, recent_days,
    )  # fmt: skip
