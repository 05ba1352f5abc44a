"""Which function draws which family, and the title that a picture carries."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from demo.illustrations import (
    appliances,
    cookware,
    craw,
    cutting,
    hard_lures,
    hooks,
    mixers,
    outdoors,
    pantry,
    reels,
    rods,
    smoking,
    soft_lures,
    terminal_tackle,
    utensils,
    worn,
)
from demo.illustrations.kit import Facts

Drawer = Callable[[Facts], str]
_CATALOG = Path(__file__).parent.parent / "catalog"

FAMILIES: dict[str, Drawer] = {
    "lure_shad": soft_lures.shad,
    "lure_pintail": soft_lures.pintail,
    "lure_craw": craw.craw,
    "lure_twister": soft_lures.twister,
    "lure_worm": soft_lures.worm,
    "spinner": hard_lures.spinner,
    "spoon": hard_lures.spoon,
    "wobbler": hard_lures.wobbler,
    "hook_offset": hooks.offset_hooks,
    "hook_jighead": hooks.jig_heads,
    "hook_treble": hooks.treble_hooks,
    "hook_single": hooks.single_hooks,
    "leader": terminal_tackle.leader,
    "swivel": terminal_tackle.swivel,
    "sinker": terminal_tackle.sinker,
    "float": terminal_tackle.floats,
    "feeder_cage": terminal_tackle.feeder_cage,
    "rod_spin": rods.rod_spin,
    "rod_feeder": rods.rod_feeder,
    "reel_spin": reels.reel_spin,
    "reel_cast": reels.reel_cast,
    "line_braid": reels.line_braid,
    "line_mono": reels.line_mono,
    "line_fluoro": reels.line_fluoro,
    "tackle_box": outdoors.tackle_box,
    "landing_net": outdoors.landing_net,
    "pliers": outdoors.pliers,
    "scale": outdoors.scale,
    "bag": worn.bag,
    "headlamp": worn.headlamp,
    "mat": outdoors.mat,
    "rod_rest": outdoors.rod_rest,
    "glasses": worn.glasses,
    "groundbait": worn.groundbait,
    "book": worn.book,
    "pan": cookware.pan,
    "pot": cookware.pot,
    "lid": cookware.lid,
    "baking_dish": cookware.baking_dish,
    "bowl": cookware.bowl,
    "storage_box": pantry.storage_box,
    "thermos": pantry.thermos,
    "spice": pantry.spice,
    "knife_kitchen": cutting.knife_kitchen,
    "knife_fillet": cutting.knife_fillet,
    "sharpener": cutting.sharpener,
    "board": cutting.board,
    "utensil": utensils.utensil,
    "smoker": smoking.smoker,
    "smoking_wood": smoking.smoking_wood,
    "mixer": mixers.mixer,
    "mixer_part": mixers.mixer_part,
    "hand_mixer": mixers.hand_mixer,
    "hand_blender": mixers.hand_blender,
    "kettle": appliances.kettle,
    "toaster": appliances.toaster,
    "coffee_machine": appliances.coffee_machine,
    "coffee_grinder": appliances.coffee_grinder,
    "scale_kitchen": appliances.scale_kitchen,
    "vacuum_sealer": appliances.vacuum_sealer,
    "vacuum_bag": appliances.vacuum_bag,
}


@cache
def _table(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((_CATALOG / name).read_text(encoding="utf-8"))


def _colour_word(family: str, facts: Facts) -> str | None:
    """Return the German word for the colour, None where the family has none."""
    rule = _table("families.toml").get(family, {}).get("colour")
    if not isinstance(rule, dict) or "colour" not in facts:
        return None
    entry = _table("colours.toml")[str(rule["colour"])][str(facts["colour"])]
    return str(entry["de"]) if isinstance(entry, dict) else None


def title(family: str, facts: Facts) -> str:
    """Return the German title of a picture: family, length or size, colour."""
    parts = [str(_table("families.toml")[family]["de"])]
    if "length_mm" in facts:
        centimetres = f"{int(str(facts['length_mm'])) / 10:.1f}".rstrip("0").rstrip(".")
        parts.append(f"{centimetres.replace('.', ',')} cm")
    if "size" in facts:
        parts.append(f"Größe {facts['size']}")
    colour = _colour_word(family, facts)
    return ", ".join([*parts, colour] if colour else parts)
