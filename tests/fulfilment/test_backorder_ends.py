"""A backorder ends once: served, released, past its deadline or given up; money may come late."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.answers import availability
from fulfilment.claims import allocations, backorder_queue, backorders, reservations, shortages
from fulfilment.outbound import picking
from fulfilment.proofs import PROOFS, Drift, drift
from fulfilment.stock import locks
from kit import clock
from kit.errors import Refused
from tests.fulfilment.waiting import (
    DECEMBER,
    LATER,
    MONDAY,
    SOON,
    TUESDAY,
    allow,
    covered_events,
    expect,
    keep_back,
    owe,
    owed,
    reserved_for,
    state_of,
)
from tests.fulfilment.warehouse import (
    ADDRESS,
    FRIDAY,
    HOOKS,
    LURES,
    PLANS,
    WEDNESDAY,
    balance,
    broken,
    events_of,
    open_places,
    photograph,
    stock,
    want,
)


def test_an_unpaid_backorder_past_its_deadline_is_free_at_once_for_everybody(shop):
    allow(shop, 3, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 3))

    def terms():
        there = availability.available(shop, [HOOKS])["lager", HOOKS]
        return there.backordered, there.balance

    assert terms() == (3, -3)
    with clock.frozen(LATER):
        assert terms() == (0, 0)
        owe(shop, "K-2", want(HOOKS, "lager", 3), expires_at=LATER + timedelta(hours=1))
        assert terms() == (3, -3)

    assert state_of(shop, "K-1") == [("expired", 3)]
    assert state_of(shop, "K-2") == [("waiting", 3)]
    assert owed(shop) == 3


def test_goods_that_come_after_the_deadline_are_for_sale(shop):
    allow(shop, 3, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 3))
    with clock.frozen(LATER):
        stock(shop, "lager", {HOOKS: 2})
        assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 2
        reservations.place(
            shop,
            order_ref="K-2",
            wants=[want(HOOKS, "lager", 2)],
            expires_at=LATER + timedelta(hours=1),
        )
    assert state_of(shop, "K-1") == [("expired", 3)]
    assert covered_events(shop) == []


def test_the_sweeper_ends_what_is_due_and_nothing_else(shop):
    allow(shop, 9, ships_on=DECEMBER)
    allow(shop, 9, sku=LURES, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 3), want(LURES, "lager", 1))
    owe(shop, "K-2", want(HOOKS, "lager", 2), expires_at=LATER)
    owe(shop, "K-3", want(HOOKS, "lager", 1), expires_at=None)

    assert backorder_queue.expire_due(shop) == 0
    assert backorder_queue.expire_due(shop, SOON) == 2

    assert [state_of(shop, ref)[0][0] for ref in ("K-1", "K-2", "K-3")] == [
        "expired",
        "waiting",
        "waiting",
    ]
    assert (owed(shop), owed(shop, sku=LURES)) == (3, 0)


def test_units_owed_to_those_who_wait_are_not_available_to_others(shop):
    allow(shop, 9, ships_on=DECEMBER)
    stock(shop, "lager", {HOOKS: 2})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 2)], expires_at=LATER)
    owe(shop, "K-2", want(HOOKS, "lager", 1), expires_at=None)
    reservations.release(shop, "K-1")
    before = photograph(shop)

    assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 1
    with pytest.raises(Refused) as refusal:
        reservations.place(shop, order_ref="K-3", wants=[want(HOOKS, "lager", 2)], expires_at=LATER)
    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 2, "available": 1}
    ]
    assert photograph(shop) == before

    assert [one.order_ref for one in backorder_queue.cover_due(shop)] == ["K-2"]
    assert backorder_queue.cover_due(shop) == []
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2, "allocated": 1}


def test_a_safety_stock_that_goes_down_serves_who_waits(shop):
    allow(shop, 9, ships_on=DECEMBER)
    keep_back(shop, 2)
    stock(shop, "lager", {HOOKS: 2})
    owe(shop, "K-1", want(HOOKS, "lager", 2), expires_at=None)
    assert backorder_queue.cover_due(shop) == []
    keep_back(shop, 1)
    assert [one.quantity for one in backorder_queue.cover_due(shop)] == [1]
    assert owed(shop) == 1


def test_a_paid_order_waits_without_a_deadline(shop):
    allow(shop, 9, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 2))

    with clock.frozen(LATER):
        waiting, missing = backorders.confirm(shop, "K-1")
        again = backorders.confirm(shop, "K-1")
        assert backorder_queue.expire_due(shop) == 0

    # Even past its deadline: nobody had needed it.
    assert [(row.state, row.expires_at, row.confirmed_at) for row in waiting] == [
        ("waiting", None, LATER)
    ]
    assert (missing, again) == ([], ([], []))


def test_late_money_is_owed_again_as_far_as_the_limit_allows(shop):
    allow(shop, 3, ships_on=DECEMBER)
    wants = [want(HOOKS, "lager", 1), want(HOOKS, "lager", 2)]
    owe(shop, "K-1", *wants)
    with clock.frozen(LATER):
        owe(shop, "K-2", want(HOOKS, "lager", 2), expires_at=None)
        waiting, missing = backorders.confirm(shop, "K-1")
        again = backorders.confirm(shop, "K-1")

    assert [(row.line_id, row.quantity, row.promised_on) for row in waiting] == [
        (wants[0].line_id, 1, DECEMBER)
    ]
    assert [(one.line_id, one.location, one.quantity) for one in missing] == [
        (wants[1].line_id, "lager", 2)
    ]
    assert again == ([], [])
    assert owed(shop) == 3


def test_a_line_partly_in_stock_and_partly_owed_is_paid_as_one(shop):
    allow(shop, 9, ships_on=DECEMBER)
    stock(shop, "lager", {HOOKS: 1})
    line = uuid.uuid4()
    here, rest = want(HOOKS, "lager", 1, line), want(HOOKS, "lager", 2, line)
    locks.lock_balances(shop, [("lager", HOOKS)])
    reservations.place(shop, order_ref="K-1", wants=[here], expires_at=SOON)
    owe(shop, "K-1", rest)
    stock(shop, "lager", {HOOKS: 1})
    assert reserved_for(shop, "K-1") == [("held", 1, SOON), ("held", 1, SOON)]

    waiting, missing = backorders.confirm(shop, "K-1")
    claimed, gone = allocations.from_reservations(shop, order_ref="K-1", promised={line: DECEMBER})

    assert [row.quantity for row in waiting] == [1]
    assert [row.quantity for row in claimed] == [1, 1]
    assert (missing, gone) == ([], [])
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2, "allocated": 2}
    assert owed(shop) == 1


def test_late_money_misses_exactly_what_is_gone_of_a_line_that_was_partly_covered(shop):
    allow(shop, 9, ships_on=DECEMBER)
    stock(shop, "lager", {HOOKS: 1})
    line = uuid.uuid4()
    reservations.place(
        shop, order_ref="K-1", wants=[want(HOOKS, "lager", 1, line)], expires_at=SOON
    )
    with clock.frozen(WEDNESDAY + timedelta(minutes=1)):
        owe(shop, "K-1", want(HOOKS, "lager", 1, line))
        stock(shop, "lager", {HOOKS: 1})
    with clock.frozen(LATER):
        # Somebody takes one of the two, which ends both reservations of K-1.
        reservations.place(
            shop,
            order_ref="K-2",
            wants=[want(HOOKS, "lager", 1)],
            expires_at=LATER + timedelta(hours=1),
        )
        assert backorders.confirm(shop, "K-1") == ([], [])
        claimed, missing = allocations.from_reservations(
            shop, order_ref="K-1", promised={line: DECEMBER}
        )
    assert [row.quantity for row in claimed] == [1]
    assert [one.quantity for one in missing] == [1]


def test_an_open_payment_page_extends_what_is_owed_too(shop):
    allow(shop, 9, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 2))
    assert backorders.extend(shop, "K-1", LATER) == 1
    assert backorders.extend(shop, "K-1", SOON) == 1
    assert [row.expires_at for row in backorders.of_order(shop, "K-1")] == [LATER]
    assert backorders.extend(shop, "K-none", LATER) == 0


def test_what_is_released_is_owed_no_more_once(shop):
    allow(shop, 9, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 2))
    owe(shop, "K-2", want(HOOKS, "lager", 1))

    assert [row.quantity for row in backorders.release(shop, "K-1")] == [2]
    assert backorders.release(shop, "K-1") == []

    assert state_of(shop, "K-1") == [("released", 2)]
    assert owed(shop) == 1


def test_goods_that_will_not_come_make_shortages_of_what_waits_for_them(shop):
    allow(shop, 9, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 2), expires_at=None)
    owe(shop, "K-2", want(HOOKS, "lager", 1), expires_at=None)
    with clock.frozen(LATER):
        [loss] = backorders.give_up(shop, "lager", HOOKS, order_ref="K-2")
        assert (loss.order_ref, loss.quantity) == ("K-2", 1)
        assert owed(shop) == 2
        backorders.give_up(shop, "lager", HOOKS)
        assert backorders.give_up(shop, "lager", HOOKS) == []

    assert owed(shop) == 0
    assert state_of(shop, "K-1") == [("lost", 2)]
    assert [(gap.quantity, gap.cause) for gap in shortages.open_for(shop, "K-1")] == [
        (2, "not_coming")
    ]
    assert [facts for name, facts in events_of(shop) if name == "ShortageOpened"] == [
        {"order_ref": "K-2", "cause": "not_coming"},
        {"order_ref": "K-1", "cause": "not_coming"},
    ]


def test_what_an_unpaid_order_lost_is_missing_once_when_it_is_paid(shop):
    allow(shop, 9, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 2))
    backorders.give_up(shop, "lager", HOOKS)
    waiting, missing = backorders.confirm(shop, "K-1")
    assert waiting == []
    assert [one.quantity for one in missing] == [2]
    assert shortages.open_for(shop, "K-1") == []


def test_the_queue_says_who_will_be_late_and_puts_them_first(shop):
    allow(shop, 9, ships_on=MONDAY)
    owe(shop, "K-1", want(HOOKS, "lager", 2), expires_at=None)
    with clock.frozen(WEDNESDAY + timedelta(minutes=1)):
        owe(shop, "K-2", want(HOOKS, "lager", 2))
    expect(shop, (3, MONDAY), (1, DECEMBER))
    allow(shop, 9, sku=LURES, ships_on=TUESDAY)
    owe(shop, "K-3", want(LURES, "lager", 1))

    queue = backorder_queue.queue(shop)

    assert [(one.backorder.order_ref, one.expected_on, one.late) for one in queue] == [
        ("K-2", DECEMBER, True),
        ("K-3", None, True),
        ("K-1", MONDAY, False),
    ]
    assert [one.backorder.order_ref for one in backorder_queue.queue(shop, sku=LURES)] == ["K-3"]
    assert backorder_queue.queue(shop, location="bonn") == []
    with clock.frozen(LATER):
        assert [one.backorder.order_ref for one in backorder_queue.queue(shop)] == ["K-1"]


def test_a_covered_unit_is_picked_like_any_other(shop):
    allow(shop, 9, ships_on=FRIDAY)
    owe(shop, "K-1", want(HOOKS, "lager", 2), expires_at=None)
    stock(shop, "lager", {HOOKS: 2})
    rows = [row for row in allocations.of_order(shop, "K-1") if row.state == "open"]
    [job] = picking.open_orders(
        shop, order_ref="K-1", allocations=rows, plans=PLANS, address=ADDRESS
    )
    picking.pick_all(shop, job.id, "Anna")
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2, "allocated": 2, "picked": 2}


@pytest.fixture
def books(session):
    """Two hooks, of which one was owed to a paid order before they came; one more is owed."""
    with clock.frozen(WEDNESDAY):
        open_places(session)
        allow(session, 9, ships_on=DECEMBER)
        owe(session, "K-1", want(HOOKS, "lager", 1), expires_at=None)
        stock(session, "lager", {HOOKS: 2})
        reservations.place(
            session, order_ref="K-2", wants=[want(HOOKS, "lager", 1)], expires_at=LATER
        )
        owe(session, "K-3", want(HOOKS, "lager", 1), expires_at=None)
        assert broken(session) == []
        yield session


def offences(session, number):
    return [
        (row.what, row.order_ref, row.quantity, row.state)
        for row in session.execute(text(PROOFS[number]))
    ]


def test_proof_of_units_owed_that_no_backorder_stands_for(books):
    books.execute(text("UPDATE stock_balances SET backordered = 3"))
    assert drift(books) == [Drift("lager", HOOKS, "backordered", 3, 1)]


def test_proof_of_a_backorder_of_a_place_that_says_it_owes_nothing(books):
    books.execute(text("UPDATE stock_backorders SET quantity = 4 WHERE state = 'waiting'"))
    assert drift(books) == [Drift("lager", HOOKS, "backordered", 1, 4)]


def test_proof_of_a_backorder_that_was_covered_by_nothing(books):
    books.execute(
        text("UPDATE stock_backorders SET state = 'covered', ended_at = now() WHERE quantity = 1")
    )
    assert offences(books, 4) == [("covered without claim", "K-3", 1, "covered")]


def test_proof_of_a_claim_that_its_backorder_knows_nothing_of(books):
    books.execute(text("UPDATE stock_backorders SET state = 'released' WHERE state = 'covered'"))
    assert offences(books, 4) == [("covered without claim", "K-1", 1, "released")]
