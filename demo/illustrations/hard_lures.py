"""Lures of metal and hard plastic: wobbler, spinner, spoon. Treble hooks are shared."""

from __future__ import annotations

from demo.illustrations.hook_shapes import treble
from demo.illustrations.kit import (
    Facts,
    Vertex,
    circle,
    clip,
    ellipse,
    group,
    line,
    move,
    path,
    rect,
    shadow,
    smooth,
    tag,
    whole,
    word,
)
from demo.illustrations.palette import BRASS, STEEL, Tones, lure, mix, tones
from demo.illustrations.soft_lures import fish_body, head, painted_body, pixels

WOBBLER = (0.3, 0.5, 0.74, 0.94, 1.0, 0.95, 0.84, 0.68, 0.5, 0.34, 0.22)
# Lip by running depth: length as a share of the half height, and how steeply it hangs.
LIPS = {"shallow": (0.95, 78), "medium": (1.5, 52), "deep": (2.5, 30)}


def _ring(x: float, y: float, r: float) -> str:
    return circle(x, y, r, "none", stroke=STEEL.dark, stroke_width=max(3.0, r * 0.42))


def _lip(half: float, depth: str) -> str:
    """Return the clear diving lip, hinged at (0, 0) under the chin."""
    if depth not in LIPS:
        return ""
    reach, angle = LIPS[depth]
    size = half * reach
    blade: list[Vertex] = [
        (half * 0.3, -half * 0.1, True), (-size * 0.6, -half * 0.22), (-size, -half * 0.05),
        (-size * 1.02, half * 0.14), (-size * 0.6, half * 0.26), (half * 0.3, half * 0.2, True),
    ]  # fmt: skip
    shape = path(smooth(blade), "#BFD3D0", opacity=0.9)
    shine = line(f"M{-size * 0.85:.1f} 0L{-size * 0.2:.1f} {-half * 0.06:.1f}", "#FFF", half * 0.07)
    return group(shape + shine, transform=f"rotate({-angle})")


def wobbler(facts: Facts) -> str:
    """Draw a crankbait; the lip tells how deep it runs, a topwater lure has none."""
    paint = lure(facts["colour"])
    length_mm, depth = whole(facts, "length_mm"), word(facts, "depth")
    length = pixels(length_mm) * 1.06
    half = length * (0.15 - 0.035 * (length_mm - 40) / 120)
    spine, widths = fish_body(length * 0.9, half, WOBBLER)
    nose_x, nose_y = spine[0]
    tail_x, tail_y = spine[-1]
    hook = half * 0.034
    x, drop = -length * 0.08, half * 0.95 - length * 0.025
    belly = _ring(x, drop + hook * 5, half * 0.13)
    belly += move(x, drop + half * 0.2, group(treble(STEEL), id="t"), scale=hook)
    rear = _ring(tail_x + half * 0.14, tail_y, half * 0.13)
    rear += move(tail_x + half * 0.28, tail_y, tag("use", href="#t"), scale=hook, turn=-62)
    eyelet = _ring(nose_x - half * 0.1, nose_y - half * 0.05, half * 0.12)
    lip = move(nose_x + half * 0.34, nose_y + half * 0.42, _lip(half, depth))
    body = painted_body("b", spine, widths, paint) + head(spine, half, length * 0.86, paint)
    shine = [(x, y - a * 0.62) for (x, y), (a, _) in zip(spine[2:9], widths[2:9], strict=True)]
    gloss = line(smooth(shine, closed=False), "#FFFFFF", half * 0.12, opacity=0.55)
    content = belly + rear + eyelet + lip + body + gloss
    return shadow(400, 280 + half * 2.2 + 30, length * 0.44) + move(392, 270, content)


def _blade(w: float, h: float, metal: Tones) -> str:
    """Return a leaf blade that hangs from (0, 0), half in light and half in shade."""
    left: list[Vertex] = [(0, 0), (-w * 0.36, h * 0.3), (-w * 0.5, h * 0.66), (-w * 0.28, h * 0.95)]
    right: list[Vertex] = [(w * 0.28, h * 0.95), (w * 0.5, h * 0.66), (w * 0.36, h * 0.3)]
    whole_leaf = smooth([*left, (0, h), *right])
    dark = smooth([(0, 0, True), *right[::-1], (0, h, True), (w * 0.1, h * 0.5)])
    glint = line(
        f"M{-w * 0.27:.0f} {h * 0.42:.0f}q{-w * 0.1:.0f} {h * 0.2:.0f} 0 {h * 0.34:.0f}",
        "#FFFFFF",
        w * 0.07,
        opacity=0.75,
    )
    hole = circle(0, h * 0.09, w * 0.06, mix(metal.dark, "#000000", 0.25))
    return path(whole_leaf, metal.base) + path(dark, metal.dark, opacity=0.55) + glint + hole


