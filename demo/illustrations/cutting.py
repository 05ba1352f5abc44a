"""Knives, sharpening, boards."""

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
    rect,
    shadow,
    whole,
    word,
)
from demo.illustrations.palette import (
    BLACK,
    BRASS,
    INK,
    LEATHER,
    SIGNAL,
    STEEL,
    Tones,
    material,
    mix,
)


def _grip(length: float, tone: Tones) -> str:
    """Return a riveted handle from (0, 0) to the right, its spine along y = 0."""
    shape = (
        f"M0 2Q{num(length * 0.1)} -4 {num(length * 0.3)} 0T{num(length * 0.72)} -2"
        f"Q{num(length * 0.96)} -8 {num(length)} 14T{num(length * 0.93)} 54"
        f"Q{num(length * 0.7)} 46 {num(length * 0.45)} 48T0 44Z"
    )
    low = path(
        f"M0 30Q{num(length * 0.5)} 26 {num(length * 1.1)} 34V70H0Z", tone.dark, opacity=0.65
    )
    grain = line(
        f"M14 12Q{num(length * 0.4)} 6 {num(length * 0.86)} 10", tone.light, 4.5, opacity=0.7
    )
    rivets = "".join(circle(length * t, 24, 6.5, BRASS.light) for t in (0.2, 0.5, 0.8))
    return clip("h", path(shape), rect(-4, -14, length + 20, 90, tone.base), low) + grain + rivets


def _blade(name: str, outline: str, bevel: str, length: float) -> str:
    """Return a blade to the left of (0, 0): flat in steel, bevel in light along the edge."""
    return clip(
        name,
        path(outline),
        rect(-length - 10, -60, length + 20, 220, STEEL.base),
        path(bevel, STEEL.light),
        path(f"M{num(-length)} -60H0V14H{num(-length)}Z", STEEL.dark, opacity=0.35),
    )


def _edge(kind: str, n: float) -> tuple[str, str]:
    """Return outline and bevel of a kitchen knife of length `n`, tip to the left."""
    if kind == "chef":
        edge = f"C{num(-n * 0.94)} 56 {num(-n * 0.5)} 92 -8 92"
        return f"M0 0H{num(-n * 0.3)}Q{num(-n * 0.8)} 0 {num(-n)} 40{edge}V44H0Z", (
            f"M{num(-n)} 40{edge}V70C{num(-n * 0.5)} 70 {num(-n * 0.86)} 46 {num(-n)} 40Z"
        )
    if kind == "santoku":
        edge = f"Q{num(-n * 0.96)} 88 {num(-n * 0.7)} 92H-8"
        return f"M0 0H{num(-n * 0.7)}Q{num(-n * 0.96)} 4 {num(-n)} 66{edge}V44H0Z", (
            f"M{num(-n)} 66{edge}V70H{num(-n * 0.7)}Q{num(-n * 0.9)} 70 {num(-n)} 66Z"
        )
    if kind == "paring":
        return f"M0 6Q{num(-n * 0.7)} 6 {num(-n)} 44Q{num(-n * 0.6)} 64 0 62Z", (
            f"M{num(-n)} 44Q{num(-n * 0.6)} 64 0 62V50Q{num(-n * 0.6)} 50 {num(-n)} 44Z"
        )
    teeth = "".join(f"q{num(n / 44)} 13 {num(n / 22)} 0" for _ in range(20))
    start = f"M{num(-n * 0.97)} 62{teeth}"
    return (
        f"M0 0H{num(-n * 0.92)}Q{num(-n)} 12 {num(-n)} 34Q{num(-n)} 52 {num(-n * 0.97)} 62{teeth}"
        f"L0 62Z"
    ), f"{start}V48H{num(-n)}Z"


