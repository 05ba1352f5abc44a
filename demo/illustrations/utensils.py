"""Kitchen tools, lying diagonally; the grater and the colander stand."""

from __future__ import annotations

from demo.illustrations.kit import (
    Facts,
    circle,
    clip,
    ellipse,
    line,
    move,
    path,
    polygon,
    rect,
    shadow,
    word,
)
from demo.illustrations.palette import BLACK, DARK_STEEL, STEEL, Tones, mix, tones


def _stick(tone: Tones, y: float = 60, length: float = 210) -> str:
    """Return a handle that hangs from (0, y)."""
    body = rect(-19, y, 38, length, tone.base, 17) + rect(
        2, y + 6, 17, length - 12, tone.dark, 8, opacity=0.7
    )
    hole = ellipse(0, y + length - 22, 6, 10, "#F1EBDD")
    return body + line(f"M-9 {y + 22}V{y + length - 56}", tone.light, 6) + hole


def _turner(tone: Tones) -> str:
    shank = rect(-8, -30, 16, 100, STEEL.dark, 6)
    blade = path(
        "M-74 -230Q-78 -246 -60 -248H60Q78 -246 74 -230L52 -52Q48 -30 26 -30H-26Q-48 -30 -52 -52Z",
        STEEL.base,
    )
    blade += path("M20 -248H60Q78 -246 74 -230L52 -52Q48 -30 26 -30H10Z", STEEL.dark, opacity=0.4)
    slots = line("M-36 -196L-26 -84M-12 -200V-80M12 -200V-80M36 -196L26 -84", "#F1EBDD", 11)
    return shank + blade + slots + _stick(tone)


def _tweezers(tone: Tones) -> str:
    left = path("M-6 240C-40 160 -46 20 -14 -226L-4 -226C-16 -20 -14 120 4 232Z", STEEL.dark)
    right = path("M6 240C40 160 46 20 14 -226L4 -226C16 -20 14 120 -4 232Z", STEEL.base)
    sleeve = rect(-26, 150, 52, 104, tone.base, 22) + rect(4, 156, 20, 92, tone.dark, 10)
    ridges = line("M22 40L34 44M22 60L34 64M22 80L34 84M22 100L34 104", STEEL.dark, 5)
    return left + right + ridges + sleeve


def _scaler(tone: Tones) -> str:
    shank = rect(-12, -40, 24, 110, STEEL.dark, 8)
    head = rect(-46, -240, 92, 216, STEEL.base, 38) + rect(
        6, -234, 40, 204, STEEL.dark, 20, opacity=0.5
    )
    teeth = "".join(
        f"M-30 {y}l10 -15l10 15l10 -15l10 15l10 -15l10 15" for y in range(-190, -50, 34)
    )
    return shank + head + line(teeth, DARK_STEEL.base, 6) + _stick(tone)


def _shears(tone: Tones) -> str:
    left = path("M-10 -230L18 20L-14 40C-40 -60 -36 -170 -10 -230Z", STEEL.base)
    right = path("M10 -230L-18 20L14 40C40 -60 36 -170 10 -230Z", STEEL.dark)
    rings = path(
        "M-16 20C-36 60 -110 90 -104 170S-30 246 -26 170S-6 70 2 40Z",
        "none",
        stroke=tone.base,
        stroke_width=24,
        stroke_linejoin="round",
    )
    rings += path(
        "M16 20C36 60 110 90 104 170S30 246 26 170S6 70 -2 40Z",
        "none",
        stroke=tone.dark,
        stroke_width=24,
        stroke_linejoin="round",
    )
    notch = line("M-22 -20l8 6l-6 9l8 6", STEEL.light, 5)
    return right + left + rings + circle(0, 4, 15, DARK_STEEL.base) + notch


def whisk_head() -> str:
    """Return the wires of a balloon whisk above (0, 0), 250 high."""
    loops = "".join(
        f"M-{a} 0C-{b} -150 -{b} -250 0 -252C{b} -250 {b} -150 {a} 0"
        for a, b in ((10, 112), (7, 66), (3, 22))
    )
    return line(loops, STEEL.dark, 8) + line(loops, STEEL.light, 3)


