"""What one wears, carries, reads or feeds: bags, headlamp, glasses, groundbait, books."""

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
    polygon,
    rect,
    shadow,
    whole,
    word,
)
from demo.illustrations.palette import (
    BLACK,
    CARD,
    INK,
    KRAFT,
    SIGNAL,
    STEEL,
    Tones,
    lure,
    mix,
    tones,
)


def _zip(d: str, tone: Tones) -> str:
    return line(d, tone.dark, 9) + line(d, STEEL.light, 3, stroke_dasharray="2 7")


def _backpack(tone: Tones) -> str:
    straps = line("M-70 -190C-70 -236 70 -236 70 -190", BLACK.base, 18)
    body = rect(-140, -200, 280, 400, tone.base, 78) + path(
        "M60 -200Q140 -200 140 -120V122Q140 200 60 200Z", tone.dark, opacity=0.75
    )
    lid = path(
        "M-140 -70V-122Q-140 -200 -62 -200H62Q140 -200 140 -122V-70Q0 -30 -140 -70Z",
        mix(tone.base, tone.light, 0.35),
    )
    pocket = rect(-98, 34, 196, 132, mix(tone.base, tone.dark, 0.45), 34)
    sides = rect(-172, 20, 40, 140, tone.dark, 18) + rect(132, 20, 40, 140, tone.dark, 18)
    buckles = rect(-84, -66, 30, 74, BLACK.base, 8) + rect(54, -66, 30, 74, BLACK.base, 8)
    buckles += rect(-88, -22, 38, 22, SIGNAL, 6) + rect(50, -22, 38, 22, SIGNAL, 6)
    return straps + sides + body + lid + pocket + buckles + _zip("M-78 62H78", tone)


def _sling(tone: Tones) -> str:
    strap = line("M-150 -60C-120 -280 120 -280 160 -40", BLACK.base, 26)
    strap += rect(-16, -244, 64, 38, SIGNAL, 9)
    body = path(
        "M-180 -70Q-180 -130 -110 -130H120Q190 -130 190 -60L168 120Q160 172 104 172H-100"
        "Q-154 172 -162 120Z",
        tone.base,
    )
    shade = path(
        "M60 -130H120Q190 -130 190 -60L168 120Q160 172 104 172H40Q110 40 60 -130Z",
        tone.dark,
        opacity=0.75,
    )
    flap = path(
        "M-180 -70Q-180 -130 -110 -130H120Q190 -130 190 -60L186 -24Q0 26 -176 -24Z",
        mix(tone.base, tone.light, 0.35),
    )
    pocket = rect(-118, 34, 176, 104, mix(tone.base, tone.dark, 0.45), 26)
    tool = rect(88, 30, 46, 112, BLACK.base, 14) + line("M100 20V-4M122 20V-4", STEEL.base, 10)
    return strap + body + shade + flap + pocket + tool + _zip("M-98 62H38", tone)


def _rod_sleeve(tone: Tones) -> str:
    body = rect(-330, -62, 660, 124, tone.base, 56) + path(
        "M-330 12H330Q326 62 274 62H-274Q-326 62 -330 12Z", tone.dark, opacity=0.75
    )
    ends = rect(-250, -64, 34, 128, BLACK.base, 6) + rect(216, -64, 34, 128, BLACK.base, 6)
    pocket = rect(-130, -34, 250, 80, mix(tone.base, tone.dark, 0.45), 22)
    handle = line("M-70 -62C-70 -132 70 -132 70 -62", BLACK.base, 20)
    pads = rect(-34, -130, 68, 30, SIGNAL, 12)
    return (
        handle
        + pads
        + body
        + ends
        + pocket
        + _zip("M-106 -8H96", tone)
        + line("M-300 -34H-268", tone.light, 9)
    )


def _cool_bag(tone: Tones) -> str:
    handles = line("M-96 -120C-96 -226 96 -226 96 -120", BLACK.base, 20)
    body = rect(-190, -130, 380, 296, tone.base, 34) + path(
        "M90 -130H156Q190 -130 190 -96V132Q190 166 156 166H90Z", tone.dark, opacity=0.75
    )
    lid = rect(-200, -150, 400, 74, mix(tone.base, tone.light, 0.4), 28)
    flake = "".join(
        f'<g transform="rotate({angle})">{line("M0 0V-52M0 -34L-14 -46M0 -34L14 -46", CARD, 9)}</g>'
        for angle in range(0, 360, 60)
    )
    return handles + body + lid + _zip("M-180 -78H180", tone) + move(-30, 52, flake)


