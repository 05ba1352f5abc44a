"""Nobody is owed what another one has, and goods that come serve each who waits once."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from fulfilment.claims import (
    allocations,
    backorder_policies,
    backorder_queue,
    backorders,
    reservations,
)
from fulfilment.stock import counter_sales, ledger
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused
from tests.fulfilment.warehouse import HOOKS, balance, stock, want
from tests.races.rivals import at_once, in_processes

pytestmark = pytest.mark.race

ROUNDS = 8


def allow(units):
    with transaction() as session:
        backorder_policies.put(
            session,
            "lager",
            HOOKS,
            units=units,
            ships_on=clock.today() + timedelta(days=9),
            actor="office:ute",
        )


def owe(session, order_ref, units=1, minutes=15):
    return backorders.place(
        session,
        order_ref=order_ref,
        wants=[want(HOOKS, "lager", units)],
        expires_at=minutes and clock.now() + timedelta(minutes=minutes),
    )


def receipt(key, units):
    return lambda session: ledger.receive(
        session, "lager", [(HOOKS, units)], document="PO-1", actor="floor:kai", key=key
    )


def states():
    with reading() as session:
        rows = session.execute(
            text("SELECT state, sum(quantity)::int FROM stock_backorders GROUP BY state")
        )
        return dict(rows.all())


def test_two_buyers_of_the_last_unit_that_may_be_owed(places):
    for turn in range(ROUNDS):
        allow(turn + 1)
        outcomes = at_once(
            [
                lambda session, rival=rival, turn=turn: owe(session, f"K-{turn}-{rival}")
                for rival in range(3)
            ]
        )
        lost = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        assert [outcome.facts for outcome in lost] == [
            {"short": [{"sku": HOOKS, "location": "lager", "wanted": 1, "left": 0}]}
        ] * 2
        assert {outcome.code for outcome in lost} == {"backorder_limit"}
    assert states() == {"waiting": ROUNDS}


def test_a_receipt_and_the_sweeper_meet_at_a_deadline(places):
    # Whoever comes first, nobody gets a unit after the deadline, and the other one does.
    allow(99)
    for turn in range(ROUNDS):
        with transaction() as session:
            owe(session, f"K-late-{turn}", 2, minutes=-1)
            owe(session, f"K-paid-{turn}", 1, minutes=None)
        at_once(
            [
                backorder_queue.expire_due,
                receipt(f"receipt {turn}", 2),
                backorder_queue.cover_due,
            ]
        )
        with reading() as session:
            assert balance(session, "lager", HOOKS) == {
                "on_hand": 2 * (turn + 1),
                "allocated": turn + 1,
            }
    assert states() == {"expired": 2 * ROUNDS, "covered": ROUNDS}


def test_two_receipts_at_once_serve_each_who_waits_once(places):
    allow(99)
    for turn in range(ROUNDS):
        with transaction() as session:
            for rival in range(5):
                owe(session, f"K-{turn}-{rival}", 1, minutes=None)
        at_once([receipt(f"{turn}/a", 2), receipt(f"{turn}/b", 2), receipt(f"{turn}/a", 2)])
        assert states() == {"covered": 5 * turn + 4, "waiting": 1}
        at_once([receipt(f"{turn}/c", 1), backorder_queue.cover_due, receipt(f"{turn}/c", 1)])
    assert states() == {"covered": 5 * ROUNDS}
    with reading() as session:
        assert balance(session, "lager", HOOKS) == {
            "on_hand": 5 * ROUNDS,
            "allocated": 5 * ROUNDS,
        }


def test_goods_that_come_while_the_money_comes_are_claimed_or_waited_for(places):
    # Whichever is first: nothing of a paid order is left behind as a reservation that expires.
    allow(99)
    for turn in range(ROUNDS):
        ref = f"K-{turn}"
        with transaction() as session:
            [row] = owe(session, ref, 2)

        def pay(session, ref=ref, line_id=row.line_id):
            backorders.confirm(session, ref)
            allocations.from_reservations(
                session, order_ref=ref, promised={line_id: date(2026, 12, 4)}
            )

        at_once([pay, receipt(f"receipt {turn}", 1)])
        with reading() as session:
            held = [row for row in reservations.of_order(session, ref) if row.state == "held"]
            owed = [row for row in backorders.of_order(session, ref) if row.state == "waiting"]
            claimed = allocations.of_order(session, ref)
        assert held == []
        assert [(row.quantity, row.expires_at) for row in owed] == [(1, None)]
        assert [(row.quantity, row.state) for row in claimed] == [(1, "open")]
        with transaction() as session:
            assert len(backorders.release(session, ref)) == 1


def until_somebody_waits():
    """Return once a transaction waits for another one's lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    patience = time.monotonic() + 20
    while time.monotonic() < patience:
        with reading() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_goods_that_come_just_after_the_money_are_for_the_paid_order(places):
    allow(9)
    with transaction() as session:
        owe(session, "K-1", 2)
    with ThreadPoolExecutor(1) as other:
        with transaction() as session:
            backorders.confirm(session, "K-1")
            coming = other.submit(lambda: at_once([receipt("receipt", 1)]))
            until_somebody_waits()
        coming.result(20)
    with reading() as session:
        assert reservations.of_order(session, "K-1") == []
        assert [row.quantity for row in allocations.of_order(session, "K-1")] == [1]
        assert balance(session, "lager", HOOKS) == {"on_hand": 1, "allocated": 1}


