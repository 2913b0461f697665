"""Commands that try rules before they act: rules test, rules replay."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.options import city_option, columns_options, datum_option, existing, json_option, output
from api.screen import SHOWN, language, result_json, say, table, working

if TYPE_CHECKING:
    import pandas as pd

    from layers.findings import Lang
    from layers.generation import Generation
    from layers.rules_replay import Replay

FAILURES = REJECTS = 1
MOST_FLOWS = 20  # pairs of owners that a person reads; --json gives all
MAPPED = ("category", "text", "occurred_at", "datum", "accuracy_m", "final_owner", "returned")


@click.group("rules")
def rules() -> None:
    """Try rules before they act: on cases with a known owner, or on past reports."""


@rules.command(
    "test",
    epilog="""\b
Examples:
  woodpecker rules test cases.csv --city nantong
  woodpecker rules test cases.csv --city nantong --json""",
)
@click.argument("file", metavar="FILE")
@city_option
@click.option("--encoding", default="", metavar="E", help="Of the file, where it is not found out.")
@json_option
def rules_test(file: str, city: Path, encoding: str, as_json: bool) -> None:
    """Put a table of cases to the rules of city.toml as they stand: place, category, time, expected owner.

    Columns: place (coordinates, a cell's code or KIND:ID of an asset) or lng and lat; category; time;
    expected (an owner's id or name; empty for nobody); role and rule if you like. The draft answers, so that
    an edit can be tried before it is published. Exit code 1 where a case fails.
    """
    from layers.city import open_city
    from layers.generation import load_draft
    from layers.io import read_table
    from layers.rule_cases import run_cases

    lang = language()
    with working("Testing …"):
        cases, noticed = read_table(existing(file), encoding=encoding or None)
        for finding in noticed:
            say(finding.reason(lang))
        outcomes = run_cases(load_draft(open_city(city)), cases, lang)
    failures = outcomes[~outcomes["ok"].astype(bool)]
    if as_json:
        passed = len(outcomes) - len(failures)
        listed = failures.drop(columns="ok").to_dict("records")
        result_json({"cases": len(outcomes), "passed": passed, "failed": len(failures), "failures": listed})
    else:
        _show_failures(failures, len(outcomes), lang)
    sys.exit(FAILURES if len(failures) else 0)


def _show_failures(failures: pd.DataFrame, count: int, lang: Lang) -> None:
    from layers.rule_messages import SENTENCES

    for number, case in enumerate(failures.to_dict("records")):
        if number:
            click.echo("")
        table((), [(_label(name, lang), value) for name, value in _told(case, lang) if value])
    say(SENTENCES[lang]["summary"].format(rows=count, passed=count - len(failures)))


def _label(name: str, lang: Lang) -> str:
    from layers.rule_messages import LABELS

    return LABELS[name][0 if lang == "zh" else 1]


def _told(case: Mapping[Any, Any], lang: Lang) -> list[tuple[str, object]]:
    """What a person reads of a failed case."""
    from layers.rule_messages import SENTENCES
    from layers.rule_owners import owner_text

    said = SENTENCES[lang]
    expected = owner_text(case["expected_owner_id"], case["expected_owner_name"])
    expected = expected or case["expected"] or said["nobody"]
    if case["expected_rule"]:
        expected = said["by_rule"].format(owner=expected, rule=case["expected_rule"])
    rows = [
        ("row", case["row"]),
        ("place", case["place"]),
        ("category", owner_text(case["category"], case["category_name"])),
        ("time", case["time"]),
        ("role", "" if case["role"] == "lead" else _label(case["role"], lang)),
        ("expected", expected),
    ]
    if case["problem"]:  # what was not understood has no answer worth reading
        return [*rows, ("wrong", case["problem"])]
    owner = owner_text(case["owner_id"], case["owner_name"]) or said["nobody"]
    key = "by_rule" if case["rule"] else "by_none"
    got = said[key].format(owner=owner, rule=case["rule"])
    return [*rows, ("got", got), ("why", case["reason"]), ("hint", case["hint"])]


@rules.command(
    "replay",
    epilog="""\b
Examples:
  woodpecker rules replay --city nantong --rules nantong/city.toml --since 2026-06-01
  woodpecker rules replay --city nantong --rules new.toml --in reports.csv --since 2026-06-01 --out moves.csv
  woodpecker rules replay --city nantong --rules new.toml --in reports.csv --map final_owner=处置单位""",
)
@city_option
@click.option(
    "--rules", "rules_file", required=True, metavar="F.toml",
    help="A city.toml, or [[rule]] and [[owner]] tables alone; nothing else of it is used.",
)  # fmt: skip
@click.option(
    "--in",
    "in_",
    default="",
    metavar="F",
    help="Past reports: a CSV, or points of any format. Without it those that the city has stored.",
)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="Only reports from this day on, by the city's clock.",
)  # fmt: skip
@click.option("--out", default="", metavar="F.csv", help="Every report that would go elsewhere, and why.")
@columns_options
@datum_option
@click.option(
    "--map", "mapping", metavar="name=COL", multiple=True,
    help="Which column holds category, text, occurred_at, datum, accuracy_m, final_owner or returned.",
)  # fmt: skip
@click.option("--encoding", default="", metavar="E", help="Of the reports, where it is not found out.")
@json_option
def replay(
    city: Path, rules_file: str, in_: str, since: datetime | None, out: str, lng: str, lat: str, datum: str,
    mapping: Sequence[str], encoding: str, as_json: bool,
) -> None:  # fmt: skip
    """Say where past reports would have gone under other rules: those that the city has stored, or a file's.

    The live generation answers each report under its own rules and under those of F. Columns final_owner (who
    handled it in the end) and returned (whether it came back) tell which returns would have been avoided or
    caused. Exit code 1 where a row could not be used.
    """
    from dataclasses import replace

    from layers.city import open_city
    from layers.config import read_rules
    from layers.past_reports import past_reports
    from layers.report_table import read_places, said_columns
    from layers.rule_owners import with_rules
    from layers.rules_replay import end_columns
    from layers.rules_replay import replay as run_replay

    if not in_ and (mapping or lng or lat or datum or encoding):
        raise click.UsageError(
            "--map, --lng, --lat, --datum and --encoding are of a file: give it with --in F."
        )
    lang, named = language(), _pairs(mapping)
    result = output(out, inputs=[name for name in (in_, rules_file) if name], city=city) if out else None
    live = _live(city, lang)
    other = with_rules(live, *read_rules(existing(rules_file)))
    _warn(live, other, lang)
    with working("Replaying …"):
        places = {key: value for key, value in named.items() if key not in ("final_owner", "returned")}
        asked = {"lng": lng, "lat": lat, "datum": datum, "encoding": encoding}
        if in_:
            rows, extents, said, columns = read_places(existing(in_), **asked, named=places)
        else:
            rows, extents = past_reports(open_city(city).folder)
            said, columns = said_columns(rows)
        columns |= end_columns(list(rows.columns), named)
        day = since.date() if since else None
        found = run_replay(live, other, rows, said, columns, extents=extents, since=day, lang=lang)
    if not in_:  # what was written is nobody's but the city's
        found = replace(found, moves=found.moves.drop(columns="text"))
    beside = _write(found, result)
    if as_json:
        result_json(_json(found, live, result, beside))
    else:
        _show(found, lang, result, beside)
    sys.exit(REJECTS if len(found.rejects) else 0)


def _pairs(mapping: Sequence[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in mapping)
    for name, column in pairs.items():
        if name not in MAPPED or not column:
            what = f"{name}={column}: use name=COL with a name of {', '.join(MAPPED)}."
            raise click.BadParameter(what, param_hint="--map")
    return pairs


def _live(city: Path, lang: Lang) -> Generation:
    from layers.city import open_city
    from layers.generation import DRAFT, load_live
    from layers.rule_messages import SENTENCES

    with working("Loading the city …"):
        live = load_live(open_city(city))
    if live.id == DRAFT:
        say(SENTENCES[lang]["draft"])
    return live


def _warn(live: Generation, other: Generation, lang: Lang) -> None:
    """What `check` would say of the new rules and not of the live ones."""
    from dataclasses import replace

    from layers.rule_checks import rule_findings

    known = list(rule_findings(live))
    fresh = tuple(owner for owner in other.undeclared if owner not in live.undeclared)
    for finding in rule_findings(replace(other, undeclared=fresh)):
        if finding not in known:
            say(f"check: {finding.reason(lang)} {finding.fix(lang)}")


def _write(found: Replay, out: Path | None) -> Path | None:
    """Write what moves and, beside it, the rejects; the file of the latter where there are any."""
    if out is None:
        return None
    found.moves.to_csv(out, index=False)
    beside = out.with_name(out.name + ".rejects.csv")
    beside.unlink(missing_ok=True)
    if not len(found.rejects):
        return None
    found.rejects.to_csv(beside, index=False)
    return beside


def _json(found: Replay, live: Generation, out: Path | None, beside: Path | None) -> dict[str, Any]:
    returns = found.returns
    return {
        "generation": live.id,
        "reports": found.reports,
        "moved": len(found.moves),
        "flows": found.flows.to_dict("records"),
        "rules": found.rules.to_dict("records"),
        "returns": None
        if returns is None
        else {
            "avoided": returns.avoided, "caused": returns.caused, "open": returns.open,
            "unknown_final_owners": dict(returns.unknown),
        },
        "rejects": found.rejects.to_dict("records"),
        "out": str(out) if out else None,
        "rejects_file": str(beside) if beside else None,
    }  # fmt: skip


def _show(found: Replay, lang: Lang, out: Path | None, beside: Path | None) -> None:
    from layers.rule_messages import SENTENCES
    from layers.rule_owners import owner_text

    said = SENTENCES[lang]
    moved = len(found.moves)
    share = moved / max(found.reports, 1)
    say(said["replayed" if found.reports else "no_reports"].format(
        reports=found.reports, moved=moved, share=share))  # fmt: skip
    flows = [
        (owner_text(f["from_id"], f["from_name"]) or said["nobody"],
         owner_text(f["to_id"], f["to_name"]) or said["nobody"], f["reports"])
        for f in found.flows.head(MOST_FLOWS).to_dict("records")
    ]  # fmt: skip
    if flows:
        table([_label(name, lang) for name in ("from", "to", "reports")], flows)
    if len(found.flows) > MOST_FLOWS:
        say(said["more"].format(count=len(found.flows) - MOST_FLOWS))
    if len(found.rules):
        columns = ("rule", "before", "after", "gained", "lost")
        if flows and not sys.stdout.isatty():
            click.echo("")
        table([_label(name, lang) for name in columns], found.rules[list(columns)].values.tolist())
    _show_returns(found, said)
    _show_files(found, said, out, beside)


def _show_returns(found: Replay, said: Mapping[str, str]) -> None:
    returns = found.returns
    if returns is None:
        return
    say(said["returns"].format(avoided=returns.avoided, caused=returns.caused))
    if returns.open:
        say(said["open_returns"].format(open=returns.open))
    if returns.unknown:
        names = ", ".join(list(returns.unknown)[:5])
        say(said["unknown_final"].format(count=sum(returns.unknown.values()), names=names))


def _show_files(found: Replay, said: Mapping[str, str], out: Path | None, beside: Path | None) -> None:
    if out is not None:
        say(said["written"].format(count=len(found.moves), path=out))
    count = len(found.rejects)
    if beside is not None:
        say(said["rejects_in"].format(count=count, path=beside))
    elif count:
        say(said["rejects"].format(count=count))
        for reject in found.rejects.head(SHOWN).to_dict("records"):
            say(said["rejected"].format(**{str(key): value for key, value in reject.items()}))
        if count > SHOWN:
            say(said["more"].format(count=count - SHOWN))
