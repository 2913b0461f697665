"""Names as sentences bend and shorten them: Finnish cases (Unioninkadulla), and katu written as k."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Words that Finnish streets end with, and the stem that their endings are put to (VISK § 41-55, consonant
# gradation: katu, kadun; ranta, rannan).
_STEMS = {
    "katu": "kadu", "ranta": "ranna", "silta": "silla", "polku": "polu", "torppa": "torpa", "kumpu": "kummu",
    "pelto": "pello", "niitty": "niity", "portti": "porti", "rinne": "rintee", "kaari": "kaare",
    "niemi": "nieme", "saari": "saare", "lahti": "lahde", "maki": "mae", "harju": "harju", "tie": "tie",
    "kuja": "kuja", "aukio": "aukio", "tori": "tori", "puisto": "puisto", "raitti": "raiti",
    "laituri": "laituri", "penger": "penkere", "taival": "taipale", "joki": "joe", "koski": "koske",
    "lehto": "lehdo", "kallio": "kallio", "metsa": "metsa", "esplanadi": "esplanadi",
    "bulevardi": "bulevardi",
}  # fmt: skip
_CASES = "lla|lle|lta|ssa|sta|n|a|ta|ksi|na|an|on|un|en|in|hin|seen"
_BENT = re.compile(
    "(?:" + "|".join(f"(?P<{word}>{stem})" for word, stem in _STEMS.items()) + rf")(?:{_CASES})$"
)
_SHORT = re.compile(r"(?<=[a-z]) ?(?<=[n ])(?P<letter>[kt])\.?$")
_FULL = {"k": "katu", "t": "tie"}
_USUAL = ("n", "lla", "ssa", "lle")  # of the …, on the …, in the …, to the …
_SHORTER = {"strasse": ("str",), "platz": ("pl",), "katu": ("k",), "street": ("st",), "avenue": ("ave",)}


def straight(folded: str) -> str:
    """A folded name in its plain form; itself where it is in it already."""
    bent = _BENT.search(folded)
    if bent is not None:
        return folded[: bent.start()] + str(bent.lastgroup)
    short = _SHORT.search(folded)
    return folded[: short.start("letter")] + _FULL[short["letter"]] if short else folded


def forms(key: str) -> Iterator[str]:
    """A key of `geo.names_words` as people write the name: itself, shortened, and bent as Finnish does."""
    yield key
    for word, shorts in _SHORTER.items():
        if key.endswith(word):
            yield from (key.removesuffix(word) + short for short in shorts)
    for word, stem in _STEMS.items():
        if key.endswith(word):
            yield from (key.removesuffix(word) + stem + ending for ending in _USUAL)
