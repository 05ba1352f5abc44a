"""The gate before the shop: what an offer must have, and that it is found the moment it is out."""

import pytest

from catalog import claims, indexing, listings, notices, products, publishing, release, search
from catalog.events import ProductPublished
from catalog.models import Product
from kit import clock, events
from kit.errors import Invalid, NotFound, Refused
from tests.catalog import shelf
from tests.catalog.shelf import MAKER

WHOLE = {
    "category": "haken", "family": "hook", "name_de": "Kieselperle", "name_en": "Pebble bead",
    "text_de": "Text.", "text_en": "Text.", "brand": "Werk", "maker": {**MAKER, "country": "DE"},
    "safety_de": "Kleinteile.", "safety_en": "Small parts.",
}  # fmt: skip
OUTSIDE = {**MAKER, "country": "JP"}
INSIDE = {"eu_name": "Agent B.V.", "eu_address": "Kade 1, Rotterdam", "eu_email": "a@agent.example"}


def draft(session, **changes):
    publishing.put_product(session, "perle", draft=True, **{**WHOLE, **changes})
    shelf.item(session, "PE-1", "perle", gtin="9520000000004", picture="pictures/PE-1.svg")


def codes(session):
    return {gap.code for gap in release.standing(session, "perle").gaps}


LACKING = [
        ({"maker": {"name": "", "address": " ", "country": "DE"}},
         {"maker_name", "maker_address", "maker_electronic"}),
        ({"maker": MAKER}, {"maker_country"}),
        ({"maker": OUTSIDE}, {"eu_responsible"}),
        ({"maker": {**OUTSIDE, **INSIDE}}, set()),
        ({"safety_de": "", "safety_en": ""}, {"warning"}),
        ({"safety_de": "", "safety_en": "", "no_warning": "geprüft"}, set()),
        ({"electrical": True}, {"weee_number"}),
        ({"electrical": True, "weee_number": "DE12345678"}, set()),
        ({"batteries": True}, {"battery_number"}),
        ({"weapon_class": "blade", "age_min": 16}, {"age_min"}),
        ({"weapon_class": "blade", "age_min": 18}, set()),
        ({"weapon_class": "banned", "age_min": 18}, {"banned"}),
        ({"guarantee": {"years": 2, "giver": "Werk", "model": "P1"}}, {"guarantee"}),
        ({"guarantee": {"years": 5, "giver": "Werk", "model": "P1"}}, set()),
        ({"text_de": "Umweltfreundlich und klima-neutral."}, {"eco_claim"}),
        ({"text_de": "Umweltfreundlich.", "eco_proof": "EU Ecolabel DE/030/01"}, set()),
]  # fmt: skip


def test_what_an_offer_lacks_is_named(shop):
    for changes, lacking in LACKING:
        draft(shop, **changes)
        assert codes(shop) == lacking, changes


def test_a_draft_with_gaps_stays_one_and_nothing_moves(shop):
    publishing.put_product(shop, "perle", draft=True, **WHOLE)
    publishing.put_item(shop, "PE-1", product="perle", weight_grams=4)
    with pytest.raises(Refused) as refused:
        release.publish(shop, "perle")
    assert refused.value.facts["gaps"] == ["identifier", "picture", "price"]
    assert shop.get(Product, "perle", populate_existing=True).state == "draft"
    assert list(events.waiting(shop)) == []
    assert not products.item(shop, "PE-1").sellable
    assert [one.slug for one in release.drafts(shop)] == ["perle"]


def test_a_published_article_is_on_its_shelf_and_found_at_once_and_a_withdrawn_one_is_not(shop):
    draft(shop)
    assert search.search(shop, "Kieselperle").products == []
    assert listings.cards(shop, ["perle"]) == []
    release.publish(shop, "perle")
    assert [event.payload for event in events.waiting(shop)] == [{"slug": "perle"}]
    assert indexing.put_product(shop, "perle")
    for typed in ("Kieselperle", "kieselperl", "PE-1", "9520000000004"):
        assert [card.slug for card in search.search(shop, typed).products] == ["perle"], typed
    assert [hit.ref for hit in search.suggest(shop, "kiesel")] == ["perle"]
    release.withdraw(shop, "perle")
    assert not indexing.put_product(shop, "perle")
    assert search.search(shop, "Kieselperle").products == []
    assert not products.item(shop, "PE-1").sellable
    with pytest.raises(NotFound):
        release.publish(shop, "gibt-es-nicht")


def test_publishing_again_tells_again_and_keeps_its_day(shop):
    draft(shop)
    release.publish(shop, "perle")
    first = shop.get(Product, "perle").published_at
    with clock.frozen(shelf.WEDNESDAY.replace(hour=18)):
        release.publish(shop, "perle")
    assert shop.get(Product, "perle", populate_existing=True).published_at == first
    names = [event.name for event in events.waiting(shop)]
    assert names == [ProductPublished.__name__] * 2


def test_what_is_loaded_straight_on_sale_is_looked_at_too(shop):
    with pytest.raises(Invalid) as refused:
        publishing.put_product(shop, "perle", **{**WHOLE, "electrical": True})
    assert refused.value.code == "not_publishable"
    assert refused.value.facts["gaps"] == ["weee_number"]
    assert shop.get(Product, "perle") is None
    # The shop of these tests was loaded without pictures: it is on sale, and said.
    found = {one.slug: {gap.code for gap in one.gaps} for one in release.lacking(shop)}
    assert found["moselschaufel"] == {"maker_country", "warning", "picture", "identifier"}


def test_a_load_does_not_take_off_sale_what_a_person_put_there(shop):
    draft(shop)
    release.publish(shop, "perle")
    draft(shop)
    assert release.standing(shop, "perle").state == "published"


def test_claims_are_words_not_parts_of_words():
    assert claims.unproved("Nachhaltige Pose, 100 % CO2-neutral.") == ["nachhaltige", "co2-neutral"]
    assert claims.unproved("Sustainable, eco-friendly") == ["sustainable", "eco-friendly"]
    assert claims.unproved("Grüne Farbe, ökonomisch, Umwelt, Klimazone") == []


def test_notices_hold_from_their_day_on_and_for_the_goods_they_are_about(shop):
    day = clock.today()
    known = notices.in_force(shop, day)
    assert set(known) == {"legal", "durability", "bin", "battery", "age"}
    machine = products.product(shop, "km-x100")
    assert set(notices.of_product(known, machine)) == {"legal", "bin"}
    early = notices.in_force(shop, day.replace(month=9, day=26))
    assert set(early) == {"bin", "battery", "age"}


def test_a_packed_unit_has_sides_and_the_longest_counts(shop):
    shelf.item(shop, "OH-2-0", "offset-haken", 490, length_mm=150, width_mm=40, height_mm=10)
    assert products.item(shop, "OH-2-0").longest_mm == 150
    assert products.item(shop, "OH-3-0").longest_mm == 0
    with pytest.raises(Invalid) as refused:
        publishing.put_item(shop, "OH-2-0", product="offset-haken", weight_grams=1, length_mm=0)
    assert (refused.value.code, refused.value.facts["side"]) == ("size", "length_mm")
