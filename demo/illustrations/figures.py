"""Digits drawn as strokes: a picture in an <img> can't use the page's fonts."""

from __future__ import annotations

from demo.illustrations.kit import line, move

# On a box 10 wide and 16 high.
_GLYPHS = {
    "0": "M5 0C1 0 0 4 0 8S1 16 5 16S10 12 10 8S9 0 5 0Z",
    "1": "M1 3L6 0V16",
    "2": "M0 4C0 1 2 0 5 0S10 2 10 5C10 9 2 11 0 16H10",
    "3": "M1 1C4 -1 9 0 9 4C9 7 6 8 4 8C7 8 10 9 10 12C10 17 3 17 0 14",
    "4": "M8 16V0L0 11H10",
    "5": "M9 0H2L1 7C4 5 10 6 10 11C10 17 3 17 0 14",
    "6": "M8 0C3 2 0 7 0 11S2 16 5 16S10 14 10 11S8 7 5 7S0 8 0 11",
    "7": "M0 0H10L4 16",
    "8": "M5 7.5C2 7.5 1 6 1 4S2 0 5 0S9 1.5 9 4S8 7.5 5 7.5C1.5 7.5 0 9 0 12S2 16 5 16S10 15 10 12"
    "S8.5 7.5 5 7.5Z",
    "9": "M2 16C7 14 10 9 10 5S8 0 5 0S0 2 0 5S2 9.5 5 9.5S10 8 10 5",
    ",": "M2 15L0 19",
    "/": "M8 -1L2 17",
}
_ADVANCE = {",": 6, "/": 13, "1": 11}


def figures(text: str, x: float, y: float, height: float, colour: str, weight: float = 2.4) -> str:
    """Return a number centred on (x, y), `height` units high; digits, comma and slash only."""
    scale = height / 16
    advances = [_ADVANCE.get(glyph, 14.5) for glyph in text]
    pen = -(sum(advances) - 4.5) / 2
    parts = []
    for glyph, advance in zip(text, advances, strict=True):
        parts.append(move(pen, -8, line(_GLYPHS[glyph], colour, weight)))
        pen += advance
    return move(x, y, *parts, scale=scale)
