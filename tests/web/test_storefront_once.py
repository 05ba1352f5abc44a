"""One order and nothing lost: two tabs, double clicks, the back button, moved prices, expiry."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.sales.models import Order
from catalog import pricing
from fulfilment.stock import counter_sales
from kit import clock
from kit.database import reading, transaction
from tests.small_shop import HOOK, LURE, MUELLER, PAN
from tests.web.storefront import FORM, add, basket_of, open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

TOTAL = 2 * 690 + 490 + 490


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """A client with two lures and a pack of hooks, before the button."""
    open_shop()
    add(client, LURE, 2)
    add(client, HOOK)
    client.post("/bestellen", data=FORM)
    return client


def shown(shop: FlaskClient) -> dict[str, str]:
    """Return what the review's form would send."""
    body = shop.get("/bestellen/pruefen").get_data(as_text=True)
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body)
    return {name: unescape(value) for name, value in fields if name != "csrf_token"}


def press(shop: FlaskClient, form: dict[str, str]):
    return shop.post("/bestellen/pruefen", data=form)


def orders() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0


def cookies(shop: FlaskClient) -> dict[str, object]:
    with shop.session_transaction() as cookie:
        return dict(cookie)


def set_price(sku: str, minor: int) -> None:
    with transaction() as session:
        pricing.set_price(session, sku, minor, clock.now())


def sell(sku: str, quantity: int, at: str) -> None:
    with transaction() as session:
        counter_sales.sell(
            session,
            location=at,
            lines=[(sku, quantity)],
            document="R",
            actor="till",
            key=f"sale/{sku}/{at}",
        )


def test_many_presses_at_once_are_one_order(shop: FlaskClient, app: Flask) -> None:
    form, cookie = shown(shop), cookies(shop)
    start = threading.Barrier(4)

    def tab(_number: int) -> str:
        with app.app_context():
            client = app.test_client()
            with client.session_transaction() as kept:
                kept.update(cookie)
            start.wait()
            return press(client, form).location

    with ThreadPoolExecutor(4) as tabs:
        pages = list(tabs.map(tab, range(4)))
    assert orders() == 1
    # Each of them leads to the payment page, or to the order while that is being opened.
    with reading() as session:
        order = session.scalars(select(Order)).one()
    assert order.total_minor == TOTAL
    assert all("/pay/" in page or order.ref in page for page in pages), pages


def test_back_after_ordering_leads_to_the_order_and_orders_nothing(shop: FlaskClient) -> None:
    form = shown(shop)
    press(shop, form)
    with reading() as session:
        order = session.scalars(select(Order)).one()
    page = f"/bestellung/{order.ref}?t={order.token}"
    # The pages of before, opened again and sent again, in the same browser.
    assert press(shop, form).location == page
    assert shop.get("/bestellen/pruefen").status_code == 303
    said = shop.get("/warenkorb")
    assert "Ihr Warenkorb ist leer" in text(said)
    assert "Zu meiner letzten Bestellung" in text(said)
    assert orders() == 1


def test_what_another_tab_has_changed_is_said_before_anything_is_ordered(
    shop: FlaskClient,
) -> None:
    form = shown(shop)
    shop.post("/warenkorb/menge", data={"sku": LURE, "quantity": "3"})
    shop.post("/warenkorb/entfernen", data={"sku": HOOK})
    answer = press(shop, form)
    said = text(answer)
    assert answer.status_code == 409
    assert "Inzwischen hat sich etwas geändert. Bitte prüfen Sie es noch einmal:" in said
    assert "Rheinshad 9 cm: 3 Stück statt 2" in said
    assert "Nicht mehr dabei: Offset-Haken 3/0" in said
    assert "Gesamt: 25,60 € statt 23,60 €" in said
    assert orders() == 0
    assert press(shop, shown(shop)).status_code == 303
    assert orders() == 1


def test_goods_of_the_same_price_are_not_taken_for_one_another(shop: FlaskClient) -> None:
    set_price(HOOK, 690)
    shop.post("/warenkorb/menge", data={"sku": LURE, "quantity": "1"})
    form = shown(shop)
    shop.post("/warenkorb/menge", data={"sku": LURE, "quantity": "2"})
    shop.post("/warenkorb/entfernen", data={"sku": HOOK})
    answer = press(shop, form)
    assert (answer.status_code, orders()) == (409, 0)
    assert "Nicht mehr dabei: Offset-Haken 3/0" in text(answer)


def test_a_price_that_moved_is_said_on_every_page_until_it_is_noted(shop: FlaskClient) -> None:
    form = shown(shop)
    set_price(LURE, 790)
    said = "Rheinshad 9 cm: jetzt 7,90 € statt 6,90 €"
    for page in ("/warenkorb", "/bestellen", "/bestellen/pruefen"):
        assert said in text(shop.get(page)), page
    answer = press(shop, form)
    assert answer.status_code == 409
    assert "Rheinshad 9 cm: 15,80 € statt 13,80 € Gesamt: 25,60 € statt 23,60 €" in text(answer)
    assert (orders(), basket_of(shop)) == (0, {LURE: 2, HOOK: 1})
    shop.post("/warenkorb/verstanden")
    assert said not in text(shop.get("/warenkorb"))
    # A price group is no price that moved: who names a number is told its price at once.
    shop.post("/warenkorb/kundennummer", data={"customer_number": MUELLER})
    assert "anders, seit Sie ihn" not in text(shop.get("/warenkorb"))


