"""Columns over weeks as a small drawing, made here, without a script; a table says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, FOOT = 640, 160, 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a column: what it stands for, its box, its tone."""

    tone: str
    label: str
    x: float
    y: float
    width: float
    height: float


def columns(rows: Sequence[tuple[str, Sequence[tuple[str, str, float]]]]) -> list[Piece]:
    """Draw a column for each row, its pieces on top of one another.

    Args:
        rows: label of a column, and its pieces from the ground up: (tone, label, value).
    """
    top = max((sum(value for *_rest, value in pieces) for _label, pieces in rows), default=0)
    if not top:
        return []
    slot = WIDTH / max(len(rows), 8)
    found = []
    for place, (name, pieces) in enumerate(rows):
        ground = float(HEIGHT - FOOT)
        for tone, label, value in pieces:
            height = (HEIGHT - 2 * FOOT) * value / top
            ground -= height
            if value:
                text = f"{name}: {label} {value:g}"
                found.append(
                    Piece(tone, text, place * slot + slot * 0.1, ground, slot * 0.8, height)
                )
    return found


def bar(parts: Sequence[tuple[str, str, float]], longest: float) -> list[Piece]:
    """Draw one lying bar from parts (tone, label, value), to the scale of the longest."""
    found, x = [], 0.0
    for tone, label, value in parts:
        width = max(0.0, WIDTH * value / longest) if longest else 0.0
        if width:
            found.append(Piece(tone, label, x, 0, width, 14))
        x += width
    return found
