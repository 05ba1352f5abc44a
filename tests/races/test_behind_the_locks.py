"""What waits where nobody sees a lock: foreign keys, and the ledger's months."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import allocations, shortages
from fulfilment.outbound import picking
from fulfilment.stock import counter_sales
from kit.database import engine, reading, transaction
from tests.fulfilment.warehouse import FRIDAY, HOOKS, balance, order, stock, want
from tests.races.rivals import buy, wait_for_a_waiter

pytestmark = pytest.mark.race
IMPATIENT = text("SET LOCAL lock_timeout = '3s'")


def test_a_sale_that_splits_a_claim_does_not_wait_for_its_picker(places):
    # The new half of the claim names the fulfilment order, whose row the picker has locked.
    with transaction() as session:
        stock(session, "bonn", {HOOKS: 2})
        job = order(session, "K-1", want(HOOKS, "bonn", 2))["bonn"]

    with Session(engine()) as picker:
        picking.claim(picker, job, "Anna")
        with transaction() as session:
            session.execute(IMPATIENT)
            sold = counter_sales.sell(
                session, location="bonn", lines=[(HOOKS, 1)], document="R", actor="till", key="s"
            )
        picking.scan(picker, job, HOOKS)
        picker.commit()

    assert [(loss.order_ref, loss.quantity) for loss in sold.lost] == [("K-1", 1)]
    with reading() as session:
        assert balance(session, "bonn", HOOKS) == {"on_hand": 1, "allocated": 1, "picked": 1}
        assert [row.quantity for row in shortages.open_for(session, "K-1")] == [1]


def test_money_that_waits_for_a_sale_claims_what_the_sale_has_left(places, owner):
    # The sale takes one of two reserved units while the payment waits for the lock.
    wants = [want(HOOKS, "bonn", 2)]
    with transaction() as session:
        stock(session, "bonn", {HOOKS: 2})
        buy(session, "K-1", wants)
    came = []

    def pay() -> None:
        with transaction() as session:
            session.execute(IMPATIENT)
            promised = {wants[0].line_id: FRIDAY}
            came.append(allocations.from_reservations(session, order_ref="K-1", promised=promised))

    waiting = threading.Thread(target=pay)
    with transaction() as session:
        counter_sales.sell(
            session, location="bonn", lines=[(HOOKS, 1)], document="R", actor="till", key="s"
        )
        waiting.start()
        wait_for_a_waiter(owner, "transactionid")
    waiting.join(10)

    [claimed] = came
    assert [row.quantity for row in claimed.allocations] == [1]
    assert [gap.quantity for gap in claimed.missing] == [1]
    with reading() as session:
        assert balance(session, "bonn", HOOKS) == {"on_hand": 1, "allocated": 1}


@pytest.mark.parametrize("month", ["2031-05-01", "2031-06-01"])
def test_a_month_of_the_ledger_is_opened_by_two_at_once(places, owner, month):
    partition = f"stock_movements_{month[:7].replace('-', '_')}"
    opened = text("SELECT open_stock_month(CAST(:month AS date))")
    came = []

    def second() -> None:
        with transaction() as session:
            session.execute(IMPATIENT)
            session.execute(opened, {"month": month})
            came.append(session.scalar(text("SELECT to_regclass(:name)"), {"name": partition}))

    waiting = threading.Thread(target=second)
    try:
        with transaction() as session:
            session.execute(opened, {"month": month})
            waiting.start()
            wait_for_a_waiter(owner, "advisory")
        waiting.join(10)
        assert came == [partition]
    finally:
        owner.execute(f"DROP TABLE IF EXISTS {partition}")
