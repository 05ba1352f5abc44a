"""Pans, pots, lids, dishes, bowls."""

from __future__ import annotations

from demo.illustrations.kit import (
    Facts,
    circle,
    clip,
    ellipse,
    line,
    move,
    num,
    path,
    polygon,
    rect,
    shadow,
    whole,
    word,
)
from demo.illustrations.palette import (
    BRASS,
    CREAM,
    GLASS,
    IRON,
    STEEL,
    WHITE,
    Tones,
    material,
    mix,
    tones,
)


def _handle(length: float, tone: Tones, *, rivets: bool) -> str:
    """Return a long handle from (0, 0) to the right, with a hole to hang it."""
    arm = path(
        f"M0 -17C{num(length * 0.3)} -12 {num(length * 0.5)} -13 {num(length * 0.9)} -19"
        f"Q{num(length)} -19 {num(length)} 0T{num(length * 0.9)} 19"
        f"C{num(length * 0.5)} 13 {num(length * 0.3)} 12 0 19Z",
        tone.base,
    )
    shade = path(
        f"M0 6C{num(length * 0.4)} 4 {num(length * 0.7)} 4 {num(length)} 4"
        f"Q{num(length)} 19 {num(length * 0.9)} 19C{num(length * 0.5)} 13 "
        f"{num(length * 0.3)} 12 0 19Z",
        tone.dark,
        opacity=0.7,
    )
    light = line(
        f"M24 -8C{num(length * 0.4)} -6 {num(length * 0.6)} -8 {num(length * 0.8)} -11",
        tone.light,
        4,
        opacity=0.7,
    )
    hole = ellipse(length * 0.93, 0, 9, 6, "#F1EBDD")
    dots = circle(16, -5, 4.5, STEEL.light) + circle(34, 5, 4.5, STEEL.light) if rivets else ""
    return arm + shade + light + hole + dots


def pan(facts: Facts) -> str:
    """Draw a pan from above the rim; diameter and material show, oval is the fish pan."""
    metal, kind = material(facts["material"]), word(facts, "material")
    oval = word(facts, "shape") == "oval"
    rx = 88 + whole(facts, "diameter_mm") * 0.42
    ry = rx * (0.36 if oval else 0.5)
    deep = 46 + rx * 0.1
    length = 150 + rx * 0.42
    cx = 400 - length * 0.44
    cy = 290 - deep * 0.3
    inside = {"coated": "#2B2624", "stainless": "#C3CBCC", "cast_iron": "#2B3132",
              "carbon_steel": "#4A5256"}[kind]  # fmt: skip
    wall = (
        f"M{num(cx - rx)} {num(cy)}C{num(cx - rx * 0.94)} {num(cy + ry + deep)} "
        f"{num(cx + rx * 0.94)} {num(cy + ry + deep)} {num(cx + rx)} {num(cy)}Z"
    )
    side = clip(
        "s",
        path(wall),
        rect(cx - rx, cy, rx * 2, ry + deep, metal.base),
        rect(cx + rx * 0.3, cy, rx, ry + deep, metal.dark, opacity=0.7),
        rect(cx - rx * 0.62, cy, rx * 0.16, ry + deep, metal.light, opacity=0.5),
    )
    rim = ellipse(cx, cy, rx, ry, metal.light) + ellipse(cx, cy + 2, rx - 9, ry - 7, metal.dark)
    bottom = ellipse(cx, cy + deep * 0.42, rx * 0.86, ry * 0.8, inside)
    floor = clip(
        "p",
        ellipse(cx, cy + 2, rx - 9, ry - 7, "#000"),
        ellipse(cx, cy + 2, rx, ry, mix(inside, "#000000", 0.28)),
        bottom,
        ellipse(
            cx,
            cy + deep * 0.42,
            rx * 0.62,
            ry * 0.58,
            "none",
            stroke=metal.light,
            stroke_width=3,
            opacity=0.25,
        ),
        path(
            f"M{num(cx - rx * 0.72)} {num(cy + deep * 0.2)}q{num(rx * 0.12)} "
            f"{num(-ry * 0.5)} {num(rx * 0.62)} {num(-ry * 0.56)}",
            stroke="#FFFFFF",
            stroke_width=9,
            stroke_linecap="round",
            opacity=0.22,
        ),
    )
    grip = (
        material("oak")
        if kind == "carbon_steel"
        else metal
        if kind != "coated"
        else material("black")
    )
    arm = move(cx + rx - 12, cy - 4, _handle(length, grip, rivets=kind != "cast_iron"), turn=-13)
    neck = move(cx + rx - 14, cy - 3, rect(-10, -15, 58, 30, metal.dark, 9), turn=-13)
    if kind == "cast_iron":
        arm += path(f"M{num(cx - rx + 8)} {num(cy - 14)}q-52 8 -8 36Z", metal.base)
    ground = shadow(cx + length * 0.2, cy + ry * 0.8 + deep + 14, rx * 0.96 + length * 0.1)
    return ground + arm + neck + side + rim + floor


