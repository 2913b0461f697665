"""A difference for people, as rows and sentences in Chinese or English, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from layers.diff import Difference, LayerDiff
from layers.diff_ground import GROUND_COLUMNS, Ground
from layers.diff_members import COLUMNS
from layers.diff_messages import SENTENCES, WORDS
from layers.diff_places import SIDES, PlaceMoves
from layers.diff_words import WordChange
from layers.findings import Lang

Row = tuple[str, ...]
HEADS = {
    "zh": ("图层", "变化", "编码", "名称", "原", "新", "大小"),
    "en": ("layer", "change", "code", "name", "before", "after", "size"),
}


def word(kind: str, lang: Lang) -> str:
    """What a kind of change is called."""
    return WORDS[kind][0 if lang == "zh" else 1]


def ground_kind(cell: bool, owner: bool) -> str:
    """The kind of a piece of ground, as in `WORDS`."""
    return "ground" if cell and owner else "ground_cell" if cell else "ground_owner"


def report_rows(found: Difference, moves: PlaceMoves | None, lang: Lang, most: int) -> list[Row]:
    """Rows under `HEADS`: at most so many of each kind in each layer, the largest first."""
    rows: list[Row] = []
    for layer in found.layers:
        rows += _member_rows(layer, lang, most)
        rows += _ground_rows(layer, lang, most)
    rows += _word_rows(found.words, lang, most)
    return rows + (_place_rows(moves, lang, most) if moves is not None else [])


def _member_rows(layer: LayerDiff, lang: Lang, most: int) -> Iterator[Row]:
    for kind, count in layer.counts.items():
        shown = layer.changes[layer.changes["kind"] == kind].head(most)
        for row in shown.itertuples():
            size = _size(row.m2, row.m)
            yield layer.layer, word(kind, lang), row.code, row.name, row.before, row.after, size
        yield from _more(layer.layer, word(kind, lang), count - len(shown), lang)


def _size(m2: float, m: float) -> str:
    """The area or the distance, NaN where there is none."""
    if m2 == m2:
        return f"{m2:,.1f} m²"
    return f"{m:,.2f} m" if m == m else ""


def _ground_rows(layer: LayerDiff, lang: Lang, most: int) -> Iterator[Row]:
    pieces = layer.ground.pieces
    for row in pieces.head(most).itertuples():
        kind = word(ground_kind(row.cell, row.owner), lang)
        before, after = (f"{code or word('nobody', lang)}" for code in (row.before, row.after))
        if row.owner:
            before, after = f"{before} · {row.owner_before}", f"{after} · {row.owner_after}"
        yield layer.layer, kind, "", "", before, after, f"{row.m2:,.1f} m²"
    yield from _more(layer.layer, word("ground", lang), len(pieces) - most, lang)


def _word_rows(words: Sequence[WordChange], lang: Lang, most: int) -> Iterator[Row]:
    for section in dict.fromkeys(change.section for change in words):
        of_section = [change for change in words if change.section == section]
        shown = of_section if section == "rules" else of_section[:most]
        for c in shown:
            yield word(section, lang), word(c.kind, lang), c.key, "", c.before, c.after, ""
        yield from _more(word(section, lang), "", len(of_section) - len(shown), lang)


def _place_rows(moves: PlaceMoves, lang: Lang, most: int) -> list[Row]:
    rows = []
    for row in moves.moves.head(most).to_dict("records"):
        sides = [" · ".join(str(row[side]) or "—" for side in SIDES[at::2]) for at in (0, 1)]
        kinds = ", ".join(word(f"to_{aspect}", lang) for aspect in row["moves"].split())
        rows.append((word("places", lang), kinds, str(row["row"]), row["category"], *sides, ""))
    return [*rows, *_more(word("places", lang), "", len(moves.moves) - most, lang)]


def _more(layer: str, kind: str, count: int, lang: Lang) -> Iterator[Row]:
    if count > 0:
        yield layer, kind, "", SENTENCES[lang]["more"].format(count=count), "", "", ""


def summary(found: Difference, moves: PlaceMoves | None, lang: Lang) -> list[str]:
    """Sentences: what changed in each layer and how much, and how many places would move."""
    said = SENTENCES[lang]
    lines = [said["head"].format(live=found.live)] if found and found.live else []
    for layer in found.layers:
        lines.append(said["layer"].format(layer=layer.layer, counts=_counted(layer.counts, lang)))
        if layer.ground.slivers or len(layer.ground.pieces):
            lines.append(said["ground"].format(layer=layer.layer, **_totals(layer.ground)))
    for section in dict.fromkeys(change.section for change in found.words):
        kinds = pd.Series([c.kind for c in found.words if c.section == section]).value_counts(sort=False)
        counts = _counted({str(kind): int(count) for kind, count in kinds.items()}, lang)
        lines.append(said["layer"].format(layer=word(section, lang), counts=counts))
    if not found:
        lines.append(said["none"])
    if moves is not None:
        facts = {"places": moves.places, "moves": len(moves.moves), "unusable": moves.unusable}
        lines.append(said["places"].format(**facts, **moves.counts))
    return lines


def _counted(counts: dict[str, int], lang: Lang) -> str:
    parts = [f"{count:,} {word(kind, lang)}" for kind, count in counts.items()]
    return ("，" if lang == "zh" else ", ").join(parts)


def _totals(ground: Ground) -> dict[str, float]:
    totals = {name: round(getattr(ground, name), 1) for name in ("cell_m2", "owner_m2", "sliver_m2")}
    return {**totals, "slivers": ground.slivers}


def difference_json(found: Difference, moves: PlaceMoves | None) -> dict[str, Any]:
    """Everything but the geometry, for a program."""
    answer: dict[str, Any] = {
        "live": found.live or None,
        "draft": found.draft,
        "differs": bool(found),
        "layers": {layer.layer: _layer_json(layer) for layer in found.layers},
        "words": [
            {"section": c.section, "kind": c.kind, "key": c.key, "before": c.before, "after": c.after}
            for c in found.words
        ],
    }
    if moves is not None:
        listed = moves.moves.drop(columns="geometry").to_dict("records")
        facts = {"places": moves.places, "unusable": moves.unusable, "counts": moves.counts}
        answer["places"] = {**facts, "moves": listed}
    return answer


def _layer_json(layer: LayerDiff) -> dict[str, Any]:
    return {
        "counts": layer.counts,
        "changes": layer.changes[COLUMNS].to_dict("records"),
        **_totals(layer.ground),
        "ground": layer.ground.pieces[GROUND_COLUMNS].to_dict("records"),
    }
