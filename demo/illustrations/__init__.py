"""Drawn pictures of the demo shop: goods from their attributes, and scenes by name.

`draw` returns one product as a standalone SVG; `scene` returns a drawing for a page; `write_all`
writes what the seed needs. A retailer's photographs replace the files without any change.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from demo.illustrations.kit import HEIGHT, WIDTH, Facts, picture
from demo.illustrations.registry import FAMILIES, title
from demo.illustrations.scenes import SCENES, scene

__all__ = ["FAMILIES", "SCENES", "UnknownFamilyError", "draw", "scene", "write_all", "write_scenes"]


# Which part of a picture a close-up shows: x, y, width, height.
_NEARBY = {"nah": "140 150 380 285", "ende": "320 150 380 285"}


class UnknownFamilyError(LookupError):
    """Nobody has drawn this family yet; there is no placeholder."""


def draw(family: str, attributes: Facts) -> str:
    """Return the picture of a product as SVG text, 800 by 600 on the sand ground.

    `attributes` are those that `demo/catalog/FAMILIES.md` names for the family. Raises
    `UnknownFamilyError`, or KeyError where an attribute is missing or a colour is unknown.
    """
    drawer = FAMILIES.get(family)
    if drawer is None:
        raise UnknownFamilyError(family)
    return picture(title(family, attributes), drawer(attributes))


def write_all(products: Iterable[tuple[str, str, Facts]], folder: Path) -> list[Path]:
    """Write one SVG per (name, family, attributes) into `folder`; return the paths written.

    Raises as `draw` does, and then has written nothing.
    """
    drawn = [(folder / f"{name}.svg", draw(family, facts)) for name, family, facts in products]
    folder.mkdir(parents=True, exist_ok=True)
    for target, svg in drawn:
        target.write_text(svg, encoding="utf-8")
    return [target for target, _ in drawn]


def write_close_ups(pictures: Iterable[Path]) -> None:
    """Write beside each picture its two ends from nearby: the same drawing, cut out."""
    whole = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    for picture_file in pictures:
        svg = picture_file.read_text(encoding="utf-8")
        for name, part in _NEARBY.items():
            near = svg.replace(whole, f'viewBox="{part}"', 1)
            picture_file.with_name(f"{picture_file.stem}-{name}.svg").write_text(near, "utf-8")


def write_scenes(folder: Path) -> list[Path]:
    """Write every scene as SVG into `folder`; return the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in SCENES:
        target = folder / f"{name}.svg"
        target.write_text(scene(name), encoding="utf-8")
        written.append(target)
    return written