def knife_kitchen(facts: Facts) -> str:
    """Draw a kitchen knife; its blade length is to scale."""
    n = 90 + whole(facts, "blade_mm") * 1.55
    kind = word(facts, "kind")
    outline, bevel = _edge(kind, n)
    grip = 190 if kind != "paring" else 168
    blade = _blade("k", outline, bevel, n)
    heel = rect(-6, -2, 22, 50, STEEL.dark, 5)
    handle = move(12, 0, _grip(grip, material(facts["handle"])))
    dents = ""
    if kind == "santoku":
        dents = "".join(
            ellipse(-n * 0.14 - i * n * 0.115, 62, 8, 14, STEEL.dark, opacity=0.45)
            for i in range(7)
        )
    total = n + grip
    content = move(400 + (n - grip) / 2 * 0.96, 268, blade + dents + heel + handle, turn=-11)
    return shadow(400, 400, total * 0.47) + content


def knife_fillet(facts: Facts) -> str:
    """Draw a long upswept blade, with the sheath beside it where it comes with one."""
    n = 110 + whole(facts, "blade_mm") * 1.5
    edge = f"C{num(-n * 0.8)} 40 {num(-n * 0.5)} 58 0 50"
    outline = f"M0 10C{num(-n * 0.4)} 20 {num(-n * 0.76)} 12 {num(-n)} -26{edge}Z"
    bevel = f"M{num(-n)} -26{edge}V38C{num(-n * 0.5)} 44 {num(-n * 0.8)} 24 {num(-n)} -26Z"
    handle = move(10, 2, _grip(200, material(facts["handle"])))
    guard = rect(-6, -2, 20, 64, BRASS.base, 7)
    knife = _blade("k", outline, bevel, n) + guard + handle
    x = 400 + (n - 210) / 2
    if word(facts, "sheath") == "none":
        return shadow(400, 396, (n + 200) * 0.47) + move(x, 282, knife, turn=-10)
    leather = LEATHER if word(facts, "sheath") == "leather" else BLACK
    sheath = path(
        f"M0 0C{num(-n * 0.4)} -4 {num(-n * 0.8)} 2 {num(-n * 1.05)} 24"
        f"Q{num(-n * 1.06)} 44 {num(-n)} 52C{num(-n * 0.6)} 84 {num(-n * 0.3)} 84 0 78Z",
        leather.base,
    )
    sheath += path(
        f"M0 48C{num(-n * 0.4)} 56 {num(-n * 0.8)} 50 {num(-n * 1.04)} 40L{num(-n)} 52"
        f"C{num(-n * 0.6)} 84 {num(-n * 0.3)} 84 0 78Z",
        leather.dark,
        opacity=0.7,
    )
    seam = line(
        f"M-8 66C{num(-n * 0.4)} 72 {num(-n * 0.7)} 66 {num(-n * 0.96)} 46",
        leather.light,
        4,
        stroke_dasharray="9 9",
    )
    loop = rect(-6, -8, 74, 92, leather.dark, 14) + rect(16, 26, 34, 26, "#F1EBDD", 9)
    case = move(x + 30, 330, sheath + seam + loop, turn=-10)
    return shadow(400, 452, (n + 200) * 0.47) + case + move(x, 206, knife, turn=-10)


def sharpener(facts: Facts) -> str:
    """Draw a two-tone whetstone with its grit, a steel, or a pull-through sharpener."""
    kind, grit = word(facts, "kind"), whole(facts, "grit")
    if kind == "whetstone":
        return _whetstone(grit)
    if kind == "steel":
        rod = rect(-330, -11, 400, 22, STEEL.base, 11) + rect(-326, 1, 392, 10, STEEL.dark, 5)
        rod += line("M-318 -5H60", STEEL.light, 3) + line("M-300 0H60", STEEL.dark, 2, opacity=0.6)
        grip = rect(84, -27, 190, 54, BLACK.base, 24) + rect(84, 2, 190, 25, BLACK.dark, 12)
        guard = rect(64, -36, 26, 72, STEEL.dark, 10) + line("M110 -12H240", BLACK.light, 6)
        ring = circle(292, 0, 19, "none", stroke=STEEL.dark, stroke_width=8)
        return shadow(400, 412, 300) + move(404, 290, ring + rod + guard + grip, turn=-20)
    body = path("M190 410C190 340 236 300 300 300H452C476 230 620 236 628 320L634 410Z", BLACK.base)
    body += path("M190 410C190 386 196 372 204 360H632L634 410Z", BLACK.dark)
    head = rect(236, 256, 214, 92, SIGNAL, 20) + rect(236, 306, 214, 42, "#8E320A", 14)
    slots = "".join(
        path(f"M{x - 17} 256H{x + 17}L{x + 3} 322H{x - 3}Z", INK)
        + line(f"M{x - 11} 262L{x} 312L{x + 11} 262", STEEL.light, 5)
        for x in (298, 388)
    )
    shine = line("M496 284C520 262 570 266 592 300", BLACK.light, 9)
    return shadow(410, 420, 250) + body + head + slots + shine


