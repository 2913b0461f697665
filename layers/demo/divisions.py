"""The official streets and communities of Chongchuan: codes and names."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DISTRICT_CODE = "320613"
DISTRICT_NAME = "崇川区"


@dataclass(frozen=True, slots=True)
class Division:
    """A street (9 digits) or community (12 digits) by its official code and name."""

    code: str
    official: str

    @property
    def name(self) -> str:
        """The name people say: 新西社区 for 新西社区居委会, 五星村 for 五星村委会."""
        plain = re.sub(r"(居民委委会|居民委员会|居委会)$", "", self.official)
        return re.sub(r"村?村委会$", "村", plain)

    @property
    def body(self) -> str:
        """The name of the body that answers for it."""
        if len(self.code) == 9:
            return f"{self.official}办事处"
        return f"{self.name}村民委员会" if self.official.endswith("村委会") else f"{self.name}居民委员会"

    @property
    def body_id(self) -> str:
        """Its id in the table of owners: ``street-005``, ``community-005005``."""
        kind = "street" if len(self.code) == 9 else "community"
        return f"{kind}-{self.code[6:]}"


@cache
def divisions() -> tuple[Division, ...]:
    """Every street and community, in code order."""
    text = (files("layers") / "data" / "chongchuan_divisions.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(sorted((Division(r["code"], r["name"]) for r in rows), key=lambda d: d.code))


def streets() -> list[Division]:
    """The sixteen streets, in code order."""
    return [d for d in divisions() if len(d.code) == 9]


def communities(street_code: str) -> list[Division]:
    """The communities of a street, in code order."""
    return [d for d in divisions() if len(d.code) == 12 and d.code.startswith(street_code)]
