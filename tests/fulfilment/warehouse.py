"""What tests of stock stand on: four places, goods in them, and a photograph of the books."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import allocations
from fulfilment.claims.reservations import Want
from fulfilment.outbound import picking
from fulfilment.outbound.picking import Plan
from fulfilment.places import locations
from fulfilment.proofs import PROOFS, drift
from fulfilment.stock import ledger

WEDNESDAY = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)
FRIDAY = date(2026, 11, 20)
SATURDAY = date(2026, 11, 21)
HOOKS = "HAK-10-4"
LURES = "GUM-09-MO"

_TABLES = {
    # A balance of zeros says nothing; it is made where a place is locked for the first time.
    "stock_balances WHERE on_hand + in_transit + safety_stock > 0": "location, sku",
    "stock_movements": "id",
    "stock_reservations": "id",
    "stock_allocations": "id",
    "stock_backorders": "id",
    "backorder_policies": "id",
    "shortages": "id",
    "count_tasks": "id",
    "stock_settings": "id",
    "stock_surprises": "id",
    "stock_repairs": "id",
    "fulfilment_orders": "id",
    "shipments": "id",
    "parcels": "id",
    "parcel_lines": "parcel_id, line_id",
    "parcel_inserts": "id",
    "purchase_orders": "number",
    "purchase_order_lines": "number, position",
    "transfers": "number",
    "transfer_lines": "number, position",
    "incoming_entries": "id",
    "outbox_events": "id",
}


def open_places(session: Session) -> None:
    """Write the warehouse and the three stores."""
    for position, (code, kind, city) in enumerate(
        [
            ("lager", "warehouse", "Kassel"),
            ("bonn", "store", "Bonn"),
            ("koeln", "store", "Köln"),
            ("koblenz", "store", "Koblenz"),
        ]
    ):
        locations.put(
            session,
            code=code,
            kind=kind,
            name=city,
            street="Rheinufer 1",
            postal_code="53111",
            city=city,
            state="NW",
            phone="+492280000",
            email=f"{code}@angelhaus.example",
            contact="Frau Sieg",
            latitude=50.7,
            longitude=7.1,
            opening_hours={},
            cut_off="15:00",
            capacity_per_day=100,
            handling_line_minor=0,
            handling_unit_minor=0,
            groups=["std"],
            tariffs=[],
            position=position,
        )


def stock(session: Session, location: str, quantities: Mapping[str, int]) -> None:
    """Receive goods from a supplier."""
    ledger.receive(
        session,
        location,
        list(quantities.items()),
        document="delivery note 4711",
        actor="floor:kai",
        key=f"receipt/{uuid.uuid4()}",
    )


def want(sku: str, location: str, quantity: int, line_id: uuid.UUID | None = None) -> Want:
    """Want units for an order line, a new one unless it is named."""
    return Want(line_id or uuid.uuid4(), sku, location, quantity)


def promise(wants: list[Want], on: date = FRIDAY) -> dict[uuid.UUID, date]:
    """Promise all lines for one day."""
    return {one.line_id: on for one in wants}


def plan(arrives_on: date = FRIDAY) -> Plan:
    """What the router says about a location."""
    return Plan("dhl", WEDNESDAY.replace(hour=14), WEDNESDAY.date(), arrives_on)


PLANS = {code: plan() for code in ("lager", "bonn", "koeln", "koblenz")}
ADDRESS = {"name": "Herr Müller", "street": "Am Hafen 3", "postal_code": "56073", "city": "Koblenz"}


def order(
    session: Session, order_ref: str, *wants: Want, on: date = FRIDAY
) -> dict[str, uuid.UUID]:
    """Allocate units of an order and open its fulfilment orders; return their ids by location."""
    rows = allocations.allocate(
        session, order_ref=order_ref, wants=list(wants), promised=promise(list(wants), on)
    )
    jobs = picking.open_orders(
        session, order_ref=order_ref, allocations=rows, plans=PLANS, address=ADDRESS
    )
    return {job.location: job.id for job in jobs}


def photograph(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of fulfilment, to compare before and after a refusal."""
    session.flush()
    return {
        table: [tuple(row) for row in session.execute(text(f"SELECT * FROM {table} ORDER BY {by}"))]
        for table, by in _TABLES.items()
    }


def balance(session: Session, location: str, sku: str) -> dict[str, int]:
    """Return the terms of a balance that are not 0."""
    row = session.execute(
        text(
            "SELECT on_hand, quarantined, reserved, allocated, picked, in_transit"
            " FROM stock_balances WHERE location = :location AND sku = :sku"
        ),
        {"location": location, "sku": sku},
    ).mappings()
    return {name: value for name, value in row.one().items() if value}


def events_of(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """Return name and payload of what was recorded, by instant; at one instant in any order."""
    rows = session.execute(text("SELECT name, payload FROM outbox_events ORDER BY occurred_at"))
    return [(row.name, row.payload) for row in rows]


def broken(session: Session) -> list[Any]:
    """Return what breaks an invariant of the stock ledger: empty when the books are right."""
    session.flush()
    offences: list[Any] = [*drift(session)]
    for number, proof in PROOFS.items():
        offences += [(number, *row) for row in session.execute(text(proof))]
    return offences
