"""What has to be true of catalog data before it is published."""

import re
from collections.abc import Mapping
from typing import Any

from catalog.pricing import BASE_UNITS
from kit.errors import Invalid

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_WEEE = re.compile(r"DE\d{8}")
SLUG_LENGTH, SKU_LENGTH = 96, 64
VAT_RATES = (0, 700, 1900)
SHIPPING_GROUPS = ("std", "haz", "bulky")


def slug(value: str) -> None:
    """Pass a name for an address: lower-case letters, digits and single hyphens.

    Raises:
        Invalid: ``slug``.
    """
    if len(value) > SLUG_LENGTH or not _SLUG.fullmatch(value):
        raise Invalid("slug", slug=value)


def sku(value: str) -> None:
    """Pass an article number: letters, digits, dot, hyphen, underscore; up to 64.

    Raises:
        Invalid: ``sku``.
    """
    if len(value) > SKU_LENGTH or not _SKU.fullmatch(value):
        raise Invalid("sku", sku=value)


def texts(of: str, facts: Mapping[str, Any], *names: str, required: bool = True) -> None:
    """Pass texts that exist in both languages, or in none where that is allowed.

    Args:
        of: whose texts, for the error.
        facts: holds ``<name>_de`` and ``<name>_en``.
        names: the texts to look at.
        required: false lets both be empty.

    Raises:
        Invalid: ``text_missing`` with the field.
    """
    for name in names:
        german, english = (
            str(facts.get(f"{name}_{language}", "")).strip() for language in ("de", "en")
        )
        if not german and (required or english):
            raise Invalid("text_missing", of=of, field=f"{name}_de")
        if not english and (required or german):
            raise Invalid("text_missing", of=of, field=f"{name}_en")


def maker(of: str, facts: Mapping[str, Any]) -> None:
    """Pass a maker that can be written to: name, postal address, mail address or web address.

    Raises:
        Invalid: ``maker`` with the field that is missing. Source: GPSR (EU) 2023/988, article 19.
    """
    for field in ("name", "address"):
        if not str(facts.get(field, "")).strip():
            raise Invalid("maker", of=of, field=field)
    if not facts.get("email") and not facts.get("url"):
        raise Invalid("maker", of=of, field="email")


def attributes(of: str, facts: Mapping[str, Any]) -> None:
    """Pass attributes: a name to a text, a whole number, or a list of texts.

    Raises:
        Invalid: ``attribute`` with its name.
    """
    for name, value in facts.items():
        listed = value if type(value) is list else [value]
        allowed = {str} if type(value) is list else {str, int}
        known = all(type(one) in allowed and one != "" for one in listed)
        if not listed or not known or not _SLUG.fullmatch(name.replace("_", "-")):
            raise Invalid("attribute", of=of, attribute=name)


def facets(of: str, declared: list[dict[str, Any]]) -> None:
    """Pass the declared facets of a category; see `catalog.facets.Facet` for the fields.

    Raises:
        Invalid: ``facet`` or ``text_missing``.
    """
    keys = [facet.get("key") for facet in declared]
    if len(set(keys)) != len(keys) or not all(isinstance(key, str) and key for key in keys):
        raise Invalid("facet", of=of)
    for facet in declared:
        unknown = facet.keys() - {"key", "de", "en", "unit", "divide", "values"}
        if unknown or not facet.get("de") or not facet.get("en") or facet.get("divide", 1) < 1:
            raise Invalid("facet", of=of, key=facet["key"])


def goods(of: str, facts: Mapping[str, Any]) -> None:
    """Pass what makes an item sellable: weight, VAT rate, shipping group, content.

    Raises:
        Invalid: ``weight_grams``, ``vat_basis_points``, ``shipping_group``, ``size`` or
            ``content``.
    """
    weight = facts["weight_grams"]
    if type(weight) is not int or weight <= 0:
        raise Invalid("weight_grams", of=of, weight_grams=weight)
    if facts["vat_basis_points"] not in VAT_RATES:
        raise Invalid("vat_basis_points", of=of, vat_basis_points=facts["vat_basis_points"])
    if facts["shipping_group"] not in SHIPPING_GROUPS:
        raise Invalid("shipping_group", of=of, shipping_group=facts["shipping_group"])
    for side in ("length_mm", "width_mm", "height_mm"):
        measured = facts[side]
        if measured is not None and (type(measured) is not int or measured <= 0):
            raise Invalid("size", of=of, side=side)
    quantity, unit = facts["content_quantity"], facts["content_unit"]
    if quantity is None and unit is None:
        return
    if type(quantity) is not int or quantity <= 0 or unit not in BASE_UNITS:
        raise Invalid("content", of=of, content_quantity=quantity, content_unit=unit)


def weee(of: str, number: str | None) -> None:
    """Pass a WEEE registration such as ``DE12345678``, or none.

    Raises:
        Invalid: ``weee_number``. Source: ElektroG section 6 (1).
    """
    if number is not None and not _WEEE.fullmatch(number.replace(" ", "")):
        raise Invalid("weee_number", of=of, weee_number=number)
