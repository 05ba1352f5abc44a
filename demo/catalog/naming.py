"""How a variant is called: its attributes in words, in German and English."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LANGUAGES = ("de", "en")
METRES_FROM_CM = 150
"""Lengths from here on are said in metres: a rod of 2,40 m, a leader of 50 cm."""

GRAMS_PER_KILO = 1000

Value = str | int
_ABOUT = {"de", "en", "see", "always"}


@cache
def table(name: str) -> dict[str, Any]:
    """Return one of the TOML files of this folder, e.g. ``families``."""
    with (HERE / f"{name}.toml").open("rb") as source:
        return tomllib.load(source)


def attribute_names(family: str) -> tuple[str, ...]:
    """Return the attributes of a goods family, in the order in which they are said."""
    rules = table("families")[family]
    return tuple(name for name in rules if name not in _ABOUT)


def said(family: str, attribute: str, value: Value, language: str) -> str:
    """Return a value as a customer reads it: ``motoroil``, ``7 g``, ``2,40 m``."""
    if attribute == "colour":
        group = table("families")[family]["colour"]["colour"]
        return str(table("colours")[group][value][language])
    label = table("labels")[attribute]
    if isinstance(value, str):
        named = label.get("values", {}).get(value)
        return str(named[language]) if named else value
    return _measured(label, value, language)


def _measured(label: dict[str, Any], value: int, language: str) -> str:
    unit = label.get("unit", "")
    if unit == "cm" and "divide" not in label and value >= METRES_FROM_CM:
        number, unit = f"{value / 100:.2f}", "m"
    elif unit == "g" and value >= GRAMS_PER_KILO:
        number, unit = f"{value / GRAMS_PER_KILO:g}", "kg"
    elif "decimals" in label:
        number = f"{value / label['divide']:.{label['decimals']}f}"
    else:
        number = f"{value / label.get('divide', 1):g}"
    if language == "de":
        number = number.replace(".", ",")
    return f"{number} {unit}".rstrip()


def variant_name(
    family: str, attributes: dict[str, Value], telling: set[str], language: str
) -> str:
    """Return what tells one variant from the others: ``motoroil · 5 Stück``.

    Args:
        family: key of the goods family.
        attributes: all of the variant's attributes.
        telling: those whose values differ between the product's variants.
        language: ``de`` or ``en``.
    """
    parts = []
    always = table("families")[family].get("always", ())
    for name in attribute_names(family):
        several = name == "pieces" and int(attributes[name]) > 1
        if name in telling or several or name in always:
            short = table("labels")[name].get("short", {}).get(language, "{}")
            parts.append(short.format(said(family, name, attributes[name], language)))
    return " · ".join(parts)
