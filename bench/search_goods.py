"""A large shop for the search: the demo's goods, multiplied by makers' series and type numbers.

Every copy keeps the words of its original (a kitchen knife stays a kitchen knife) and gets a series
(`Torvik`), a type number (`TOR-417`), SKUs and GTINs of its own; whoever has a manual gets one too.
"""

import random
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.workflows import findable
from catalog import indexing
from demo import places, shelving
from kit import clock

Say = Callable[[str], None]
_FIRST = [
    "Bel",
    "Cor",
    "Dal",
    "Fen",
    "Gar",
    "Hal",
    "Jor",
    "Kel",
    "Lum",
    "Mor",
    "Nor",
    "Osk",
    "Per",
    "Quin",
    "Ral",
    "Sel",
    "Tor",
    "Ulm",
    "Vel",
    "Wes",
]
_SECOND = [
    "an",
    "ar",
    "ek",
    "en",
    "il",
    "in",
    "ir",
    "ol",
    "on",
    "or",
    "ul",
    "un",
    "yr",
    "as",
    "et",
    "im",
]
_THIRD = ["do", "ga", "ka", "la", "ma", "na", "ra", "sa", "ta", "va", "wi", "xo"]
_PRODUCTS = """
    INSERT INTO products (slug, category, family, name_de, name_en, text_de, text_en, brand,
        type_number, maker, safety_de, safety_en, age_min, weee_number, attributes, position,
        keywords)
    SELECT slug || '-' || n, category, family, copies.series || ' ' || name_de,
        copies.series || ' ' || name_en,
        text_de, text_en, brand, upper(left(copies.series, 3)) || '-' || (n * 7 + position % 1000),
        maker, safety_de, safety_en, age_min, weee_number, attributes, position + n * 1000, keywords
    FROM products CROSS JOIN copies
"""
_ITEMS = """
    INSERT INTO items (sku, product, gtin, variant_de, variant_en, weight_grams, vat_basis_points,
        shipping_group, content_quantity, content_unit, attributes, position, sellable, picture)
    SELECT sku || '-' || n, product || '-' || n,
        lpad((20000000000000 + n * 100000 + row_number() OVER (PARTITION BY n ORDER BY sku))::text,
            14, '0'),
        variant_de, variant_en, weight_grams, vat_basis_points, shipping_group, content_quantity,
        content_unit, attributes, position, sellable, picture
    FROM items CROSS JOIN copies
"""
_PRICES = """
    INSERT INTO prices (sku, amount_minor, valid_from, reduced)
    SELECT sku || '-' || n, amount_minor + n % 50, valid_from, reduced
    FROM prices CROSS JOIN copies
"""
_MANUALS = """
    INSERT INTO documents (slug, kind, title_de, title_en, summary_de, summary_en, language, path,
        pages, seconds, bytes, type_number, facts, position)
    SELECT paper.slug || '-' || n, paper.kind, 'Gebrauchsanleitung ' || product.type_number,
        'Manual ' || product.type_number, paper.summary_de, paper.summary_en, paper.language,
        paper.path, paper.pages, paper.seconds, paper.bytes, product.type_number, paper.facts,
        paper.position + n
    FROM documents AS paper CROSS JOIN copies
    JOIN document_links AS link ON link.document = paper.slug
    JOIN products AS product ON product.slug = link.product || '-' || n
    WHERE paper.kind = 'manual'
"""
_LINKS = """
    INSERT INTO document_links (id, document, product)
    SELECT gen_random_uuid(), link.document || '-' || n, link.product || '-' || n
    FROM document_links AS link CROSS JOIN copies
    JOIN documents AS paper ON paper.slug = link.document || '-' || n
    WHERE link.product IS NOT NULL
"""


def series(count: int, seed: int) -> list[str]:
    """Return so many names that no word of the shop looks like."""
    every = [a + b + c for a in _FIRST for b in _SECOND for c in _THIRD]
    return random.Random(seed).sample(every, count)


def put_demo(session: Session) -> None:
    """Put the demo shop's shelves, goods, papers and stores, findable."""
    shelving.put_shelves(session)
    shelving.put_goods(session, clock.now(), lambda sku: f"pictures/{sku}.svg")
    shelving.put_papers(session, [])
    indexing.reindex(session)
    places.put_all(session)
    findable.put_pages(session)


def multiply(session: Session, skus: int, seed: int) -> int:
    """Copy the goods until there are at least so many SKUs; return how many there are."""
    base = int(session.scalar(text("SELECT count(*) FROM items")) or 0)
    count = -(-(skus - base) // base)
    session.execute(text("CREATE TEMP TABLE copies (n integer PRIMARY KEY, series text)"))
    names = [{"n": n, "series": name} for n, name in enumerate(series(count, seed), start=1)]
    session.execute(text("INSERT INTO copies VALUES (:n, :series)"), names)
    prices = _PRICES  # before the items are copied, all prices are originals
    for statement in (_PRODUCTS, _ITEMS, prices, _MANUALS, _LINKS):
        session.execute(text(statement))
    session.execute(text("DROP TABLE copies"))
    return int(session.scalar(text("SELECT count(*) FROM items")) or 0)
