"""The short way of a payment leaves what the long way leaves, and steps aside where it must."""

import threading

import pytest
from sqlalchemy import text

from app.payments import charges
from app.sales import orders
from app.workflows import checkout, confirm_at_once
from fulfilment.claims import reservations
from fulfilment.outbound import starting
from kit.database import reading, transaction
from tests import small_shop
from tests.races.rivals import wait_for_a_waiter
from tests.small_shop import HOOK, LURE

pytestmark = pytest.mark.usefixtures("app", "wednesday", "sound")

STOCK = {("lager", LURE): 4, ("bonn", HOOK): 2}
LEFT = """
    SELECT 'allocation', sku, location, quantity::text, state, promised_on::text,
        (fulfilment_order_id IS NOT NULL)::text FROM stock_allocations WHERE order_ref = :ref
    UNION ALL SELECT 'reservation', sku, location, quantity::text, state, '',
        (ended_at IS NOT NULL)::text FROM stock_reservations WHERE order_ref = :ref
    UNION ALL SELECT 'job', location, kind, state, tariff, ships_on::text || arrives_on::text,
        (address ->> 'city') || due_at::text FROM fulfilment_orders WHERE order_ref = :ref
    UNION ALL SELECT 'order', state, '', '', '', promised_on::text,
        (confirmed_at IS NOT NULL)::text FROM orders WHERE ref = :ref
    UNION ALL SELECT 'payment', state, captured_minor::text, '', '', '',
        (captured_at IS NOT NULL)::text FROM payments WHERE order_ref = :ref
    UNION ALL SELECT 'timeline', what, actor, facts::text, '', '', '' FROM order_timeline
        WHERE order_ref = :ref
    UNION ALL SELECT 'event', name, '', '', '', '', '' FROM outbox_events
        WHERE payload ->> 'order_ref' = :ref
    ORDER BY 1, 2, 3, 4
"""


def ordered():
    placed = checkout.place(small_shop.basket_with((LURE, 2), (HOOK, 1)), small_shop.buyer())
    with reading() as session:
        payment = charges.of_order(session, placed.order_ref)
    return placed.order_ref, str(payment.id), payment.amount_minor


def left(ref):
    with reading() as session:
        return [tuple(row) for row in session.execute(text(LEFT), {"ref": ref})]


def test_both_ways_leave_the_same(monkeypatch):
    small_shop.build(STOCK)
    ref, payment, amount = ordered()
    assert confirm_at_once.settled(payment, amount, "pi_1")
    short = left(ref)
    assert ("order", "confirmed") in [row[:2] for row in short]
    checkout.settle(payment, amount, "pi_1")  # once more changes nothing
    assert left(ref) == short

    other, payment, amount = ordered()
    monkeypatch.setattr(confirm_at_once, "settled", lambda *_: False)
    checkout.settle(payment, amount, "pi_2")
    assert left(other) == short
    with reading() as session:
        books = small_shop.books(session)
    assert (books["lager", LURE], books["bonn", HOOK]) == ((4, 0, 0, 4), (2, 0, 0, 2))


def test_what_is_lost_between_the_look_and_the_claim_is_found_by_the_long_way(monkeypatch):
    small_shop.build(STOCK)
    ref, payment, amount = ordered()
    look = starting.held

    def lost_meanwhile(session, order_ref, besides):
        rows = look(session, order_ref, besides)
        # As a count does that finds one unit fewer: the claim on it gives way.
        session.execute(
            text("UPDATE stock_reservations SET quantity = 1 WHERE sku = :s"), {"s": LURE}
        )
        return rows

    monkeypatch.setattr(starting, "held", lost_meanwhile)
    assert not confirm_at_once.settled(payment, amount, "pi_1")
    monkeypatch.undo()
    with reading() as session:
        assert charges.of_order(session, ref).state == "intended"
        assert [row.state for row in reservations.of_order(session, ref)] == ["held", "held"]
    checkout.settle(payment, amount, "pi_1")
    assert ("order", "confirmed") in [row[:2] for row in left(ref)]


@pytest.mark.parametrize("captured", [-1, 1])
def test_another_sum_is_no_case_for_the_short_way(captured):
    small_shop.build(STOCK)
    ref, payment, amount = ordered()
    before = left(ref)
    assert not confirm_at_once.settled(payment, amount + captured, "pi_1")
    assert not confirm_at_once.settled("pay-1", amount, "pi_1")
    assert left(ref) == before


def test_an_order_that_gave_its_goods_back_goes_the_long_way():
    small_shop.build(STOCK)
    ref, payment, amount = ordered()
    with transaction() as session:
        reservations.release(session, ref)
    assert not confirm_at_once.settled(payment, amount, "pi_1")
    checkout.settle(payment, amount, "pi_1")
    with reading() as session:
        books = small_shop.books(session)
    assert books["lager", LURE][3] == 2


@pytest.mark.race
@pytest.mark.parametrize("short", [True, False])
def test_money_waits_for_the_order_without_holding_its_payment(short, monkeypatch, owner):
    # Who lets an order lapse, cancels or refunds has locked the order and wants the payment next.
    small_shop.build(STOCK)
    ref, payment, amount = ordered()
    if not short:
        monkeypatch.setattr(confirm_at_once, "settled", lambda *_: False)
    money = threading.Thread(target=checkout.settle, args=(payment, amount, "pi_1"))
    with transaction() as session:
        orders.by_ref(session, ref, lock=True)
        money.start()
        wait_for_a_waiter(owner, "transactionid")
        owner.execute("SELECT 1 FROM payments WHERE id = %s FOR UPDATE NOWAIT", [payment])
    money.join(10)
    assert ("order", "confirmed") in [row[:2] for row in left(ref)]
