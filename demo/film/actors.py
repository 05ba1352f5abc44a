"""Who swims through the film: shad and perch with beating tails, and their hooks."""

from __future__ import annotations

from math import cos, sin

from demo.illustrations.hook_shapes import jig
from demo.illustrations.kit import along, group, move
from demo.illustrations.palette import STEEL, lure, material, mix
from demo.illustrations.soft_lures import SHAD, fin, fish_body, head, paddle, painted_body
from demo.illustrations.spots import perch


def shad(length: float, colour: str, beat: float, name: str = "b", stout: float = 0.13) -> str:
    """Return a shad around (0, 0), head left; `beat` is the phase of its tail in radians."""
    paint = lure(colour)
    half, body = length * stout, length * 0.92
    spine, widths = fish_body(body, half, SHAD)
    spine = [
        (x - length * 0.05, y + sin(beat - i * 0.5) * length * 0.0016 * i * i / 6)
        for i, (x, y) in enumerate(spine)
    ]
    x, y = spine[-1]
    top_x, top_y = along(spine, 0.5)
    tone = paint.mark if paint.pattern == "plain" else paint.back
    fins = fin(top_x - half * 0.1, top_y - half * 0.86, half * 0.95, half * 0.42, tone)
    low_x, low_y = along(spine, 0.62)
    fins += fin(low_x, low_y + half * 0.56, half * 0.6, -half * 0.34, mix(tone, paint.belly, 0.5))
    # The paddle beats towards and away from the viewer: it narrows and widens.
    wide = 0.72 + 0.34 * cos(beat)
    tail = group(
        paddle(0, 0, half * 0.82, widths[-1][0], paint),
        transform=f"translate({x:.1f} {y:.1f}) scale({wide:.2f} 1)",
    )
    return fins + tail + painted_body(name, spine, widths, paint) + head(spine, half, body, paint)


def jigged_shad(length: float, colour: str, beat: float, name: str = "b") -> str:
    """Return a shad on its jig head: the ball at the nose, the bend out of the back."""
    scale = length / 330
    hook = move(-length * 0.49, length * 0.02, jig(STEEL, material("zinc"), 30), scale=scale)
    ball = move(-length * 0.49, length * 0.02, _ball(), scale=scale)
    return hook + shad(length, colour, beat, name) + ball


def _ball() -> str:
    whole = jig(STEEL, material("zinc"), 30)
    return whole[whole.index("<circle", whole.index("<path", whole.rindex("V5L") - 60)) :]


def swimming_perch(scale: float, beat: float) -> str:
    """Return a perch around (0, 0), head left, its tail in motion."""
    return group(
        perch(scale, kick=0.7 + 0.32 * cos(beat)),
        transform=f"rotate({sin(beat) * 1.6:.2f})",
    )
