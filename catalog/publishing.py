"""Put categories, products, items, documents and links into the catalog: checked, then upserted.

Each call replaces what was there under the same key, so that a load can be repeated. Prices are not
replaced but added (`pricing.set_price`). After a load, `search.reindex` makes it findable.
"""

from collections.abc import Collection, Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog import checks, release
from catalog.categories import tree
from catalog.folding import compact, fold
from catalog.models import (
    Category,
    Document,
    DocumentLink,
    Item,
    ItemLink,
    LandingTerm,
    PriceGroup,
    Product,
    Synonym,
)
from catalog.products import normal_gtin
from kit.database import Row
from kit.errors import Invalid, NotFound, Refused

DOCUMENT_KINDS = ("manual", "guide", "table", "safety", "film")
LINK_KINDS = ("needs", "fits")
MAX_AGE = 21


class CategoryFacts(TypedDict):
    """A category; `facets` as in `catalog.facets.Facet`, `landing`: terms that lead to it."""

    name_de: str
    name_en: str
    parent: NotRequired[str | None]
    title_de: NotRequired[str]
    title_en: NotRequired[str]
    intro_de: NotRequired[str]
    intro_en: NotRequired[str]
    position: NotRequired[int]
    facets: NotRequired[list[dict[str, Any]]]
    landing: NotRequired[Collection[str]]


class ProductFacts(TypedDict):
    """A product; `maker` holds ``name``, ``address``, ``email`` or ``url``, and ``country``.

    For a country outside the EU also ``eu_name``, ``eu_address``, ``eu_email`` or ``eu_url``.
    """

    category: str
    family: str
    name_de: str
    name_en: str
    text_de: str
    text_en: str
    brand: str
    maker: Mapping[str, str]
    attributes: NotRequired[Mapping[str, str | int | list[str]]]
    type_number: NotRequired[str | None]
    safety_de: NotRequired[str]
    safety_en: NotRequired[str]
    age_min: NotRequired[int]
    weee_number: NotRequired[str | None]
    position: NotRequired[int]
    keywords: NotRequired[str]
    series: NotRequired[str | None]
    electrical: NotRequired[bool]
    batteries: NotRequired[bool]
    battery_number: NotRequired[str | None]
    weapon_class: NotRequired[str]
    no_warning: NotRequired[str]
    eco_proof: NotRequired[str]
    guarantee: NotRequired[Mapping[str, Any]]


class ItemFacts(TypedDict):
    """An item; `content_quantity` of `content_unit` (g, kg, ml, l, mm, cm, m, piece) is in it."""

    product: str
    weight_grams: int
    gtin: NotRequired[str | None]
    variant_de: NotRequired[str]
    variant_en: NotRequired[str]
    attributes: NotRequired[Mapping[str, str | int | list[str]]]
    vat_basis_points: NotRequired[int]
    shipping_group: NotRequired[str]
    content_quantity: NotRequired[int | None]
    content_unit: NotRequired[str | None]
    position: NotRequired[int]
    sellable: NotRequired[bool]
    picture: NotRequired[str | None]
    pictures: NotRequired[list[dict[str, str]]]
    length_mm: NotRequired[int | None]
    width_mm: NotRequired[int | None]
    height_mm: NotRequired[int | None]


class DocumentFacts(TypedDict):
    """A document; `products` and `categories` are all it belongs to, `path` is below media."""

    kind: str
    title_de: str
    title_en: str
    path: str
    summary_de: NotRequired[str]
    summary_en: NotRequired[str]
    language: NotRequired[str]
    pages: NotRequired[int | None]
    seconds: NotRequired[int | None]
    bytes: NotRequired[int]
    type_number: NotRequired[str | None]
    facts: NotRequired[Mapping[str, Any]]
    position: NotRequired[int]
    products: NotRequired[Collection[str]]
    categories: NotRequired[Collection[str]]


def put_category(session: Session, slug: str, **facts: Unpack[CategoryFacts]) -> None:
    """Put a category; its names and `landing` terms lead the search to its page.

    Raises:
        Invalid: ``slug``, ``text_missing``, ``facet``, or ``category_circle``.
        NotFound: ``category``: the parent.
    """
    checks.slug(slug)
    checks.texts(slug, facts, "name")
    checks.texts(slug, facts, "title", "intro", required=False)
    parent = facts.get("parent")
    if parent is not None:
        _must_exist(session, Category, parent)
        if slug in {above.slug for above in tree(session).path(parent)}:
            raise Invalid("category_circle", slug=slug, parent=parent)
    declared = facts.get("facets", [])
    checks.facets(slug, declared)
    # PostgreSQL sorts the keys of JSON objects: values go in as pairs to keep their order.
    stored = [{**one, "values": list(one.get("values", {}).items())} for one in declared]
    terms = (facts["name_de"], facts["name_en"], *facts.get("landing", ()))
    values: dict[str, Any] = {
        "parent": None, "title_de": "", "title_en": "", "intro_de": "", "intro_en": "",
        "position": 0, **facts, "facets": stored,
    }  # fmt: skip
    values.pop("landing", None)
    _upsert(session, Category, {"slug": slug}, values)
    for term in terms:
        put_landing_term(session, term, slug)


