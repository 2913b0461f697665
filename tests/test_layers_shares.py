"""Shares: what a position's error leaves to each owner, against dense sampling and known truths."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.uncertainty import HALF_PLANE_ERROR, deviation
from layers.answers import ANSWER_COLUMNS, answer_frame, certainty
from layers.assign import Assignments, assign
from layers.blocks import MOST, MOST_PLACES, blocks
from layers.city import create_city
from layers.generation import Generation, load_draft
from layers.proof import canonical, prove, prove_all, replay
from layers.records import take
from tests.cities import METRIC, at, bring, small_city, square, words

LAMPS = 40
RULES = """
[[rule]]
id = "lamp"
when = { category = ["0118"] }
owner = "@asset"

[[rule]]
id = "road"
when = { category = ["E0401"] }
owner = "@asset"

[[rule]]
id = "property"
when = { category = ["0126"] }
owner = "@area.property"

[[rule]]
id = "night-watch"
role = "assist"
when = { hours = ["22:00-06:00"] }
owner = "night-watch"

[[rule]]
id = "territory"
owner = "@cell"
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """The small city with forty lamps of four owners, dealt at random, and a net of roads of three."""
    made = small_city(tmp_path_factory.mktemp("shares"))
    rng = np.random.default_rng(5)
    owners = np.array(["north", "south", "east", "west"])
    places = rng.uniform(0.3, 0.7, (LAMPS, 2)) * [0.35, 0.3] + [0.7, 0.5]
    lamps = [
        (
            {"type": "Point", "coordinates": at(*place)},
            {"code": f"L-{i:03d}", "owner": owners[rng.integers(4)]},
        )
        for i, place in enumerate(places)
    ]
    bring(made, "asset:street_light", lamps, owner="owner")
    roads = []
    for i in range(8):
        ends = (
            [(0.6, 0.4 + 0.05 * i), (1.4, 0.4 + 0.05 * i)]
            if i % 2
            else [(0.8 + 0.04 * i, 0.2), (0.8 + 0.04 * i, 1)]
        )
        line = {"type": "LineString", "coordinates": [at(*end) for end in ends]}
        roads.append(
            (line, {"code": f"R{i}", "name": f"路{i}", "width": 12, "owner": ("a", "b", "c")[i % 3]})
        )
    bring(made, "asset:road", roads, owner="owner")
    words(made, RULES)
    return load_draft(made)


def ids(city: Generation, positions: np.ndarray) -> list[str]:
    return [city.owners[p].id if p >= 0 else "" for p in positions]


def displaced(
    city: Generation, xy: np.ndarray, accuracy_m: float, category: str, seed: int = 1
) -> Assignments:
    rng = np.random.default_rng(seed)
    seen = xy + rng.normal(0, float(deviation(accuracy_m)), xy.shape)
    lng, lat = city.metric.to_lnglat(seen[:, 0], seen[:, 1])
    return assign(city, lng, lat, category=[category] * len(xy), accuracy_m=np.full(len(xy), accuracy_m))


def off_by_decile(share: np.ndarray, right: np.ndarray, least: int = 700) -> list[float]:
    """How far off, in points, the shares of each tenth are from how often they were right."""
    tenth = np.minimum((share * 10).astype(int), 9)
    return [
        100 * abs(share[tenth == t].mean() - right[tenth == t].mean())
        for t in range(10)
        if (tenth == t).sum() >= least
    ]


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 3.95), st.floats(0.05, 1.95), st.floats(3, 900), st.sampled_from([68, 95]))
def test_shares_of_cells_equal_dense_sampling(
    city: Generation, column: float, row: float, accuracy_m: float, level: int
) -> None:
    lng, lat = at(column, row)
    answers = assign(city, [lng], [lat], category=["E0599"], accuracy_m=[accuracy_m], level=level)
    rng = np.random.default_rng(0)
    x, y = city.metric.points(np.array([lng]), np.array([lat]))
    spread = rng.normal(0, float(deviation(accuracy_m, level)), (20_000, 2))
    inside = assign(
        city, *city.metric.to_lnglat(x + spread[:, 0], y + spread[:, 1]), category=["E0599"] * 20_000
    )
    owners, count = np.unique(inside.owner[inside.owner >= 0], return_counts=True)
    truth = dict(zip(owners.tolist(), (count / count.sum()).tolist(), strict=True))
    shares = answers.verdicts.owners
    for owner, share in zip(shares.owner.tolist(), shares.share.tolist(), strict=True):
        # Two boundaries cross a cell at most, and the sample errs by a point itself.
        assert share == pytest.approx(truth.get(owner, 0.0), abs=2 * HALF_PLANE_ERROR + 0.01)
    assert shares.share.sum() == pytest.approx(1)


