"""Title, lure, knot."""

from __future__ import annotations

from math import sin

from demo.film.actors import shad
from demo.film.stage import (
    HEIGHT,
    SERIF,
    WIDTH,
    fishing_line,
    label,
    pill,
    share,
    text,
    underwater,
)
from demo.illustrations import landscape
from demo.illustrations.brand import hook_and_waves
from demo.illustrations.hook_shapes import single
from demo.illustrations.kit import Point, circle, ellipse, line, move, num, rect
from demo.illustrations.palette import INK, PAPER, STEEL

SAND = "#F1EBDD"


def river(t: float) -> str:
    """Return the Rhine with a barge that drifts by."""
    w, h = WIDTH, HEIGHT
    return (
        landscape.style()
        + landscape.river(w, h)
        + landscape.barge(60 + t * 9, h * 0.61, 0.5)
        + landscape.bank(w, h)
    )


def title(t: float) -> str:
    """The river, the angler, and the name of the film on paper."""
    body = river(t) + landscape.angler(556, 318, 0.64)
    tip = (556 - 236 * 0.64, 318 - 200 * 0.64)
    end = (330.0, 282 + sin(t * 2) * 1.5)
    body += fishing_line(tip, end, 24) + landscape.ripples(*end, 0.7)
    body += circle(end[0], end[1] - 3, 4, "#B8420F")
    shown = share(t, 0.5, 1.4)
    card = rect(0, 0, 316, 128, PAPER, 12) + move(
        20, 20, hook_and_waves("#0E4F47", "#B8420F"), scale=0.42
    )
    card += text(56, 40, "Angelhaus Rhein", 16, "#0E4F47", family=SERIF)
    card += text(20, 80, "Barsche mit Gummi:", 27, INK, family=SERIF)
    card += text(20, 110, "so geht’s", 27, INK, family=SERIF)
    return body + f'<g opacity="{shown:.2f}">{move(32, 56 - 12 * (1 - shown), card)}</g>'


def lure(t: float) -> str:
    """What a shad is, how long, in which colour."""
    if t < 9:
        return _parts(t) + pill(1, "Der Köder", t)
    if t < 18:
        return _lengths(t - 9) + pill(1, "Der Köder", 9)
    return _colours(t - 18) + pill(1, "Der Köder", 9)


def _parts(t: float) -> str:
    ground = rect(0, 0, WIDTH, HEIGHT, SAND) + ellipse(320, 268, 190, 11, "#DDD3BD")
    body = ground + move(320, 180, shad(380, "motoroil", t * 7))
    body += label(200, 300, "weicher Körper", share(t, 1.5, 2.2))
    arrow = share(t, 4.4, 5)
    body += f'<g opacity="{arrow:.2f}">{line("M486 108L490 138", INK, 2.5)}</g>'
    return body + label(476, 92, "Schaufelschwanz", arrow)


def _lengths(t: float) -> str:
    body = rect(0, 0, WIDTH, HEIGHT, SAND)
    rows = (
        (70, "7 cm", "Barsch", 0.2),
        (90, "9 cm", "Barsch und Zander", 2.4),
        (120, "12 cm", "Zander und Hecht", 4.8),
    )
    for i, (length, size, fish, at) in enumerate(rows):
        seen = share(t, at, at + 0.7)
        if seen <= 0:
            continue
        y, px = 102 + i * 86, length * 2.1
        row = move(60 + px / 2 - 20 * (1 - seen), y, shad(px, "feuertiger", t * 7 + i, f"b{i}"))
        row += text(372, y + 2, size, 26, INK, family=SERIF)
        row += text(372, y + 24, fish, 16, "#56615D", weight=500)
        body += f'<g opacity="{seen:.2f}">{row}</g>'
    return body


