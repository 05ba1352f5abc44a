"""The demo catalog as data: every number valid, every text there twice, nothing left hanging."""

from collections import Counter

import pytest

from catalog import checks
from demo.catalog import goods, shelves
from demo.catalog.naming import attribute_names, said, table, variant_name
from kit.ids import has_mod10_check_digit

PRODUCTS = goods.products()
VARIANTS = goods.variants()


def test_it_is_large_enough_and_nothing_occurs_twice() -> None:
    skus = [variant.sku for product in PRODUCTS for variant in product.variants]
    gtins = [variant.gtin for product in PRODUCTS for variant in product.variants]
    assert len(skus) == len(set(skus)) == len(set(gtins)) == 343
    assert len(PRODUCTS) == len({product.id for product in PRODUCTS}) == 142


def test_every_gtin_has_its_check_digit_and_the_prefix_for_demonstrations() -> None:
    for _, variant in VARIANTS.values():
        assert len(variant.gtin) == 13
        assert has_mod10_check_digit(variant.gtin), variant.gtin
        assert variant.gtin.startswith("952")


def test_texts_are_there_in_both_languages_and_differ() -> None:
    for product in PRODUCTS:
        for texts in (product.name, product.text):
            assert texts["de"], product.id
            assert texts["en"], product.id
        assert product.text["de"] != product.text["en"]
        assert len(product.text["de"]) > 80, f"{product.id} says next to nothing"
        assert bool(product.safety["de"]) == bool(product.safety["en"])


def test_the_variants_of_a_product_are_called_differently() -> None:
    for product in PRODUCTS:
        for language in ("de", "en"):
            names = [variant.name[language] for variant in product.variants]
            assert len(set(names)) == len(names), product.id
            assert len(names) == 1 or all(names), product.id


def test_every_shelf_with_goods_has_at_least_four_products_and_departments_none() -> None:
    filled = Counter(product.category for product in PRODUCTS)
    parents = {shelf.parent for shelf in shelves.shelves()}
    for shelf in shelves.shelves():
        if shelf.slug in parents:
            assert filled[shelf.slug] == 0
        else:
            assert filled[shelf.slug] >= 4, shelf.slug
    assert filled.keys() <= {shelf.slug for shelf in shelves.shelves()}


def test_parents_come_before_their_children() -> None:
    seen: set[str | None] = {None}
    for shelf in shelves.shelves():
        assert shelf.parent in seen, shelf.slug
        seen.add(shelf.slug)


def test_prices_and_weights_are_positive_and_histories_lead_to_the_price_of_today() -> None:
    reduced = 0
    for _, variant in VARIANTS.values():
        assert all(cents > 0 for _, cents in variant.prices)
        assert variant.weight_grams > 0
        assert variant.prices[-1][1] == variant.price
        reduced += len(variant.prices) > 1
    assert reduced == 7


def test_reduced_rate_is_for_books_and_spices_only() -> None:
    reduced = {product.family for product in PRODUCTS if product.vat_basis_points == 700}
    assert reduced == {"book", "spice"}
    assert {product.vat_basis_points for product in PRODUCTS} == {700, 1900}


def test_makers_can_be_written_to_and_electrical_goods_are_registered() -> None:
    makers = shelves.makers()
    assert {product.maker for product in PRODUCTS} == set(makers)
    for product in PRODUCTS:
        maker = makers[product.maker]
        assert maker["postal"]
        assert "@" in maker["electronic"]
        if product.electrical:
            checks.weee(product.id, maker["weee"])
            assert product.type_number
    outside = [maker for maker in makers.values() if maker["postal"].endswith("Japan")]
    assert len(outside) == 1
    assert outside[0]["eu_name"]


def test_sharp_hot_and_electrical_goods_carry_a_warning() -> None:
    dangerous = {
        "knife_kitchen", "knife_fillet", "hook_offset", "hook_jighead", "hook_treble",
        "hook_single", "smoker", "mixer", "kettle", "hand_blender", "rod_spin", "rod_feeder",
    }  # fmt: skip
    for product in PRODUCTS:
        if product.family in dangerous:
            assert product.safety["de"], product.id


def test_only_the_belt_knife_has_an_age() -> None:
    aged = {product.id: product.age_min for product in PRODUCTS if product.age_min}
    assert aged == {"guertelmesser": 18}


