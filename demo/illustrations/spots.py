"""Small drawings for quiet moments: empty basket, nothing found, thanks, QR card, errors.

They have no ground and use middle tones, so that they stand on light and on dark paper.
"""

from __future__ import annotations

from demo.illustrations.hook_shapes import offset
from demo.illustrations.kit import circle, ellipse, group, line, move, path, rect, smooth
from demo.illustrations.palette import CARD, SIGNAL, STEEL, lure, material, tones
from demo.illustrations.soft_lures import SHAD, fish_body, head, painted_body

WAVE, WAVE_DEEP, MIST = "#7FAFA8", "#3F7D73", "#B9CFC8"
PALE, EDGE = "#F1EBDD", "#CFC3A8"


def waves(y: float, width: float = 460, rows: int = 2) -> str:
    """Return calm waves around x = 300."""
    parts = []
    for i in range(rows):
        left = 300 - width / 2 + i * 40
        steps = int((width - i * 80) / 58)
        d = f"M{left:.0f} {y + i * 22:.0f}" + "q14.500 -13 29 0t29 0" * steps
        parts.append(line(d.replace(".500", ".5"), (WAVE, MIST)[i % 2], 6))
    return "".join(parts)


def perch(scale: float, colour: str = "barsch", kick: float = 1.0) -> str:
    """Return a perch that swims to the left, about 300 wide, with its spiny fin.

    `kick` is how far the tail shows from the side: 1 at rest, less in the middle of a beat.
    """
    paint = lure(colour)
    spine, widths = fish_body(290, 52, SHAD)
    fin = path("M-40 -44L-26 -86L-8 -74L6 -90L22 -70L38 -76L52 -42Z", paint.mark)
    fin += path("M62 -32L76 -54L96 -28Z", paint.mark)
    low = path("M-10 46L6 78L34 42ZM58 30L70 58L90 22Z", "#C8552F")
    edge, notch = 124 + 52 * kick, 124 + 36 * kick
    tail = path(
        smooth([(124, -12), (edge, -56, True), (notch, -4), (edge, 46, True), (124, 8)]), "#C8552F"
    )
    body = painted_body("perch", spine, widths, paint) + head(spine, 52, 290, paint)
    return group(fin, low, tail, body, transform=f"scale({scale})")


def empty_basket() -> str:
    """A wire basket with nothing in it but a look of the river."""
    steel = tones("gear", "grau")
    back = path("M150 168H450L430 196H170Z", steel.dark)
    bars = "".join(f"M{160 + i * 28} 186L{186 + i * 22.800:.0f} 322" for i in range(11))
    rows = "M166 226H434M174 268H426M182 308H418"
    frame = line(bars, STEEL.base, 6) + line(rows, STEEL.base, 6)
    rim = rect(138, 168, 324, 26, tones("gear", "flussgruen").light, 13)
    base = rect(180, 314, 240, 18, steel.base, 9)
    bow = line("M196 172C196 40 404 40 404 172", tones("gear", "flussgruen").light, 15)
    grip = line("M262 77Q300 68 338 77", SIGNAL, 19)
    return ellipse(300, 352, 190, 14, EDGE, opacity=0.5) + bow + grip + back + frame + rim + base


def nothing_found() -> str:
    """A magnifying glass over empty water."""
    glass = circle(0, 0, 92, MIST, opacity=0.55) + circle(
        0, 0, 92, "none", stroke=WAVE_DEEP, stroke_width=17
    )
    shine = line("M-56 -34A66 66 0 0 1 -12 -64", CARD, 10, opacity=0.9)
    ring = line("M-44 22q11 -11 22 0t22 0t22 0t22 0", WAVE_DEEP, 7) + line(
        "M-26 46q9 -9 18 0t18 0t18 0", WAVE, 6
    )
    grip = line("M70 70L96 96", STEEL.dark, 19) + line("M100 100L150 150", SIGNAL, 31)
    lens = move(272, 160, glass + ring + shine + grip)
    return waves(318, 480, 3) + lens


