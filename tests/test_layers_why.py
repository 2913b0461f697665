"""Why an issue is whose, to show and to draw: nothing personal, nothing guessed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely
from cities import at

from geo.duplicates import REASONS
from layers.assign import assign
from layers.generation import Generation
from layers.proof import Proof, prove
from layers.why import AROUND_DEG, MANY_CORNERS, suspect_reasons, why


def proof_at(generation: Generation, column: float, row: float = 0.5, accuracy_m: float = 0.0) -> Proof:
    lng, lat = at(column, row)
    return prove(
        assign(generation, [lng], [lat], category=["0118"], accuracy_m=[accuracy_m], text=["张三家门口"])
    )


def test_it_is_json_and_repeats_nothing_that_was_written(generation: Generation) -> None:
    said = json.dumps(why(proof_at(generation, 0.5), generation), ensure_ascii=False, allow_nan=False)
    assert "张三" not in said


def test_the_asset_is_named_drawn_and_no_candidate(generation: Generation) -> None:
    said = why(proof_at(generation, 0.52), generation)
    assert (said["bound"], said["asset"]["id"], said["asset"]["kind_name"]["en"]) == (
        "asset",
        "L0",
        "street light",
    )
    assert said["asset"]["nearest"] == pytest.approx(at(0.5, 0.5), abs=1e-6)
    assert "L0" not in [one["id"] for one in said["candidates"]]


def test_owner_and_rivals_have_shares_that_add_up(generation: Generation) -> None:
    said = why(proof_at(generation, 0.95, accuracy_m=60.0), generation)
    shares = [said["owner"]["share"], *(one["share"] for one in said["rivals"])]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert (said["radius_68_m"], said["radius_95_m"]) == (60.0, 97.3)


def test_of_a_place_outside_there_is_no_cell_and_nobody(generation: Generation) -> None:
    said = why(proof_at(generation, -30, -30), generation)
    assert (said["cells"], said["owner"], said["asset"], said["radius_68_m"]) == ([], None, None, None)
    assert said["story"]["zh"]


def test_of_no_position_nothing_is_drawn(generation: Generation) -> None:
    said = why(prove(assign(generation, [np.nan], [np.nan], category=["0118"])), generation)
    assert (said["lng"], said["cells"], said["asset"]) == (None, [], None)


def test_what_the_live_generation_lost_is_named_by_the_proof(generation: Generation) -> None:
    proof = proof_at(generation, 0.5)
    proof["asset"]["id"], proof["owners"][0]["id"] = "gone", "gone"
    proof["cell"]["path"] = "A/gone"
    said = why(proof, generation)
    assert (said["asset"]["geometry"], said["asset"]["nearest"]) == (None, None)
    assert said["owner"]["name"] == proof["owners"][0]["name"]
    assert [(cell["code"], cell["name"]) for cell in said["cells"]] == [("A", "西区"), ("gone", None)]


def test_of_a_shape_with_many_corners_only_what_is_near_is_told(generation: Generation) -> None:
    lng, lat = at(0.5, 0.5)
    long = shapely.LineString([(lng + n / MANY_CORNERS, lat) for n in range(-MANY_CORNERS, MANY_CORNERS)])
    lamps = generation.assets["street_light"]
    shapes = np.array(
        [long if name == "L0" else shape for name, shape in zip(lamps.id, lamps.geometry, strict=True)]
    )
    grown = replace(generation, assets={**generation.assets, "street_light": replace(lamps, geometry=shapes)})
    told = shapely.geometry.shape(why(proof_at(generation, 0.5), grown)["asset"]["geometry"])
    assert 0 < told.length <= 2 * AROUND_DEG + 1e-6


def test_every_reason_of_a_suspicion_has_words() -> None:
    told = suspect_reasons(REASONS)
    assert all(len(told[lang]) == len(REASONS) and all(told[lang]) for lang in ("zh", "en"))