def _colours(t: float) -> str:
    clear = underwater(t)
    murky = rect(320, 0, 320, HEIGHT, "#8C8A5E") + rect(320, 0, 320, 90, "#9C9A6C")
    murky += rect(320, 236, 320, 124, "#747350") + rect(320, 304, 320, 56, "#8F7A50")
    sway = sin(t * 1.4) * 5
    left = move(166, 180 + sway, shad(190, "barsch", t * 7, "a"))
    seen = share(t, 3.6, 4.6)
    faint = move(480, 150, f'<g opacity="0.3">{shad(150, "barsch", t * 7, "c")}</g>')
    right = move(480, 204 - sway, shad(190, "feuertiger", t * 7 + 1, "d"))
    body = clear + left + murky + line("M320 0V360", PAPER, 5) + faint
    body += f'<g opacity="{seen:.2f}">{right}</g>'
    body += label(166, 262, "klar: natürlich", share(t, 0.6, 1.2))
    return body + label(480, 262, "trüb: grell", seen)


def trail(points: list[Point], seen: float) -> str:
    """Return the first part of a flowing line through `points`, as path data."""
    dense: list[Point] = []
    for i in range(len(points) - 1):
        p0, p1 = points[max(i - 1, 0)], points[i]
        p2, p3 = points[i + 1], points[min(i + 2, len(points) - 1)]
        for k in range(8):
            u = k / 8
            dense.append(
                (_spline(p0[0], p1[0], p2[0], p3[0], u), _spline(p0[1], p1[1], p2[1], p3[1], u))
            )
    dense.append(points[-1])
    count = max(2, round(len(dense) * seen))
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in dense[:count])


def _spline(a: float, b: float, c: float, d: float, u: float) -> float:
    """Return a Catmull-Rom value between b and c."""
    return 0.5 * (
        2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u**2 + (3 * b - a - 3 * c + d) * u**3
    )


STEPS: tuple[tuple[str, list[Point]], ...] = (
    (
        "1  doppelt durch das Öhr",
        [
            (60, 166),
            (200, 164),
            (330, 162),
            (420, 166),
            (486, 172),
            (512, 190),
            (486, 206),
            (420, 200),
            (330, 196),
            (200, 198),
            (60, 200),
        ],
    ),
    (
        "2  einfacher Knoten",
        [
            (60, 176),
            (160, 176),
            (250, 214),
            (300, 256),
            (360, 250),
            (366, 190),
            (310, 160),
            (262, 196),
            (268, 256),
            (330, 280),
            (400, 220),
            (430, 180),
            (498, 178),
        ],
    ),
    (
        "3  Schlaufe über den Haken",
        [
            (60, 176),
            (180, 178),
            (270, 200),
            (300, 160),
            (340, 190),
            (400, 180),
            (446, 120),
            (540, 132),
            (566, 240),
            (520, 316),
            (440, 300),
            (426, 210),
            (400, 192),
        ],
    ),
    ("4  anfeuchten, zuziehen", [(60, 176), (200, 176), (330, 177), (420, 178)]),
)


def knot(t: float) -> str:
    """The Palomar knot in four steps of six seconds."""
    step = min(3, int(t / 6))
    local = t - step * 6
    words, points = STEPS[step]
    body = rect(0, 0, WIDTH, HEIGHT, SAND)
    hook = move(452, 178, single(STEEL), scale=0.82, turn=-78)
    d = trail(points, 1 if step == len(STEPS) - 1 else share(local, 0.3, 4.2))
    rope = line(d, "#0A3A34", 9) + line(d, "#3F7D73", 5)
    if step == 3:
        pull = share(local, 0.4, 3)
        wraps = "".join(
            line(
                f"M{num(436 - i * (22 - 13 * pull))} {num(160 + 6 * pull)}"
                f"q{num(9 - 3 * pull)} 18 0 {num(36 - 12 * pull)}",
                "#0A3A34",
                9,
            )
            + line(
                f"M{num(436 - i * (22 - 13 * pull))} {num(160 + 6 * pull)}"
                f"q{num(9 - 3 * pull)} 18 0 {num(36 - 12 * pull)}",
                "#3F7D73",
                5,
            )
            for i in range(4)
        )
        drops = "".join(circle(400 + i * 16, 120 + (i % 2) * 12, 4, "#6FA7A3") for i in range(4))
        rope += wraps + (drops if local < 2 else "")
    eye = line("M452 170q-6 8 0 17", STEEL.dark, 6) if step == 0 else ""
    body += ellipse(400, 316, 200, 9, "#DDD3BD") + hook + rope + eye
    return body + label(320, 92, words, share(local, 0.1, 0.6)) + pill(2, "Der Knoten", t)
