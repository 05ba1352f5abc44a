"""Units promised beyond what is on hand: limit, day, deadline, and who is served when they come."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from fulfilment import (
    allocations,
    availability,
    backorder_policies,
    backorder_queue,
    backorders,
    counter_sales,
    counts,
    ledger,
    locks,
    picking,
    purchases,
    reservations,
    safety,
    shortages,
)
from fulfilment.models import CountTask
from fulfilment.proofs import PROOFS, Drift, drift
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment.test_statements import counting
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

TODAY = WEDNESDAY.date()
SOON = WEDNESDAY + timedelta(minutes=30)
LATER = WEDNESDAY + timedelta(hours=2)
MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
DECEMBER = date(2026, 12, 1)


def allow(session, units, *, location="lager", sku=HOOKS, ships_on=None):
    return backorder_policies.put(
        session, location, sku, units=units, ships_on=ships_on, actor="office:ute"
    )


def owe(session, order_ref, *wants, expires_at=SOON):
    return backorders.place(session, order_ref=order_ref, wants=list(wants), expires_at=expires_at)


def days(rows):
    return [row.promised_on for row in rows]


def state_of(session, order_ref):
    return [(row.state, row.quantity) for row in backorders.of_order(session, order_ref)]


def reserved_for(session, order_ref):
    return [
        (row.state, row.quantity, row.expires_at)
        for row in reservations.of_order(session, order_ref)
    ]


def allocated_for(session, order_ref):
    return [
        (row.state, row.quantity, row.promised_on, row.fulfilment_order_id)
        for row in allocations.of_order(session, order_ref)
    ]


def covered_events(session):
    return [facts["order_ref"] for name, facts in events_of(session) if name == "BackorderCovered"]


def test_a_pre_order_is_owed_for_the_release_date_of_a_sku_the_place_never_held(shop):
    allow(shop, 5, ships_on=DECEMBER)

    [row] = owe(shop, "K-1", want(HOOKS, "lager", 3))

    assert (row.state, row.quantity, row.promised_on) == ("waiting", 3, DECEMBER)
    assert (row.expires_at, row.confirmed_at, row.ended_at) == (SOON, None, None)
    assert balance(shop, "lager", HOOKS) == {}
    assert owed(shop) == 3
    assert backorders.of_order(shop, "K-1") == [row]


def owed(session, location="lager", sku=HOOKS):
    return session.scalar(
        text("SELECT backordered FROM stock_balances WHERE location = :location AND sku = :sku"),
        {"location": location, "sku": sku},
    )


def test_beyond_the_limit_nothing_is_owed_and_the_refusal_says_what_is_left(shop):
    allow(shop, 5, ships_on=DECEMBER)
    allow(shop, 9, sku=LURES, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 3))
    before = photograph(shop)

    with pytest.raises(Refused) as refusal:
        owe(
            shop,
            "K-2",
            want(LURES, "lager", 1),
            want(HOOKS, "lager", 2),
            want(HOOKS, "lager", 1),
        )

    assert refusal.value.code == "backorder_limit"
    assert refusal.value.facts == {
        "short": [{"sku": HOOKS, "location": "lager", "wanted": 3, "left": 2}]
    }
    assert photograph(shop) == before


def test_a_place_without_a_policy_owes_nothing(shop):
    stock(shop, "lager", {HOOKS: 5})
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        owe(shop, "K-1", want(HOOKS, "lager", 1))
    assert refusal.value.code == "backorder_limit"
    assert refusal.value.facts["short"][0]["left"] == 0
    assert photograph(shop) == before


@pytest.mark.parametrize("quantity", [0, -1])
def test_what_is_no_quantity_is_refused(shop, quantity):
    allow(shop, 5, ships_on=DECEMBER)
    with pytest.raises(Invalid, match="quantity"):
        owe(shop, "K-1", want(HOOKS, "lager", quantity))


def test_a_place_that_is_not_ours_owes_nothing(shop):
    with pytest.raises(NotFound, match="location"):
        owe(shop, "K-1", want(HOOKS, "paris", 1))
    with pytest.raises(NotFound, match="location"):
        allow(shop, 5, location="paris")


def test_a_lower_limit_leaves_alone_what_waits_and_refuses_only_what_is_new(shop):
    allow(shop, 5, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 4))

    allow(shop, 2, ships_on=DECEMBER)

    assert state_of(shop, "K-1") == [("waiting", 4)]
    with pytest.raises(Refused) as refusal:
        owe(shop, "K-2", want(HOOKS, "lager", 1))
    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 1, "left": 0}
    ]


def test_policies_are_kept_and_the_same_again_adds_nothing(shop):
    allow(shop, 5, ships_on=DECEMBER)
    allow(shop, 5, ships_on=DECEMBER)
    with clock.frozen(LATER):
        allow(shop, 0)

    kept = backorder_policies.history(shop, HOOKS)

    assert [(one.units, one.ships_on, one.actor, one.set_at) for one in kept] == [
        (0, None, "office:ute", LATER),
        (5, DECEMBER, "office:ute", WEDNESDAY),
    ]
    assert backorder_policies.of(shop, [("lager", HOOKS), ("bonn", HOOKS)]) == {
        ("lager", HOOKS): kept[0]
    }


@pytest.mark.parametrize(
    ("units", "ships_on", "code"),
    [(-1, None, "quantity"), (100_001, None, "quantity"), (1, date(2026, 11, 17), "ships_on")],
)
def test_a_policy_that_makes_no_sense_is_refused(shop, units, ships_on, code):
    with pytest.raises(Invalid, match=code):
        allow(shop, units, ships_on=ships_on)
    assert backorder_policies.history(shop, HOOKS) == []


def expect(session, *lines, number="PO-1", location="lager", sku=HOOKS):
    """Order units from a supplier: (quantity, day)."""
    purchases.place(
        session,
        number=number,
        supplier="Haken & Co",
        location=location,
        lines=[purchases.Wanted(sku, quantity, day) for quantity, day in lines],
        actor="office:ute",
    )


def test_the_day_is_the_first_on_which_what_comes_is_enough_for_all_who_came_before(shop):
    allow(shop, 20)
    expect(shop, (3, MONDAY), (5, DECEMBER))

    first = owe(shop, "K-1", want(HOOKS, "lager", 2))
    second = owe(shop, "K-2", want(HOOKS, "lager", 2))
    third = owe(shop, "K-3", want(HOOKS, "lager", 1))

    # One of Monday's three is left after the first, too few for the second, enough for the third.
    assert days([*first, *second, *third]) == [MONDAY, DECEMBER, MONDAY]
    with pytest.raises(Refused) as refusal:
        owe(shop, "K-4", want(HOOKS, "lager", 4))
    assert refusal.value.code == "no_date"
    assert refusal.value.facts == {"short": [{"sku": HOOKS, "location": "lager", "wanted": 4}]}


def test_nobodys_day_moves_because_somebody_else_came(shop):
    # Three come on Monday, two in December. Five are promised for December: of Monday's three,
    # which would be free until then, nobody else may have one.
    allow(shop, 20)
    expect(shop, (3, MONDAY), (2, DECEMBER))
    assert days(owe(shop, "K-1", want(HOOKS, "lager", 5))) == [DECEMBER]
    with pytest.raises(Refused, match="no_date"):
        owe(shop, "K-2", want(HOOKS, "lager", 1))


def test_two_lines_of_one_order_do_not_share_the_same_units(shop):
    allow(shop, 20)
    expect(shop, (3, MONDAY), (3, DECEMBER))
    rows = owe(shop, "K-1", want(HOOKS, "lager", 2), want(HOOKS, "lager", 2))
    assert days(rows) == [MONDAY, DECEMBER]


def test_goods_that_come_before_the_release_date_do_not_make_it_earlier(shop):
    allow(shop, 20, ships_on=TUESDAY)
    expect(shop, (3, MONDAY), (5, DECEMBER))
    assert days(owe(shop, "K-1", want(HOOKS, "lager", 3))) == [TUESDAY]
    assert days(owe(shop, "K-2", want(HOOKS, "lager", 3))) == [DECEMBER]
    # Nothing more is known to come: after everybody else, for the last day that is known.
    assert days(owe(shop, "K-3", want(HOOKS, "lager", 3))) == [DECEMBER]


def test_nobody_overtakes_others_on_a_word_alone(shop):
    allow(shop, 20, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 1))
    allow(shop, 20, ships_on=TUESDAY)
    assert days(owe(shop, "K-2", want(HOOKS, "lager", 1))) == [DECEMBER]
    expect(shop, (9, TUESDAY))
    assert days(owe(shop, "K-3", want(HOOKS, "lager", 1))) == [TUESDAY]


def test_what_is_late_counts_as_nothing_until_it_has_a_new_day(shop):
    allow(shop, 20)
    expect(shop, (3, MONDAY))
    with clock.frozen(WEDNESDAY + timedelta(days=6)):
        with pytest.raises(Refused, match="no_date"):
            owe(shop, "K-1", want(HOOKS, "lager", 1), expires_at=None)


def test_safety_stock_has_to_be_filled_before_anything_is_promised(shop):
    allow(shop, 20)
    keep_back(shop, 2)
    expect(shop, (3, MONDAY))
    assert days(owe(shop, "K-1", want(HOOKS, "lager", 1))) == [MONDAY]
    with pytest.raises(Refused, match="no_date"):
        owe(shop, "K-2", want(HOOKS, "lager", 1))

    stock(shop, "lager", {HOOKS: 3})

    assert balance(shop, "lager", HOOKS) == {"on_hand": 3, "reserved": 1}


def keep_back(session, units):
    safety.put(session, {("lager", HOOKS): units}, reason="counter", actor="office:ute")


def test_who_waits_is_served_first_by_day_then_by_age_and_the_last_gets_a_part(shop):
    allow(shop, 20, ships_on=DECEMBER)
    owe(shop, "K-late", want(HOOKS, "lager", 1))
    allow(shop, 20)
    expect(shop, (9, TUESDAY))
    owe(shop, "K-paid", want(HOOKS, "lager", 2), expires_at=None)
    with clock.frozen(WEDNESDAY + timedelta(minutes=1)):
        owe(shop, "K-open", want(HOOKS, "lager", 3))

    stock(shop, "lager", {HOOKS: 4})

    assert state_of(shop, "K-paid") == [("covered", 2)]
    assert allocated_for(shop, "K-paid") == [("open", 2, TUESDAY, None)]
    assert sorted(state_of(shop, "K-open")) == [("covered", 2), ("waiting", 1)]
    assert reserved_for(shop, "K-open") == [("held", 2, SOON)]
    assert state_of(shop, "K-late") == [("waiting", 1)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 4, "reserved": 2, "allocated": 2}
    assert owed(shop) == 2
    assert covered_events(shop) == ["K-paid", "K-open"]

    stock(shop, "lager", {HOOKS: 5})

    assert sorted(reserved_for(shop, "K-open")) == [("held", 1, SOON), ("held", 2, SOON)]
    assert reserved_for(shop, "K-late") == [("held", 1, SOON)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "reserved": 4, "allocated": 2}
    assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 3


def receipt(session):
    stock(session, "lager", {HOOKS: 2})


def transfer(session):
    stock(session, "bonn", {HOOKS: 2})
    how = {"document": "T-1", "actor": "floor:kai"}
    ledger.transfer_out(session, "bonn", "lager", [(HOOKS, 2)], key="out", **how)
    assert owed(session) == 2
    ledger.transfer_in(session, "lager", [(HOOKS, 2)], key="in", **how)


def brought_back(session):
    how = {"document": "R-1", "actor": "till:bonn-1"}
    ledger.take_back(session, "lager", [(HOOKS, 2)], to="quarantine", key="back", **how)
    assert owed(session) == 2
    ledger.release(session, "lager", [(HOOKS, 2)], key="good", **how)


def returned_to_shelf(session):
    ledger.take_back(
        session, "lager", [(HOOKS, 2)], document="R-1", actor="till:bonn-1", key="back"
    )


def found(session):
    ledger.found(session, "lager", [(HOOKS, 2)], document="shelf 7", actor="floor:kai", key="f")


def counted(session):
    counts.ask(session, [("lager", HOOKS)], cause="planned", document="November")
    task = session.query(CountTask).one()
    counts.post(session, task.id, 2, actor="floor:kai")


@pytest.mark.parametrize(
    "grow", [receipt, transfer, brought_back, returned_to_shelf, found, counted]
)
def test_however_the_shelf_grows_who_waits_is_served(shop, grow):
    allow(shop, 9, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 2), expires_at=None)

    grow(shop)

    assert allocated_for(shop, "K-1") == [("open", 2, DECEMBER, None)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2, "allocated": 2}
    assert owed(shop) == 0
    assert covered_events(shop) == ["K-1"]


def test_the_same_receipt_again_serves_nobody(shop):
    allow(shop, 9, ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "lager", 3), expires_at=None)
    for _ in range(2):
        ledger.receive(
            shop, "lager", [(HOOKS, 2)], document="PO-1", actor="floor:kai", key="receipt 1"
        )
    assert balance(shop, "lager", HOOKS) == {"on_hand": 2, "allocated": 2}
    assert owed(shop) == 1


def test_what_a_till_finds_and_sells_at_once_is_nobody_elses(shop):
    allow(shop, 9, location="bonn", ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "bonn", 2), expires_at=None)

    counter_sales.sell(
        shop, location="bonn", lines=[(HOOKS, 2)], document="R-1", actor="till", key="s1"
    )

    assert balance(shop, "bonn", HOOKS) == {}
    assert owed(shop, "bonn") == 2
    assert covered_events(shop) == []


def test_goods_in_hand_win_over_what_is_covered_too(shop):
    allow(shop, 9, location="bonn", ships_on=DECEMBER)
    owe(shop, "K-1", want(HOOKS, "bonn", 2), expires_at=None)
    stock(shop, "bonn", {HOOKS: 2})

    sold = counter_sales.sell(
        shop, location="bonn", lines=[(HOOKS, 1)], document="R-1", actor="till", key="s1"
    )

    assert [(loss.order_ref, loss.quantity) for loss in sold.lost] == [("K-1", 1)]
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 1, "allocated": 1}


def test_a_shelf_that_grows_where_nobody_waits_costs_no_statement_more(shop):
    stock(shop, "lager", {HOOKS: 1, LURES: 1})
    lines, spent = [(HOOKS, 1), (LURES, 1)], {}

    def receive(name):
        shop.info.clear()
        with counting(shop, spent, name):
            ledger.receive(shop, "lager", lines, document="PO", actor="kai", key=name)

    receive("nobody may wait")
    allow(shop, 9, ships_on=DECEMBER)
    receive("nobody waits")
    for number in range(3):
        owe(shop, f"K-{number}", want(HOOKS, "lager", 1))
    stock(shop, "lager", {HOOKS: 3})
    receive("nobody waits any more")
    reservations.place(shop, order_ref="K-9", wants=[want(HOOKS, "lager", 3)], expires_at=LATER)
    owe(shop, "K-8", want(HOOKS, "lager", 1))
    receive("somebody waits")

    usual = spent["nobody may wait"]
    assert spent == {
        "nobody may wait": usual,
        "nobody waits": usual,
        "nobody waits any more": usual,
        # Ends the expired, reads who waits, ends the covered, reserves, writes, tells.
        "somebody waits": usual + 6,
    }


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
