"""Five thousand reports from half a year in the demo city: ordinary ones, cases, clusters and blunders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.datum import convert
from geo.types import Datum
from layers.demo.clusters import clusters
from layers.demo.curves import ORIGIN, Array, lng_lat
from layers.demo.happenings import DAYS, Happening, hours_of
from layers.demo.spots import named_spot, spots
from layers.demo.tables import City
from layers.demo.wordings import CASES, PROBLEMS

REPORTS = 5000
END = datetime(2026, 7, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
AGAIN = 420
REPORTERS = 1400


@dataclass(frozen=True)
class Channel:
    """How a channel locates: its datum, the usual error (68 %, metres) and its share of the reports."""

    name: str
    datum: str
    error_m: float
    share: float
    prefix: str


CHANNELS = (
    Channel("wechat", "gcj02", 12.0, 0.52, "WX"),
    Channel("patrol", "wgs84", 3.0, 0.24, "XC"),
    Channel("app", "bd09", 9.0, 0.20, "AP"),
    Channel("hotline", "", 0.0, 0.04, "RX"),
)


def reports(made: City, seed: int) -> pd.DataFrame:
    """The reports as a table, oldest first."""
    rng = np.random.default_rng([seed, 99])
    first = [*_cases(made, rng), *clusters(made, rng)]
    usual = _usual(made, REPORTS - len(first) - AGAIN, rng)
    every = [*first, *usual, *_again(usual, rng)]
    every.sort(key=lambda h: (h.minute, h.text))
    return _table(every, rng)


def _cases(made: City, rng: np.random.Generator) -> list[Happening]:
    out = []
    for case in CASES:
        spot = named_spot(made, case.at, case.name, rng) if case.at else None
        minute = case.day * 1440 + int(rng.integers(8 * 60, 20 * 60))
        out.append(
            Happening(case.category, case.text, minute, spot.xy if spot else None, channel=case.channel)
        )
    return out


def _usual(made: City, count: int, rng: np.random.Generator) -> list[Happening]:
    """Ordinary reports, kind by kind in proportion to their weights."""
    weight = np.array([p.weight for p in PROBLEMS])
    kind = rng.choice(len(PROBLEMS), count, p=weight / weight.sum())
    out: list[Happening] = []
    for i, problem in enumerate(PROBLEMS):
        places = spots(made, problem.at, int((kind == i).sum()), rng)
        for spot, minute in zip(places, hours_of(problem.hours, len(places), rng), strict=True):
            text = str(rng.choice(problem.texts)).format(**spot.words)
            out.append(Happening(problem.category, text, int(minute), spot.xy, (problem.texts, spot.words)))
    return out


def _again(usual: list[Happening], rng: np.random.Generator) -> list[Happening]:
    """The same problems from other people, one to three times more within three days."""
    out: list[Happening] = []
    order = rng.permutation(len(usual))
    for i in order:
        if len(out) >= AGAIN:
            break
        for _ in range(int(rng.integers(1, 4))):
            out.append(_retold(usual[int(i)], rng))
    return out[:AGAIN]


def _retold(one: Happening, rng: np.random.Generator) -> Happening:
    texts, words = one.telling
    others = [t.format(**words) for t in texts if t.format(**words) != one.text] or [one.text]
    minute = min(one.minute + int(rng.integers(20, 3 * 1440)), DAYS * 1440 - 1)
    return replace(one, text=str(rng.choice(others)), minute=minute)


def _table(every: list[Happening], rng: np.random.Generator) -> pd.DataFrame:
    channel = _channels(every, rng)
    datum = np.array([c.datum for c in CHANNELS])[channel]
    xy = np.array([h.xy if h.xy is not None else (np.nan, np.nan) for h in every])
    error = np.array([c.error_m for c in CHANNELS])[channel] * rng.lognormal(0, 0.3, len(every))
    lost = (rng.random(len(every)) < 0.035) & (channel != 1)
    error = np.where(lost, rng.uniform(50, 200, len(every)), error)
    # 68 % of a circular normal lie within 1.515 of its sigmas.
    xy = xy + rng.normal(0, 1, xy.shape) * (error / 1.515)[:, None]
    wordy = np.array([h.xy is None for h in every]) | (channel == len(CHANNELS) - 1)
    lng, lat = _declared(xy, datum, wordy)
    lng, lat = _blunders(lng, lat, wordy, rng)
    minute = np.array([h.minute for h in every])
    second = rng.integers(0, 60, len(every))
    second = second[np.lexsort((second, minute))]
    return pd.DataFrame(
        {
            "lng": lng,
            "lat": lat,
            "category": [h.category for h in every],
            "text": [h.text for h in every],
            "occurred_at": [_stamp(m, s) for m, s in zip(minute, second, strict=True)],
            "datum": np.where(wordy, "", datum),
            "accuracy_m": ["" if w else f"{e:.0f}" for w, e in zip(wordy, np.maximum(error, 1), strict=True)],
            "channel": np.array([c.name for c in CHANNELS])[channel],
            "reporter": _reporters(channel, rng),
            "external_id": _external_ids(minute, channel),
            "status": _statuses(minute, rng),
        }
    )


def _channels(every: list[Happening], rng: np.random.Generator) -> NDArray[np.intp]:
    drawn = rng.choice(len(CHANNELS), len(every), p=[c.share for c in CHANNELS])
    told = {c.name: i for i, c in enumerate(CHANNELS)}
    return np.array([told.get(h.channel, int(d)) for h, d in zip(every, drawn, strict=True)])


def _declared(xy: Array, datum: NDArray[np.str_], wordy: NDArray[np.bool_]) -> tuple[list[str], list[str]]:
    """The coordinates in each row's datum as the channel writes them; empty for words only."""
    degrees = lng_lat(np.where(wordy[:, None], ORIGIN, xy))
    lng, lat = degrees[:, 0].copy(), degrees[:, 1].copy()
    for name in ("gcj02", "bd09"):
        mine = datum == name
        lng[mine], lat[mine] = convert(lng[mine], lat[mine], Datum.WGS84, Datum(name))
    return _written(lng, wordy), _written(lat, wordy)


