"""What gets into the catalog, and what stays out without leaving a trace."""

import pytest
from sqlalchemy import text

from catalog import products, publishing
from catalog.models import LandingTerm
from kit.errors import Invalid, KontorError, NotFound, Refused
from tests.catalog import shelf
from tests.catalog.shelf import MAKER

TABLES = ("categories", "products", "items", "documents", "document_links", "item_links",
          "landing_terms", "synonyms", "price_groups", "prices")  # fmt: skip


def photograph(session):
    """Return every row of the catalog."""
    return {
        table: session.execute(text(f"SELECT t::text FROM {table} t ORDER BY 1")).scalars().all()
        for table in TABLES
    }


def test_a_load_can_be_repeated(shop):
    before = photograph(shop)
    shelf.fill(shop)
    after = photograph(shop)
    # Links of documents are put anew, with new ids; nothing else differs.
    for table in ("document_links",):
        assert len(after.pop(table)) == len(before.pop(table)) == 3
    assert after == before


PRODUCT = {
    "category": "haken", "family": "hook", "name_de": "Neu", "name_en": "New", "text_de": "Text",
    "text_en": "Text", "brand": "Werk", "maker": MAKER,
}  # fmt: skip
ITEM = {"product": "rheinshad", "weight_grams": 40}
DOCUMENT = {"kind": "guide", "title_de": "Rat", "title_en": "Advice", "path": "documents/rat.pdf"}
REASON = {"reason_de": "passt", "reason_en": "fits"}


def maker(**changes):
    return {"maker": {**MAKER, **changes}}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name_en": " "}, "text_missing", "name_en"),
        ({"text_de": ""}, "text_missing", "text_de"),
        ({"safety_de": "Achtung"}, "text_missing", "safety_en"),
        (maker(name=""), "maker", "name"),
        (maker(address=" "), "maker", "address"),
        (maker(email=""), "maker", "email"),
        ({"weee_number": "12345678"}, "weee_number", None),
        ({"age_min": -1}, "age_min", None),
        ({"age_min": 99}, "age_min", None),
        ({"attributes": {"length_mm": 9.5}}, "attribute", None),
        ({"attributes": {"Länge": 9}}, "attribute", None),
        ({"attributes": {"species": []}}, "attribute", None),
        ({"attributes": {"species": ["zander", 3]}}, "attribute", None),
    ],
)
def test_a_product_with_wrong_facts_stays_out(shop, changes, code, field):
    before = photograph(shop)
    with pytest.raises(Invalid) as error:
        publishing.put_product(shop, "neu", **{**PRODUCT, **changes})
    assert error.value.code == code
    assert error.value.facts.get("field") == field
    assert photograph(shop) == before


@pytest.mark.parametrize("slug", ["", "Groß", "zwei wörter", "-neu", "a--b", "x" * 97, "a/b"])
def test_a_slug_is_lower_case_words_with_hyphens(shop, slug):
    with pytest.raises(Invalid) as error:
        publishing.put_product(shop, slug, **PRODUCT)
    assert error.value.code == "slug"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gtin": "4006381333932"}, "gtin"),
        ({"gtin": "123"}, "gtin"),
        ({"weight_grams": 0}, "weight_grams"),
        ({"weight_grams": 40.5}, "weight_grams"),
        ({"vat_basis_points": 1600}, "vat_basis_points"),
        ({"shipping_group": "post"}, "shipping_group"),
        ({"content_quantity": 5}, "content"),
        ({"content_quantity": 5, "content_unit": "Stück"}, "content"),
        ({"content_quantity": 0, "content_unit": "g"}, "content"),
        ({"variant_de": "rot"}, "text_missing"),
        ({"attributes": {"colour": None}}, "attribute"),
    ],
)
def test_an_item_with_wrong_facts_stays_out(shop, changes, code):
    before = photograph(shop)
    with pytest.raises(Invalid) as error:
        publishing.put_item(shop, "NEU-1", **{**ITEM, **changes})
    assert error.value.code == code
    assert photograph(shop) == before


@pytest.mark.parametrize("sku", ["", "A B", "-A", "Ä1", "x" * 65, "a/b"])
def test_an_article_number_can_be_printed_and_typed(shop, sku):
    with pytest.raises(Invalid) as error:
        publishing.put_item(shop, sku, **ITEM)
    assert error.value.code == "sku"


def test_a_gtin_belongs_to_one_item(shop):
    before = photograph(shop)
    with pytest.raises(Refused) as error:
        publishing.put_item(shop, "NEU-1", **ITEM, gtin="4006381333931")
    assert error.value.code == "gtin_taken"
    assert error.value.facts["owner"] == "OH-2-0"
    assert photograph(shop) == before


