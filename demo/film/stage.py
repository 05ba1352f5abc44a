"""The film's stage: frame, time, text, water. A frame is an SVG of 640 by 360."""

from __future__ import annotations

from html import escape
from math import sin

from demo.illustrations.kit import Point, circle, ellipse, line, move, num, path, rect
from demo.illustrations.palette import CARD, INK, PAPER, RIVER

WIDTH, HEIGHT = 640, 360
SERIF, SANS = "&#39;Source Serif 4&#39;", "&#39;Hanken Grotesk&#39;"
SHALLOW, MIDDLE, DEEP, GROUND = "#9CC9C1", "#7FB5AD", "#639E96", "#C9B083"


def share(t: float, start: float, end: float) -> float:
    """Return how much of start..end has passed at `t`, eased, 0 to 1."""
    x = max(0.0, min(1.0, (t - start) / (end - start)))
    return x * x * (3 - 2 * x)


def between(a: Point, b: Point, f: float) -> Point:
    """Return the point at share `f` of the way from a to b."""
    return (a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f)


def text(x: float, y: float, words: str, size: float, colour: str = INK, **more: object) -> str:
    """Return a line of text; `family`, `anchor`, `weight` and `opacity` may be given."""
    family = more.pop("family", SANS)
    anchor, weight = more.pop("anchor", "start"), more.pop("weight", 600)
    extra = "".join(f' {name}="{value}"' for name, value in more.items())
    return (
        f'<text x="{num(x)}" y="{num(y)}" font-family="{family}" font-size="{num(size)}" '
        f'font-weight="{weight}" text-anchor="{anchor}" fill="{colour}"{extra}>'
        f"{escape(words)}</text>"
    )


def frame(body: str) -> str:
    """Return one whole frame."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{body}</svg>'
    )


def pill(number: int, words: str, t: float) -> str:
    """Return the chapter title, which slides in at the upper left."""
    width = 58 + len(words) * 10.2
    x = -width + (width + 20) * share(t, 0, 0.7)
    body = rect(0, 0, width, 38, PAPER, 19) + circle(19, 19, 13, RIVER)
    body += text(19, 24.5, str(number), 15, CARD, anchor="middle")
    body += text(42, 25.5, words, 18, INK, family=SERIF)
    return move(x, 18, body)


def label(x: float, y: float, words: str, opacity: float, size: float = 16) -> str:
    """Return a label on paper, centred on (x, y), faded by `opacity`."""
    if opacity <= 0:
        return ""
    width = len(words) * size * 0.54 + 22
    card = rect(x - width / 2, y - size * 0.98, width, size * 1.9, PAPER, size * 0.5)
    body = card + text(x, y + size * 0.34, words, size, INK, anchor="middle")
    return f'<g opacity="{opacity:.2f}">{body}</g>'


def weed(x: float, y: float, high: float, t: float, tone: str = "#3F7D60") -> str:
    """Return three blades of weed that sway slowly."""
    parts = []
    for i in range(3):
        lean = sin(t * 0.9 + x * 0.02 + i) * 12 + (i - 1) * 12
        tall = high * (1 - 0.18 * i)
        left = x + i * 9
        parts.append(
            f"M{num(left)} {num(y)}Q{num(left + lean * 0.1)} {num(y - tall * 0.6)} "
            f"{num(left + lean)} {num(y - tall)}Q{num(left + 5 + lean * 0.2)} "
            f"{num(y - tall * 0.5)} {num(left + 7)} {num(y)}Z"
        )
    return path("".join(parts), tone)


def underwater(t: float, weeds: bool = True) -> str:  # noqa: FBT001, FBT002 - a switch of a picture
    """Return the river from inside: three flat depths, the ground, stones, weed."""
    body = rect(0, 0, WIDTH, HEIGHT, MIDDLE) + rect(0, 0, WIDTH, 84, SHALLOW)
    body += path("M0 84q80 16 160 0t160 0t160 0t160 0V60H0Z", SHALLOW)
    body += path("M0 236q80 -14 160 0t160 0t160 0t160 0V360H0Z", DEEP)
    body += path("M0 306Q90 292 190 302T400 300T640 304V360H0Z", GROUND)
    body += path("M0 330Q160 318 320 328T640 326V360H0Z", "#B79C6D")
    stones = ((70, 306, 30, 13), (120, 312, 18, 9), (520, 308, 36, 15), (470, 314, 16, 8))
    body += "".join(ellipse(x, y, rx, ry, "#8E8A78") for x, y, rx, ry in stones)
    body += "".join(
        ellipse(x - rx * 0.2, y - ry * 0.35, rx * 0.6, ry * 0.45, "#A5A18E")
        for x, y, rx, ry in stones
    )
    if weeds:
        body += weed(26, 312, 96, t) + weed(566, 310, 118, t) + weed(604, 314, 74, t)
    return body


def fishing_line(start: Point, end: Point, slack: float, colour: str = "#EAF3EF") -> str:
    """Return the line between two points; `slack` is how far it hangs through."""
    mid = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + slack)
    d = f"M{num(start[0])} {num(start[1])}Q{num(mid[0])} {num(mid[1])} {num(end[0])} {num(end[1])}"
    return line(d, colour, 1.8)
