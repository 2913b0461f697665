"""What a work order tells, and what of it a person reads in a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np

from geo.datum import convert
from geo.types import Datum
from layers.findings import Lang
from layers.generation import Generation
from layers.life_cycle import Action
from layers.store.values import Event, Issue
from layers.telling import clean, metres
from layers.terms import term

_SENT = (Action.DISPATCH, Action.TRANSFER)
_DIGITS = 6  # of degrees: a tenth of a metre


@dataclass(frozen=True)
class WorkOrder:
    """An issue as it is handed to who goes there.

    Attributes:
        events: oldest first.
        texts: what was reported; empty for who may not read it.
        photos: addresses of photos; likewise.
        proof: the assignment, None where it has none.
        generation: lends the names and the ground of the map.
        address: of the issue on the dispatcher's page, which the QR code holds.
        now_us: when it is printed, microseconds since 1970 UTC.
    """

    issue: Issue
    events: Sequence[Event]
    texts: Sequence[str]
    photos: Sequence[str]
    proof: Mapping[str, Any] | None
    generation: Generation
    address: str
    zone: ZoneInfo
    now_us: int

    def time(self, at_us: int) -> str:
        """A time on the city's clock, to the minute."""
        return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def category(self, lang: Lang) -> str:
        """The name of its category and the code."""
        code = self.issue.category
        known = self.generation.config.categories.get(code)
        return f"{known.name(lang)} ({code})" if known is not None else code

    def cells(self) -> list[str]:
        """The names of its cells, from the top; codes where there is no name."""
        codes = self.issue.cell_path.split("/") if self.issue.cell_path else []
        cells = self.generation.cells
        names = dict(zip(cells.path, cells.name, strict=True))
        return [names.get("/".join(codes[: at + 1])) or code for at, code in enumerate(codes)]

    def asset(self, lang: Lang) -> str:
        """Its asset: kind, name and id, and how far away; empty where there is none."""
        kind, id_ = self.issue.asset_kind, self.issue.asset_id
        if not kind or not id_:
            return ""
        name = self._asset_name(kind, id_)
        called = [name] if id_ in name else [name, id_]
        return " · ".join(filter(None, [term(lang, kind), *called, self._asset_distance(kind, id_, lang)]))

    def _asset_name(self, kind: str, id_: str) -> str:
        layer = self.generation.assets.get(kind)
        rows = np.flatnonzero(layer.id == id_) if layer is not None else np.empty(0, np.intp)
        return clean(layer.name[rows[0]]) if layer is not None and len(rows) else ""

    def _asset_distance(self, kind: str, id_: str, lang: Lang) -> str:
        asset = (self.proof or {}).get("asset") or {}
        if (asset.get("kind"), asset.get("id")) != (kind, id_) or asset.get("distance_m") is None:
            return ""
        return metres(asset["distance_m"], "米" if lang == "zh" else "m")

    def owner(self, lang: Lang) -> str:
        """Who answers for it; empty where nobody does."""
        id_ = self.issue.owner_id or ""
        known = next((owner for owner in self.generation.owners if owner.id == id_), None)
        return id_ if known is None else (lang == "en" and known.name_en) or known.name

    def reason(self, lang: Lang) -> str:
        """Why it is its owner's; empty where somebody decided otherwise."""
        leads = (self.proof or {}).get("owners") or []
        if self.proof is None or not leads or leads[0]["id"] != self.issue.owner_id:
            return ""
        said: str = clean(self.proof["reason"][lang])
        return said

    def sent(self) -> Event | None:
        """The last time it was sent to somebody."""
        return next((event for event in reversed(self.events) if event.kind in _SENT), None)

    def position(self, datum: Datum) -> tuple[float, float] | None:
        """Its position in a datum, longitude first; None where it has none."""
        if self.issue.lng is None or self.issue.lat is None:
            return None
        lng, lat = convert(self.issue.lng, self.issue.lat, Datum.WGS84, datum)
        return round(float(lng), _DIGITS), round(float(lat), _DIGITS)

    def amap(self) -> str | None:
        """An address that opens the spot in AMap, in its own datum."""
        at = self.position(Datum.GCJ02)
        if at is None:
            return None
        said = {"position": f"{at[0]},{at[1]}", "name": self.issue.number, "coordinate": "gaode"}
        return "https://uri.amap.com/marker?" + urlencode({**said, "src": "woodpecker", "callnative": "0"})

    def baidu(self) -> str | None:
        """The same in Baidu's map, which has the latitude first."""
        at = self.position(Datum.BD09)
        if at is None:
            return None
        said = {"location": f"{at[1]},{at[0]}", "title": self.issue.number, "content": self.issue.number}
        more = {"coord_type": "bd09ll", "output": "html", "src": "webapp.woodpecker"}
        return "https://api.map.baidu.com/marker?" + urlencode({**said, **more})
