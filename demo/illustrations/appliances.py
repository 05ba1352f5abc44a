"""Counter-top appliances: kettle, toaster, coffee, scale, vacuum sealer and its bags."""

from __future__ import annotations

from demo.illustrations.figures import figures
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
    BRASS,
    CARD,
    DARK_STEEL,
    GLASS,
    INK,
    SIGNAL,
    STEEL,
    Tones,
    material,
    mix,
    tones,
)

COFFEE = "#4A2E1E"


def kettle(facts: Facts) -> str:
    """Draw a jug kettle or a gooseneck on its base plate; spout to the left."""
    tone = tones("house", facts["colour"])
    k = 0.8 + (whole(facts, "volume_ml") - 800) / 1000 * 0.2
    goose = word(facts, "kind") == "gooseneck"
    if goose:
        wall = "M-92 -96H92L122 132Q124 150 104 150H-104Q-124 150 -122 132Z"
        spout = line("M-104 96C-190 96 -150 -40 -206 -76L-236 -72", tone.dark, 27) + line(
            "M-106 90C-180 86 -148 -44 -206 -80", tone.base, 13
        )
        top = -96
    else:
        wall = "M-112 -160H112L128 132Q128 150 110 150H-110Q-128 150 -128 132Z"
        spout = path("M-110 -160L-190 -146Q-160 -110 -122 -60Z", tone.base)
        top = -160
    body = clip(
        "k",
        path(wall),
        rect(-130, -170, 260, 330, tone.base),
        rect(44, -170, 100, 330, tone.dark, opacity=0.55),
        rect(-92, -146, 19, 270, tone.light, 9),
    )
    grip = line(f"M104 {top + 22}C226 {top - 6} 232 110 124 112", BLACK.base, 31) + line(
        f"M150 {top + 22}C204 {top + 40} 210 60 180 88", BLACK.light, 6
    )
    lid = rect(-104 if goose else -116, top - 24, 208 if goose else 232, 34, BLACK.base, 15)
    lid += rect(-21, top - 50, 42, 30, BLACK.base, 13) + line(f"M-70 {top - 12}H20", BLACK.light, 6)
    plate = rect(-146, 148, 292, 32, BLACK.base, 14) + rect(-146, 166, 292, 14, BLACK.dark, 7)
    gauge = (
        ""
        if goose
        else rect(64, -92, 20, 160, GLASS.light, 10) + rect(64, -10, 20, 78, "#7FB3C4", 10)
    )
    lamp = circle(0, 124, 8, SIGNAL)
    shown = grip + spout + body + lid + plate + gauge + lamp
    return shadow(400, 318 + 182 * k, 200 * k) + move(404, 318, shown, scale=k)


