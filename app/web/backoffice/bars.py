"""Columns over weeks as a small drawing, made here, without a script; a table says the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 160
_HEAD, _FOOT = 28, 4
# A few columns stay columns, and a label of a week has this much room.
_WIDEST, _LABEL = 0.2, 128
# With more columns than this room holds, sums would run into one another.
_NARROWEST = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a column: what it stands for, its box, its tone."""

    tone: str
    label: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A text in the middle of a column: its sum above, or what it is called below."""

    text: str
    x: float
    y: float
    below: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns with their marks, `WIDTH` wide; what is called stands below `HEIGHT`."""

    pieces: Sequence[Piece]
    marks: Sequence[Mark]


def columns(rows: Sequence[tuple[str, Sequence[tuple[str, str, float]]]]) -> Plot | None:
    """Draw a column for each row, its pieces on top of one another; None where all is nothing.

    Args:
        rows: label of a column, and its pieces from the ground up: (tone, label, value).
    """
    sums = [sum(value for *_rest, value in pieces) for _label, pieces in rows]
    top = max(sums, default=0)
    if not top:
        return None
    slot = min(WIDTH / len(rows), WIDTH * _WIDEST)
    # The outermost ones are moved inwards; they need half as much room again.
    every = 1 if slot >= _LABEL else math.ceil(_LABEL * 1.5 / slot)
    drawn, marks = [], []
    for place, ((name, pieces), whole) in enumerate(zip(rows, sums, strict=True)):
        ground, middle = float(HEIGHT - _FOOT), place * slot + slot / 2
        for tone, label, value in pieces:
            height = (HEIGHT - _HEAD - _FOOT) * value / top
            ground -= height
            if value:
                text = f"{name}: {label} {value:g}"
                drawn.append(
                    Piece(tone, text, place * slot + slot * 0.1, ground, slot * 0.8, height)
                )
        if slot >= _NARROWEST and whole:
            marks.append(Mark(f"{whole:g}", middle, ground - 6))
        if (len(rows) - 1 - place) % every == 0:
            inside = min(max(middle, _LABEL / 2), WIDTH - _LABEL / 2)
            marks.append(Mark(name, inside, HEIGHT + 22, below=True))
    return Plot(drawn, marks)


def bar(parts: Sequence[tuple[str, str, float]], longest: float) -> list[Piece]:
    """Draw one lying bar from parts (tone, label, value), to the scale of the longest."""
    found, x = [], 0.0
    for tone, label, value in parts:
        width = max(0.0, WIDTH * value / longest) if longest else 0.0
        if width:
            found.append(Piece(tone, label, x, 0, width, 14))
        x += width
    return found
