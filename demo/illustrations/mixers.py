"""The kitchen machine, its attachments, and its smaller relatives."""

from __future__ import annotations

from demo.illustrations.kit import (
    Facts,
    circle,
    clip,
    ellipse,
    group,
    line,
    move,
    num,
    path,
    rect,
    shadow,
    whole,
    word,
)
from demo.illustrations.palette import (
    BLACK,
    CARD,
    DARK_STEEL,
    GLASS,
    INK,
    SIGNAL,
    STEEL,
    tones,
)
from demo.illustrations.utensils import whisk_head

HEAD = "M-214 -190C-214 -236 -160 -246 -60 -246H130C196 -246 214 -210 206 -168C200 -138 172 -132 "
HEAD += "130 -132H-150C-196 -132 -214 -150 -214 -190Z"
# The column leans back a little: the machine looks as if it nods over its bowl.
COLUMN = "M92 -140H196C204 -60 196 30 214 136H70C98 40 86 -60 92 -140Z"


def _bowl(k: float) -> str:
    """Return the steel bowl around (0, 0): rim at the top, 130 deep."""
    w = 124 * k
    wall = f"M{num(-w)} 0C{num(-w)} 70 {num(-w * 0.72)} 124 {num(-w * 0.5)} 128H{num(w * 0.5)}"
    wall += f"C{num(w * 0.72)} 124 {num(w)} 70 {num(w)} 0Z"
    grip = line(
        f"M{num(-w + 6)} 24C{num(-w - 62)} 16 {num(-w - 56)} 84 {num(-w + 22)} 78", STEEL.dark, 15
    )
    body = clip(
        "b",
        path(wall),
        rect(-w, 0, w * 2, 130, STEEL.base),
        rect(w * 0.36, 0, w, 130, STEEL.dark, opacity=0.55),
        rect(-w * 0.72, 8, w * 0.14, 100, STEEL.light, 8),
    )
    rim = rect(-w - 8, -9, w * 2 + 16, 18, STEEL.light, 9) + rect(
        -w - 8, 1, w * 2 + 16, 8, STEEL.dark, 4, opacity=0.6
    )
    return grip + body + rim