def _body_tone(facts: Facts) -> Tones:
    kind = word(facts, "material")
    if kind == "enamel":
        return tones("house", facts["colour"])
    if kind == "cast_iron" and word(facts, "colour") not in {"schwarz", "edelstahl"}:
        return tones("house", facts["colour"])
    return IRON if kind == "cast_iron" else STEEL


def _knob(x: float, y: float, tone: Tones) -> str:
    stem = rect(x - 9, y - 18, 18, 22, tone.dark, 4)
    return stem + ellipse(x, y - 26, 34, 15, tone.base) + ellipse(x - 8, y - 30, 14, 5, tone.light)


def pot(facts: Facts) -> str:
    """Draw a pot with its lid: stockpot tall, casserole low, saucepan with one long handle."""
    kind, tone = word(facts, "kind"), _body_tone(facts)
    k = 0.6 + 0.42 * (whole(facts, "volume_ml") / 12000) ** (1 / 3)
    w, h = {"stockpot": (360, 330), "casserole": (420, 220), "saucepan": (320, 210)}[kind]
    w, h = w * k, h * k
    x, top = 400 - w / 2 - (60 if kind == "saucepan" else 0), 330 - h / 2 + 20
    r = 44 * k
    body = (
        f"M{num(x)} {num(top)}H{num(x + w)}V{num(top + h - r)}Q{num(x + w)} {num(top + h)} "
        f"{num(x + w - r)} {num(top + h)}H{num(x + r)}Q{num(x)} {num(top + h)} {num(x)} "
        f"{num(top + h - r)}Z"
    )
    shade = rect(x + w * 0.72, top, w * 0.3, h, tone.dark, opacity=0.6)
    shade += rect(x + w * 0.9, top, w * 0.1, h, tone.dark, opacity=0.6)
    light = rect(x + w * 0.09, top + h * 0.1, w * 0.06, h * 0.72, tone.light, 9, opacity=0.9)
    base = rect(x, top + h - 20 * k, w, 20 * k, mix(tone.dark, "#000000", 0.12))
    vessel = clip("p", path(body), rect(x, top, w, h, tone.base), shade, light, base)
    lid_tone = tone if kind != "saucepan" or tone is not STEEL else GLASS
    dome = path(
        f"M{num(x - 4)} {num(top + 2)}Q{num(x + w * 0.08)} {num(top - 52 * k)} "
        f"{num(x + w / 2)} {num(top - 56 * k)}T{num(x + w + 4)} {num(top + 2)}Z",
        mix(lid_tone.base, lid_tone.light, 0.35),
    )
    dome += path(
        f"M{num(x + w * 0.62)} {num(top - 54 * k)}Q{num(x + w * 0.94)} "
        f"{num(top - 46 * k)} {num(x + w + 4)} {num(top + 2)}H{num(x + w * 0.7)}Z",
        lid_tone.dark,
        opacity=0.5,
    )
    rim = rect(x - 9, top - 6, w + 18, 17, tone.light, 8) + rect(
        x - 9, top + 3, w + 18, 8, tone.dark, 4, opacity=0.7
    )
    knob = _knob(x + w / 2, top - 52 * k, BRASS if word(facts, "material") != "stainless" else IRON)
    grips = _grips(kind, x, top, w, k, tone)
    return shadow(400, top + h + 6, w * 0.62) + grips + dome + knob + vessel + rim


