"""The search: what is found, in which order, and what a page is told about it."""

import pytest
from sqlalchemy import event, text

from catalog import publishing, search
from catalog.facets import Facet
from catalog.listings import InStock
from catalog.promotion_sums import Rule
from kit.errors import Invalid
from tests.catalog import shelf


def found(session, typed, **more):
    return search.search(session, typed, **more)


def slugs(results):
    return [card.slug for card in results.products]


@pytest.mark.parametrize(
    "typed", ["Gummiköder", "gummikoeder", "GUMMIKÖDER", "Gumiköder", "gummi köder", "Gummiködr"]
)
def test_every_spelling_of_the_lures_opens_their_shelf_and_finds_them(shop, typed):
    results = found(shop, typed)
    assert results.landing is not None
    assert results.landing.slug == "gummikoeder"
    assert sorted(slugs(results)) == ["moselschaufel", "rheinshad"]
    assert [document.slug for document in results.documents] == ["ratgeber-gummi"]


def test_a_part_of_a_compound_finds_it(shop):
    results = found(shop, "Köder")
    assert sorted(slugs(results)) == ["moselschaufel", "rheinshad"]
    assert results.landing is None  # no term of this small shop


def test_a_correction_is_told(shop):
    results = found(shop, "Reinshad")
    assert (slugs(results), results.corrected) == (["rheinshad"], "rheinshad")
    assert found(shop, "Rheinshad").corrected is None


def test_the_variant_that_was_typed_is_shown(shop):
    [card] = found(shop, "rheinshad 9 cm rot").products
    assert card.item.sku == "RS90-RO"
    assert found(shop, "Rheinshads 7cm").products[0].item.sku == "RS70-RO"


@pytest.mark.parametrize("typed", ["OH-3-0", "oh30", "oh 3 0"])
def test_an_article_number_comes_first_and_is_named(shop, typed):
    results = found(shop, typed)
    assert (slugs(results)[0], results.sku) == ("offset-haken", "OH-3-0")
    assert results.products[0].item.sku == "OH-3-0"


@pytest.mark.parametrize("typed", ["9520000003241", "09520000003241", "9520 0000 0324 1"])
def test_a_gtin_finds_its_item_and_its_manual(shop, typed):
    results = found(shop, typed)
    assert (slugs(results), results.sku) == (["km-x100"], "KM-X100-CRE")
    assert [document.slug for document in results.documents] == ["anleitung-km-x100"]
    assert results.documents_first is False


@pytest.mark.parametrize(
    "typed",
    ["Gebrauchsanleitung KM-X100", "anleitung km x100", "Manual X100",
     "Anleitung für meine Küchenmaschine", "bedienungsanleitung kmx100"],
)  # fmt: skip
def test_who_asks_for_a_manual_gets_it_first(shop, typed):
    results = found(shop, typed)
    assert results.documents_first is True
    assert results.documents[0].slug == "anleitung-km-x100"
    assert results.landing is None


def test_who_asks_for_a_manual_that_is_missing_is_still_told_so(shop):
    results = found(shop, "Anleitung XY-9000")
    assert (results.documents_first, results.documents, results.ignored) == (
        True, [], ("xy", "9000"),
    )  # fmt: skip


def test_the_whole_name_goes_before_its_beginning_and_that_before_the_text(shop):
    shelf.product(shop, "haken-x", "haken", "Haken")
    shelf.product(shop, "haken-y", "haken", "Haken Lang")
    shelf.product(shop, "z", "kueche", "Wandleiste", text_de="Mit Haken.", text_en="With hooks.")
    for sku, slug in (("X-1", "haken-x"), ("Y-1", "haken-y"), ("Z-1", "z")):
        shelf.item(shop, sku, slug)
    search.reindex(shop)
    assert slugs(found(shop, "Haken")) == ["haken-x", "haken-y", "offset-haken", "z"]


def test_synonyms_find_what_they_mean_in_one_direction(shop):
    assert found(shop, "Gufi").total == 0
    publishing.put_synonym(shop, "Gufi", "Gummi Köder")
    publishing.put_synonym(shop, "Kneter", "Küchenmaschine")
    assert slugs(found(shop, "Kneter")) == ["km-x100"]
    assert slugs(found(shop, "Knetern")) == ["km-x100"]
    assert found(shop, "Küchenmaschine").total == 1


def test_words_that_mean_nothing_are_named_and_left_out(shop):
    results = found(shop, "Rheinshad quietscht")
    assert (slugs(results), results.ignored, results.complete) == (
        ["rheinshad"], ("quietscht",), True,
    )  # fmt: skip
    nothing = found(shop, "quietscht")
    assert (nothing.total, nothing.products, nothing.documents) == (0, [], [])


