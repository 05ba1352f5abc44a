"""One banner per shelf: three of its goods on the sand ground, above the waves of the house."""

from __future__ import annotations

import re

from demo.illustrations.kit import SAND, Facts, line, move, rect
from demo.illustrations.registry import FAMILIES

Goods = tuple[tuple[str, Facts], ...]


def _lure(family: str, length: int, colour: str) -> tuple[str, Facts]:
    return family, {"length_mm": length, "colour": colour, "pieces": 1}


PAN: tuple[str, Facts] = ("pan", {"material": "carbon_steel", "diameter_mm": 280, "shape": "round"})
MIXER: tuple[str, Facts] = ("mixer", {"watts": 1000, "bowl_ml": 5500, "colour": "rot"})
REEL: tuple[str, Facts] = ("reel_spin", {"size": 4000, "colour": "signal"})
SHAD = _lure("lure_shad", 120, "feuertiger")
KNIFE: tuple[str, Facts] = (
    "knife_fillet",
    {"blade_mm": 180, "handle": "walnut", "sheath": "leather"},
)
HOOKS: tuple[str, Facts] = ("hook_offset", {"size": "3/0", "colour": "bruniert", "pieces": 5})
ROD: tuple[str, Facts] = (
    "rod_spin",
    {"length_cm": 240, "cast_max_g": 40, "sections": 2, "handle": "cork", "colour": "flussgruen"},
)
NET: tuple[str, Facts] = ("landing_net", {"hoop": "deltoid", "width_cm": 60, "pole_cm": 200})