def _grips(kind: str, x: float, top: float, w: float, k: float, tone: Tones) -> str:
    if kind == "saucepan":
        return move(x + w - 6, top + 40 * k, _handle(180 + 60 * k, IRON, rivets=True), turn=-9)
    loop = "M0 0C-54 -8 -58 44 0 40"
    left = move(x + 2, top + 44 * k, line(loop, tone.dark, 18))
    right = f'<g transform="matrix(-1 0 0 1 {num(2 * x + w)} 0)">{left}</g>'
    return left + right


def lid(facts: Facts) -> str:
    """Draw a lid: glass shows its rim of steel and a steam hole."""
    kind, metal = word(facts, "material"), material(facts["material"])
    rx = 120 + whole(facts, "diameter_mm") * 0.6
    ry = rx * 0.36
    y = 340
    rim_tone = STEEL if kind == "glass" else metal
    side = ellipse(400, y + 14, rx, ry, rim_tone.dark) + ellipse(400, y, rx, ry, rim_tone.light)
    dome = path(
        f"M{num(400 - rx + 14)} {y}C{num(400 - rx * 0.8)} {num(y - ry * 1.5)} "
        f"{num(400 + rx * 0.8)} {num(y - ry * 1.5)} {num(400 + rx - 14)} {y}"
        f"A{num(rx - 14)} {num(ry - 8)} 0 0 1 {num(400 - rx + 14)} {y}Z",
        metal.base,
    )
    shade = path(
        f"M{num(400 + rx * 0.1)} {num(y - ry * 1.12)}C{num(400 + rx * 0.7)} "
        f"{num(y - ry * 1.05)} {num(400 + rx * 0.85)} {num(y - ry * 0.5)} "
        f"{num(400 + rx - 14)} {y}A{num(rx - 14)} {num(ry - 8)} 0 0 1 "
        f"{num(400 + rx * 0.3)} {num(y + ry * 0.88)}Q{num(400 + rx * 0.66)} {num(y)} "
        f"{num(400 + rx * 0.1)} {num(y - ry * 1.12)}Z",
        metal.dark,
        opacity=0.5,
    )
    glow = line(
        f"M{num(400 - rx * 0.72)} {num(y - ry * 0.3)}Q{num(400 - rx * 0.5)} "
        f"{num(y - ry * 0.86)} {num(400 - rx * 0.2)} {num(y - ry * 0.98)}",
        "#FFFFFF",
        11,
        opacity=0.75 if kind != "cast_iron" else 0.3,
    )
    hole = circle(400 + rx * 0.3, y - ry * 0.72, 7, STEEL.dark) if kind == "glass" else ""
    knob = _knob(400, y - ry * 1.08, IRON if kind != "cast_iron" else metal)
    if kind == "cast_iron":
        bumps = "".join(
            ellipse(400 + dx * rx, y + dy * ry, 9, 5, metal.light, opacity=0.55)
            for dx, dy in ((-0.5, 0), (0, 0.35), (0.5, 0), (-0.25, -0.45), (0.25, -0.45))
        )
        hole = bumps
    return shadow(400, y + ry + 30, rx * 1.02) + side + dome + shade + glow + hole + knob