def _written(degrees: Array, wordy: NDArray[np.bool_]) -> list[str]:
    return ["" if w else f"{v:.6f}" for v, w in zip(degrees, wordy, strict=True)]


def _blunders(
    lng: list[str], lat: list[str], wordy: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """A few rows with axes swapped, a place elsewhere, zeros, or no numbers at all."""
    rows = rng.permutation(np.flatnonzero(~wordy))[:26]
    for k, row in enumerate(rows):
        lng[row], lat[row] = (
            (lat[row], lng[row]),
            ("121.473701", "31.230416"),
            ("0", "0"),
            ("120.86", "不详"),
            (f"{float(lng[row]) + 0.35:.6f}", lat[row]),
        )[(0, 0, 1, 2, 3, 4, 4)[k % 7]]
    return lng, lat


def _stamp(minute: int, second: int) -> str:
    start = END - timedelta(days=DAYS)
    return (start + timedelta(minutes=int(minute), seconds=int(second))).isoformat()


def _reporters(channel: NDArray[np.intp], rng: np.random.Generator) -> list[str]:
    """Pseudonyms: a few people report a lot, most once; patrols are few."""
    names = np.array([f"u{n:08x}" for n in rng.choice(2**32, REPORTERS, replace=False)])
    often = 1.0 / (np.arange(REPORTERS) + 12.0)
    drawn = rng.choice(REPORTERS, len(channel), p=often / often.sum())
    patrols = rng.integers(0, 60, len(channel))
    return [f"w{p:03d}" if c == 1 else str(names[d]) for c, p, d in zip(channel, patrols, drawn, strict=True)]


def _external_ids(minute: NDArray[np.intp], channel: NDArray[np.intp]) -> list[str]:
    """Each channel's own running number, by day."""
    days = [_stamp(m, 0)[:10].replace("-", "") for m in minute]
    heads = pd.Series([f"{CHANNELS[c].prefix}{day}" for c, day in zip(channel, days, strict=True)])
    return (heads + "-" + (heads.groupby(heads).cumcount() + 1).astype(str).str.zfill(4)).to_list()


def _statuses(minute: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.str_]:
    """Old reports are closed, save some that dragged on; recent ones are on their way."""
    age = DAYS - minute / 1440
    pace = rng.lognormal(1.5, 1.3, len(minute))
    steps = np.array(["open", "dispatched", "handled", "closed"])
    done = (age[:, None] > np.stack([0.8 * pace, 2.0 * pace, 3.5 * pace], axis=1)).sum(axis=1)
    return np.asarray(steps[done])
