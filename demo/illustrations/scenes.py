"""Scenes by name: the river of the home page, tiles of shelves, and the quiet moments."""

from __future__ import annotations

from html import escape

from demo.illustrations import landscape
from demo.illustrations.kit import circle, group, line
from demo.illustrations.shelf_tiles import SHELVES, tile
from demo.illustrations.spots import SPOTS

HERO = "home-hero"
HERO_NARROW = "home-hero-narrow"
SCENES: tuple[str, ...] = (HERO, HERO_NARROW, *SPOTS, *(f"shelf-{slug}" for slug in SHELVES))


def _frame(width: int, height: int, title: str, body: str, fit: str = "xMidYMid meet") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'preserveAspectRatio="{fit}"><title>{escape(title)}</title>{body}</svg>'
    )


def _hero(width: int, height: int, fit: str) -> str:
    """Return the river at evening with an angler on the bank."""
    w, h = width, height
    foot_x, foot_y, size = w * 0.87, h * 0.885, h / 560
    tip_x, tip_y = foot_x - 236 * size, foot_y - 200 * size
    float_x, float_y = tip_x - 130 * size, h * 0.79
    cast = line(
        f"M{tip_x:.0f} {tip_y:.0f}Q{tip_x - 70 * size:.0f} {tip_y + 130 * size:.0f} "
        f"{float_x:.0f} {float_y:.0f}",
        "#FAF7F0",
        1.8,
        opacity=0.8,
    )
    bob = circle(float_x, float_y - 5, 6, "#B8420F") + circle(float_x, float_y, 4, "#FAF7F0")
    body = landscape.style() + landscape.river(w, h)
    body += landscape.barge(w * 0.38, h * 0.605, h / 640)
    body += landscape.ripples(float_x, float_y, size) + bob + cast + landscape.bank(w, h)
    body += landscape.angler(foot_x, foot_y, size)
    body += landscape.reeds(w * 0.955, h * 0.99, 8, size) + landscape.reeds(
        w * 0.66, h * 1.01, 7, size * 0.8
    )
    return _frame(w, h, "Der Rhein am Abend, am Ufer ein Angler", group(body), fit)


def scene(name: str) -> str:
    """Return the SVG of a scene; see `SCENES` for the names. Raises KeyError for another one."""
    if name == HERO:
        return _hero(1440, 560, "xMaxYMax slice")
    if name == HERO_NARROW:
        return _hero(720, 560, "xMaxYMax slice")
    if name.startswith("shelf-"):
        slug = name.removeprefix("shelf-")
        return _frame(480, 360, SHELVES[slug][0], tile(slug))
    title, drawer = SPOTS[name]
    return _frame(600, 400, title, drawer())