def baking_dish(facts: Facts) -> str:
    """Draw a stoneware dish, oval or rectangular, with its two grips."""
    tone = tones("house", facts["colour"])
    rx = 90 + whole(facts, "length_mm") * 0.56
    ry, deep = rx * 0.36, 84
    y = 262
    inside = mix(WHITE.base, tone.base, 0.08) if tone.base != WHITE.base else CREAM.light
    x0, x1 = 400 - rx, 400 + rx
    if word(facts, "shape") == "oval":
        top, inner = (
            ellipse(400, y, rx, ry, tone.light),
            ellipse(400, y + 3, rx - 15, ry - 12, "#000"),
        )
        wall = path(
            f"M{num(x0)} {y}C{num(x0 + 10)} {num(y + ry + deep * 1.2)} {num(x1 - 10)} "
            f"{num(y + ry + deep * 1.2)} {num(x1)} {y}Z",
            tone.base,
        )
        low = y + ry * 0.78 + deep * 0.88
    else:
        back = rx * 0.82
        rim = [(400 - back, y - ry), (400 + back, y - ry), (x1, y + ry * 0.6), (x0, y + ry * 0.6)]
        top = polygon(rim, tone.light, stroke=tone.light, stroke_width=22, stroke_linejoin="round")
        inner = polygon(
            [
                (400 - back + 14, y - ry + 8),
                (400 + back - 14, y - ry + 8),
                (x1 - 22, y + ry * 0.6 - 8),
                (x0 + 22, y + ry * 0.6 - 8),
            ],
            "#000",
            stroke="#000",
            stroke_width=8,
            stroke_linejoin="round",
        )
        low = y + ry * 0.6 + deep
        wall = path(
            f"M{num(x0 - 10)} {num(y + ry * 0.6)}L{num(x0 + 26)} {num(low)}H{num(x1 - 26)}"
            f"L{num(x1 + 10)} {num(y + ry * 0.6)}Z",
            tone.base,
            stroke=tone.base,
            stroke_width=6,
            stroke_linejoin="round",
        )
    shade = path(
        f"M{num(400 + rx * 0.4)} {y}H{num(x1 + 20)}L{num(x1 - 30)} {num(low + 30)}"
        f"H{num(400 + rx * 0.3)}Z",
        tone.dark,
        opacity=0.6,
    )
    hollow = clip(
        "i",
        inner,
        rect(x0, y - ry - 20, rx * 2, ry * 3, mix(inside, tone.dark, 0.32)),
        ellipse(400, y + ry * 0.62, rx * 0.9, ry * 0.9, inside),
    )
    grips = line(
        f"M{num(x0 + 8)} {num(y - 12)}q-56 4 -4 34M{num(x1 - 8)} {num(y - 12)}q56 4 4 34",
        tone.dark,
        19,
    )
    walls = clip("o", wall, rect(x0 - 30, y - 40, rx * 2 + 60, 400, tone.base), shade)
    return shadow(400, low + 14, rx * 0.94) + grips + walls + top + hollow


def bowl(facts: Facts) -> str:
    """Draw a bowl: steel with a rolled rim, stoneware with a foot and a pale inside."""
    steel = word(facts, "material") == "stainless"
    tone = STEEL if steel else tones("house", facts["colour"])
    rx = 118 + 135 * (whole(facts, "volume_ml") / 6000) ** (1 / 3)
    ry, deep, y = rx * 0.24, rx * 0.86, 236
    wall = (
        f"M{num(400 - rx)} {y}C{num(400 - rx * 0.94)} {num(y + deep * 0.7)} "
        f"{num(400 - rx * 0.6)} {num(y + deep)} {num(400 - rx * 0.34)} {num(y + deep)}"
        f"H{num(400 + rx * 0.34)}C{num(400 + rx * 0.6)} {num(y + deep)} {num(400 + rx * 0.94)} "
        f"{num(y + deep * 0.7)} {num(400 + rx)} {y}Z"
    )
    dark = path(
        f"M{num(400 + rx * 0.36)} {y}H{num(400 + rx)}V{num(y + deep)}H{num(400 + rx * 0.1)}"
        f"C{num(400 + rx * 0.4)} {num(y + deep * 0.7)} {num(400 + rx * 0.46)} "
        f"{num(y + deep * 0.4)} {num(400 + rx * 0.36)} {y}Z",
        tone.dark,
        opacity=0.6,
    )
    glow = line(
        f"M{num(400 - rx * 0.8)} {num(y + deep * 0.3)}Q{num(400 - rx * 0.72)} "
        f"{num(y + deep * 0.6)} {num(400 - rx * 0.52)} {num(y + deep * 0.8)}",
        tone.light,
        12,
    )
    body = clip("b", path(wall), rect(400 - rx, y, rx * 2, deep, tone.base), dark, glow)
    inside = mix(tone.base, tone.dark, 0.55) if steel else mix(CREAM.base, tone.dark, 0.2)
    rim = ellipse(400, y, rx + (8 if steel else 0), ry + (5 if steel else 0), tone.light)
    well = ellipse(400, y + 3, rx - 11, ry - 8, inside)
    well += clip(
        "w",
        ellipse(400, y + 3, rx - 11, ry - 8, "#000"),
        ellipse(400, y + ry * 0.9, rx * 0.84, ry * 0.9, STEEL.light if steel else CREAM.light),
    )
    foot = "" if steel else rect(400 - rx * 0.38, y + deep - 5, rx * 0.76, 20, tone.dark, 8)
    bottom = y + deep + (15 if foot else 0)
    return shadow(400, bottom, rx * 0.74) + foot + body + rim + well
