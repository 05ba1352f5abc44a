"""Soft lures that look like fish or worms: shad, pintail, twister, worm."""

from __future__ import annotations

from math import pi, sin

from demo.illustrations.kit import (
    Facts,
    Point,
    Vertex,
    along,
    circle,
    clip,
    ellipse,
    group,
    line,
    move,
    num,
    path,
    rect,
    ribbon,
    shadow,
    smooth,
    tag,
    whole,
)
from demo.illustrations.palette import INK, Colourway, lure, mix

Widths = list[tuple[float, float]]

# Share of the length at which the body is measured, and its half height there (1 = deepest).
STATIONS = (0, 0.02, 0.07, 0.15, 0.26, 0.38, 0.5, 0.62, 0.73, 0.83, 0.9)
SHAD = (0.05, 0.22, 0.48, 0.78, 1.0, 0.97, 0.8, 0.58, 0.38, 0.24, 0.2)
PINTAIL = (0.06, 0.26, 0.56, 0.84, 1.0, 0.98, 0.86, 0.66, 0.42, 0.22, 0.12)


def pixels(length_mm: int) -> float:
    """Return the drawn length: all lures share one scale, so 12 cm is visibly more than 7.5."""
    return 240 + 2.05 * length_mm


def fish_body(length: float, half: float, profile: tuple[float, ...]) -> tuple[list[Point], Widths]:
    """Return spine and half widths of a fish that swims to the left, centred on (0, 0)."""
    spine = []
    for t in STATIONS:
        sway = sin(pi * (t * 1.25 + 0.1)) * 0.022 * length
        spine.append(((t - 0.5) * length, -sway))
    widths = [(half * w, half * w * 1.04) for w in profile]
    return spine, widths


def eye(x: float, y: float, r: float) -> str:
    """Return the painted eye of a lure."""
    ring, pupil = circle(x, y, r, "#F7F1DC"), circle(x, y, r * 0.58, INK)
    return ring + pupil + circle(x - r * 0.22, y - r * 0.25, r * 0.18, "#FFFFFF")


def speckles(spine: list[Point], widths: Widths, colour: str, count: int, r: float) -> str:
    """Return flakes strewn over a body, evenly (golden ratio) and always the same."""
    dots = []
    for i in range(count):
        t = 0.1 + 0.78 * ((i * 0.618034) % 1)
        across = ((i * 0.754878) % 1) * 1.5 - 0.85
        x, y = along(spine, t)
        above = along(widths, t)[0]
        size = r * (0.7 + (i * 0.37) % 0.6)
        dots.append(circle(x, y + across * above, size, colour))
    return group(*dots, opacity=0.85)


def bars(spine: list[Point], widths: Widths, colour: str, at: tuple[float, ...]) -> str:
    """Return the dark cross bars of a perch, tapering towards the belly."""
    parts = []
    for t in at:
        x, y = along(spine, t)
        h = along(widths, t)[0]
        w = h * 0.17
        points = [(x - w, y - h), (x + w * 0.9, y - h), (x + w * 1.5, y - h * 0.1)]
        points += [(x + w * 0.7, y + h * 0.62), (x + w * 0.3, y)]
        parts.append(path(smooth(points), colour))
    return group(*parts, opacity=0.8)


def painted_body(name: str, spine: list[Point], widths: Widths, paint: Colourway) -> str:
    """Return a fish body: flank, dark back, pale belly, pattern and one highlight."""
    outline = smooth(ribbon(spine, widths))
    back = [(x, y - a * 1.3) for (x, y), (a, _) in zip(spine, widths, strict=True)]
    ridge = [(x, y - a * 0.42) for (x, y), (a, _) in zip(spine, widths, strict=True)]
    floor = [(x, y + b * 1.4) for (x, y), (_, b) in zip(spine, widths, strict=True)]
    side = [(x, y + b * 0.3) for (x, y), (_, b) in zip(spine, widths, strict=True)]
    shade = [(x, y + b * 0.78) for (x, y), (_, b) in zip(spine, widths, strict=True)]
    parts = [path(smooth([*back, *reversed(ridge)]), paint.back)]
    parts.append(path(smooth([*side, *reversed(floor)]), paint.belly))
    parts.append(path(smooth([*shade, *reversed(floor)]), mix(paint.belly, INK, 0.13)))
    if paint.pattern == "bars":
        parts.append(bars(spine, widths, paint.mark, (0.36, 0.46, 0.56, 0.66, 0.76)))
    elif paint.pattern == "dots":
        parts.append(speckles(spine, widths, paint.mark, 20, widths[4][0] * 0.075))
    glow = [(x, y - a * 0.2) for (x, y), (a, _) in zip(spine[3:8], widths[3:8], strict=True)]
    shine = widths[4][0] * 0.09
    parts.append(line(smooth(glow, closed=False), "#FFFFFF", shine, opacity=0.35))
    return clip(name, path(outline), rect(-400, -200, 800, 400, paint.flank), *parts)