def bag(facts: Facts) -> str:
    """Draw a sling, a backpack, a rod sleeve or a cool bag."""
    tone, kind = tones("gear", facts["colour"]), word(facts, "kind")
    k = 0.82 + whole(facts, "volume_l") / 60 * 0.36
    shapes = {"backpack": (_backpack, 206), "sling": (_sling, 176), "rod": (_rod_sleeve, 70),
              "cool": (_cool_bag, 170)}  # fmt: skip
    draw, low = shapes[kind]
    k = min(k, 1.04)
    turn = -16 if kind == "rod" else 0
    drop = 150 if kind == "rod" else low * k
    wide = 330 if kind == "rod" else 190 * k
    y = 318 if kind != "rod" else 290
    return shadow(400, y + drop + 12, wide) + move(400, y, draw(tone), scale=k, turn=turn)


def headlamp(facts: Facts) -> str:
    """Draw a headlamp on its band; brighter ones throw more light."""
    tone, lumens = tones("gear", facts["colour"]), whole(facts, "lumens")
    back = ellipse(400, 262, 222, 118, BLACK.dark) + ellipse(400, 250, 196, 86, "#E3DBC8")
    band = path("M178 262C178 400 622 400 622 262V322C622 462 178 462 178 322Z", BLACK.base)
    stripe = path("M178 290C178 428 622 428 622 290V302C622 440 178 440 178 302Z", tone.base)
    over = line("M300 168C280 60 520 60 500 168", BLACK.base, 22) + line(
        "M300 168C280 60 520 60 500 168", tone.base, 5
    )
    case = rect(306, 318, 188, 142, tone.base, 38) + path(
        "M430 318H456Q494 318 494 356V422Q494 460 456 460H430Z", tone.dark, opacity=0.75
    )
    lamp = circle(388, 389, 54, INK) + circle(388, 389, 44, "#F7E9B4") + circle(388, 389, 24, CARD)
    lamp += circle(468, 389, 12, INK) + circle(468, 389, 7, SIGNAL)
    rays = ""
    for i in range(3 + lumens // 160):
        angle = -90 + (i - (2 + lumens // 160) / 2) * 24
        rays += f'<g transform="translate(388 389) rotate({num(angle + 270)})">{RAY}</g>'
    knob = rect(356, 308, 52, 18, SIGNAL, 8) + line("M324 352V420", tone.light, 8)
    return shadow(400, 540, 200) + over + back + band + stripe + group(rays) + case + lamp + knob


RAY = line("M0 -104V-136", "#E3B94A", 11)


def glasses(facts: Facts) -> str:
    """Draw polarised glasses with amber or grey lenses."""
    tone = tones("gear", facts["colour"])
    tint = (
        Tones("#B97A2E", "#E3B066", "#86531B")
        if word(facts, "lens") == "amber"
        else Tones("#4F5D62", "#8C9BA0", "#333F43")
    )
    arms = line("M190 262C120 250 96 300 84 400M610 262C680 250 704 300 716 400", tone.dark, 24)
    lens = "M196 262Q200 236 240 236H350Q384 236 382 276"
    lens += "C378 352 340 386 286 384C228 382 196 336 196 262Z"
    cut = path("M196 330Q290 300 384 330V400H196Z", tint.dark, opacity=0.55)
    glare = path("M236 236H284L232 356Q214 336 206 306Z", "#FFFFFF", opacity=0.32)
    left = clip("l", path(lens), rect(180, 220, 220, 180, tint.base), cut, glare)
    left += path(lens, stroke=tone.base, stroke_width=19, stroke_linejoin="round")
    left += line("M222 240H348", tone.light, 6, opacity=0.8)
    right = f'<g transform="matrix(-1 0 0 1 800 0)">{left}</g>'
    right = right.replace('id="l"', 'id="r"').replace("url(#l)", "url(#r)")
    bridge = line("M376 268Q400 244 424 268", tone.base, 21)
    return shadow(400, 430, 260) + arms + left + right + bridge


def paper_bag(w: float, h: float, tone: Tones, label: Tones, inside: str) -> str:
    """Return a stood-up paper bag around (0, 0) with a label band and a round window."""
    x, y = -w / 2, -h / 2
    front = path(
        f"M{num(x)} {num(y + 40)}L{num(x + 14)} {num(h / 2)}H{num(-x - 14)}L{num(-x)} "
        f"{num(y + 40)}Z",
        tone.base,
    )
    side = path(
        f"M{num(-x - w * 0.2)} {num(y + 40)}H{num(-x)}L{num(-x - 14)} {num(h / 2)}"
        f"H{num(-x - w * 0.24)}Z",
        tone.dark,
        opacity=0.55,
    )
    fold = rect(x - 4, y, w + 8, 62, mix(tone.base, tone.light, 0.6), 6)
    fold += line(f"M{num(x + 6)} {num(y + 44)}H{num(-x - 6)}", tone.dark, 3, stroke_dasharray="8 7")
    band = path(
        f"M{num(x + 3)} {num(h * 0.12)}H{num(-x - 3)}L{num(-x - 9)} {num(h * 0.36)}H{num(x + 9)}Z",
        label.base,
    )
    r = min(w, h) * 0.23
    window = circle(0, -h * 0.1, r + 7, label.dark) + clip(
        "w",
        circle(0, -h * 0.1, r, "#000"),
        circle(0, -h * 0.1, r, "#F2E6CB"),
        move(0, -h * 0.1, inside),
    )
    return front + side + fold + band + window


def _crumbs(r: float, tone: Tones) -> str:
    """Return a heap of crumbs that fills the lower part of a round window."""
    dots = []
    for i in range(46):
        x = ((i * 0.618) % 1 - 0.5) * 2.1 * r
        y = ((i * 0.755) % 1) * 1.3 * r - r * 0.28
        dots.append(
            circle(x, y, r * (0.09 + (i % 4) * 0.022), (tone.base, tone.light, tone.dark)[i % 3])
        )
    return rect(-r, -r * 0.1, r * 2, r * 1.2, tone.base) + "".join(dots)


def groundbait(facts: Facts) -> str:
    """Draw a bag of groundbait with a window and the outline of a fish on its label."""
    label = tones("house", facts["colour"])
    k = 0.72 + 0.34 * (whole(facts, "weight_g") / 3000) ** 0.5
    w, h = 300, 410
    inside = _crumbs(72, Tones("#A9763C", "#D3A566", "#75501F"))
    pale = "#FAF7F0" if label.base != "#F4F3EE" else INK
    fish = path(
        "M-58 0C-30 -30 20 -28 40 0L66 -20V20L40 0C20 28 -30 30 -58 0Z",
        stroke=pale,
        stroke_width=7,
        stroke_linejoin="round",
    )
    shown = paper_bag(w, h, KRAFT, label, inside) + move(-4, h * 0.24, fish, scale=1.05)
    return shadow(400, 306 + h * k / 2 + 6, w * k * 0.62) + move(400, 304, shown, scale=k)


def _emblem(topic: str, ink: str) -> str:
    """Return the simple emblem of a book: lure, knot, pan or river."""
    if topic == "lures":
        paint = lure("motoroil")
        body = "M-96 0C-60 -52 20 -50 62 -6L100 -38V38L62 6C20 50 -60 52 -96 0Z"
        return path(body, ink) + circle(-56, -8, 10, paint.mark)
    if topic == "knots":
        return line(
            "M-100 44C-30 44 40 30 40 -16C40 -60 -40 -60 -40 -16C-40 30 30 44 100 44", ink, 15
        )
    if topic == "kitchen":
        return ellipse(-24, 0, 66, 60, ink) + line("M44 0H112", ink, 20)
    waves = "".join(f"M-96 {y}q24 -30 48 0t48 0t48 0t48 0" for y in (-26, 16, 58))
    return line(waves, ink, 13)


def book(facts: Facts) -> str:
    """Draw a standing book; more pages, thicker block."""
    cover, topic = tones("house", facts["colour"]), word(facts, "topic")
    thick = 22 + whole(facts, "pages") * 0.16
    x = 400 - 140 - thick / 2
    pages = polygon(
        [(x + 280, 96), (x + 280 + thick, 116), (x + 280 + thick, 470), (x + 280, 490)], "#F6F0E0"
    )
    leaves = "".join(
        f"M{num(x + 280 + thick * t)} {num(98 + 19 * t)}V{num(488 - 19 * t)}"
        for t in (0.25, 0.5, 0.75)
    )
    back = polygon(
        [
            (x + 280 + thick - 5, 108),
            (x + 288 + thick, 112),
            (x + 288 + thick, 476),
            (x + 280 + thick - 5, 480),
        ],
        cover.dark,
    )
    front = rect(x, 90, 284, 406, cover.base, 8) + rect(x, 90, 30, 406, cover.dark, 8)
    light = cover.base in {"#EFE6CF", "#F4F3EE", "#BFC7C8"}
    ink = tones("gear", "flussgruen").base if light else "#FAF7F0"
    emblem = move(x + 158, 220, _emblem(topic, ink), scale=0.84)
    words = rect(x + 62, 346, 190, 18, ink, 4) + rect(x + 62, 378, 140, 18, ink, 4)
    words += rect(x + 62, 440, 84, 9, ink, 4, opacity=0.6)
    frame = line(f"M{num(x + 62)} 320H{num(x + 252)}", ink, 3, opacity=0.6)
    return (
        shadow(404, 500, 210)
        + pages
        + line(leaves, "#D9CFB4", 3)
        + back
        + front
        + emblem
        + frame
        + words
    )
