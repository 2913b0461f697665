"""Kill the server under load, again and again: ``python -m benchmarks.durability --kills 200``.

Clients send reports, batches, photos and comments to a real server until they are told that these are stored.
The server is killed at random moments and started again on the same port. In the end the store is compared
with what the clients were told.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import shapely
from sqlalchemy import Connection, func, select

from benchmarks.lives import Life, Start, free_port, start_fresh
from benchmarks.senders import Account, Sender
from layers.city import City, create_city
from layers.importing import ImportOptions, import_layer, parse_role
from layers.publish import publish
from layers.store import open_store
from layers.store.events import verify_chain
from layers.store.photo_files import missing_photos
from layers.store.schema import EVENTS, ISSUES, PRIVATE, REPORTS
from layers.store.store import STORE

WHERE = (120.82, 32.01)
LIVES_S = (0.05, 1.5)
SENDERS = 8


@dataclass
class Verdict:
    """What was found in the store, beside what was told.

    Attributes:
        reports, comments: that were told to be stored.
        untold: sent, and given up after a broken connection: they may be there, once.
        lost, doubled: of what was told, or sent.
        wrong: what else does not fit.
    """

    kills: int = 0
    reports: int = 0
    comments: int = 0
    untold: int = 0
    broken: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    starts_s: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled or wrong."""
        return not (self.lost or self.doubled or self.wrong)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        city = make_city(Path(folder) / "city")
        print(table(kill_again_and_again(city, said.kills, seed=said.seed)))


def table(found: Verdict) -> str:
    """A verdict as Markdown."""
    rows = {
        "kills": found.kills,
        "attempts without an answer, most while it was down": found.broken,
        "reports acknowledged": found.reports,
        "comments acknowledged": found.comments,
        "given up without an answer": found.untold,
        "lost": len(found.lost),
        "doubled": len(found.doubled),
        "otherwise wrong": len(found.wrong),
        "start, median s": f"{statistics.median(found.starts_s):.1f}",
    }
    lines = [f"| {name} | {value:,} |" if isinstance(value, int) else f"| {name} | {value} |"
             for name, value in rows.items()]  # fmt: skip
    return "\n".join(["| | |\n|---|--:|", *lines, *found.lost[:5], *found.doubled[:5], *found.wrong[:5]])