@pytest.mark.parametrize(
    ("put", "arguments", "facts", "code"),
    [
        (publishing.put_category, ["neu"], {"name_de": "Neu", "name_en": "New", "parent": "x"},
         "category"),
        (publishing.put_product, ["neu"], {**PRODUCT, "category": "x"}, "category"),
        (publishing.put_item, ["NEU-1"], {**ITEM, "product": "x"}, "product"),
        (publishing.put_document, ["neu"], {**DOCUMENT, "products": ["x"]}, "product"),
        (publishing.put_document, ["neu"], {**DOCUMENT, "categories": ["x"]}, "category"),
        (publishing.put_link, ["needs", "x"], {"source": "OH-2-0", **REASON}, "item"),
        (publishing.put_link, ["needs", "OH-2-0"], {"source": "x", **REASON}, "item"),
        (publishing.put_link, ["needs", "OH-2-0"], {"document": "x", **REASON}, "document"),
        (publishing.put_landing_term, ["neu", "x"], {}, "category"),
    ],
)  # fmt: skip
def test_what_something_belongs_to_has_to_exist(shop, put, arguments, facts, code):
    before = photograph(shop)
    with pytest.raises(NotFound) as error, shop.begin_nested():
        put(shop, *arguments, **facts)
    assert error.value.code == code
    assert photograph(shop) == before


@pytest.mark.parametrize(
    ("put", "arguments", "facts", "code"),
    [
        (publishing.put_category, ["neu"], {"name_de": "Neu", "name_en": ""}, "text_missing"),
        (publishing.put_category, ["neu"],
         {"name_de": "Neu", "name_en": "New", "facets": [{"key": "x", "de": "X"}]}, "facet"),
        (publishing.put_category, ["neu"],
         {"name_de": "Neu", "name_en": "New", "facets": [shelf.SIZE, shelf.SIZE]}, "facet"),
        (publishing.put_category, ["angeln"],
         {"name_de": "Angeln", "name_en": "Angling", "parent": "gummikoeder"}, "category_circle"),
        (publishing.put_category, ["angeln"],
         {"name_de": "Angeln", "name_en": "Angling", "parent": "angeln"}, "category_circle"),
        (publishing.put_document, ["neu"], {**DOCUMENT, "kind": "novel"}, "document_kind"),
        (publishing.put_document, ["neu"], {**DOCUMENT, "path": "/etc/passwd"}, "path"),
        (publishing.put_document, ["neu"], {**DOCUMENT, "path": "a/../../b"}, "path"),
        (publishing.put_document, ["neu"], {**DOCUMENT, "title_en": ""}, "text_missing"),
        (publishing.put_link, ["wants", "OH-2-0"], {"source": "RS70-RO", **REASON}, "link_kind"),
        (publishing.put_link, ["needs", "OH-2-0"], REASON, "link_origin"),
        (publishing.put_link, ["needs", "OH-2-0"], {"source": "OH-2-0", **REASON}, "link_origin"),
        (publishing.put_link, ["needs", "OH-2-0"],
         {"source": "RS70-RO", "document": "ratgeber-gummi", **REASON}, "link_origin"),
        (publishing.put_link, ["needs", "OH-2-0"],
         {"source": "RS70-RO", "reason_de": "passt", "reason_en": ""}, "text_missing"),
        (publishing.put_price_group, ["x"],
         {"name_de": "X", "name_en": "X", "discount_basis_points": 10_000},
         "discount_basis_points"),
        (publishing.put_price_group, ["standard"],
         {"name_de": "X", "name_en": "X", "discount_basis_points": 1}, "discount_basis_points"),
        (publishing.put_landing_term, ["—", "haken"], {}, "landing_term"),
        (publishing.put_synonym, ["gufi", "GuFi"], {}, "synonym"),
        (publishing.put_synonym, ["", "gufi"], {}, "synonym"),
    ],
)  # fmt: skip
def test_wrong_facts_of_everything_else_stay_out(shop, put, arguments, facts, code):
    before = photograph(shop)
    with pytest.raises(KontorError) as error, shop.begin_nested():
        put(shop, *arguments, **facts)
    assert error.value.code == code
    assert photograph(shop) == before


def test_names_and_landing_terms_lead_to_the_category(shop):
    terms = {row.term: row.category for row in shop.query(LandingTerm)}
    assert terms["gummikoeder"] == terms["softlures"] == terms["gummifisch"] == "gummikoeder"
    assert terms["kitchen"] == "kueche"


def test_an_item_can_be_changed_in_place(shop):
    publishing.put_item(shop, "OH-2-0", product="offset-haken", weight_grams=12, sellable=False)
    item = products.item(shop, "OH-2-0")
    assert (item.weight_grams, item.sellable, item.gtin, item.variant_de) == (12, False, None, "")