def _whisk(tone: Tones) -> str:
    collar = rect(-17, -8, 34, 70, STEEL.base, 8)
    return whisk_head() + collar + _stick(tone, 48, 220)


def _tongs(tone: Tones) -> str:
    left = line("M0 236C-56 120 -60 -20 -44 -150", STEEL.dark, 24)
    right = line("M0 236C56 120 60 -20 44 -150", STEEL.base, 24)
    tips = path("M-66 -140C-74 -220 -40 -250 -14 -238L-22 -136Z", tone.base)
    tips += path("M66 -140C74 -220 40 -250 14 -238L22 -136Z", tone.dark)
    grips = line("M-43 60C-36 120 -24 170 -8 214", tone.base, 30) + line(
        "M43 60C36 120 24 170 8 214", tone.dark, 30
    )
    loop = circle(0, 248, 17, "none", stroke=STEEL.dark, stroke_width=8)
    return left + right + tips + grips + loop


def _grater(tone: Tones) -> str:
    """Return a box grater, standing."""
    front = polygon([(-84, -170), (60, -170), (104, 190), (-128, 190)], STEEL.base)
    side = polygon([(60, -170), (100, -160), (158, 170), (104, 190)], STEEL.dark)
    holes = ""
    for row in range(8):
        width = 62 + row * 11
        for i in range(5):
            x = -12 + (i - 2) * width / 2.4 + (row % 2) * 9
            holes += path(f"M{x - 9:.0f} {-128 + row * 38}q9 15 18 0Z", DARK_STEEL.base)
    light = line("M-78 -150L-112 160", STEEL.light, 8)
    foot = rect(-136, 178, 252, 24, tone.base, 9) + polygon(
        [(116, 182), (166, 164), (166, 184), (116, 202)], tone.dark
    )
    bow = line("M-62 -172C-60 -256 70 -256 66 -168", tone.base, 24)
    return bow + front + side + holes + light + foot


def _colander(tone: Tones) -> str:
    """Return a colander, standing on its foot."""
    wall = "M-210 -70C-200 70 -110 150 -60 150H60C110 150 200 70 210 -70Z"
    dots = ""
    for row, (y, n) in enumerate(((-28, 11), (8, 10), (44, 9), (80, 7))):
        for i in range(n):
            x = (i - (n - 1) / 2) * (34 - row * 0.6)
            dots += circle(x, y, 6.5, mix(tone.dark, "#000000", 0.3))
    shade = path("M70 -80H220V160H10C90 110 110 20 70 -80Z", tone.dark, opacity=0.55)
    body = clip("c", path(wall), rect(-220, -80, 440, 250, tone.base), shade, dots)
    rim = ellipse(0, -70, 218, 46, tone.light) + ellipse(0, -67, 196, 36, tone.dark)
    grips = line(
        "M-212 -66C-270 -60 -262 -4 -204 -18M212 -66C270 -60 262 -4 204 -18", tone.dark, 18
    )
    foot = path("M-72 146H72L84 186H-84Z", tone.dark)
    return grips + foot + body + rim


LYING = {
    "turner": _turner, "tweezers": _tweezers, "scaler": _scaler, "shears": _shears,
    "whisk": _whisk, "tongs": _tongs,
}  # fmt: skip


def utensil(facts: Facts) -> str:
    """Draw one kitchen tool; the handle, or the whole colander, is in colour."""
    kind, tone = word(facts, "kind"), tones("house", facts["colour"])
    if tone.base == STEEL.base:
        tone = STEEL
    if kind in LYING:
        return shadow(410, 466, 260) + move(400, 286, LYING[kind](tone), turn=48)
    if kind == "grater":
        return shadow(416, 506, 190) + move(394, 300, _grater(tone if tone is not STEEL else BLACK))
    return shadow(400, 500, 170) + move(400, 310, _colander(tone), scale=1.02)