def spinner(facts: Facts) -> str:
    """Draw a spinner on its wire: clevis, leaf blade, brass body, treble."""
    size = whole(facts, "blade_size")
    metal = tones("metal", facts["colour"])
    k = 0.74 + size * 0.082
    wire = line("M-250 0H150", STEEL.dark, 5) + _ring(-266, 0, 15)
    beads = circle(-78, 0, 13, tones("gear", "signal").base) + circle(-54, 0, 11, BRASS.light)
    body: list[Vertex] = [
        (-44, -9, True),
        (-10, -17),
        (40, -21),
        (92, -15),
        (112, -8, True),
        (112, 8, True),
    ]
    body += [(92, 15), (40, 21), (-10, 17), (-44, 9, True)]
    lower = rect(-50, 4, 170, 24, BRASS.dark, opacity=0.6)
    shine = line("M-8 -8Q40 -14 86 -8", BRASS.light, 6)
    grooves = line("M0 -17V17M22 -20V20M66 -18V18", BRASS.dark, 3.5, opacity=0.7)
    core = clip("b", path(smooth(body)), path(smooth(body), BRASS.base), lower, shine, grooves)
    hook = _ring(158, 0, 13) + move(170, 0, treble(STEEL), scale=2.25, turn=-90)
    blade = move(-100, -2, _blade(118, 235, metal), turn=-62, scale=1.0)
    clevis = line("M-108 -14q-14 14 0 28", STEEL.dark, 6)
    all_parts = move(0, 0, wire + beads + core + hook + blade + clevis, scale=k * 1.08)
    return shadow(400, 440, 250 * k) + move(420, 345, all_parts, turn=-8)


def spoon(facts: Facts) -> str:
    """Draw a bent metal leaf with split rings and a treble hook."""
    length = 190 + 3.3 * whole(facts, "length_mm")
    slim = 0.36 - 0.0012 * whole(facts, "length_mm")
    metal = tones("metal", facts["colour"])
    w, h = length * slim, length
    leaf: list[Vertex] = [
        (0, -h * 0.5), (w * 0.3, -h * 0.4), (w * 0.44, -h * 0.12), (w * 0.5, h * 0.2),
        (w * 0.34, h * 0.43), (0, h * 0.5), (-w * 0.34, h * 0.43), (-w * 0.5, h * 0.2),
        (-w * 0.44, -h * 0.12), (-w * 0.3, -h * 0.4),
    ]  # fmt: skip
    # The S bend shows as a band of light above and a band of shade below.
    shade = f"M{w:.0f} {-h * 0.6:.0f}C{-w * 0.2:.0f} {-h * 0.2:.0f} {w * 0.5:.0f} {h * 0.2:.0f} "
    shade += f"{-w * 0.2:.0f} {h * 0.6:.0f}H{w:.0f}Z"
    glow = f"M{-w * 0.2:.0f} {-h * 0.4:.0f}C{-w * 0.5:.0f} {-h * 0.1:.0f} {-w * 0.1:.0f} "
    glow += f"{h * 0.06:.0f} {-w * 0.27:.0f} {h * 0.36:.0f}"
    dents = "".join(
        ellipse(w * 0.08, h * (0.0 + i * 0.1), w * (0.17 - i * 0.012), h * 0.028, metal.dark)
        for i in range(4)
    )
    body = clip(
        "b",
        path(smooth(leaf)),
        path(smooth(leaf), metal.base),
        path(shade, metal.dark, opacity=0.6),
        group(dents, opacity=0.45),
        line(glow, "#FFFFFF", w * 0.09, opacity=0.7),
    )
    rings = _ring(0, -h * 0.5 - 4, 15) + _ring(0, h * 0.5 + 6, 15)
    hook = move(0, h * 0.5 + 18, treble(STEEL), scale=1.2 + length / 420)
    content = group(hook + body + rings, transform="rotate(62)")
    return shadow(400, 330 + length * 0.32, length * 0.5) + move(440, 285, content)
