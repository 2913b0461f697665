"""The tables of the geocoder's examination, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.geocoding_judging import COARSE, ELSEWHERE, FALSE, LISTED, RIGHT, SAFE, SILENT, UNSURE
from benchmarks.geocoding_texts import NONE, VARIANTS

if TYPE_CHECKING:
    from benchmarks.geocoding import Asked

Rows = Sequence["Asked"]
Key = Callable[["Asked"], tuple[str, str]]


def print_tables(asked: Rows) -> None:
    """Print what there is to say of the answers."""
    systems = list(dict.fromkeys(one.system for one in asked))
    answerable = [one for one in asked if one.text.truth]
    for town in dict.fromkeys(one.town for one in asked):
        _answers(f"{town}, by kind", [a for a in answerable if a.town == town], systems, _kind)
    _answers("All towns", answerable, systems, lambda one: (one.town, one.text.variant))
    _missing([one for one in asked if not one.text.truth], systems)
    _speed(asked, systems)


def _kind(one: Asked) -> tuple[str, str]:
    return one.text.kind, one.text.variant


def _groups(asked: Rows, key: Key) -> Iterator[tuple[tuple[str, str], Rows]]:
    found: dict[tuple[str, str], list[Asked]] = {}
    for one in asked:
        found.setdefault(key(one), []).append(one)
    order = {variant: at for at, variant in enumerate((*VARIANTS, NONE))}
    yield from sorted(found.items(), key=lambda item: (item[0][0], order[item[0][1]]))


def _answers(title: str, asked: Rows, systems: Sequence[str], key: Key) -> None:
    print(f"\n### {title}\n")
    names = " | ".join(systems)
    print(f"| | | texts | right within 30 m: {names} | median m: {names} | found elsewhere: {names} |")
    print("|---|---|--:|" + "--:|" * 3 * len(systems))
    for (first, variant), rows in _groups(asked, key):
        by = [[one for one in rows if one.system == system] for system in systems]
        cells = [_share(some, RIGHT) for some in by]
        cells += [_median(some) for some in by]
        cells += [_share(some, ELSEWHERE) for some in by]
        print(f"| {first} | {variant} | {_counts(by)} | {' | '.join(cells)} |")
    for system in systems:
        _rest(system, [one for one in asked if one.system == system])


def _rest(system: str, asked: Rows) -> None:
    """What became of those that are not right, and how honest the radii are."""
    words = ", ".join(f"{word} {_share(asked, word)}" for word in (RIGHT, LISTED, UNSURE, SILENT, ELSEWHERE))
    known = [one.verdict for one in asked if np.isfinite(one.verdict.error_m + one.verdict.radius_m)]
    inside = [verdict.error_m <= verdict.radius_m for verdict in known]
    honest = f"; truth within the stated radius {np.mean(inside):.0%} of {len(inside)}" if inside else ""
    print(f"\n{system}: {words}{honest}")


def _counts(by: Sequence[Rows]) -> str:
    return " / ".join(dict.fromkeys(str(len(some)) for some in by))


def _share(asked: Rows, word: str) -> str:
    return f"{100 * np.mean([one.verdict.word == word for one in asked]):.1f} %" if asked else "–"


def _median(asked: Rows) -> str:
    errors = [one.verdict.error_m for one in asked if np.isfinite(one.verdict.error_m)]
    return f"{np.median(errors):.0f}" if errors else "–"


def _missing(asked: Rows, systems: Sequence[str]) -> None:
    print("\n### What does not exist\n")
    print("| | | texts | false: " + " | ".join(systems) + " | larger thing with a fault: first |")
    print("|---|---|--:|" + "--:|" * (len(systems) + 1))
    groups: Iterable[tuple[tuple[str, str], Rows]] = _groups_missing(asked)
    for (town, why), rows in groups:
        by = [[one for one in rows if one.system == system] for system in systems]
        cells = " | ".join(_share(some, FALSE) for some in by)
        print(f"| {town} | {why} | {_counts(by)} | {cells} | {_share(by[0], COARSE)} |")
    for system in systems:
        mine = [one for one in asked if one.system == system]
        print(f"\n{system}: {', '.join(f'{word} {_share(mine, word)}' for word in (FALSE, COARSE, SAFE))}")


def _groups_missing(asked: Rows) -> Iterator[tuple[tuple[str, str], Rows]]:
    found: dict[tuple[str, str], list[Asked]] = {}
    for one in asked:
        found.setdefault((one.town, one.text.why), []).append(one)
    yield from sorted(found.items())


def _speed(asked: Rows, systems: Sequence[str]) -> None:
    print("\n### Speed, in texts per second of processor\n")
    print("| | | asked for the first time | median ms | p99 ms | clean, again |\n|---|---|--:|--:|--:|--:|")
    for town in dict.fromkeys(one.town for one in asked):
        for system in systems:
            rows = [one for one in asked if (one.town, one.system) == (town, system)]
            taken, again = (np.array([getattr(one, name) for one in rows]) for name in ("seconds", "again"))
            if len(taken):
                middle, late = 1e3 * np.percentile(taken, [50, 99])
                warm = f"{1 / np.nanmean(again):,.0f}" if np.isfinite(again).any() else "–"
                print(f"| {town} | {system} | {1 / taken.mean():,.0f} | {middle:.2f} | {late:.2f} | {warm} |")
