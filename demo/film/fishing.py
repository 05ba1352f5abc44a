"""Cast, lift and drop, bite, release."""

from __future__ import annotations

from math import cos, pi, radians, sin

from demo.film.actors import jigged_shad, swimming_perch
from demo.film.opening import river
from demo.film.stage import HEIGHT, WIDTH, fishing_line, label, pill, share, text, underwater
from demo.illustrations import landscape
from demo.illustrations.kit import Point, circle, ellipse, group, line, move, num, polygon, rect
from demo.illustrations.palette import CARD, INK, PAPER, SIGNAL

FEET: Point = (556, 318)
SIZE = 0.64


def _mirrored(body: str) -> str:
    return group(body, transform=f"translate({WIDTH} 0) scale(-1 1)")


def cast(t: float) -> str:
    """One cast in slow motion: swing back, accelerate, fly, land."""
    swing = -66 * share(t, 3, 5) + 66 * share(t, 5.2, 5.9)
    angle = radians(152 + swing)
    reach = 300
    tip = (-14 + cos(angle) * reach, -82 - sin(angle) * reach)
    flex = 26 * (share(t, 5.2, 5.5) - share(t, 5.5, 6))
    at = (FEET[0] + tip[0] * SIZE, FEET[1] + tip[1] * SIZE)
    flight = share(t, 5.6, 7.6)
    hang = (at[0] + 4, at[1] + 46)
    land: Point = (96, 268)
    if flight <= 0:
        lure_at, slack = hang, 0.0
    else:
        lure_at = (
            hang[0] + (land[0] - hang[0]) * flight,
            hang[1] + (land[1] - hang[1]) * flight - sin(flight * pi) * 130,
        )
        slack = -18 * sin(flight * pi) + 22 * share(t, 7.6, 8.4) - 20 * share(t, 10, 12)
    body = river(12 + t) + landscape.angler(*FEET, SIZE, tip, flex)
    body += fishing_line(at, lure_at, slack, PAPER)
    if flight < 1:
        body += move(*lure_at, jigged_shad(38, "feuertiger", t * 6), turn=-60 + 70 * flight)
    else:
        ring = (t - 7.6) * 0.5
        for k in range(3):
            size = ring - k * 0.35
            if 0 < size < 2.2:
                body += (
                    f'<g opacity="{max(0, 1 - size / 2.2):.2f}">'
                    + landscape.ripples(*land, 0.4 + size)
                    + "</g>"
                )
    notes = label(210, 128, "loslassen auf zehn Uhr", share(t, 5.4, 5.8) - share(t, 9, 9.6))
    notes += label(210, 128, "Rute oben, Schnur straff", share(t, 10.4, 11))
    return body + notes + pill(3, "Der Wurf", t)


def _crank(turns: float, words: str, t: float) -> str:
    """Return the reel's handle in the corner, turned by `turns`, and what the hand does."""
    hub = rect(-74, -34, 232, 68, PAPER, 34) + circle(-40, 0, 25, "#0E4F47")
    a = turns * 2 * pi - pi / 2
    x, y = -40 + cos(a) * 18, sin(a) * 18
    arm = line(f"M-40 0L{num(x)} {num(y)}", CARD, 6) + circle(x, y, 7, SIGNAL)
    return move(452, 56, hub + arm + text(-4, 6, words, 15, INK)) if t >= 0 else ""


def _hop(t: float) -> tuple[float, float, float, str]:
    """Return lift (0..1), turns of the handle, slack and words at `t` in one hop of 5 s."""
    if t < 1:
        return share(t, 0, 1), 2 * share(t, 0, 1), 0, "zwei Umdrehungen"
    if t < 3.4:
        fall = (t - 1) / 2.4
        return 1 - fall**1.6, 2, 0, "sinken, Schnur straff"
    return 0, 2, 26 * share(t, 3.4, 3.8) - 26 * share(t, 4.6, 5), "Grund: erschlafft"


def jig(t: float) -> str:
    """The lure sinks, hops and sinks again, always on a line that tells."""
    floor, top = 284.0, 168.0
    if t < 6:
        fall = share(t, 0, 4.6)
        x, y = 566 - 20 * fall, 20 + (floor - 20) * fall
        lift, turns, slack, words = (
            0.0,
            0.0,
            28 * share(t, 4.5, 5) - 28 * share(t, 5.7, 6),
            ("sinken lassen"),
        )
    else:
        hop, local = divmod(t - 6, 5)
        lift, turns, slack, words = _hop(local)
        moved = hop + share(local, 0, 1) * 0.72 + 0.28 * share(local, 1, 3.4)
        x, y = 546 - moved * 84, floor - (floor - top) * lift
    body = underwater(t) + _trace(t, floor, top)
    nose = (x - 50, y - 12)
    body += fishing_line((-10, -20 if t < 6 else 20), nose, slack)
    tilt = 18 * (1 - lift) if 0 < lift < 1 else 0
    beat = t * (13 if words.startswith("zwei") else 7)
    body += move(
        x, y, jigged_shad(100, "feuertiger", beat if lift or t < 4.6 else 0.6), turn=tilt * 0.4
    )
    if t > 4.6 and lift == 0:
        since = (t - 4.6) if t < 6 else (t - 6) % 5 - 3.4
        body += _puff(x - 40, floor + 20, since)
    return body + _crank(turns, words, t) + pill(4, "Faulenzen", t)


