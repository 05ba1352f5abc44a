"""The drawing kit that every illustration shares: numbers, shapes, smooth outlines, the stage.

All pictures are 800 by 600 units. Light falls from the upper left, so shade lies low and right.
Goods are flat, without outlines, in three tones, and stand on one soft shadow on the sand ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import hypot

WIDTH, HEIGHT = 800, 600
SAND, SHADOW = "#F1EBDD", "#DDD3BD"

Point = tuple[float, float]
Facts = Mapping[str, object]
# A third value marks a corner: the outline turns there sharply instead of flowing through.
Vertex = tuple[float, float] | tuple[float, float, bool]


def num(value: float) -> str:
    """Return a number as short as SVG allows, one decimal at most."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def attributes(values: dict[str, object]) -> str:
    """Return XML attributes; `stroke_width` becomes `stroke-width`, None is left out."""
    parts = []
    for name, value in values.items():
        if value is None:
            continue
        text = num(value) if isinstance(value, int | float) else str(value)
        parts.append(f' {name.replace("_", "-")}="{escape(text)}"')
    return "".join(parts)


def tag(name: str, body: str = "", /, **values: object) -> str:
    """Return one SVG element."""
    if body:
        return f"<{name}{attributes(values)}>{body}</{name}>"
    return f"<{name}{attributes(values)}/>"


def path(d: str, fill: str = "none", /, **more: object) -> str:
    """Return a filled path."""
    return tag("path", d=d, fill=fill, **more)


def line(d: str, colour: str, width: float, **more: object) -> str:
    """Return a stroked path with round ends, the only kind of line in the house style."""
    more.setdefault("stroke_linecap", "round")
    more.setdefault("stroke_linejoin", "round")
    return tag("path", d=d, fill="none", stroke=colour, stroke_width=width, **more)


def ellipse(cx: float, cy: float, rx: float, ry: float, fill: str, **more: object) -> str:
    """Return an ellipse."""
    return tag("ellipse", cx=cx, cy=cy, rx=rx, ry=ry, fill=fill, **more)


def circle(cx: float, cy: float, r: float, fill: str, **more: object) -> str:
    """Return a circle."""
    return tag("circle", cx=cx, cy=cy, r=r, fill=fill, **more)


def rect(x: float, y: float, w: float, h: float, fill: str, r: float = 0, **more: object) -> str:
    """Return a rectangle with round corners of radius `r`."""
    return tag("rect", x=x, y=y, width=w, height=h, rx=r or None, fill=fill, **more)


def polygon(points: Iterable[Point], fill: str, **more: object) -> str:
    """Return a straight-sided shape."""
    flat = " ".join(f"{num(x)},{num(y)}" for x, y in points)
    return tag("polygon", points=flat, fill=fill, **more)


def group(*parts: str, **values: object) -> str:
    """Return the parts as one group."""
    return tag("g", "".join(parts), **values)


def move(x: float, y: float, *parts: str, scale: float = 1, turn: float = 0) -> str:
    """Return the parts moved to (x, y), then turned by degrees and scaled about that point."""
    how = f"translate({num(x)} {num(y)})"
    if turn:
        how += f" rotate({num(turn)})"
    if scale != 1:
        how += f" scale({scale:.3f})".replace(".000", "")
    return group(*parts, transform=how)


def clip(name: str, shape: str, *parts: str) -> str:
    """Return the parts cut to `shape`; `name` must be unique in the picture."""
    return tag("clipPath", shape, id=name) + group(*parts, clip_path=f"url(#{name})")


def _tangent(before: Point, here: Vertex, after: Point) -> Point:
    if len(here) == 3 and here[2]:
        return (0.0, 0.0)
    return ((after[0] - before[0]) / 6, (after[1] - before[1]) / 6)


def smooth(points: Sequence[Vertex], *, closed: bool = True) -> str:
    """Return a path that flows through all points (Catmull-Rom, written as cubic Béziers)."""
    count = len(points)
    plain: list[Point] = [(p[0], p[1]) for p in points]
    tangents: list[Point] = []
    for i, here in enumerate(points):
        before = plain[i - 1] if closed or i else plain[0]
        after = plain[(i + 1) % count] if closed or i + 1 < count else plain[-1]
        tangents.append(_tangent(before, here, after))
    parts = [f"M{num(plain[0][0])} {num(plain[0][1])}"]
    at_x, at_y = round(plain[0][0], 1), round(plain[0][1], 1)
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        (x0, y0), (x1, y1), (t0x, t0y), (t1x, t1y) = plain[i], plain[j], tangents[i], tangents[j]
        # A corner has no tangent of its own: its handle points along the chord.
        if (t0x, t0y) == (0.0, 0.0):
            t0x, t0y = (x1 - x0) / 4, (y1 - y0) / 4
        if (t1x, t1y) == (0.0, 0.0):
            t1x, t1y = (x1 - x0) / 4, (y1 - y0) / 4
        # Relative knots are shorter. What rounding loses is carried into the next segment.
        end = (round(x1 - at_x, 1), round(y1 - at_y, 1))
        knots = (x0 + t0x - at_x, y0 + t0y - at_y, x1 - t1x - at_x, y1 - t1y - at_y, *end)
        parts.append("c" + " ".join(num(k) for k in knots).replace(" -", "-"))
        at_x, at_y = at_x + end[0], at_y + end[1]
    return "".join(parts) + ("Z" if closed else "")


def ribbon(spine: Sequence[Point], widths: Sequence[tuple[float, float]]) -> list[Vertex]:
    """Return the outline of a band along `spine`; widths are (above, below) at each point."""
    upper: list[Vertex] = []
    lower: list[Vertex] = []
    for i, (x, y) in enumerate(spine):
        (ax, ay), (bx, by) = spine[max(i - 1, 0)], spine[min(i + 1, len(spine) - 1)]
        length = hypot(bx - ax, by - ay) or 1
        nx, ny = (by - ay) / length, -(bx - ax) / length
        above, below = widths[i]
        upper.append((x + nx * above, y + ny * above))
        lower.append((x - nx * below, y - ny * below))
    return [*upper, *reversed(lower)]


def along(points: Sequence[Point], t: float) -> Point:
    """Return the point at share `t` (0..1) of a polyline with evenly spaced stations."""
    place = max(0.0, min(1.0, t)) * (len(points) - 1)
    i = min(int(place), len(points) - 2)
    f = place - i
    (x0, y0), (x1, y1) = points[i], points[i + 1]
    return (x0 + (x1 - x0) * f, y0 + (y1 - y0) * f)


def shadow(cx: float, cy: float, rx: float, ry: float = 0) -> str:
    """Return the soft ground shadow: two flat ellipses, the inner one a tone deeper."""
    ry = ry or max(9.0, min(22.0, rx * 0.07))
    outer = ellipse(cx, cy, rx, ry, SHADOW, opacity=0.55)
    return outer + ellipse(cx, cy, rx * 0.82, ry * 0.7, SHADOW)


def picture(title: str, *parts: str) -> str:
    """Return the standalone SVG of one product on its sand ground, with a German title."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title)}</title>"
    )
    return head + rect(0, 0, WIDTH, HEIGHT, SAND) + "".join(parts) + "</svg>"


def whole(facts: Facts, name: str) -> int:
    """Return a whole-number attribute; a missing one raises KeyError."""
    return int(str(facts[name]))


def word(facts: Facts, name: str) -> str:
    """Return a text attribute; a missing one raises KeyError."""
    return str(facts[name])
