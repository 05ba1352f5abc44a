"""Manuals, guides, tables, safety sheets and films: for a product, a category or a type number."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from catalog.categories import tree
from catalog.folding import code
from catalog.models import Document, DocumentLink, Item, Product
from catalog.views import DocumentView
from kit.errors import NotFound

# What helps first comes first.
_KINDS = {"manual": 0, "safety": 1, "guide": 2, "film": 3, "table": 4}


def _view(row: Document) -> DocumentView:
    return DocumentView(**{name: getattr(row, name) for name in DocumentView.__dataclass_fields__})


def _found(session: Session, condition: ColumnElement[bool]) -> list[DocumentView]:
    kind = case(_KINDS, value=Document.kind)
    query = select(Document).where(condition).order_by(kind, Document.position, Document.slug)
    return [_view(row) for row in session.scalars(query)]


def by_slug(session: Session, slug: str) -> DocumentView:
    """Return a document.

    Raises:
        NotFound: ``document``.
    """
    row = session.get(Document, slug)
    if row is None:
        raise NotFound("document", slug=slug)
    return _view(row)


def by_slugs(session: Session, slugs: Sequence[str]) -> list[DocumentView]:
    """Return documents in the order of `slugs`, with one query; unknown ones are left out."""
    if not slugs:
        return []
    found = {view.slug: view for view in _found(session, Document.slug.in_(set(slugs)))}
    return [found[slug] for slug in slugs if slug in found]


def for_product(session: Session, slug: str) -> list[DocumentView]:
    """Return the documents of a product: linked to it, or of its type number; manuals first."""
    linked = select(DocumentLink.document).where(DocumentLink.product == slug)
    number = select(Product.type_number).where(Product.slug == slug).scalar_subquery()
    return _found(session, or_(Document.slug.in_(linked), Document.type_number == number))


def for_category(session: Session, slug: str) -> list[DocumentView]:
    """Return the documents of a category and of the categories below it, its own first.

    Raises:
        NotFound: ``category``.
    """
    shelves = tree(session).subtree(slug)
    own = func.bool_or(DocumentLink.category == slug)
    query = (
        select(Document)
        .join(DocumentLink, DocumentLink.document == Document.slug)
        .where(DocumentLink.category.in_(shelves))
        .group_by(Document.slug)
        .order_by(own.desc(), case(_KINDS, value=Document.kind), Document.position, Document.slug)
    )
    return [_view(row) for row in session.scalars(query)]


def products_of(session: Session, slug: str) -> list[str]:
    """Return the slugs of the products a document belongs to, for the way back into the shop."""
    linked = select(DocumentLink.product).where(
        DocumentLink.document == slug, DocumentLink.product.is_not(None)
    )
    query = (
        select(Product.slug)
        .where(Product.slug.in_(linked))
        .order_by(Product.position, Product.slug)
    )
    return list(session.scalars(query))


def categories_of(session: Session, slug: str) -> list[str]:
    """Return the slugs of the categories a document belongs to."""
    query = select(DocumentLink.category).where(
        DocumentLink.document == slug, DocumentLink.category.is_not(None)
    )
    return sorted(category for category in session.scalars(query) if category is not None)


def by_type_number(session: Session, text: str) -> list[DocumentView]:
    """Return the documents behind a type number, SKU or GTIN as somebody types it.

    Args:
        session: any session.
        text: ``KM-1200 S``, ``km1200s``, ``4006381333931``: case, blanks and hyphens do not matter.

    Returns:
        Manuals first; empty where nothing is known of that number.
    """
    typed = code(text)
    if not typed:
        return []
    bare = r"[^a-z0-9]"
    owner = select(Item.product).where(
        or_(
            func.regexp_replace(func.lower(Item.sku), bare, "", "g") == typed,
            Item.gtin == typed.zfill(14),
        )
    )
    device = select(Product.slug).where(
        func.regexp_replace(func.lower(Product.type_number), bare, "", "g") == typed
    )
    linked = select(DocumentLink.document).where(
        or_(DocumentLink.product.in_(owner), DocumentLink.product.in_(device))
    )
    number = func.regexp_replace(func.lower(Document.type_number), bare, "", "g")
    return _found(session, or_(number == typed, Document.slug.in_(linked)))
