"""Smokers and smoking wood."""

from __future__ import annotations

from demo.illustrations.kit import (
    Facts,
    circle,
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
    BRASS,
    CARD,
    DARK_STEEL,
    INK,
    KRAFT,
    SIGNAL,
    STEEL,
    Tones,
    material,
    tones,
)
from demo.illustrations.worn import paper_bag

SMOKE = "#C9C0AA"


def _smoke(x: float, y: float) -> str:
    wisps = (
        f"M{num(x)} {num(y)}c-22 -24 22 -40 0 -68M{num(x + 34)} {num(y + 6)}c-16 -18 18 -32 2 -54"
    )
    return line(wisps, SMOKE, 10)


def _fish(tone: Tones) -> str:
    """Return a smoked trout that hangs by its tail from (0, 0)."""
    body = "M0 0C-34 46 -30 124 0 150C30 124 34 46 0 0Z"
    tail = path("M-20 -22L0 12L20 -22L0 -12Z", tone.dark)
    shade = path("M4 0C38 46 34 124 0 152L40 160V0Z", tone.dark, opacity=0.6)
    return tail + path(body, tone.base) + shade + circle(-7, 128, 4, INK)


GOLDEN = Tones("#C98A3A", "#E5B56B", "#96601F")


def smoker(facts: Facts) -> str:
    """Draw a table smoker with two burners, or an upright cabinet with its fish in view."""
    high = whole(facts, "height_mm")
    if word(facts, "kind") == "table":
        k = 0.84 + high / 1000 * 0.5
        body = rect(-230, -40, 460, 120, STEEL.base, 14) + rect(
            90, -40, 140, 120, STEEL.dark, 14, opacity=0.55
        )
        lid = rect(-244, -100, 488, 70, STEEL.light, 24) + rect(-244, -56, 488, 26, STEEL.dark, 12)
        grip = line("M-54 -100V-126Q-54 -140 -40 -140H40Q54 -140 54 -126V-100", DARK_STEEL.base, 16)
        dial = circle(150, -66, 26, CARD) + line("M150 -66L164 -80", SIGNAL, 6)
        legs = line("M-196 80V170M196 80V170M-214 170H-150M150 170H214", DARK_STEEL.base, 15)
        burners = "".join(
            rect(x - 62, 128, 124, 44, BRASS.base, 12)
            + rect(x - 62, 152, 124, 20, BRASS.dark, 10)
            + path(f"M{x} 84c-34 26 -24 44 0 44s34 -18 0 -44Z", "#E58A3C")
            + path(f"M{x} 104c-14 12 -10 22 0 22s14 -10 0 -22Z", "#F6D27A")
            for x in (-84, 84)
        )
        shown = _smoke(176, -112) + grip + legs + burners + body + lid + dial
        shine = line("M-206 -12H-60", STEEL.light, 9)
        return shadow(400, 310 + 176 * k, 270 * k) + move(400, 310, shown, shine, scale=k)
    return _cabinet(0.7 + high / 1000 * 0.24)


def _cabinet(k: float) -> str:
    case = rect(-130, -220, 260, 420, STEEL.base, 16) + rect(78, -220, 52, 420, STEEL.dark, 14)
    roof = polygon([(-146, -220), (-96, -264), (96, -264), (146, -220)], DARK_STEEL.base)
    pipe = rect(-26, -306, 52, 46, DARK_STEEL.dark, 7)
    window = rect(-98, -180, 156, 250, "#2A2320", 12)
    bars = line("M-92 -152H52", STEEL.light, 8)
    fish = "".join(
        line(f"M{x} -152v20", STEEL.light, 5) + move(x, -112, _fish(GOLDEN), scale=1.02)
        for x in (-66, -20, 26)
    )
    glass = path("M-98 10L-10 -180H40L-70 70H-98Z", "#FFFFFF", opacity=0.1)
    door = rect(-98, 92, 156, 84, DARK_STEEL.base, 10) + rect(-40, 110, 42, 11, STEEL.light, 5)
    door += "".join(line(f"M{x} 136V158", "#E58A3C", 8) for x in (-70, -46, -22, 2, 26))
    dial = circle(104, -120, 24, CARD) + line("M104 -120L116 -134", SIGNAL, 6)
    latch = rect(92, -30, 25, 62, DARK_STEEL.base, 9)
    feet = line("M-106 200V224M106 200V224", DARK_STEEL.dark, 22)
    shown = (
        _smoke(-8, -312)
        + pipe
        + roof
        + feet
        + case
        + window
        + bars
        + fish
        + glass
        + door
        + dial
        + latch
    )
    return shadow(400, 338 + 234 * k, 190 * k) + move(400, 342, shown, scale=k)


def smoking_wood(facts: Facts) -> str:
    """Draw a bag of chips; the wood shows in the window, on the label, and loose in front."""
    wood = material(facts["wood"])
    k = 0.7 + 0.36 * (whole(facts, "weight_g") / 15000) ** 0.4
    chips = "".join(
        move(
            ((i * 0.618) % 1 - 0.5) * 150,
            ((i * 0.755) % 1) * 140 - 66,
            rect(-19, -6, 38, 12, (wood.base, wood.light, wood.dark)[i % 3], 3),
            turn=(i * 53) % 180,
        )
        for i in range(26)
    )
    inside = rect(-80, -80, 160, 160, wood.dark) + chips
    label = tones("gear", "flussgruen")
    tree = _tree(word(facts, "wood"))
    shown = paper_bag(330, 420, KRAFT, label, inside) + move(-6, 104, tree)
    loose = "".join(
        move(x, y, rect(-24, -7, 48, 14, tone, 4), turn=turn)
        for x, y, turn, tone in (
            (222, 196, 12, wood.base),
            (258, 182, -30, wood.light),
            (196, 212, -8, wood.dark),
        )
    )
    return shadow(420, 302 + 214 * k, 240 * k) + move(392, 300, shown, loose, scale=k)


def _tree(kind: str) -> str:
    """Return a small emblem for the label: a leaf, or a twig for juniper."""
    pale = "#F1EBDD"
    if kind == "juniper":
        twig = "M0 36V-36M0 20L-26 6M0 20L26 6M0 -4L-24 -18M0 -4L24 -18M0 -24L-14 -34M0 -24L14 -34"
        return line(twig, pale, 7) + circle(-20, 26, 9, "#8FA6C4") + circle(20, 28, 9, "#8FA6C4")
    leaf = {
        "beech": "M0 40C-34 16 -34 -20 0 -42C34 -20 34 16 0 40Z",
        "alder": "M0 40C-46 22 -46 -30 -12 -36L0 -28L12 -36C46 -30 46 22 0 40Z",
        "oak": "M0 42C-14 30 -34 30 -26 12C-42 4 -38 -12 -24 -14C-30 -32 -10 -38 0 -44"
        "C10 -38 30 -32 24 -14C38 -12 42 4 26 12C34 30 14 30 0 42Z",
    }[kind]
    return path(leaf, pale) + line("M0 -24V52", tones("gear", "flussgruen").base, 5)