def test_shares_of_lamps_are_what_a_normal_error_makes_of_them(city: Generation) -> None:
    lamps = city.asset_index["street_light"].geometries
    x, y = shapely.get_x(lamps), shapely.get_y(lamps)
    place = np.array([x[3] + 4.0, y[3] - 2.0])
    lng, lat = city.metric.to_lnglat(place[:1], place[1:])
    answers = assign(city, lng, lat, category=["0118"], accuracy_m=[40])
    density = np.exp(-0.5 * ((x - place[0]) ** 2 + (y - place[1]) ** 2) / float(deviation(40)) ** 2)
    shares = answers.verdicts.assets
    for lamp, share in zip(shares.position.tolist(), shares.share.tolist(), strict=True):
        assert share == pytest.approx(density[lamp] / density.sum(), abs=0.003)


@pytest.mark.parametrize("accuracy_m", [15, 40, 90])
def test_when_it_says_nine_of_ten_it_is_right_nine_times_in_ten(city: Generation, accuracy_m: float) -> None:
    rng = np.random.default_rng(2)
    lamps = shapely.get_coordinates(city.asset_index["street_light"].geometries)
    drawn = rng.integers(0, len(lamps), 6000)
    of_lamps = displaced(city, lamps[drawn], accuracy_m, "0118")
    truth = city.assets["street_light"].owner[drawn]
    off = off_by_decile(of_lamps.verdicts.share, of_lamps.owner == truth)
    assert off
    assert max(off) <= 3.0


def test_places_on_the_ground_are_calibrated_too(city: Generation) -> None:
    rng = np.random.default_rng(3)
    lng, lat = at(1.5, 1)
    x, y = city.metric.points(np.array([lng]), np.array([lat]))
    xy = np.column_stack([x + rng.uniform(-800, 800, 5000), y + rng.uniform(-800, 800, 5000)])
    truth = assign(city, *city.metric.to_lnglat(xy[:, 0], xy[:, 1]), category=["0126"] * len(xy)).owner
    answers = displaced(city, xy, 200, "0126")
    off = off_by_decile(answers.verdicts.share, answers.owner == truth)
    assert len(off) >= 2
    assert max(off) <= 3.0


def test_what_is_called_certain_is_right_99_times_in_100(city: Generation) -> None:
    rng = np.random.default_rng(4)
    lamps = shapely.get_coordinates(city.asset_index["street_light"].geometries)
    right, sure = [], []
    for accuracy_m in (5, 10, 20, 30, 50, 100):
        drawn = rng.integers(0, len(lamps), 2000)
        answers = displaced(city, lamps[drawn], accuracy_m, "0118", seed=accuracy_m)
        right.append(answers.owner == city.assets["street_light"].owner[drawn])
        sure.append(certainty(answers) == "certain")
    certain, was_right = np.concatenate(sure), np.concatenate(right)
    assert certain.mean() > 0.1
    assert was_right[certain].mean() >= 0.99


def test_a_larger_error_never_makes_it_surer_in_the_middle_of_a_cell(city: Generation) -> None:
    lng, lat = at(0.5, 0.5)
    errors = np.array([0.0, 10, 100, 400, 1000, 4000])
    answers = assign(city, np.full(6, lng), np.full(6, lat), category=["E0599"] * 6, accuracy_m=errors)
    assert (np.diff(answers.verdicts.share) <= 1e-9).all()
    assert answers.verdicts.share[0] == 1
    assert answers.verdicts.share[-1] < 0.5


def test_a_radius_of_95_percent_is_a_smaller_error_than_one_of_68(city: Generation) -> None:
    lng, lat = at(0.99, 0.2)
    answers = assign(city, [lng] * 2, [lat] * 2, category=["E0599"] * 2, accuracy_m=[20, 20], level=[68, 95])
    assert answers.verdicts.share[1] > answers.verdicts.share[0] + 0.02


def test_far_from_every_lamp_a_report_about_one_may_be_about_none(city: Generation) -> None:
    near = assign(city, *city_place(city, 4), category=["0118"], accuracy_m=[10])
    far = assign(city, *city_place(city, 75), category=["0118"], accuracy_m=[10])
    farther = assign(city, *city_place(city, 300), category=["0118"], accuracy_m=[10])
    assert [near.verdicts.bound.what[0], farther.verdicts.bound.what[0]] == ["asset", ""]
    assert far.verdicts.assets.share.sum() < 0.9
    assert ids(city, farther.owner) == ["body-01"]


