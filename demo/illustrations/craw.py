"""The soft craw, seen from above: ringed tail, shell, legs, two claws, feelers."""

from __future__ import annotations

from demo.illustrations.kit import (
    Facts,
    Vertex,
    circle,
    ellipse,
    group,
    line,
    move,
    path,
    shadow,
    smooth,
    whole,
)
from demo.illustrations.palette import INK, Colourway, lure, mix
from demo.illustrations.soft_lures import cascade, pixels


def _claw(u: float, paint: Colourway) -> str:
    """Return the upper arm and claw; the lower one is its mirror image."""
    arm = line(
        f"M{u * 1.6:.0f} {-u:.0f}q{u * 0.8:.0f} {-u * 1.6:.0f} {u * 2.2:.0f} {-u * 1.7:.0f}",
        paint.back,
        u * 0.62,
    )
    thumb: list[Vertex] = [
        (u * 3.6, -u * 2.4), (u * 4.6, -u * 3.9), (u * 6.2, -u * 3.9), (u * 7.6, -u * 2.9, True),
        (u * 6.2, -u * 3.0), (u * 5.7, -u * 2.5), (u * 7.2, -u * 2.0, True), (u * 5.6, -u * 1.5),
        (u * 4.1, -u * 1.9),
    ]  # fmt: skip
    shade: list[Vertex] = [
        (u * 3.7, -u * 2.3), (u * 5.2, -u * 2.45), (u * 7.1, -u * 2.0, True), (u * 5.6, -u * 1.55),
        (u * 4.2, -u * 1.9),
    ]  # fmt: skip
    claw = path(smooth(thumb), paint.flank) + path(smooth(shade), paint.belly, opacity=0.8)
    return (
        arm
        + claw
        + line(
            f"M{u * 4.4:.0f} {-u * 3.4:.0f}q{u * 0.9:.0f} {-u * 0.5:.0f} {u * 1.8:.0f} "
            f"{-u * 0.2:.0f}",
            "#FFFFFF",
            u * 0.16,
            opacity=0.4,
        )
    )


def _legs(u: float, paint: Colourway) -> str:
    parts = []
    for i in range(3):
        x = u * (1.0 - i * 0.95)
        parts.append(
            f"M{x:.0f} {-u * 0.7:.0f}q{-u * 0.1:.0f} {-u * 1.1:.0f} {-u * 0.9:.0f} {-u * 1.6:.0f}"
        )
    return line("".join(parts), paint.back, u * 0.22)


def _tail(u: float, paint: Colourway) -> str:
    """Return the ringed tail that takes the hook, thinner towards the left."""
    parts = []
    for i in range(6, -1, -1):
        x, ry = u * (-1.5 - i * 0.82), u * (0.98 - i * 0.075)
        tone = paint.flank if i % 2 else mix(paint.flank, paint.belly, 0.45)
        parts.append(ellipse(x, 0, u * 0.68, ry, tone))
    return "".join(parts)


def _shell(u: float, paint: Colourway) -> str:
    shape: list[Vertex] = [
        (-u * 1.5, -u * 0.75), (-u * 0.2, -u * 1.18), (u * 1.2, -u * 0.9), (u * 2.7, 0, True),
        (u * 1.2, u * 0.9), (-u * 0.2, u * 1.18), (-u * 1.5, u * 0.75),
    ]  # fmt: skip
    lower: list[Vertex] = [
        (-u * 1.5, u * 0.1), (u * 0.4, u * 0.28), (u * 2.6, u * 0.05, True), (u * 1.2, u * 0.9),
        (-u * 0.2, u * 1.18), (-u * 1.5, u * 0.75),
    ]  # fmt: skip
    parts = path(smooth(shape), paint.flank) + path(smooth(lower), paint.back, opacity=0.55)
    parts += line(
        f"M{-u * 0.6:.0f} {-u * 0.9:.0f}q{u * 0.7:.0f} {u * 0.9:.0f} 0 {u * 1.8:.0f}",
        paint.mark,
        u * 0.14,
        opacity=0.7,
    )
    if paint.pattern != "plain":
        spots = ((-1, -0.3), (-0.1, -0.6), (0.5, 0.3), (1.1, -0.3), (-0.9, 0.4), (0.2, 0.75))
        parts += "".join(circle(u * x, u * y, u * 0.11, paint.mark) for x, y in spots)
    eyes = "".join(circle(u * 1.75, s * u * 0.62, u * 0.24, INK) for s in (-1, 1))
    glints = "".join(circle(u * 1.7, s * u * 0.62 - u * 0.06, u * 0.08, "#FFF") for s in (-1, 1))
    return eyes + parts + glints


def craw(facts: Facts) -> str:
    """Draw a craw seen from above, tail to the left, slightly turned."""
    paint = lure(facts["colour"])
    length = pixels(whole(facts, "length_mm"))
    u = length / 13.6
    side = _legs(u, paint) + _claw(u, paint)
    feelers = (
        f"M{u * 2.3:.0f} {-u * 0.2:.0f}q{u * 2:.0f} {-u * 0.1:.0f} {u * 4.6:.0f} {-u:.0f}"
        f"M{u * 2.3:.0f} {u * 0.2:.0f}q{u * 2:.0f} {u * 0.1:.0f} {u * 4.6:.0f} {u:.0f}"
    )
    body = side + group(side, transform="scale(1 -1)") + line(feelers, paint.mark, u * 0.13)
    body += _tail(u, paint) + _shell(u, paint)
    turned = group(body, transform="rotate(-14)")
    if whole(facts, "length_mm") >= 75 or whole(facts, "pieces") < 5:
        return shadow(400, 330 + u * 5.2, length * 0.45) + move(385, 320, turned)
    content = cascade(2, (u * 1.2, u * 6.9), turned)
    return shadow(400, 390 + u * 5.2, length * 0.45) + move(380, 385, content)
