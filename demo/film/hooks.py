"""The last chapter: other lures need other hooks."""

from __future__ import annotations

from demo.film.actors import shad
from demo.film.stage import HEIGHT, SERIF, WIDTH, label, pill, share, text, underwater
from demo.illustrations.brand import hook_and_waves
from demo.illustrations.hard_lures import spinner
from demo.illustrations.hook_shapes import GAPE_MM, offset
from demo.illustrations.kit import line, move, path, rect, smooth
from demo.illustrations.palette import PAPER, SIGNAL, STEEL, Tones, material, tones
from demo.illustrations.shelf_tiles import nested

RIVER, NIGHT = "#0E4F47", "#0A3A34"
BRONZE = tones("metal", "bruniert")
PALE = Tones("#D8DEDC", "#FFFFFF", "#9FB0AC")


def chapter(t: float) -> str:
    """Return the frame at `t` seconds of the chapter."""
    if t < 4.2:
        return _words(t)
    if t < 10:
        return _two_ways(t - 4.2) + pill(7, "Die Haken", t - 4.2)
    if t < 22:
        return _weedless(t - 10) + pill(7, "Die Haken", 9)
    if t < 30.6:
        return _sizes(t - 22) + pill(7, "Die Haken", 9)
    return _end(t - 30.6)


def _words(t: float) -> str:
    body = rect(0, 0, WIDTH, HEIGHT, RIVER)
    lift = 12 * (1 - share(t, 0.1, 0.9))
    seen = share(t, 0.1, 0.9)
    body += (
        f'<g opacity="{seen:.2f}">'
        + text(60, 160 + lift, "Andere Köder", 44, PAPER, family=SERIF)
        + "</g>"
    )
    seen = share(t, 0.9, 1.7)
    body += (
        f'<g opacity="{seen:.2f}">'
        + text(60, 216, "brauchen andere Haken", 44, "#FF9B66", family=SERIF)
        + "</g>"
    )
    return body + move(560, 36 + 4 * share(t, 0, 3), offset(PALE), scale=0.62, turn=8)


def _two_ways(t: float) -> str:
    sand = rect(0, 0, WIDTH, HEIGHT, "#F1EBDD") + line("M320 70V290", "#DDD3BD", 3)
    left = nested(spinner({"blade_size": 3, "colour": "gold", "weight_g": 7}), "s")
    body = sand + move(-8, 46, left, scale=0.42)
    right = move(384, 158, offset(BRONZE), scale=0.68, turn=-80)
    fish = f'<g opacity="0.82">{move(482, 158, shad(210, "motoroil", t * 6, "m"))}</g>'
    seen = share(t, 2.2, 3)
    body += f'<g opacity="{seen:.2f}">{right + fish}</g>'
    body += label(160, 270, "Drilling: hinten und frei", share(t, 0.4, 1), 14)
    return body + label(480, 270, "Offset: im Köder", seen, 14)


def _weedless(t: float) -> str:
    """Bullet on the line, hook through the nose, turn, point into the back."""
    body = underwater(t)
    tungsten = material("tungsten")
    # The hook comes in below the nose, hangs from it, and swings until its point is in the back.
    through, turn, point = share(t, 0.8, 3.4), share(t, 4.4, 7.4), share(t, 8.4, 10.4)
    x, y = 30 + 104 * through, 108 + 70 * through
    hook = move(x, y, offset(STEEL), scale=1.2, turn=14 - 38 * turn - 56 * point)
    fish = f'<g opacity="0.84">{move(306, 182, shad(370, "motoroil", 0.8, "m"))}</g>'
    slide = share(t, 0, 1.6)
    bullet = move(40 + 62 * slide, 174, _bullet(tungsten))
    body += line("M-10 174H160", "#EAF3EF", 2) + hook + fish + bullet
    words = ("durch die Nase", "Haken drehen", "Spitze in den Rücken")[
        0 if t < 4 else 1 if t < 8 else 2
    ]
    start = (0, 4, 8)[0 if t < 4 else 1 if t < 8 else 2]
    return body + label(450, 72, words, share(t, start + 0.3, start + 0.9), 18)


def _bullet(tone: Tones) -> str:
    shape = smooth(
        [(-34, -4), (-8, -14), (24, -17, True), (28, 0), (24, 17, True), (-8, 14), (-34, 4)]
    )
    return path(shape, tone.base) + line("M-20 -5Q0 -10 18 -10", tone.light, 3)


def _sizes(t: float) -> str:
    """Three lures, three hooks, both to scale."""
    body = rect(0, 0, WIDTH, HEIGHT, "#F1EBDD")
    rows = (
        (70, "bis 7,5 cm", "1/0", 0.1),
        (90, "9 bis 10 cm", "3/0", 2.0),
        (120, "11 bis 13 cm", "4/0", 4.2),
    )
    for i, (length, words, size, at) in enumerate(rows):
        seen = share(t, at, at + 0.6)
        if seen <= 0:
            continue
        y, px = 106 + i * 84, length * 1.9
        row = move(40 + px / 2, y, shad(px, "barsch", t * 6 + i, f"z{i}", 0.12))
        row += text(300, y + 7, words, 19, "#17211E")
        row += move(460, y - GAPE_MM[size] * 2.1, offset(BRONZE), scale=GAPE_MM[size] / 34)
        row += rect(520, y - 20, 82, 40, RIVER, 20) + text(
            561, y + 8, size, 22, PAPER, anchor="middle", family=SERIF
        )
        body += f'<g opacity="{seen:.2f}">{row}</g>'
    return body


def _end(t: float) -> str:
    body = rect(0, 0, WIDTH, HEIGHT, RIVER)
    waves = "".join(f"M-40 {y}" + "q25 -14 50 0t50 0" * 8 for y in (318, 338))
    body += line(waves, NIGHT, 5)
    body += move(52, 70, hook_and_waves("#7CCBBE", "#FF9B66", 5), scale=0.9)
    body += text(52, 178, "Andere Köder brauchen", 34, PAPER, family=SERIF)
    body += text(52, 220, "andere Haken.", 34, PAPER, family=SERIF)
    seen = share(t, 1, 1.8)
    body += (
        f'<g opacity="{seen:.2f}">'
        + rect(52, 244, 316, 38, SIGNAL, 19)
        + text(72, 269, "Die passenden stehen unter dem Film", 16, "#FFFFFF")
        + "</g>"
    )
    fish = move(500, 104, shad(190, "feuertiger", t * 6, "e"))
    return body + fish + move(470, 186, offset(PALE), scale=0.56)
