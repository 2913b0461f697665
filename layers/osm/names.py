"""What else the things of an extract are called: other, former, and in the languages of the town."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

# In any of the town's languages, too: alt_name:sv.
OTHER_NAMES = {
    "alt_name": ("alt_name", "loc_name", "short_name", "official_name"),
    "old_name": ("old_name",),
}
LANGUAGE = re.compile(r"name:([a-z]{2,3})")
OWN = frozenset({"zh", "en"})  # languages that have their columns anyway
SPOKEN = 0.05  # of the things with a name have one in each of the languages that people of the town speak
LEAST = 3


def other_names(tags: Sequence[Mapping[str, str]]) -> dict[str, pa.Array]:
    """Columns of the other names of things, those that hold anything.

    ``alt_name`` and ``old_name`` are lists with semicolons between; ``name_LANGUAGE`` is there for languages
    in which so many things have a name that people of the town speak them.
    """
    spoken = spoken_languages(tags)
    kinds = ["", *(f":{code}" for code in sorted({*spoken, *OWN}))]
    columns = {column: [key + kind for key in keys for kind in kinds] for column, keys in OTHER_NAMES.items()}
    columns |= {f"name_{code}": [f"name:{code}"] for code in spoken}
    said = {column: [_said(row, keys) for row in tags] for column, keys in columns.items()}
    return {column: pa.array(values, pa.string()) for column, values in said.items() if any(values)}


def spoken_languages(tags: Sequence[Mapping[str, str]]) -> list[str]:
    """The codes of the languages that names are given in besides Chinese and English, in order."""
    counts = Counter(
        found[1] for row in tags for key in row if (found := LANGUAGE.fullmatch(key)) and found[1] not in OWN
    )
    named = sum("name" in row for row in tags)
    return sorted(code for code, count in counts.items() if count >= max(LEAST, SPOKEN * named))


def _said(row: Mapping[str, str], keys: Sequence[str]) -> str | None:
    values = dict.fromkeys(value.strip() for key in keys if (value := row.get(key, "")).strip())
    return ";".join(values) or None
