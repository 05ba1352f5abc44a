"""Several tills and connections at once, with real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import stripe
from flask import current_app
from sqlalchemy import select

from app.identity import devices
from app.payments import charges
from app.payments.models import Refund
from app.sales import orders
from app.workflows import checkout
from fulfilment.models import Shortage
from fulfilment.routing import snapshot
from fulfilment.stock import ledger
from kit.database import reading, transaction
from loyalty import points
from tests import small_shop
from tests.pos.register import Register, photograph, problem, sale
from tests.small_shop import HOOK, LURE, LURE_MINOR, MUELLER

pytestmark = pytest.mark.race


def at_once(app: Any, tokens: list[str], bodies: list[dict[str, Any]]) -> list[Any]:
    """Post each sale from a client and a thread of its own, all from one moment on."""
    start = Barrier(len(bodies))

    def post(token: str, body: dict[str, Any]) -> Any:
        register = Register(app.test_client(), token)
        assert register.get("/device").status_code == 200  # the connection is open now
        start.wait(30)
        return register.post("/sales", body)

    with ThreadPoolExecutor(len(bodies)) as threads:
        running = [threads.submit(post, *each) for each in zip(tokens, bodies, strict=True)]
        return [one.result(60) for one in running]


@pytest.mark.parametrize("connections", [2, 8])
def test_one_sale_from_many_connections_is_booked_once(register, app, connections):
    for turn in range(1, 4):
        posted = sale((LURE, 1, 655), customer_number=MUELLER)
        answers = at_once(app, [small_shop.TOKEN] * connections, [posted] * connections)

        assert [answer.status_code for answer in answers] == [200] * connections
        receipts = [answer.get_json() for answer in answers]
        repeated = [receipt.pop("repeated") for receipt in receipts]
        assert sorted(repeated) == [False] + [True] * (connections - 1)
        assert all(receipt == receipts[0] for receipt in receipts)
        assert receipts[0]["receipt_number"] == f"bonn-1-{turn:06d}"
        with reading() as session:
            assert small_shop.books(session)["bonn", LURE] == (12 - turn, 0, 0, 0)
            assert points.balance(session, MUELLER) == 6 * turn
    assert len(photograph()["payments"]) == 3


def test_one_id_from_two_tills_is_one_sale_and_the_other_number_is_not_lost(register, app):
    with transaction() as session:
        devices.enrol(session, code="bonn-2", name="Kasse 2", location="bonn", token="second-till")
    posted = sale()

    answers = at_once(app, [small_shop.TOKEN, "second-till"], [posted, posted])

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({answer.get_json()["receipt_number"] for answer in answers}) == 1
    second = Register(app.test_client(), "second-till")
    numbers = {each.sell().get_json()["receipt_number"] for each in (register, second)}
    # The till that was first stands at 2, the other one starts at 1: no number is missing.
    assert numbers in ({"bonn-1-000002", "bonn-2-000001"}, {"bonn-1-000001", "bonn-2-000002"})


def test_one_id_for_two_different_sales_at_once_books_one_of_them(register, app):
    one = sale((LURE, 1, LURE_MINOR))
    other = {**sale((HOOK, 1, 490)), "sale_id": one["sale_id"]}

    answers = at_once(app, [small_shop.TOKEN] * 2, [one, other])

    assert sorted(answer.status_code for answer in answers) == [200, 422]
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert problem(refused) == (422, "sale_id_reused")
    assert len(photograph()["orders"]) == 1


def test_many_sales_at_once_get_numbers_without_a_gap(register, app):
    bodies = [sale((LURE, 1, LURE_MINOR), (HOOK, 1, 490)) for _ in range(6)]

    answers = at_once(app, [small_shop.TOKEN] * 6, bodies)

    numbers = sorted(answer.get_json()["receipt_number"] for answer in answers)
    assert numbers == [f"bonn-1-{number:06d}" for number in range(1, 7)]
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (6, 0, 0, 0)
        # Five hooks in the books, six in the customers' hands: one was found.
        assert small_shop.books(session)["bonn", HOOK] == (0, 0, 0, 0)


def _web_order(settle_events: Callable[[], int], *lines: tuple[str, int]) -> str:
    token = small_shop.basket_with(*lines)
    buyer = small_shop.buyer(contact_by="mail", phone=None)
    ref = checkout.place(token, buyer).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, _charged(payment.amount_minor))
    settle_events()
    return ref


def _charged(amount_minor: int) -> str:
    """Have the provider take the money, so that it has some to give back."""
    config = current_app.config["KONTOR"]
    client = stripe.StripeClient(
        config.stripe_api_key, base_addresses={"api": config.stripe_api_base}
    )
    facts = {
        "amount": amount_minor,
        "currency": "eur",
        "payment_method_types": ["card"],
        "payment_method": "pm_card_visa",
        "confirm": True,
    }
    return client.v1.payment_intents.create(facts).id


@pytest.fixture
def till(wednesday: None, sound: None, client) -> Register:
    return Register(client)


def test_a_sale_that_eats_a_promised_unit_sends_the_order_elsewhere(till, settle_events):
    small_shop.build({("bonn", HOOK): 1, ("koeln", LURE): 1})
    ref = _web_order(settle_events, (HOOK, 1))
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK] == (1, 0, 0, 1)
    with transaction() as session:
        ledger.receive(
            session, "koeln", [(HOOK, 2)], document="delivery", actor="test", key="delivery"
        )

    answer = till.post("/sales", sale((HOOK, 1, 490)))

    assert answer.status_code == 200
    with reading() as session:
        (shortage,) = session.scalars(select(Shortage)).all()
        assert (shortage.order_ref, shortage.sku, shortage.quantity) == (ref, HOOK, 1)
        assert (shortage.cause, shortage.resolved_at) == ("till_sale", None)
        assert small_shop.books(session)["bonn", HOOK] == (0, 0, 0, 0)
    settle_events()
    with reading() as session:
        assert small_shop.books(session)["koeln", HOOK] == (2, 0, 0, 1)
        assert snapshot.latest(session, ref).locations == ("koeln",)
        assert small_shop.job_at(session, ref, "koeln")
        (shortage,) = session.scalars(select(Shortage)).all()
        assert shortage.resolved_at is not None
        assert orders.by_ref(session, ref).state == "confirmed"


def test_where_nothing_is_left_the_customer_gets_the_money_back(till, settle_events):
    small_shop.build({("bonn", HOOK): 1, ("koeln", LURE): 1})
    ref = _web_order(settle_events, (HOOK, 1), (LURE, 1))

    assert till.post("/sales", sale((HOOK, 1, 490))).status_code == 200
    settle_events()

    with reading() as session:
        found = {line.sku: line for line in orders.lines_of(session, orders.by_ref(session, ref))}
        assert (found[HOOK].cancelled, found[LURE].cancelled) == (1, 0)
        assert charges.of_order(session, ref).refunded_minor == 490
        (refund,) = session.scalars(select(Refund)).all()
        assert (refund.amount_minor, refund.cause, refund.state) == (
            490, "not_deliverable", "succeeded",
        )  # fmt: skip
        assert refund.provider_refund.startswith("re_")
        assert small_shop.books(session)["koeln", LURE] == (1, 0, 0, 1)
        (shortage,) = session.scalars(select(Shortage)).all()
        assert shortage.resolved_at is not None


def test_a_sale_and_a_web_order_want_the_last_unit_at_once(till, app, settle_events):
    small_shop.build({("bonn", HOOK): 1})
    token = small_shop.basket_with((HOOK, 1))
    start = Barrier(2)

    def order() -> str:
        start.wait(30)
        try:
            checkout.place(token, small_shop.buyer())
        except Exception as refusal:  # noqa: BLE001 - what it is, the test says below
            return getattr(refusal, "code", repr(refusal))
        return "placed"

    def sell() -> int:
        start.wait(30)
        return Register(app.test_client()).post("/sales", sale((HOOK, 1, 490))).status_code

    with ThreadPoolExecutor(2) as threads:
        placed, sold = threads.submit(order), threads.submit(sell)
        assert sold.result(60) == 200
        assert placed.result(60) in {"placed", "stock_short"}
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK][:1] == (0,)
        assert small_shop.books(session)["bonn", HOOK][3] == 0
