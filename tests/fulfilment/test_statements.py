"""What an order costs in statements, stated so that it cannot creep up."""

import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from fulfilment.claims import allocations, reservations
from fulfilment.outbound import parcels, picking, shipments
from fulfilment.stock import counter_sales
from kit.plain import execute_plain
from tests.fulfilment.warehouse import ADDRESS, FRIDAY, PLANS, WEDNESDAY, stock, want

# Reserve: hold. Allocate: read, lock, claim, insert, write. And so on. Picking and handing over ask
# whether somebody has stopped the order.
EXPECTED = {
    "reserve": 1,
    "allocate": 5,
    "open_orders": 3,
    "pick_all": 7,
    "pack": 7,
    "dispatch": 11,
    "sell": 5,
}


@contextmanager
def counting(session, counts, name):
    statements = []

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    def plainly(session, plain):
        statements.append(plain.statement.decode())
        return execute_plain(session, plain)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    # The hottest statements go past SQLAlchemy.
    reservations.execute_plain = plainly
    try:
        yield
        session.flush()
    finally:
        event.remove(engine, "before_cursor_execute", note)
        reservations.execute_plain = execute_plain
    counts[name] = len([one for one in statements if "SAVEPOINT" not in one])


@pytest.mark.parametrize("lines", [1, 21])
def test_an_order_costs_the_same_statements_whatever_its_length(shop, lines):
    skus = [f"S-{number:02}" for number in range(lines)]
    stock(shop, "lager", dict.fromkeys(skus, 9))
    wants = [want(sku, "lager", 2, uuid.uuid4()) for sku in skus]
    promised = {one.line_id: FRIDAY for one in wants}
    soon = WEDNESDAY + timedelta(minutes=30)
    counts = {}
    # Each step is a transaction of its own: what it locks is not held from the step before.
    shop.info.clear()
    with counting(shop, counts, "reserve"):
        reservations.place(shop, order_ref="K-1", wants=wants, expires_at=soon)
    shop.info.clear()
    with counting(shop, counts, "allocate"):
        claimed, _ = allocations.from_reservations(shop, order_ref="K-1", promised=promised)
    with counting(shop, counts, "open_orders"):
        [job] = picking.open_orders(
            shop, order_ref="K-1", allocations=claimed, plans=PLANS, address=ADDRESS
        )
    shop.info.clear()
    with counting(shop, counts, "pick_all"):
        picking.pick_all(shop, job.id, "Anna")
    shop.info.clear()
    with counting(shop, counts, "pack"):
        parcels.pack(shop, job.id)
    shop.info.clear()
    with counting(shop, counts, "dispatch"):
        shipments.dispatch(shop, job.id, carrier="DHL", actor="Anna")
    shop.info.clear()
    with counting(shop, counts, "sell"):
        counter_sales.sell(
            shop,
            location="lager",
            lines=[(sku, 1) for sku in skus],
            document="R-1",
            actor="till",
            key="s1",
        )
    assert counts == EXPECTED
