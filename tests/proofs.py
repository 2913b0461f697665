"""Proofs written by hand, as the model makes them, for the small city of `tests.cities`."""

from __future__ import annotations

from typing import Any

from tests.cities import at


def asset(
    id_: str = "L0",
    *,
    kind: str = "street_light",
    distance_m: float | None = 4.2,
    share: float | None = 0.71,
    name: str = "",
    owner_id: str = "lamps",
) -> dict[str, Any]:
    """A candidate; the asset itself is one without its owner."""
    return {
        "kind": kind, "id": id_, "name": name, "distance_m": distance_m, "share": share, "owner_id": owner_id,
    }  # fmt: skip


def bound(**other: Any) -> dict[str, Any]:
    """The asset that was settled on."""
    return {key: value for key, value in asset(**other).items() if key != "owner_id"}


def owner(id_: str, name: str, share: float | None, rule: str) -> dict[str, Any]:
    """Who may answer, with the share of the places where it does."""
    return {"id": id_, "name": name, "share": share, "rule": rule}


def report(column: float = 0.5, row: float = 0.5, **other: Any) -> dict[str, Any]:
    """A report at a place of the lattice; its lamp L0 stands at (0.5, 0.5)."""
    lng, lat = at(column, row)
    given = {
        "lng": lng, "lat": lat, "accuracy_m": 0.0, "level": 68, "category": "", "text": "",
        "occurred_at": None, "shape": None, "extent": False,
    }  # fmt: skip
    return {**given, **other}


def cell(code: str = "A00", name: str = "格00", **other: Any) -> dict[str, Any]:
    """The cell of a report."""
    given = {
        "code": code, "name": name, "path": f"{code[:1]}/{code}" if code else "", "topology": "inside",
        "distance_m": 0.0, "tied": [],
    }  # fmt: skip
    return {**given, **other}


def proof(**parts: Any) -> dict[str, Any]:
    """A proof with nothing in it but a place in a cell and the body that answers for the cell."""
    given = {
        "format": 1,
        "generation": {"id": "0001", "sha256": "0123456789abcdef" * 4},
        "report": report(),
        "cell": cell(),
        "areas": {},
        "asset": None,
        "bound": "asset" if parts.get("asset") else "",
        "candidates": [],
        "sections": {},
        "owners": [owner("body-00", "body-00", 1.0, "territory")],
        "roles": {},
        "certainty": "certain",
        "share_error": 0.0,
        "tie_break": False,
        "question": None,
        "reason": {"zh": "", "en": ""},
    }
    unknown = parts.keys() - given.keys()
    assert not unknown, f"a proof has no {unknown}"
    return {**given, **parts}


def full() -> dict[str, Any]:
    """A proof in which everything is said at least once."""
    lng, lat = at(0.5, 0.5)
    return proof(
        report=report(
            lng=lng + 4e-5, lat=lat + 2e-5, accuracy_m=20.0, category="0118", text="这盏灯不亮",
            occurred_at="2026-07-01T00:00:00Z",
        ),
        areas={"property": {"code": "P1", "name": "怡居小区", "owner_id": "wuye"}},
        asset=None,
        candidates=[asset(), asset("R1", kind="river", name="运料河", distance_m=19.6, share=0.29)],
        sections={"road": {"id": "S1", "name": "东段", "route": "长江路", "m": 120.4, "side": "left"}},
        owners=[
            owner("lamps", "路灯管理所", 0.71, "lamp"),
            owner("body-00", "body-00", 0.285, "territory"),
            owner("", "", 0.005, ""),
        ],
        roles={
            "assist": {"owner_id": "parks", "owner_name": "园林处", "rule": "green"},
            "supervisor": {"owner_id": "chief", "owner_name": "河长", "rule": "chief"},
        },
        certainty="ambiguous",
        share_error=0.008,
        tie_break=True,
        question={"zh": "是灯坏了，还是路面坏了？", "en": "Is it the lamp or the road?"},
    )  # fmt: skip
