"""Other rules tried on past reports: which would go elsewhere, and which returns that would have spared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import LayerError
from layers.answers import answer_frame, reasons
from layers.assign import Assignments
from layers.findings import Lang
from layers.generation import Generation, Objects, Positions
from layers.reading.columns import column_called, find_column
from layers.records import take
from layers.report_rows import REJECT_COLUMNS, ReportColumns, ask, read_report_rows, rejects_of
from layers.rule_messages import SENTENCES
from layers.rule_owners import owner_positions
from layers.rule_times import Bools, Times, local_times, times_said

# What past reports may say of their end, and the column names that are taken for it.
END_COLUMNS = {
    "final_owner": ("final_owner", "handled_by", "最终责任单位", "处置单位"),
    "returned": ("returned", "退回", "是否退回", "退回次数"),
}
NOT_RETURNED = frozenset({"", "0", "0.0", "no", "n", "false", "f", "否", "无", "未退回"})
AVOIDED, CAUSED = "avoided", "caused"
MOVE_COLUMNS = (
    *("row", "old_owner_id", "old_owner_name", "new_owner_id", "new_owner_name"),
    *("old_rule", "new_rule", "old_reason", "new_reason", "return"),
)


@dataclass(frozen=True)
class Returns:
    """What the other rules would have done to returns.

    Attributes:
        avoided: returned reports that would have gone to their final owner at once.
        caused: reports that went to their final owner and would not have.
        open: returned reports that would go elsewhere and whose final owner is not known.
        unknown: texts of final owners that the city does not know, and how many rows have each.
    """

    avoided: int
    caused: int
    open: int
    unknown: Mapping[str, int]


@dataclass(frozen=True)
class Replay:
    """Past reports under the rules of a generation and under others.

    Attributes:
        reports: how many were answered by both.
        moves: one row for each that would go elsewhere: the file's columns and `MOVE_COLUMNS`; row counts
            from 1, without the header.
        flows: from_id, from_name, to_id, to_name and how many reports, the most first; empty for nobody.
        rules: of each rule that would answer for other reports: reports before and after, gained, lost.
        returns: None where the file says nothing of its reports' end.
        rejects: row, column, value and reason of what could not be used.
    """

    reports: int
    moves: pd.DataFrame
    flows: pd.DataFrame
    rules: pd.DataFrame
    returns: Returns | None
    rejects: pd.DataFrame


def end_columns(names: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    """The file's column, or an empty text, for each of `END_COLUMNS`.

    Raises:
        LayerError: a column that was named is not there.
    """
    return {
        key: find_column(names, named[key]) if named.get(key) else column_called(names, words)
        for key, words in END_COLUMNS.items()
    }


def replay(
    live: Generation, other: Generation, table: pd.DataFrame, columns: ReportColumns,
    named: Mapping[str, str], *, extents: Objects | None = None, since: date | None = None, lang: Lang = "en",
) -> Replay:  # fmt: skip
    """Answer past reports under two sets of rules and compare.

    Args:
        live: the generation with its own rules.
        other: `layers.rule_owners.with_rules` of the same.
        table: shape (n, …), all columns as text, ``""`` where empty.
        columns: which of them hold position, category and accuracy.
        named: which of them hold occurred_at, text, final_owner and returned; empty where none does.
        extents: reported lines and areas, as `read_report_rows` takes them.
        since: the first day, by the city's clock, of the reports to take.
        lang: of the rejects.

    Raises:
        LayerError: ``since`` is given and there is no column of times.
    """
    said = replace(columns, lenient_times=True, text=named.get("text", ""))
    read = read_report_rows(live, table, said, extents=extents)
    times, late, taken = _in_time(live, table, named.get("occurred_at", ""), since, lang)
    rejects = pd.concat([part for part in (rejects_of(table, read, lang), late) if len(part)] or [late])
    rejects = rejects[taken[_position(rejects)]].drop_duplicates("row").sort_values("row", ignore_index=True)
    taken[_position(rejects)] = False
    rows = np.flatnonzero(taken)
    asked = replace(take(read, rows), occurred_at=times[rows])
    kept = table.iloc[rows]
    return _compared(ask(live, asked), ask(other, asked), _end(kept, named), kept, rows, rejects)


def _in_time(
    live: Generation, table: pd.DataFrame, column: str, since: date | None, lang: Lang
) -> tuple[Times, pd.DataFrame, Bools]:
    """The times in UTC, the rows whose time cannot be used, and those that are not known to be too old."""
    if since is not None and not column:
        fix = "Name it: --map occurred_at=COLUMN."
        raise LayerError("There is no column of times, which --since needs.", fix=fix)
    said = table[column] if column else pd.Series("", index=table.index)
    times, wrong = times_said(said, live.config.time_zone)
    taken = local_times(times, live.config.time_zone).between(since, None) | np.isnat(times)
    if since is not None:
        wrong = np.isnat(times)
    values = [str(said.iloc[row]) for row in np.flatnonzero(wrong)]
    why = [SENTENCES[lang]["bad_time" if v.strip() else "no_time"].format(time=v) for v in values]
    late = {"row": np.flatnonzero(wrong) + 1, "column": column, "value": values, "reason": why}
    return times, pd.DataFrame(late, columns=list(REJECT_COLUMNS)), taken


def _position(rejects: pd.DataFrame) -> Positions:
    return rejects["row"].to_numpy(dtype=np.intp) - 1


# ---- comparison


@dataclass(frozen=True)
class _End:
    """Who handled each report in the end, and whether it was returned; None where no column says it."""

    final: Objects | None
    returned: Bools | None


def _end(table: pd.DataFrame, named: Mapping[str, str]) -> _End:
    final, returned = (
        table[named[key]].str.strip() if named.get(key) else None for key in ("final_owner", "returned")
    )
    return _End(
        None if final is None else final.to_numpy(dtype=object),
        None if returned is None else ~returned.str.casefold().isin(NOT_RETURNED).to_numpy(dtype=bool),
    )


def _compared(
    old: Assignments, new: Assignments, end: _End, table: pd.DataFrame, rows: NDArray[np.intp],
    rejects: pd.DataFrame,
) -> Replay:  # fmt: skip
    # The owners of the one are the first of the other's, so that positions compare.
    moved = np.flatnonzero(old.owner != new.owner)
    frames = answer_frame(old), answer_frame(new)
    kind, returns = _returns(old, new, end)
    moves = _kept(table.iloc[moved]).assign(
        row=rows[moved] + 1,
        **{
            f"{side}_{name}": frame[name].to_numpy()[moved]
            for name in ("owner_id", "owner_name", "rule")
            for side, frame in zip(("old", "new"), frames, strict=True)
        },
        **{
            f"{side}_reason": reasons(frame.iloc[moved], old.generation.config.languages)
            for side, frame in zip(("old", "new"), frames, strict=True)
        },
        **{"return": kind[moved]},
    )
    others = [name for name in moves.columns if name not in MOVE_COLUMNS]
    moves = moves[[*others, *MOVE_COLUMNS]].reset_index(drop=True)
    rules = _rules(frames[0]["rule"], frames[1]["rule"])
    return Replay(len(rows), moves, _flows(moves), rules, returns, rejects)


def _kept(table: pd.DataFrame) -> pd.DataFrame:
    """The table with columns that bear names of ours called ``input_NAME``."""
    taken = {name: f"input_{name}" for name in MOVE_COLUMNS if name in table.columns}
    return table.drop(columns=[new for new in taken.values() if new in table.columns]).rename(columns=taken)


def _flows(moves: pd.DataFrame) -> pd.DataFrame:
    keys = ["old_owner_id", "old_owner_name", "new_owner_id", "new_owner_name"]
    counts = moves.groupby(keys, sort=True).size().reset_index(name="reports")
    counts.columns = pd.Index(["from_id", "from_name", "to_id", "to_name", "reports"])
    return counts.sort_values("reports", ascending=False, kind="stable", ignore_index=True)


def _rules(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    ids = [rule for rule in dict.fromkeys([*before, *after]) if rule]
    differ = before.to_numpy() != after.to_numpy()
    frame = pd.DataFrame({"rule": ids}, dtype=object)
    for name, values in (
        ("before", before), ("after", after), ("gained", after[differ]), ("lost", before[differ])
    ):  # fmt: skip
        counts = values.value_counts()
        frame[name] = [int(counts.get(rule, 0)) for rule in ids]
    frame = frame[(frame["gained"] > 0) | (frame["lost"] > 0)]
    change = (frame["after"] - frame["before"]).abs()
    order = pd.DataFrame({"change": -change, "rule": frame["rule"]}).sort_values(["change", "rule"]).index
    return frame.loc[order].reset_index(drop=True)


def _returns(old: Assignments, new: Assignments, end: _End) -> tuple[Objects, Returns | None]:
    """For each report whether a return would have been avoided or caused, and the counts."""
    n = len(old)
    kind = np.full(n, "", dtype=object)
    if end.final is None and end.returned is None:
        return kind, None
    final = end.final if end.final is not None else np.full(n, "", dtype=object)
    was_right, is_right, known = _right(old, new, final)
    was_returned = np.zeros(n, dtype=bool) if end.returned is None else end.returned
    moved = old.owner != new.owner
    if end.returned is not None:  # what nobody returned was handled where it went
        kept = (final == "") & ~was_returned
        was_right, is_right, known = was_right | kept, is_right | (kept & ~moved), known | kept
    kind[known & was_right & ~is_right] = CAUSED
    back = was_returned if end.returned is not None else np.ones(n, dtype=bool)
    kind[known & back & ~was_right & is_right] = AVOIDED
    texts, counts = np.unique(final[~known & (final != "")].astype(str), return_counts=True)
    unknown = dict(zip(map(str, texts), map(int, counts), strict=True))
    opened = int((moved & was_returned & ~known).sum())
    return kind, Returns(int((kind == AVOIDED).sum()), int((kind == CAUSED).sum()), opened, unknown)


def _right(old: Assignments, new: Assignments, final: Objects) -> tuple[Bools, Bools, Bools]:
    """Whether the old and the new owner are the final one, and whether the city knows that one at all."""
    meant = owner_positions(old.generation)
    for text, positions in owner_positions(new.generation).items():
        meant[text] = meant.get(text, frozenset()) | positions
    was, now, known = (np.zeros(len(final), dtype=bool) for _ in range(3))
    for text in set(final) & meant.keys():
        rows = final == text
        owners = list(meant[text])
        was[rows], now[rows] = (np.isin(side.owner[rows], owners) for side in (old, new))
        known[rows] = True
    return was, now, known
