"""How fast reports are assigned: ``python -m benchmarks.assignment``; and how often the answer is right when
positions are wrong: ``python -m benchmarks.assignment --how-often``.

Points whose asset and owner are known are displaced and asked for again, beside the usual rule "the nearest
asset within 50 m". Washington's lamps and roads (their real places; owners are dealt out at random, asset by
asset, because the file knows only one) and the demo city's mixed owners. Chicago's reports carry the city's
own community area. Needs the data folder beside the project, but for the demo city.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from benchmarks.assignment_speed import print_speed
from benchmarks.demo_city import demo_city
from geo.uncertainty import deviation
from layers.answers import certainty
from layers.assign import Assignments, assign
from layers.city import City, create_city
from layers.generation import Generation, load_draft, load_live
from layers.importing import ImportOptions, import_layer, parse_role
from layers.new_city import edit

DATA = Path(os.environ.get("WOODPECKER_DATA", Path(__file__).parents[2] / "shared" / "data"))
DISPLACED_M = (5, 10, 20, 30, 50, 100)
NEAREST_M = 50.0
POINTS = 4000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Places that are known: metres, category, asset and owner (positions, as the generation has them)."""

    name: str
    generation: Generation
    kinds: tuple[str, ...]
    category: str
    x: Floats
    y: Floats
    asset: NDArray[np.object_]
    owner: NDArray[np.intp]


def main() -> None:
    """Print how fast, or with ``--how-often`` the tables of how often."""
    if "--how-often" in sys.argv[1:]:
        _print_how_often()
        return
    with tempfile.TemporaryDirectory() as folder:
        print_speed(_demo(Path(folder)))


def _print_how_often() -> None:
    with tempfile.TemporaryDirectory() as folder:
        truths = list(_truths(Path(folder)))
        for gaussian in (True, False):
            how = "Normal errors, 68 % within …" if gaussian else "Every point displaced by exactly …"
            print(f"\n## {how}\n")
            print(HEAD)
            outcomes = [outcome for truth in truths for outcome in _displaced(truth, gaussian=gaussian)]
            if gaussian:
                normal = outcomes
        print("\n## When it says .9, is it right nine times in ten? (normal errors, all of the above)\n")
        _calibration(normal)
        if DATA.is_dir():
            _chicago(Path(folder))


