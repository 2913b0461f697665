"""What was noticed in a city's data, said in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from shapely.geometry.base import BaseGeometry

Severity = Literal["error", "warning", "note"]
Lang = Literal["zh", "en"]


class Message(NamedTuple):
    """A sentence and its remedy in both languages; ``{name}`` stands for a detail of the finding."""

    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""


# One entry for every code a finding can have. {value}, {column} and {count} are always there.
MESSAGES: dict[str, Message] = {}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed, or ``count`` of a kind.

    Attributes:
        code: a key of `MESSAGES`; stable, for programs.
        severity: ``error`` stops an import or a publication, ``warning`` makes exit code 1,
            ``note`` is only said.
        layer: what it is about: ``grid:community``, ``asset:bridge``, ``city.toml`` or a file's name.
        row: 1-based row of the source, without its header.
        geometry: where to look, in WGS-84 degrees.
    """

    code: str
    severity: Severity = "warning"
    layer: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    count: int = 1
    detail: Mapping[str, Any] = field(default_factory=dict)
    geometry: BaseGeometry | None = None

    def _facts(self) -> dict[str, Any]:
        own = {"value": self.value, "column": self.column, "count": self.count, "layer": self.layer}
        return {**own, **self.detail}

    def reason(self, lang: Lang) -> str:
        """What is wrong, in one sentence."""
        message = MESSAGES[self.code]
        return (message.zh if lang == "zh" else message.en).format(**self._facts())

    def fix(self, lang: Lang) -> str:
        """How to mend it, or an empty string."""
        message = MESSAGES[self.code]
        return (message.fix_zh if lang == "zh" else message.fix_en).format(**self._facts())
