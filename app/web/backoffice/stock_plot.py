"""Stock over time as a small drawing: a step line, made here, without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 640, 140

Points = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A step line in a box of `WIDTH` × `HEIGHT`, with what its edges stand for.

    `line` and `area` are SVG paths; `marks` are the days that stand below it, each with its place
    from the left in percent.
    """

    line: str
    area: str
    least: int
    most: int
    first: int
    last: int
    marks: list[tuple[float, datetime]]


def draw(points: Points, until: datetime) -> Plot:
    """Draw units over time.

    Args:
        points: (instant, units from then on), by instant; at least one.
        until: where the line ends; after the last point.
    """
    since = points[0][0]
    span = max(until - since, timedelta(seconds=1))
    units = [count for _, count in points]
    top = max(*units, 1)

    def x(at: datetime) -> str:
        return f"{WIDTH * ((at - since) / span):.1f}"

    def y(count: int) -> str:
        # Room above and below, so that the line is not cut where it touches an edge.
        return f"{HEIGHT - 4 - (HEIGHT - 8) * count / top:.1f}"

    path = [f"M0 {y(units[0])}"]
    for at, count in points[1:]:
        path.append(f"H{x(at)}V{y(count)}")
    path.append(f"H{WIDTH}")
    line = "".join(path)
    return Plot(
        line=line,
        area=f"{line}V{HEIGHT}H0Z",
        least=min(units),
        most=max(units),
        first=units[0],
        last=units[-1],
        marks=[(share * 100, since + span * share) for share in (0, 0.5, 1)],
    )
