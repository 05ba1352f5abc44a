"""From the form to the order page: eight fields, one button, and nobody else's order."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.payments import charges
from app.sales.models import Order
from app.workflows import checkout
from catalog.models import Item, Product
from fulfilment.models import RoutingRules
from fulfilment.routing import snapshot
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, LURE, PAN
from tests.web.storefront import FORM, add, basket_of, open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")

TOTAL = 2 * 690 + 490 + 490


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """A client with two lures and a pack of hooks in its basket."""
    open_shop()
    add(client, LURE, 2)
    add(client, HOOK)
    return client


def _order() -> Order | None:
    with reading() as session:
        return session.scalars(select(Order)).one_or_none()


def _ordered(shop: FlaskClient) -> Order:
    shop.post("/bestellen", data=FORM)
    shop.post("/bestellen/pruefen", data={"total_minor": TOTAL})
    order = _order()
    assert order is not None
    return order


def _page_of(order: Order) -> str:
    return f"/bestellung/{order.ref}?t={order.token}"


def test_an_empty_basket_cannot_be_ordered(client: FlaskClient) -> None:
    open_shop()
    for address in ("/bestellen", "/bestellen/pruefen"):
        assert client.get(address).status_code == 303
    assert client.post("/bestellen/pruefen", data={"total_minor": "0"}).status_code == 303
    assert _order() is None


def test_goods_for_adults_are_collected_not_sent(shop: FlaskClient) -> None:
    with transaction() as session:
        session.get_one(Product, session.get_one(Item, LURE).product).age_min = 18
    shown = shop.get(f"/artikel/{LURE.lower()}").get_data(as_text=True)
    assert "Ab 18: nur zum Abholen, mit Ausweis" in shown
    assert "https://schema.org/InStoreOnly" in shown
    assert f'name="sku" value="{LURE}"' in shown  # it can be put into the basket all the same
    assert "Liefertag zeigen" not in shown
    basket = text(shop.get("/warenkorb"))
    assert "ab 18, nur im Laden" in basket
    assert "bei Ihnen" not in basket
    shop.post("/bestellen", data=FORM)
    for answer in (
        shop.get("/bestellen/pruefen"),
        shop.post("/bestellen/pruefen", data={"total_minor": TOTAL}),
    ):
        assert answer.location == "/bestellen/abholen"
    assert _order() is None
    asked = text(shop.get("/bestellen/abholen"))
    assert "Beim Abholen sehen wir auf den Ausweis" in asked
    assert "an Ihre Adresse" not in asked
    shop.post("/bestellen/abholen", data={"store": "bonn"})
    shop.post("/bestellen/pruefen", data={"total_minor": TOTAL - 490})
    order = _order()
    assert order is not None
    assert (order.collect_at, order.total_minor) == ("bonn", TOTAL - 490)


def test_the_form_asks_for_eight_things(shop: FlaskClient) -> None:
    body = shop.get("/bestellen").get_data(as_text=True)
    form = body[body.index("<main") : body.index("</form>", body.index("<main"))]
    names = set(re.findall(r'<input[^>]*? name="([a-z_]+)"', form)) - {"csrf_token"}
    assert names == set(FORM)
    assert len(names) == 8


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Bitte Vor- und Nachnamen."),
        ("street", " ", "Bitte Straße und Hausnummer."),
        ("postal_code", "00000", "Diese Postleitzahl gibt es nicht."),
        ("email", "mueller", "Bitte eine vollständige Adresse"),
        ("phone", "", "Für einen Anruf brauchen wir eine Telefonnummer."),
        ("phone", "12", "Diese Nummer ist unvollständig"),
        ("need_by_on", "2026-11-24", "Dieser Tag ist schon vorbei."),
        ("need_by_on", "bald", "Bitte als Datum"),
        ("need_by_on", "2026-11-26", "Frühestens: Freitag, 27.11."),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_keeps_what_was_typed(
    shop: FlaskClient, field: str, value: str, words: str
) -> None:
    answer = shop.post("/bestellen", data={**FORM, field: value})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text(answer)
    assert f'id="f-{field}-error"' in body
    assert 'value="Moselweg 3"' in body or field == "street"
    assert _order() is None


def test_late_is_offered_where_the_rules_price_it_and_only_taken_with_the_customers_word(
    shop: FlaskClient, stripe_double: str
) -> None:
    hard = {**FORM, "need_by_on": "2026-11-26"}
    soft = {**hard, "need_by_soft": "1"}
    # Without a price in the rules nobody is asked, and saying so all the same changes nothing.
    for typed in (hard, soft):
        answer = shop.post("/bestellen", data=typed)
        assert answer.status_code == 422
        assert "Frühestens: Freitag, 27.11." in text(answer)
        assert "Lieber später als gar nicht" not in text(answer)
    with transaction() as session:
        session.merge(RoutingRules(id=1, rules={"need_by_late_minor": 1000}, number=0))
    answer = shop.post("/bestellen", data=hard)
    assert answer.status_code == 422
    assert "Lieber später als gar nicht" in text(answer)
    shop.get("/bestellen/pruefen")
    assert _order() is None
    assert shop.post("/bestellen", data=soft).status_code == 303
    said = text(shop.get("/bestellen/pruefen"))
    assert "nicht bis Donnerstag, 26.11. zu schaffen" in said
    assert "rechtzeitig" not in said
    assert shop.post("/bestellen/pruefen", data={"total_minor": TOTAL}).status_code == 303
    order = _order()
    assert order is not None
    assert (order.need_by_on, order.promised_on) == (date(2026, 11, 26), FRIDAY)
    with reading() as session:
        (decided,) = snapshot.history(session, order.ref)
        asked = decided.given
    assert asked is not None
    assert asked["need_by_on"] == "2026-11-26"
    assert "need_by_hard" not in asked


def test_the_review_shows_what_when_and_the_total_above_the_only_button(shop: FlaskClient) -> None:
    assert shop.post("/bestellen", data=FORM).location == "/bestellen/pruefen"
    answer = shop.get("/bestellen/pruefen")
    said = text(answer)
    assert "2 × Rheinshad 9 cm Rhein · je 6,90 € 13,80 €" in said
    assert "Freitag, 27.11. aus: Lager Kassel" in said
    assert said.index("Gesamt 23,60 €") < said.index("Zahlungspflichtig bestellen")
    between = said[said.index("Gesamt 23,60 €") : said.index("Zahlungspflichtig bestellen")]
    assert between.split() == ["Gesamt", "23,60", "€", "inkl.", "MwSt."]
    body = answer.get_data(as_text=True)
    buttons = re.findall(r"<button[^>]*>.*?</button>", body[body.index("<main") :], re.DOTALL)
    assert len(buttons) == 1


def test_two_places_are_two_parcels_with_their_contents(shop: FlaskClient) -> None:
    add(shop, PAN)
    shop.post("/bestellen", data=FORM)
    said = text(shop.get("/bestellen/pruefen"))
    assert "aus: Filiale Köln 1 × Schmiedepfanne 28 cm" in said
    assert "aus: Lager Kassel" in said


def test_the_button_orders_once_and_leads_to_the_payment_page(
    shop: FlaskClient, stripe_double: str
) -> None:
    shop.post("/bestellen", data=FORM)
    with shop.session_transaction() as cookie:
        kept = dict(cookie)
    answer = shop.post("/bestellen/pruefen", data={"total_minor": TOTAL})
    order = _order()
    assert answer.status_code == 303
    assert answer.location.startswith(stripe_double)
    assert order is not None
    assert (order.state, order.total_minor, order.contact_by) == ("placed", TOTAL, "call")
    assert (order.promised_on, order.phone) == (FRIDAY, "+4926114710777")
    with shop.session_transaction() as cookie:
        cookie.update(kept)
    again = shop.post("/bestellen/pruefen", data={"total_minor": TOTAL})
    assert again.location == answer.location
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_another_total_than_shown_is_not_ordered(shop: FlaskClient) -> None:
    shop.post("/bestellen", data=FORM)
    answer = shop.post("/bestellen/pruefen", data={"total_minor": TOTAL - 100})
    assert answer.status_code == 409
    assert "Gesamt: 23,60 € statt 22,60 €" in text(answer)
    assert _order() is None
    assert basket_of(shop) == {LURE: 2, HOOK: 1}
    with reading() as session:
        assert small_shop.books(session)["lager", LURE] == (24, 0, 0, 0)


def test_the_order_page_needs_its_own_token(shop: FlaskClient) -> None:
    order = _ordered(shop)
    assert shop.get(_page_of(order)).status_code == 200
    for address in (
        f"/bestellung/{order.ref}",
        f"/bestellung/{order.ref}?t=falsch",
        f"/bestellung/K-AAAAAA?t={order.token}",
    ):
        answer = shop.get(address)
        assert answer.status_code == 404
        assert "Diese Bestellung gibt es nicht." in text(answer)
    paid = shop.post(f"/bestellung/{order.ref}/zahlung", data={"t": "falsch"})
    assert paid.status_code == 404


def test_an_unpaid_order_says_until_when_the_goods_are_kept(shop: FlaskClient) -> None:
    said = text(shop.get(_page_of(_ordered(shop))))
    assert "Fast fertig: noch bezahlen" in said
    assert "Die Ware ist bis 12:45 Uhr für Sie zurückgelegt." in said
    assert "Jetzt 23,60 € bezahlen" in said


def test_a_paid_order_shows_its_parcel_day_and_contact(shop: FlaskClient) -> None:
    order = _ordered(shop)
    with reading() as session:
        payment = charges.of_order(session, order.ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    said = text(shop.get(_page_of(order)))
    assert "Danke, Jürgen Müller. In einem Paket am Freitag, 27.11." in said
    assert "Ihr Paket · Lager Kassel Freitag, 27.11." in said
    assert "wird gepickt gepackt unterwegs zugestellt 1 × Offset-Haken 3/0" in said
    assert "Fragen? Fragen Sie Frau Adler. Filiale Bonn" in said
    assert "bezahlen" not in said


def test_an_order_is_found_by_number_and_address_together_only(shop: FlaskClient) -> None:
    order = _ordered(shop)
    right = {"ref": order.ref.lower(), "email": "MUELLER@example.org"}
    assert shop.post("/bestellung", data=right).location == _page_of(order)
    wrong = [{**right, "email": "a@example.org"}, {**right, "ref": "K-AAAAAA"}, {}]
    pages = [shop.post("/bestellung", data=form) for form in wrong]
    assert [page.status_code for page in pages] == [404, 404, 404]
    assert all("finden wir keine Bestellung" in text(page) for page in pages)


def test_a_customer_number_is_given_beside_the_form_and_nothing_typed_is_lost(
    shop: FlaskClient,
) -> None:
    typed = {**FORM, "postal_code": "", "city": ""}
    given = shop.post(
        "/bestellen", data={**typed, "customer_number": "2 104 881", "nur_nummer": "1"}
    )
    assert (given.status_code, given.location) == (303, "/bestellen#kundennummer")
    page = shop.get("/bestellen")
    assert 'value="Moselweg 3"' in page.get_data(as_text=True)
    assert "schon abgezogen: Kundenpreis" in text(page)
    wrong = shop.post("/bestellen", data={**FORM, "customer_number": "2104882"})
    assert wrong.status_code == 422
    assert "Diese Kundennummer kennen wir nicht. Sie hat sieben Ziffern." in text(wrong)
    assert 'value="Moselweg 3"' in wrong.get_data(as_text=True)
    assert "schon abgezogen: Kundenpreis" in text(shop.get("/bestellen"))
    shop.post("/bestellen", data={**FORM, "customer_number": ""})
    assert "Kundenpreis" not in text(shop.get("/bestellen/pruefen"))


def test_who_has_lost_the_basket_is_told_that_nothing_is_ordered(shop: FlaskClient) -> None:
    shop.post("/bestellen", data=FORM)
    for address in ("/bestellen", "/bestellen/pruefen"):
        shop.delete_cookie("kontor")
        answer = shop.post(address, data={**FORM, "total_minor": TOTAL}, follow_redirects=True)
        said = text(answer)
        assert "Dieser Browser kennt den Warenkorb nicht mehr. Bestellt ist nichts." in said
    assert _order() is None


def test_the_keyboard_goes_on_at_the_mistake_without_a_script(shop: FlaskClient) -> None:
    form = shop.post("/bestellen", data={**FORM, "city": "", "postal_code": "1"})
    body = form.get_data(as_text=True)
    assert body.count("autofocus") == 1
    assert re.search(r'role="alert" tabindex="-1" autofocus', body)
    # In the order of the form.
    assert re.findall(r'<li><a href="#f-(\w+)">', body) == ["postal_code", "city"]
    code = shop.post("/warenkorb/code", data={"code": "NIX99"}).get_data(as_text=True)
    assert re.search(r'<input[^>]* id="f-code"[^>]* aria-invalid="true" autofocus', code)
    assert "autofocus" not in shop.get("/warenkorb").get_data(as_text=True)
    asked = shop.post("/anfrage", data={"art": "anleitung", "about": "TB-9"})
    assert re.search(r'<input[^>]* id="f-email"[^>]* autofocus', asked.get_data(as_text=True))
