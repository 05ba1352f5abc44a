"""Drawings of the guides beside the knots: rigs, water, hooks, rods, angles, heat."""

from collections.abc import Callable

from demo.documents.knots import KNOTS, knot
from demo.documents.strokes import (
    INK,
    LINE,
    MUTED,
    RIVER,
    SIGNAL,
    STEEL,
    WATER,
    dot,
    fill,
    label,
    move,
    number,
    ring,
    sheet,
    stroke,
)

LURE, BELLY, WEIGHT = "#8FA63B", "#C9BE63", "#3F4946"


def _lure(x: float, y: float) -> str:
    body = (
        "M0 0 C18 -22 70 -24 110 -8 C126 -2 134 -2 146 -6 C156 -22 168 -22 172 -18 "
        "C166 -4 166 8 172 20 C166 24 154 20 146 8 C134 6 126 6 110 12 C70 26 18 22 0 0 Z"
    )
    belly = "M4 4 C30 22 80 22 112 10 C80 10 40 8 4 4 Z"
    return move(
        fill(body, LURE) + fill(belly, BELLY) + dot(22, -5, 5, "#FFFFFF") + dot(23, -5, 2.6), x, y
    )


def _hook(x: float, y: float, *, offset: bool) -> str:
    if offset:
        d = "M0 0 h12 l6 14 h70 c26 0 30 -36 6 -38 l-16 2"
    else:
        d = "M0 0 h78 c30 0 34 -40 8 -42 c-10 -1 -18 4 -20 12"
    return move(ring(-6, 0, 6, STEEL, 3) + stroke(d, STEEL, 4), x, y)


def _bottom(y: float, width: int = 580) -> str:
    stones = "".join(
        f'<ellipse cx="{30 + i * 47}" cy="{y + 10}" '
        f'rx="{20 + (i * 7) % 11}" ry="{8 + (i * 5) % 6}" '
        f'fill="#BDB198"/>'
        for i in range(12)
    )
    return fill(f"M0 {y + 6} H{width} V{y + 60} H0 Z", "#D9CDB4") + stones


def _rig(title: str, body: str) -> str:
    water = f'<rect width="580" height="150" rx="10" fill="{WATER}"/>'
    return water + body + label(564, 28, title, size=17, anchor="end")


def rigs() -> str:
    """Return the four rigs of the soft-lure guide."""
    jig = _bottom(110) + stroke("M0 10 L172 70", RIVER, 3) + dot(176, 84, 15, STEEL)
    jig += _lure(168, 84) + move(stroke("M0 0 C20 -26 30 -26 40 -16", STEEL, 4), 226, 74)
    texas = _bottom(110) + stroke("M0 10 L150 90 H186", RIVER, 3)
    texas += fill("M150 92 l26 -12 q8 12 0 24 Z", WEIGHT) + _lure(192, 92)
    texas += _hook(198, 88, offset=True)
    carolina = _bottom(110) + stroke("M0 6 L120 100 H206 L330 80", RIVER, 3)
    carolina += fill("M130 102 l26 -12 q8 12 0 24 Z", WEIGHT) + dot(178, 102, 7, SIGNAL)
    carolina += ring(202, 102, 6, STEEL, 3) + _lure(336, 82) + _hook(342, 78, offset=True)
    shot = _bottom(110) + stroke("M0 4 L200 58 V112", RIVER, 3) + _hook(206, 58, offset=False)
    shot += move(_lure(0, 0), 212, 56, 0.8) + fill("M195 104 h10 v26 q-5 6 -10 0 Z", WEIGHT)
    shot += label(188, 92, "40 cm", size=14, anchor="end")
    parts = [("Jigkopf", jig), ("Texas-Rig", texas), ("Carolina-Rig", carolina), ("Dropshot", shot)]
    body = "".join(move(_rig(title, part), 0, 160 * i) for i, (title, part) in enumerate(parts))
    clip = '<clipPath id="c"><rect width="580" height="630" rx="10"/></clipPath>'
    return sheet(580, 630, f'{clip}<g clip-path="url(#c)">{body}</g>', ground="")


def groynes() -> str:
    """Return a plan of three groynes with the places where fish stand."""
    bank = fill(
        "M0 0 H580 V60 C520 74 480 60 430 66 C360 74 300 58 240 66 C150 76 70 62 0 70 Z", "#D3CFA4"
    )
    walls = "".join(
        fill(f"M{x} 50 l34 0 l-10 120 q-7 12 -14 0 Z", "#B7AB90") for x in (70, 270, 470)
    )
    current = "".join(
        stroke(f"M{20 + i * 110} {232 + (i % 2) * 16} h60 m-12 -8 l12 8 l-12 8", "#7FA8A0", 3)
        for i in range(5)
    )
    eddy = "".join(
        stroke(f"M{x} 150 c20 -60 110 -50 100 0 c-10 44 -76 34 -70 -2", "#7FA8A0", 3)
        for x in (140, 340)
    )
    marks = number(112, 186, 1) + number(176, 128, 2) + number(300, 206, 3) + number(236, 92, 4)
    return sheet(580, 280, bank + eddy + walls + current + marks, ground=WATER)


