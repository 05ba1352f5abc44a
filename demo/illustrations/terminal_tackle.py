"""Small parts of the rig: leader, swivel, sinker, float, feeder cage."""

from __future__ import annotations

from math import cos, radians, sin

from demo.illustrations.kit import (
    Facts,
    Vertex,
    circle,
    clip,
    ellipse,
    group,
    line,
    move,
    path,
    polygon,
    rect,
    shadow,
    smooth,
    tag,
    whole,
    word,
)
from demo.illustrations.palette import BRASS, STEEL, Tones, material, mix, tones


def _loop(x: float, y: float, r: float, metal: Tones, width: float = 9) -> str:
    ring = circle(x, y, r, "none", stroke=metal.dark, stroke_width=width)
    return ring + circle(x, y, r, "none", stroke=metal.light, stroke_width=width * 0.4)


def barrel(metal: Tones) -> str:
    """Return a barrel swivel around (0, 0), 150 wide, lying level."""
    eyes = _loop(-62, 0, 22, metal) + _loop(62, 0, 22, metal)
    body = rect(-34, -19, 68, 38, metal.base, 14)
    shade = rect(-34, 3, 68, 16, metal.dark, 8, opacity=0.7)
    collars = rect(-44, -11, 14, 22, metal.dark, 5) + rect(30, -11, 14, 22, metal.dark, 5)
    return eyes + collars + body + shade + line("M-20 -9H18", "#FFFFFF", 5, opacity=0.6)


def _snap(metal: Tones) -> str:
    """Return the hanger that clips on, to the right of (0, 0)."""
    bow = "M6 0C30 -26 96 -30 118 0C96 30 40 26 8 8"
    latch = line("M22 -14L40 14", metal.dark, 8)
    return line(bow, metal.dark, 9) + line(bow, metal.light, 3.6) + latch


def _swivel_body(kind: str, metal: Tones) -> str:
    if kind == "barrel":
        return barrel(metal)
    if kind == "snap":
        return move(-56, 0, barrel(metal) + move(78, 0, _snap(metal)))
    side = move(0, 74, barrel(metal), turn=90, scale=0.75)
    return move(-72, 0, barrel(metal), scale=0.82) + move(72, 0, barrel(metal), scale=0.82) + side


def swivel(facts: Facts) -> str:
    """Draw swivels; a higher size number is a smaller swivel, as in the trade."""
    scale = 1.62 - whole(facts, "size") * 0.082
    many = whole(facts, "pieces") >= 10
    one = group(_swivel_body(word(facts, "kind"), BRASS if many else STEEL), id="one")
    use = tag("use", href="#one")
    parts = move(390, 210, one, scale=scale, turn=-16)
    parts += move(300, 330, use, scale=scale, turn=9) + move(510, 355, use, scale=scale, turn=-32)
    if many:
        parts += move(190, 225, use, scale=scale, turn=48)
        parts += move(590, 220, use, scale=scale, turn=20)
    return shadow(400, 470, 250 + scale * 30) + parts


