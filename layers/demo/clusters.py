"""Where problems gather in the demo city: what a planner should find."""

from __future__ import annotations

import numpy as np
import shapely

from layers.demo.curves import ORIGIN
from layers.demo.happenings import DAYS, FIRST_WEEKDAY, Happening, hours_of
from layers.demo.spots import Spot
from layers.demo.tables import City

FEEDER_OUT, LITTER, SCHOOL, FLOOD, BIKES = 46, 120, 130, 48, 110
LITTER_TEXTS = (
    "运料河河面漂浮垃圾很多",
    "运料河又漂了一层塑料袋",
    "运料河里有死鱼和泡沫",
    "运料河边水面垃圾没人捞",
    "城港社区运料河漂浮物，味道难闻",
)
SCHOOL_TEXTS = (
    "学校门口接送车乱停，堵得走不动",
    "校门口机动车停了三排",
    "放学时间学校门口违停，孩子过马路危险",
    "早上送学的车把{road}堵死了",
    "{road}学校门口家长乱停车",
)
FLOOD_TEXTS = (
    "{road}下穿通道积水，车子熄火了",
    "{road}地道积水很深，请封路",
    "{road}下面积水过膝盖",
    "涵洞又淹了，{road}",
)
FEEDER_TEXTS = (
    "{road}一排路灯全黑了",
    "{road}路灯全部不亮",
    "{road}停电了吗，路灯都不亮",
    "{pole}和旁边的都不亮",
)
BIKE_TEXTS = (
    "{road}外卖电瓶车停满人行道",
    "{road}共享单车堆成山",
    "{road}电瓶车乱停，轮椅过不去",
    "{road}盲道上全是电动车",
)
# The two days of heavy rain, counted from the first day.
RAIN_DAYS = (158, 167)
# Where the road dips under the expressway, and the middle of the growing trouble in 学田街道.
UNDERPASS = (-420.0, 4945.0)
BIKES_AT = (2300.0, -2000.0)


def clusters(made: City, rng: np.random.Generator) -> list[Happening]:
    """A feeder's outage, litter on one river, parking at a school, a flooded underpass, bikes on the rise."""
    return [
        *_feeder(made, rng),
        *_litter(made, rng),
        *_school(made, rng),
        *_flood(made, rng),
        *_bikes(made, rng),
    ]


def _feeder(made: City, rng: np.random.Generator) -> list[Happening]:
    """One feeder of lamps in 钟秀街道 fails in the night of day 148."""
    table = made.tables["asset:street_light"]
    lamps = table[table["feeder"].str.startswith("07-") & (table["owner"] == "lighting")]
    feeder = lamps["feeder"].value_counts().sort_index().idxmax()
    dark = lamps[lamps["feeder"] == feeder]
    out = []
    for row in rng.integers(0, len(dark), FEEDER_OUT):
        lamp = dark.iloc[int(row)]
        spot = Spot((lamp.geometry.x, lamp.geometry.y), {"road": lamp["road"], "pole": lamp["name"]})
        minute = 148 * 1440 + 18 * 60 + int(rng.exponential(1500))
        out.append(_told("0118", FEEDER_TEXTS, spot, minute, rng))
    return out


def _litter(made: City, rng: np.random.Generator) -> list[Happening]:
    """The 运料河 gets worse from month to month, most of all at its southern sluice."""
    line = made.wet.lines[made.wet.names.index("运料河")]
    along = rng.beta(1.1, 2.2, LITTER) * line.length
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, along)) + rng.normal(0, 9, (LITTER, 2))
    minutes = hours_of("day", LITTER, rng, growth=6.0)
    return [_told("E0105", LITTER_TEXTS, _at(p), int(m), rng) for p, m in zip(xy, minutes, strict=True)]


def _school(made: City, rng: np.random.Generator) -> list[Happening]:
    """Parents park around a school of 狼山镇街道, on school days when it begins and ends."""
    houses = made.houses
    schools = np.flatnonzero((houses.use == "school") & (made.grid.street[houses.cell] == "320613010"))
    gate = shapely.get_coordinates(shapely.centroid(houses.shapes[schools[len(schools) // 2]]))[0]
    way = int(shapely.STRtree(made.streets.lines).nearest(shapely.Point(gate)))
    line, road = made.streets.lines[way], str(made.streets.names[way])
    spots_at = line.project(shapely.Point(gate)) + rng.normal(0, 70, SCHOOL)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, np.clip(spots_at, 1, line.length - 1)))
    days = np.array([d for d in range(DAYS) if (d + FIRST_WEEKDAY) % 7 < 5 and not 22 < d < 58])
    starts = np.array([7 * 60 + 10, 16 * 60 + 5])[rng.integers(0, 2, SCHOOL)]
    minutes = rng.choice(days, SCHOOL) * 1440 + starts + rng.integers(0, 55, SCHOOL)
    return [
        _told("E0505", SCHOOL_TEXTS, Spot((float(x), float(y)), {"road": road}), int(m), rng)
        for (x, y), m in zip(xy, minutes, strict=True)
    ]


def _flood(made: City, rng: np.random.Generator) -> list[Happening]:
    xy = np.array(UNDERPASS) + ORIGIN + rng.normal(0, 22, (FLOOD, 2))
    way = made.streets.names[int(shapely.STRtree(made.streets.lines).nearest(shapely.Point(xy[0])))]
    minutes = (
        np.array(RAIN_DAYS)[rng.integers(0, 2, FLOOD)] * 1440
        + 6 * 60
        + rng.exponential(240, FLOOD).astype(int)
    )
    return [
        _told("E0406", FLOOD_TEXTS, _at(p, str(way)), int(m), rng) for p, m in zip(xy, minutes, strict=True)
    ]


def _bikes(made: City, rng: np.random.Generator) -> list[Happening]:
    """Bikes on pavements: hardly any in winter, many in June."""
    near = shapely.STRtree(made.streets.lines).query(
        shapely.Point(np.array(BIKES_AT) + ORIGIN).buffer(550), "intersects"
    )
    way = rng.choice(np.sort(near), BIKES)
    at = rng.uniform(0.1, 0.9, BIKES)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(made.streets.lines[way], at, normalized=True))
    minutes = hours_of("day", BIKES, rng, growth=12.0)
    names = made.streets.names[way]
    return [
        _told("E0506", BIKE_TEXTS, _at(p, str(n)), int(m), rng)
        for p, n, m in zip(xy, names, minutes, strict=True)
    ]


def _at(xy: np.ndarray[tuple[int, ...], np.dtype[np.float64]], road: str = "") -> Spot:
    return Spot((float(xy[0]), float(xy[1])), {"road": road})


def _told(
    category: str, texts: tuple[str, ...], spot: Spot, minute: int, rng: np.random.Generator
) -> Happening:
    text = str(rng.choice(texts)).format(**spot.words)
    return Happening(category, text, min(minute, DAYS * 1440 - 1), spot.xy, (texts, spot.words))
