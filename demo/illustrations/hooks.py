"""Hooks and jig heads on one scale: a 5/0 is as much larger as it is in the hand."""

from __future__ import annotations

from demo.illustrations.hook_shapes import GAPE_MM, jig, offset, single, treble
from demo.illustrations.kit import Facts, group, line, move, num, rect, shadow, tag, whole, word
from demo.illustrations.palette import CARD, MATERIALS, STEEL, Tones, mix, tones

# Drawn units per millimetre of gape; small sizes of the fine families get a closer look.
COARSE, FINE = 11.6, 17.0


def _metal(facts: Facts) -> Tones:
    return tones("metal", facts["colour"])


def _shown(pieces: int) -> int:
    """Return how many hooks of a pack are drawn: two to five, more for larger packs."""
    return 2 if pieces <= 3 else 3 if pieces <= 5 else 4 if pieces <= 8 else 5


def _row(hook: str, count: int, gape: float, step: float, drop: float, middle: float) -> str:
    """Return hooks side by side, swung a little, above one shadow; `gape` is their scale.

    `step` and `drop` are drawn units; `middle` is where a hook's middle lies beside its eye.
    """
    count = max(2, min(count, int((660 - drop * 0.5) / step) + 1))
    span = step * (count - 1)
    parts = []
    for i in range(count):
        x = 400 - span / 2 + i * step - middle * gape
        lift = (i % 2) * 8
        use = tag("use", href="#one") if i else group(hook, id="one")
        parts.append(move(x, 290 - drop / 2 + lift, use, scale=gape, turn=(-4, 3, -2, 4, -3)[i]))
    return shadow(400, 290 + drop / 2 + 52, span / 2 + drop * 0.42) + "".join(parts)


def offset_hooks(facts: Facts) -> str:
    """Draw a row of offset hooks."""
    gape = GAPE_MM[word(facts, "size")] * COARSE / 84
    count = min(_shown(whole(facts, "pieces")), 4)
    return _row(offset(_metal(facts)), count, gape, 128 * gape + 12, 152 * gape, 20)


def treble_hooks(facts: Facts) -> str:
    """Draw a row of treble hooks."""
    gape = GAPE_MM[word(facts, "size")] * FINE / 27
    count = _shown(whole(facts, "pieces"))
    return _row(treble(_metal(facts)), count, gape, 42 * gape + 12, 42 * gape, 0)


def single_hooks(facts: Facts) -> str:
    """Draw plain hooks; with leaders they sit on the card they are sold on."""
    gape = GAPE_MM[word(facts, "size")] * FINE / 66
    hook = single(_metal(facts))
    if word(facts, "with_leader") == "yes":
        return _card(hook, gape)
    count = _shown(whole(facts, "pieces"))
    return _row(hook, count, gape, 82 * gape + 22, 150 * gape, 31)


def _card(hook: str, gape: float) -> str:
    """Return the trade's card: hooks below a slit, leaders wound to the notches above."""
    card = rect(230, 80, 340, 400, CARD, 14) + rect(230, 80, 340, 62, "#0E4F47", 14)
    card += rect(230, 120, 340, 22, "#0E4F47") + rect(230, 466, 340, 14, "#E2DCCF", 7)
    name = rect(254, 101, 120, 14, "#F1EBDD", 7) + rect(254, 121, 70, 7, "#7CCBBE", 3)
    scale = gape * 0.47
    step = max(62.0, 70 * scale + 8)
    count = min(5, int((296 - 66 * scale) / step) + 1)
    parts = []
    for i in range(count):
        x = 400 - 20 * scale + (i - (count - 1) / 2) * step
        parts.append(line(f"M{num(x)} 172V284", mix("#96B4B0", "#FFFFFF", 0.2), 2.5))
        parts.append(line(f"M{num(x - 9)} 172h18", "#56615D", 5))
        use = tag("use", href="#one") if i else group(hook, id="one")
        parts.append(move(x, 286, use, scale=scale))
    slit = line("M262 318H538", "#D3D1C6", 4)
    return shadow(400, 500, 190) + card + name + slit + "".join(parts)


def jig_heads(facts: Facts) -> str:
    """Draw two or three jig heads; the hook grows with its size, the head with its weight."""
    gape = GAPE_MM[word(facts, "size")] * COARSE / 94
    weight = whole(facts, "weight_g")
    # A sphere's radius grows with the cube root of its weight.
    radius = 15.5 * weight ** (1 / 3) / gape
    count = 2 if whole(facts, "pieces") <= 3 or gape > 1.45 else 3
    head = jig(STEEL, MATERIALS["zinc"], radius)
    high = 80 * gape + radius * gape * 0.75 + 12
    # The bend rises above the head, so the heads stand below the middle.
    middle = 292 + 32 * gape
    parts = []
    for i in range(count):
        x = 400 - 88 * gape + (i - (count - 1) / 2) * 34
        y = middle + (i - (count - 1) / 2) * high
        use = tag("use", href="#one") if i else group(head, id="one")
        parts.append(move(x, y, use, scale=gape))
    bottom = middle + (count - 1) / 2 * high + radius * gape
    return shadow(410, bottom + 34, 130 * gape + 20) + "".join(parts)