def put_product(
    session: Session, slug: str, *, draft: bool = False, **facts: Unpack[ProductFacts]
) -> None:
    """Put a product; it is on sale once it has items with prices.

    Args:
        session: an open transaction.
        slug: its name in addresses.
        draft: True keeps a new one off sale until `release.publish`, and lets it be incomplete;
            one that is on sale stays so.
        facts: see `ProductFacts`; left out ones are put back to nothing.

    Raises:
        Invalid: ``slug``, ``text_missing``, ``attribute``, ``age_min`` or ``weee_number``; what is
            put on sale: ``maker`` (GPSR), or ``not_publishable`` with what it lacks.
        NotFound: ``category``.
    """
    checks.slug(slug)
    checks.texts(slug, facts, "name", "text")
    checks.texts(slug, facts, "safety", required=False)
    checks.weee(slug, facts.get("weee_number"))
    values: dict[str, Any] = {
        "attributes": {}, "type_number": None, "safety_de": "", "safety_en": "", "age_min": 0,
        "weee_number": None, "position": 0, "keywords": "", "series": None, "electrical": False,
        "batteries": False, "battery_number": None, "weapon_class": "none", "no_warning": "",
        "eco_proof": "", "guarantee": {}, **facts,
    }  # fmt: skip
    checks.attributes(slug, values["attributes"])
    if not 0 <= values["age_min"] <= MAX_AGE:
        raise Invalid("age_min", of=slug, age_min=values["age_min"])
    if not draft:
        checks.maker(slug, facts["maker"])
        lacking = [gap.code for gap in release.of_product(values)]
        if lacking:
            raise Invalid("not_publishable", slug=slug, gaps=lacking)
    _must_exist(session, Category, facts["category"])
    for name in ("maker", "attributes", "guarantee"):
        values[name] = dict(values[name])
    put = insert(Product).values(slug=slug, state="draft" if draft else "published", **values)
    changed = values if draft else {**values, "state": "published"}
    session.execute(put.on_conflict_do_update(index_elements=["slug"], set_=changed))


def put_item(session: Session, sku: str, **facts: Unpack[ItemFacts]) -> None:
    """Put an item of a product.

    Args:
        session: an open transaction.
        sku: the article number.
        facts: `gtin` with 8, 12, 13 or 14 digits, stored with 14.

    Raises:
        Invalid: ``sku``, ``gtin``, ``text_missing``, ``weight_grams``, ``vat_basis_points``,
            ``shipping_group``, ``content``, ``size`` or ``attribute``.
        NotFound: ``product``.
        Refused: ``gtin_taken`` by another item.
    """
    checks.sku(sku)
    checks.texts(sku, facts, "variant", required=False)
    values: dict[str, Any] = {
        "gtin": None, "variant_de": "", "variant_en": "", "attributes": {}, "position": 0,
        "vat_basis_points": 1900, "shipping_group": "std", "content_quantity": None,
        "content_unit": None, "sellable": True, "picture": None, "pictures": [],
        "length_mm": None, "width_mm": None, "height_mm": None, **facts,
    }  # fmt: skip
    checks.goods(sku, values)
    checks.attributes(sku, values["attributes"])
    values["attributes"] = dict(values["attributes"])
    _must_exist(session, Product, facts["product"])
    if values["gtin"] is not None:
        values["gtin"] = normal_gtin(values["gtin"])
        taken = select(Item.sku).where(Item.gtin == values["gtin"], Item.sku != sku)
        owner = session.scalar(taken)
        if owner is not None:
            raise Refused("gtin_taken", gtin=values["gtin"], sku=sku, owner=owner)
    _upsert(session, Item, {"sku": sku}, values)


def put_price_group(
    session: Session, code: str, *, name_de: str, name_en: str, discount_basis_points: int
) -> None:
    """Put a price group; its discount (500 = 5 %) comes off every unit.

    Raises:
        Invalid: ``text_missing`` or ``discount_basis_points`` (0 to 9,999; ``standard`` has none).
    """
    names = {"name_de": name_de, "name_en": name_en}
    checks.texts(code, names, "name")
    limit = 0 if code == "standard" else 9_999
    if not 0 <= discount_basis_points <= limit:
        raise Invalid("discount_basis_points", of=code, discount_basis_points=discount_basis_points)
    values = {**names, "discount_basis_points": discount_basis_points}
    _upsert(session, PriceGroup, {"code": code}, values)


