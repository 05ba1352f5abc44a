"""Reads what stands around the goods: makers, categories, links, documents, search words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo.catalog.goods import Product, Texts, by_id, products, tidy, variants
from demo.catalog.naming import LANGUAGES, table
from demo.catalog.naming import attribute_names as attribute_order


@dataclass(frozen=True)
class Shelf:
    """A category; `parent` is None for a department. `title` heads its page, or is empty.

    `facets`: how it can be narrowed down, in the fields of `catalog.facets.Facet`.
    """

    slug: str
    parent: str | None
    name: Texts
    title: Texts
    intro: Texts
    facets: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Link:
    """`target` is needed by (or fits) an item, or is asked for by a document."""

    kind: str
    source: str | None
    document: str | None
    target: str
    reason: Texts
    rank: int


@dataclass(frozen=True)
class Paper:
    """A document that belongs to shelves and products.

    `path` lies below the media folder; `topic` names the guide's text; `type_number` and `product`
    are set for manuals.
    """

    slug: str
    kind: str
    title: Texts
    summary: Texts
    language: str
    path: str
    seconds: int | None
    topic: str | None
    type_number: str | None
    categories: tuple[str, ...]
    products: tuple[str, ...]


def makers() -> dict[str, dict[str, str]]:
    """Return the makers by key: name, postal and electronic address (GPSR, article 19)."""
    return table("makers")


def shelves() -> list[Shelf]:
    """Return all categories, parents before children."""
    return [
        Shelf(
            slug=slug,
            parent=entry.get("parent"),
            name=tidy(entry["name"]),
            title=tidy(entry.get("title", dict.fromkeys(LANGUAGES, ""))),
            intro=tidy(entry["intro"]),
            facets=tuple(_facet(key) for key in entry.get("facets", ())),
        )
        for slug, entry in table("categories").items()
    ]


def attribute_names() -> list[dict[str, Any]]:
    """Return how every attribute is called and written, in the order in which families name them.

    How many pieces there are is said as content.
    """
    of_families = [name for family in table("families") for name in attribute_order(family)]
    keys = dict.fromkeys([*of_families, *table("labels")])
    return [_facet(key) for key in keys if key != "pieces" and key in table("labels")]


def _facet(key: str) -> dict[str, Any]:
    label = table("labels")[key]
    facet = {name: label[name] for name in ("de", "en", "unit", "divide") if name in label}
    values = _colours() if key == "colour" else label.get("values")
    return {"key": key, **facet, **({"values": values} if values else {})}


def _colours() -> dict[str, Texts]:
    groups = table("colours").values()
    return {key: tidy(colour) for group in groups for key, colour in group.items()}


def links() -> list[Link]:
    """Return every link between two SKUs, or a document and a SKU; products stand for all variants.

    Raises:
        ValueError: an end does not exist.
    """
    return [link for entry in table("links")["link"] for link in _spread(entry)]


def _spread(entry: dict[str, Any]) -> Iterable[Link]:
    document = entry.get("film") or entry.get("guide")
    sources = [None] if document else _skus(entry["from"])
    for source in sources:
        for rank, target in enumerate(_skus(entry["to"])):
            yield Link(entry["kind"], source, document, target, tidy(entry["reason"]), rank)


def _skus(names: Iterable[str]) -> list[str]:
    known, found = variants(), []
    for name in names:
        if name in known:
            found.append(name)
        elif name in by_id():
            found += [variant.sku for variant in by_id()[name].variants]
        else:
            raise ValueError(f"links.toml: {name!r} is no SKU and no product")
    return found


def papers() -> list[Paper]:
    """Return all documents: guides, tables and films as listed, then the manuals."""
    listed = [_listed(entry) for entry in table("documents")["document"]]
    english = set(table("documents")["manuals_in_english"])
    manuals = [_manual(product, "de") for product in products() if product.type_number]
    manuals += [_manual(product, "en") for product in products() if product.id in english]
    return listed + manuals


def _listed(entry: dict[str, Any]) -> Paper:
    return Paper(
        slug=entry["slug"],
        kind=entry["kind"],
        title=tidy(entry["title"]),
        summary=tidy(entry["summary"]),
        language="de",
        path=entry.get("path", f"documents/{entry['slug']}.pdf"),
        seconds=entry.get("seconds"),
        topic=entry.get("topic"),
        type_number=None,
        categories=tuple(entry["categories"]),
        products=tuple(entry["products"]),
    )


def _manual(product: Product, language: str) -> Paper:
    number = str(product.type_number)
    slug = f"{'anleitung' if language == 'de' else 'manual'}-{number.lower()}"
    in_english = " (English)" if language == "en" else " (in German)"
    return Paper(
        slug=slug,
        kind="manual",
        title={
            "de": f"Gebrauchsanleitung {number}" + (", englisch" if language == "en" else ""),
            "en": f"Manual {number}{in_english}",
        },
        summary={
            "de": f"{product.name['de']}: Sicherheit, Bedienung, Pflege, technische Daten.",
            "en": f"{product.name['en']}: safety, use, care, technical data.",
        },
        language=language,
        path=f"documents/{slug}.pdf",
        seconds=None,
        topic=None,
        type_number=number,
        categories=(),
        products=(product.id,),
    )


def landing_terms() -> dict[str, str]:
    """Return search terms and the category each of them opens."""
    shelves_of = table("search")["landing"]
    return {term: slug for slug, terms in shelves_of.items() for term in terms}


def synonyms() -> list[tuple[str, str, str]]:
    """Return (word, meaning, language); a search for the word also finds the meaning."""
    return [
        (word, meaning, language)
        for language, name in (("de", "synonyms"), ("en", "synonyms_en"))
        for word, said in table("search")[name].items()
        for meaning in said
    ]
