"""Bugs that other shops had, played through the whole shop. docs/testing.md lists them all."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from app.sales import orders
from app.workflows import checkout, lapsing, return_order
from app.workflows.return_order import Returned
from fulfilment.answers import availability
from fulfilment.claims import reservations
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused
from loyalty import points
from tests import small_shop
from tests.pos.register import Register, photograph, sale
from tests.small_shop import HOOK, LURE, MUELLER, PAN, TOKEN
from tests.standing import moved, snapshot
from tests.web import storefront
from tests.web.storefront import FORM, add

pytestmark = pytest.mark.usefixtures("app", "sound", "wednesday")

STOCK = {("lager", LURE): 4, ("bonn", HOOK): 3, ("koeln", PAN): 1, ("bonn", LURE): 2}
PAN_TOTAL = 8900


@pytest.fixture(autouse=True)
def shop(app) -> None:
    """Lures in two places, hooks in one store, one pan in another."""
    small_shop.build(STOCK)


def order(*lines, **facts):
    """Order without a browser; return the reference."""
    return checkout.place(small_shop.basket_with(*lines), small_shop.buyer(**facts)).order_ref


def test_a_stale_basket_orders_nothing_as_oscar_4524_did(client):
    add(client, PAN)
    assert client.post("/bestellen", data=FORM).location == "/bestellen/pruefen"
    assert f'value="{PAN_TOTAL}"' in client.get("/bestellen/pruefen").get_data(as_text=True)
    order((PAN, 1))  # somebody else takes it meanwhile
    before = snapshot()

    pressed = client.post("/bestellen/pruefen", data={"total_minor": PAN_TOTAL})

    assert pressed.location == "/warenkorb"
    assert moved(before) == set()
    assert client.get("/bestellen").location == "/warenkorb"
    assert "So viel ist nicht da." in storefront.text(client.get("/warenkorb"))
    with reading() as session:
        assert small_shop.books(session)["koeln", PAN] == (1, 0, 1, 0)


def test_what_is_sold_is_gone_from_every_page_at_once_as_shopware_14816_said_otherwise(app, client):
    page = f"/artikel/{PAN.lower()}"
    add(client, PAN)
    client.post("/bestellen", data=FORM)
    assert "1 in Köln" in storefront.text(client.get(page))

    register = Register(app.test_client(), _till_in("koeln"))
    assert register.sell(**_pans(1)).status_code == 200

    # No cache stands between the ledger and the page, nor the page and the button.
    assert "1 in Köln" not in storefront.text(client.get(page))
    before = snapshot()
    assert client.post("/bestellen/pruefen", data={"total_minor": PAN_TOTAL}).location == (
        "/warenkorb"
    )
    assert moved(before) == set()
    with reading() as session:
        assert small_shop.books(session)["koeln", PAN] == (0, 0, 0, 0)


def test_each_line_is_taken_from_the_place_that_has_it_unlike_medusa_15132():
    ref = order((HOOK, 2), (PAN, 1), (LURE, 5))

    with reading() as session:
        held = reservations.of_order(session, ref)
    assert [(row.location, row.quantity) for row in held if row.sku == HOOK] == [("bonn", 2)]
    assert [(row.location, row.quantity) for row in held if row.sku == PAN] == [("koeln", 1)]
    # Five lures are not in any one place.
    lures = {row.location: row.quantity for row in held if row.sku == LURE}
    assert lures in ({"lager": 4, "bonn": 1}, {"lager": 3, "bonn": 2})


def test_a_buyer_who_turns_back_is_not_blocked_by_the_own_hold_as_at_sylius_3573():
    basket = small_shop.basket_with((PAN, 1))
    placed = checkout.place(basket, small_shop.buyer())
    page = _pay_page(placed.order_ref)

    # Back from the payment page, the button again: the same order, the same page, one hold.
    assert checkout.place(basket, small_shop.buyer()) == placed
    assert _pay_page(placed.order_ref) == page

    with reading() as session:
        assert small_shop.books(session)["koeln", PAN] == (1, 0, 1, 0)
        assert [row.state for row in reservations.of_order(session, placed.order_ref)] == ["held"]


def test_an_abandoned_payment_leaves_no_hold_behind_as_at_sylius_3573():
    ref = order((PAN, 1))
    _pay_page(ref)
    with pytest.raises(Refused, match="stock_short"):
        order((PAN, 1))

    with reading() as session:
        [held] = reservations.of_order(session, ref)
    with clock.frozen(held.expires_at):
        # Nobody has swept: it is free all the same, and the next one gets it.
        with reading() as session:
            assert availability.available(session, [PAN])["koeln", PAN].available == 1
        second = order((PAN, 1), email="second@example.org")
        assert lapsing.lapse_due() == 1
        with reading() as session:
            assert small_shop.books(session)["koeln", PAN] == (1, 0, 1, 0)
            assert [row.state for row in reservations.of_order(session, ref)] == ["expired"]
            assert [row.state for row in reservations.of_order(session, second)] == ["held"]
            assert orders.by_ref(session, ref).state == "lapsed"


def test_a_return_goes_to_the_place_that_takes_it_in_as_spree_4324_did_not(app):
    register = Register(app.test_client())
    sold = register.post("/sales", sale((LURE, 2, 690))).get_json()
    with reading() as session:
        [line] = orders.lines_of(session, orders.by_ref(session, sold["order_ref"]))
        assert small_shop.books(session)["bonn", LURE] == (0, 0, 0, 0)

    for _ in range(2):
        return_order.take_back(
            sold["order_ref"], [Returned(line.id, 1)], location="koeln", actor="eva", key="r1"
        )

    with reading() as session:
        books = small_shop.books(session)
        assert books["koeln", LURE] == (1, 0, 0, 0)
        assert books["bonn", LURE] == (0, 0, 0, 0)


def test_an_offline_sale_that_is_sent_twice_is_posted_once_unlike_posnext_50(app):
    posted = sale((LURE, 1, 655), customer_number=MUELLER, sold_at="2026-11-25T09:30:00Z")
    start = Barrier(2)

    def sync():
        register = Register(app.test_client())
        start.wait(30)
        return register.post("/sales", posted)

    with ThreadPoolExecutor(2) as threads:
        answers = [one.result(60) for one in [threads.submit(sync) for _ in range(2)]]
    before = photograph()
    answers += [Register(app.test_client()).post("/sales", posted) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.get_json()["receipt_number"] for answer in answers}) == 1
    assert sorted(answer.get_json()["repeated"] for answer in answers) == [False, *[True] * 3]
    assert photograph() == before
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (1, 0, 0, 0)
        assert points.balance(session, MUELLER) == 6
        sales = text("SELECT count(*) FROM stock_movements WHERE cause = 'till_sale'")
        assert session.scalar(sales) == 1


def _pay_page(ref):
    return checkout.open_payment(
        ref, return_url="http://shop.test/b", cancel_url="http://shop.test/c"
    )


def _till_in(location):
    from app.identity import devices

    with transaction() as session:
        devices.enrol(session, code=f"{location}-1", name="Kasse", location=location, token="t2")
    assert TOKEN != "t2"
    return "t2"


def _pans(quantity):
    one = sale((PAN, quantity, PAN_TOTAL))
    return {name: one[name] for name in ("lines", "tenders")}