def mixer(facts: Facts) -> str:
    """Draw the stand mixer from the side; stronger ones have the longer dial arc."""
    tone = tones("house", facts["colour"])
    k = 0.86 + (whole(facts, "bowl_ml") - 4000) / 2700 * 0.16
    foot = path(
        "M-210 176C-210 140 -180 132 -130 132H222C244 132 250 150 250 176V190H-210Z", tone.base
    )
    foot += rect(-210, 172, 460, 24, tone.dark, 10)
    column = clip(
        "s",
        path(COLUMN),
        rect(40, -150, 200, 300, tone.base),
        path("M150 -150H240V150H160C170 40 160 -60 150 -150Z", tone.dark, opacity=0.7),
    )
    head = clip(
        "d",
        path(HEAD),
        rect(-220, -250, 440, 130, tone.base),
        path("M-220 -166C-60 -150 100 -150 220 -180V-120H-220Z", tone.dark, opacity=0.65),
        line("M-176 -218C-140 -230 -60 -230 60 -230", tone.light, 13),
    )
    band = line("M-212 -186H206", STEEL.light, 8, stroke_linecap="butt")
    hub = rect(-228, -214, 30, 52, STEEL.base, 11) + rect(-228, -188, 30, 26, STEEL.dark, 10)
    drive = rect(-98, -136, 76, 30, STEEL.dark, 8) + rect(-72, -110, 24, 34, STEEL.base, 5)
    beater = move(
        -60,
        -76,
        line("M0 0C-64 30 -62 108 0 122C62 108 64 30 0 0Z", STEEL.dark, 10)
        + line("M0 0V122M-44 52H44", STEEL.dark, 8),
    )
    dial = circle(148, -186, 31, CARD) + circle(148, -186, 21, STEEL.base)
    dial += line("M148 -186L160 -202", INK, 6)
    dots = min(9, 3 + whole(facts, "watts") // 250)
    ticks = "".join(
        move(148, -186, rect(-2, -42, 4, 7, CARD, 2), turn=-100 + i * 25) for i in range(dots)
    )
    lever = rect(168, 30, 50, 18, SIGNAL, 8)
    feet = rect(-180, 190, 60, 14, BLACK.base, 6) + rect(160, 190, 60, 14, BLACK.base, 6)
    bowl = move(-60, 130 - 128 * k, _bowl(k), scale=k)
    shown = beater + bowl + feet + column + foot + drive + head + band + hub + dial + ticks + lever
    # The bowl stands on the foot, in front of the column.
    return shadow(410, 514, 270) + move(400, 316, shown)


def _mincer() -> str:
    barrel = rect(-150, -60, 220, 120, STEEL.base, 26) + rect(-150, 6, 220, 54, STEEL.dark, 22)
    ring = rect(60, -84, 62, 168, STEEL.light, 14) + rect(60, 16, 62, 68, STEEL.dark, 14)
    plate = ellipse(124, 0, 26, 78, DARK_STEEL.base)
    holes = "".join(
        ellipse(124 + dx, dy, 4, 7, "#11181A")
        for dx, dy in (
            (0, -50),
            (-10, -26),
            (10, -26),
            (0, 0),
            (-12, 14),
            (12, 14),
            (0, 40),
            (0, -14),
            (0, 60),
        )
    )
    neck = path("M-86 -60V-140H14V-60Z", STEEL.base) + path("M-20 -60V-140H14V-60Z", STEEL.dark)
    tray = path("M-150 -186H84L56 -138H-120Z", STEEL.light) + rect(
        -156, -198, 246, 20, STEEL.base, 9
    )
    shaft = rect(-196, -22, 54, 44, DARK_STEEL.base, 9)
    shine = line("M-124 -34H26", STEEL.light, 9)
    return shaft + neck + tray + barrel + ring + plate + holes + shine


def _pasta() -> str:
    body = rect(-180, -96, 330, 130, STEEL.base, 18) + rect(-180, -22, 330, 56, STEEL.dark, 16)
    rollers = rect(-160, -128, 290, 44, STEEL.light, 20) + rect(-160, -106, 290, 22, STEEL.dark, 10)
    cap = rect(140, -110, 54, 150, DARK_STEEL.base, 16) + rect(186, -58, 40, 46, STEEL.dark, 8)
    strands = "".join(f"M{x} 34C{x - 10} 84 {x + 12} 120 {x} 168" for x in range(-148, 130, 22))
    knob = circle(-128, -32, 27, BLACK.base) + circle(-134, -38, 10, BLACK.light)
    return (
        line(strands, "#E2BC67", 11)
        + rollers
        + body
        + cap
        + knob
        + line("M-84 -68H100", STEEL.light, 8)
    )


def _shredder() -> str:
    chute = path("M-66 -210H44V-60H-66Z", GLASS.base) + rect(-78, -222, 134, 24, GLASS.dark, 9)
    body = path("M-120 -74H86Q134 -74 134 -20V60Q134 100 86 100H-120Z", CARD)
    body += path("M-120 30H134V60Q134 100 86 100H-120Z", "#D3D1C6")
    drum = path("M-120 -64L-214 -46V72L-120 90Z", STEEL.base)
    holes = "".join(
        f"M{-196 + c * 22} {-22 + r * 24 + c % 2 * 8}q7 -12 14 0"
        for c in range(4)
        for r in range(4)
    )
    shaft = rect(130, -8, 62, 44, DARK_STEEL.base, 9)
    shreds = line("M-220 120l-34 26M-186 124l6 40M-234 88l-40 6M-150 124l28 34", "#DE8A3C", 10)
    light = line("M-96 -52H60", "#FFFFFF", 7) + rect(-54, -190, 16, 110, "#FFFFFF", 7, opacity=0.6)
    return chute + drum + line(holes, DARK_STEEL.base, 6) + body + shaft + light + shreds


def _beater() -> str:
    frame = "M0 -100C-140 -60 -150 130 0 190C150 130 140 -60 0 -100Z"
    bars = (
        "M0 -100V190M0 -30L-98 26M0 40L-106 84M0 110L-70 146M0 -30L98 26M0 40L106 84M0 110L70 146"
    )
    flat = line(frame, STEEL.dark, 24) + line(bars, STEEL.dark, 17)
    light = line(frame, STEEL.base, 12) + line(bars, STEEL.base, 7)
    return flat + light + _coupling(-196)


def _coupling(y: float) -> str:
    body = rect(-25, y, 50, 104, STEEL.base, 10) + rect(4, y, 21, 104, STEEL.dark, 8)
    return (
        body
        + rect(-38, y + 18, 76, 17, STEEL.dark, 7)
        + line(f"M-13 {y + 46}V{y + 88}", STEEL.light, 6)
    )


def mixer_part(facts: Facts) -> str:
    """Draw one attachment alone."""
    kind = word(facts, "kind")
    if kind == "bowl":
        return shadow(400, 468, 170) + move(410, 232, _bowl(1.0), scale=1.78)
    if kind == "whisk":
        wires = group(whisk_head(), transform="rotate(180) scale(1.2)")
        return shadow(400, 520, 150) + move(400, 190, wires + _coupling(-100), turn=8)
    if kind == "beater":
        return shadow(400, 520, 160) + move(400, 306, _beater(), turn=8)
    part = {"mincer": _mincer, "pasta": _pasta, "shredder": _shredder}[kind]()
    low = {"mincer": 96, "pasta": 178, "shredder": 166}[kind]
    y = {"mincer": 340, "pasta": 300, "shredder": 320}[kind]
    return shadow(400, y + low * 1.2, 220) + move(404, y, part, scale=1.2)


def hand_mixer(facts: Facts) -> str:
    """Draw the hand mixer with both beaters down; stronger ones have more speed dots."""
    tone = tones("house", facts["colour"])
    hull = "M-190 20C-200 -30 -150 -66 -90 -66H110C176 -66 206 -20 196 20C190 56 150 62 110 62H-110"
    hull += "C-150 62 -184 56 -190 20Z"
    grip = line("M-96 -62C-110 -160 60 -170 128 -150C186 -134 176 -60 160 -36", tone.base, 46)
    grip += line("M-70 -84C-66 -146 60 -150 116 -138", tone.light, 8, opacity=0.8)
    body = clip(
        "h",
        path(hull),
        rect(-210, -80, 420, 150, tone.base),
        path("M-210 16C-60 40 100 34 220 4V80H-210Z", tone.dark, opacity=0.7),
    )
    keys = rect(-122, -122, 54, 26, SIGNAL, 10)
    count = min(6, 2 + whole(facts, "watts") // 125)
    dots = "".join(
        circle(-60 + i * 28, -14, 7, STEEL.light if tone.base != "#BFC7C8" else INK)
        for i in range(count)
    )
    beaters = ""
    for x in (-104, -36):
        beaters += (
            rect(x - 8, 58, 16, 96, STEEL.dark, 4)
            + line(
                f"M{x} 140C{x - 44} 168 {x - 40} 226 {x} 236"
                f"C{x + 40} 226 {x + 44} 168 {x} 140M{x} 140V236",
                STEEL.dark,
                9,
            )
            + line(f"M{x} 140C{x - 44} 168 {x - 40} 226 {x} 236", STEEL.light, 4)
        )
    vents = line("M128 -10V24M146 -12V20M164 -14V14", tone.dark, 7)
    return shadow(372, 538, 180) + move(404, 286, beaters + grip + body + keys + dots + vents)


def hand_blender(facts: Facts) -> str:
    """Draw the wand with its blade bell and a beaker beside it."""
    tone = tones("house", facts["colour"])
    stout = 34 + whole(facts, "watts") / 1200 * 14
    body = path(
        f"M{num(-stout)} -196Q{num(-stout)} -236 0 -236T{num(stout)} -196"
        f"L{num(stout - 8)} 0Q{num(stout - 8)} 22 0 22T{num(-stout + 8)} 0Z",
        tone.base,
    )
    body += path(
        f"M8 -236Q{num(stout)} -232 {num(stout)} -196L{num(stout - 8)} 0Q{num(stout - 8)} 22 4 22Z",
        tone.dark,
        opacity=0.7,
    )
    body += line(f"M{num(-stout + 15)} -190L{num(-stout + 18)} -30", tone.light, 8)
    keys = rect(-14, -168, 28, 50, SIGNAL, 12) + rect(-12, -102, 24, 34, STEEL.light, 10)
    wand = rect(-15, 20, 30, 150, STEEL.base, 5) + rect(2, 20, 13, 150, STEEL.dark, 4)
    bell = path("M-16 160H16C24 190 60 196 62 226V236H-62V226C-60 196 -24 190 -16 160Z", STEEL.base)
    bell += path("M6 160H16C24 190 60 196 62 226V236H14Z", STEEL.dark)
    slots = line("M-34 212V232M0 208V232M34 212V232", DARK_STEEL.base, 8)
    cup = path("M-90 -110H90L76 150Q74 166 58 166H-58Q-74 166 -76 150Z", GLASS.base, opacity=0.85)
    soup = path("M-82 30H82L76 150Q74 166 58 166H-58Q-74 166 -76 150Z", "#C9762F")
    soup += ellipse(0, 30, 82, 13, "#E39A55")
    marks = line("M44 -70h26M52 -40h16M44 -10h26M52 20h16", "#FFFFFF", 4)
    lip = rect(-98, -118, 196, 14, GLASS.light, 7)
    beaker = cup + soup + marks + lip
    return (
        shadow(420, 536, 230)
        + move(330, 298, bell + slots + wand + body + keys)
        + move(512, 366, beaker)
    )
