"""From draft to generation: checked, frozen, numbered, and made live in one step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from geo.errors import CityError
from layers.check import check
from layers.city import City, remember, sha256
from layers.findings import Finding
from layers.gazetteer import save_gazetteer
from layers.generation import Generation, load_draft
from layers.tables import replacing, write_table, write_text


@dataclass(frozen=True, slots=True)
class Published:
    """A generation that went live, and what `check` said of it."""

    number: int
    path: Path
    sha256: str
    findings: tuple[Finding, ...] = ()


def publish(city: City, *, now: datetime, effective: date | None = None) -> Published:
    """Freeze the draft as the next generation and make it live.

    Args:
        city: the city.
        now: the time of publication, with its zone.
        effective: the day from which it holds; today where none is given.

    Raises:
        CityError: there is nothing to publish, or `check` finds an error.
    """
    with city.locked():
        draft = load_draft(city)
        findings = tuple(check(draft))
        _refuse(findings)
        number = max(city.numbers(), default=0) + 1
        path = city.generation(number)
        day = effective or now.date()
        with replacing(path) as fresh:
            shutil.copyfile(draft.path, fresh)
            _freeze(fresh, draft, city.words(), number, now, day)
            fresh.chmod(0o444)
        digest = sha256(path)
        write_text(path.with_suffix(".sha256"), f"{digest}  {path.name}\n")
        _go_live(city, "publish", number, now, day)
        city.draft.unlink(missing_ok=True)
    return Published(number, path, digest, findings)


def rollback(city: City, number: int, *, now: datetime, effective: date | None = None) -> Published:
    """Make an earlier generation live again; the draft stays as it is.

    Raises:
        CityError: there is no such generation, or its file is damaged.
    """
    with city.locked():
        if number not in city.numbers():
            there = ", ".join(map(str, city.numbers())) or "none"
            raise CityError(f"There is no generation {number}.", fix=f"There are: {there}.")
        verify(city, number)
        _go_live(city, "rollback", number, now, effective or now.date())
    path = city.generation(number)
    return Published(number, path, sha256(path))


def verify(city: City, number: int) -> None:
    """Compare a generation with the SHA-256 it was published with.

    Raises:
        CityError: it is no longer what was published.
    """
    path = city.generation(number)
    said = path.with_suffix(".sha256")
    if not said.exists() or said.read_text(encoding="utf-8").split()[0] != sha256(path):
        fix = "Restore it from a backup; generations are never edited."
        raise CityError(f"{path.name} is not what was published: its SHA-256 differs.", fix=fix)


def _refuse(findings: Sequence[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        what = "; ".join(finding.reason("en") for finding in errors[:3])
        raise CityError(f"The draft cannot go live: {what}", fix=errors[0].fix("en"))


def _go_live(city: City, action: str, number: int, now: datetime, effective: date) -> None:
    remember(city, action, number, now, effective)
    write_text(city.live, f"{number:04d}\n")


def _freeze(path: Path, draft: Generation, words: str, number: int, now: datetime, effective: date) -> None:
    """Write owners, rules, categories, words and gazetteer into the generation's own tables."""
    config = draft.config
    owners = [(o.id, o.name, o.name_en) for o in draft.owners]
    rules = [
        (n, r.id, r.role, _when(r.when), r.owner, _day(r.valid_from), _day(r.valid_to))
        for n, r in enumerate(config.rules, 1)
    ]
    categories = [
        (c.code, c.name_zh, c.name_en, " ".join(c.asset_kinds), c.class_zh, c.class_en)
        for c in config.categories.values()
    ]
    meta = {
        "city": config.name,
        "generation": str(number),
        "published_at": now.isoformat(),
        "effective": effective.isoformat(),
        "metric_crs": config.metric_crs,
        "city.toml": words,
    }
    write_table(path, "frozen_owner", pd.DataFrame(owners, columns=["id", "name", "name_en"]))
    columns = ["position", "id", "role", "when", "owner", "valid_from", "valid_to"]
    write_table(path, "frozen_rule", pd.DataFrame(rules, columns=columns))
    columns = ["code", "name_zh", "name_en", "asset_kinds", "class_zh", "class_en"]
    write_table(path, "frozen_category", pd.DataFrame(categories, columns=columns))
    write_table(path, "meta", pd.DataFrame(meta.items(), columns=["key", "value"]))
    save_gazetteer(path, draft)


def _when(when: tuple[tuple[str, frozenset[str]], ...]) -> str:
    return json.dumps({key: sorted(values) for key, values in when}, ensure_ascii=False)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