def test_a_later_day_is_asked_about_again(shop: FlaskClient) -> None:
    form = shown(shop)
    with clock.frozen(clock.now() + timedelta(hours=8)):
        answer = press(shop, form)
        assert answer.status_code == 409
        assert "Alles da: Samstag, 28.11. statt Freitag, 27.11." in text(answer)
        assert orders() == 0
        assert press(shop, shown(shop)).status_code == 303


def test_what_is_sold_meanwhile_is_said_and_one_press_makes_it_fit(client: FlaskClient) -> None:
    open_shop()
    add(client, PAN)
    add(client, HOOK, 6)
    client.post("/bestellen", data=FORM)
    form = shown(client)
    sell(PAN, 1, "koeln")
    sell(HOOK, 3, "lager")
    answer = client.post("/bestellen/pruefen", data=form, follow_redirects=True)
    said = text(answer)
    assert "Inzwischen ist etwas davon verkauft. Bestellt ist noch nichts." in said
    assert "Schmiedepfanne 28 cm: zurzeit ausverkauft" in said
    assert "Offset-Haken 3/0: noch 5 Stück lieferbar" in said
    assert (orders(), basket_of(client)) == (0, {PAN: 1, HOOK: 6})
    client.post("/warenkorb/lieferbar")
    assert basket_of(client) == {HOOK: 5}
    # The form is not lost: the review is there at once.
    assert client.get("/bestellen/pruefen").status_code == 200


def test_an_expired_form_loses_no_basket(shop: FlaskClient) -> None:
    form = shown(shop)
    with shop.session_transaction() as cookie:
        del cookie["buyer"]
    answer = shop.post("/bestellen/pruefen", data=form, follow_redirects=True)
    assert "Ihre Angaben sind abgelaufen, der Warenkorb ist noch da." in text(answer)
    assert (orders(), basket_of(shop)) == (0, {LURE: 2, HOOK: 1})
    with shop.session_transaction() as cookie:
        cookie.clear()
    assert press(shop, form).location == "/warenkorb"
    assert orders() == 0


@pytest.mark.parametrize("junk", ["", "{", "[]", '{"lines": {"A": 1}, "on": 3}', '{"lines": 5}'])
def test_a_form_that_no_page_wrote_orders_by_its_total_alone(shop: FlaskClient, junk: str) -> None:
    assert press(shop, {"total_minor": str(TOTAL), "shown": junk}).status_code == 303
    assert orders() == 1


def test_several_articles_go_in_with_one_form(client: FlaskClient) -> None:
    open_shop()
    form = {"sku": [LURE, HOOK, LURE], "quantity": ["2", "1", "1"]}
    assert client.post("/warenkorb/artikel", data=form).status_code == 303
    assert basket_of(client) == {LURE: 3, HOOK: 1}
    bad = {"sku": [LURE, "NIX"], "quantity": ["1", "1"]}
    assert client.post("/warenkorb/artikel", data=bad).status_code == 404
    lopsided = {"sku": [LURE, HOOK], "quantity": ["1"]}
    assert client.post("/warenkorb/artikel", data=lopsided).status_code == 422
    assert basket_of(client) == {LURE: 3, HOOK: 1}


def test_the_place_is_filled_in_and_the_parcel_left_where_it_is_wished(shop: FlaskClient) -> None:
    shop.post("/bestellen", data={**FORM, "city": ""})
    assert "56068 Koblenz" in text(shop.get("/bestellen/pruefen"))
    assert shop.get("/ort?plz=53111").get_json() == {"towns": ["Bonn"]}
    many = shop.post("/bestellen", data={**FORM, "postal_code": "54298", "city": ""})
    assert many.status_code == 422
    assert "Welcher Ort? Gilzem, Greimerath" in text(many)
    shop.post("/bestellen", data=FORM)
    empty = shop.post("/bestellen/ablage", data={"wish": "drop_off", "wish_text": " "})
    assert "Bitte sagen Sie, wohin oder zu wem." in text(empty)
    shop.post("/bestellen/ablage", data={"wish": "neighbour", "wish_text": "Kurz,  Nr. 5"})
    assert "Wenn niemand da ist: zu Kurz, Nr. 5" in text(shop.get("/bestellen/pruefen"))
    shop.post("/bestellen/ablage", data={"wish": "drop_off", "wish_text": "im Carport"})
    press(shop, shown(shop))
    with reading() as session:
        address = session.scalars(select(Order)).one().address
    assert (address["drop_off"], "neighbour" in address) == ("im Carport", False)
