"""Puts the catalog's TOML files into the shop: shelves, goods, prices, links, papers, words."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalog import attributes, pricing, publishing
from catalog.facets import Facet
from demo.catalog import packing, shelves
from demo.catalog.goods import Product, Variant, products
from demo.catalog.naming import LANGUAGES
from demo.documents.press import Printed
from demo.film.captions import NAME as FILM
from demo.film.script import starts

Texts = dict[str, str]
NO_WARNING = "Gefährdungsbeurteilung Oktober 2026: keine Warnhinweise erforderlich."
# Close-ups beside the whole picture: what is seen, in words.
DETAILS = {
    "nah": {"de": "von Nahem", "en": "close up"},
    "ende": {"de": "das andere Ende", "en": "the other end"},
}


def detail_of(picture: str, name: str) -> str:
    """Return the path of a close-up beside the path of the whole picture."""
    return picture.replace(".svg", f"-{name}.svg")


def _both(**texts: Texts) -> dict[str, Any]:
    """Return ``name_de``, ``name_en`` and so on."""
    return {f"{name}_{lang}": text[lang] for name, text in texts.items() for lang in LANGUAGES}


def put_shelves(session: Session) -> int:
    """Put the categories with their facets and landing terms; return how many."""
    terms = shelves.landing_terms()
    every = shelves.shelves()
    for position, shelf in enumerate(every):
        publishing.put_category(
            session,
            shelf.slug,
            parent=shelf.parent,
            position=position,
            facets=list(shelf.facets),
            landing=[term for term, slug in terms.items() if slug == shelf.slug],
            **_both(name=shelf.name, title=shelf.title, intro=shelf.intro),
        )
    for position, named in enumerate(shelves.attribute_names()):
        attributes.put(session, Facet(**named), position=position)
    for word, meaning, language in shelves.synonyms():
        publishing.put_synonym(session, word, meaning, language=language)
    return len(every)


def put_goods(session: Session, start: datetime, picture_of: Callable[[str], str]) -> int:
    """Put products, items and prices; return how many SKUs.

    Args:
        session: an open transaction.
        start: the instant from which the price histories count back.
        picture_of: path of a SKU's picture below the media folder.
    """
    count = 0
    for position, product in enumerate(products()):
        _put_product(session, product, position)
        for place, variant in enumerate(product.variants):
            _put_item(session, product, variant, place, picture_of(variant.sku))
            _put_prices(session, variant, start)
            count += 1
    return count


def _put_product(session: Session, product: Product, position: int) -> None:
    maker = shelves.makers()[product.maker]
    publishing.put_product(
        session,
        product.id,
        category=product.category,
        family=product.family,
        brand=maker["brand"],
        maker=_maker(maker),
        attributes=product.shared,
        type_number=product.type_number,
        age_min=product.age_min,
        weee_number=maker["weee"] if product.electrical else None,
        electrical=product.electrical,
        batteries=product.batteries,
        battery_number=maker["battery"] if product.batteries else None,
        series=product.series,
        guarantee=product.guarantee,
        no_warning="" if product.safety["de"] else NO_WARNING,
        position=position,
        **_both(name=product.name, text=product.text, safety=product.safety),
    )


def _maker(maker: Texts) -> Texts:
    said = {
        "name": maker["name"],
        "address": maker["postal"],
        "email": maker["electronic"],
        "country": maker["country"],
    }
    if "eu_name" in maker:
        # A maker outside the EU: the responsible person inside it is named too (GPSR, article 16).
        inside = {"name": "eu_name", "address": "eu_postal", "email": "eu_electronic"}
        said |= {f"eu_{name}": maker[key] for name, key in inside.items()}
    return said


def _put_item(
    session: Session, product: Product, variant: Variant, place: int, picture: str
) -> None:
    quantity, unit = variant.content or (None, None)
    sides = packing.size(product.family, variant.attributes, variant.weight_grams)
    publishing.put_item(
        session,
        variant.sku,
        product=product.id,
        gtin=variant.gtin,
        weight_grams=variant.weight_grams,
        vat_basis_points=product.vat_basis_points,
        shipping_group=product.shipping_group,
        content_quantity=quantity,
        content_unit=unit,
        attributes=variant.telling,
        position=place,
        picture=picture,
        pictures=[{"path": detail_of(picture, name), **words} for name, words in DETAILS.items()],
        length_mm=sides[0],
        width_mm=sides[1],
        height_mm=sides[2],
        **_both(variant=variant.name),
    )


def _put_prices(session: Session, variant: Variant, start: datetime) -> None:
    """Write the price history once; later, only what has changed since."""
    known = pricing.history(session, variant.sku)
    if known:
        if known[-1].amount_minor != variant.price:
            pricing.set_price(session, variant.sku, variant.price, start)
        return
    before = None
    for days_ago, cents in variant.prices:
        since = start - timedelta(days=days_ago)
        reduced = before is not None and cents < before
        pricing.set_price(session, variant.sku, cents, since, reduced=reduced)
        before = cents


def put_links(session: Session) -> int:
    """Put what needs and fits what; return how many links."""
    every = shelves.links()
    for link in every:
        publishing.put_link(
            session,
            link.kind,
            link.target,
            source=link.source,
            document=link.document,
            rank=link.rank,
            **_both(reason=link.reason),
        )
    return len(every)


def put_papers(session: Session, printed: Iterable[Printed]) -> int:
    """Put guides, manuals and films with their pages and sizes; return how many."""
    files = {sheet.paper.slug: sheet for sheet in printed}
    every = shelves.papers()
    for position, paper in enumerate(every):
        sheet = files.get(paper.slug)
        publishing.put_document(
            session,
            paper.slug,
            kind=paper.kind,
            language=paper.language,
            path=paper.path,
            pages=sheet.pages if sheet else None,
            bytes=sheet.size if sheet else 0,
            seconds=paper.seconds,
            type_number=paper.type_number,
            facts=film_facts() if paper.kind == "film" else {},
            position=position,
            products=paper.products,
            categories=paper.categories,
            **_both(title=paper.title, summary=paper.summary),
        )
    return len(every)


def film_facts() -> dict[str, Any]:
    """Return what the player needs beside the film: poster, captions, chapters."""
    return {
        "poster": f"film/{FILM}.webp",
        "webm": f"film/{FILM}.webm",
        "captions": {language: f"film/{FILM}.{language}.vtt" for language in LANGUAGES},
        "chapters": [
            {"at": int(at), "de": chapter.de, "en": chapter.en} for at, chapter in starts()
        ],
    }