def toaster(facts: Facts) -> str:
    """Draw a toaster from the front; two slots or four, with bread in them."""
    tone, slots = tones("house", facts["colour"]), whole(facts, "slots")
    w = 330 if slots < 4 else 470
    x = -w / 2
    hull = f"M{x} -90Q{x} -150 {x + 64} -150H{-x - 64}Q{-x} -150 {-x} -90V124H{x}Z"
    body = clip(
        "t",
        path(hull),
        rect(x, -150, w, 280, tone.base),
        rect(x + w * 0.76, -150, w, 280, tone.dark, opacity=0.55),
        rect(x + 24, -116, 17, 200, tone.light, 8),
    )
    breads = ""
    pair = max(1, slots // 2)
    for i in range(pair):
        bx = (i - (pair - 1) / 2) * 200
        breads += path(
            f"M{bx - 76} -120V-196C{bx - 108} -216 {bx - 80} -258 {bx - 40} -250H{bx + 40}"
            f"C{bx + 80} -258 {bx + 108} -216 {bx + 76} -196V-120Z",
            "#B77A3D",
        )
        breads += path(
            f"M{bx - 62} -120V-200C{bx - 84} -214 {bx - 66} -240 {bx - 36} -236H{bx + 36}"
            f"C{bx + 66} -240 {bx + 84} -214 {bx + 62} -200V-120Z",
            "#E4B878",
        )
    slot = "".join(
        rect((i - (pair - 1) / 2) * 200 - 88, -154, 176, 17, INK, 8) for i in range(pair)
    )
    lever = rect(-x - 8, -70, 18, 120, DARK_STEEL.base, 8) + rect(
        -x - 2, -56, 46, 28, BLACK.base, 11
    )
    dial = (
        circle(x + w * 0.5, 60, 31, CARD)
        + circle(x + w * 0.5, 60, 20, STEEL.base)
        + line(f"M{x + w * 0.5} 60L{x + w * 0.5 + 11} 44", INK, 6)
    )
    base = rect(x - 8, 112, w + 16, 30, BLACK.base, 12)
    feet = rect(x + 26, 138, 56, 14, BLACK.dark, 6) + rect(-x - 82, 138, 56, 14, BLACK.dark, 6)
    return shadow(406, 500, w * 0.6) + move(
        396,
        346,
        breads
        + slot
        + lever
        + body
        + rect(x + 40, -150, w - 80, 12, tone.dark, 6)
        + dial
        + feet
        + base,
    )


def coffee_machine(facts: Facts) -> str:
    """Draw a filter machine with its jug, or an espresso machine with steam wand."""
    tone = tones("house", facts["colour"])
    return _espresso(tone) if word(facts, "kind") == "espresso" else _filter(tone)


def _filter(tone: Tones) -> str:
    tower = rect(36, -220, 150, 390, tone.base, 26) + rect(116, -220, 70, 390, tone.dark, 26)
    tank = rect(72, -176, 44, 210, GLASS.light, 14) + rect(72, -80, 44, 114, "#8FBBC7", 14)
    top = path("M-190 -220H150V-132H-150Q-190 -132 -190 -172Z", tone.base)
    top += path("M-190 -160H150V-132H-150Q-190 -132 -190 -160Z", tone.dark)
    holder = path("M-168 -132H0L-24 -52H-144Z", BLACK.base) + rect(-100, -54, 34, 20, BLACK.dark)
    plate = rect(-204, 136, 400, 36, tone.base, 13) + rect(-204, 154, 400, 18, tone.dark, 9)
    plate += rect(-180, 126, 190, 15, DARK_STEEL.dark, 6)
    glass = "M-146 -20H-26C0 20 12 60 12 86Q12 126 -26 126H-146"
    glass += "Q-184 126 -184 86C-184 60 -172 20 -146 -20Z"
    jug = clip(
        "j",
        path(glass),
        rect(-190, -20, 210, 150, GLASS.base),
        rect(-190, 30, 210, 110, COFFEE),
        rect(-160, -10, 14, 120, "#FFFFFF", 7, opacity=0.4),
    )
    grip = line("M-178 20C-240 20 -236 106 -182 104", BLACK.base, 19)
    rim = rect(-156, -36, 140, 20, BLACK.base, 8)
    lamp = circle(150, 118, 11, SIGNAL) + line("M-160 -196H20", tone.light, 10)
    return shadow(400, 510, 240) + move(
        404, 330, tower + tank + holder + top + plate + grip + jug + rim + lamp
    )


def _espresso(tone: Tones) -> str:
    back = rect(-170, -190, 340, 350, tone.base, 26) + rect(80, -190, 90, 350, tone.dark, 26)
    head = rect(-196, -206, 392, 124, tone.base, 26) + rect(-196, -116, 392, 34, tone.dark, 16)
    cups = "".join(path(f"M{x} -248H{x + 66}L{x + 56} -206H{x + 10}Z", CARD) for x in (-140, -60))
    rail = line("M-180 -210V-232H180V-210", STEEL.dark, 8)
    recess = rect(-140, -82, 280, 190, mix(tone.dark, "#000000", 0.35))
    group_head = rect(-78, -86, 130, 38, STEEL.base, 9) + rect(-62, -50, 98, 26, STEEL.dark, 9)
    arm = rect(-186, -46, 130, 24, BLACK.base, 12) + rect(-26, -26, 26, 20, STEEL.dark, 4)
    streams = line("M-20 -4V52M-6 -4V52", COFFEE, 6)
    cup = (
        path("M-52 44H26L16 100H-42Z", CARD)
        + path("M-4 44H26L16 100H2Z", "#D3D1C6")
        + line("M24 56q28 4 -4 32", CARD, 8)
    )
    wand = line("M106 -84C112 -20 128 20 142 74", STEEL.light, 11) + rect(
        132, 66, 22, 32, BLACK.base, 7
    )
    tray = rect(-196, 102, 392, 62, STEEL.base, 13) + line("M-160 118H160", DARK_STEEL.base, 8)
    tray += rect(-196, 138, 392, 26, STEEL.dark, 12)
    gauge = circle(-120, -146, 29, CARD) + line("M-120 -146L-106 -160", SIGNAL, 6)
    keys = (
        circle(60, -146, 18, STEEL.light)
        + circle(112, -146, 18, STEEL.light)
        + circle(160, -146, 9, SIGNAL)
    )
    return shadow(400, 512, 250) + move(
        400,
        344,
        rail
        + cups
        + back
        + recess
        + tray
        + streams
        + cup
        + wand
        + head
        + group_head
        + arm
        + gauge
        + keys,
    )


def coffee_grinder(facts: Facts) -> str:
    """Draw an electric grinder with bean hopper, or a hand mill with crank and drawer."""
    tone = tones("house", facts["colour"])
    beans = "".join(
        move(
            -70 + (i * 47) % 140,
            -150 + (i * 31) % 70,
            ellipse(0, 0, 15, 10, COFFEE) + line("M-10 0q10 -5 20 0", "#8A6244", 3),
            turn=(i * 57) % 180,
        )
        for i in range(15)
    )
    if word(facts, "kind") == "electric":
        hopper = path("M-104 -220H104L70 -66H-70Z", GLASS.base)
        full = clip(
            "g",
            path("M-104 -220H104L70 -66H-70Z"),
            rect(-104, -220, 208, 160, GLASS.base),
            rect(-104, -140, 208, 90, COFFEE),
            beans,
        )
        lid = rect(-114, -240, 228, 26, BLACK.base, 12)
        body = rect(-100, -70, 200, 260, tone.base, 26) + rect(40, -70, 60, 260, tone.dark, 24)
        body += rect(-78, -46, 15, 150, tone.light, 7)
        dial = (
            circle(0, -20, 30, CARD)
            + circle(0, -20, 20, STEEL.base)
            + line("M0 -20L11 -34", INK, 6)
        )
        drawer = rect(-66, 60, 132, 104, GLASS.dark, 13) + rect(-66, 104, 132, 60, COFFEE, 13)
        base = rect(-124, 178, 248, 28, BLACK.base, 12)
        return shadow(400, 518, 180) + move(
            400, 310, hopper + full + lid + body + dial + drawer + base
        )
    wood = material("walnut")
    box = rect(-116, -20, 232, 190, tone.base, 13) + rect(50, -20, 66, 190, tone.dark, 13)
    drawer = rect(-74, 60, 148, 84, mix(tone.base, tone.light, 0.5), 9) + circle(
        0, 102, 13, BRASS.base
    )
    plinth = rect(-140, 164, 280, 30, wood.base, 9) + rect(-128, -40, 256, 30, wood.base, 9)
    dome = path("M-96 -40C-96 -130 96 -130 96 -40Z", BRASS.base) + path(
        "M20 -106C70 -100 96 -80 96 -40H40C54 -70 40 -96 20 -106Z", BRASS.dark
    )
    crank = line("M0 -104V-166C40 -196 90 -196 150 -176", STEEL.dark, 15)
    knob = rect(134, -226, 36, 56, wood.base, 16) + rect(152, -220, 18, 46, wood.dark, 8)
    glow = line("M-70 -64C-62 -88 -44 -98 -24 -102", BRASS.light, 8)
    return shadow(400, 518, 190) + move(
        392, 322, crank + knob + dome + glow + box + drawer + plinth
    )


def scale_kitchen(facts: Facts) -> str:
    """Draw a flat kitchen scale; the display shows its limit in grams."""
    tone = tones("house", facts["colour"])
    top = polygon(
        [(224, 214), (576, 214), (640, 372), (160, 372)],
        tone.base,
        stroke=tone.base,
        stroke_width=26,
        stroke_linejoin="round",
    )
    front = path("M148 376H652V406Q652 426 632 426H168Q148 426 148 406Z", tone.dark)
    disc = ellipse(400, 276, 176, 56, mix(tone.base, tone.dark, 0.45)) + ellipse(
        400, 270, 176, 56, mix(tone.base, tone.light, 0.7)
    )
    screen = rect(308, 342, 184, 62, "#22302C", 12) + rect(314, 348, 172, 50, "#C9D6C4", 8)
    text = figures(str(whole(facts, "max_g")), 400, 373, 32, INK, 2.6)
    keys = circle(250, 374, 17, STEEL.light) + circle(550, 374, 17, SIGNAL)
    lemon = ellipse(370, 222, 62, 50, "#E6C23C") + ellipse(356, 208, 30, 20, "#F3DD83")
    lemon += path("M428 212l22 -4l-14 26Z", "#E6C23C")
    lime = ellipse(456, 240, 42, 38, "#8DA83A") + ellipse(446, 228, 18, 12, "#B4CB68")
    return shadow(400, 434, 270) + top + front + disc + lime + lemon + screen + text + keys


def _fillet() -> str:
    """Return a salmon fillet lying across (0, 0), 220 wide."""
    shape = "M-112 8C-90 -42 20 -52 84 -26C108 -16 118 2 108 18C60 46 -70 50 -112 8Z"
    bands = "M-70 -24Q-50 6 -74 34M-30 -36Q-8 4 -34 40M12 -40Q34 2 8 40M52 -34Q72 0 50 34"
    return path(shape, "#E48E66") + line(bands, "#F4BFA2", 7)


def vacuum_sealer(facts: Facts) -> str:
    """Draw the long flat device, a sealed fillet in front."""
    tone = tones("house", facts["colour"])
    w = 300 + (whole(facts, "width_mm") - 300) * 1.4 + 140
    x = -w / 2
    body = rect(x, -90, w, 130, tone.base, 40) + path(
        f"M{x} -10H{-x}V0Q{-x} 40 {-x - 40} 40H{x + 40}Q{x} 40 {x} 0Z", tone.dark
    )
    lid = rect(x + 10, -112, w - 20, 66, mix(tone.base, tone.light, 0.45), 30)
    keys = "".join(
        circle(-x - 150 + i * 46, -16, 14, c) for i, c in enumerate((STEEL.light, SIGNAL))
    )
    lamps = "".join(
        circle(x + 56 + i * 26, -16, 6, "#8FD08A" if i == 0 else CARD) for i in range(3)
    )
    shine = line(f"M{x + 50} -88H{x + w * 0.5}", tone.light, 9)
    pouch = path(
        "M-180 30H180L196 200Q196 216 180 216H-180Q-196 216 -196 200Z", GLASS.light, opacity=0.92
    )
    ribs = "".join(f"M{-168 + i * 24} 46L{-178 + i * 25.4:.0f} 204" for i in range(15))
    seal = line("M-176 48H176", GLASS.dark, 8)
    bag = pouch + line(ribs, GLASS.base, 4) + move(0, 134, _fillet(), scale=1.12) + seal
    gloss = path("M-130 60H-70L-110 200H-160Z", "#FFFFFF", opacity=0.35)
    return shadow(400, 492, w * 0.5) + move(
        400, 262, group(bag + gloss) + body + lid + keys + lamps + shine
    )


def vacuum_bag(facts: Facts) -> str:
    """Draw ribbed bags: rolls, or a stack; wider ones are wider."""
    w = 210 + whole(facts, "width_cm") * 9
    if word(facts, "kind") == "roll":
        rolls = "".join(
            _roll(w, 290 + i * 92, i) for i in range(2 if whole(facts, "pieces") > 1 else 1)
        )
        return shadow(400, 452, w * 0.62) + rolls
    count = min(6, 2 + whole(facts, "pieces") // 20)
    parts = []
    for i in range(count, -1, -1):
        x, y = 400 - w / 2 + i * 9, 150 - i * 11 + count * 4
        sheet = rect(
            x, y, w, 320, GLASS.light if i % 2 else "#DCEAE7", 12, stroke=GLASS.dark, stroke_width=3
        )
        parts.append(sheet)
    x, y = 400 - w / 2, 150 + count * 4
    ribs = "".join(f"M{num(x + 20)} {y + 40 + i * 22}H{num(x + w - 20)}" for i in range(12))
    seal = line(f"M{num(x + 14)} {y + 18}H{num(x + w - 14)}", GLASS.dark, 9)
    band = rect(x - 4, y + 190, w + 8, 62, tones("gear", "flussgruen").base, 6)
    text = figures(str(whole(facts, "pieces")), 400, y + 221, 34, CARD, 2.8)
    return (
        shadow(400, y + 330, w * 0.56)
        + "".join(parts)
        + line(ribs, GLASS.base, 5)
        + seal
        + band
        + text
    )


def _roll(w: float, y: float, i: int) -> str:
    """Return one roll, its loose end hanging down."""
    x = 400 - w / 2 + i * 26
    y -= 40
    sheet = path(
        f"M{num(x)} {y}H{num(x + w)}V{y + 170}Q{num(x + w * 0.5)} {y + 192} {num(x)} {y + 170}Z",
        GLASS.light,
        opacity=0.9,
    )
    ribs = "".join(f"M{num(x + 14 + k * 22)} {y + 20}V{y + 164}" for k in range(int((w - 20) / 22)))
    core = rect(x, y - 58, w, 116, GLASS.base, 58) + rect(
        x, y + 6, w, 52, GLASS.dark, 26, opacity=0.8
    )
    core += line(f"M{num(x + 54)} {y - 36}H{num(x + w - 90)}", "#FFFFFF", 9, opacity=0.8)
    end = ellipse(x + w - 22, y, 36, 57, GLASS.dark) + ellipse(x + w - 22, y, 24, 38, GLASS.light)
    end += ellipse(x + w - 22, y, 13, 21, "#A98254")
    return sheet + line(ribs, GLASS.base, 4) + core + end
