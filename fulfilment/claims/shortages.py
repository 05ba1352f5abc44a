"""Shortages: units of an order line that lost their place, open until somebody solves it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.events import ShortageOpened
from fulfilment.stock.balances import whole
from kit import clock, events
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Loss:
    """Units of an order line that are not at this location after all."""

    order_ref: str
    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ShortageView:
    """A shortage as it was when it was read."""

    id: uuid.UUID
    order_ref: str
    line_id: uuid.UUID
    sku: str
    location: str
    quantity: int
    cause: str
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str | None


_COLUMNS = (
    "id, order_ref, line_id, sku, location, quantity, cause, opened_at, resolved_at, resolution"
)
_OPEN = text(
    """
    INSERT INTO shortages (id, order_ref, line_id, sku, location, quantity, cause, opened_at)
    SELECT loss.*, :cause, :now
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:order_refs AS text[]), CAST(:line_ids AS uuid[]),
        CAST(:skus AS text[]), CAST(:locations AS text[]), CAST(:quantities AS int[])
    ) AS loss
    """
)
_OPEN_FOR = f"""
    SELECT {_COLUMNS} FROM shortages
    WHERE order_ref = :order_ref AND resolved_at IS NULL
    ORDER BY opened_at, id
"""
_RESOLVE = text(
    """
    UPDATE shortages SET resolved_at = :now, resolution = :resolution
    WHERE id = :id AND resolved_at IS NULL
    RETURNING id
    """
)
_FORGET = text(
    """
    UPDATE shortages SET resolved_at = :now, resolution = :resolution
    WHERE order_ref = :order_ref AND resolved_at IS NULL
        AND NOT EXISTS (SELECT FROM stock_allocations WHERE order_ref = :order_ref)
    """
)


def open_(
    session: Session,
    *,
    order_ref: str,
    line_id: uuid.UUID,
    sku: str,
    location: str,
    quantity: int,
    cause: str,
) -> ShortageView:
    """Open a shortage and say so with `ShortageOpened`.

    Args:
        session: the open transaction.
        order_ref: whose units they are.
        line_id: of which order line.
        sku: what is missing.
        location: where it was expected.
        quantity: units.
        cause: e.g. ``"reservation_lapsed"``, ``"short_pick"``, ``"till_sale"``.

    Raises:
        Invalid: ``quantity``.
    """
    loss = Loss(order_ref, line_id, sku, location, whole(quantity))
    return open_all(session, [loss], cause=cause)[0]


def open_all(session: Session, losses: Sequence[Loss], *, cause: str) -> list[ShortageView]:
    """Open a shortage per loss, with one statement, and one `ShortageOpened` per order."""
    if not losses:
        return []
    now = clock.now()
    opened = [
        ShortageView(
            id=new_id(),
            order_ref=loss.order_ref,
            line_id=loss.line_id,
            sku=loss.sku,
            location=loss.location,
            quantity=loss.quantity,
            cause=cause,
            opened_at=now,
            resolved_at=None,
            resolution=None,
        )
        for loss in losses
    ]
    session.execute(
        _OPEN,
        {
            "cause": cause,
            "now": now,
            "ids": [row.id for row in opened],
            "order_refs": [row.order_ref for row in opened],
            "line_ids": [row.line_id for row in opened],
            "skus": [row.sku for row in opened],
            "locations": [row.location for row in opened],
            "quantities": [row.quantity for row in opened],
        },
    )
    for order_ref in dict.fromkeys(loss.order_ref for loss in losses):
        events.record(session, ShortageOpened(order_ref=order_ref, cause=cause))
    return opened


def open_for(session: Session, order_ref: str, *, lock: bool = False) -> list[ShortageView]:
    """Return the open shortages of an order, oldest first.

    Args:
        session: any session.
        order_ref: which order.
        lock: keep others from resolving them until the transaction ends.
    """
    query = text(_OPEN_FOR + ("FOR UPDATE" if lock else ""))
    return [ShortageView(*row) for row in session.execute(query, {"order_ref": order_ref})]


def resolve(session: Session, shortage_id: uuid.UUID, resolution: str) -> bool:
    """Close a shortage. Harmless when repeated: the first resolution stands.

    Args:
        session: the open transaction.
        shortage_id: which.
        resolution: how it was solved: rerouted, refunded, cancelled …

    Returns:
        Whether this call closed it.
    """
    stamp = {"now": clock.now(), "resolution": resolution}
    return session.execute(_RESOLVE, {"id": shortage_id, **stamp}).first() is not None


def forget_unpaid(session: Session, order_ref: str, resolution: str) -> None:
    """Close what an order lost before it was paid, because its reservations end otherwise now.

    An order with allocations is left alone: its shortages are solved by routing.
    """
    session.execute(_FORGET, {"order_ref": order_ref, "now": clock.now(), "resolution": resolution})