def thanks() -> str:
    """A packed parcel by the water, the perch leaps above it."""
    wood = material("cork")
    box = path("M176 226H424V352H176Z", wood.base) + path(
        "M340 226H424V352H340Z", wood.dark, opacity=0.5
    )
    lid = path("M160 192H440L424 230H176Z", wood.light)
    tape = path("M276 192H322L318 230H282Z", SIGNAL) + rect(282, 230, 36, 50, SIGNAL)
    label = rect(198, 286, 70, 44, CARD, 5) + line("M210 300H252M210 314H238", WAVE_DEEP, 5)
    drops = "".join(
        circle(x, y, r, WAVE)
        for x, y, r in ((190, 150, 7), (216, 172, 5), (420, 148, 7), (396, 172, 5), (450, 116, 5))
    )
    leap = move(304, 112, perch(0.74), turn=-16)
    return ellipse(300, 358, 196, 13, EDGE, opacity=0.6) + box + lid + tape + label + leap + drops


def qr_card() -> str:
    """A hand-sized card with a code and a picture of the catch that goes with it."""
    photo = (
        rect(-96, -74, 192, 148, CARD, 10, stroke=EDGE, stroke_width=4)
        + rect(-82, -60, 164, 104, WAVE, 5)
        + move(0, -8, perch(0.42))
    )
    card = rect(-104, -142, 208, 284, CARD, 16, stroke=EDGE, stroke_width=4)
    card += path("M-104 -84V-126Q-104 -142 -88 -142H88Q104 -142 104 -126V-84Z", WAVE_DEEP)
    card += line("M-62 -114H34", PALE, 9)
    cells = ""
    for row in range(9):
        for col in range(9):
            corner = ((row < 3 or row > 5) and (col < 3)) or (row < 3 and col > 5)
            if not corner and (row * 7 + col * 5 + row * col) % 3 == 0:
                cells += f"M{-63 + col * 14} {-62 + row * 14}h14v14h-14Z"
    eyes = "".join(
        rect(x, y, 42, 42, "#17211E", 4)
        + rect(x + 9, y + 9, 24, 24, CARD, 2)
        + rect(x + 15, y + 15, 12, 12, "#17211E")
        for x, y in ((-63, -62), (21, -62), (-63, 22))
    )
    words = line("M-58 92H58M-34 114H34", EDGE, 9)
    whole = card + path(cells, "#17211E") + eyes + words
    return (
        ellipse(310, 362, 200, 12, EDGE, opacity=0.6)
        + move(402, 252, photo, turn=9)
        + move(236, 204, whole, turn=-6)
    )


def not_found() -> str:
    """A torn line with an empty hook: the page got away."""
    rod = line("M40 330L330 70", "#7B6A50", 9) + line("M40 330L130 250", material("cork").base, 19)
    rod += circle(142, 256, 17, WAVE_DEEP) + line("M330 70C372 90 388 130 388 180", MIST, 4)
    frayed = line(
        "M388 180c-4 12 6 16 0 28M388 180c6 8 12 10 14 22M388 180c-8 6 -12 12 -16 20", MIST, 3
    )
    hook = move(452, 196, offset(STEEL), scale=0.62, turn=14)
    swim = move(300, 352, perch(0.4))
    return rod + frayed + hook + waves(330, 520, 2) + group(swim, opacity=0.95)


def broken() -> str:
    """A reel with its line in a tangle: we are at it."""
    tangle = "M118 300C60 180 210 120 260 210S120 320 190 240S380 120 350 250S210 330 300 200"
    tangle += "S470 150 440 260S330 330 390 230S520 220 540 290"
    green = tones("gear", "flussgruen")
    spool = ellipse(112, 296, 46, 56, green.dark) + ellipse(104, 296, 46, 56, green.light)
    spool += ellipse(104, 296, 26, 32, PALE) + ellipse(104, 296, 9, 11, green.dark)
    knot = circle(300, 214, 19, SIGNAL) + line("M292 206l16 16M308 206l-16 16", CARD, 5)
    return ellipse(300, 358, 220, 12, EDGE, opacity=0.5) + line(tangle, WAVE, 6) + spool + knot


SPOTS = {
    "empty-basket": ("Ein leerer Korb", empty_basket),
    "no-result": ("Eine Lupe über leerem Wasser", nothing_found),
    "thanks": ("Ein gepacktes Paket, darüber springt ein Barsch", thanks),
    "qr-card": ("Eine Karte mit Code und ein Foto vom Fang", qr_card),
    "not-found": ("Eine gerissene Schnur, der Fisch ist weg", not_found),
    "error": ("Eine Rolle mit verknoteter Schnur", broken),
}
