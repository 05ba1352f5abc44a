"""Reels and line spools."""

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
    smooth,
    whole,
    word,
)
from demo.illustrations.palette import (
    BLACK,
    DARK_STEEL,
    GLASS,
    STEEL,
    Tones,
    accent,
    mix,
    tones,
)


def _spool_head(rim: Tones, wound: str) -> str:
    """Return spool, winding and drag knob of a spinning reel, facing left."""
    skirt = path("M-74 -84L-112 -80V80L-74 84Z", DARK_STEEL.base)
    skirt += path("M-74 30L-112 28V80L-74 84Z", DARK_STEEL.dark, opacity=0.7)
    line_bed = path("M-108 -64L-186 -56V56L-108 64Z", wound)
    line_bed += path("M-108 24L-186 20V56L-108 64Z", mix(wound, "#000000", 0.3), opacity=0.6)
    turns = "".join(f"M{x} -58V58" for x in (-124, -138, -152, -166, -178))
    lip = rect(-206, -76, 24, 152, rim.base, 9) + rect(-206, 18, 24, 58, rim.dark, 9)
    knob = rect(-238, -36, 34, 72, BLACK.base, 10) + rect(-244, -22, 12, 44, rim.base, 5)
    return (
        skirt
        + line_bed
        + line(turns, mix(wound, "#000000", 0.22), 2.4)
        + lip
        + knob
        + line("M-198 -60V-6", rim.light, 5)
        + line("M-92 -66V-8", DARK_STEEL.light, 5)
    )


def _gear_case(rim: Tones) -> str:
    case = smooth([(-40, -98), (40, -104), (112, -64), (140, 4), (112, 70), (40, 94), (-40, 92)])
    low = path("M-60 40C20 20 90 30 150 0V120H-60Z", BLACK.dark, opacity=0.75)
    light = line("M-22 -80C30 -88 70 -74 98 -42", BLACK.light, 8)
    body = clip("c", path(case), rect(-80, -120, 260, 240, BLACK.base), low) + light
    plate = (
        circle(52, 6, 42, BLACK.dark) + circle(52, 6, 33, rim.base) + circle(52, 6, 14, rim.dark)
    )
    return body + plate


def reel_spin(facts: Facts) -> str:
    """Draw a spinning reel from the side; 6000 is visibly larger than 1000."""
    rim = tones("gear", facts["colour"])
    k = 0.84 + (whole(facts, "size") - 1000) / 5000 * 0.46
    foot = path("M-128 -196Q-128 -208 -110 -208H86Q104 -208 104 -196L60 -190H-84Z", BLACK.base)
    stem = path("M-34 -194H26L44 -92H-18Z", BLACK.base) + path("M6 -194H26L44 -92H16Z", BLACK.dark)
    rotor = path("M-34 -96L-84 -100V96L-34 92Z", mix(BLACK.base, BLACK.light, 0.35))
    arm = path("M-40 92L-92 96L-132 108Q-150 104 -140 92L-84 74Z", DARK_STEEL.base)
    bail = "M-136 100C-196 92 -226 40 -216 -18C-206 -70 -160 -104 -92 -96"
    crank = line("M52 6L104 104", STEEL.dark, 19) + line("M54 6L103 100", STEEL.light, 8)
    grip = rect(70, 104, 74, 58, rim.base, 24) + rect(70, 136, 74, 26, rim.dark, 13)
    grip += line("M90 118H122", rim.light, 6)
    parts = (
        foot
        + stem
        + rotor
        + _spool_head(rim, "#8FA05A")
        + arm
        + _gear_case(rim)
        + line(bail, STEEL.dark, 10)
        + line(bail, STEEL.light, 4)
        + crank
        + grip
    )
    return shadow(400, 318 + 178 * k, 190 * k) + move(400 + 48 * k, 312, parts, scale=k)


def reel_cast(facts: Facts) -> str:
    """Draw a low-profile baitcaster from above; the handle sits left or right."""
    rim = tones("gear", facts["colour"])
    frame = smooth(
        [
            (-150, -120),
            (0, -138),
            (150, -120),
            (168, 0),
            (140, 122),
            (0, 146),
            (-140, 122),
            (-168, 0),
        ]
    )
    low = path("M-200 60C-60 90 60 90 200 60V180H-200Z", BLACK.dark, opacity=0.8)
    body = clip("c", path(frame), rect(-200, -160, 400, 340, BLACK.base), low)
    window = rect(-104, -74, 208, 112, "#10171A", 18)
    drum = rect(-96, -62, 192, 88, "#5E7036", 12) + rect(-96, -10, 192, 36, "#465427", 12)
    turns = "".join(f"M{x} -60V24" for x in range(-78, 92, 17))
    flanges = rect(-104, -72, 16, 108, rim.base, 7) + rect(88, -72, 16, 108, rim.base, 7)
    guide = rect(-96, -108, 192, 14, STEEL.dark, 7) + rect(-18, -116, 36, 30, STEEL.light, 8)
    thumb = path("M-84 60Q0 84 84 60V92Q0 118 -84 92Z", rim.base)
    thumb += path("M-84 80Q0 104 84 80V92Q0 118 -84 92Z", rim.dark)
    shine = line("M-138 -84C-146 -40 -146 0 -140 40", BLACK.light, 9)
    side = _crank(rim)
    mirrored = side if word(facts, "hand") == "right" else group(side, transform="scale(-1 1)")
    parts = (
        mirrored
        + body
        + window
        + drum
        + line(turns, "#3B4722", 3)
        + flanges
        + guide
        + thumb
        + shine
    )
    x = 372 if word(facts, "hand") == "right" else 428
    return shadow(400, 492, 250) + move(x, 300, parts, scale=1.12)


