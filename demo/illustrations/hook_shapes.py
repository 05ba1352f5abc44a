"""Hooks as lines of wire, drawn once and used by the hook families, lures, scenes and film."""

from __future__ import annotations

from demo.illustrations.kit import circle, group, line, path
from demo.illustrations.palette import Tones

# Gape in millimetres by size: the chart that lies in the shop (offset sizes are printed on it).
GAPE_MM = {
    "16": 3.1,
    "14": 3.5,
    "12": 4.0,
    "10": 4.6,
    "8": 5.3,
    "6": 6.1,
    "4": 7.0,
    "2": 8.0,
    "1": 9.0,
    "1/0": 10.0,
    "2/0": 12.0,
    "3/0": 14.0,
    "4/0": 16.0,
    "5/0": 18.0,
}


def _wire(d: str, metal: Tones, width: float) -> str:
    """Return bent wire: dark edge, base, and a thin light on the upper left."""
    edge = line(d, metal.dark, width)
    core = line(d, metal.base, width * 0.62)
    light = line(d, metal.light, width * 0.2)
    return edge + core + light


def _eyelet(x: float, y: float, metal: Tones, r: float = 7) -> str:
    outer = circle(x, y, r, "none", stroke=metal.dark, stroke_width=r * 0.7)
    return outer + circle(x, y, r, "none", stroke=metal.base, stroke_width=r * 0.36)


def treble(metal: Tones) -> str:
    """Return a treble hook that hangs from (0, 0); about 26 wide and 40 high."""
    shank = _wire("M0 3V26", metal, 3.4)
    left = _wire("M0 24C0 40 -15 41 -15 28L-15.5 23", metal, 3)
    right = _wire("M0 24C0 40 15 41 15 28L15.5 23", metal, 3)
    front = line("M0 20C0 30 4 41 5 32L5.4 28", metal.dark, 2.6)
    barbs = path("M-17.6 26L-15.5 16L-13.6 24ZM17.6 26L15.5 16L13.6 24Z", metal.dark)
    return left + right + front + shank + barbs + _eyelet(0, 0, metal, 3.4)


def single(metal: Tones) -> str:
    """Return a J hook that hangs from (0, 0), 60 wide and 150 high (gape 60)."""
    bend = _wire("M0 8V96C0 146 60 146 60 98V74", metal, 9)
    point = path("M54.6 80C56 66 58 58 61 48C64 58 65.4 70 65 80Z", metal.dark)
    barb = path("M56 78C50 80 46 86 44 94C50 90 55 88 60 88Z", metal.dark)
    return bend + point + barb + _eyelet(0, 0, metal, 8)


def offset(metal: Tones) -> str:
    """Return an offset hook: the Z below the eye, the wide gape, the point in line with the eye."""
    wire = "M0 8L0 24L-26 34L-20 104C-17 158 66 156 64 92L58 60"
    point = path("M53 66C52 52 52 44 54 32C60 42 63 52 63.4 66Z", metal.dark)
    barb = path("M55 64C49 67 46 73 45 82C50 76 55 74 60 73Z", metal.dark)
    return _wire(wire, metal, 9) + point + barb + _eyelet(0, 0, metal, 8)


def jig(metal: Tones, lead: Tones, head: float) -> str:
    """Return a jig hook with its round head of radius `head` at (0, 0), shank to the right."""
    wire = _wire("M0 0H150C206 0 206 -76 150 -74L128 -73", metal, 9)
    point = path("M134 -78C120 -78 112 -77 100 -74C112 -69 122 -68 134 -68Z", metal.dark)
    barb = path("M132 -69C136 -63 142 -60 150 -58C146 -64 143 -68 142 -74Z", metal.dark)
    keeper = path(
        f"M{head * 0.8:.0f} -8L{head + 26:.0f} -6L{head + 30:.0f} -14"
        f"L{head + 40:.0f} -5V5L{head * 0.8:.0f} 9Z",
        lead.dark,
    )
    eyelet = group(
        _wire(f"M{-head * 0.1:.0f} {-head * 0.6:.0f}V{-head - 6:.0f}", metal, 7)
        + _eyelet(-head * 0.1, -head - 12, metal, 8)
    )
    ball = circle(0, 0, head, lead.base)
    shade = path(
        f"M{-head * 0.94:.1f} {head * 0.34:.1f}A{head:.1f} {head:.1f} 0 0 0 "
        f"{head * 0.94:.1f} {head * 0.34:.1f}Q0 {head * 0.75:.1f} {-head * 0.94:.1f} "
        f"{head * 0.34:.1f}Z",
        lead.dark,
        opacity=0.75,
    )
    glint = circle(-head * 0.36, -head * 0.4, head * 0.2, lead.light)
    eye = circle(-head * 0.3, head * 0.02, head * 0.26, "#F7F1DC") + circle(
        -head * 0.3, head * 0.02, head * 0.14, "#17211E"
    )
    return eyelet + wire + point + barb + keeper + ball + shade + glint + eye
