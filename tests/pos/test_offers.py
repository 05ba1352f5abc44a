"""Advised at the counter, bought on the web; a basket on the phone; a receipt by mail."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.messages.models import Message
from app.payments import charges
from app.sales import counter_offers, orders
from app.sales.models import Order
from app.tills import cashiers
from app.workflows import checkout
from app.workflows import counter_offers as workflow
from app.workflows.checkout import Buyer
from catalog import pricing
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from tests import small_shop
from tests.pos.register import photograph, problem, sale
from tests.pos.test_set_up import hired
from tests.small_shop import HOOK, LURE, LURE_MINOR
from tests.web import staff_bench

KLEIN = Buyer("Karl Klein", "klein@example.org", "Rheinweg 7", "53111", "Bonn")


def _offer(*lines, **changes):
    wanted = lines or ((LURE, 2),)
    return {
        "offer_id": str(uuid.uuid4()),
        "lines": [{"sku": sku, "quantity": units} for sku, units in wanted],
        "name": "Karl Klein",
        "email": "klein@example.org",
        "days": 7,
        **changes,
    }


@pytest.fixture
def cashier():
    with transaction() as session:
        anna = hired(session, "Anna Arend")
        return cashiers.set_pin(session, anna, "4711")


def _token(ref):
    with reading() as session:
        return counter_offers.by_ref(session, ref).token


def _dearer():
    with transaction() as session:
        pricing.set_price(session, LURE, LURE_MINOR + 200, clock.now())


def test_a_price_is_frozen_mailed_and_bought_with_one_click(register, client, settle_events):
    posted = _offer(hold=True, note="Mit der 7-g-Bebleiung.")
    offer = register.post("/offers", posted).get_json()
    again = register.post("/offers", posted).get_json()
    settle_events()
    _dearer()

    assert (offer["state"], offer["total_minor"], offer["held"]) == ("open", 1380, True)
    assert again == {**offer, "repeated": True}
    with reading() as session:
        (mail,) = session.scalars(select(Message)).all()
        held = small_shop.books(session)
    assert (mail.kind, mail.recipient) == ("counter_offer", "klein@example.org")
    assert "Mit der 7-g-Bebleiung." in mail.body_text
    assert f"/angebot/{_token(offer['ref'])}" in mail.body_text
    assert sum(figures[2] for figures in held.values()) == 2

    page = client.get(f"/angebot/{_token(offer['ref'])}")
    assert page.status_code == 200
    assert "13,80" in page.get_data(as_text=True)
    bought = workflow.buy(_token(offer["ref"]), KLEIN)
    twice = workflow.buy(_token(offer["ref"]), KLEIN)

    assert twice == bought
    with reading() as session:
        order = orders.by_ref(session, bought.order_ref)
        assert (order.goods_minor, order.channel, order.state) == (1380, "web", "placed")
        assert sum(row[2] for row in small_shop.books(session).values()) == 2
        told = [row.what for row in orders.timeline(session, order.ref)]
        assert "offer_bought" in told
    (listed,) = register.get("/offers").get_json()["offers"]
    assert (listed["state"], listed["order_ref"]) == ("ordered", bought.order_ref)


def test_store_and_adviser_are_credited_when_it_is_paid(register, cashier):
    offer = register.post("/offers", _offer((HOOK, 1), cashier=cashier)).get_json()
    bought = workflow.buy(_token(offer["ref"]), KLEIN)
    assert register.get("/offers").get_json()["credited"] == []
    with reading() as session:
        payment = charges.of_order(session, bought.order_ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    (credit,) = register.get("/offers").get_json()["credited"]
    assert credit == {"adviser": offer["adviser"], "orders": 1, "goods_minor": 490}
    assert offer["adviser"] == "Anna Arend"


def test_an_expired_offer_is_quoted_again_once_and_frees_what_it_held(register, settle_events):
    offer = register.post("/offers", _offer(hold=True, days=1)).get_json()
    assert problem(register.post(f"/offers/{offer['ref']}/renewal", {})) == (409, "offer_open")
    with clock.frozen(clock.now() + timedelta(days=3)):
        _dearer()
        with pytest.raises(Refused, match="offer_expired"):
            workflow.buy(_token(offer["ref"]), KLEIN)
        new = register.post(f"/offers/{offer['ref']}/renewal", {}).get_json()
        twice = register.post(f"/offers/{offer['ref']}/renewal", {}).get_json()
    assert (new["total_minor"], new["renews"], new["held"]) == (1780, offer["ref"], False)
    assert twice["ref"] == new["ref"]
    with reading() as session:
        assert session.scalars(select(Order)).all() == []


def test_goods_in_hand_win_and_who_was_offered_them_is_told(register, settle_events):
    held = register.post("/offers", _offer((HOOK, 5), hold=True)).get_json()
    settle_events()
    assert register.post("/sales", sale((HOOK, 1, 490))).status_code == 200
    settle_events()

    with reading() as session:
        kept = counter_offers.by_ref(session, held["ref"])
        assert (kept.held, counter_offers.state(kept)) == (False, "open")
        told = session.scalars(select(Message).order_by(Message.id)).all()
        assert [row.facts["what"] for row in told] == ["offered", "unheld"]
        assert small_shop.books(session)["bonn", HOOK] == (4, 0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"hold": True, "days": 30}, (422, "offer")),
        ({"lines": [{"sku": HOOK, "quantity": 99}], "hold": True}, (409, "stock_short")),
        (
            {"lines": [{"sku": LURE, "quantity": 1,
                        "discount": {"amount_minor": 50, "reason": "damage"}}]},
            (409, "right"),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_offered_is_refused_and_nothing_is_put_aside(register, changes, told):
    before = photograph()
    assert problem(register.post("/offers", _offer(**changes))) == told
    assert photograph() == before


def test_a_basket_goes_on_in_the_customers_hand(register, client):
    wanted = {"lines": [{"sku": LURE, "quantity": 2}, {"sku": LURE, "quantity": 1}]}
    url = register.post("/phone-baskets", wanted).get_json()["url"]
    client.get(url.split("//", 1)[1].split("/", 1)[1].join(("/", "")))
    page = client.get("/warenkorb").get_data(as_text=True)
    assert "20,70" in page


def test_a_receipt_goes_by_mail_once(register, settle_events):
    booked = register.post("/sales", sale()).get_json()
    wanted = {"sale_id": booked["sale_id"], "email": "klein@example.org"}
    assert problem(register.post("/receipt-mails", {**wanted, "sale_id": "no-such-sale"})) == (
        404,
        "sale",
    )
    assert [register.post("/receipt-mails", wanted).status_code for _ in range(2)] == [200, 200]
    settle_events()
    with reading() as session:
        (mail,) = session.scalars(select(Message)).all()
    assert (mail.kind, mail.recipient) == ("receipt", "klein@example.org")
    assert booked["receipt_url"].rsplit("/", 1)[1] in mail.body_text
    assert booked["receipt_number"] in mail.subject


def test_an_offer_that_was_a_mistake_is_taken_back_freed_and_told(register, settle_events):
    offer = register.post("/offers", _offer(hold=True)).get_json()
    settle_events()
    before = photograph()
    with pytest.raises(Invalid, match="reason"):
        workflow.withdraw(offer["ref"], by="Petra", why="  ")
    assert photograph() == before

    for _ in range(2):
        workflow.withdraw(offer["ref"], by="Petra", why="Preis verlesen")
    settle_events()

    with reading() as session:
        kept = counter_offers.by_ref(session, offer["ref"])
        assert (counter_offers.state(kept), kept.held) == ("withdrawn", False)
        assert (kept.withdrawn_by, kept.withdrawn_why) == ("Petra", "Preis verlesen")
        told = session.scalars(select(Message).order_by(Message.id)).all()
        assert [row.facts["what"] for row in told] == ["offered", "withdrawn"]
        assert "/angebot/" not in told[1].body_text
        assert sum(figures[2] for figures in small_shop.books(session).values()) == 0
    with pytest.raises(Refused, match="offer_withdrawn"):
        workflow.buy(_token(offer["ref"]), KLEIN)
    (listed,) = register.get("/offers").get_json()["offers"]
    assert (listed["state"], listed["order_ref"]) == ("withdrawn", None)


def test_what_is_ordered_cannot_be_taken_back(register):
    offer = register.post("/offers", _offer()).get_json()
    workflow.buy(_token(offer["ref"]), KLEIN)
    before = photograph()
    with pytest.raises(Refused, match="offer_ordered"):
        workflow.withdraw(offer["ref"], by="Petra", why="zu spät")
    assert photograph() == before


def test_the_office_finds_offers_by_store_state_and_name(register, app):
    kept = register.post("/offers", _offer()).get_json()["ref"]
    over = register.post("/offers", _offer(name="Eva Ott", days=1)).get_json()["ref"]
    staff_bench.hire("office")
    with clock.frozen(clock.now() + timedelta(days=2)):
        client = staff_bench.at_work(app, "office")
        page = client.get("/office/counter-offers").get_data(as_text=True)
        found = client.get("/office/counter-offers?q=ott&state=expired").get_data(as_text=True)
        elsewhere = client.get("/office/counter-offers?place=koeln").get_data(as_text=True)
        assert (kept in page, over in page) == (True, True)
        assert (kept in found, over in found) == (False, True)
        assert (kept in elsewhere, over in elsewhere) == (False, False)
        client.post(f"/office/counter-offers/{over}/renewal")
        client.post(f"/office/counter-offers/{kept}/withdrawal", data={"why": "Irrtum"})
        with reading() as session:
            assert counter_offers.counts(session, "bonn") == {
                "open": 1, "expired": 1, "ordered": 0, "withdrawn": 1,
            }  # fmt: skip
            assert list(counter_offers.renewals(session, [kept, over])) == [over]