def head(spine: list[Point], half: float, length: float, paint: Colourway) -> str:
    """Return eye, gill cover and mouth."""
    x, y = along(spine, 0.3)
    gill = (
        f"M{num(x)} {num(y - half * 0.6)}q{num(half * 0.42)} {num(half * 0.6)} 0 {num(half * 1.2)}"
    )
    nose_x, nose_y = spine[0]
    mouth = (
        f"M{num(nose_x + 2)} {num(nose_y + half * 0.16)}q{num(length * 0.03)} {num(half * 0.14)}"
    )
    mouth += f" {num(length * 0.055)} {num(half * 0.02)}"
    ex, ey = along(spine, 0.2)
    parts = line(gill, paint.mark, half * 0.07, opacity=0.55)
    parts += line(mouth, paint.mark, half * 0.06, opacity=0.7)
    return parts + eye(ex, ey - half * 0.16, max(half * 0.24, 8))


def cascade(pieces: int, step: Point, content: str) -> str:
    """Return the lure with one or two of its pack behind it; more pieces, more of them."""
    behind = 0 if pieces < 2 else 1 if pieces < 6 else 2
    if not behind:
        return content
    parts = []
    for i in range(behind, 0, -1):
        x, y = step[0] * i, -step[1] * i
        parts.append(tag("use", href="#one", x=x, y=y))
    return "".join(parts) + group(content, id="one")


def _stage(pieces: int, length: float, half: float, content: str) -> str:
    """Return the pack on its shadow, centred whatever the number shown."""
    step = (min(26.0, 8 + (690 - length) * 0.09), half * 1.3 + 26)
    behind = 0 if pieces < 2 else 1 if pieces < 6 else 2
    x, y = 400 - step[0] * behind / 2, 292 + step[1] * behind / 2
    return shadow(x, y + half + 44, length * 0.43) + move(x, y, cascade(pieces, step, content))


def paddle(x: float, y: float, size: float, root: float, paint: Colourway) -> str:
    """Return the round paddle on its thin root, turned half towards the viewer."""
    outline = [
        (x - size * 0.2, y - root), (x + size * 0.3, y - root * 1.2), (x + size * 0.62, y - size),
        (x + size * 1.02, y - size * 1.02), (x + size * 1.12, y - size * 0.3),
        (x + size * 0.96, y + size * 0.52), (x + size * 0.62, y + size * 0.72),
        (x + size * 0.38, y + size * 0.3), (x + size * 0.2, y + root), (x - size * 0.2, y + root),
    ]  # fmt: skip
    face = ellipse(
        x + size * 0.86,
        y - size * 0.18,
        size * 0.2,
        size * 0.66,
        paint.belly,
        transform=f"rotate(14 {num(x + size * 0.86)} {num(y - size * 0.18)})",
    )
    return path(smooth(outline), paint.flank) + face


def fin(x: float, y: float, w: float, h: float, colour: str) -> str:
    """Return a fin with its front foot at (x, y); a negative height hangs down."""
    d = f"M{num(x)} {num(y)}q{num(w * 0.35)} {num(-h * 1.2)} {num(w * 1.05)} {num(-h)}"
    return path(d + f"q{num(-w * 0.3)} {num(h * 0.6)} {num(w * 0.05)} {num(h)}Z", colour)


def shad(facts: Facts) -> str:
    """Draw a paddle-tail shad; longer ones are slimmer."""
    paint = lure(facts["colour"])
    length_mm = whole(facts, "length_mm")
    length = pixels(length_mm)
    half = length * (0.142 - 0.045 * (length_mm - 50) / 180)
    body = length * 0.92
    spine, widths = fish_body(body, half, SHAD)
    spine = [(x - length * 0.05, y) for x, y in spine]
    tail_x, tail_y = spine[-1]
    top_x, top_y = along(spine, 0.5)
    tone = paint.mark if paint.pattern == "plain" else paint.back
    fins = fin(top_x - half * 0.1, top_y - half * 0.86, half * 0.95, half * 0.42, tone)
    low_x, low_y = along(spine, 0.62)
    fins += fin(low_x, low_y + half * 0.56, half * 0.6, -half * 0.34, mix(tone, paint.belly, 0.5))
    content = fins + paddle(tail_x, tail_y, half * 0.82, widths[-1][0], paint)
    content += painted_body("b", spine, widths, paint) + head(spine, half, body, paint)
    return _stage(whole(facts, "pieces"), length, half, content)


def pintail(facts: Facts) -> str:
    """Draw a slim lure that ends in a long needle."""
    paint = lure(facts["colour"])
    length = pixels(whole(facts, "length_mm"))
    half = length * 0.082
    body = length * 0.72
    spine, widths = fish_body(body, half, PINTAIL)
    spine = [(x - length * 0.14, y) for x, y in spine]
    (x, y), root = spine[-1], widths[-1][0] * 1.5
    needle = [(x - half, y - root * 2), (x + length * 0.12, y - root * 0.6 + half * 0.1)]
    needle += [(x + length * 0.2, y - half * 0.2), (x + length * 0.285, y - half * 0.75)]
    needle += [(x + length * 0.21, y + half * 0.02), (x + length * 0.1, y + root * 0.8)]
    content = path(smooth([*needle, (x - half, y + root * 1.9)]), paint.flank)
    content += painted_body("b", spine, widths, paint) + head(spine, half, body, paint)
    return _stage(whole(facts, "pieces"), length, half * 1.15, content)