def put_document(session: Session, slug: str, **facts: Unpack[DocumentFacts]) -> None:
    """Put a document and say what it belongs to; earlier belongings are replaced.

    Raises:
        Invalid: ``slug``, ``text_missing``, ``document_kind`` or ``path``.
        NotFound: ``product`` or ``category``.
    """
    checks.slug(slug)
    checks.texts(slug, facts, "title")
    checks.texts(slug, facts, "summary", required=False)
    if facts["kind"] not in DOCUMENT_KINDS:
        raise Invalid("document_kind", of=slug, kind=facts["kind"])
    if not facts["path"] or facts["path"].startswith("/") or ".." in facts["path"].split("/"):
        raise Invalid("path", of=slug, path=facts["path"])
    values: dict[str, Any] = {
        "summary_de": "", "summary_en": "", "language": "de", "pages": None, "seconds": None,
        "bytes": 0, "type_number": None, "position": 0, **facts,
        "facts": dict(facts.get("facts", {})),
    }  # fmt: skip
    targets = {"product": values.pop("products", ()), "category": values.pop("categories", ())}
    _upsert(session, Document, {"slug": slug}, values)
    session.execute(delete(DocumentLink).where(DocumentLink.document == slug))
    for kind, row in (("product", Product), ("category", Category)):
        for target in targets[kind]:
            _must_exist(session, row, target)
            session.execute(insert(DocumentLink).values(document=slug, **{kind: target}))


def put_link(
    session: Session,
    kind: str,
    target: str,
    *,
    reason_de: str,
    reason_en: str,
    source: str | None = None,
    document: str | None = None,
    rank: int = 0,
) -> None:
    """Say that an item, or what a document is about, needs or fits another item, and why.

    Args:
        session: an open transaction.
        kind: ``needs`` or ``fits``.
        target: the SKU to offer.
        reason_de: a short sentence for the shopper.
        reason_en: the same in English.
        source: the SKU that needs it; exactly one of `source` and `document`.
        document: the slug of the guide or film that says so.
        rank: 0 comes first.

    Raises:
        Invalid: ``link_kind``, ``link_origin`` or ``text_missing``.
        NotFound: ``item`` or ``document``.
    """
    if kind not in LINK_KINDS:
        raise Invalid("link_kind", kind=kind)
    if (source is None) == (document is None) or source == target:
        raise Invalid("link_origin", source=source, document=document, target=target)
    reasons = {"reason_de": reason_de, "reason_en": reason_en}
    checks.texts(f"{source or document} → {target}", reasons, "reason")
    _must_exist(session, Item, target)
    if source is not None:
        _must_exist(session, Item, source)
    if document is not None:
        _must_exist(session, Document, document)
    key = {"source": source, "document": document, "target": target}
    _upsert(session, ItemLink, key, {"kind": kind, "rank": rank, **reasons})


def put_landing_term(session: Session, term: str, category: str) -> None:
    """Have a search term lead to a category page; blanks, case and umlauts do not matter.

    Raises:
        Invalid: ``landing_term``: nothing is left of it.
        NotFound: ``category``.
    """
    folded = compact(term)
    if not folded:
        raise Invalid("landing_term", term=term)
    _must_exist(session, Category, category)
    _upsert(session, LandingTerm, {"term": folded}, {"category": category})


def put_synonym(session: Session, word: str, meaning: str, *, language: str = "de") -> None:
    """Have a word find what another word, or several together, find; one direction only.

    People do it with `catalog.synonyms`, which keeps a history; this is for loading a shop.

    Raises:
        Invalid: ``synonym``: one of them is empty, or both are the same.
    """
    pair = {"word": compact(word), "meaning": fold(meaning)}
    if not all(pair.values()) or pair["word"] == pair["meaning"]:
        raise Invalid("synonym", word=word, meaning=meaning)
    put = insert(Synonym).values(**pair, language=language)
    session.execute(put.on_conflict_do_nothing())


_CODES = {Category: "category", Product: "product", Item: "item", Document: "document"}


def _must_exist(session: Session, row: type[Row], key: str) -> None:
    # Asked of the database, not of the session: upserts pass it by.
    column = next(iter(row.__table__.primary_key))
    if session.scalar(select(column).where(column == key)) is None:
        raise NotFound(_CODES[row], **{column.name: key})


def _upsert(
    session: Session, row: type[Row], key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    put = insert(row).values(**key, **values)
    session.execute(put.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