def test_money_that_comes_just_after_the_goods_claims_them(places):
    allow(9)
    with transaction() as session:
        [row] = owe(session, "K-1", 2)

    def pay(session):
        assert [one.quantity for one in backorders.confirm(session, "K-1").waiting] == [1]
        allocations.from_reservations(
            session, order_ref="K-1", promised={row.line_id: date(2026, 12, 4)}
        )

    with ThreadPoolExecutor(1) as other:
        with transaction() as session:
            receipt("receipt", 1)(session)
            paying = other.submit(lambda: at_once([pay]))
            until_somebody_waits()
        paying.result(20)
    with reading() as session:
        assert [one.state for one in reservations.of_order(session, "K-1")] == ["claimed"]
        assert [one.quantity for one in allocations.of_order(session, "K-1")] == [1]


def test_goods_that_come_while_an_order_lapses_are_free_or_wait_for_nobody(places):
    allow(99)
    for turn in range(ROUNDS):
        ref = f"K-{turn}"
        with transaction() as session:
            owe(session, ref, 2)

        def lapse(session, ref=ref):
            backorders.release(session, ref)
            reservations.release(session, ref)

        at_once([lapse, receipt(f"receipt {turn}", 1)])
        with reading() as session:
            assert balance(session, "lager", HOOKS) == {"on_hand": turn + 1}
    with transaction() as session:
        stock(session, "lager", {HOOKS: 1})
        assert backorder_queue.queue(session) == []


def wait_and_serve(number, skus, rounds, seed):
    """Owe, pay, cancel, receive, sell and sweep with lines in random order; count what came."""
    chance = random.Random(f"{seed}/{number}")
    steps = [_owe, _owe, _pay, _cancel, _receive, _receive, _sell, _sweep]
    came = {}
    for attempt in range(rounds):
        step = chance.choice(steps)
        try:
            with transaction() as session:
                step(session, chance, f"K-{number}-{attempt}", skus)
            outcome = step.__name__
        except Refused as refusal:
            outcome = refusal.code
        came[outcome] = came.get(outcome, 0) + 1
    return came


def _lines(chance, skus):
    return [(sku, chance.randint(1, 2)) for sku in chance.sample(skus, 3)]


def _owe(session, chance, ref, skus):
    places = ("lager", "bonn")
    wants = [want(sku, chance.choice(places), units) for sku, units in _lines(chance, skus)]
    soon = clock.now() + timedelta(milliseconds=chance.choice([-1, 50, 60_000]))
    backorders.place(session, order_ref=ref, wants=wants, expires_at=soon)


def _order(chance, ref):
    # Somebody's earlier order, often another process's.
    return f"K-{chance.randrange(3)}-{chance.randrange(1 + int(ref.rpartition('-')[2]))}"


def _pay(session, chance, ref, _skus):
    ref = _order(chance, ref)
    backorders.confirm(session, ref)
    lines = {row.line_id for row in reservations.of_order(session, ref)}
    allocations.from_reservations(
        session, order_ref=ref, promised=dict.fromkeys(lines, date(2026, 12, 4))
    )


def _cancel(session, chance, ref, _skus):
    ref = _order(chance, ref)
    backorders.release(session, ref)
    reservations.release(session, ref)


def _receive(session, chance, ref, skus):
    ledger.receive(
        session,
        chance.choice(["lager", "bonn"]),
        _lines(chance, skus),
        document=ref,
        actor="floor:kai",
        key=ref,
    )


def _sell(session, chance, ref, skus):
    counter_sales.sell(
        session,
        location=chance.choice(["lager", "bonn"]),
        lines=_lines(chance, skus),
        document=ref,
        actor="till",
        key=ref,
    )


def _sweep(session, _chance, _ref, _skus):
    backorder_queue.expire_due(session)


@pytest.mark.slow
def test_waiting_paying_receiving_and_selling_never_wait_in_a_circle(places, database_url):
    # A deadlock would come back as an error of one of the processes.
    skus = [f"S-{number}" for number in range(5)]
    with transaction() as session:
        for location in ("bonn", "lager"):
            for sku in skus:
                backorder_policies.put(
                    session,
                    location,
                    sku,
                    units=12,
                    ships_on=clock.today() + timedelta(days=9),
                    actor="office:ute",
                )

    came = in_processes(wait_and_serve, 3, database_url, skus, 40, 2026)

    assert sum(sum(one.values()) for one in came) == 120
    assert set().union(*came) <= {
        *("_owe", "_pay", "_cancel", "_receive", "_sell", "_sweep"),
        "backorder_limit",
    }
    with transaction() as session:
        covered = backorder_queue.cover_due(session)
        assert all(one.quantity > 0 for one in covered)
        assert backorder_queue.cover_due(session) == []
    assert states()["covered"] > 0
