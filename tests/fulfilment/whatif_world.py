"""Orders that a shop has decided, to be decided again: stock, streams of orders, replays."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fulfilment.claims import reservations
from fulfilment.claims.reservations import Want
from fulfilment.routing import Line, decide, snapshot
from fulfilment.stock import ledger
from fulfilment.whatif.replaying import replay
from kit import clock
from kit.ids import new_id
from tests.fulfilment.setups import SETUP

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
UNTIL = MONDAY + timedelta(days=30)
CODES = ("53111", "50676", "10115", "80331", "34123")
FOREVER = timedelta(days=365)
GOODS = {f"S{n}": grams for n, grams in enumerate((20, 60, 400, 900, 1500, 4800))}


def receive(session, location, **units):
    ledger.receive(
        session, location, list(units.items()), document="delivery", actor="floor:kai",
        key=f"{location}/{sorted(units)}/{new_id()}",
    )  # fmt: skip


def order(session, ref, at=MONDAY, *, code="53111", cause="placed", now=None, **units):
    """Decide an order as the shop does, keep the decision, hold its units."""
    lines = [Line(sku, sku, number, GOODS[sku], margin_minor=300) for sku, number in units.items()]
    with clock.frozen(at):
        asked = snapshot.problem_for(session, lines=lines, postal_code=code, now=now or at)
        decision = decide(asked)
        snapshot.store(session, ref, decision, cause)
        wants = [
            Want(new_id(), part.sku, part.location, part.quantity) for part in decision.assignments
        ]
        if wants:
            reservations.place(session, order_ref=ref, wants=wants, expires_at=at + FOREVER)
    return decision


def a_week(session, seed, orders=24, *, plenty=False):
    """Random stock and a stream of random orders, each decided on what the ones before left."""
    draw = random.Random(seed)
    for place in SETUP.locations:
        there = {sku: draw.choice((0, 0, 1, 2, 5, 9)) for sku in GOODS}
        if plenty:
            there = {sku: 500 * draw.choice((0, 1)) for sku in GOODS}
        receive(session, place, **{sku: units for sku, units in there.items() if units})
    at, decided = MONDAY, []
    for number in range(orders):
        at += timedelta(minutes=draw.randint(5, 240))
        wanted = {sku: draw.randint(1, 3) for sku in draw.sample(sorted(GOODS), draw.randint(1, 4))}
        decided.append(order(session, f"K-{number}", at, code=draw.choice(CODES), **wanted))
    return decided


def run(session, setup, **more):
    return replay(session, MONDAY, UNTIL, setup, **more)


def with_rules(**values):
    return replace(SETUP, rules=replace(SETUP.rules, **values))
