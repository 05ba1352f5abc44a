"""Look at what has come back and was put aside: good as new, or not to be sold any more."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.aftersales.models import Inspection
from app.sales import orders
from app.sales.models import Order, OrderLine, OrderReturn
from app.workflows.floor import Worker
from fulfilment.stock import ledger
from kit import clock
from kit.database import transaction
from kit.errors import Invalid, NotFound, Refused

_LONGEST_NOTE = 500


@dataclass(frozen=True)
class Aside:
    """Returned units that wait for somebody to look at them."""

    id: uuid.UUID
    order_ref: str
    sku: str
    title: str
    quantity: int
    reason: str
    returned_at: datetime


def waiting(session: Session, location: str, limit: int = 200) -> list[Aside]:
    """Return what lies aside at a location, the oldest first."""
    row = OrderReturn
    query = (
        select(
            row.id, Order.ref, OrderLine.sku, OrderLine.title, row.quantity, row.reason,
            row.returned_at,
        )
        .join(Order, Order.id == row.order_id)
        .join(OrderLine, OrderLine.id == row.line_id)
        .outerjoin(Inspection, Inspection.return_id == row.id)
        .where(
            row.location == location, row.disposition == "inspect", Inspection.return_id.is_(None)
        )
        .order_by(row.returned_at, row.id)
        .limit(limit)
    )  # fmt: skip
    return [Aside(*found) for found in session.execute(query)]


def decide(return_id: uuid.UUID, good: int, worker: Worker, note: str = "") -> tuple[int, int]:
    """Say how many of what came back may be sold again; the others are written off.

    Args:
        return_id: of `waiting`.
        good: units as good as new, from none to all.
        worker: who has looked, and where.
        note: what was found; needed where something is written off.

    Returns:
        Units back on the shelf, and units written off.

    Raises:
        Invalid: ``quantity``; ``note``.
        NotFound: ``order_return``: unknown, or of another place.
        Refused: ``inspected``: somebody has decided already; ``stock_short``: they lie aside no
            more, since a count or a recall came first; ``lot_short``: so of a lot; ``recalled``:
            goods of a lot that was called back do not go on sale, and can be written off.
    """
    with transaction() as session:
        row = session.get(OrderReturn, return_id, with_for_update=True)
        if row is None or (row.location, row.disposition) != (worker.location, "inspect"):
            raise NotFound("order_return")
        if session.get(Inspection, return_id) is not None:
            raise Refused("inspected")
        if not 0 <= good <= row.quantity:
            raise Invalid("quantity", quantity=good)
        scrapped = row.quantity - good
        note = note.strip()[:_LONGEST_NOTE]
        if scrapped and not note:
            raise Invalid("inspection_note")
        order, line = session.get_one(Order, row.order_id), session.get_one(OrderLine, row.line_id)
        place = row.location
        # Goods that are kept apart are judged as those that came back, not as any of their kind.
        lot = ledger.lot_of(session, f"return/{row.key}")
        moves = [
            ledger.Move(
                line.sku, units, "quarantine", place, account, to, "inspection", order.ref,
                f"inspection/{return_id}/{account}", lot,
            )
            for units, account, to in ((good, "shelf", place), (scrapped, "loss", None))
            if units
        ]  # fmt: skip
        ledger.move(session, moves, actor=worker.name, channel="floor")
        session.add(
            Inspection(
                return_id=return_id,
                good=good,
                scrapped=scrapped,
                note=note,
                at=clock.now(),
                actor=worker.name,
            )
        )
        orders.note(
            session, order.ref, "inspected", worker.name, location=place, sku=line.sku,
            quantity=row.quantity, note=note,
        )  # fmt: skip
        return good, scrapped
