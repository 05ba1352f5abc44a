"""Storage boxes, flasks, spice tins."""

from __future__ import annotations

from demo.illustrations.figures import figures
from demo.illustrations.kit import (
    Facts,
    clip,
    ellipse,
    line,
    num,
    path,
    rect,
    shadow,
    whole,
    word,
)
from demo.illustrations.palette import CARD, GLASS, INK, STEEL, Tones, luminance, mix, tones


def _column(x: float, y: float, w: float, h: float, r: float, tone: Tones) -> str:
    """Return an upright rounded body, lit on the left, shaded on the right."""
    return clip(
        "c",
        rect(x, y, w, h, "#000", r),
        rect(x, y, w, h, tone.base),
        rect(x + w * 0.68, y, w * 0.32, h, tone.dark, opacity=0.55),
        rect(x + w * 0.88, y, w * 0.12, h, tone.dark, opacity=0.5),
        rect(x + w * 0.12, y + h * 0.08, w * 0.09, h * 0.8, tone.light, w * 0.04, opacity=0.9),
    )


def storage_box(facts: Facts) -> str:
    """Draw a storage box: glass shows pasta inside, steel does not; clips in colour."""
    glass = word(facts, "material") == "glass"
    lid_tone = tones("house", facts["colour"])
    k = 0.62 + 0.42 * (whole(facts, "volume_ml") / 3000) ** (1 / 3)
    w, h = 380 * k, 250 * k
    x, y = 400 - w / 2, 320 - h / 2 + 20
    body = _column(x, y, w, h, 40 * k, GLASS if glass else STEEL)
    if glass:
        level = y + h * 0.3
        food = "".join(
            line(
                f"M{num(x + 28 * k + (i * 61 * k) % (w - 90 * k))} "
                f"{num(level + 14 * k + (i * 37 * k) % (h * 0.54))}q{num(16 * k)} {num(-12 * k)} "
                f"{num(32 * k)} 0",
                ("#D9A84E", "#E9C57C", "#BC8A34")[i % 3],
                12 * k,
            )
            for i in range(22)
        )
        body += rect(x + 14 * k, level, w - 28 * k, h * 0.7 - 14 * k, "#DDB468", 28 * k)
        body += food + rect(x + 22 * k, y + 26 * k, 16 * k, h * 0.7, "#FFFFFF", 8, opacity=0.55)
    top = rect(x - 10, y - 40 * k, w + 20, 54 * k, lid_tone.base, 17 * k)
    top += rect(x - 10, y - 12 * k, w + 20, 26 * k, lid_tone.dark, 12 * k, opacity=0.7)
    top += line(f"M{num(x + 16)} {num(y - 27 * k)}H{num(x + w * 0.5)}", lid_tone.light, 6 * k)
    clips = "".join(
        rect(400 + s * w * 0.28 - 30 * k, y - 22 * k, 60 * k, 74 * k, lid_tone.light, 12 * k)
        + rect(400 + s * w * 0.28 - 18 * k, y + 28 * k, 36 * k, 10 * k, lid_tone.dark, 5 * k)
        for s in (-1, 1)
    )
    return shadow(400, y + h + 6, w * 0.58) + body + top + clips


