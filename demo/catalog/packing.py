"""How large a packed unit is: estimated from what the goods measure and weigh, as a scale would.

The longest side follows from the attribute that says how long, wide or high the thing itself is; a
rod is packed in its parts. The other two sides follow from the weight.
"""

from collections.abc import Mapping

from demo.catalog.naming import Value

_MARGIN_MM = 30
_LEAST_MM = 60
# Cubic millimetres of packing for each gram: rods and boxes are mostly air.
_AIRY, _DENSE = 14_000, 4_000
_PARTS = {"rod_spin": 2, "rod_feeder": 3}
_LENGTHS = (("length_mm", 1), ("blade_mm", 2), ("diameter_mm", 1), ("length_cm", 10),
            ("height_mm", 1), ("width_mm", 1), ("pole_cm", 5))  # fmt: skip
# Lines, leaders and rolls are wound up: their length is not that of the box.
_WOUND = ("line_", "leader", "vacuum_", "hook_", "lure_", "float", "mat", "landing_net", "rod_rest")


def size(family: str, attributes: Mapping[str, Value], weight_grams: int) -> tuple[int, int, int]:
    """Return length, width and height of the packed unit in millimetres, the longest first."""
    volume = weight_grams * (_AIRY if weight_grams > 400 else _DENSE)  # noqa: PLR2004
    cube = round(volume ** (1 / 3))
    longest = max(_LEAST_MM, cube, _longest(family, attributes))
    side = round((volume / longest) ** 0.5)
    width = max(40, min(longest, side))
    return _tens(longest), _tens(width), _tens(max(10, min(width, volume // (longest * width))))


def _longest(family: str, attributes: Mapping[str, Value]) -> int:
    if family == "lure_shad" or family.startswith("lure_"):
        return int(attributes.get("length_mm", 0)) + _MARGIN_MM
    if family.startswith(_WOUND):
        return 150
    found = [
        int(attributes[name]) * factor
        for name, factor in _LENGTHS
        if isinstance(attributes.get(name), int)
    ]
    parts = _PARTS.get(family, 1)
    if family == "rod_spin" and attributes.get("parts") == 4:  # noqa: PLR2004
        parts = 4
    return max(found, default=120) // parts + _MARGIN_MM


def _tens(millimetres: int) -> int:
    return max(10, round(millimetres / 10) * 10)
