"""Shelves: pages of cards, facets with honest counts."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from catalog import categories, listings, pricing, publishing
from catalog.facets import Facet
from catalog.pricing import UnitPrice
from catalog.promotion_sums import Rule
from kit.errors import Invalid, NotFound
from tests.catalog import shelf
from tests.catalog.shelf import WEDNESDAY

DAY = timedelta(days=1)


def counts(page):
    """Return facet key → value → (count, chosen)."""
    return {
        facet.key: {value.value: (value.count, value.chosen) for value in facet.values}
        for facet in page.facets
    }


def slugs(page):
    return [card.slug for card in page.cards]


def test_a_shelf_holds_its_own_goods_and_those_below(shop):
    page = listings.in_category(shop, "angeln")
    assert slugs(page) == ["moselschaufel", "offset-haken", "rheinshad"]
    assert (page.total, page.page, page.pages) == (3, 1, 1)
    assert [child.slug for child in page.children] == ["gummikoeder", "haken"]
    below = listings.in_category(shop, "gummikoeder")
    assert [way.slug for way in below.path] == ["angeln", "gummikoeder"]
    assert slugs(below) == ["moselschaufel", "rheinshad"]


def test_a_card_shows_the_first_variant_and_the_lowest_price(shop):
    [card] = listings.cards(shop, ["rheinshad"])
    assert (card.item.sku, card.variants, card.from_minor, card.varies) == (
        "RS70-RO", 3, 590, True,
    )  # fmt: skip
    assert card.unit_price == UnitPrice(118, "piece")
    assert card.lowest_30_days_minor is None
    [card] = listings.cards(shop, ["moselschaufel"], price_group="club")
    assert (card.from_minor, card.varies, card.unit_price) == (427, False, None)


def test_a_card_shows_the_variant_that_was_meant(shop):
    [card] = listings.cards(shop, ["rheinshad"], wanted=["9cm", "rot"])
    assert card.item.sku == "RS90-RO"
    [card] = listings.cards(shop, ["rheinshad"], chosen={"length_mm": ["90"]})
    assert (card.item.sku, card.variants, card.from_minor, card.varies) == (
        "RS90-GR", 2, 690, False,
    )  # fmt: skip


def test_a_card_tells_a_reduction_with_the_lowest_price_before_it(shop):
    pricing.set_price(shop, "RS70-RO", 490, WEDNESDAY, reduced=True)
    [card] = listings.cards(shop, ["rheinshad"])
    assert (card.from_minor, card.lowest_30_days_minor) == (490, 590)


def test_what_cannot_be_bought_is_not_on_the_shelf(shop):
    shelf.product(shop, "ohne-preis", "haken", "Ohne Preis")
    shelf.item(shop, "OP-1", "ohne-preis", price=None)
    shelf.product(shop, "bald", "haken", "Bald")
    shelf.item(shop, "BA-1", "bald", price=None)
    pricing.set_price(shop, "BA-1", 100, WEDNESDAY + DAY)
    publishing.put_item(shop, "MS90-GR", product="moselschaufel", weight_grams=40, sellable=False)
    assert slugs(listings.in_category(shop, "angeln")) == ["offset-haken", "rheinshad"]
    tomorrow = listings.in_category(shop, "angeln", at=WEDNESDAY + DAY)
    assert slugs(tomorrow) == ["bald", "offset-haken", "rheinshad"]
    assert listings.cards(shop, ["ohne-preis", "moselschaufel"]) == []


def test_facets_count_products_and_say_their_values_in_both_languages(shop):
    page = listings.in_category(shop, "gummikoeder")
    assert counts(page) == {
        "length_mm": {"70": (1, False), "90": (2, False)},
        "colour": {"grün": (2, False), "rot": (1, False)},
        "species": {"zander": (2, False), "barsch": (1, False)},
        "brand": {"Strom": (1, False), "Werk": (1, False)},
        "preis": {"0-500": (1, False), "500-1000": (1, False)},
    }
    length, _, species, brand, _ = page.facets
    assert [value.label("de") for value in length.values] == ["7 cm", "9 cm"]
    assert [value.label("en") for value in species.values] == ["Zander", "Perch"]
    assert (length.name("de"), brand.name("en")) == ("Länge", "Brand")


def test_choices_narrow_other_facets_but_not_their_own(shop):
    page = listings.in_category(shop, "gummikoeder", facets={"length_mm": ["70"]})
    assert slugs(page) == ["rheinshad"]
    assert counts(page)["length_mm"] == {"70": (1, True), "90": (2, False)}
    # Only red is left: nothing to choose.
    assert "colour" not in counts(page)
    both = listings.in_category(
        shop, "gummikoeder", facets={"length_mm": ["70", "90"], "species": ["barsch"]}
    )
    assert slugs(both) == ["rheinshad"]
    assert counts(both)["species"] == {"zander": (2, False), "barsch": (1, True)}


def test_one_variant_has_to_fit_all_choices(shop):
    page = listings.in_category(
        shop, "gummikoeder", facets={"length_mm": ["70"], "colour": ["grün"]}
    )
    assert (slugs(page), page.total, page.pages) == ([], 0, 0)
    # The way back stays visible: each choice with what it would leave.
    assert counts(page)["colour"] == {"grün": (0, True), "rot": (1, False)}


def test_choices_that_the_shelf_does_not_offer_are_ignored(shop):
    page = listings.in_category(
        shop, "gummikoeder", facets={"utm_source": ["mail"], "colour": [], "weight": ["1"]}
    )
    assert page.total == 2


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("recommended", ["moselschaufel", "offset-haken", "rheinshad"]),
        ("name", ["moselschaufel", "offset-haken", "rheinshad"]),
        ("price_up", ["moselschaufel", "offset-haken", "rheinshad"]),
        ("price_down", ["rheinshad", "offset-haken", "moselschaufel"]),
    ],
)
def test_sorting(shop, sort, order):
    assert slugs(listings.in_category(shop, "angeln", sort=sort)) == order


def test_prices_are_compared_after_promotions(shop):
    off = Rule("A1", "percent", basis_points=2000, brands=frozenset({"Werk"}))
    page = listings.in_category(shop, "angeln", sort="price_up", rules=[off])
    assert slugs(page) == ["offset-haken", "moselschaufel", "rheinshad"]
    assert counts(page)["preis"] == {"0-500": (3, False), "500-1000": (1, False)}
    cheap = listings.in_category(
        shop, "gummikoeder", facets={"preis": ["0-500"], "brand": ["Werk"]}, rules=[off]
    )
    assert [(card.slug, card.item.sku) for card in cheap.cards] == [("rheinshad", "RS70-RO")]


def test_pages_follow_one_another(shop):
    first = listings.in_category(shop, "angeln", size=2)
    second = listings.in_category(shop, "angeln", size=2, page=2)
    third = listings.in_category(shop, "angeln", size=2, page=3)
    assert slugs(first) + slugs(second) == ["moselschaufel", "offset-haken", "rheinshad"]
    assert [(page.total, page.pages) for page in (first, second, third)] == [(3, 2)] * 3
    assert slugs(third) == []


def test_a_page_takes_four_queries_whatever_its_size(shop):
    asked = []
    event.listen(shop.connection(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    listings.in_category(shop, "angeln", facets={"brand": ["Werk"]}, sort="price_up")
    assert len(asked) == 4


def test_wrong_pages_are_refused(shop):
    with pytest.raises(Invalid):
        listings.in_category(shop, "angeln", page=0)
    with pytest.raises(Invalid):
        listings.in_category(shop, "angeln", sort="random")
    with pytest.raises(NotFound) as error:
        listings.in_category(shop, "gibtsnicht")
    assert error.value.code == "category"


def test_categories_inherit_facets_from_above(shop):
    shelf.category(shop, "shads", "Shads", "Shads", parent="gummikoeder")
    shelves = categories.tree(shop)
    assert [facet.key for facet in shelves.facets_of("shads")] == [
        "length_mm", "colour", "species",
    ]  # fmt: skip
    assert shelves.facets_of("haken") == ()
    assert shelves.subtree("angeln") == ["angeln", "gummikoeder", "shads", "haken"]
    assert [each.slug for each in shelves.departments] == ["angeln", "kueche"]


@pytest.mark.parametrize(
    ("facet", "value", "german", "english"),
    [
        (Facet("length_mm", "L", "L", unit="cm", divide=10), "75", "7,5 cm", "7.5 cm"),
        (Facet("length_mm", "L", "L", unit="cm", divide=10), "100", "10 cm", "10 cm"),
        (Facet("diameter_hundredths", "D", "D", unit="mm", divide=100), "8", "0,08 mm", "0.08 mm"),
        (Facet("pieces", "P", "P"), "5", "5", "5"),
        (
            Facet("colour", "F", "C", values={"rot": {"de": "Rot", "en": "Red"}}),
            "rot",
            "Rot",
            "Red",
        ),
        (Facet("size", "G", "S", unit="cm"), "2/0", "2/0", "2/0"),
    ],
)
def test_values_are_written_as_people_say_them(facet, value, german, english):
    assert (facet.label(value, "de"), facet.label(value, "en")) == (german, english)


def test_values_stand_in_their_declared_order_then_by_number_then_by_name():
    sizes = Facet("size", "G", "S", values={"1": {}, "1/0": {}, "2/0": {}})
    assert sorted(["2/0", "1", "20", "3", "x", "1/0"], key=sizes.order) == [
        "1", "1/0", "2/0", "3", "20", "x",
    ]  # fmt: skip