def thermos(facts: Facts) -> str:
    """Draw a vacuum flask, a drinking mug, or a food jar with a wide neck."""
    tone, kind = tones("house", facts["colour"]), word(facts, "kind")
    k = 0.7 + 0.3 * (whole(facts, "volume_ml") / 1200) ** 0.5
    w, h, neck = {"flask": (150, 360, 0.66), "mug": (168, 240, 1.04), "food": (220, 236, 0.86)}[
        kind
    ]
    w, h = w * k, h * k
    x, y = 400 - w / 2, 520 - h
    cap_w, cap_h = w * neck, {"flask": 96, "mug": 52, "food": 74}[kind] * k
    shoulder = ""
    if kind == "flask":
        shoulder = path(
            f"M{num(x)} {num(y + 24)}C{num(x)} {num(y - 14)} {num(400 - cap_w / 2)} "
            f"{num(y - 8)} {num(400 - cap_w / 2)} {num(y - 34)}H{num(400 + cap_w / 2)}"
            f"C{num(400 + cap_w / 2)} {num(y - 8)} {num(x + w)} {num(y - 14)} "
            f"{num(x + w)} {num(y + 24)}Z",
            tone.base,
        )
    body = _column(x, y, w, h, 24 * k, tone)
    rise = 30 if kind == "flask" else 0
    steel = rect(400 - cap_w / 2 + 3, y - 14 - rise, cap_w - 6, 22, STEEL.base, 5)
    cap_y = y - rise - cap_h - 8
    cap_tone = (
        STEEL
        if tone.base != STEEL.base and kind != "mug"
        else Tones("#2C3533", "#59645F", "#1A211F")
    )
    cap = rect(400 - cap_w / 2, cap_y, cap_w, cap_h, cap_tone.base, 15 * k)
    cap += rect(400 + cap_w * 0.18, cap_y, cap_w * 0.32, cap_h, cap_tone.dark, 15 * k, opacity=0.6)
    cap += rect(400 - cap_w * 0.38, cap_y + 12, cap_w * 0.09, cap_h - 24, cap_tone.light, 5)
    if kind == "mug":
        cap += rect(400 - cap_w * 0.4, cap_y - 17, cap_w * 0.42, 22, cap_tone.light, 9)
        cap += line(
            f"M{num(x + w - 6)} {num(y + 60)}q{num(78 * k)} 0 {num(70 * k)} {num(66 * k)}"
            f"q-6 {num(52 * k)} {num(-72 * k)} {num(44 * k)}",
            tone.dark,
            17,
        )
    band = rect(x, y + h - 30 * k, w, 10 * k, mix(tone.dark, "#000000", 0.15), opacity=0.7)
    return shadow(400, 524, w * 0.86) + shoulder + body + band + steel + cap


def spice(facts: Facts) -> str:
    """Draw a round tin with a paper label; a leaf and the weight are on it."""
    label = tones("house", facts["colour"])
    k = 0.74 + 0.3 * (whole(facts, "weight_g") / 250) ** 0.5
    w, h = 230 * k, 300 * k
    x, y = 400 - w / 2, 326 - h / 2 + 10
    ry = w * 0.13
    side = clip(
        "t",
        path(
            f"M{num(x)} {num(y)}V{num(y + h)}A{num(w / 2)} {num(ry)} 0 0 0 {num(x + w)} "
            f"{num(y + h)}V{num(y)}Z"
        ),
        rect(x, y, w, h + ry, STEEL.base),
        rect(x + w * 0.72, y, w, h + ry, STEEL.dark, opacity=0.7),
        path(
            f"M{num(x)} {num(y + h * 0.2)}A{num(w / 2)} {num(ry)} 0 0 0 {num(x + w)} "
            f"{num(y + h * 0.2)}V{num(y + h * 0.86)}A{num(w / 2)} {num(ry)} 0 0 1 {num(x)} "
            f"{num(y + h * 0.86)}Z",
            label.base,
        ),
        path(
            f"M{num(x + w * 0.72)} {num(y)}H{num(x + w)}V{num(y + h * 1.1)}H{num(x + w * 0.72)}Z",
            label.dark,
            opacity=0.4,
        ),
        rect(x + w * 0.09, y, w * 0.06, h + ry, "#FFFFFF", opacity=0.35),
    )
    lid_y = y - 8 * k
    lid = path(
        f"M{num(x - 5)} {num(lid_y)}V{num(lid_y + 42 * k)}A{num(w / 2 + 5)} {num(ry)} 0 0 0 "
        f"{num(x + w + 5)} {num(lid_y + 42 * k)}V{num(lid_y)}Z",
        STEEL.dark,
    )
    lid += ellipse(400, lid_y, w / 2 + 5, ry, STEEL.light) + ellipse(
        400, lid_y, w * 0.4, ry * 0.74, STEEL.base
    )
    ink = INK if luminance(label.base) > 0.62 else CARD
    mid = y + h * 0.6
    leaf = path(
        f"M400 {num(mid + 34 * k)}C{num(400 - 56 * k)} {num(mid + 6 * k)} "
        f"{num(400 - 34 * k)} {num(mid - 40 * k)} 400 {num(mid - 58 * k)}"
        f"C{num(400 + 34 * k)} {num(mid - 40 * k)} {num(400 + 56 * k)} {num(mid + 6 * k)} "
        f"400 {num(mid + 34 * k)}Z",
        ink,
    )
    leaf += line(f"M400 {num(mid - 30 * k)}V{num(mid + 58 * k)}", label.base, 5 * k)
    text = figures(str(whole(facts, "weight_g")), 400, y + h * 0.9, 20 * k, ink, 2.4)
    return shadow(400, y + h + ry + 2, w * 0.66) + side + lid + leaf + text