def _crank(rim: Tones) -> str:
    """Return star drag and double handle on the right of the frame."""
    axle = rect(150, -18, 70, 36, STEEL.dark, 6)
    star = polygon([(186, -66), (204, -22), (204, 22), (186, 66), (176, 22), (176, -22)], rim.base)
    star += polygon([(190, 0), (204, 22), (186, 66), (176, 22)], rim.dark)
    bar = rect(214, -112, 22, 224, STEEL.base, 11) + rect(226, -106, 10, 212, STEEL.dark, 5)
    knobs = "".join(
        rect(206, y, 82, 52, BLACK.base, 22)
        + rect(206, y + 28, 82, 24, BLACK.dark, 12)
        + line(f"M228 {y + 13}H262", BLACK.light, 5)
        for y in (-132, 80)
    )
    return axle + star + bar + knobs


def _spool(
    wound: Tones, label: Tones, number: str, depth: float, k: float, stripe: str | None
) -> str:
    """Return a line spool turned a little, its label facing the viewer."""
    back = ellipse(depth, 0, 150, 176, label.dark)
    drum = path(f"M0 -146H{num(depth)}A118 146 0 0 1 {num(depth)} 146H0Z", wound.base)
    drum += path(
        f"M0 60H{num(depth + 106)}Q{num(depth + 70)} 146 {num(depth)} 146H0Z",
        wound.dark,
        opacity=0.6,
    )
    rings = "".join(
        f"M{num(depth * t)} -146A118 146 0 0 1 {num(depth * t)} 146" for t in (0.25, 0.5, 0.75, 1)
    )
    tint = stripe or wound.light
    drum += line(rings, tint, 9 if stripe else 3, opacity=0.85)
    front = ellipse(0, 0, 150, 176, label.base)
    front += path("M-136 72A150 176 0 0 0 136 72Q0 150 -136 72Z", label.dark, opacity=0.6)
    plate = ellipse(0, 0, 106, 126, "#FAF7F0") + ellipse(0, 0, 26, 31, label.dark)
    plate += ellipse(0, 2, 17, 20, "#17211E", opacity=0.55)
    rule = line("M-56 46H56", label.base, 6) + line("M-34 66H34", "#C9C1AC", 5)
    text = figures(number, 0, -70, 42, "#17211E", 2.6)
    return move(0, 0, back + drum + front + plate + text + rule, scale=k)


def _line(facts: Facts, label: Tones, wound: Tones, stripe: str | None, full_m: int) -> str:
    depth = 60 + 90 * min(1.0, whole(facts, "length_m") / full_m)
    k = 0.98
    number = f"0,{whole(facts, 'diameter_hundredths'):02d}"
    x = 400 - depth * k / 2
    spool = _spool(wound, label, number, depth, k, stripe)
    return shadow(400, 300 + 176 * k + 16, 160 + depth * 0.4) + move(x, 296, spool)


def line_braid(facts: Facts) -> str:
    """Draw a spool of braid: dark flanges, matt winding."""
    colour = word(facts, "colour")
    stripe = accent("line", colour) if colour == "mehrfarbig" else None
    return _line(facts, BLACK, tones("line", colour), stripe, 300)


def line_mono(facts: Facts) -> str:
    """Draw a spool of monofilament: green flanges, glossy winding."""
    wound = tones("line", facts["colour"])
    gloss = line("M452 170C474 200 484 240 486 280", "#FFFFFF", 12, opacity=0.6)
    colour = word(facts, "colour")
    stripe = accent("line", colour) if colour == "mehrfarbig" else None
    return _line(facts, tones("gear", "flussgruen"), wound, stripe, 600) + gloss


def line_fluoro(facts: Facts) -> str:
    """Draw the small flat spool of fluorocarbon, its winding nearly clear."""
    k = 0.72 + whole(facts, "length_m") / 50 * 0.16
    number = f"0,{whole(facts, 'diameter_hundredths'):02d}"
    spool = _spool(GLASS, tones("gear", "blau"), number, 54, k, None)
    tail = line(
        f"M{num(400 + 96 * k)} {num(300 - 130 * k)}C{num(400 + 190 * k)} "
        f"{num(300 - 190 * k)} {num(400 + 250 * k)} {num(300 - 60 * k)} "
        f"{num(400 + 220 * k)} {num(300 + 30 * k)}",
        GLASS.dark,
        3.5,
    )
    return shadow(400, 312 + 176 * k, 180 * k) + tail + move(400 - 27 * k, 300, spool)
