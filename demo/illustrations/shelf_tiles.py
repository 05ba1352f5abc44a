"""One tile per shelf: the good that stands for it on the sand ground, above the waves."""

from __future__ import annotations

import re

from demo.illustrations.kit import SAND, Facts, line, move, rect
from demo.illustrations.registry import FAMILIES

Good = tuple[str, Facts]
_SCALE = 0.56

SHELVES: dict[str, tuple[str, Good]] = {
    "angeln": ("Angeln", ("reel_spin", {"size": 4000, "colour": "signal"})),
    "koeder": ("Köder", ("wobbler", {"length_mm": 120, "colour": "barsch", "depth": "deep"})),
    "gummikoeder": ("Gummiköder", (
        "lure_shad", {"length_mm": 120, "colour": "feuertiger", "pieces": 1})),
    "spinner-blinker": ("Spinner und Blinker", (
        "spinner", {"blade_size": 4, "colour": "gold", "weight_g": 10})),
    "wobbler": ("Wobbler", (
        "wobbler", {"length_mm": 120, "colour": "ukelei", "depth": "medium"})),
    "haken-montagen": ("Haken und Montagen", (
        "float", {"shape": "pike", "weight_g": 15, "colour": "signal"})),
    "haken": ("Haken und Jigköpfe", (
        "hook_offset", {"size": "3/0", "colour": "bruniert", "pieces": 5})),
    "vorfaecher-wirbel": ("Vorfächer und Wirbel", (
        "leader", {"material": "titanium", "length_cm": 60, "strength_kg": 12, "pieces": 1})),
    "posen-gewichte": ("Posen, Gewichte und Körbe", (
        "feeder_cage", {"shape": "cage", "weight_g": 60})),
    "ruten": ("Ruten", ("rod_spin", {
        "length_cm": 240, "cast_max_g": 40, "sections": 2, "handle": "cork",
        "colour": "flussgruen"})),
    "rollen": ("Rollen", ("reel_spin", {"size": 4000, "colour": "signal"})),
    "schnur": ("Schnur", (
        "line_braid", {"diameter_hundredths": 12, "length_m": 300, "colour": "moosgruen"})),
    "am-wasser": ("Am Wasser", (
        "landing_net", {"hoop": "deltoid", "width_cm": 60, "pole_cm": 200})),
    "boxen-taschen": ("Boxen und Taschen", (
        "bag", {"kind": "sling", "volume_l": 12, "colour": "oliv"})),
    "kescher-werkzeug": ("Kescher und Werkzeug", (
        "pliers", {"kind": "pliers", "length_mm": 180, "colour": "signal"})),
    "futter": ("Futter", ("groundbait", {"weight_g": 2500, "colour": "rot"})),
    "buecher": ("Bücher", ("book", {"topic": "lures", "pages": 240, "colour": "petrol"})),
    "kueche": ("Küche", ("mixer", {"watts": 1000, "bowl_ml": 5500, "colour": "rot"})),
    "messer-schaerfen": ("Messer und Schärfen", (
        "knife_kitchen", {"kind": "chef", "blade_mm": 210, "handle": "oak"})),
    "pfannen-toepfe": ("Pfannen und Töpfe", (
        "pot", {"material": "cast_iron", "volume_ml": 5000, "kind": "casserole",
                "colour": "rot"})),
    "kuechenhelfer": ("Küchenhelfer", ("utensil", {"kind": "colander", "colour": "petrol"})),
    "raeuchern-vorrat": ("Räuchern und Vakuum", ("smoker", {"kind": "tall", "height_mm": 800})),
    "schuesseln-vorrat": ("Schüsseln und Vorrat", (
        "storage_box", {"material": "glass", "volume_ml": 2000, "colour": "petrol"})),
    "kuechenmaschinen": ("Küchenmaschinen", (
        "mixer", {"watts": 1000, "bowl_ml": 5500, "colour": "rot"})),
    "kaffee-fruehstueck": ("Kaffee und Frühstück", (
        "coffee_machine", {"kind": "espresso", "colour": "edelstahl"})),
}  # fmt: skip


def nested(drawing: str, prefix: str) -> str:
    """Return a drawing whose ids are made its own, so that several fit into one picture."""
    drawing = re.sub(r' id="([a-z]+)"', rf' id="{prefix}\1"', drawing)
    return re.sub(r'(url\(|href=")#([a-z]+)', rf"\1#{prefix}\2", drawing)


def tile(slug: str) -> str:
    """Return the parts of a shelf's tile, 480 by 360."""
    family, facts = SHELVES[slug][1]
    wave = ""
    for row, (y, tone) in enumerate(((318, "#E4DBC6"), (338, "#DAD0B8"))):
        wave += line(f"M{-40 + row * 22} {y}" + "q22 -15 44 0t44 0" * 7, tone, 4)
    good = move(240 - 400 * _SCALE, 166 - 306 * _SCALE, FAMILIES[family](facts), scale=_SCALE)
    return rect(0, 0, 480, 360, SAND) + wave + good
