"""Colours of the pictures: brand, materials, and the tones of the catalog's colour keys.

Colour keys and their values come from `demo/catalog/colours.toml`; here each becomes three tones.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

INK = "#17211E"
RIVER, RIVER_DARK, RIVER_LIGHT = "#0E4F47", "#0A3A34", "#3F7D73"
SIGNAL, SIGNAL_DARK, SIGNAL_LIGHT = "#B8420F", "#8E320A", "#DE7A48"
PAPER, CARD, LINE = "#FAF7F0", "#FFFFFF", "#E2DCCF"
_FILE = Path(__file__).parent.parent / "catalog" / "colours.toml"


@dataclass(frozen=True, slots=True)
class Tones:
    """Three tones of one material."""

    base: str
    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Colourway:
    """How a lure is painted; `pattern` is bars, dots or plain."""

    back: str
    flank: str
    belly: str
    mark: str
    pattern: str


STEEL = Tones("#AEB9BC", "#E0E6E6", "#748287")
DARK_STEEL = Tones("#4C5759", "#808D8F", "#2F383A")
BLACK = Tones("#2C3533", "#59645F", "#1A211F")
LEAD = Tones("#8B9698", "#BCC6C7", "#636E71")
BRASS = Tones("#C79A3B", "#EBCE84", "#94701F")
COPPER = Tones("#BC6F41", "#E5AE86", "#8A4A25")
CORK = Tones("#D0A878", "#E6CBA4", "#A98254")
IRON = Tones("#383F40", "#646E6F", "#23292A")
CREAM = Tones("#EFE6CF", "#FBF6E9", "#D0C4A4")
WHITE = Tones("#F4F3EE", "#FFFFFF", "#D3D1C6")
GLASS = Tones("#C9DBD8", "#E9F2F0", "#96B4B0")
PLASTIC = Tones("#D3D8D0", "#EEF1EB", "#A9B1A8")
KRAFT = Tones("#C9A877", "#DDC399", "#A5844F")
LEATHER = Tones("#8A5A36", "#B08257", "#623D22")
RIVERS = Tones(RIVER, RIVER_LIGHT, RIVER_DARK)
SIGNALS = Tones(SIGNAL, SIGNAL_LIGHT, SIGNAL_DARK)
WATER = Tones("#6FA7A3", "#A8CBC6", "#3F7D73")

MATERIALS = {
    "steel": STEEL,
    "stainless": STEEL,
    "titanium": Tones("#7A868B", "#A5B0B4", "#566166"),
    "fluorocarbon": GLASS,
    "zinc": Tones("#A9B4B6", "#D5DCDC", "#7B878A"),
    "tungsten": DARK_STEEL,
    "carbon_steel": Tones("#5A6165", "#899297", "#3C4246"),
    "cast_iron": IRON,
    "coated": Tones("#3A3431", "#675E59", "#262120"),
    "enamel": CREAM,
    "stoneware": CREAM,
    "glass": GLASS,
    "oak": Tones("#B98553", "#D8B081", "#8E6038"),
    "beech": Tones("#DDB584", "#EFD3AD", "#B08858"),
    "walnut": Tones("#7A5233", "#A57A57", "#553620"),
    "alder": Tones("#C4764A", "#DE9F77", "#96532D"),
    "juniper": Tones("#8C8A52", "#B3B17C", "#646237"),
    "plastic": PLASTIC,
    "leather": LEATHER,
    "black": BLACK,
    "cork": CORK,
    "eva": BLACK,
}


@cache
def _colours() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def mix(first: str, second: str, share: float) -> str:
    """Return `first` with `share` (0..1) of `second` mixed in."""
    a = [int(first[i : i + 2], 16) for i in (1, 3, 5)]
    b = [int(second[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(p + (q - p) * share):02X}" for p, q in zip(a, b, strict=True))


def luminance(colour: str) -> float:
    """Return the perceived brightness of a colour, 0 (black) to 1 (white)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def lure(key: object) -> Colourway:
    """Return the paint of a lure by its key in group `lure`; an unknown key raises KeyError."""
    tone = _colours()["lure"][str(key)]
    # The back is darkened so that a fish reads as one: dark above, pale below.
    deep = tone["mark"] if tone["pattern"] == "bars" else "#101A16"
    back = mix(tone["back"], deep, 0.45 if tone["pattern"] == "bars" else 0.28)
    return Colourway(back, tone["back"], tone["belly"], tone["mark"], tone["pattern"])


def tones(group: str, key: object) -> Tones:
    """Return three tones of a colour key of `group` (metal, gear, line, house)."""
    entry = _colours()[group][str(key)]
    main, accent = entry["main"], entry["accent"]
    # Pale colours (cream, white, steel) carry their shade as the accent: light comes from white.
    if luminance(accent) < luminance(main):
        return Tones(main, mix(main, "#FFFFFF", 0.6), accent)
    deep = 0.44 if group == "metal" else 0.34 if luminance(main) > 0.25 else 0.45
    return Tones(main, mix(main, accent, 0.8), mix(main, "#0B1412", deep))


def accent(group: str, key: object) -> str:
    """Return the second colour of a key, for winding stripes and the like."""
    return _colours()[group][str(key)]["accent"]


def material(key: object) -> Tones:
    """Return the tones of a material."""
    return MATERIALS[str(key)]