def leader(facts: Facts) -> str:
    """Draw a coiled leader with its swivel above and its snap below."""
    metal = material(facts["material"])
    length = whole(facts, "length_cm")
    width = 3.2 + whole(facts, "strength_kg") * 0.22
    turns = 2 + min(length // 25, 3)
    parts = []
    for i in range(turns):
        ring = ellipse(
            400 + i * 5,
            290 - i * 3,
            148 + i * 8,
            138 + i * 9,
            "none",
            stroke=metal.dark,
            stroke_width=width,
        )
        parts.append(
            ring
            + ellipse(
                400 + i * 5,
                290 - i * 3,
                148 + i * 8,
                138 + i * 9,
                "none",
                stroke=metal.light,
                stroke_width=width * 0.4,
            )
        )
    run = "M262 240C240 190 224 160 196 132M540 340C570 380 590 404 612 420"
    ends = line(run, metal.dark, width) + line(run, metal.light, width * 0.4)
    # One sleeve holds each leader of the pack together.
    sleeves = "".join(
        move(
            400 + 150 * cos(radians(angle)),
            290 + 140 * sin(radians(angle)),
            rect(-20, -12, 40, 24, metal.dark, 7) + rect(-20, -8, 40, 7, metal.light, 3),
            turn=angle + 90,
        )
        for angle in range(150, 150 + 18 * whole(facts, "pieces"), 18)
    )
    top = move(164, 102, barrel(STEEL), scale=0.6, turn=42)
    low = move(636, 438, barrel(STEEL) + move(78, 0, _snap(STEEL)), scale=0.6, turn=36)
    return shadow(410, 488, 230) + "".join(parts) + ends + sleeves + top + low


def _sinker_shape(shape: str) -> list[Vertex]:
    """Return the outline of a weight about 100 wide and 150 high around (0, 0)."""
    if shape == "pear":
        return [(0, -82), (14, -60), (34, -10), (46, 36), (30, 72), (0, 82), (-30, 72),
                (-46, 36), (-34, -10), (-14, -60)]  # fmt: skip
    if shape == "bullet":
        return [(0, -86), (22, -66), (38, -14), (42, 60, True), (0, 72), (-42, 60, True),
                (-38, -14), (-22, -66)]  # fmt: skip
    if shape == "stick":
        return [(0, -110), (12, -92), (17, 0), (17, 84), (0, 110), (-17, 84), (-17, 0), (-12, -92)]
    return [(0, -96), (22, -84), (38, -30), (38, 40), (22, 86), (0, 96), (-22, 86), (-38, 40),
            (-38, -30), (-22, -84)]  # fmt: skip


def sinker(facts: Facts) -> str:
    """Draw weights of the trade's shapes; size follows the cube root of the weight."""
    metal, shape = material(facts["material"]), word(facts, "shape")
    dense = 0.82 if word(facts, "material") == "tungsten" else 1.0
    scale = (0.52 + 0.255 * whole(facts, "weight_g") ** (1 / 3)) * dense
    outline = smooth(_sinker_shape(shape))
    half = path("M4 -130C30 -40 20 60 -6 130H90V-130Z", metal.dark, opacity=0.6)
    glint = line(
        "M-16 -34C-20 -8 -20 16 -17 40" if shape != "stick" else "M-6 -60V30",
        "#FFFFFF",
        7,
        opacity=0.6,
    )
    eyelet = line("M0 -76V-104", STEEL.dark, 7) + _loop(0, -118, 15, STEEL, 8)
    if shape == "bullet":
        eyelet = ellipse(0, -82, 11, 6, metal.dark)
    if shape == "coffin":
        half += line("M0 -92V92", mix(metal.dark, "#000000", 0.15), 6)
        eyelet = ""
    body = clip("b", path(outline), path(outline, metal.base), half) + glint
    one = group(eyelet + body, id="one")
    count = max(1, min(5, whole(facts, "pieces"), int(520 / (112 * scale))))
    step = min(118 * scale + 14, 150)
    parts = [
        move(400 + (i - (count - 1) / 2) * step, 300 + (i % 2) * 10,
             one if not i else tag("use", href="#one"), scale=scale, turn=(-6, 7, -3, 9, -8)[i])
        for i in range(count)
    ]  # fmt: skip
    base = 310 + 100 * scale + 18
    return shadow(400, base, step * (count - 1) / 2 + 70 * scale) + "".join(parts)


def floats(facts: Facts) -> str:
    """Draw a float, a little tilted: stick (slim), waggler (long), pike (fat)."""
    tip, shape = tones("gear", facts["colour"]), word(facts, "shape")
    k = 0.86 + 0.028 * whole(facts, "weight_g") ** 0.75
    body: dict[str, list[Vertex]] = {
        "stick": [(0, -70), (15, -40), (22, 20), (16, 90), (4, 150), (-4, 150), (-16, 90),
                  (-22, 20), (-15, -40)],
        "waggler": [(-7, -190), (7, -190), (8, 60), (22, 100), (20, 150), (5, 182), (-5, 182),
                    (-20, 150), (-22, 100), (-8, 60)],
        "pike": [(0, -80), (36, -50), (56, 10), (44, 80), (12, 130), (-12, 130), (-44, 80),
                 (-56, 10), (-36, -50)],
    }  # fmt: skip
    low, top = {"stick": (150, -70), "waggler": (182, -190), "pike": (130, -80)}[shape]
    outline = smooth(body[shape])
    waist = {"stick": 10, "waggler": -40, "pike": 6}[shape]
    shell = material("cork") if shape == "waggler" else tones("gear", "schwarz")
    upper = rect(-80, -260, 160, 260 + waist, tip.base)
    band = rect(-80, waist, 160, 12, "#FAF7F0")
    shade = path("M8 -230C16 -60 20 60 2 200H90V-230Z", "#0B1412", opacity=0.2)
    glint = line(f"M-9 {top * 0.55:.0f}V{waist - 14}", "#FFFFFF", 6, opacity=0.5)
    stem = line(f"M0 {low - 4}V{low + 62}", shell.dark, 8) + _loop(0, low + 72, 9, STEEL, 6)
    mast = line(f"M0 {top + 8}V{top - 62}", tip.dark, 8) + line(
        f"M0 {top - 62}V{top - 100}", tones("gear", "signal").light, 12
    )
    whole_float = mast + stem + clip("b", path(outline), path(outline, shell.base), upper, band,
                                     shade) + glint  # fmt: skip
    return shadow(410, 530, 120 + 30 * k) + move(400, 290, whole_float, scale=k * 0.94, turn=9)


def feeder_cage(facts: Facts) -> str:
    """Draw a feeder: wire cage with its weight below, or a flat method feeder with ribs."""
    k = 0.72 + 0.062 * whole(facts, "weight_g") ** (1 / 2)
    lead = material("zinc")
    if word(facts, "shape") == "method":
        return _method(k, lead)
    hoops = "".join(f"M-74 {y}q74 26 148 0" for y in (-128, -72, -16, 40, 96))
    bars = "".join(
        f"M{x} {-128 + d}V{96 + d}" for x, d in ((-74, 0), (-40, 10), (0, 13), (40, 10), (74, 0))
    )
    green = tones("gear", "oliv")
    back = ellipse(0, -128, 74, 20, mix(green.dark, "#000000", 0.3))
    feed = path("M-70 -40q70 24 140 0V92q-70 26 -140 0Z", "#B58A4E")
    crumbs = "".join(
        circle(-56 + (i * 37) % 112, -16 + (i * 53) % 96, 5, "#DDB97C") for i in range(14)
    )
    wire = line(bars, green.dark, 8) + line(hoops, green.base, 8)
    weight = path("M-66 100q66 26 132 0V138q-66 26 -132 0Z", lead.base)
    weight += path("M-66 122q66 26 132 0V138q-66 26 -132 0Z", lead.dark)
    link = line("M0 -148V-186", STEEL.dark, 7) + _loop(0, -204, 15, STEEL, 8)
    whole_cage = link + back + feed + crumbs + wire + weight
    return shadow(400, 300 + 165 * k, 104 * k) + move(400, 312, whole_cage, scale=k)


def _method(k: float, lead: Tones) -> str:
    tray = path("M-150 30C-150 84 150 84 150 30Z", lead.dark) + ellipse(0, 30, 150, 40, lead.base)
    mound = path("M-118 26C-100 -62 100 -62 118 26C60 52 -60 52 -118 26Z", "#B58A4E")
    shade = path(
        "M30 -36C80 -30 110 0 118 26C90 42 50 46 10 46C50 30 60 0 30 -36Z", "#8F6A38", opacity=0.6
    )
    ribs = "".join(
        f"M{x} {46 - abs(x) * 0.1:.0f}Q{x * 0.9:.0f} {-70 + abs(x) * 0.4:.0f} "
        f"{x * 0.5:.0f} {-52 + abs(x) * 0.1:.0f}"
        for x in (-96, -50, 50, 96)
    )
    green = tones("gear", "flussgruen")
    stem = (
        rect(-200, -8, 110, 16, green.base, 8)
        + polygon([(90, -14), (196, -5), (196, 5), (90, 14)], green.base)
        + _loop(-212, 0, 13, STEEL, 7)
    )
    whole_feeder = stem + tray + mound + shade + line(ribs, green.base, 11)
    return shadow(400, 330 + 96 * k, 170 * k) + move(400, 330, whole_feeder, scale=k)