def test_both_ends_of_every_link_exist_and_none_is_said_twice() -> None:
    papers = {paper.slug for paper in shelves.papers()}
    links = shelves.links()
    keys = Counter((link.source, link.document, link.target) for link in links)
    assert max(keys.values()) == 1
    for link in links:
        assert link.target in VARIANTS
        assert (link.source in VARIANTS) != (link.document in papers)
        assert link.reason["de"]
        assert link.reason["en"]
        assert link.source != link.target


def test_rheinshad_needs_the_hook_of_its_size() -> None:
    needed = {
        (link.source, link.target) for link in shelves.links()
        if link.kind == "needs" and str(link.source).startswith("RS9-")
    }  # fmt: skip
    colours = ("MOT", "PER", "FEU", "KUE", "BAR", "UKE")
    assert needed == {(f"RS9-{colour}", "OH-3-0") for colour in colours}


def test_papers_belong_to_shelves_and_products_that_exist() -> None:
    known = {shelf.slug for shelf in shelves.shelves()}
    papers = shelves.papers()
    assert len({paper.slug for paper in papers}) == len(papers) == 34
    for paper in papers:
        assert set(paper.categories) <= known
        assert set(paper.products) <= goods.by_id().keys()
        assert paper.categories or paper.products


def test_every_type_number_has_a_german_manual() -> None:
    numbers = {product.type_number for product in PRODUCTS if product.type_number}
    manuals = {
        paper.type_number for paper in shelves.papers()
        if paper.kind == "manual" and paper.language == "de"
    }  # fmt: skip
    assert manuals == numbers
    assert "KM-X100" in numbers


def test_words_of_the_search_lead_to_shelves() -> None:
    terms = shelves.landing_terms()
    assert set(terms.values()) <= {shelf.slug for shelf in shelves.shelves()}
    spellings = ("gummiköder", "gummikoeder", "gumiköder", "gummi köder", "gummifisch")
    assert {terms[word] for word in spellings} == {"gummikoeder"}


@pytest.mark.parametrize(
    ("family", "attribute", "value", "german", "english"),
    [
        ("rod_spin", "length_cm", 240, "2,40 m", "2.40 m"),
        ("leader", "length_cm", 30, "30 cm", "30 cm"),
        ("lure_pintail", "length_mm", 75, "7,5 cm", "7.5 cm"),
        ("line_braid", "diameter_hundredths", 8, "0,08 mm", "0.08 mm"),
        ("groundbait", "weight_g", 1000, "1 kg", "1 kg"),
        ("lure_shad", "colour", "perlweiss", "perlweiß", "pearl white"),
        ("pan", "material", "cast_iron", "Gusseisen", "cast iron"),
    ],
)
def test_values_are_said_as_people_say_them(
    family: str, attribute: str, value: str | int, german: str, english: str
) -> None:
    assert said(family, attribute, value, "de") == german
    assert said(family, attribute, value, "en") == english


def test_a_variant_is_called_by_what_tells_it_apart_and_by_its_pieces() -> None:
    attributes: dict[str, str | int] = {"length_mm": 90, "colour": "motoroil", "pieces": 5}
    assert variant_name("lure_shad", attributes, {"colour"}, "de") == "motoroil · 5 Stück"
    assert variant_name("lure_shad", {**attributes, "pieces": 1}, set(), "de") == ""


def test_a_wrong_attribute_is_named_with_its_file_and_product() -> None:
    entry = {
        "id": "x", "family": "lure_shad", "category": "c", "maker": "m", "price": 1,
        "weight_grams": 1, "name": {"de": "a", "en": "a"}, "text": {"de": "a", "en": "a"},
        "variants": [{"sku": "X", "gtin": "1", "length_mm": 900, "pieces": 1, "colour": "pink"}],
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"lures\.toml: x: 900 is no length_mm of lure_shad"):
        goods._product(entry, "lures.toml")
    entry["variants"] = [{"sku": "X", "gtin": "1", "length_mm": 90, "pieces": 1}]
    with pytest.raises(ValueError, match=r"lures\.toml: x lacks 'colour'"):
        goods._product(entry, "lures.toml")
    entry["variants"] = [
        {"sku": "X", "gtin": "1", "length_mm": 90, "pieces": 1, "colour": "pink", "tail": 1}
    ]
    with pytest.raises(ValueError, match=r"lures\.toml: x: lure_shad has no tail"):
        goods._product(entry, "lures.toml")


def test_every_family_is_used_or_has_a_reason_to_wait() -> None:
    used = {product.family for product in PRODUCTS}
    assert used == set(table("families"))


def test_every_attribute_has_a_label() -> None:
    for family in table("families"):
        assert set(attribute_names(family)) <= table("labels").keys(), family