def _jig_path(y: float, kind: str) -> str:
    if kind == "faulenzen":
        return f"M40 {y} " + " ".join(f"l36 -44 q10 -8 22 4 l42 {40}" for _ in range(5))
    if kind == "twitchen":
        return f"M40 {y - 30} " + " ".join("l10 -20 l8 14 l10 -20 l30 8 l42 18" for _ in range(5))
    return f"M40 {y - 14} q60 -12 120 0 t120 0 t120 0 t120 0"


def retrieves() -> str:
    """Return the path of a lure in three retrieves, seen from the side."""
    body = ""
    titles = (("faulenzen", "Faulenzen"), ("kurbeln", "Durchkurbeln"), ("twitchen", "Twitchen"))
    for i, (kind, title) in enumerate(titles):
        top = 130 * i
        water = f'<rect y="{top}" width="580" height="122" rx="10" fill="{WATER}"/>'
        body += water + fill(f"M0 {top + 104} H580 V{top + 122} H0 Z", "#D9CDB4")
        body += stroke(_jig_path(top + 98, kind), SIGNAL, 4) + label(16, top + 26, title, size=17)
    return sheet(580, 384, body, ground="")


# Width of the gap in millimetres, as a catalogue gives it; drawn at actual size.
OFFSET_GAPS = {"1/0": 10, "2/0": 12, "3/0": 14, "4/0": 16, "5/0": 18}


def hook_sizes() -> str:
    """Return offset hooks at actual size; the drawing is 116 mm wide, as the page is."""
    body, x = "", 6.0
    for size, gap in OFFSET_GAPS.items():
        shank = gap * 1.7
        d = f"M0 0 v{shank * 0.12} l{gap * 0.22} {gap * 0.2} v{shank * 0.62} "
        bend, across = gap * 0.75, gap * 0.95
        d += f"c0 {bend} {across} {bend} {across} 0 v-{gap * 0.55} l-{gap * 0.1} {gap * 0.18}"
        part = ring(0, -1.4, 1.3, STEEL, 0.8) + stroke(d, INK, 1.1)
        body += move(part, x, 9) + label(x + gap * 0.5, 53, size, size=4, anchor="middle")
        x += gap + 8
    return sheet(116, 56, body)


def rod_actions() -> str:
    """Return three rods under the same load: fast, medium and slow action."""
    body = ""
    bends = (
        ("Spitzenaktion", "M30 196 L230 60 C270 32 292 40 300 76"),
        ("Halbparabolik", "M30 196 L170 90 C230 44 276 56 288 116"),
        ("Vollparabolik", "M30 196 C120 96 210 40 270 150"),
    )
    for i, (title, d) in enumerate(bends):
        x = i * 190
        part = stroke(d, RIVER, 6) + stroke("M30 196 L62 172", "#B98B55", 14)
        body += move(part, x, 20, 0.62) + label(x + 22, 176, title, size=15)
    return sheet(580, 196, body)


def edge_angles() -> str:
    """Return a blade on a stone at the three angles that matter."""
    body = ""
    for i, (angle, title) in enumerate(
        ((15, "15° Filetiermesser"), (20, "20° Kochmesser"), (25, "25° Outdoor"))
    ):
        x = i * 190
        stone = '<rect x="20" y="120" width="150" height="26" rx="4" fill="#B4876A"/>'
        stone += '<rect x="20" y="146" width="150" height="14" rx="4" fill="#D9C8A8"/>'
        blade = (
            f'<g transform="translate(40 118) rotate(-{angle})">'
            + fill("M0 0 L118 -15 H126 V4 H118 Z", STEEL)
            + "</g>"
        )
        body += move(stone + blade + label(20, 186, title, size=15), x, 0)
    return sheet(580, 204, body)


def burr() -> str:
    """Return one stroke over the stone and the way of the blade."""
    stone = '<rect x="120" y="60" width="340" height="90" rx="6" fill="#B4876A"/>'
    way = stroke("M160 130 C240 120 340 100 420 84 m-16 -4 l16 4 l-10 12", SIGNAL, 4)
    knife = fill("M150 150 L300 52 Q320 44 330 52 L190 158 Z", STEEL) + fill(
        "M150 150 L110 188 l18 16 l56 -46 Z", "#8A6A45"
    )
    return sheet(
        580,
        220,
        stone
        + move(knife, 0, -12)
        + way
        + label(470, 80, "Spitze", size=15)
        + label(30, 60, "Griff zum Körper", size=15),
    )


