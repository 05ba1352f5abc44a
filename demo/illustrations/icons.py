"""Renders the PNG icons from the marks. Needs resvg-py, a tool (see demo/film/README.md).

`python -m demo.illustrations.icons FOLDER`, after `demo.illustrations.brand FOLDER`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import resvg_py
from PIL import Image

# File: mark it is made from, edge in pixels.
ICONS = {
    "apple-touch-icon.png": ("icon-shop", 180),
    "shop-192.png": ("icon-shop", 192),
    "shop-512.png": ("icon-shop", 512),
    "till-192.png": ("icon-till", 192),
    "till-512.png": ("icon-till", 512),
    "favicon-32.png": ("favicon", 32),
}
COLOURS = 64
"""Flat marks need few colours; the palette halves the files."""


def raster(folder: Path, mark: str, edge: int) -> Image.Image:
    """Return a mark of `folder` as an image of `edge` by `edge` pixels."""
    svg = (folder / f"{mark}.svg").read_text(encoding="utf-8")
    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=edge))))


def write(folder: Path) -> None:
    """Write all icons into `folder`; only the favicon keeps its clear corners."""
    for name, (mark, edge) in ICONS.items():
        icon = raster(folder, mark, edge)
        if mark != "favicon":
            icon = icon.convert("RGB")
        icon.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(folder / name, optimize=True)
    raster(folder, "favicon", 96).save(folder / "favicon.ico", sizes=[(16, 16), (32, 32), (48, 48)])


if __name__ == "__main__":
    write(Path(sys.argv[1]))
