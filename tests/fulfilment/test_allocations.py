"""Allocations: what a paid order has, and what is missing when the money comes late."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.claims import allocations, reservations, shortages
from fulfilment.claims.allocations import Missing
from fulfilment.stock import counter_sales
from kit import clock
from kit.errors import Invalid, Refused
from tests.fulfilment.warehouse import (
    FRIDAY,
    HOOKS,
    LURES,
    WEDNESDAY,
    balance,
    photograph,
    promise,
    stock,
    want,
)

SOON = WEDNESDAY + timedelta(minutes=30)
LATE = SOON + timedelta(hours=1)


def reserve(session, order_ref, *wants):
    return reservations.place(session, order_ref=order_ref, wants=list(wants), expires_at=SOON)


def states(session, order_ref):
    return [(row.state, row.quantity) for row in reservations.of_order(session, order_ref)]


def test_reservations_become_allocations_where_they_stand(shop):
    stock(shop, "lager", {HOOKS: 3, LURES: 9})
    stock(shop, "bonn", {HOOKS: 1})
    wants = [want(HOOKS, "lager", 3), want(LURES, "lager", 4), want(HOOKS, "bonn", 1)]
    reserve(shop, "K-1", *wants)

    claimed, missing = allocations.from_reservations(shop, order_ref="K-1", promised=promise(wants))

    assert missing == []
    assert [(row.sku, row.location, row.quantity, row.state) for row in claimed] == [
        (LURES, "lager", 4, "open"),
        (HOOKS, "bonn", 1, "open"),
        (HOOKS, "lager", 3, "open"),
    ]
    assert {row.promised_on for row in claimed} == {FRIDAY}
    assert states(shop, "K-1") == [("claimed", 4), ("claimed", 1), ("claimed", 3)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 3, "allocated": 3}
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 1, "allocated": 1}


def test_a_second_settlement_claims_nothing_more(shop):
    stock(shop, "lager", {HOOKS: 9})
    wants = [want(HOOKS, "lager", 3)]
    reserve(shop, "K-1", *wants)
    first = allocations.from_reservations(shop, order_ref="K-1", promised=promise(wants))
    before = photograph(shop)

    again = allocations.from_reservations(shop, order_ref="K-1", promised=promise(wants))

    assert again == first
    assert photograph(shop) == before


def test_money_after_the_deadline_still_gets_what_nobody_needed(shop):
    stock(shop, "lager", {HOOKS: 3})
    wants = [want(HOOKS, "lager", 3)]
    reserve(shop, "K-1", *wants)

    with clock.frozen(LATE):
        claimed, missing = allocations.from_reservations(
            shop, order_ref="K-1", promised=promise(wants)
        )

    assert ([row.quantity for row in claimed], missing) == ([3], [])
    assert states(shop, "K-1") == [("claimed", 3)]


@pytest.mark.parametrize("end", ["expire", "release"])
def test_what_ended_is_claimed_again_from_what_is_left_there(shop, end):
    stock(shop, "lager", {HOOKS: 3})
    wants = [want(HOOKS, "lager", 3)]
    reserve(shop, "K-1", *wants)
    with clock.frozen(LATE):
        if end == "expire":
            reservations.expire_due(shop)
        else:
            reservations.release(shop, "K-1")
        others = [want(HOOKS, "lager", 1)]
        allocations.allocate(shop, order_ref="K-2", wants=others, promised=promise(others))

        claimed, missing = allocations.from_reservations(
            shop, order_ref="K-1", promised=promise(wants)
        )

    assert [row.quantity for row in claimed] == [2]
    assert missing == [Missing(wants[0].line_id, HOOKS, "lager", 1)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 3, "allocated": 3}
    assert states(shop, "K-1") == [(f"{end}d", 3)]


def test_two_ended_lines_do_not_share_what_is_left_of_their_article(shop):
    stock(shop, "lager", {HOOKS: 4})
    wants = [want(HOOKS, "lager", 2), want(HOOKS, "lager", 2)]
    reserve(shop, "K-1", *wants)
    reservations.release(shop, "K-1")
    others = [want(HOOKS, "lager", 1)]
    allocations.allocate(shop, order_ref="K-2", wants=others, promised=promise(others))

    claimed, missing = allocations.from_reservations(shop, order_ref="K-1", promised=promise(wants))

    assert sorted(row.quantity for row in claimed) == [1, 2]
    assert [(gap.sku, gap.quantity) for gap in missing] == [(HOOKS, 1)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 4, "allocated": 4}


def test_a_claim_that_found_nothing_is_missing_and_moves_nothing(shop):
    stock(shop, "lager", {HOOKS: 3})
    wants = [want(HOOKS, "lager", 3)]
    reserve(shop, "K-1", *wants)
    with clock.frozen(LATE):
        others = [want(HOOKS, "lager", 3)]
        allocations.allocate(shop, order_ref="K-2", wants=others, promised=promise(others))
        before = photograph(shop)

        claimed, missing = allocations.from_reservations(
            shop, order_ref="K-1", promised=promise(wants)
        )

    assert claimed == []
    assert missing == [Missing(wants[0].line_id, HOOKS, "lager", 3)]
    assert photograph(shop) == before


def test_what_a_till_sale_ate_before_the_money_came_is_missing_once(shop):
    stock(shop, "bonn", {HOOKS: 2})
    wants = [want(HOOKS, "bonn", 2)]
    reserve(shop, "K-1", *wants)
    counter_sales.sell(
        shop, location="bonn", lines=[(HOOKS, 1)], document="R-1", actor="till", key="s1"
    )
    assert [row.quantity for row in shortages.open_for(shop, "K-1")] == [1]

    claimed, missing = allocations.from_reservations(shop, order_ref="K-1", promised=promise(wants))

    assert [row.quantity for row in claimed] == [1]
    assert missing == [Missing(wants[0].line_id, HOOKS, "bonn", 1)]
    # The caller opens the shortage of the paid order; the earlier one is closed, not doubled.
    assert shortages.open_for(shop, "K-1") == []


def test_a_line_held_again_elsewhere_is_not_claimed_twice(shop):
    stock(shop, "bonn", {HOOKS: 1})
    stock(shop, "koeln", {HOOKS: 5})
    line = uuid.uuid4()
    first = [want(HOOKS, "bonn", 1, line)]
    reserve(shop, "K-1", *first)
    counter_sales.sell(
        shop, location="bonn", lines=[(HOOKS, 1)], document="R-1", actor="till", key="s1"
    )
    with clock.frozen(WEDNESDAY + timedelta(seconds=1)):
        reserve(shop, "K-1", want(HOOKS, "koeln", 1, line))
        stock(shop, "bonn", {HOOKS: 5})
        claimed, missing = allocations.from_reservations(
            shop, order_ref="K-1", promised=promise(first)
        )

    assert [(row.location, row.quantity) for row in claimed] == [("koeln", 1)]
    assert missing == []


def test_a_line_without_promise_is_refused(shop):
    stock(shop, "lager", {HOOKS: 3})
    wants = [want(HOOKS, "lager", 3)]
    reserve(shop, "K-1", *wants)
    with pytest.raises(Invalid) as refusal, shop.begin_nested():
        allocations.from_reservations(shop, order_ref="K-1", promised={})
    assert refusal.value.facts == {"line_id": str(wants[0].line_id)}
    assert states(shop, "K-1") == [("held", 3)]


def test_allocation_over_two_locations_subtracts_at_each_as_vendure_4030_did_not(shop):
    stock(shop, "lager", {HOOKS: 2})
    stock(shop, "bonn", {HOOKS: 2})
    line = uuid.uuid4()
    wants = [want(HOOKS, "lager", 2, line), want(HOOKS, "bonn", 1, line)]

    rows = allocations.allocate(shop, order_ref="K-1", wants=wants, promised={line: FRIDAY})

    assert [(row.location, row.quantity) for row in rows] == [("lager", 2), ("bonn", 1)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2, "allocated": 2}
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 2, "allocated": 1}
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        allocations.allocate(shop, order_ref="K-2", wants=wants, promised={line: FRIDAY})
    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 2, "available": 0}
    ]
    assert photograph(shop) == before


def test_what_the_first_location_lacks_may_come_from_the_second_unlike_medusa_15132(shop):
    stock(shop, "bonn", {HOOKS: 2})
    wants = [want(HOOKS, "bonn", 2)]
    [row] = allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    assert (row.location, row.quantity, row.state) == ("bonn", 2, "open")


def test_released_allocations_are_free_and_a_second_release_does_nothing(shop):
    stock(shop, "lager", {HOOKS: 3, LURES: 3})
    wants = [want(HOOKS, "lager", 2), want(LURES, "lager", 1)]
    rows = allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))

    [released] = allocations.release(shop, allocation_ids=[rows[0].id])
    assert (released.sku, released.state, released.ended_at) == (HOOKS, "released", WEDNESDAY)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 3}
    assert balance(shop, "lager", LURES) == {"on_hand": 3, "allocated": 1}

    assert [row.sku for row in allocations.release(shop, order_ref="K-1")] == [LURES]
    before = photograph(shop)
    assert allocations.release(shop, order_ref="K-1") == []
    assert allocations.release(shop, allocation_ids=[]) == []
    assert photograph(shop) == before


def test_states_move_along_declared_edges_only(shop):
    stock(shop, "lager", {HOOKS: 3})
    wants = [want(HOOKS, "lager", 2)]
    [row] = allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    allocations.release(shop, allocation_ids=[row.id])
    assert shop.execute(text("SELECT state FROM stock_allocations")).scalars().all() == ["released"]
