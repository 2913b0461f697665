"""Cases for rules: places whose owner is known, put to a city, and what it answers instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from geo.errors import LayerError
from layers.answers import answer_frame, reasons
from layers.assign import Assignments
from layers.findings import Lang
from layers.generation import Generation, Objects
from layers.reading.columns import column_called, coordinate_pairs
from layers.report_rows import ReportColumns, ReportRows, ask, read_report_rows, rejects_of
from layers.rule_answers import facts_of, in_role
from layers.rule_hints import Wanted, hints
from layers.rule_messages import SENTENCES
from layers.rule_owners import owner_positions
from layers.rule_times import times_said
from layers.rules import LEAD, ROLES

# What a case says, and the column names that are taken for it.
CASE_COLUMNS = {
    "place": ("place", "location", "地点", "位置"),
    "category": ("category", "类别", "案件类别"),
    "time": ("time", "occurred_at", "时间", "发生时间", "上报时间"),
    "expected": ("expected", "expected_owner", "owner", "应由", "责任单位"),
    "role": ("role", "角色"),
    "rule": ("rule", "expected_rule", "规则"),
    "datum": ("datum", "坐标系"),
    "text": ("text", "description", "描述", "问题描述"),
    "accuracy_m": ("accuracy_m", "accuracy", "精度"),
}
ROLE_WORDS = {"": LEAD, "主办": "lead", "协办": "assist", "督办": "supervisor"}
OUTCOME_COLUMNS = (
    *("row", "place", "category", "category_name", "time", "role", "expected", "expected_owner_id"),
    *(
        "expected_owner_name",
        "expected_rule",
        "owner_id",
        "owner_name",
        "rule",
        "reason",
        "problem",
        "hint",
        "ok",
    ),
)
_PAIR = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(?:[,，;；]|\s)\s*([-+]?\d+(?:\.\d+)?)")


def run_cases(generation: Generation, table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Put every row of a table of texts to a city.

    Args:
        generation: the city, usually its draft.
        table: shape (n, …), ``""`` where empty, with the columns of `CASE_COLUMNS`; lng and lat stand for
            place. An empty expected owner means nobody.
        lang: of the sentences.

    Returns:
        `OUTCOME_COLUMNS`, a row a case: ``problem`` says why a row could not be understood, ``hint`` which
        other rule names the expected owner.

    Raises:
        LayerError: there is no column of places or of expected owners.
    """
    cases = _cases(table)
    zone = generation.config.time_zone
    problems = np.full(len(cases), "", dtype=object)
    located = _locate(generation, cases, problems, lang)
    times, unread = times_said(cases["time"], zone)
    for row in np.flatnonzero(unread & (problems == "")):
        problems[row] = SENTENCES[lang]["bad_time"].format(time=cases["time"][row])
    answers = ask(generation, replace(located, text=cases["text"].to_numpy(dtype=object), occurred_at=times))
    wanted = _wanted(generation, cases, problems, lang)
    asked = in_role(answers, np.array([w.role for w in wanted], dtype=object))
    return _outcomes(asked, cases, wanted, problems, lang)


def _cases(table: pd.DataFrame) -> pd.DataFrame:
    """The table's columns under the names of `CASE_COLUMNS` and lng, lat; empty where it has none."""
    names = list(table.columns)
    found = {key: column_called(names, words) for key, words in CASE_COLUMNS.items()}
    pair = (coordinate_pairs(names) or [("", "")])[0]
    found |= {"lng": pair[0], "lat": pair[1]}
    if not found["expected"]:
        fix = f"Name one 'expected'. Columns: {', '.join(names)}."
        raise LayerError("There is no column of expected owners.", fix=fix)
    if not found["place"] and not found["lng"]:
        fix = f"Name them 'lng' and 'lat', or one 'place'. Columns: {', '.join(names)}."
        raise LayerError("There is no column of places.", fix=fix)
    columns = {key: table[name].str.strip() if name else "" for key, name in found.items()}
    return pd.DataFrame(columns, index=table.index).reset_index(drop=True).astype(object)


# ---- places


def _locate(generation: Generation, cases: pd.DataFrame, problems: Objects, lang: Lang) -> ReportRows:
    """Where each case lies; what is wrong with it goes to the problems."""
    read = cases[["lng", "lat", "category", "datum", "accuracy_m"]].copy()
    for row in np.flatnonzero((cases["lng"] == "") & (cases["lat"] == "")).tolist():
        place = cases["place"][row]
        point = _point(generation, place)
        if point is None:
            problems[row] = _bad_place(generation, place, lang)
        else:
            read.loc[row, ["lng", "lat"]] = point[:2]
            read.loc[row, "datum"] = point[2] or read["datum"][row]
    columns = ReportColumns("lng", "lat", "category", "accuracy_m", "datum")
    texts = read.astype(str)
    found = read_report_rows(generation, texts, columns)
    rejects = rejects_of(texts, found, lang)
    for at, reason in zip(rejects["row"] - 1, rejects["reason"], strict=True):
        problems[at] = problems[at] or reason
    return found