HEAD = (
    "| what | m | certain | right of certain | right lead | ambiguous | Brier | asset right "
    "| nearest within 50 m: right lead | its asset right |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def _truths(folder: Path) -> Iterator[Truth]:
    rng = np.random.default_rng(1)
    if DATA.is_dir():
        dc = _washington(folder / "dc")
        yield _on_points("DC lamps", dc, "street_light", "0118", rng)
        yield _on_lines("DC roads", dc, "road", "E0110", rng)
    else:
        print(f"{DATA} is not there: the demo city alone.", file=sys.stderr)
    demo = _demo(folder)
    yield _on_points("demo lamps", demo, "street_light", "0118", rng)
    yield _on_points("demo manholes", demo, "manhole", "0102", rng)
    yield _on_lines("demo roads", demo, "road", "E0110", rng)
    yield _on_lines("demo rivers", demo, "river", "E0105", rng)
    yield _on_ground("demo cells and areas", demo, "E0102", rng)


def _demo(folder: Path) -> Generation:
    return load_live(demo_city(folder / "demo"))


def _washington(folder: Path) -> Generation:
    """The lamps and roads of DC; every asset belongs to one of four bodies, whatever its neighbours do."""
    city = create_city(folder, "DC", metric_crs="EPSG:26918")
    lamps = pd.read_csv(DATA / "dc" / "streetlights.csv", encoding="utf-8-sig", dtype=str)
    roads = geopandas.read_file(DATA / "dc" / "roads.shp").to_crs("EPSG:4326").drop_duplicates("geometry")
    rng = np.random.default_rng(7)
    points = geopandas.GeoDataFrame(
        {"code": lamps["GIS_ID"].fillna(lamps["OID_"]), "body": _dealt(len(lamps), rng)},
        geometry=geopandas.points_from_xy(lamps["XCOORD"].astype(float), lamps["YCOORD"].astype(float)),
        crs="EPSG:4326",
    )
    points["code"] = [f"L{i:05d}" for i in range(len(points))]
    roads = geopandas.GeoDataFrame(
        {"code": [f"R{i:05d}" for i in range(len(roads))], "body": _dealt(len(roads), rng)},
        geometry=shapely.force_2d(roads.geometry.to_numpy()),
        crs="EPSG:4326",
    )
    for frame, role in ((points, "asset:street_light"), (roads, "asset:road")):
        path = folder / f"{role.partition(':')[2]}.geojson"
        frame.to_file(path, driver="GeoJSON")
        import_layer(city, path, *parse_role(role), ImportOptions(code="code", owner="body"))
    return load_draft(City(folder))


def _dealt(count: int, rng: np.random.Generator) -> NDArray[np.str_]:
    return np.array(["east", "west", "north", "south"])[rng.integers(0, 4, count)]


def _on_points(
    name: str, generation: Generation, kind: str, category: str, rng: np.random.Generator
) -> Truth:
    shapes = generation.asset_index[kind].geometries
    drawn = rng.choice(len(shapes), POINTS)
    return _truth(name, generation, kind, category, shapely.get_coordinates(shapes[drawn]), drawn)


def _on_lines(name: str, generation: Generation, kind: str, category: str, rng: np.random.Generator) -> Truth:
    """Places anywhere on the surface of the lines: as many on each as it has ground."""
    shapes, half = generation.asset_index[kind].geometries, generation.half_width[kind]
    ground = shapely.length(shapes) * half
    drawn = rng.choice(len(shapes), POINTS, p=ground / ground.sum())
    along = rng.uniform(0, 1, POINTS)
    a = shapely.line_interpolate_point(shapes[drawn], along, normalized=True)
    b = shapely.line_interpolate_point(shapes[drawn], np.minimum(along + 1e-4, 1), normalized=True)
    xy, ahead = shapely.get_coordinates(a), shapely.get_coordinates(b)
    step = ahead - xy
    length = np.maximum(np.hypot(*step.T), 1e-9)[:, None]
    aside = np.column_stack([-step[:, 1], step[:, 0]]) / length
    xy = xy + aside * (rng.uniform(-1, 1, POINTS) * half[drawn])[:, None]
    return _truth(name, generation, kind, category, xy, drawn)


def _on_ground(name: str, generation: Generation, category: str, rng: np.random.Generator) -> Truth:
    shapes = generation.metric_leaves
    area = shapely.area(shapes)
    cell = rng.choice(len(shapes), POINTS, p=area / area.sum())
    west, south, east, north = shapely.bounds(shapes[cell]).T
    xy = np.column_stack([west, south])
    left = np.arange(POINTS)
    while len(left):
        xy[left] = rng.uniform(np.column_stack([west, south])[left], np.column_stack([east, north])[left])
        left = left[~shapely.intersects_xy(shapes[cell[left]], xy[left, 0], xy[left, 1])]
    return _truth(name, generation, "", category, xy, None)


def _truth(
    name: str, generation: Generation, kind: str, category: str, xy: Floats, drawn: NDArray[np.intp] | None
) -> Truth:
    """The asset that was drawn, and the owner by the rules at the true place: of that asset, if several lie
    there.
    """
    lng, lat = generation.metric.to_lnglat(xy[:, 0], xy[:, 1])
    exact = assign(generation, lng, lat, category=[category] * len(xy))
    asset = np.full(len(xy), "", dtype=object)
    owner = exact.owner
    if drawn is not None:
        layer = generation.assets[kind]
        asset = layer.id[drawn]
        found = (exact.assets.kind == exact.assets.kinds.index(kind)) & (exact.assets.position == drawn)
        owner = np.where(found | (layer.owner[drawn] < 0), owner, layer.owner[drawn])
    known = generation.config.categories[category].asset_kinds if kind else ()
    return Truth(name, generation, known, category, xy[:, 0], xy[:, 1], asset, owner)


def _asked(truth: Truth, metres: float, *, gaussian: bool) -> tuple[Assignments, Floats, Floats]:
    rng = np.random.default_rng(int(metres) + 1000 * gaussian)
    n = len(truth.x)
    if gaussian:
        offset = rng.normal(0, float(deviation(metres)), (n, 2))
    else:
        turn = rng.uniform(0, 2 * np.pi, n)
        offset = metres * np.column_stack([np.cos(turn), np.sin(turn)])
    x, y = truth.x + offset[:, 0], truth.y + offset[:, 1]
    lng, lat = truth.generation.metric.to_lnglat(x, y)
    answers = assign(
        truth.generation, lng, lat, category=[truth.category] * n, accuracy_m=np.full(n, float(metres))
    )
    return answers, x, y


@dataclass(frozen=True)
class Outcome:
    """What the answers said and whether they were right, one entry a report."""

    share: Floats
    is_right: NDArray[np.bool_]
    is_certain: NDArray[np.bool_]


def _displaced(truth: Truth, *, gaussian: bool) -> list[Outcome]:
    """Print a row for each distance and one for all of them."""
    outcomes = [_row(truth, metres, gaussian=gaussian) for metres in DISPLACED_M]
    sure = np.concatenate([o.is_certain for o in outcomes])
    right = np.concatenate([o.is_right for o in outcomes])
    print(f"| {truth.name} | all | {sure.mean():.1%} | {right[sure].mean():.2%} | {right.mean():.1%} |||||||")
    return outcomes


def _row(truth: Truth, metres: float, *, gaussian: bool) -> Outcome:
    answers, x, y = _asked(truth, metres, gaussian=gaussian)
    right = answers.owner == truth.owner
    words = certainty(answers)
    sure = words == "certain"
    share = np.nan_to_num(answers.verdicts.share)
    brier = float(np.mean((share - right) ** 2))
    owner, asset = _nearest(truth, x, y)
    ours = _assets(answers)
    has_asset = truth.asset != ""
    values = [
        f"{sure.mean():.1%}", f"{right[sure].mean():.2%}" if sure.any() else "–", f"{right.mean():.1%}",
        f"{(words == 'ambiguous').mean():.1%}", f"{brier:.3f}",
        f"{(ours == truth.asset)[has_asset].mean():.1%}" if has_asset.any() else "–",
        f"{(owner == truth.owner).mean():.1%}" if truth.kinds else "–",
        f"{(asset == truth.asset).mean():.1%}" if truth.kinds else "–",
    ]  # fmt: skip
    print(f"| {truth.name} | {metres} | {' | '.join(values)} |", flush=True)
    return Outcome(share, right, sure)


def _assets(answers: Assignments) -> NDArray[np.object_]:
    """The likeliest asset, whether or not the answer is bound to it."""
    shares, ids = answers.verdicts.assets, np.full(len(answers), "", dtype=object)
    row, first = np.unique(shares.row, return_index=True)
    for number, kind in enumerate(answers.assets.kinds):
        mine = shares.kind[first] == number
        ids[row[mine]] = answers.generation.assets[kind].id[shares.position[first[mine]]]
    return ids


def _nearest(truth: Truth, x: Floats, y: Floats) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Owner and id of the nearest asset of the category's kinds within 50 m; -1 and empty for none."""
    owner, asset = np.full(len(x), -1, dtype=np.intp), np.full(len(x), "", dtype=object)
    best = np.full(len(x), np.inf)
    for kind in truth.kinds:
        if kind in truth.generation.assets:
            layer = truth.generation.assets[kind]
            index = truth.generation.asset_index[kind]
            position, distance = index.nearest(x, y, NEAREST_M)
            row = np.flatnonzero(distance < best)
            position, best[row] = position[row], distance[row]
            owner[row], asset[row] = layer.owner[position], layer.id[position]
    return owner, asset


def _calibration(outcomes: list[Outcome]) -> None:
    said = np.concatenate([outcome.share for outcome in outcomes])
    was = np.concatenate([outcome.is_right for outcome in outcomes])
    print("| share said | answers | mean share | right | off by, points |\n|---|--:|--:|--:|--:|")
    for tenth in range(1, 10):
        low, high = tenth / 10, (tenth + 1) / 10
        mine = (said >= low) & ((said < high) if tenth < 9 else (said <= 1))
        if mine.sum():
            mean, hit = said[mine].mean(), was[mine].mean()
            off = 100 * (hit - mean)
            print(f"| {low:.1f}–{high:.1f} | {mine.sum():,} | {mean:.3f} | {hit:.3f} | {off:+.1f} |")


def _chicago(folder: Path) -> None:
    city = create_city(folder / "chicago", "Chicago", time_zone="America/Chicago")
    city.toml.write_text(edit(city.words(), categories={"table": "none"}), encoding="utf-8")
    path = DATA / "chicago" / "chicagocomm.shp"
    columns = {str(c).casefold(): str(c) for c in geopandas.read_file(path, rows=1).columns}
    number = next(columns[c] for c in ("area_num_1", "area_numbe", "community") if c in columns)
    import_layer(city, path, *parse_role("grid:community"), ImportOptions(code=number))
    generation = load_draft(City(folder / "chicago"))
    reports = pd.read_csv(DATA / "chicago" / "chicago_311_sanitation_2013H1.csv", dtype=str)
    names = {c.casefold().replace(" ", "_"): c for c in reports.columns}
    lng = pd.to_numeric(reports[names["longitude"]], errors="coerce").to_numpy()
    lat = pd.to_numeric(reports[names["latitude"]], errors="coerce").to_numpy()
    said = pd.to_numeric(reports[names["community_area"]], errors="coerce").to_numpy()
    print("\n## Chicago: 311 reports and the city's own community area, by the error allowed for\n")
    print("| accuracy, m (68 %) | certain | equal the city's | of certain | answer or first runner-up |")
    print("|--:|--:|--:|--:|--:|")
    for metres in (0, 10, 20, 30, 50):
        answers = assign(generation, lng, lat, accuracy_m=np.full(len(lng), float(metres)))
        print(_chicago_line(answers, said, metres))


def _chicago_line(answers: Assignments, said: Floats, metres: float) -> str:
    owners = np.array([*(owner.id for owner in answers.generation.owners), ""], dtype=object)
    ours = pd.to_numeric(pd.Series(owners[answers.owner]), errors="coerce").to_numpy()
    second = pd.to_numeric(pd.Series(owners[answers.verdicts.rival]), errors="coerce").to_numpy()
    placed = (answers.owner >= 0) & np.isfinite(said)
    sure = placed & (certainty(answers) == "certain")
    equal, either = ours == said, (ours == said) | (second == said)
    return (
        f"| {metres} | {sure.sum() / placed.sum():.1%} | {equal[placed].mean():.2%} "
        f"| {equal[sure].mean():.2%} | {either[placed].mean():.2%} |"
    )


if __name__ == "__main__":
    main()