def _trace(t: float, floor: float, top: float) -> str:
    """Return the dotted path that the lure has taken."""
    dots = ""
    for i in range(max(0, int((t - 6) * 5))):
        hop, local = divmod(i / 5, 5)
        lift = _hop(local)[0]
        moved = hop + share(local, 0, 1) * 0.72 + 0.28 * share(local, 1, 3.4)
        if local < 3.5:
            dots += circle(546 - moved * 84, floor - (floor - top) * lift, 2.2, PAPER, opacity=0.6)
    return dots


def _puff(x: float, y: float, since: float) -> str:
    if not 0 < since < 1.4:
        return ""
    grow, fade = 6 + since * 12, 0.7 * (1 - since / 1.4)
    return group(
        *(
            ellipse(x + dx * grow, y - since * 8, grow, grow * 0.5, "#B79C6D")
            for dx in (-1.1, 0, 1.1)
        ),
        opacity=f"{fade:.2f}",
    )


def bite(t: float) -> str:
    """A perch follows, takes the lure as it falls, and fights."""
    fall = share(t, 1, 6)
    x, y = 250 - 26 * fall, 120 + 90 * fall
    shake = sin(t * 9) * 10 * (1 if t > 7.4 else 0)
    pull = share(t, 7.4, 17)
    x, y = x - 70 * pull, y - 60 * pull + shake * 0.6
    gap = 330 * (1 - share(t, 1.5, 6.4))
    body = underwater(t)
    body += fishing_line((-10, 10), (x - 46, y - 10), 10 * (1 - share(t, 6.4, 7.2)))
    shown_lure = move(x, y, jigged_shad(86, "feuertiger", t * 6, "l"))
    fish = move(
        x + 94 + gap,
        y + 4 + gap * 0.1,
        swimming_perch(0.66, t * (6 if t < 7 else 13)),
        turn=shake * 0.9,
    )
    body += shown_lure + fish
    ring = t - 6.4
    if 0 < ring < 1.2:
        for k in (0, 0.3):
            r = 20 + max(0.0, ring - k) * 70
            body += circle(
                x - 10,
                y,
                r,
                "none",
                stroke=PAPER,
                stroke_width=4,
                opacity=f"{max(0, 1 - ring / 1.2):.2f}",
            )
    body += label(150, 92, "Tock!", share(t, 6.4, 6.6) - share(t, 9.4, 9.8), 22)
    return body + pill(5, "Der Biss", t)


def release(t: float) -> str:
    """Measured on the wet mat, then back into the river."""
    if t < 8:
        return _measure(t) + pill(6, "Zurück ins Wasser", t)
    local = t - 8
    body = underwater(t)
    away = share(local, 1.4, 7.6)
    body += move(
        330 - 420 * away,
        150 + 70 * sin(away * 1.6),
        swimming_perch(0.9 - 0.28 * away, local * (3 + away * 8)),
        turn=-6 * away,
    )
    bubbles = "".join(
        circle(420 + i * 16 - away * 200, 150 - ((local * 34 + i * 31) % 130), 3 + i % 3, "#DCEFEA")
        for i in range(5)
    )
    return body + bubbles + pill(6, "Zurück ins Wasser", 9)


def _measure(t: float) -> str:
    ground = rect(0, 0, WIDTH, HEIGHT, "#7C9A6E") + rect(0, 286, WIDTH, 74, "#6B8A5F")
    blades = "".join(f"M{i * 31 % 640} {80 + i * 67 % 250}q3 -14 7 0" for i in range(34))
    mat = polygon([(70, 118), (570, 118), (596, 276), (44, 276)], "#0E4F47")
    mat += polygon([(44, 276), (596, 276), (592, 292), (48, 292)], "#0A3A34")
    rule = polygon([(56, 232), (584, 232), (589, 258), (51, 258)], "#F4F0E4")
    ticks = "".join(f"M{76 + i * 12} 232v{14 if i % 5 == 0 else 8}" for i in range(42))
    fish = move(300, 184, swimming_perch(0.92, 1.2 + sin(t * 3) * 0.3))
    seen = share(t, 1.6, 2.4)
    span = line(f"M162 240V{num(226)}M452 240V226", SIGNAL, 4) + line("M162 245H452", SIGNAL, 4)
    drops = "".join(
        ellipse(120 + i * 97 % 420, 132 + i * 53 % 90, 5, 3, "#3F7D73") for i in range(9)
    )
    body = ground + line(blades, "#5C7A50", 4) + mat + drops + rule + line(ticks, INK, 1.6) + fish
    return body + f'<g opacity="{seen:.2f}">{span}</g>' + label(320, 92, "24 cm", seen, 20)