def city_place(city: Generation, metres: float) -> tuple[np.ndarray, np.ndarray]:
    """A place so far east of the easternmost lamp."""
    lamps = city.asset_index["street_light"].geometries
    last = lamps[np.argmax(shapely.get_x(lamps))]
    return city.metric.to_lnglat(np.array([last.x + metres]), np.array([last.y]))


# ---- lines and areas


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([at(*place) for place in places])


def test_owners_share_a_reported_stretch_by_its_length(city: Generation) -> None:
    answers = assign(
        city, [np.nan], [np.nan], shape=[line((0.4, 0.1), (1.6, 0.1))], extent=[True], category=["E0599"]
    )
    shares = answers.verdicts.owners
    assert sorted(ids(city, shares.owner)) == ["body-00", "body-01"]
    assert shares.share == pytest.approx([0.5, 0.5], abs=1e-6)
    uneven = assign(
        city, [np.nan], [np.nan], shape=[line((0.1, 0.1), (1.3, 0.1), (2.01, 0.1))], extent=[True]
    )
    shares = uneven.verdicts.owners
    assert ids(city, shares.owner) == ["body-01", "body-00", "body-02"]  # however small, every one is listed
    assert shares.share == pytest.approx([1 / 1.91, 0.9 / 1.91, 0.01 / 1.91], abs=1e-4)


def test_owners_share_a_reported_area_by_its_ground(city: Generation) -> None:
    west, south = at(0.75, 0.75)
    east, north = at(1.25, 1.75)
    answers = assign(city, [np.nan], [np.nan], shape=[shapely.box(west, south, east, north)], extent=[True])
    shares = answers.verdicts.owners
    assert dict(zip(ids(city, shares.owner), shares.share, strict=True)) == pytest.approx(
        {"body-00": 0.125, "body-01": 0.125, "body-10": 0.375, "body-11": 0.375}, abs=1e-3
    )
    assert answer_frame(answers)["cell_code"][0] in ("A10", "A11")
    assert answer_frame(answers)["certainty"][0] == "ambiguous"


def test_somewhere_in_an_estate_means_its_lamps(city: Generation) -> None:
    lamps = shapely.get_coordinates(city.assets["street_light"].geometry)
    box = shapely.box(*lamps[:10].min(axis=0), *lamps[:10].max(axis=0)).buffer(1e-7)
    inside = shapely.intersects_xy(box, lamps[:, 0], lamps[:, 1])
    answers = assign(city, [np.nan], [np.nan], category=["0118"], shape=[box])
    owners, count = np.unique(city.assets["street_light"].owner[inside], return_counts=True)
    truth = dict(zip(ids(city, owners), count / count.sum(), strict=True))
    shares = answers.verdicts.owners
    assert dict(zip(ids(city, shares.owner), shares.share, strict=True)) == pytest.approx(truth)


def test_a_shape_as_large_as_the_world_means_somewhere_in_the_city(city: Generation) -> None:
    world, country = shapely.box(-180, -90, 180, 90), shapely.box(100, 20, 140, 50)
    across, elsewhere = line((-3000, -3000), (3000, 3000)), shapely.box(-100, 20, -90, 30)
    shapes = [world, country, across, elsewhere]
    answers = assign(city, [np.nan] * 4, [np.nan] * 4, category=["0118"] * 4, shape=shapes)
    assert answers.cells.topology.tolist() == ["inside", "inside", "inside", "outside"]
    assert certainty(answers).tolist()[:2] == ["ambiguous", "ambiguous"]
    assert answers.verdicts.share[0] == answers.verdicts.share[1]
    assert answers.owner[3] == -1


def test_a_shape_outside_the_city_has_no_owner_and_breaks_nothing(city: Generation) -> None:
    shapes = [shapely.box(10, 10, 11, 11), shapely.Polygon(), None]
    answers = assign(city, [np.nan] * 3, [np.nan] * 3, shape=shapes, extent=[True, False, False])
    assert list(answer_frame(answers)["topology"]) == ["outside", "none", "none"]
    assert list(answers.owner) == [-1, -1, -1]


# ---- one or many, and proof