def kill_again_and_again(city: City, kills: int, *, seed: int = 1, start: Start = start_fresh) -> Verdict:
    """Serve a city to clients that send, kill the server so often, and judge what is left."""
    rng, stop = random.Random(seed), threading.Event()
    port, log = free_port(), city.folder / "server.log"
    life = Life(city.folder, port, log, start)
    starts_s = [life.wait_ready()]
    senders = [Sender(port, number, WHERE, stop) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(kills):
            time.sleep(rng.uniform(*LIVES_S))
            life.kill()
            life = Life(city.folder, port, log, start)
            starts_s.append(life.wait_ready())
        _wait_for_comments(senders)
    finally:
        stop.set()
        for sender in senders:
            sender.join()
        code = life.stop()
    found = judge(city, [sender.account for sender in senders])
    found.kills, found.starts_s = kills, starts_s
    if code:
        found.wrong.append(f"the server ended with {code}")
    return found


def _wait_for_comments(senders: Sequence[Sender]) -> None:
    """Let the last server live until a comment was stored, or a minute: on a slow machine lives are short."""
    for _ in range(600):
        if any(told for sender in senders for told in [*sender.account.actions.values()]):
            return
        time.sleep(0.1)


def judge(city: City, accounts: Sequence[Account]) -> Verdict:
    """Compare the store with what clients were told."""
    reports = {word: told for account in accounts for word, told in account.reports.items()}
    actions = {word: told for account in accounts for word, told in account.actions.items()}
    found = Verdict(
        reports=sum(told is not None for told in reports.values()),
        comments=sum(told is not None for told in actions.values()),
        untold=sum(told is None for told in [*reports.values(), *actions.values()]),
        broken=sum(account.broken for account in accounts),
        wrong=[refusal for account in accounts for refusal in account.refused],
    )
    with open_store(city.folder / STORE) as store, store.reading() as connection:
        _judge_reports(connection, reports, found)
        _judge_actions(connection, actions, found)
        _judge_store(connection, city.folder / "photos", found)
    return found


def _judge_reports(connection: Connection, told: dict[str, tuple[str, str] | None], found: Verdict) -> None:
    asked = select(PRIVATE.c.text, ISSUES.c.uid, ISSUES.c.number).select_from(
        PRIVATE.join(REPORTS, REPORTS.c.id == PRIVATE.c.report_id).join(ISSUES)
    )
    rows = [tuple(row) for row in connection.execute(asked)]
    stored, counts = {text: (uid, number) for text, uid, number in rows}, Counter(row[0] for row in rows)
    found.doubled += [f"report {word}: {count}" for word, count in counts.items() if count > 1]
    found.lost += [f"report {word}" for word, issue in told.items() if issue and word not in stored]
    found.wrong += [f"nobody sent {word!r}" for word in stored if word not in told]
    found.wrong += [
        f"report {word} was told {issue} and is {stored[word]}"
        for word, issue in told.items()
        if issue and stored.get(word, issue) != issue
    ]


def _judge_actions(connection: Connection, told: dict[str, str | None], found: Verdict) -> None:
    asked = select(EVENTS.c.reason, ISSUES.c.uid).join_from(EVENTS, ISSUES).where(EVENTS.c.kind == "comment")
    rows = [tuple(row) for row in connection.execute(asked)]
    stored, counts = dict(rows), Counter(word for word, _ in rows)
    found.doubled += [f"comment {word}: {count}" for word, count in counts.items() if count > 1]
    found.lost += [f"comment {word}" for word, issue in told.items() if issue and stored.get(word) != issue]
    found.wrong += [f"nobody wrote {word!r}" for word in stored if word not in told]


def _judge_store(connection: Connection, photos: Path, found: Verdict) -> None:
    broken = verify_chain(connection)
    found.wrong += [f"the chain: {broken}"] if broken else []
    found.wrong += [f"no photo {name}" for name in missing_photos(connection, photos)]
    events = select(func.count()).where(EVENTS.c.issue_id == ISSUES.c.id).scalar_subquery()
    reports = select(func.count()).where(REPORTS.c.issue_id == ISSUES.c.id).scalar_subquery()
    asked = select(ISSUES.c.number).where((ISSUES.c.version != events) | (ISSUES.c.report_count != reports))
    found.wrong += [f"issue {number} miscounts" for number in connection.scalars(asked)]
    twice = select(ISSUES.c.number).group_by(ISSUES.c.number).having(func.count() > 1)
    found.wrong += [f"two issues {number}" for number in connection.scalars(twice)]


def make_city(folder: Path) -> City:
    """Four cells around the middle of the places that are reported, published."""
    city = create_city(folder, "小城", metric_crs="EPSG:4549")
    lng, lat = WHERE
    corners = [(lng + x, lat + y) for x in (-0.02, 0) for y in (-0.02, 0)]
    cells = geopandas.GeoDataFrame(
        {"code": list("ABCD"), "name": list("甲乙丙丁"), "body": list("abcd")},
        geometry=[shapely.box(x, y, x + 0.02, y + 0.02) for x, y in corners], crs=4326,
    )  # fmt: skip
    source = folder / "cells.geojson"
    cells.to_file(source, driver="GeoJSON")
    import_layer(city, source, *parse_role("grid:cell"), ImportOptions(owner="body"))
    publish(city, now=datetime.now(ZoneInfo(city.config().time_zone)).replace(microsecond=0))
    return city


if __name__ == "__main__":
    main()