def fillet_cuts() -> str:
    """Return the cuts of filleting a zander, in order."""
    fish = (
        "M60 110 C120 40 300 34 420 92 C450 104 470 92 500 66 C496 100 496 124 504 158 "
        "C470 130 450 118 420 128 C300 182 120 178 60 110 Z"
    )
    cuts = stroke("M150 62 C130 90 132 130 158 152", SIGNAL, 4, dash="10 8")
    cuts += stroke("M150 62 C230 46 330 58 420 96", SIGNAL, 4, dash="10 8")
    cuts += stroke("M158 152 C240 160 330 146 420 122", SIGNAL, 4, dash="10 8")
    marks = number(128, 108, 1) + number(280, 44, 2) + number(284, 166, 3)
    return sheet(
        580, 210, fill(fish, "#9DB09A") + dot(96, 98, 7, "#FFFFFF") + dot(97, 98, 4) + cuts + marks
    )


def feeder_rig() -> str:
    """Return a feeder rig in the current with its measures."""
    body = _bottom(150) + stroke("M580 20 L360 120 L350 146", RIVER, 3)
    body += '<rect x="334" y="136" width="34" height="20" rx="3" fill="#7E8785"/>'
    body += stroke("M352 128 C280 124 220 150 130 150", STEEL, 2.5) + stroke(
        "M130 150 q-14 0 -14 -10", STEEL, 3
    )
    body += label(240, 120, "Vorfach 70 cm", size=15, anchor="middle") + label(
        384, 140, "Korb 60 g", size=15
    )
    body += stroke("M60 40 h110 m-14 -8 l14 8 l-14 8", "#7FA8A0", 3) + label(
        60, 28, "Strömung", size=14
    )
    return sheet(580, 200, f'<rect width="580" height="150" rx="10" fill="{WATER}"/>' + body)


def season_heat() -> str:
    """Return what happens in a pan that is being seasoned, over temperature."""
    steps = (
        (60, "Wachs schmilzt"),
        (180, "Öl wird dünn"),
        (230, "Öl raucht, Schicht entsteht"),
        (280, "Öl verbrennt"),
    )
    body = stroke("M40 150 H550", INK, 3)
    for degrees, title in steps:
        x = 40 + (degrees - 40) * 2
        body += stroke(f"M{x} 150 V110", INK, 2) + dot(x, 150, 6, SIGNAL)
        body += label(x, 176, f"{degrees} °C", size=14, anchor="middle")
        up = 96 if degrees in {60, 230} else 66
        body += label(min(x, 470), up, title, size=14, anchor="middle")
    band = fill("M400 140 H440 V160 H400 Z", "#E9B79D")
    return sheet(580, 196, band + body)


def smoke_curve() -> str:
    """Return core temperature and phases of hot-smoking trout."""
    grid = "".join(stroke(f"M60 {y} H550", LINE, 1.5) for y in (40, 85, 130, 175))
    grid += "".join(
        label(50, y + 5, str(t), size=13, anchor="end")
        for y, t in ((40, 90), (85, 60), (130, 30), (175, 0))
    )
    oven = stroke("M60 150 C120 130 150 52 200 40 H300 C330 60 350 80 380 84 H550", SIGNAL, 4)
    core = stroke("M60 158 C160 150 240 100 330 90 C400 84 480 84 550 84", RIVER, 4)
    names = label(110, 30, "Garen", size=15) + label(400, 30, "Räuchern", size=15)
    legend = label(410, 70, "Ofen", size=14) + label(200, 150, "Kern", size=14)
    axis = "".join(
        label(x, 200, t, size=13, anchor="middle")
        for x, t in ((60, "0"), (200, "20"), (330, "45"), (550, "90 min"))
    )
    return sheet(
        580,
        214,
        grid + stroke("M330 36 V178", MUTED, 1.5, dash="5 6") + oven + core + names + legend + axis,
    )


SKETCHES: dict[str, Callable[[], str]] = {
    "montagen": rigs,
    "buhnen": groynes,
    "fuehrung": retrieves,
    "hakengroessen": hook_sizes,
    "aktionen": rod_actions,
    "winkel": edge_angles,
    "zug": burr,
    "filet": fillet_cuts,
    "feeder": feeder_rig,
    "einbrennen": season_heat,
    "raeuchern": smoke_curve,
}


def all_drawings() -> dict[str, str]:
    """Return every drawing of the guides as SVG, by file name."""
    drawings = {f"{name}.svg": draw() for name, draw in SKETCHES.items()}
    return drawings | {f"knoten-{name}.svg": knot(name) for name in KNOTS}
