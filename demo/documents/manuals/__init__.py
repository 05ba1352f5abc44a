"""The words of the manuals: one table per goods family and language, put together per appliance."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from demo.catalog.goods import Product
from demo.catalog.naming import attribute_names, said, table
from demo.catalog.shelves import Paper

HERE = Path(__file__).parent
FILES = {"de": ("de_machines", "de_kitchen"), "en": ("en",)}
# Said in the technical data beside the attributes of the family.
_TYPE = {"de": "Typ", "en": "Type"}
_WEIGHT = {"de": "Gewicht mit Verpackung", "en": "Weight with packaging"}
_MAINS = {"de": ("Anschluss", "220–240 V, 50/60 Hz"), "en": ("Mains", "220–240 V, 50/60 Hz")}
_CELLS = {"de": ("Stromquelle", "siehe Teile"), "en": ("Power", "see parts")}
_FIRE = {"de": ("Betrieb", "nur im Freien"), "en": ("Operation", "outdoors only")}
_SUPPLY = {"mains": _MAINS, "battery": _CELLS, "fire": _FIRE}


@cache
def _texts(language: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in FILES[language]:
        merged |= tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
    return merged


@cache
def _common(language: str) -> dict[str, Any]:
    common: dict[str, dict[str, Any]] = tomllib.loads((HERE / "_common.toml").read_text("utf-8"))
    return common[language]


def families(language: str) -> frozenset[str]:
    """Return the goods families that have a manual in a language."""
    return frozenset(_texts(language))


def _meant(text: str, kind: str) -> str | None:
    """Return the text, without its mark, if it is meant for this kind of appliance."""
    only, bar, rest = text.partition("|")
    if not bar:
        return text
    return rest if only == kind else None


def _lines(texts: list[str], kind: str) -> list[str]:
    return [line for text in texts if (line := _meant(text, kind)) is not None]


def _use(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [
        {"title": title, "steps": _lines(entry["steps"], kind)}
        for entry in entries
        if (title := _meant(entry["title"], kind)) is not None
    ]


def _faults(rows: list[list[str]], kind: str) -> list[list[str]]:
    return [[seen, remedy] for fault, remedy in rows if (seen := _meant(fault, kind)) is not None]


def _data(product: Product, rules: str, language: str) -> list[list[str]]:
    first = product.variants[0]
    rows = [[_TYPE[language], str(product.type_number)]]
    for name in attribute_names(product.family):
        if name in {"colour", "kind"}:
            continue
        heading = table("labels")[name][language]
        rows.append([heading, said(product.family, name, first.attributes[name], language)])
    rows.append(list(_SUPPLY[rules][language]))
    kilos = f"{first.weight_grams / 1000:.1f} kg"
    rows.append([_WEIGHT[language], kilos.replace(".", ",") if language == "de" else kilos])
    return rows


def content(product: Product, paper: Paper) -> dict[str, Any]:
    """Return what `manual.typ` sets: the words of the family with this appliance's data.

    Raises:
        KeyError: nobody has written a manual for the family in the paper's language.
    """
    language = paper.language
    words, own = _common(language), _texts(language)[product.family]
    kind = str(product.variants[0].attributes.get("kind", ""))
    maker = table("makers")[product.maker]
    disposal = words["disposal"]["electrical" if "weee" in maker else "plain"]
    facts = {"weee": maker.get("weee", ""), "type": product.type_number}
    return {
        "language": language,
        "title": f"{words['words']['kind']} {product.type_number}",
        "type": product.type_number,
        "name": product.name[language],
        "maker": maker,
        "words": words["words"],
        "safety": product.safety[language],
        "rules": words["rules"][own["rules"]],
        "parts": _lines(own["parts"], kind),
        "first_use": _lines(own["first_use"], kind),
        "use": _use(own["use"], kind),
        "tip": " ".join(_lines(own["tips"], kind)),
        "care": _lines(own["care"], kind),
        "faults": _faults(own["faults"], kind),
        "data": _data(product, own["rules"], language),
        "disposal": disposal.format(**facts),
        "guarantee": words["guarantee"]["text"],
        "service": words["service"]["text"].format(**facts),
    }
