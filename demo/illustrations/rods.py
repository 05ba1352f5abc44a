"""Rods: their sections side by side on a diagonal, with handle, guides and coloured wraps."""

from __future__ import annotations

from demo.illustrations.kit import (
    Facts,
    ellipse,
    group,
    line,
    num,
    path,
    polygon,
    rect,
    whole,
    word,
)
from demo.illustrations.palette import SIGNAL, STEEL, Tones, material, mix, tones

BLANK = Tones("#2F3836", "#66716D", "#1B2220")


def _blank(length: float, thick: float, thin: float) -> str:
    """Return one tapered section from (0, 0) to the right, lit from above."""
    body = polygon([(0, -thick), (length, -thin), (length, thin), (0, thick)], BLANK.base)
    return body + line(
        f"M6 {num(-thick * 0.45)}L{num(length - 6)} {num(-thin * 0.4)}",
        BLANK.light,
        max(1.6, thin * 0.5),
    )


def _guide(x: float, r: float, wrap: Tones) -> str:
    """Return a line guide under the blank, held by two wraps."""
    loop = line(
        f"M{num(x - r * 0.9)} 0L{num(x)} {num(r * 0.6)}L{num(x + r * 0.9)} 0", STEEL.dark, 3
    )
    ring = ellipse(x, r * 1.5, r * 0.6, r, "none", stroke=STEEL.dark, stroke_width=4)
    bands = line(
        f"M{num(x - r * 1.4)} 0h{num(r * 0.8)}M{num(x + r * 0.6)} 0h{num(r * 0.8)}",
        wrap.base,
        10,
        stroke_linecap="butt",
    )
    return loop + ring + bands


def _grip(x: float, w: float, h: float, kind: str) -> str:
    """Return one piece of handle; cork shows its rings."""
    tone = material(kind)
    body = rect(x, -h / 2, w, h, tone.base, h * 0.32)
    shade = path(
        f"M{num(x + 3)} {num(h * 0.1)}H{num(x + w - 3)}V{num(h * 0.32)}"
        f"Q{num(x + w / 2)} {num(h * 0.62)} {num(x + 3)} {num(h * 0.32)}Z",
        tone.dark,
        opacity=0.55,
    )
    light = line(
        f"M{num(x + h * 0.4)} {num(-h * 0.26)}H{num(x + w - h * 0.4)}",
        tone.light,
        h * 0.13,
        opacity=0.8,
    )
    rings = ""
    if kind == "cork":
        cuts = "".join(f"M{num(x + w * i / 6)} {num(-h / 2 + 2)}v{num(h - 4)}" for i in range(1, 6))
        rings = line(cuts, tone.dark, 1.6, opacity=0.6)
    return body + shade + light + rings


def handle(long: float, kind: str, wrap: Tones) -> str:
    """Return a split handle from (0, 0) to the right with its reel seat."""
    butt = rect(-8, -17, 20, 34, wrap.dark, 7) + _grip(6, long * 0.24, 32, kind)
    seat_x = long * 0.44
    seat = rect(seat_x, -13, long * 0.26, 26, "#2A3230", 8)
    seat += line(f"M{num(seat_x + 10)} -6H{num(seat_x + long * 0.22)}", "#66716D", 4)
    hood = rect(seat_x - 12, -16, 22, 32, wrap.base, 6) + rect(
        seat_x + long * 0.24, -16, 20, 32, STEEL.base, 6
    )
    fore = _grip(seat_x + long * 0.27, long * 0.25, 30, kind)
    trims = rect(long * 0.25, -9, 12, 18, wrap.base, 4) + rect(
        long * 0.955, -9, 14, 18, wrap.base, 4
    )
    return butt + seat + hood + fore + trims


def _laid_out(rows: list[str], gap: float) -> str:
    """Return the rows side by side on the house diagonal, each with its own thin shadow."""
    parts = []
    for i, row in enumerate(rows):
        y = (i - (len(rows) - 1) / 2) * gap
        parts.append(f'<g transform="translate({num(i * 4)} {num(y)})">{row}</g>')
    return group(*parts, transform="translate(400 300) rotate(-24)")


def _rod(facts: Facts, per_cm: float, floor: float, handle_share: float) -> str:
    """Return the rows of a rod whose drawn length follows its true length."""
    wrap = tones("gear", facts["colour"])
    count, cast = whole(facts, "sections"), whole(facts, "cast_max_g")
    span = floor + whole(facts, "length_cm") * per_cm
    stout = 6.2 + cast * 0.045
    long = span * handle_share
    rows = []
    for i in range(count):
        thick, thin = stout * (1 - 0.8 * i / count), stout * (1 - 0.8 * (i + 1) / count)
        left = -span / 2
        shade = rect(left, 15, span, 9, "#DDD3BD", 4)
        blank = f'<g transform="translate({num(left)} 0)">{_blank(span, thick, max(thin, 1.6))}'
        guides = [0.62, 0.86] if i == 0 else [0.18, 0.5, 0.82] if count < 4 else [0.28, 0.72]
        size = 16 * (1 - 0.62 * i / count)
        blank += "".join(_guide(span * g, size * (1 - g * 0.25), wrap) for g in guides)
        blank += rect(span - 26, -thin - 3.5, 26, thin * 2 + 7, wrap.base, 4)
        blank += (
            handle(long, word(facts, "handle"), wrap)
            if i == 0
            else rect(0, -thick - 3, 22, thick * 2 + 6, wrap.dark, 4)
        )
        rows.append(shade + blank + "</g>")
    return _laid_out(rows, 62 if count > 3 else 78)


def rod_spin(facts: Facts) -> str:
    """Draw a spinning rod, its sections apart."""
    return _rod(facts, 0.9, 425, 0.46)


def rod_feeder(facts: Facts) -> str:
    """Draw a feeder rod and its two quiver tips beside it."""
    span = 420 + whole(facts, "length_cm") * 0.68
    wrap = tones("gear", facts["colour"])
    tips = []
    for i, colour in enumerate((SIGNAL, "#E2C63A")):
        shown = span * 0.52
        tip = polygon(
            [(0, -3), (shown, -1.2), (shown, 1.2), (0, 3)], mix(wrap.base, "#FFFFFF", 0.2)
        )
        tip += polygon([(shown * 0.62, -2), (shown, -1.5), (shown, 1.5), (shown * 0.62, 2)], colour)
        tip += "".join(
            ellipse(shown * g, 6, 2.6, 5, "none", stroke=STEEL.dark, stroke_width=2.4)
            for g in (0.3, 0.5, 0.68, 0.84, 0.97)
        )
        y = 152 + i * 34
        tips.append(f'<g transform="translate({num(-span * 0.06 - i * 20)} {y})">{tip}</g>')
    rows = group(_rod(facts, 0.68, 420, 0.5), transform="translate(-22 -46)")
    return rows + group(*tips, transform="translate(400 300) rotate(-24)")
