"""Gear for the water's edge: boxes, nets, tools, scale, rests, mat."""

from __future__ import annotations

from math import cos, pi, sin

from demo.illustrations.figures import figures
from demo.illustrations.kit import (
    Facts,
    Point,
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
    smooth,
    whole,
    word,
)
from demo.illustrations.palette import (
    BLACK,
    DARK_STEEL,
    GLASS,
    INK,
    PLASTIC,
    SIGNAL,
    STEEL,
    lure,
    mix,
    tones,
)

PAINTS = ("motoroil", "feuertiger", "perlweiss", "pink", "kuerbis", "ukelei", "chartreuse")


def _grid(count: int) -> tuple[int, int]:
    """Return columns and rows that hold about `count` compartments."""
    rows = 2 if count < 9 else 3 if count < 19 else 4
    return -(-count // rows), rows


def tackle_box(facts: Facts) -> str:
    """Draw a flat box from above with its lures, or a case with handle and two trays."""
    width = 300 + whole(facts, "width_mm") * 0.72
    if word(facts, "kind") == "case":
        return _case(width * 0.82, whole(facts, "compartments"))
    high = width * 0.62
    x, y = 400 - width / 2, 296 - high / 2
    cols, rows = _grid(whole(facts, "compartments"))
    parts = [rect(x, y, width, high, "#A9C6C2", 24), rect(x + 6, y + 6, width - 12, high - 12,
             GLASS.base, 20)]  # fmt: skip
    cw, ch = (width - 52) / cols, (high - 52) / rows
    for i in range(min(cols * rows, whole(facts, "compartments"))):
        cx, cy = x + 26 + (i % cols) * cw, y + 26 + (i // cols) * ch
        parts.append(rect(cx + 3, cy + 3, cw - 6, ch - 6, "#EEF4F1", 7))
        if (i * 5) % 7 not in {2, 6}:
            paint = lure(PAINTS[i % 7])
            w = min(cw * 0.36, ch * 0.62)
            body = f"M{num(-w)} 0Q0 {num(-w * 0.62)} {num(w * 0.6)} 0L{num(w)} {num(-w * 0.34)}"
            body += f"V{num(w * 0.34)}L{num(w * 0.6)} 0Q0 {num(w * 0.62)} {num(-w)} 0Z"
            parts.append(move(cx + cw / 2, cy + ch / 2, path(body, paint.flank), turn=-18))
    latches = "".join(
        rect(400 + s * width * 0.27 - 34, y + high - 14, 68, 26, SIGNAL, 8) for s in (-1, 1)
    )
    shine = path(
        f"M{num(x + width * 0.5)} {num(y + 6)}h{num(width * 0.16)}L{num(x + width * 0.3)} "
        f"{num(y + high - 6)}h{num(-width * 0.16)}Z",
        "#FFFFFF",
        opacity=0.22,
    )
    return shadow(400, y + high + 26, width * 0.5) + "".join(parts) + shine + latches


def _case(width: float, compartments: int) -> str:
    """Return the open case: lid up, two trays risen, handle on top."""
    green, left = tones("gear", "flussgruen"), 400 - width / 2
    lid = path(
        f"M{num(left + 26)} 92H{num(left + width - 26)}L{num(left + width)} 214H{num(left)}Z",
        green.dark,
    ) + line("M352 92V66Q352 52 366 52H434Q448 52 448 66V92", BLACK.base, 15)
    trays = ""
    cells = max(4, min(9, compartments // 3))
    for k, (y, inset) in enumerate(((214, 12), (284, 0))):
        w = width - inset * 2
        trays += rect(left + inset, y, w, 62, mix(green.base, green.light, 0.75 - k * 0.3), 8)
        step = (w - 20) / cells
        for i in range(cells):
            cell = left + inset + 10 + i * step
            trays += rect(cell + 3, y + 8, step - 6, 30, "#E7EDE6", 5)
            paint = lure(PAINTS[(i + k * 3) % 7])
            trays += ellipse(cell + step / 2, y + 24, step * 0.3, 7, paint.flank)
    base = rect(left - 6, 352, width + 12, 128, green.base, 16)
    base += rect(left - 6, 428, width + 12, 52, green.dark, 16)
    base += rect(366, 340, 68, 44, SIGNAL, 9)
    arms = line(
        f"M{num(left + 14)} 360L{num(left + 34)} 210M{num(left + width - 14)} 360"
        f"L{num(left + width - 34)} 210",
        STEEL.dark,
        9,
    )
    return (
        shadow(400, 500, width * 0.56)
        + lid
        + arms
        + trays
        + base
        + line(f"M{num(left + 20)} 372H{num(left + width * 0.4)}", green.light, 6, opacity=0.7)
    )


def _mesh(wide: float, deep: float) -> str:
    """Return the rubber mesh as crossing diagonals around (0, 0)."""
    step = wide / 7
    rows = int((wide * 2 + deep * 2) / step)
    d = ""
    for i in range(rows):
        x = -wide - deep + i * step
        d += f"M{num(x)} {num(-wide)}l{num(deep * 1.6)} {num(deep * 1.6)}"
        d += f"M{num(x)} {num(deep * 1.6 - wide)}l{num(deep * 1.6)} {num(-deep * 1.6)}"
    return line(d, "#6E8480", 3.6)


def landing_net(facts: Facts) -> str:
    """Draw the hoop with its hanging bag of rubber mesh, and the telescopic pole."""
    wide = 150 + whole(facts, "width_cm") * 2.0
    reach = 120 + whole(facts, "pole_cm") * 0.56
    rx, ry, deep = wide * 0.62, wide * 0.24, wide * 0.82
    if word(facts, "hoop") == "round":
        hoop = smooth([(rx * cos(a * pi / 6), ry * sin(a * pi / 6)) for a in range(12)])
    else:
        hoop = smooth(
            [
                (rx, 0, True),
                (-rx * 0.5, -ry),
                (-rx * 0.92, -ry * 0.7),
                (-rx, 0),
                (-rx * 0.92, ry * 0.7),
                (-rx * 0.5, ry),
            ]
        )
    pouch = (
        f"M{num(-rx)} 0C{num(-rx * 0.94)} {num(deep * 0.8)} {num(-rx * 0.5)} {num(deep)} "
        f"{num(-rx * 0.1)} {num(deep)}C{num(rx * 0.4)} {num(deep)} {num(rx * 0.7)} "
        f"{num(deep * 0.5)} {num(rx)} 0Z"
    )
    bag = clip(
        "n",
        path(pouch),
        rect(-rx, -10, rx * 2, deep + 20, "#C6D2CB"),
        path(
            f"M{num(rx * 0.2)} 0C{num(rx * 0.3)} {num(deep * 0.6)} 0 {num(deep)} "
            f"{num(-rx * 0.2)} {num(deep)}H{num(rx)}V0Z",
            "#A9B9B1",
            opacity=0.7,
        ),
        move(0, deep * 0.4, _mesh(wide, deep)),
    )
    rim = path(hoop, "#AEBDB5", stroke=BLACK.base, stroke_width=15)
    rim += path(hoop, stroke=BLACK.light, stroke_width=4, opacity=0.8)
    green = tones("gear", "flussgruen")
    pole = rect(0, -9, reach * 0.62, 18, STEEL.base, 4) + rect(0, 1, reach * 0.62, 8, STEEL.dark, 3)
    pole += rect(reach * 0.46, -14, reach * 0.54, 28, green.base, 12)
    pole += rect(reach * 0.5, 2, reach * 0.48, 10, green.dark, 5) + rect(
        -10, -19, 40, 38, SIGNAL, 9
    )
    shown = bag + rim + move(rx, 0, pole)
    scale = min(1.0, 680 / (rx * 2 + reach))
    x = 400 - reach * scale * 0.46
    y = 262 - (deep * 0.42 - reach * 0.14) * scale
    ground = shadow(x, y + deep * scale + 26, rx * scale * 0.95)
    return ground + move(x, y, shown, scale=scale, turn=-15)


def _jaw_tool(kind: str, colour: str) -> str:
    """Return pliers, cutter or lip grip around (0, 0), jaws up, 420 high."""
    grip = tones("gear", colour)
    nose = {"pliers": 150, "cutter": 74, "grip": 110}[kind]
    legs = ("M-12 0C-60 60 -66 130 -46 214", "M12 0C60 60 66 130 46 214")
    handles = "".join(
        line(leg, tone, 36) for leg, tone in zip(legs, (grip.base, grip.dark), strict=True)
    )
    handles += line("M-34 66C-52 110 -54 150 -44 190", grip.light, 7)
    left = path(f"M-34 30C-40 -10 -24 -40 -14 {-nose}L-2 {-nose + 6}V30Z", STEEL.base)
    right = path(f"M34 30C40 -10 24 -40 14 {-nose}L2 {-nose + 6}V30Z", STEEL.dark)
    teeth = line(f"M-2 {-nose + 14}V-40", DARK_STEEL.dark, 5, stroke_dasharray="3 8")
    pivot = circle(0, 8, 21, DARK_STEEL.base) + circle(-4, 4, 8, DARK_STEEL.light)
    if kind == "grip":
        jaws = line("M-18 -40C-74 -96 -50 -176 8 -168", STEEL.dark, 17)
        jaws += line("M18 -40C60 -90 50 -150 22 -160", STEEL.base, 17)
        handle = rect(-32, -46, 64, 250, grip.base, 28) + rect(2, -40, 26, 238, grip.dark, 14)
        strap = line("M0 204C-60 250 60 262 4 204", BLACK.base, 8)
        return strap + jaws + handle + rect(-40, 20, 80, 34, STEEL.light, 10)
    hook = path(f"M-14 {-nose}q-2 -14 10 -14v20Z", STEEL.dark) if kind == "pliers" else ""
    return handles + left + right + hook + teeth + pivot


def _forceps(colour: str) -> str:
    """Return long locking forceps with ring handles, 480 high."""
    grip = tones("gear", colour)
    shanks = line("M-26 160L8 -214", STEEL.dark, 15) + line("M26 160L-4 -214", STEEL.base, 15)
    tips = line("M6 -150L2 -232", DARK_STEEL.base, 9)
    rings = circle(-48, 190, 38, "none", stroke=grip.base, stroke_width=19)
    rings += circle(48, 190, 38, "none", stroke=grip.dark, stroke_width=19)
    lock = rect(-24, 96, 48, 14, STEEL.dark, 5) + circle(0, -12, 15, DARK_STEEL.base)
    return shanks + tips + rings + lock


def pliers(facts: Facts) -> str:
    """Draw pliers, forceps, a cutter or a lip grip, lying diagonally."""
    kind, k = word(facts, "kind"), 0.74 + whole(facts, "length_mm") / 280 * 0.4
    tool = (
        _forceps(word(facts, "colour"))
        if kind == "forceps"
        else _jaw_tool(kind, word(facts, "colour"))
    )
    return shadow(400, 300 + 160 * k + 20, 220 * k) + move(390, 285, tool, scale=k * 1.05, turn=52)


def scale(facts: Facts) -> str:
    """Draw a digital hanging scale; the display shows its limit."""
    tone, limit = tones("gear", facts["colour"]), whole(facts, "max_kg")
    loop = path("M344 78Q344 40 400 40T456 78", stroke=DARK_STEEL.base, stroke_width=17)
    body = rect(300, 74, 200, 276, tone.base, 44) + path(
        "M430 74Q500 74 500 118V306Q500 350 430 350Z", tone.dark, opacity=0.7
    )
    screen = rect(328, 116, 144, 92, "#C9D6C4", 14) + rect(328, 116, 144, 14, "#AFC0AA", 7)
    text = figures(f"{limit},0", 400, 168, 46, INK, 2.6)
    keys = circle(356, 266, 22, PLASTIC.base) + circle(444, 266, 22, SIGNAL)
    keys += line("M326 100C322 180 322 240 328 300", tone.light, 8, opacity=0.6)
    steel = "M400 350V396C400 420 446 424 446 460C446 510 360 512 358 462L357 446"
    hook = line(steel, STEEL.dark, 15) + line(steel, STEEL.light, 6)
    return (
        shadow(404, 540, 130)
        + loop
        + rect(382, 340, 36, 30, DARK_STEEL.base, 8)
        + hook
        + (body + screen + text + keys)
    )


def mat(facts: Facts) -> str:
    """Draw a padded unhooking mat with ruler print, its far end rolled up."""
    tone = tones("gear", facts["colour"])
    long = 260 + whole(facts, "length_cm") * 2.2
    x = 400 - long / 2 - 20
    top = [(x + 70, 236), (x + long, 236), (x + long - 10, 430), (x, 430)]
    pad = polygon(top, tone.base) + polygon(
        [(x, 430), (x + long - 10, 430), (x + long - 10, 462), (x + 4, 462)], tone.dark
    )
    seams = "".join(
        f"M{num(x + 70 + i * (long - 70) / 5)} 240L{num(x + i * (long - 10) / 5)} 428"
        for i in range(1, 5)
    )
    quilting = line(seams, tone.dark, 5, opacity=0.6)
    ruler = polygon(
        [(x + 22, 370), (x + long - 7, 370), (x + long - 8, 400), (x + 11, 400)], "#F4F0E4"
    )
    ticks = "".join(
        f"M{num(x + 34 + i * 16)} 370v{12 if i % 5 else 24}" for i in range(int((long - 60) / 16))
    )
    # The far end is rolled towards the viewer: a cylinder that lies along the right edge.
    x1, y1, x2, y2, r = x + long - 24, 214, x + long - 44, 418, 52
    roll = polygon([(x1 - r, y1), (x1 + r, y1), (x2 + r, y2), (x2 - r, y2)], tone.base)
    roll += polygon([(x1 + r * 0.3, y1), (x1 + r, y1), (x2 + r, y2), (x2 + r * 0.3, y2)], tone.dark)
    roll += ellipse(x1, y1, r, r * 0.72, tone.base)
    spiral = "".join(
        ellipse(x2, y2, r * t, r * t, fill)
        for t, fill in (
            (1, tone.dark),
            (0.8, tone.light),
            (0.58, tone.dark),
            (0.36, tone.light),
            (0.16, tone.dark),
        )
    )
    strap = line(f"M{num(x1 - r - 6)} 296L{num(x1 + r - 8)} 296", SIGNAL, 18)
    return (
        shadow(400, 478, long * 0.53)
        + pad
        + quilting
        + ruler
        + line(ticks, INK, 2.6, stroke_linecap="butt")
        + roll
        + strap
        + spiral
    )


def rod_rest(facts: Facts) -> str:
    """Draw a bank stick with its fork, or a tripod."""
    high = 240 + whole(facts, "length_cm") * 1.6
    foot, top = 520, 520 - high
    fork = (
        line(
            f"M352 {num(top - 20)}C352 {num(top + 40)} 448 {num(top + 40)} 448 {num(top - 20)}",
            BLACK.base,
            22,
        )
        + circle(352, top - 22, 13, SIGNAL)
        + circle(448, top - 22, 13, SIGNAL)
    )
    if word(facts, "kind") == "stick":
        pole = rect(388, top + 26, 24, high * 0.5, BLACK.base, 8)
        pole += rect(391, top + high * 0.5, 18, high * 0.4, STEEL.base, 6)
        pole += rect(401, top + high * 0.5, 8, high * 0.4, STEEL.dark, 4)
        tip = polygon([(391, foot - 34), (409, foot - 34), (400, foot + 16)], STEEL.dark)
        screw = rect(380, top + high * 0.48, 40, 34, SIGNAL, 8)
        grass = path("M330 532q8 -34 18 0q6 -26 16 0M446 532q8 -26 16 0q8 -34 18 0", "#7C8C4A")
        return shadow(400, foot + 14, 110) + pole + tip + screw + fork + grass
    legs: list[Point] = [(230, foot), (400, foot + 8), (570, foot)]
    parts = "".join(
        line(f"M400 {num(top + high * 0.42)}L{x} {y}", tone, 16)
        for (x, y), tone in zip(legs, (BLACK.base, DARK_STEEL.base, BLACK.dark), strict=True)
    )
    feet = "".join(circle(x, y, 13, SIGNAL) for x, y in legs)
    stem = rect(390, top + 26, 20, high * 0.44, STEEL.base, 7)
    hub = rect(366, top + high * 0.38, 68, 44, BLACK.base, 14)
    return shadow(400, foot + 12, 230) + parts + feet + stem + hub + fork
