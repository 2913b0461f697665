"""Acting on many issues in one request beside one by one: ``python -m benchmarks.actions``.

Reports lie at random in the demo city. What is counted is the processor's time, of all threads.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.demo_city import demo_city
from layers.actions import MOST_TOGETHER, Asked, act, act_on_many
from layers.actors import Actor
from layers.incoming import Incoming
from layers.intake import file_reports
from layers.life_cycle import Role
from layers.live import LiveCity, open_live
from layers.store import open_store
from layers.times import now_us

COUNT = 1_000
LI = Actor("Li", Role.DISPATCHER)
HEAD = "| action | together | one by one |\n|---|--:|--:|"


def main() -> None:
    """Print one table: issues a second of one processor."""
    with tempfile.TemporaryDirectory() as folder, _city(Path(folder)) as city:
        names = _report(city, COUNT + 1)
        target, half = names.pop(), COUNT // 2
        first, second = names[:half], names[half:]
        print(f"{COUNT:,} issues, {MOST_TOGETHER} share a commit; issues a second of processor\n\n{HEAD}")
        for action, said in (
            ("claim", {}), ("confirm", {}), ("move", _somewhere(city)), ("dispatch", {"reason": "x"}),
            ("comment", {"reason": "x"}), ("undo", {}), ("merge", {"into": target}),
        ):  # fmt: skip
            asked = Asked(action, as_it_is=True, **said)  # type: ignore[arg-type]
            together = _rate(half, lambda asked=asked: _together(city, first, asked))
            alone = _rate(half, lambda asked=asked: _alone(city, second, asked))
            print(f"| `{action}` | {together:,.0f} | {alone:,.0f} |", flush=True)


@contextmanager
def _city(folder: Path) -> Iterator[LiveCity]:
    made = demo_city(folder)
    with open_store(made.folder / "issues.db") as store:
        yield open_live(made, store)


def _report(city: LiveCity, count: int) -> list[str]:
    rng, (west, south, east, north) = random.Random(1), city.generation.surroundings.bounds
    usual = Incoming("0" * 64, accuracy_m=15.0, category="0118", text="路灯不亮，晚上很黑")
    reports = [
        replace(usual, lng=rng.uniform(west, east), lat=rng.uniform(south, north)) for _ in range(count)
    ]
    outcomes = [
        outcome
        for start in range(0, count, 250)
        for outcome in file_reports(city, reports[start : start + 250], actor="desk", at_us=now_us())
    ]
    return [outcome.issue.uid for outcome in outcomes if outcome.issue is not None]


def _somewhere(city: LiveCity) -> dict[str, object]:
    west, south, east, north = city.generation.surroundings.bounds
    return {"lng": (west + east) / 2, "lat": (south + north) / 2, "accuracy_m": 15.0}


def _together(city: LiveCity, names: list[str], asked: Asked) -> None:
    for start in range(0, len(names), MOST_TOGETHER):
        wanted = [(name, asked) for name in names[start : start + MOST_TOGETHER]]
        results, changed = city.store.write(
            lambda c, wanted=wanted: act_on_many(city.generation, c, wanted, LI, now_us())
        )
        assert not [one for one in results if isinstance(one, Exception)]
        city.changed([(one, None) for one in changed])


def _alone(city: LiveCity, names: list[str], asked: Asked) -> None:
    for name in names:
        changed = city.store.write(lambda c, name=name: act(city.generation, c, name, asked, LI, now_us()))
        city.changed([(one, None) for one in changed])


def _rate(count: int, run: Callable[[], None]) -> float:
    start = time.process_time()
    run()
    return count / (time.process_time() - start)


if __name__ == "__main__":
    main()
