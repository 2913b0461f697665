"""Where the next month's reports will be: ``python -m benchmarks.hotspots_prediction``.

Reports to Chicago of one category (sanitation), the first half of 2013, without those the city marked as
repeats. In each lattice every month ranks the cells, and the ranking is judged by the month after it: the PAI
and the PEI at some shares of the ground (Chainey, Tompson and Uhlig 2008; Hunt 2016). Five pairs of months
overlap, so that their spread is no standard error; it tells how much one month is worth.

No ranking has a setting but the bandwidth of the KDE, of which several are shown. How the expected rate is
reckoned was chosen by looking at these very months, among some twenty variants; most differed little, some
fell below counts, and one of the simplest was kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.bins import Lattice, bins, centres
from geo.bins_counts import counts
from geo.density import density, density_at
from geo.hotspot_prediction import expected_rates, pai, pei
from geo.hotspots import HOT, by_exposure, judged
from geo.neighbours import bin_neighbours

Floats = NDArray[np.float64]

CHICAGO = Path(__file__).parents[2] / "shared" / "data" / "chicago"
CRS = "EPSG:32616"
SHARES = np.array([0.01, 0.02, 0.05, 0.10])
BANDWIDTHS_M = (150.0, 250.0, 500.0, 1000.0)
LATTICES = (
    (Lattice("square", 250.0), "queen"),
    (Lattice("square", 500.0), "queen"),
    (Lattice("hex", 500.0), "hex"),
)
COUNTS, FUTURE = "last month's counts", "who knew the future"


def main(argv: list[str] | None = None) -> None:
    """Print one table for each lattice, and what the hot cells themselves hold."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--folder", type=Path, default=CHICAGO, help="where the reports and areas lie")
    folder: Path = asked.parse_args(argv).folder
    xy, month = _reports(folder)
    areas = geopandas.read_file(folder / "chicagocomm.shp").to_crs(CRS).geometry
    city = shapely.union_all(shapely.make_valid(areas.to_numpy()))
    print(f"{len(xy):,} reports of {len(set(month.tolist()))} months on {shapely.area(city) / 1e6:.0f} km²")
    for lattice, touching in LATTICES:
        _table(lattice, touching, xy, month, city)


def _reports(folder: Path) -> tuple[Floats, NDArray[np.int64]]:
    """Places in metres and months, without repeats and without those that have no place."""
    table = pd.read_csv(folder / "chicago_311_sanitation_2013H1.csv", parse_dates=["Creation_Date"])
    table = table[~table["Status"].str.contains("Dup")].dropna(subset=["Longitude", "Latitude"])
    points = geopandas.points_from_xy(table["Longitude"], table["Latitude"], crs="EPSG:4326").to_crs(CRS)
    return np.column_stack([points.x, points.y]), table["Creation_Date"].dt.month.to_numpy(np.int64)


def _table(
    lattice: Lattice, touching: str, xy: Floats, month: NDArray[np.int64], city: shapely.Geometry
) -> None:
    used = bins(lattice, xy, within=city)
    area = shapely.area(shapely.intersection(used.polygons, city))
    links = bin_neighbours(used.key, "hex" if touching == "hex" else "queen")
    months = np.unique(month)
    held = [counts(used.position[month == each], len(used.key)).raw.astype(np.float64) for each in months]
    found: dict[str, list[Floats]] = {}
    hot: list[tuple[float, float, float]] = []
    for last, following, which in zip(held, held[1:], months, strict=False):
        tested = by_exposure(last, area, links)
        ranked = _rankings(last, area, links, tested.p, tested.side, tested.low)
        middle = centres(lattice, used.key)
        for width in BANDWIDTHS_M:
            surface = density(xy[month == which], bandwidth_m=width, cell_m=min(width / 2.5, 100.0))
            ranked[f"KDE, {width:.0f} m"] = density_at(surface, middle)
        ranked[FUTURE] = following / np.maximum(area, 1.0)
        for name, score in ranked.items():
            both = pai(score, following, SHARES, area=area), pei(score, following, SHARES, area=area)
            found.setdefault(name, []).append(np.stack(both))
        hot.append(_hot(judged([tested])[0].class_ == HOT, following, area, last))
    print(f"\n{lattice.shape} {lattice.size_m:.0f} m, {len(used.key):,} cells, {len(hot)} pairs of months\n")
    _print(found)
    some = [each for each in hot if each[0]]
    ground, ours, theirs = np.mean(some, axis=0) if some else (0.0, np.nan, np.nan)
    print(
        f"\nhot cells, in {len(some)} of {len(hot)} months: {ground:.2%} of the ground, PAI {ours:.2f};"
        f" as much ground by counts: {theirs:.2f}"
    )


def _rankings(
    last: Floats, area: Floats, links: object, p: Floats, side: NDArray[np.int8], low: Floats
) -> dict[str, Floats]:
    ground = np.maximum(area, 1.0)
    return {
        COUNTS: last,
        "expected rate (own and neighbours')": expected_rates(last, links, exposure=ground),
        "hotspot: the least p first": np.where(np.isnan(p), np.nan, -side * np.log(np.maximum(p, 1e-300))),
        "hotspot: lower bound of the risk": low,
    }


def _hot(hot: NDArray[np.bool_], following: Floats, area: Floats, last: Floats) -> tuple[float, float, float]:
    """The share of the ground that is hot, its PAI, and that of as much ground by counts."""
    share = float(area[hot].sum() / area.sum())
    if not share:
        return 0.0, np.nan, np.nan
    ours = following[hot].sum() / following.sum() / share
    return share, float(ours), float(pai(last, following, [share], area=area)[0])


def _print(found: dict[str, list[Floats]]) -> None:
    heads = "".join(f"{f'PAI {share:.0%}':>14}" for share in SHARES)
    heads += "".join(f"{f'PEI {share:.0%}':>9}" for share in SHARES)
    print(f"{'':36}{heads}{'above counts':>14}")
    base = np.array(found[COUNTS])[:, 0]
    for name, pairs in found.items():
        (mean, efficient), spread = np.mean(pairs, axis=0), np.std(pairs, axis=0, ddof=1)[0]
        line = "".join(f"{f'{one:.2f} ± {off:.2f}':>14}" for one, off in zip(mean, spread, strict=True))
        line += "".join(f"{one:9.2f}" for one in efficient)
        better = int((np.array(pairs)[:, 0] > base).sum())
        print(f"{name:36}{line}{f'{better} of {base.size}':>14}")


if __name__ == "__main__":
    main()
