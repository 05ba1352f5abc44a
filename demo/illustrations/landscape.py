"""The Rhine: hills, vines, castle, river, angler. Drawn in classes, so that night falls on it.

A landscape is a picture with a ground of its own; its tones follow the reader's day or night by
`prefers-color-scheme`, which works in an <img> too.
"""

from __future__ import annotations

from demo.illustrations.kit import Point, Vertex, circle, line, move, num, path, smooth

# Class: day, night.
PAINT = {
    "sky": ("#F3ECDC", "#16221F"),
    "sun": ("#F6D9A8", "#E9E2CB"),
    "far": ("#C5D3C6", "#1D2F2B"),
    "hill": ("#94B3A2", "#21403A"),
    "near": ("#5D8F7F", "#22504A"),
    "vine": ("#7DA593", "#2B5B53"),
    "water": ("#B9D2CB", "#1F3B39"),
    "glint": ("#DCE9E2", "#34605B"),
    "deep": ("#8FB8B0", "#18302E"),
    "bank": ("#0E4F47", "#0C2A26"),
    "reed": ("#2F6B5F", "#14443D"),
    "man": ("#17211E", "#060B0A"),
    "coat": ("#B8420F", "#D0642F"),
    "wall": ("#DECBA8", "#3A504A"),
    "face": ("#E3BE98", "#C09A78"),
    "lit": ("#6F8F80", "#F2C14E"),
    "roof": ("#7B4A33", "#5B4436"),
}


def style() -> str:
    """Return the style sheet of a landscape, day first."""
    day = "".join(f".rl-{name}{{fill:{tones[0]}}}" for name, tones in PAINT.items())
    night = "".join(f".rl-{name}{{fill:{tones[1]}}}" for name, tones in PAINT.items())
    lines = ".rl-line{fill:none;stroke:#17211E}.rl-run{fill:none;stroke:#DCE9E2}"
    dark = ".rl-line{stroke:#050908}.rl-run{stroke:#34605B}"
    return f"<style>{day}{lines}@media(prefers-color-scheme:dark){{{night}{dark}}}</style>"


def cls(element: str, name: str) -> str:
    """Return an element painted by class `name` instead of a fill of its own."""
    return element.replace(' fill="none"', f' class="rl-{name}"', 1)


def _land(points: list[Vertex], floor: float, name: str) -> str:
    first, last = points[0], points[-1]
    ridge = smooth(points, closed=False)
    return cls(path(f"{ridge}L{num(last[0])} {num(floor)}H{num(first[0])}Z"), name)


def castle(x: float, y: float, scale: float) -> str:
    """Return a small ruin with its keep, standing on (x, y)."""
    keep = path("M-10 0V-64H-14V-74H-6V-68H2V-74H10V-68H18V-74H26V-64H22V0Z")
    wall = path("M-60 0V-30H-52V-36H-44V-30H-36V-36H-28V-30H-10V0ZM22 0V-40H46V-48H70V0Z")
    roof = path("M42 -46L58 -78L74 -46Z")
    windows = path("M2 -50h8v14h-8ZM38 -26h7v11h-7ZM-40 -18h7v10h-7Z")
    rock = cls(path("M-92 34Q-72 -6 -50 -5H66Q86 -6 104 22L150 70H-130Z"), "near")
    return move(
        x,
        y,
        rock,
        cls(wall, "wall"),
        cls(keep, "wall"),
        cls(roof, "roof"),
        cls(windows, "lit"),
        scale=scale,
    )


def village(x: float, y: float, scale: float) -> str:
    """Return a few houses and a church by the water."""
    houses = "".join(
        cls(path(f"M{hx} 0V-{h}H{hx + w}V0Z"), "wall")
        + cls(path(f"M{hx - 3} -{h}L{hx + w / 2} -{h + 15}L{hx + w + 3} -{h}Z"), "roof")
        for hx, w, h in ((-92, 26, 16), (-62, 30, 20), (-28, 24, 15), (26, 30, 18), (60, 24, 14))
    )
    church = cls(path("M0 0V-40H18V0Z"), "wall") + cls(path("M-3 -40L9 -76L21 -40Z"), "roof")
    panes = path("M-84 -11h6v6h-6ZM-52 -14h6v6h-6ZM-42 -14h6v6h-6ZM6 -30h6v9h-6ZM36 -12h6v6h-6Z")
    return move(x, y, houses, church, cls(panes, "lit"), scale=scale)


def barge(x: float, y: float, scale: float) -> str:
    """Return a Rhine barge, low in the water."""
    hull = cls(path("M-120 0H112L98 20H-108Z"), "man") + cls(path("M-100 -9H52V0H-100Z"), "roof")
    house = cls(path("M64 -26H100V0H64Z"), "wall") + cls(path("M60 -30H104V-24H60Z"), "coat")
    return move(x, y, hull, house, scale=scale)