def test_many_at_once_are_answered_as_one_by_one(city: Generation) -> None:
    rng = np.random.default_rng(6)
    n = MOST + 60  # more than one block
    lng, lat = (rng.uniform(*ends, n) for ends in ((120.795, 120.845), (31.995, 32.025)))
    category = list(rng.choice(["0118", "E0401", "0126", "E0599", "", "1234"], n))
    accuracy = rng.choice([0.0, 0.001, 0.0, 8, 60, 60, 60, 1e9], n)
    text = list(rng.choice(["", "", "L-003不亮", "路3北侧"], n))
    when = np.datetime64("2026-07-01T00:00:00", "us") + rng.integers(0, 86_400, n).astype("timedelta64[s]")
    many = assign(city, lng, lat, category=category, accuracy_m=accuracy, text=text, occurred_at=when)
    whole = answer_frame(many)
    ends = [block.stop - 1 for block in blocks(city, many.evidence)]
    rows = [*range(0, n, 500), *ends, *(end + 1 for end in ends[:-1])]
    for row in rows:
        one = assign(
            city, [lng[row]], [lat[row]], category=[category[row]], accuracy_m=[accuracy[row]],
            text=[text[row]], occurred_at=[when[row]],
        )  # fmt: skip
        alone = answer_frame(one)
        for column in ANSWER_COLUMNS[:-1]:
            same = alone[column][0] == whole[column][row] or (alone[column][0] != alone[column][0])
            assert same, (row, column, alone[column][0], whole[column][row])
        assert canonical(prove(one)) == canonical(prove(many, row))


def test_the_proofs_of_a_group_are_those_of_its_reports(city: Generation) -> None:
    rng = np.random.default_rng(11)
    n = 60
    lng, lat = (rng.uniform(*ends, n) for ends in ((120.795, 120.845), (31.995, 32.025)))
    shapes = [
        shapely.Point(*place).buffer(0.001) if place[0] > 120.84 else None
        for place in zip(lng, lat, strict=True)
    ]
    lng[::9] = np.nan
    group = assign(
        city, lng, lat, category=list(rng.choice(["0118", "E0401", "0126", "E0599", ""], n)),
        accuracy_m=rng.choice([0.0, 8, 60], n), text=list(rng.choice(["", "L-003不亮"], n)), shape=shapes,
    )  # fmt: skip
    every = [canonical(proof) for proof in prove_all(group)]
    assert every == [canonical(prove(group, row)) for row in range(n)]
    assert len(set(every)) > n - 9  # those without a position may be alike


def test_no_reports_have_no_proofs(city: Generation) -> None:
    assert prove_all(assign(city, [], [])) == []


def test_what_would_not_fit_the_memory_is_weighed_in_smaller_blocks(city: Generation) -> None:
    lng, lat = at(1, 0.6)
    n = 30_000
    wide = assign(city, lng, lat, accuracy_m=[1e9]).evidence
    many = take(wide, np.zeros(n, dtype=np.intp))
    found = blocks(city, many)
    assert [block.start for block in found[1:]] == [block.stop for block in found[:-1]]
    assert (found[0].start, found[-1].stop) == (0, n)
    assets = sum(len(layer.id) for layer in city.assets.values())
    assert max(block.stop - block.start for block in found) * assets <= MOST_PLACES
    everywhere = np.full(n, shapely.box(-180, -90, 180, 90), dtype=object)
    assert len(blocks(city, replace(many, accuracy_m=np.zeros(n), shapes=everywhere))) >= len(found)
    assert blocks(city, take(wide, slice(0, 0))) == [slice(0, 0)]


@pytest.mark.parametrize("category", ["0118", "E0401", "0126", "", "E0599"])
def test_an_error_wider_than_the_city_says_only_that_it_is_in_the_city(
    city: Generation, category: str
) -> None:
    lng, lat = at(1, 0.6)
    wide = [1e5, 1e9, 1e300]
    answers = assign(city, [lng] * 3, [lat] * 3, category=[category] * 3, accuracy_m=wide)
    assert (certainty(answers) == "ambiguous").all()
    assert len(np.unique(answers.verdicts.share)) == 1


@pytest.mark.parametrize("accuracy_m", [5e-324, 1e-300, 1e-12, 0.001, 0.0099])
def test_an_error_of_a_hair_is_none(city: Generation, accuracy_m: float) -> None:
    lng, lat = at(0.9, 0.6)
    for category in ("0118", "E0401", "", "E0599"):
        one, other = (
            assign(city, [lng], [lat], category=[category], accuracy_m=[m]) for m in (accuracy_m, 0.0)
        )
        assert canonical(prove(one)) == canonical(prove(other))