def test_where_nothing_holds_all_words_what_holds_most_is_shown(shop):
    results = found(shop, "Rheinshad Küchenmaschine 9 cm")
    assert results.complete is False
    assert slugs(results) == ["rheinshad"]


@pytest.mark.parametrize(
    "typed", ["", "   ", "%", "'", "()&|!:*", "\\", "\x00", "🎣", "-- DROP TABLE items"]
)
def test_strange_input_is_no_error(shop, typed):
    assert found(shop, typed).total == 0
    assert search.suggest(shop, typed) == []


def test_a_text_without_end_is_cut_off(shop):
    assert slugs(found(shop, "Rheinshad " * 500)) == ["rheinshad"]


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 97}, {"offset": -1}])
def test_wrong_pages_are_refused(shop, wrong):
    with pytest.raises(Invalid):
        found(shop, "Haken", **wrong)


def test_pages_of_results_follow_one_another_with_the_same_total(shop):
    every = slugs(found(shop, "Gummiköder"))
    pages = [found(shop, "Gummiköder", limit=1, offset=offset) for offset in (0, 1, 2)]
    assert [slugs(page) for page in pages] == [every[:1], every[1:2], []]
    assert [page.total for page in pages] == [2, 2, 2]


def test_facets_count_all_hits_and_narrow_the_products(shop):
    results = found(shop, "Gummiköder")
    brands = {value.value: value.count for value in results.facets[0].values}
    assert (results.facets[0].key, brands) == ("brand", {"Strom": 1, "Werk": 1})
    narrowed = found(shop, "Gummiköder", facets={"brand": ["Strom"]})
    assert (slugs(narrowed), narrowed.total) == (["moselschaufel"], 1)
    both = found(shop, "im Einsatz", facets={"category": ["gummikoeder"]})
    assert sorted(slugs(both)) == ["moselschaufel", "rheinshad"]
    shelves = {value.value: (value.count, value.chosen) for value in both.facets[0].values}
    assert shelves["gummikoeder"] == (2, True)
    assert shelves["kueche"] == (1, False)


def counts(results):
    return {
        facet.key: {value.value: (value.count, value.chosen) for value in facet.values}
        for facet in results.facets
    }


def test_results_are_narrowed_down_by_what_most_of_them_have(shop):
    assert counts(found(shop, "Gummiköder")) == {
        "brand": {"Strom": (1, False), "Werk": (1, False)},
        "length_mm": {"70": (1, False), "90": (2, False)},
        "colour": {"grün": (2, False), "rot": (1, False)},
        "species": {"zander": (2, False), "barsch": (1, False)},
        "preis": {"0-500": (1, False), "500-1000": (1, False)},
    }
    mixed = found(shop, "im Einsatz")
    # Two of four have a length: shown. Of the kitchen alone nobody asks for fish.
    assert list(counts(mixed)) == ["category", "brand", "length_mm", "colour", "species", "preis"]
    kitchen = found(shop, "im Einsatz", facets={"category": ["kueche", "haken"]})
    assert list(counts(kitchen)) == ["category", "preis"]


def test_one_variant_has_to_fit_all_that_was_chosen_of_results(shop):
    red = found(shop, "im Einsatz", facets={"colour": ["rot"], "length_mm": ["90"]})
    assert (slugs(red), red.total, red.products[0].item.sku) == (["rheinshad"], 1, "RS90-RO")
    assert counts(red)["colour"] == {"grün": (2, False), "rot": (1, True)}
    none = found(shop, "im Einsatz", facets={"colour": ["grün"], "length_mm": ["70"]})
    assert (slugs(none), none.complete) == ([], True)
    assert counts(none)["colour"] == {"grün": (0, True), "rot": (1, False)}


def test_results_are_narrowed_down_by_who_has_them(shop):
    assert search.skus_found(shop, "Gummiköder", most=4) == [
        "MS90-GR", "RS70-RO", "RS90-GR", "RS90-RO",
    ]  # fmt: skip
    assert search.skus_found(shop, "Gummiköder", most=3) is None
    places = Facet("laden", "Sofort da", "In stock", values={"bonn": {}, "koeln": {}})
    stock = InStock(places, {"bonn": {"RS70-RO", "MS90-GR"}, "koeln": {"RS90-RO"}})
    assert counts(found(shop, "Gummiköder", stock=stock))["laden"] == {
        "bonn": (2, False), "koeln": (1, False),
    }  # fmt: skip
    here = found(shop, "Gummiköder", stock=stock, facets={"laden": ["koeln"]})
    assert [(card.slug, card.item.sku) for card in here.products] == [("rheinshad", "RS90-RO")]


