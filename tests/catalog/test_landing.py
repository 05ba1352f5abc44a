"""Pages for a theme and the terms that lead there; attributes with names; siblings; price spans."""

import pytest

from catalog import attributes, landing, links, listings, products, publishing
from catalog.facets import STOCK, Facet
from catalog.landing import Page
from catalog.listings import InStock
from kit.errors import Invalid, NotFound, Refused
from tests.catalog import shelf

WINTER = Page(
    "winter", "Winterzander", "Winter zander", category="gummikoeder",
    facets={"species": ["zander"]}, products=("offset-haken",), terms=("Zander im Winter",),
)  # fmt: skip


def test_a_term_leads_to_its_page_whatever_its_blanks_case_and_slips(shop):
    landing.put(shop, WINTER, actor="Ute")
    for typed in ("zander im winter", "ZanderWinter", "zander  im wintr"):
        assert landing.opens(shop, typed) == "winter", typed
    for typed in ("winter", "Anleitung Zander im Winter", "haken"):
        assert landing.opens(shop, typed) is None, typed
    page = landing.by_slug(shop, "winter")
    assert (page.terms, page.changed_by, page.facets) == (
        ("Zander im Winter",), "Ute", {"species": ["zander"]},
    )  # fmt: skip


def test_a_page_that_is_not_shown_is_not_led_to_and_a_removed_one_frees_its_terms(shop):
    landing.put(shop, Page(**{**vars(WINTER), "shown": False}), actor="Ute")
    assert landing.opens(shop, "zander im winter") is None
    assert landing.listed(shop, shown_only=True) == []
    landing.remove(shop, "winter")
    assert landing.listed(shop) == []
    other = Page("tief", "Tief", "Deep", category="haken", terms=("Zander im Winter",))
    landing.put(shop, other, actor="Ute")
    assert landing.opens(shop, "zander im winter") == "tief"
    with pytest.raises(NotFound):
        landing.remove(shop, "winter")


WRONG = (
    ({"title_en": ""}, Invalid, "text_missing"),
    ({"slug": "Winter Seite"}, Invalid, "slug"),
    ({"category": None, "products": ()}, Invalid, "landing_page"),
    ({"category": "nirgends"}, NotFound, "category"),
    ({"products": ("nichts",)}, NotFound, "product"),
    ({"documents": ("nichts",)}, NotFound, "document"),
    ({"slug": "zweite"}, Refused, "landing_term_taken"),
)


def test_a_wrong_page_is_refused(shop):
    landing.put(shop, WINTER, actor="Ute")
    for changes, error, code in WRONG:
        with pytest.raises(error) as refused, shop.begin_nested():
            landing.put(shop, Page(**{**vars(WINTER), **changes}), actor="Ute")
        assert refused.value.code == code
    assert landing.listed(shop) == [landing.by_slug(shop, "winter")]


def test_attributes_are_written_with_their_names_in_both_languages(shop):
    attributes.put(shop, Facet("colour", "Farbe", "Colour"), position=1)
    attributes.put(shop, Facet("length_mm", "Länge", "Length", "cm", 10), position=0)
    attributes.put(shop, Facet(**shelf.FISH), position=2)
    names = attributes.names(shop)
    item = products.item(shop, "RS90-RO")
    assert list(attributes.written(item, names, "de").values()) == [
        ("Länge", "9 cm"), ("Farbe", "rot"), ("Fisch", "Zander, Barsch"),
    ]  # fmt: skip
    assert attributes.written(item, names, "en")["species"] == ("Fish", "Zander, Perch")


def test_siblings_share_a_series_and_goods_know_what_they_are_meant_for(shop):
    for slug in ("rheinshad", "moselschaufel"):
        shelf.product(shop, slug, "gummikoeder", slug.title(), series="shads")
    assert products.siblings(shop, "shads", "rheinshad") == ["moselschaufel"]
    assert products.siblings(shop, None, "rheinshad") == []
    publishing.put_link(shop, "needs", "OH-3-0", source="RS90-RO", reason_de="passt",
                        reason_en="fits")  # fmt: skip
    assert links.meant_for(shop, "offset-haken") == ["rheinshad"]


def counts(page, key):
    return {
        value.value: value.count
        for facet in page.facets
        if facet.key == key
        for value in facet.values
    }


def test_a_shelf_is_narrowed_down_by_spans_of_prices(shop):
    whole = listings.in_category(shop, "angeln")
    assert counts(whole, "preis") == {"0-500": 2, "500-1000": 1}
    page = listings.in_category(shop, "angeln", facets={"preis": ["500-1000"]})
    assert [card.slug for card in page.cards] == ["rheinshad"]
    assert counts(page, "preis") == {"0-500": 2, "500-1000": 1}
    several = listings.in_category(shop, "angeln", facets={"preis": ["500-1000", "0-500"]})
    assert several.total == 3


def test_a_shelf_is_narrowed_down_by_who_has_it_at_once(shop):
    facet = Facet(
        STOCK,
        "Sofort da",
        "In stock",
        values={"bonn": {"de": "in Bonn", "en": "in Bonn"}, "online": {"de": "online", "en": "on"}},
    )
    stock = InStock(facet, {"bonn": {"RS70-RO", "MS90-GR"}, "online": {"RS90-RO"}})
    page = listings.in_category(shop, "gummikoeder", stock=stock)
    assert counts(page, STOCK) == {"bonn": 2, "online": 1}
    mine = listings.in_category(
        shop, "gummikoeder", stock=stock, facets={STOCK: ["bonn"], "length_mm": ["70"]}
    )
    assert [(card.slug, card.item.sku) for card in mine.cards] == [("rheinshad", "RS70-RO")]
    assert counts(mine, "length_mm") == {"70": 1, "90": 1}
