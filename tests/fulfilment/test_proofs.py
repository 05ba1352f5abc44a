"""The proofs find what is wrong: each one is shown a book that somebody has tampered with."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from fulfilment.claims import allocations, reservations
from fulfilment.outbound import parcels, picking
from fulfilment.proofs import PROOFS, Drift, drift
from kit import clock
from kit.database import transaction
from tests.fulfilment.warehouse import (
    ADDRESS,
    HOOKS,
    PLANS,
    WEDNESDAY,
    broken,
    open_places,
    promise,
    stock,
    want,
)


@pytest.fixture
def books(session):
    """Three hooks at the warehouse, one of them held."""
    with clock.frozen(WEDNESDAY):
        open_places(session)
        stock(session, "lager", {HOOKS: 3})
        reservations.place(
            session,
            order_ref="K-1",
            wants=[want(HOOKS, "lager", 1)],
            expires_at=WEDNESDAY + timedelta(hours=1),
        )
        assert broken(session) == []
        yield session


def offences(session, number):
    return [dict(row) for row in session.execute(text(PROOFS[number])).mappings()]


def test_units_that_no_movement_explains(books):
    books.execute(text("UPDATE stock_balances SET on_hand = on_hand + 1"))

    assert drift(books) == [Drift("lager", HOOKS, "on_hand", 4, 3)]
    assert offences(books, 1) == [
        {
            "what": "on_hand is not what the rows sum up to",
            "location": "lager",
            "sku": HOOKS,
            "booked": 4,
            "summed": 3,
        }
    ]
    assert offences(books, 2) == [
        {"what": "units appeared or vanished", "sku": HOOKS, "outside": -3, "held": 4}
    ]


def test_units_of_a_balance_that_vanished(books):
    books.execute(text("DELETE FROM stock_balances"))

    assert drift(books) == [
        Drift("lager", HOOKS, "on_hand", 0, 3),
        Drift("lager", HOOKS, "reserved", 0, 1),
    ]
    assert offences(books, 2) == [
        {"what": "units appeared or vanished", "sku": HOOKS, "outside": -3, "held": 0}
    ]


@pytest.mark.parametrize("term", ["reserved", "allocated", "in_transit", "backordered"])
def test_a_term_that_no_row_stands_for(books, term):
    books.execute(text(f"UPDATE stock_balances SET {term} = {term} + 1"))
    before = 1 if term == "reserved" else 0
    assert drift(books) == [Drift("lager", HOOKS, term, before + 1, before)]


def test_more_promised_than_there(database, owner):
    with transaction() as session:
        open_places(session)
        stock(session, "lager", {HOOKS: 3})
    with owner.transaction():
        owner.execute("ALTER TABLE stock_balances DROP CONSTRAINT ck_stock_balances_claims_covered")
        owner.execute("UPDATE stock_balances SET allocated = 3, quarantined = 1")
        assert owner.execute(PROOFS[3]).fetchall() == [
            ("more is promised than there", "lager", HOOKS, 3, 1, 0, 3)
        ]
        raise psycopg.Rollback


def test_a_reservation_that_ended_into_nothing(books):
    books.execute(text("UPDATE stock_balances SET reserved = 0"))
    books.execute(
        text("UPDATE stock_reservations SET state = 'claimed', ended_at = now()"),
    )
    assert offences(books, 4) == [
        {
            "what": "claimed without allocation",
            "order_ref": "K-1",
            "location": "lager",
            "sku": HOOKS,
            "quantity": 1,
            "state": "claimed",
        }
    ]


def test_a_parcel_that_holds_more_than_was_scanned(books):
    wants = [want(HOOKS, "lager", 2)]
    rows = allocations.allocate(books, order_ref="K-2", wants=wants, promised=promise(wants))
    [job] = picking.open_orders(
        books, order_ref="K-2", allocations=rows, plans=PLANS, address=ADDRESS
    )
    picking.pick_all(books, job.id, "Anna")
    [parcel] = parcels.pack(books, job.id)
    assert offences(books, 7) == []

    books.execute(text("UPDATE parcel_lines SET quantity = 3"))

    assert offences(books, 7) == [
        {
            "what": "parcel and scans disagree",
            "parcel_id": parcel.id,
            "line_id": wants[0].line_id,
            "sku": HOOKS,
            "packed": 3,
            "scanned": 2,
        }
    ]