def _rings(spine: list[Point], widths: Widths, colour: str, at: list[float], w: float) -> str:
    parts = []
    for t in at:
        (x, y), (ahead, ahead_y) = along(spine, t), along(spine, t + 0.02)
        a, b = along(widths, t)
        run = ((ahead - x) ** 2 + (ahead_y - y) ** 2) ** 0.5 or 1
        nx, ny = (ahead_y - y) / run, -(ahead - x) / run
        start = f"M{num(x + nx * a * 0.94)} {num(y + ny * a * 0.94)}"
        bow = f"Q{num(x - ny * a * 0.5)} {num(y + nx * a * 0.5)}"
        end = f" {num(x - nx * b * 0.94)} {num(y - ny * b * 0.94)}"
        parts.append(start + bow + end)
    return line("".join(parts), colour, w, opacity=0.7)


def twister(facts: Facts) -> str:
    """Draw a ringed grub with a rolled sickle tail."""
    paint = lure(facts["colour"])
    length = pixels(whole(facts, "length_mm"))
    half = length * 0.088
    spine: list[Point] = [(-length * (0.5 - 0.52 * t / 8), -half * 0.06 * t) for t in range(9)]
    widths = [(half * w, half * w) for w in (0.5, 0.92, 1, 1, 0.97, 0.92, 0.86, 0.78, 0.6)]
    x, y = spine[-1]
    u = length * 0.5 / 10
    sickle: list[Vertex] = [
        (x - u, y - half * 0.62), (x + u * 2, y - half * 0.9), (x + u * 4.6, y - u * 2.6),
        (x + u * 7.4, y - u * 2.5), (x + u * 9.2, y - u * 0.2), (x + u * 8.7, y + u * 2.9),
        (x + u * 6.2, y + u * 4.1, True), (x + u * 7.3, y + u * 1.9), (x + u * 6.9, y + u * 0.1),
        (x + u * 5.2, y - u * 0.35), (x + u * 2.6, y + u * 1.3), (x - u, y + half * 0.62),
    ]  # fmt: skip
    edge = [(px, py) for px, py, *_ in sickle[1:7]]
    tail = path(smooth(sickle), paint.flank)
    tail += line(smooth(edge, closed=False), paint.belly, u * 0.42, opacity=0.75)
    content = tail + painted_grub(spine, widths, paint, half, 7)
    return _stage(whole(facts, "pieces"), length, half * 1.9, content)


def painted_grub(
    spine: list[Point], widths: Widths, paint: Colourway, half: float, rings: int
) -> str:
    """Return a ringed soft body with belly, flakes and highlight."""
    outline = smooth(ribbon(spine, widths))
    floor = [(x, y + b * 1.3) for (x, y), (_, b) in zip(spine, widths, strict=True)]
    side = [(x, y + b * 0.3) for (x, y), (_, b) in zip(spine, widths, strict=True)]
    glow = [(x, y - a * 0.5) for (x, y), (a, _) in zip(spine, widths, strict=True)][1:-1]
    parts = [path(smooth([*side, *reversed(floor)]), mix(paint.flank, paint.belly, 0.7))]
    at = [0.18 + 0.74 * i / (rings - 1) for i in range(rings)]
    parts.append(_rings(spine, widths, paint.back, at, half * 0.13))
    if paint.pattern != "plain":
        parts.append(speckles(spine, widths, paint.mark, 18, half * 0.07))
    parts.append(line(smooth(glow, closed=False), "#FFFFFF", half * 0.16, opacity=0.35))
    return clip("b", path(outline), rect(-400, -200, 800, 400, paint.flank), *parts)


def worm(facts: Facts) -> str:
    """Draw a long ringed worm in an S with its thicker collar."""
    paint = lure(facts["colour"])
    length = pixels(whole(facts, "length_mm")) * 1.02
    half = length * 0.034
    spine: list[Point] = []
    for i in range(17):
        t = i / 16
        spine.append(((t - 0.5) * length, sin(t * pi * 2.1 + 0.4) * length * 0.1 * (0.7 + t * 0.5)))
    taper = [0.55, 0.85, 0.95, 1, 1, 1.05, 1.3, 1.3, 1.05, 0.95, 0.9, 0.85, 0.78, 0.7, 0.6, 0.45]
    widths = [(half * w, half * w) for w in [*taper, 0.2]]
    content = painted_grub(spine, widths, paint, half, 26)
    collar, band = spine[6:8], widths[6:8]
    content += path(
        smooth(ribbon(collar, [(w * 1.04, v * 1.04) for w, v in band])), paint.belly, opacity=0.55
    )
    return _stage(whole(facts, "pieces"), length, length * 0.075, content)