def angler(x: float, y: float, scale: float, tip: Point = (-236, -200), bend: float = 0) -> str:
    """Return an angler who faces left, feet on (x, y).

    The rod's `tip` is measured from the feet before scaling; `bend` bows the rod upwards.
    """
    legs = cls(path("M-12 0L-9 -62H17L21 0H7L4 -46L-1 0Z"), "man")
    coat = cls(path("M-13 -56L-10 -112Q-8 -128 6 -128Q20 -128 21 -112L23 -56Z"), "coat")
    head = cls(circle(5, -139, 13, "none"), "face")
    hat = cls(path("M-18 -144Q4 -152 24 -144L18 -150Q16 -166 4 -166T-10 -150Z"), "man")
    arm = cls(path("M8 -116Q-2 -92 -26 -84L-30 -94Q-12 -100 -2 -120Z"), "coat")
    middle = ((tip[0] - 14) / 2 + bend * 0.4, (tip[1] - 82) / 2 - bend)
    spine = f"M-14 -82Q{num(middle[0])} {num(middle[1])} {num(tip[0])} {num(tip[1])}"
    rod = path(spine, **{"class": "rl-line", "stroke_width": 4, "stroke_linecap": "round"})
    bag = cls(path("M30 0Q26 -26 44 -28T62 0Z"), "reed")
    return move(x, y, bag, legs, coat, head, hat, rod, arm, scale=scale)


def reeds(x: float, y: float, count: int, scale: float) -> str:
    """Return reeds with two bulrushes, standing on (x, y)."""
    blades = ""
    for i in range(count):
        lean, high = (i * 37) % 46 - 23, 70 + (i * 29) % 66
        left = i * 13
        blades += f"M{left} 0Q{left + lean * 0.2:.0f} -{high * 0.6:.0f} {left + lean} -{high}"
        blades += f"Q{left + 6 + lean * 0.2:.0f} -{high * 0.5:.0f} {left + 8} 0Z"
    heads = "".join(
        line(f"M{i * 26 + 9} 0V-{120 + i * 9}", "#0E4F47", 3)
        + line(f"M{i * 26 + 9} -{104 + i * 9}V-{132 + i * 9}", "#7B4A33", 9)
        for i in range(1, max(2, count // 4))
    )
    return move(x, y, cls(path(blades), "reed"), heads, scale=scale)


def ripples(x: float, y: float, scale: float = 1) -> str:
    """Return rings on the water around (x, y)."""
    d = "M-14 0a14 4 0 1 0 28 0a14 4 0 1 0 -28 0M-34 0a34 9 0 1 0 68 0a34 9 0 1 0 -68 0"
    ring = path(d, **{"class": "rl-run", "stroke_width": 3})
    return move(x, y, ring, scale=scale)


def river(width: float, height: float) -> str:
    """Return sky, hills with vines and castle, village and water, for any canvas."""
    w, h = width, height
    shore = h * 0.56
    far: list[Vertex] = [(0, h * 0.36), (w * 0.14, h * 0.3), (w * 0.3, h * 0.37),
                         (w * 0.48, h * 0.29),
                         (w * 0.64, h * 0.35), (w * 0.82, h * 0.24), (w, h * 0.3)]  # fmt: skip
    hill: list[Vertex] = [(w * 0.34, shore), (w * 0.46, h * 0.45), (w * 0.6, h * 0.34),
                          (w * 0.72, h * 0.25), (w * 0.8, h * 0.27), (w * 0.9, h * 0.36),
                          (w, h * 0.33)]  # fmt: skip
    left: list[Vertex] = [
        (0, h * 0.42),
        (w * 0.08, h * 0.41),
        (w * 0.2, h * 0.48),
        (w * 0.36, shore),
    ]
    rows = ""
    for i in range(7):
        y = h * (0.36 + i * 0.024)
        rows += f"M{num(w * (0.66 - i * 0.034))} {num(y + 10)}Q{num(w * 0.75)} {num(y - 6)} "
        rows += f"{num(w * (0.87 + i * 0.014))} {num(y + 12)}"
    vines = path(rows, stroke="#0E4F47", stroke_width=3, stroke_dasharray="3 9", opacity=0.4)
    ground = cls(path(f"M0 0H{num(w)}V{num(h)}H0Z"), "sky")
    sun = cls(circle(w * 0.57, h * 0.2, h * 0.085, "none"), "sun")
    water = cls(path(f"M0 {num(shore - 2)}H{num(w)}V{num(h)}H0Z"), "water")
    strip = cls(path(f"M0 {num(shore - 2)}H{num(w)}V{num(shore + 10)}H0Z"), "deep")
    streaks = "".join(
        f"M{num((i * 0.236 % 1) * w)} {num(shore + 30 + (i * 0.618 % 1) * (h - shore - 60))}"
        f"h{num(w * (0.04 + (i % 4) * 0.022))}"
        for i in range(26)
    )
    glints = path(streaks, **{"class": "rl-run", "stroke_width": 4, "stroke_linecap": "round"})
    mirror = cls(
        path(
            f"M{num(w * 0.5)} {num(shore + 8)}Q{num(w * 0.74)} {num(shore + h * 0.12)} "
            f"{num(w)} {num(shore + h * 0.1)}V{num(shore + 8)}Z"
        ),
        "deep",
    )
    return (
        ground
        + sun
        + _land(far, shore, "far")
        + _land(left, shore, "hill")
        + _land(hill, shore, "near")
        + vines
        + castle(w * 0.75, h * 0.268, h / 520)
        + village(w * 0.6, shore, h / 620)
        + water
        + mirror
        + strip
        + glints
    )


def bank(width: float, height: float) -> str:
    """Return the dark bank in front, on the right."""
    w, h = width, height
    points: list[Vertex] = [
        (w * 0.6, h + 4),
        (w * 0.72, h * 0.9),
        (w * 0.84, h * 0.865),
        (w, h * 0.86),
    ]
    return _land(points, h + 4, "bank")
