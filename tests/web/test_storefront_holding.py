"""Reserve in a store, through the pages: three fields, a number to name, and the store's phone."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.sales import collect_terms
from app.sales.collect_terms import Limits
from app.sales.hold_models import StoreHold
from app.sales.models import Order
from app.workflows import floor, pickups
from fulfilment.models import FulfilmentOrder
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE, PAN
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import FORM, add, basket_of, open_shop, text
from tests.workflows.rerouting import BONN, job_at

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

WHO = {"name": "Anna Berg", "email": "anna@example.org", "phone": "", "store": "bonn"}


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """A client with what Bonn has in its basket."""
    open_shop()
    add(client, LURE, 2)
    add(client, HOOK)
    return client


def _hold() -> StoreHold:
    with reading() as session:
        return session.scalars(select(StoreHold)).one()


def _none() -> bool:
    with reading() as session:
        return session.scalars(select(StoreHold)).all() == []


def test_it_says_where_and_until_when_and_that_nothing_is_bought(shop: FlaskClient) -> None:
    said = text(shop.get("/reservieren"))
    assert "Bonn liegt bereit ab Mi 25.11., 14:00, zurückgelegt bis Fr 27.11., 19:00" in said
    assert "Köln liegt" not in said
    assert "Im Laden zu zahlen 18,70 €" in said
    assert "Reservieren ist kein Kauf" in said
    assert "bestellen" not in said[said.index("In welchem Geschäft") : said.index("Im Laden zu")]


def test_one_press_holds_and_a_second_one_finds_the_same(shop: FlaskClient) -> None:
    with shop.session_transaction() as cookie:
        kept = dict(cookie)
    answer = shop.post("/reservieren", data=WHO)
    hold = _hold()
    assert answer.location == f"/reservierung/{hold.ref}?t={hold.token}"
    with shop.session_transaction() as cookie:
        cookie.update(kept)
    assert shop.post("/reservieren", data=WHO).location == answer.location
    said = text(shop.get(answer.location))
    assert f"Ihre Abholnummer {hold.ref} in Bonn ab Mi 25.11., 14:00" in said
    assert "zurückgelegt bis Fr 27.11., 19:00" in said
    assert "Bezahlt wird bei der Abholung 18,70 €" in said
    assert "widerrufen" not in said[: said.index("Reservierung absagen")]
    assert basket_of(shop) == {}
    for other in (f"/reservierung/{hold.ref}", f"/reservierung/{hold.ref}?t=falsch"):
        assert shop.get(other).status_code == 404


def test_checkout_leads_to_paying_on_collection(shop: FlaskClient) -> None:
    asked = text(shop.get("/bestellen/abholen"))
    assert "Jetzt online mit Karte, Apple Pay oder Google Pay; liegt dann 7 Tage" in asked
    assert "Bei der Abholung an der Kasse: bar, mit Karte oder Gutschein" in asked
    assert "Unverbindlich im Laden reservieren" in asked
    shop.post("/bestellen", data=FORM)
    counter = {"store": "bonn", "pay": "counter"}
    assert shop.post("/bestellen/abholen", data=counter).location == "/bestellen/pruefen"
    # Whoever corrects the address has still chosen where they collect and pay.
    shop.post("/bestellen", data=FORM)
    review = text(shop.get("/bestellen/pruefen"))
    assert "Bezahlt wird bei der Abholung bar, mit Karte oder mit Gutschein" in review
    assert "Zahlungsdienstes" not in review
    there = shop.post("/bestellen/pruefen", data={"total_minor": 1870}).location
    with reading() as session:
        order = session.scalars(select(Order)).one()
    assert there == f"/bestellung/{order.ref}?t={order.token}"
    assert (order.state, order.pay_on_collection, order.pay_by_at) == ("confirmed", True, None)
    said = text(shop.get(there))
    assert "Bei der Abholung zu zahlen: 18,70 €" in said
    assert "Bezahlt." not in said
    assert "gehen zurück" not in said
    assert _none()


def test_what_is_too_dear_to_wait_unpaid_is_paid_online_or_sent(shop: FlaskClient) -> None:
    with transaction() as session:
        collect_terms.put(session, "bonn", Limits(True, 1869, 2), by="test")
    asked = text(shop.get("/bestellen/abholen"))
    assert "Bei der Abholung bezahlen geht bis 18,69 €." in asked
    assert "an der Kasse: bar" not in asked
    shop.post("/bestellen", data=FORM)
    counter = {"store": "bonn", "pay": "counter"}
    assert shop.post("/bestellen/abholen", data=counter).location == "/bestellen/abholen"
    answer = shop.post("/bestellen/pruefen", data={"total_minor": 1870})
    assert answer.location == "/bestellen/abholen"
    with reading() as session:
        assert session.scalars(select(Order)).all() == []


def test_what_lies_ready_unpaid_is_left_with_one_press(shop: FlaskClient, app: Flask) -> None:
    shop.post("/bestellen", data=FORM)
    shop.post("/bestellen/abholen", data={"store": "bonn", "pay": "counter"})
    there = shop.post("/bestellen/pruefen", data={"total_minor": 1870}).location
    with reading() as session:
        order = session.scalars(select(Order)).one()
    assert "Ich hole es nicht ab" not in text(shop.get(there))
    job = job_at(order.ref, "bonn")
    floor.pick_all(job, BONN)
    pickups.lay_out(job, "A1", BONN)
    hire("bonn")
    shown = text(at_work(app, "bonn").get(f"/floor/pickups/{job}"))
    assert "Noch zu bezahlen: 18,70 €" in shown
    assert "Dem Kunden gegeben" not in shown
    ready = text(shop.get(there))
    assert "Ich hole es nicht ab" in ready
    with reading() as session:
        code = session.get_one(FulfilmentOrder, job).pickup_code
    assert f"Abholcode {code} liegt bis Mittwoch, 02.12." in ready
    assert "an der Kasse zu zahlen: 18,70 €" in ready
    end = f"/bestellung/{order.ref}/nicht-abgeholt"
    assert shop.post(end, data={"t": "falsch"}).status_code == 404
    assert shop.post(end, data={"t": order.token}).location == there
    assert "Diese Bestellung ist storniert" in text(shop.get(there))


def test_a_mistake_keeps_what_was_typed_and_holds_nothing(shop: FlaskClient) -> None:
    answer = shop.post("/reservieren", data={**WHO, "email": "anna"})
    assert answer.status_code == 422
    assert "Bitte eine vollständige Adresse" in text(answer)
    assert 'value="Anna Berg"' in answer.get_data(as_text=True)
    answer = shop.post("/reservieren", data={**WHO, "store": "koeln"})
    assert answer.status_code == 409
    assert "Dort ist inzwischen nicht mehr alles da." in text(answer)
    assert basket_of(shop) == {LURE: 2, HOOK: 1}
    assert _none()


def test_where_no_store_has_all_of_it_the_page_says_so(shop: FlaskClient) -> None:
    add(shop, PAN)
    assert "Kein Geschäft hat alles davon" in text(shop.get("/reservieren"))
    assert shop.post("/reservieren", data={**WHO, "store": "bonn"}).status_code == 409
    assert _none()


def test_an_empty_basket_holds_nothing(client: FlaskClient) -> None:
    open_shop()
    assert client.get("/reservieren").location == "/warenkorb"
    assert client.post("/reservieren", data=WHO).location == "/warenkorb"


def test_the_customer_calls_it_off(shop: FlaskClient) -> None:
    shop.post("/reservieren", data=WHO)
    hold = _hold()
    away = f"/reservierung/{hold.ref}/absage"
    assert shop.post(away, data={"t": "falsch"}).status_code == 404
    assert _hold().state == "held"
    said = text(shop.get(shop.post(away, data={"t": hold.token}).location))
    assert "Abgesagt Die Ware ist wieder frei." in said
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (6, 0, 0, 0)


def test_the_store_lays_it_out_misses_one_and_hands_over(shop: FlaskClient, app: Flask) -> None:
    hire("bonn", "lager")
    shop.post("/reservieren", data=WHO)
    ref = _hold().ref
    floor = at_work(app, "bonn")
    assert 'Reserviert</span><b class="floor__count">1</b>' in floor.get("/floor/").get_data(
        as_text=True
    )
    said = text(floor.get("/floor/holds"))
    assert f"Anna Berg bereitlegen {ref} · zugesagt für Mi 25.11., 14:00" in said
    elsewhere = at_work(app, "lager")
    assert "Nichts reserviert" in text(elsewhere.get("/floor/holds"))
    assert elsewhere.post(f"/floor/holds/{ref}/ready").status_code == 404
    floor.post(f"/floor/holds/{ref}/missing", data={"sku": HOOK})
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK] == (5, 0, 0, 0)
        assert small_shop.books(session)["bonn", LURE] == (6, 0, 2, 0)
    floor.post(f"/floor/holds/{ref}/ready")
    said = text(floor.get("/floor/holds"))
    assert f"liegt bereit {ref} · bis Fr 27.11., 19:00" in said
    assert "Offset-Haken" not in said
    floor.post(f"/floor/holds/{ref}/collected")
    assert (_hold().state, _hold().ended_by) == ("collected", "Lukas Esser")
    again = floor.post(f"/floor/holds/{ref}/ready", follow_redirects=True)
    assert "Diese Reservierung ist schon zu Ende." in text(again)
