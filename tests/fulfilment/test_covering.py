"""Who is served when goods come: those who wait, by day and age, however the shelf grows."""

from datetime import timedelta

import pytest

from fulfilment.answers import availability
from fulfilment.claims import reservations
from fulfilment.models import CountTask
from fulfilment.stock import counter_sales, counts, ledger
from kit import clock
from tests.fulfilment.test_statements import counting
from tests.fulfilment.waiting import (
    DECEMBER,
    LATER,
    SOON,
    TUESDAY,
    allocated_for,
    allow,
    covered_events,
    expect,
    owe,
    owed,
    reserved_for,
    state_of,
)
from tests.fulfilment.warehouse import (
    HOOKS,
    LURES,
    WEDNESDAY,
    balance,
    stock,
    want,
)


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