def _whetstone(grit: int) -> str:
    fine = (
        Tones("#D8CDB2", "#EEE6D2", "#B3A684")
        if grit >= 2000
        else Tones("#7F9BA3", "#ABC1C7", "#5A757D")
    )
    coarse = Tones("#A96A4A", "#C98F70", "#7C4A31")
    tray = path("M150 424L176 380H642L660 424Q660 446 636 446H172Q150 446 150 424Z", BLACK.base)
    top = path("M226 262H612L640 330H168Z", fine.light)
    front = rect(168, 330, 472, 34, fine.base) + rect(168, 364, 472, 34, coarse.base)
    side = rect(520, 330, 120, 34, fine.dark, opacity=0.5) + rect(
        520, 364, 120, 34, coarse.dark, opacity=0.5
    )
    water = path(
        "M262 296q60 -20 130 -4t110 -4q26 12 -14 22t-120 2t-96 4q-40 -8 -10 -20Z",
        "#FFFFFF",
        opacity=0.45,
    )
    text = figures(str(grit), 404, 364, 36, INK, 2.6) if grit else ""
    return shadow(404, 452, 270) + tray + top + front + side + water + text


def board(facts: Facts) -> str:
    """Draw a board with its grain; the fillet board is long and has a clamp."""
    kind, tone = word(facts, "kind"), material(facts["material"])
    long = 110 + whole(facts, "length_mm") * 0.88
    high = 230 if kind == "fillet" else 140 + long * 0.34
    x, y = -long / 2, -high / 2
    edge = rect(x, y + 20, long, high, tone.dark, 26)
    grain = ""
    if word(facts, "material") != "plastic":
        for i in range(5):
            gy = y + high * (0.14 + i * 0.18)
            bow = (-1) ** i * 14
            grain += (
                f"M{num(x)} {num(gy)}C{num(x + long * 0.3)} {num(gy + bow)} "
                f"{num(x + long * 0.6)} {num(gy - bow)} {num(x + long)} {num(gy + bow * 0.4)}"
            )
    face = clip(
        "b",
        rect(x, y, long, high, "#000", 26),
        rect(x, y, long, high, tone.base),
        line(grain, mix(tone.base, tone.dark, 0.5), 4) if grain else "",
        rect(x, y, long, 12, tone.light, opacity=0.8),
    )
    groove = rect(
        x + 24,
        y + 24,
        long - 48,
        high - 48,
        "none",
        16,
        stroke=tone.dark,
        stroke_width=5,
        opacity=0.45,
    )
    extra = rect(-x - 74, -14, 42, 28, "#F1EBDD", 14)
    if kind == "fillet":
        clamp = rect(x - 16, -60, 92, 120, STEEL.base, 14) + rect(x - 16, 4, 92, 56, STEEL.dark, 14)
        teeth = "".join(f"M{num(x + 76)} {t}l14 9l-14 9Z" for t in range(-54, 50, 18))
        spring = rect(x + 10, -26, 38, 52, STEEL.light, 8)
        rule = "".join(
            f"M{num(x + 120 + i * 26)} {num(y + high - 24)}v{-18 if i % 5 else -30}"
            for i in range(int((long - 170) / 26))
        )
        extra = clamp + path(teeth, STEEL.dark) + spring + line(rule, tone.dark, 3.4)
    body = group(edge + face + groove + extra, transform="translate(400 290) rotate(-7)")
    return shadow(404, 300 + high / 2 + 44, long * 0.48) + body
