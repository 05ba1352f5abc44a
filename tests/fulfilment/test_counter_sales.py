"""Till sales: the goods in hand win, and who loses is decided, not left to chance."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.claims import allocations, reservations, shortages
from fulfilment.outbound import picking
from fulfilment.stock import counter_sales, counts, ledger
from kit import clock
from kit.errors import Invalid, NotFound
from tests.fulfilment.warehouse import (
    ADDRESS,
    FRIDAY,
    HOOKS,
    LURES,
    PLANS,
    SATURDAY,
    WEDNESDAY,
    balance,
    events_of,
    photograph,
    promise,
    stock,
    want,
)

SOON = WEDNESDAY + timedelta(minutes=30)


def sell(session, *lines, key="s1", location="bonn"):
    return counter_sales.sell(
        session,
        location=location,
        lines=list(lines),
        document="bonn-1-000042",
        actor="till bonn-1",
        key=f"sale/{key}",
    )


def allocate(session, order_ref, quantity, on=FRIDAY):
    wants = [want(HOOKS, "bonn", quantity)]
    return allocations.allocate(
        session, order_ref=order_ref, wants=wants, promised=promise(wants, on)
    )


def test_a_sale_takes_its_units_from_the_shelf(shop):
    stock(shop, "bonn", {HOOKS: 3, LURES: 9})

    sold = sell(shop, (HOOKS, 1), (LURES, 2), (HOOKS, 1))

    assert (sold.found, sold.lost, sold.repeated) == ([], [], False)
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 1}
    assert balance(shop, "bonn", LURES) == {"on_hand": 7}
    [movement] = ledger.movements(shop, HOOKS, limit=1)
    assert (movement.cause, movement.quantity, movement.to_account) == ("till_sale", 2, "customer")
    assert (movement.document, movement.channel) == ("bonn-1-000042", "till")
    assert counts.open_tasks(shop, "bonn") == []


def test_the_same_sale_posted_twice_moves_once(shop):
    stock(shop, "bonn", {HOOKS: 1})
    first = sell(shop, (HOOKS, 2))
    before = photograph(shop)

    again = sell(shop, (HOOKS, 2))

    assert (again.repeated, again.found, again.lost) == (True, first.found, [])
    assert photograph(shop) == before


def test_what_the_books_lack_is_found_first_and_somebody_counts(shop):
    stock(shop, "bonn", {HOOKS: 1})

    sold = sell(shop, (HOOKS, 3), (LURES, 1))

    assert sold.found == [(HOOKS, 2), (LURES, 1)]
    assert balance(shop, "bonn", HOOKS) == {}
    assert [row.cause for row in ledger.movements(shop, HOOKS)] == ["till_sale", "found", "receipt"]
    tasks = counts.open_tasks(shop, "bonn")
    assert [(row.sku, row.cause, row.document) for row in tasks] == [
        (LURES, "found", "bonn-1-000042"),
        (HOOKS, "found", "bonn-1-000042"),
    ]


def test_one_open_count_task_per_place_is_enough(shop):
    sell(shop, (HOOKS, 1), key="s1")
    sell(shop, (HOOKS, 1), key="s2")
    assert len(counts.open_tasks(shop, "bonn")) == 1


def test_reservations_lose_first_and_of_them_the_latest_deadline(shop):
    stock(shop, "bonn", {HOOKS: 4})
    allocate(shop, "K-A", 1, SATURDAY)
    for order_ref, minutes in (("K-1", 10), ("K-2", 30), ("K-3", 20)):
        reservations.place(
            shop,
            order_ref=order_ref,
            wants=[want(HOOKS, "bonn", 1)],
            expires_at=WEDNESDAY + timedelta(minutes=minutes),
        )

    sold = sell(shop, (HOOKS, 2))

    assert [loss.order_ref for loss in sold.lost] == ["K-2", "K-3"]
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 2, "reserved": 1, "allocated": 1}
    assert sorted(events_of(shop), key=str) == [
        ("ShortageOpened", {"order_ref": "K-2", "cause": "till_sale"}),
        ("ShortageOpened", {"order_ref": "K-3", "cause": "till_sale"}),
    ]
    [shortage] = shortages.open_for(shop, "K-2")
    assert (shortage.sku, shortage.location, shortage.quantity) == (HOOKS, "bonn", 1)


def test_then_the_allocation_with_the_latest_promise_and_only_as_much_as_needed(shop):
    stock(shop, "bonn", {HOOKS: 5})
    allocate(shop, "K-1", 2, FRIDAY)
    allocate(shop, "K-2", 3, SATURDAY)

    sold = sell(shop, (HOOKS, 2))

    assert [(loss.order_ref, loss.quantity) for loss in sold.lost] == [("K-2", 2)]
    rows = allocations.of_order(shop, "K-2")
    assert sorted((row.state, row.quantity) for row in rows) == [("lost", 2), ("open", 1)]
    assert {row.line_id for row in rows} == {rows[0].line_id}
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 3, "allocated": 3}


def test_an_expired_reservation_loses_nothing(shop):
    stock(shop, "bonn", {HOOKS: 1})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 1)], expires_at=SOON)

    with clock.frozen(SOON):
        sold = sell(shop, (HOOKS, 1))

    assert sold.lost == []
    assert [row.state for row in reservations.of_order(shop, "K-1")] == ["expired"]
    assert shortages.open_for(shop, "K-1") == []


def test_a_picked_unit_is_never_lost_the_one_in_hand_was_not_in_the_books(shop):
    stock(shop, "bonn", {HOOKS: 2})
    rows = allocate(shop, "K-1", 2)
    [job] = picking.open_orders(
        shop, order_ref="K-1", allocations=rows, plans=PLANS, address=ADDRESS
    )
    picking.claim(shop, job.id, "Anna")
    picking.scan(shop, job.id, HOOKS)

    sold = sell(shop, (HOOKS, 2))

    assert sold.found == [(HOOKS, 1)]
    assert [(loss.order_ref, loss.quantity) for loss in sold.lost] == [("K-1", 1)]
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 1, "allocated": 1, "picked": 1}
    assert picking.finish(shop, job.id) == "picked"


def test_a_quarantined_unit_is_not_what_the_customer_holds(shop):
    stock(shop, "bonn", {HOOKS: 2})
    ledger.quarantine(shop, "bonn", [(HOOKS, 2)], document="recall", actor="kai", key="q")

    sold = sell(shop, (HOOKS, 1))

    assert sold.found == [(HOOKS, 1)]
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 2, "quarantined": 2}


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_sale_of_no_units_is_refused_whole(shop, quantity):
    stock(shop, "bonn", {HOOKS: 3, LURES: 3})
    before = photograph(shop)
    with pytest.raises(Invalid, match="quantity"):
        sell(shop, (LURES, 1), (HOOKS, quantity))
    assert photograph(shop) == before


def test_a_sale_at_an_unknown_place_moves_nothing(shop):
    before = photograph(shop)
    with pytest.raises(NotFound, match="location"):
        sell(shop, (LURES, 1), location="mond")
    assert photograph(shop) == before


def test_a_lost_reservation_of_an_order_that_is_never_paid_is_forgotten(shop):
    stock(shop, "bonn", {HOOKS: 1})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 1)], expires_at=SOON)
    sell(shop, (HOOKS, 1))

    assert reservations.release(shop, "K-1") == []

    assert shortages.open_for(shop, "K-1") == []
    assert shop.execute(text("SELECT resolution FROM shortages")).scalars().all() == ["released"]
