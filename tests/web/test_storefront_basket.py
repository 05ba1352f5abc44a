"""The basket: what gets in, what does not, what it says about money, days and what is missing."""

import pytest
from flask.testing import FlaskClient

from tests import small_shop
from tests.small_shop import HOOK, LURE, MUELLER, PAN
from tests.web.storefront import add, basket_of, open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """A client in front of the small shop."""
    open_shop()
    return client


def test_an_empty_basket_says_so(shop: FlaskClient) -> None:
    assert "Ihr Warenkorb ist leer" in text(shop.get("/warenkorb"))


def test_totals_hold_delivery_and_the_day(shop: FlaskClient) -> None:
    assert add(shop, LURE, 2).location == "/warenkorb"
    said = text(shop.get("/warenkorb"))
    assert "Artikel 13,80 € Versand 4,90 € Gesamt 18,70 € inkl. MwSt." in said
    assert "Freitag, 27.11. bei Ihnen, 1 Paket nach 53111 Bonn" in said
    assert "Noch 45,20 € bis zum kostenlosen Versand." in said


def test_the_same_article_twice_is_one_line(shop: FlaskClient) -> None:
    add(shop, LURE, 2)
    add(shop, LURE, 3)
    assert basket_of(shop) == {LURE: 5}


@pytest.mark.parametrize("quantity", [0, -1, 1000, "zwei", "", "1.5"])
def test_a_wrong_quantity_is_refused_and_changes_nothing(
    shop: FlaskClient, quantity: object
) -> None:
    add(shop, LURE, 2)
    answer = add(shop, LURE, quantity)
    assert answer.status_code == 422
    assert "Bitte geben Sie eine Menge zwischen 1 und 999 an." in text(answer)
    assert basket_of(shop) == {LURE: 2}


@pytest.mark.parametrize("quantity", ["-1", "1000", "zwei"])
def test_a_wrong_change_of_quantity_changes_nothing(shop: FlaskClient, quantity: str) -> None:
    add(shop, LURE, 2)
    answer = shop.post("/warenkorb/menge", data={"sku": LURE, "quantity": quantity})
    assert answer.status_code == 422
    assert basket_of(shop) == {LURE: 2}


def test_an_unknown_article_is_not_found_and_changes_nothing(shop: FlaskClient) -> None:
    add(shop, LURE, 2)
    assert add(shop, "GIBT-ES-NICHT").status_code == 404
    assert shop.post("/warenkorb/entfernen", data={"sku": "NIX"}).status_code == 404
    assert basket_of(shop) == {LURE: 2}


def test_what_is_taken_out_can_be_put_back(shop: FlaskClient) -> None:
    add(shop, LURE, 4)
    assert shop.post("/warenkorb/entfernen", data={"sku": LURE}).status_code == 303
    page = shop.get("/warenkorb")
    assert "Rheinshad 9 cm ist entfernt. Rückgängig" in text(page)
    assert 'name="quantity" value="4"' in page.get_data(as_text=True)
    shop.post("/warenkorb/menge", data={"sku": LURE, "quantity": "4"})
    assert basket_of(shop) == {LURE: 4}
    assert "Rückgängig" not in text(shop.get("/warenkorb"))


def test_the_hooks_that_the_lures_need_are_offered_and_one_press_adds_them(
    shop: FlaskClient,
) -> None:
    add(shop, LURE)
    said = text(shop.get("/warenkorb"))
    assert "Dazu brauchen Sie Offset-Haken 3/0 passt zu Rheinshad 9 cm" in said
    assert "kein zusätzliches Paket + 4,90 €" in said
    add(shop, HOOK, source="suggestion")
    assert basket_of(shop) == {LURE: 1, HOOK: 1}
    assert "Dazu brauchen Sie" not in text(shop.get("/warenkorb"))


def test_a_suggestion_pressed_twice_is_added_once(shop: FlaskClient) -> None:
    add(shop, LURE)
    add(shop, HOOK, source="suggestion")
    add(shop, HOOK, source="suggestion")
    assert basket_of(shop) == {LURE: 1, HOOK: 1}


def test_an_offer_that_would_add_a_parcel_does_not_say_otherwise(client: FlaskClient) -> None:
    # The lures are only in the warehouse here, the hooks only in Bonn.
    small_shop.build({("lager", LURE): 5, ("bonn", HOOK): 5})
    add(client, LURE)
    said = text(client.get("/warenkorb"))
    assert "1 Paket nach" in said
    assert "Offset-Haken 3/0 passt zu Rheinshad 9 cm + 4,90 €" in said
    assert "kein zusätzliches Paket" not in said
    add(client, HOOK)
    assert "2 Pakete nach" in text(client.get("/warenkorb"))


def test_more_than_there_is_cannot_be_ordered(shop: FlaskClient) -> None:
    add(shop, PAN, 2)
    said = text(shop.get("/warenkorb"))
    assert "nur 1 lieferbar" in said
    assert "Zur Bestellung" not in said
    assert shop.get("/bestellen").location == "/warenkorb"


def test_a_customer_number_gives_the_prices_and_points_of_the_store(shop: FlaskClient) -> None:
    add(shop, LURE, 2)
    shop.post("/warenkorb/kundennummer", data={"customer_number": "2 104 881"})
    said = text(shop.get("/warenkorb"))
    assert "Artikel 13,10 € Versand 4,90 € Gesamt 18,00 €" in said
    assert "schon abgezogen: Kundenpreis 0,70 €" in said
    assert "bringt 13 Punkte" in said
    assert "Müller" not in said


@pytest.mark.parametrize("number", ["2104882", "abc", "1234567890"])
def test_a_wrong_customer_number_changes_nothing(shop: FlaskClient, number: str) -> None:
    add(shop, LURE, 2)
    shop.post("/warenkorb/kundennummer", data={"customer_number": MUELLER})
    answer = shop.post("/warenkorb/kundennummer", data={"customer_number": number})
    assert answer.status_code == 422
    assert "Diese Kundennummer kennen wir nicht. Sie hat sieben Ziffern." in text(answer)
    assert "Gesamt 18,00 €" in text(shop.get("/warenkorb"))


def test_an_empty_customer_number_takes_it_off(shop: FlaskClient) -> None:
    add(shop, LURE, 2)
    shop.post("/warenkorb/kundennummer", data={"customer_number": MUELLER})
    shop.post("/warenkorb/kundennummer", data={"customer_number": ""})
    assert "Gesamt 18,70 €" in text(shop.get("/warenkorb"))


def test_the_day_is_that_of_the_place_typed(shop: FlaskClient) -> None:
    add(shop, LURE)
    shop.post("/warenkorb/ort", data={"postal_code": "80331"})
    assert "nach 80331 München" in text(shop.get("/warenkorb"))
    answer = shop.post("/warenkorb/ort", data={"postal_code": "00000"})
    assert answer.status_code == 422
    assert "nach 80331 München" in text(shop.get("/warenkorb"))


@pytest.mark.parametrize("target", ["https://else.example/", "//else.example", "/\\else.example"])
def test_a_form_leads_nowhere_but_into_this_shop(shop: FlaskClient, target: str) -> None:
    assert add(shop, LURE, next=target).location == "/warenkorb"
    assert add(shop, LURE, next="/artikel/rs-9-mo").location == "/artikel/rs-9-mo"
