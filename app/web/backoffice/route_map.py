"""Where an order's parcels come from, as a small map: made here, without a script.

The piece of Germany that holds the senders, the customer and who else had the goods. Names stand
where they do not cover one another; a network of hundreds is dots.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 260
_MARGIN = 34
_LEAST_DEGREES = 1.1
# An advance per letter of the map's small type, and its height.
_LETTER, _LINE = 6.4, 14
_NAMED_OTHERS = 8
# A dot that is cut off at the edge still says "further on"; text needs air.
_BEYOND, _AIR = 20, 2

# The border of Germany, roughly, as longitude and latitude; enough to know where one is.
_BORDER = (
    (6.9, 53.6), (8.1, 53.55), (8.6, 53.9), (8.85, 54.05), (8.65, 54.9), (9.45, 54.82),
    (10.0, 54.5), (10.95, 54.35), (10.85, 53.98), (12.1, 54.18), (12.55, 54.45), (13.4, 54.65),
    (13.75, 54.15), (14.25, 53.75), (14.4, 53.2), (14.15, 52.85), (14.6, 52.5), (14.7, 52.05),
    (14.75, 51.5), (15.0, 51.2), (14.8, 50.85), (14.3, 51.05), (13.5, 50.65), (12.9, 50.4),
    (12.1, 50.3), (12.5, 49.9), (12.7, 49.35), (13.8, 48.75), (13.45, 48.55), (12.85, 48.2),
    (12.95, 47.75), (13.05, 47.5), (12.2, 47.6), (11.1, 47.4), (10.2, 47.3), (9.6, 47.55),
    (8.6, 47.7), (7.6, 47.58), (7.6, 48.1), (8.2, 48.97), (7.4, 49.15), (6.4, 49.45),
    (6.1, 50.1), (6.2, 50.6), (5.95, 51.0), (6.2, 51.4), (5.98, 51.8), (6.75, 52.1),
    (7.05, 52.4), (7.0, 52.65), (7.2, 53.25), (7.0, 53.4),
)  # fmt: skip

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A location on the map; `state` as in `verdicts.Standing`.

    `label` is empty where it would cover another one.
    """

    x: float
    y: float
    state: str
    name: str
    label: str
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class RouteMap:
    """A drawing of `WIDTH` × `HEIGHT`: the land, a curve per sender, and the spots."""

    land: str
    routes: list[str]
    spots: list[Spot]
    home: Spot


def draw(home: Point, home_name: str, places: Sequence[tuple[str, float, float, str]]) -> RouteMap:
    """Draw the map.

    Args:
        home: latitude and longitude of the customer.
        home_name: what to call that.
        places: name, latitude, longitude and state of each location, the important ones first.
    """
    near = [row for row in places if row[3] != "empty"] or list(places)
    frame = _frame([home, *((row[1], row[2]) for row in near)])
    taken: list[Box] = []
    at_home = _place(frame, *home)
    taken.append((at_home[0] - 11, at_home[1] - 11, at_home[0] + 11, at_home[1] + 11))
    at = {row: _place(frame, row[1], row[2]) for row in places}
    taken += [(x - 6, y - 6, x + 6, y + 6) for row, (x, y) in at.items() if row[3] != "empty"]
    house = _spot(at_home, "home", home_name, taken, offset=14)
    spots, others = [], 0
    for row, (x, y) in at.items():
        if not (-_BEYOND < x < WIDTH + _BEYOND and -_BEYOND < y < HEIGHT + _BEYOND):
            continue
        others += row[3] != "sends"
        named = row[3] == "sends" or (row[3] != "empty" and others <= _NAMED_OTHERS)
        spots.append(_spot((x, y), row[3], row[0], taken, named=named))
    routes = [_curve((spot.x, spot.y), at_home) for spot in spots if spot.state == "sends"]
    # What matters is drawn last, above the rest.
    return RouteMap(_land(frame), routes, spots[::-1], house)


def _frame(points: Sequence[Point]) -> Mapping[str, float]:
    """The scale and the middle that show all points; degrees of longitude are shorter up north."""
    south, north = min(p[0] for p in points), max(p[0] for p in points)
    west, east = min(p[1] for p in points), max(p[1] for p in points)
    middle = (south + north) / 2
    narrow = math.cos(math.radians(middle))
    high = max(north - south, _LEAST_DEGREES)
    wide = max((east - west) * narrow, _LEAST_DEGREES)
    scale = min((WIDTH - 2.6 * _MARGIN) / wide, (HEIGHT - 2 * _MARGIN) / high)
    return {"scale": scale, "narrow": narrow, "lat": middle, "lon": (west + east) / 2}


def _place(frame: Mapping[str, float], latitude: float, longitude: float) -> Point:
    x = WIDTH / 2 + (longitude - frame["lon"]) * frame["narrow"] * frame["scale"]
    y = HEIGHT / 2 - (latitude - frame["lat"]) * frame["scale"]
    return round(x, 1), round(y, 1)


def _land(frame: Mapping[str, float]) -> str:
    points = [_place(frame, latitude, longitude) for longitude, latitude in _BORDER]
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"


def _curve(start: Point, end: Point) -> str:
    """A parcel's way, bent a little, so that two from one direction can be told apart."""
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    bend = min(26.0, length / 5)
    x = (x1 + x2) / 2 + (y2 - y1) / length * bend
    y = (y1 + y2) / 2 - (x2 - x1) / length * bend
    return f"M{x1} {y1}Q{x:.1f} {y:.1f} {x2} {y2}"


def _spot(
    at: Point, state: str, name: str, taken: list[Box], *, named: bool = True, offset: int = 10
) -> Spot:
    """A spot with its name at the first side where nothing else stands."""
    x, y = at
    wide = len(name) * _LETTER
    sides = (
        ("start", x + offset, y + 4, (x + offset, y - 9, x + offset + wide, y + 6)),
        ("end", x - offset, y + 4, (x - offset - wide, y - 9, x - offset, y + 6)),
        ("middle", x, y - offset, (x - wide / 2, y - offset - 12, x + wide / 2, y - offset + 2)),
        ("middle", x, y + offset + 9, (x - wide / 2, y + offset, x + wide / 2, y + offset + _LINE)),
    )
    for anchor, label_x, label_y, box in sides if named else ():
        inside = box[0] >= _AIR and box[2] <= WIDTH - _AIR and box[1] >= _AIR
        inside = inside and box[3] <= HEIGHT - _AIR
        own = (x - 6, y - 6, x + 6, y + 6)
        if inside and not any(_meet(box, other) for other in taken if other != own):
            taken.append(box)
            return Spot(x, y, state, name, name, round(label_x, 1), round(label_y, 1), anchor)
    return Spot(x, y, state, name, "", x, y, "start")


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