SHELVES: dict[str, tuple[str, Goods]] = {
    "angeln": ("Angeln", (ROD, REEL, SHAD)),
    "koeder": ("Köder", (SHAD, ("spinner", {"blade_size": 4, "colour": "gold", "weight_g": 10}),
               ("wobbler", {"length_mm": 110, "colour": "barsch", "depth": "deep"}))),
    "gummikoeder": ("Gummiköder", (_lure("lure_craw", 80, "kuerbis"), SHAD,
                    _lure("lure_twister", 100, "chartreuse"))),
    "spinner-blinker": ("Spinner und Blinker", (
        ("spoon", {"length_mm": 70, "colour": "kupfer", "weight_g": 18}),
        ("spinner", {"blade_size": 4, "colour": "gold", "weight_g": 10}),
        ("spoon", {"length_mm": 90, "colour": "silber", "weight_g": 28}))),
    "wobbler": ("Wobbler", tuple(
        ("wobbler", {"length_mm": length, "colour": colour, "depth": depth})
        for length, colour, depth in ((70, "feuertiger", "deep"), (120, "ukelei", "medium"),
                                      (90, "barsch", "shallow")))),
    "haken-montagen": ("Haken und Montagen", (
        HOOKS, ("float", {"shape": "pike", "weight_g": 15, "colour": "signal"}),
        ("leader", {"material": "steel", "length_cm": 40, "strength_kg": 9, "pieces": 2}))),
    "haken": ("Haken und Jigköpfe", (
        ("hook_treble", {"size": "2", "colour": "silber", "pieces": 5}), HOOKS,
        ("hook_jighead", {"size": "2/0", "weight_g": 10, "pieces": 3}))),
    "vorfaecher-wirbel": ("Vorfächer und Wirbel", (
        ("swivel", {"kind": "snap", "size": 4, "pieces": 5}),
        ("leader", {"material": "titanium", "length_cm": 60, "strength_kg": 12, "pieces": 1}),
        ("swivel", {"kind": "barrel", "size": 6, "pieces": 10}))),
    "posen-gewichte": ("Posen, Gewichte und Körbe", (
        ("float", {"shape": "pike", "weight_g": 15, "colour": "signal"}),
        ("feeder_cage", {"shape": "cage", "weight_g": 60}),
        ("sinker", {"shape": "pear", "material": "zinc", "weight_g": 60, "pieces": 2}))),
    "ruten": ("Ruten", (ROD, ("rod_feeder", {"length_cm": 360, "cast_max_g": 120, "sections": 3,
              "handle": "cork", "colour": "signal"}))),
    "rollen": ("Rollen", (("reel_spin", {"size": 2000, "colour": "blau"}), REEL,
               ("reel_cast", {"hand": "left", "colour": "flussgruen"}))),
    "schnur": ("Schnur", (
        ("line_mono", {"diameter_hundredths": 25, "length_m": 300, "colour": "klar"}),
        ("line_braid", {"diameter_hundredths": 12, "length_m": 300, "colour": "moosgruen"}),
        ("line_fluoro", {"diameter_hundredths": 35, "length_m": 50}))),
    "am-wasser": ("Am Wasser", (
        ("bag", {"kind": "backpack", "volume_l": 30, "colour": "oliv"}), NET,
        ("headlamp", {"lumens": 400, "colour": "signal"}))),
    "boxen-taschen": ("Boxen und Taschen", (
        ("tackle_box", {"compartments": 18, "width_mm": 280, "kind": "flat"}),
        ("bag", {"kind": "sling", "volume_l": 12, "colour": "oliv"}),
        ("tackle_box", {"compartments": 24, "width_mm": 360, "kind": "case"}))),
    "kescher-werkzeug": ("Kescher und Werkzeug", (
        NET, ("pliers", {"kind": "pliers", "length_mm": 180, "colour": "signal"}),
        ("scale", {"max_kg": 25, "colour": "flussgruen"}))),
    "futter": ("Futter", tuple(("groundbait", {"weight_g": weight, "colour": colour}) for
               weight, colour in ((1000, "senf"), (2500, "rot"), (1000, "petrol")))),
    "buecher": ("Bücher", tuple(("book", {"topic": topic, "pages": pages, "colour": colour}) for
                topic, pages, colour in (("knots", 140, "rot"), ("lures", 240, "petrol"),
                                         ("rhine", 190, "salbei")))),
    "kueche": ("Küche", (PAN, MIXER, KNIFE)),
    "messer-schaerfen": ("Messer und Schärfen", (
        ("knife_kitchen", {"kind": "chef", "blade_mm": 210, "handle": "oak"}),
        ("sharpener", {"kind": "whetstone", "grit": 1000}), KNIFE)),
    "pfannen-toepfe": ("Pfannen und Töpfe", (
        PAN, ("pot", {"material": "cast_iron", "volume_ml": 5000, "kind": "casserole",
                      "colour": "rot"}), ("lid", {"material": "glass", "diameter_mm": 260}))),
    "kuechenhelfer": ("Küchenhelfer", (
        ("utensil", {"kind": "turner", "colour": "petrol"}),
        ("utensil", {"kind": "colander", "colour": "rot"}),
        ("utensil", {"kind": "whisk", "colour": "senf"}))),
    "raeuchern-vorrat": ("Räuchern und Vakuum", (
        ("smoking_wood", {"wood": "beech", "weight_g": 2000}),
        ("smoker", {"kind": "tall", "height_mm": 800}),
        ("vacuum_sealer", {"width_mm": 340, "colour": "schwarz"}))),
    "schuesseln-vorrat": ("Schüsseln und Vorrat", (
        ("bowl", {"material": "stoneware", "volume_ml": 3000, "colour": "salbei"}),
        ("storage_box", {"material": "glass", "volume_ml": 2000, "colour": "petrol"}),
        ("thermos", {"kind": "flask", "volume_ml": 1000, "colour": "rot"}))),
    "kuechenmaschinen": ("Küchenmaschinen", (
        ("hand_mixer", {"watts": 450, "colour": "petrol"}), MIXER,
        ("hand_blender", {"watts": 800, "colour": "schwarz"}))),
    "kaffee-fruehstueck": ("Kaffee und Frühstück", (
        ("kettle", {"volume_ml": 1700, "kind": "jug", "colour": "senf"}),
        ("coffee_machine", {"kind": "espresso", "colour": "edelstahl"}),
        ("toaster", {"slots": 2, "colour": "rot"}))),
}  # fmt: skip


def nested(drawing: str, prefix: str) -> str:
    """Return a drawing whose ids are made its own, so that several fit into one picture."""
    drawing = re.sub(r' id="([a-z]+)"', rf' id="{prefix}\1"', drawing)
    return re.sub(r'(url\(|href=")#([a-z]+)', rf"\1#{prefix}\2", drawing)


def banner(slug: str) -> str:
    """Return the parts of a shelf's banner, 1200 by 360."""
    goods = SHELVES[slug][1]
    ground = rect(0, 0, 1200, 360, SAND)
    wave = ""
    for row, (y, tone) in enumerate(((300, "#E4DBC6"), (326, "#DAD0B8"))):
        d = f"M{-40 + row * 30} {y}" + "q25 -18 50 0t50 0" * 13
        wave += line(d, tone, 5)
    count = len(goods)
    scale = 0.56 if count == 3 else 0.62
    step = 1200 / count
    parts = []
    for i, (family, facts) in enumerate(goods):
        left, top = step * (i + 0.5) - 400 * scale, 176 - 306 * scale
        parts.append(move(left, top, nested(FAMILIES[family](facts), f"g{i}"), scale=scale))
    return ground + wave + "".join(parts)