def test_results_are_narrowed_down_by_what_is_paid_after_promotions(shop):
    off = Rule("A1", "percent", basis_points=2000, brands=frozenset({"Werk"}))
    assert counts(found(shop, "Gummiköder", rules=[off]))["preis"] == {
        "0-500": (2, False), "500-1000": (1, False),
    }  # fmt: skip
    cheap = found(shop, "Rheinshad", rules=[off], facets={"preis": ["0-500"]})
    assert [card.item.sku for card in cheap.products] == ["RS70-RO"]
    assert found(shop, "Rheinshad", facets={"preis": ["0-500"]}).total == 0


def test_of_many_goods_only_shelf_and_brand_are_counted(shop, monkeypatch):
    every = found(shop, "im Einsatz")
    narrowed = found(shop, "im Einsatz", facets={"brand": ["Werk"]})
    monkeypatch.setattr("catalog.result_facets.MANY", 1)
    few = found(shop, "im Einsatz")
    assert few.facets == [one for one in every.facets if one.key in {"category", "brand"}]
    again = found(shop, "im Einsatz", facets={"brand": ["Werk"]})
    assert again.facets == [one for one in narrowed.facets if one.key in {"category", "brand"}]


def test_prices_on_results_are_those_of_the_asker(shop):
    [card] = found(shop, "Moselschaufel", price_group="club").products
    assert card.from_minor == 427


def test_stores_and_help_pages_are_found_beside_the_goods(shop):
    search.put_page(
        shop, "store", "bonn", title_de="Filiale Bonn", title_en="Bonn store",
        words=["Sternstraße 5", "53111"], body=["Öffnungszeiten"],
    )  # fmt: skip
    search.put_page(shop, "help", "versand", title_de="Versand", title_en="Shipping")
    assert [hit.ref for hit in found(shop, "Öffnungszeiten Bonn").stores] == ["bonn"]
    [page] = found(shop, "shipping").help
    assert (page.ref, page.title("de"), page.title("en")) == ("versand", "Versand", "Shipping")
    search.reindex(shop)
    assert [hit.ref for hit in found(shop, "Sternstrasse").stores] == ["bonn"]
    with pytest.raises(Invalid):
        search.put_page(shop, "blog", "x", title_de="X", title_en="X")


def test_who_is_still_typing_is_shown_what_it_may_become(shop):
    hits = [(hit.kind, hit.ref) for hit in search.suggest(shop, "gumm")]
    assert hits[0] == ("category", "gummikoeder")
    assert ("product", "rheinshad") in hits
    assert [hit.ref for hit in search.suggest(shop, "rheinshad 9")] == ["rheinshad"]
    assert search.suggest(shop, "Küchenm")[0].ref == "km-x100"
    assert search.suggest(shop, "gumm", limit=1)[0].ref == "gummikoeder"


def test_a_page_takes_six_queries_and_a_suggestion_one(shop):
    asked = []
    event.listen(shop.connection(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    found(shop, "Gummiköder")
    assert asked.pop(0) == "SET LOCAL random_page_cost = 1.1"
    assert len(asked) == 6
    asked.clear()
    search.suggest(shop, "gumm")
    assert len(asked) == 1


def test_reindexing_brings_the_index_up_to_date(shop):
    publishing.put_item(shop, "KM-X100-CRE", product="km-x100", weight_grams=7400, sellable=False)
    shelf.product(shop, "rheinshad", "gummikoeder", "Elbstint")
    search.reindex(shop)
    assert found(shop, "Küchenmaschine").total == 0
    assert slugs(found(shop, "Elbstint")) == ["rheinshad"]
    assert found(shop, "Rheinshad").total == 0
    words = shop.execute(
        text("SELECT word FROM search_words WHERE word LIKE '%shad' OR word LIKE '%stint'")
    ).scalars()
    assert list(words) == ["elbstint"]


def test_reindexing_what_has_not_changed_writes_nothing(shop):
    shop.commit()
    before = shop.execute(text("SELECT xmin::text, ctid::text FROM search_entries ORDER BY 2"))
    before = before.all()
    assert search.reindex(shop) == 10
    after = shop.execute(text("SELECT xmin::text, ctid::text FROM search_entries ORDER BY 2"))
    assert after.all() == before
