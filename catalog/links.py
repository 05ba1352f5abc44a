"""What a basket needs and what fits it: curated links between items, with their reason in words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalog.models import DocumentLink, Item, ItemLink, Product
from catalog.views import GERMAN

NEEDS, FITS = "needs", "fits"


@dataclass(frozen=True)
class Suggestion:
    """An item worth offering, and why. Whether it is in stock is asked elsewhere.

    Exactly one of `source_sku` (the item that needs it) and `document` (the guide or film that says
    so) is set. `rank` counts from 0, best first, needs before fits.
    """

    sku: str
    kind: str
    reason_de: str
    reason_en: str
    source_sku: str | None
    document: str | None
    rank: int

    def reason(self, language: str) -> str:
        """Return the reason in `language`."""
        return self.reason_de if language == GERMAN else self.reason_en


def needs_and_fits(session: Session, skus: Collection[str]) -> list[Suggestion]:
    """Return what the goods of a basket need and what fits them, best first, with one query.

    An item is offered once, for its strongest reason: needed before fitting, asked for by an item
    before a document. Nothing is offered of which any variant is in the basket already.

    Args:
        session: any session.
        skus: what is in the basket.
    """
    if not skus:
        return []
    basket = set(skus)
    owned = select(Item.product).where(Item.sku.in_(basket))
    categories = select(Product.category).where(Product.slug.in_(owned))
    papers = select(DocumentLink.document).where(
        or_(DocumentLink.product.in_(owned), DocumentLink.category.in_(categories))
    )
    query = _links().where(
        or_(ItemLink.source.in_(basket), ItemLink.document.in_(papers)),
        Item.product.not_in(owned),
    )
    return _ranked(session.execute(query))


def of_item(session: Session, sku: str) -> list[Suggestion]:
    """Return what one item needs and what fits it, for its product page."""
    return needs_and_fits(session, [sku])


def of_document(session: Session, slug: str) -> list[Suggestion]:
    """Return what a guide or film says is needed, best first."""
    return _ranked(session.execute(_links().where(ItemLink.document == slug)))


def of_product(session: Session, slug: str) -> list[Suggestion]:
    """Return what any variant of a product needs and what fits it, its documents included."""
    skus = session.scalars(select(Item.sku).where(Item.product == slug)).all()
    return needs_and_fits(session, skus)


def meant_for(session: Session, slug: str, limit: int = 8) -> list[str]:
    """Return the slugs of the products that need this one, or that it fits, needs first."""
    own = select(Item.sku).where(Item.product == slug)
    source = aliased(Item)
    query = (
        select(source.product)
        .join(ItemLink, ItemLink.source == source.sku)
        .where(ItemLink.target.in_(own), source.product != slug, source.sellable)
        .group_by(source.product)
        .order_by(func.max(ItemLink.kind).desc(), func.min(ItemLink.rank), source.product)
        .limit(limit)
    )
    return list(session.scalars(query))


def _links() -> Select[*tuple[Any, ...]]:
    return select(
        ItemLink.target,
        ItemLink.kind,
        ItemLink.reason_de,
        ItemLink.reason_en,
        ItemLink.source,
        ItemLink.document,
        ItemLink.rank,
    ).join(Item, and_(Item.sku == ItemLink.target, Item.sellable))


def _ranked(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Suggestion]:
    best: dict[str, Row[*tuple[Any, ...]]] = {}
    for row in sorted(rows, key=_strength):
        best.setdefault(row.target, row)
    return [
        Suggestion(
            sku=row.target,
            kind=row.kind,
            reason_de=row.reason_de,
            reason_en=row.reason_en,
            source_sku=row.source,
            document=row.document,
            rank=rank,
        )
        for rank, row in enumerate(best.values())
    ]


def _strength(row: Row[*tuple[Any, ...]]) -> tuple[bool, bool, int, str, str]:
    origin = row.source or row.document
    return row.kind != NEEDS, row.source is None, row.rank, row.target, origin