def _point(generation: Generation, place: str) -> tuple[str, str, str] | None:
    """The lng and lat of a place as texts, and their datum where it is known; None where it is no place."""
    cells = generation.cells
    rows = np.flatnonzero(cells.code == place)
    if len(rows):  # of a code that several levels have, the lowest level
        return _inside(cells.geometry[rows[-1]])
    kind, _, asset = place.partition(":")
    if kind in generation.assets:
        layer = generation.assets[kind]
        rows = np.flatnonzero(layer.id == asset.strip())
        return _inside(layer.geometry[rows[0]]) if len(rows) else None
    pair = _PAIR.fullmatch(place)
    return (pair[1], pair[2], "") if pair else None


def _bad_place(generation: Generation, place: str, lang: Lang) -> str:
    kind, colon, asset = place.partition(":")
    what = "bad_asset" if colon and kind in generation.assets else "bad_place" if place else "no_place"
    return SENTENCES[lang][what].format(place=place, kind=kind, asset=asset.strip())


def _inside(geometry: shapely.Geometry) -> tuple[str, str, str]:
    point = shapely.point_on_surface(geometry)
    return repr(float(point.x)), repr(float(point.y)), "wgs84"


# ---- what is expected


def _wanted(generation: Generation, cases: pd.DataFrame, problems: Objects, lang: Lang) -> list[Wanted]:
    """What each case asks for; what cannot be understood goes to the problems."""
    said = SENTENCES[lang]
    owners = owner_positions(generation)
    rules = {rule.id: rule for rule in generation.config.rules}
    wanted = []
    columns = (list(map(str, cases[name])) for name in ("expected", "role", "rule"))
    for row, (expected, asked, rule) in enumerate(zip(*columns, strict=True)):
        role = ROLE_WORDS.get(asked, asked.casefold())
        wrong = ""
        if role not in ROLES:
            wrong, role = said["bad_role"].format(role=asked), LEAD
        elif expected and expected not in owners:
            wrong = said["bad_owner"].format(expected=expected)
        elif rule and rule not in rules:
            wrong = said["bad_rule"].format(rule=rule)
        elif rule and rules[rule].role != role:
            wrong = said["other_role"].format(rule=rule, its_role=rules[rule].role, role=role)
        problems[row] = problems[row] or wrong
        wanted.append(Wanted(role, owners.get(expected, frozenset()), rule))
    return wanted


# ---- what came out


def _outcomes(
    answers: Assignments, cases: pd.DataFrame, wanted: Sequence[Wanted], problems: Objects, lang: Lang
) -> pd.DataFrame:
    generation, codes = answers.generation, answers.categories
    rule, owner = answers.rule, answers.owner
    rule_ids = np.array([*(rule.id for rule in generation.config.rules), ""], dtype=object)
    owner_ids = np.array([*(owner.id for owner in generation.owners), ""], dtype=object)
    owner_names = np.array([*(owner.name for owner in generation.owners), ""], dtype=object)
    ok = np.array([w.is_met(o, rule_ids[r]) for w, o, r in zip(wanted, owner, rule, strict=True)])
    ok &= problems == ""
    hint = np.full(len(cases), "", dtype=object)
    asked, facts = np.flatnonzero(~ok & (problems == "")), facts_of(answers)
    unmet = [wanted[i] for i in asked.tolist()]
    hint[asked] = hints(facts.rows(asked, facts.cell[asked]), unmet, rule[asked], lang)
    table = generation.config.categories
    frame = pd.DataFrame(
        {
            "row": np.arange(1, len(cases) + 1),
            "place": np.where(cases["lng"] != "", cases["lng"] + " " + cases["lat"], cases["place"]),
            "category": codes,
            "category_name": [table[c].name(lang) if c in table else "" for c in codes],
            "time": cases["time"], "role": [w.role for w in wanted],
            "expected_owner_id": [" / ".join(owner_ids[sorted(w.owners)]) for w in wanted],
            "expected_owner_name": [" / ".join(owner_names[sorted(w.owners)]) for w in wanted],
            "expected": cases["expected"], "expected_rule": cases["rule"],
            "owner_id": owner_ids[owner], "owner_name": owner_names[owner],
            "rule": rule_ids[rule], "reason": reasons(answer_frame(answers), [lang]),
            "problem": problems, "hint": hint, "ok": ok,
        }
    )  # fmt: skip
    return frame[list(OUTCOME_COLUMNS)]