@pytest.mark.parametrize(
    ("second", "places"),
    [(square(0.5, 0), 1 / 2), (square(0, 0), 1 / 2), (square(0.2, 0.2, 0.6, 0.6), 1 / 2)],
)
def test_an_error_where_cells_overlap_makes_nothing_surer(
    tmp_path: Path, second: dict[str, object], places: float
) -> None:
    made = create_city(tmp_path / "c", "c", metric_crs=METRIC)
    cells = [(square(0, 0), {"code": "1", "body": "a"}), (second, {"code": "2", "body": "b"})]
    bring(made, "grid:cell", cells, owner="body")
    lamp = {"code": "L", "owner": ""}
    bring(made, "asset:street_light", [({"type": "Point", "coordinates": at(0.75, 0.5)}, lamp)])
    words(made, RULES)
    lng, lat = at(0.75, 0.5)
    for category in ("E0599", "0118", ""):
        found = assign(load_draft(made), [lng] * 3, [lat] * 3, category=[category] * 3, accuracy_m=[0, 1, 20])
        assert (certainty(found) == "ambiguous").all()
        np.testing.assert_allclose(found.verdicts.share, places, atol=0.01)


def test_a_city_without_cells_and_assets_answers_by_its_areas(tmp_path: Path) -> None:
    made = create_city(tmp_path / "c", "c", metric_crs=METRIC)
    bring(made, "area:property", [(square(0, 0), {"code": "P", "name": "p", "owner": "o"})], owner="owner")
    words(made, RULES)
    draft = load_draft(made)
    lng, lat = zip(at(0.5, 0.5), at(0.5, 0.5), at(3, 3), strict=True)
    shape = [None, shapely.box(*at(0.2, 0.2), *at(0.4, 0.4)), None]
    found = assign(draft, lng, lat, category=["0126"] * 3, accuracy_m=[20.0, 0.0, 1e9], shape=shape)
    assert [draft.owners[i].id for i in found.owner[:2]] == ["o", "o"]
    for row in range(3):
        assert prove(found, row)["cell"]["topology"] == "outside"


@settings(max_examples=30, deadline=None)
@given(
    st.floats(120.79, 120.85), st.floats(31.99, 32.03), st.sampled_from([0.0, 4.5, 33.3, 250.0]),
    st.sampled_from(["0118", "E0401", "", "no such"]), st.text(max_size=12).filter(str.isprintable),
)  # fmt: skip
def test_a_proof_replays_byte_for_byte(
    city: Generation, lng: float, lat: float, accuracy_m: float, category: str, text: str
) -> None:
    when = np.datetime64("2026-07-01T16:30:00.000001", "us")
    proof = prove(
        assign(
            city, [lng], [lat], category=[category], accuracy_m=[accuracy_m], text=[text], occurred_at=[when]
        )
    )
    written = canonical(proof)
    assert canonical(replay(city, json.loads(written))) == written
    assert proof["roles"]["assist"]["owner_id"] == "night-watch" if proof["cell"]["code"] else True


def test_a_proof_of_a_shape_replays_too(city: Generation) -> None:
    proof = prove(assign(city, [np.nan], [np.nan], shape=[line((0.4, 0.1), (1.6, 0.1))], extent=[True]))
    assert canonical(replay(city, json.loads(canonical(proof)))) == canonical(proof)


def test_answers_that_rest_on_the_last_resort_are_counted(city: Generation, tmp_path: Path) -> None:
    places = [at(1, 0.3), at(0.5, 0.3), at(1, 1), at(4.5, 0.5)]
    answers = assign(city, [p[0] for p in places], [p[1] for p in places])
    assert list(answers.is_tie_break) == [True, False, True, False]


def test_nobody_is_asked_for_a_street_that_has_no_name(tmp_path: Path) -> None:
    made = small_city(tmp_path)
    crossing = [
        ({"type": "LineString", "coordinates": [at(0.4, 0.5), at(0.6, 0.5)]}, {"code": "w1", "owner": "a"}),
        ({"type": "LineString", "coordinates": [at(0.5, 0.4), at(0.5, 0.6)]}, {"code": "w2", "owner": "b"}),
    ]
    bring(made, "asset:road", crossing, owner="owner")
    words(made, RULES)
    lng, lat = at(0.5, 0.5)
    verdicts = assign(load_draft(made), [lng], [lat], category=["E0401"], accuracy_m=[10]).verdicts
    assert verdicts.share[0] < 0.8
    assert "street" not in verdicts.question_en[0]
    assert verdicts.question_en[0]
