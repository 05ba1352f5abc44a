"""Drift is found, and repaired without changing what happened: by entries, and by claims' rows."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.answers import reconciliation
from fulfilment.answers.reconciliation import Repaired
from fulfilment.claims import allocations, reservations, shortages
from fulfilment.proofs import Drift, drift
from fulfilment.stock import counts, ledger, safety
from kit import clock
from kit.errors import NotFound
from tests.fulfilment.warehouse import (
    HOOKS,
    LURES,
    WEDNESDAY,
    balance,
    broken,
    photograph,
    promise,
    stock,
    want,
)

SOON = WEDNESDAY + timedelta(minutes=30)
BONN = ("bonn", HOOKS)


@pytest.fixture
def held(shop):
    """Six hooks in Bonn: two reserved, one allocated."""
    stock(shop, "bonn", {HOOKS: 6})
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "bonn", 2)], expires_at=SOON)
    wants = [want(HOOKS, "bonn", 1)]
    allocations.allocate(shop, order_ref="K-2", wants=wants, promised=promise(wants))
    return shop


def tamper(session, change):
    """Do what no code of ours does."""
    session.execute(text(f"UPDATE stock_balances SET {change} WHERE location = 'bonn'"))


def repair(session, place=BONN):
    return reconciliation.repair(session, place, actor="Eva")


def states(session):
    rows = session.execute(
        text(
            "SELECT order_ref, state, quantity FROM stock_reservations"
            " UNION ALL SELECT order_ref, state, quantity FROM stock_allocations ORDER BY 1, 2"
        )
    )
    return [tuple(row) for row in rows]


def test_drift_can_be_repaired_magento_inventory_2046(held):
    """There the number for sale drifts from the rows, and only emptying a table helps.

    Here reservations are lost sight of and units appear in the balance: one call makes both agree,
    nothing that happened is changed, and somebody looks at the shelf.
    """
    tamper(held, "reserved = reserved + 3")
    tamper(held, "on_hand = on_hand + 4")
    movements = ledger.movements(held, HOOKS)
    claims = states(held)
    assert drift(held) == [
        Drift("bonn", HOOKS, "on_hand", 10, 6),
        Drift("bonn", HOOKS, "reserved", 5, 2),
    ]

    repaired = repair(held)

    assert repaired == Repaired(
        [Drift("bonn", HOOKS, "on_hand", 10, 6), Drift("bonn", HOOKS, "reserved", 5, 2)], []
    )
    assert broken(held) == []
    # Sold from was 10, so 10 it stays until the count; the claims are those of the customers.
    assert balance(held, "bonn", HOOKS) == {"on_hand": 10, "reserved": 2, "allocated": 1}
    assert states(held) == claims
    entry, *before = ledger.movements(held, HOOKS)
    assert before == movements
    assert (entry.cause, entry.quantity, entry.from_account, entry.to_account) == (
        "reconciliation",
        4,
        "variance",
        "shelf",
    )
    assert [(row.term, row.booked, row.summed, row.movement_id) for row in _repairs(held)] == [
        ("on_hand", 10, 6, entry.id),
        ("reserved", 5, 2, None),
    ]
    [task] = counts.open_tasks(held, "bonn")
    assert (task.cause, task.document) == ("reconciliation", entry.document)
    counts.post(held, task.id, 6, actor="Ben")
    assert balance(held, "bonn", HOOKS) == {"on_hand": 6, "reserved": 2, "allocated": 1}


def _repairs(session):
    return sorted(reconciliation.repairs(session), key=lambda row: row.term)


@pytest.mark.parametrize(
    ("change", "entries"),
    [
        ("on_hand = on_hand - 2", [("shelf", "variance", 2)]),
        ("quarantined = 1", [("shelf", "quarantine", 1)]),
        (
            "quarantined = 1, on_hand = on_hand + 1",
            [("variance", "shelf", 1), ("shelf", "quarantine", 1)],
        ),
        ("in_transit = 7", [("variance", "transit", 7)]),
    ],
)
def test_entries_follow_the_balance_that_people_sold_from(held, change, entries):
    tamper(held, change)
    was = balance(held, "bonn", HOOKS)

    repair(held)

    booked = [
        (row.from_account, row.to_account, row.quantity)
        for row in ledger.movements(held, HOOKS)
        if row.cause == "reconciliation"
    ]
    assert sorted(booked) == sorted(entries)
    assert balance(held, "bonn", HOOKS) == was
    assert broken(held) == []
    assert len(counts.open_tasks(held, "bonn")) == 1


def test_a_balance_that_vanished_holds_nothing_until_somebody_has_counted(held):
    held.execute(text("DELETE FROM stock_balances"))
    held.info.clear()  # a row that vanished is not locked by anybody

    repaired = repair(held)

    assert [(one.term, one.booked, one.summed) for one in repaired.terms] == [
        ("on_hand", 0, 6),
        ("reserved", 0, 2),
        ("allocated", 0, 1),
    ]
    assert [(loss.order_ref, loss.quantity) for loss in repaired.lost] == [("K-1", 2), ("K-2", 1)]
    assert balance(held, "bonn", HOOKS) == {}
    assert broken(held) == []
    [task] = counts.open_tasks(held, "bonn")
    assert counts.post(held, task.id, 6, actor="Ben").difference == 6


def test_claims_that_the_shelf_does_not_cover_are_lost_with_a_shortage_each(held):
    tamper(held, "reserved = 0, on_hand = 2")

    repaired = repair(held)

    assert [(loss.order_ref, loss.quantity) for loss in repaired.lost] == [("K-1", 1)]
    assert balance(held, "bonn", HOOKS) == {"on_hand": 2, "reserved": 1, "allocated": 1}
    assert states(held) == [("K-1", "held", 1), ("K-1", "lost", 1), ("K-2", "open", 1)]
    assert [(row.quantity, row.cause) for row in shortages.open_for(held, "K-1")] == [
        (1, "reconciliation")
    ]
    assert broken(held) == []


def test_many_more_claims_than_the_balance_knew_of(held):
    held.execute(text("UPDATE stock_allocations SET quantity = 100"))
    repaired = repair(held)
    assert sum(loss.quantity for loss in repaired.lost) == 96
    assert balance(held, "bonn", HOOKS) == {"on_hand": 6, "allocated": 6}
    assert broken(held) == []


def test_reservations_past_their_deadline_expire_instead_of_losing(held):
    tamper(held, "reserved = 0, on_hand = 2")
    with clock.frozen(SOON):
        assert repair(held).lost == []
    assert states(held) == [("K-1", "expired", 2), ("K-2", "open", 1)]
    assert balance(held, "bonn", HOOKS) == {"on_hand": 2, "allocated": 1}


def test_picked_units_and_what_is_kept_back_follow_their_rows(held):
    safety.put(held, {BONN: 1}, reason="fair", actor="Eva")
    counts.surprised(held, {BONN: 2}, cause="found", document="R-1", actor="till")
    tamper(held, "picked = 1, safety_stock = 5, doubt = 0, backordered = 3")

    repaired = repair(held)

    assert [(one.term, one.booked, one.summed) for one in repaired.terms] == [
        ("picked", 1, 0),
        ("backordered", 3, 0),
        ("safety_stock", 5, 1),
        ("doubt", 0, 2),
    ]
    assert repaired.lost == []
    row = held.execute(
        text("SELECT picked, backordered, safety_stock, doubt FROM stock_balances")
    ).one()
    assert tuple(row) == (0, 0, 1, 2)
    assert all(one.cause != "reconciliation" for one in ledger.movements(held, HOOKS))


def test_a_repair_touches_its_place_alone_and_once(held):
    stock(held, "bonn", {LURES: 3})
    tamper(held, "in_transit = 1")
    repair(held)
    assert drift(held) == [Drift("bonn", LURES, "in_transit", 1, 0)]
    before = photograph(held)
    assert repair(held) == Repaired([], [])
    assert photograph(held) == before
    with pytest.raises(NotFound, match="location"):
        repair(held, ("mars", HOOKS))
    assert photograph(held) == before
    repair(held, ("bonn", LURES))


def test_a_check_is_written_down_however_it_comes_out(held):
    assert reconciliation.check(held, actor="scheduler") == []
    tamper(held, "in_transit = 1")
    with clock.frozen(SOON):
        found = reconciliation.check(held, actor="Eva")
    assert found == [Drift("bonn", HOOKS, "in_transit", 1, 0)]
    seen = [
        (row.balances, row.drifted, row.actor, row.checked_at)
        for row in reconciliation.checks(held)
    ]
    assert seen == [(1, 1, "Eva", SOON), (1, 0, "scheduler", WEDNESDAY)]
    repair(held)
