"""How long an order takes: five transactions, 21 lines, real commits. `pytest -s` prints it.

Machines are noisy, so its peer is measured in the same run: as many transactions with as many
statements that do nothing.
"""

import random
import statistics
import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.claims import allocations, reservations
from fulfilment.outbound import parcels, picking, shipments
from kit import clock
from kit.database import transaction
from tests.fulfilment.warehouse import ADDRESS, FRIDAY, PLANS, broken, open_places, stock, want

ORDERS = 30
WARM_UP = 10
# Statements of the five steps; tests/fulfilment/test_statements.py counts them.
STATEMENTS = (3, 8, 6, 7, 10)
# More than twice what is measured (docs/ledger.md); a loop over the lines would cost more.
LIMIT_RATIO = 12


def play(order_ref, skus, chance):
    """Take one order from reservation to hand-over; return the milliseconds of each step."""
    wants = [want(sku, "lager", chance.randint(1, 5), uuid.uuid4()) for sku in skus]
    promised = {one.line_id: FRIDAY for one in wants}
    times = {}

    def step(name, work):
        start = time.perf_counter()
        with transaction() as session:
            answer = work(session)
        times[name] = (time.perf_counter() - start) * 1000
        return answer

    def allocate(session):
        claimed, _ = allocations.from_reservations(session, order_ref=order_ref, promised=promised)
        return picking.open_orders(
            session, order_ref=order_ref, allocations=claimed, plans=PLANS, address=ADDRESS
        )

    soon = clock.now() + timedelta(minutes=30)
    step(
        "reserve",
        lambda session: reservations.place(
            session, order_ref=order_ref, wants=wants, expires_at=soon
        ),
    )
    [job] = step("allocate", allocate)
    step("pick_all", lambda session: picking.pick_all(session, job.id, "Anna"))
    step("pack", lambda session: parcels.pack(session, job.id))
    step(
        "dispatch",
        lambda session: shipments.dispatch(session, job.id, carrier="DHL", actor="Anna"),
    )
    return times


def play_nothing():
    """Do as many statements in as many transactions that only go to the database and back."""
    start = time.perf_counter()
    for count in STATEMENTS:
        with transaction() as session:
            for _ in range(count):
                session.execute(text("SELECT 1"))
    return (time.perf_counter() - start) * 1000


@pytest.mark.slow
def test_an_order_of_21_lines_goes_through_the_house(database):
    chance = random.Random(2026)
    skus = [f"S-{number:03}" for number in range(400)]
    with transaction() as session:
        open_places(session)
        stock(session, "lager", dict.fromkeys(skus, 10_000))

    orders, nothing = [], []
    for number in range(ORDERS):
        orders.append(play(f"K-{number}", chance.sample(skus, 21), chance))
        nothing.append(play_nothing())

    medians = {
        name: statistics.median(order[name] for order in orders[WARM_UP:]) for name in orders[0]
    }
    print(*(f"{name} {value:.1f} ms" for name, value in medians.items()), sep=", ")
    whole, bare = sum(medians.values()), statistics.median(nothing[WARM_UP:])
    print(f"together {whole:.1f} ms; as many empty statements {bare:.1f} ms: {whole / bare:.1f} x")
    assert whole / bare < LIMIT_RATIO
    with transaction() as session:
        assert broken(session) == []
