"""Marks of the shop and of the product, and the icons made from them.

`python -m demo.illustrations.brand FOLDER` writes the SVG files; the PNG icons are rendered from
`icon-*.svg` with a browser, see `demo/film/README.md` for the tools.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from demo.illustrations import write_scenes
from demo.illustrations.kit import circle, line, rect

# On a box of 64: a hook whose bend dips into two waves.
HOOK = "M39 9V29C39 43 19 43 19 29L20.500 25.500"
BARB = "M20.500 25.500L25.500 31"
WAVES = (
    "M5 44.500Q12 37 19 44.500T33 44.500T47 44.500T61 44.500",
    "M5 56Q12 48.500 19 56T33 56T47 56T61 56",
)


def _svg(title: str, body: str, box: int = 64, extra: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box} {box}" role="img"{extra}>'
        f"<title>{title}</title>{body}</svg>"
    )


def _short(d: str) -> str:
    return d.replace(".500", ".5")


def hook_and_waves(wave: str, hook: str, width: float = 4.6) -> str:
    """Return the mark of Angelhaus Rhein in two colours, on a box of 64."""
    eye = circle(39, 7.5, 3.6, "none", stroke=hook, stroke_width=width * 0.62)
    bend = line(_short(HOOK.replace("M39 9", "M39 11")), hook, width)
    return (
        "".join(line(_short(d), wave, width) for d in WAVES)
        + eye
        + bend
        + line(_short(BARB), hook, width * 0.8)
    )


def angelhaus() -> str:
    """Return the shop's mark; it follows day and night."""
    day, night = ("#0E4F47", "#B8420F"), ("#7CCBBE", "#FF9B66")
    style = (
        f"<style>.w{{stroke:{day[0]}}}.h{{stroke:{day[1]}}}@media(prefers-color-scheme:dark)"
        f"{{.w{{stroke:{night[0]}}}.h{{stroke:{night[1]}}}}}</style>"
    )
    mark = hook_and_waves("W", "H")
    mark = mark.replace('stroke="W"', 'class="w"').replace('stroke="H"', 'class="h"')
    return _svg("Angelhaus Rhein", style + mark)


def kontor(ledger: str, stroke: str) -> str:
    """Return the product's mark on a box of 64: a K that stands on its counter.

    The bar is the counter; above it meet the stock (the stem) and the people (the two arms).
    """
    counter = rect(6, 48, 52, 9, ledger, 4.5)
    stem = rect(15, 8, 9.5, 34, ledger, 4.7)
    return counter + stem + line("M46 12.5L31 25L47 37.5", stroke, 9)


def _tile(body: str, ground: str, inset: float = 0.72) -> str:
    """Return a mark on a full-bleed square, small enough for any mask a phone cuts."""
    shift = 32 * (1 - inset)
    inner = f'<g transform="translate({shift:.2f} {shift:.2f}) scale({inset})">{body}</g>'
    return rect(0, 0, 64, 64, ground) + inner


def favicon() -> str:
    """Return the favicon: the hook over one wave, heavy enough for 16 pixels."""
    hook = line("M40 13V33C40 49 17 49 17 33L19 28", "#FF9B66", 7.5)
    eye = circle(40, 11, 4.5, "none", stroke="#FF9B66", stroke_width=4.5)
    wave = line("M6 55Q12.500 46 19 55T32 55T45 55T58 55".replace(".500", ".5"), "#7CCBBE", 6)
    return _svg("Angelhaus Rhein", rect(0, 0, 64, 64, "#0E4F47", 14) + wave + hook + eye)


FILES: dict[str, Callable[[], str]] = {
    "angelhaus-rhein.svg": angelhaus,
    "kontor.svg": lambda: _svg("Kontor", kontor("#0E4F47", "#B8420F")),
    "kontor-night.svg": lambda: _svg("Kontor", kontor("#EEF2EF", "#FF9B66")),
    "favicon.svg": favicon,
    "icon-shop.svg": lambda: _svg(
        "Angelhaus Rhein", _tile(hook_and_waves("#7CCBBE", "#FF9B66", 5.2), "#0E4F47")
    ),
    "icon-till.svg": lambda: _svg(
        "Kontor Kasse", _tile(kontor("#EEF2EF", "#FF9B66"), "#101816", 0.7)
    ),
}


def write(folder: Path) -> list[Path]:
    """Write marks, icons and scenes into `folder`; return the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawer in FILES.items():
        (folder / name).write_text(drawer(), encoding="utf-8")
        written.append(folder / name)
    return [*written, *write_scenes(folder / "scenes")]


if __name__ == "__main__":
    for target in write(Path(sys.argv[1])):
        print(target)
