"""What stands along the streets and waters: lamps, manholes, sluices and pump stations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.demo.curves import ORIGIN, Array
from layers.demo.lots import Lots
from layers.demo.plan import HAO_MIDDLE
from layers.demo.regions import Labels
from layers.demo.roads import Streets
from layers.demo.territory import Territory
from layers.demo.waters import Waters

LAMPS = 20_000
LANE_LAMPS = 2_600
MANHOLES = 4_000
# Lamps stand this far from the kerb.
KERB_M = 1.2
SPACING_M = {"expressway": 35.0, "arterial": 32.0, "secondary": 27.0, "branch": 22.0, "lane": 18.0}
# Manhole covers: category of GB/T 30428, what it says, owner, share.
COVERS = (
    ("0102", "污水", "drainage", 0.30),
    ("0103", "雨水", "municipal", 0.30),
    ("0105", "电力", "power", 0.12),
    ("0107", "通讯", "telecom", 0.14),
    ("0101", "上水", "water", 0.08),
    ("0111", "燃气", "gas", 0.06),
)


@dataclass(frozen=True)
class Lamps:
    """Street lights: position (EPSG:4549), the street (-1 on a lane), cell, class of street."""

    xy: Array
    street: Labels
    cell: Labels
    klass: NDArray[np.str_]


def lamps(streets: Streets, ground: Lots, grid: Territory, wet: Waters, rng: np.random.Generator) -> Lamps:
    """Twenty thousand lamps, on main roads and downtown first, none in water or on a carriageway."""
    xy, street, klass = _kerb_lamps(streets, rng)
    lane_xy = _lane_lamps(ground, rng)
    every = np.vstack([xy, lane_xy])
    on = np.concatenate([street, np.full(len(lane_xy), -1)])
    kind = np.concatenate([klass, np.full(len(lane_xy), "lane")])
    dry = ~_hindered(every, streets, wet)
    every, on, kind = every[dry], on[dry], kind[dry]
    chosen = np.sort(_first_lit(every, on, kind))
    cell = grid.at(shapely.points(every[chosen]))
    return Lamps(every[chosen], on[chosen], cell, kind[chosen])


def _kerb_lamps(streets: Streets, rng: np.random.Generator) -> tuple[Array, Labels, NDArray[np.str_]]:
    """Lamps along both kerbs; on narrow streets they stand in turn left and right."""
    spacing = np.array([SPACING_M[k] for k in streets.klass]) * rng.uniform(0.9, 1.08, len(streets.lines))
    count = np.floor(shapely.length(streets.lines) / spacing).astype(int)
    street = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(street)) - np.repeat(np.cumsum(count) - count, count)
    sides = [_kerb(streets, street, (nth + 0.5) * spacing[street], side) for side in (1.0, -1.0)]
    narrow = streets.width_m[street] < 15
    left, right = np.flatnonzero(~narrow | (nth % 2 == 0)), np.flatnonzero(~narrow | (nth % 2 == 1))
    on = np.concatenate([street[left], street[right]])
    return np.vstack([sides[0][left], sides[1][right]]), on, streets.klass[on]


def _kerb(streets: Streets, street: Labels, along: Array, side: float) -> Array:
    here, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(streets.lines[street], along + d))
        for d in (-0.5, 0.5)
    )
    way = ahead - here
    normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None]
    return np.asarray((here + ahead) / 2 + side * normal * (streets.width_m[street] / 2 + KERB_M)[:, None])


def _lane_lamps(ground: Lots, rng: np.random.Generator) -> Array:
    """Lamps along lanes between lots where people live."""
    lines = ground.lanes[rng.permutation(len(ground.lanes))]
    count = np.floor(shapely.length(lines) / SPACING_M["lane"] / 1.6).astype(int)
    lane = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(lane)) - np.repeat(np.cumsum(count) - count, count)
    points = shapely.line_interpolate_point(lines[lane], (nth + 0.5) * SPACING_M["lane"] * 1.6)
    return np.asarray(shapely.get_coordinates(points) + np.array([2.2, 0.9]))


def _hindered(xy: Array, streets: Streets, wet: Waters) -> NDArray[np.bool_]:
    """Whether a lamp would stand in water or on a carriageway."""
    ways = shapely.buffer(streets.lines, streets.width_m / 2 + 0.3, cap_style="flat", quad_segs=3)
    taken = np.concatenate([ways, wet.surfaces])
    # The query side is prepared, so the few large shapes ask the many small ones.
    hit = shapely.STRtree(shapely.points(xy)).query(taken, predicate="intersects")[1]
    out = np.zeros(len(xy), dtype=bool)
    out[hit] = True
    return out


def _first_lit(xy: Array, street: Labels, klass: NDArray[np.str_]) -> Labels:
    """The lamps that the money was spent on: main roads first, each class from the middle outwards."""
    away = np.hypot(*(xy - ORIGIN - HAO_MIDDLE).T)
    penalty = {"expressway": 0.0, "arterial": 0.0, "secondary": 3_500.0, "branch": 4_500.0, "lane": 0.0}
    rank = away + np.array([penalty[k] for k in klass])
    lanes, kerbs = np.flatnonzero(street < 0), np.flatnonzero(street >= 0)
    lit = lanes[np.argsort(rank[lanes], kind="stable")[:LANE_LAMPS]]
    return np.concatenate([kerbs[np.argsort(rank[kerbs], kind="stable")[: LAMPS - len(lit)]], lit])


def pole_numbers(lit: Lamps, grid: Territory) -> NDArray[np.str_]:
    """Eight digits a pole: two for the street office and six in the order in which they stand."""
    street = grid.street[lit.cell]
    number = np.empty(len(lit.xy), dtype="U8")
    for code in np.unique(street):
        mine = np.flatnonzero(street == code)
        mine = mine[np.lexsort((mine, lit.street[mine]))]
        number[mine] = [f"{code[7:]}{119_801 + n:06d}" for n in range(len(mine))]
    return number


def lamp_owners(
    lit: Lamps, grid: Territory, manager: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.str_]:
    """Who answers for each lamp; ``manager`` is the property manager around it, or empty."""
    office = np.char.add("street-", np.array([code[6:] for code in grid.street[lit.cell]]))
    # A street office keeps up some of its small streets itself, street by street.
    handed = rng.random(int(lit.street.max()) + 2)[lit.street] < 0.55
    owner = np.where((lit.klass == "branch") & handed, office, "lighting")
    owner = np.where(lit.klass == "lane", np.where(manager != "", manager, office), owner)
    return np.where(in_zone(lit.xy) & (lit.klass != "lane"), "zone", owner)


def in_zone(xy: Array) -> NDArray[np.bool_]:
    """Whether each position lies in the development zone in the south-east."""
    east, north = (xy - ORIGIN).T
    return np.asarray((east > 3600) & (north < -3900), dtype=np.bool_)


def manholes(streets: Streets, rng: np.random.Generator) -> tuple[Array, Labels, Labels]:
    """Manhole covers on carriageways: position, street, and kind (a row of `COVERS`)."""
    length = shapely.length(streets.lines)
    street = np.sort(rng.choice(len(length), MANHOLES, p=length / length.sum()))
    along = rng.uniform(0.05, 0.95, MANHOLES) * length[street]
    aside = rng.uniform(-0.35, 0.35, MANHOLES) * streets.width_m[street]
    here = shapely.get_coordinates(shapely.line_interpolate_point(streets.lines[street], along))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(streets.lines[street], along + 1.0))
    way = ahead - here
    normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    kind = rng.choice(len(COVERS), MANHOLES, p=[cover[3] for cover in COVERS])
    return here + normal * aside[:, None], street, kind


def sluices(wet: Waters, streets: Streets) -> tuple[Array, list[str]]:
    """A sluice at each end of every canal, called after the water or the main road beside it."""
    spots = [xy for line in wet.lines[2:] for xy in (line.coords[0], line.coords[-1])]
    waters_ = [name for name in wet.names[2:] for _ in range(2)]
    main = streets.only(np.isin(streets.klass, ("expressway", "arterial")))
    points = shapely.points(np.array(spots))
    near = shapely.STRtree(main.lines).nearest(points)
    beside = shapely.distance(points, main.lines[near]) < 130
    names: list[str] = []
    for i, water in enumerate(waters_):
        name = f"{main.names[near[i]]}闸口" if beside[i] else f"{water}闸"
        names.append(name if name not in names else f"{water}{'首' if i % 2 == 0 else '尾'}闸")
    return np.array(spots), names


def pump_stations(wet: Waters) -> Array:
    """A pump station every 2.2 km along the canals, beside the water."""
    spots = []
    for line, width in zip(wet.lines[2:], wet.width_m[2:], strict=True):
        bank = line.offset_curve(width / 2 + 9)
        along = np.arange(700.0, bank.length, 2200.0)
        spots.append(shapely.get_coordinates(shapely.line_interpolate_point(bank, along)))
    return np.vstack(spots)
