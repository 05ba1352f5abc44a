"""Claims on stock: reservations expire, allocations do not; a lost claim opens a shortage.

Claims have no foreign key to `locations`: they are only made under the lock of a balance, which
has one; and a shop's few location rows would be locked by every order that is placed.
"""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row
from kit.states import States

RESERVATION_STATES = States("reservation", {"held": {"claimed", "released", "expired", "lost"}})
ALLOCATION_STATES = States(
    "allocation",
    {
        "open": {"picked", "released", "lost", "short"},
        "picked": {"open", "shipped", "released", "lost"},
    },
)


def became(states: States, current: str, following: str) -> str:
    """Return SQL that sets a state, after checking the move once, when the module is loaded.

    The statement asks for `current` in its WHERE, so that no row takes another way.
    """
    states.check(current, following)
    return f"state = '{following}'"


class Reservation(Row):
    """Units of a placed order, held at a location until a deadline. Ends exactly once."""

    __tablename__ = "stock_reservations"
    __table_args__ = (
        # One expression for all of it; see `StockBalance` for why.
        CheckConstraint(
            "quantity > 0 AND CASE WHEN ended_at IS NULL THEN state = 'held'"
            " ELSE state IN ('claimed', 'released', 'expired', 'lost') END",
            name="state",
        ),
        Index(
            "ix_stock_reservations_held",
            "sku",
            "location",
            "expires_at",
            postgresql_where=text("state = 'held'"),
        ),
        Index("ix_stock_reservations_order_ref", "order_ref"),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    line_id: Mapped[uuid.UUID]
    sku: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default="held")
    placed_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class Allocation(Row):
    """Units of a confirmed order line at the location that will send them.

    One row is one state: a partial pick splits the row. `promised_on` is the line's promise date
    and decides who loses last when goods are missing. `lot` is read when a unit is picked, and one
    row is one lot, too. Picked units are only lost to a recall.
    """

    __tablename__ = "stock_allocations"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "state IN ('open', 'picked', 'shipped', 'released', 'lost', 'short')", name="state"
        ),
        Index(
            "ix_stock_allocations_live",
            "sku",
            "location",
            postgresql_where=text("state IN ('open', 'picked')"),
        ),
        Index("ix_stock_allocations_order_ref", "order_ref"),
        Index("ix_stock_allocations_fulfilment_order_id", "fulfilment_order_id"),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    line_id: Mapped[uuid.UUID]
    sku: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[int]
    promised_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default="open")
    fulfilment_order_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("fulfilment_orders.id")
    )
    parcel_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("parcels.id"))
    lot: Mapped[str | None] = mapped_column(String(64))
    allocated_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class Shortage(Row):
    """Units of an order line that lost their place: open until routed again or refunded."""

    __tablename__ = "shortages"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_shortages_open", "order_ref", postgresql_where=text("resolved_at IS NULL")),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    line_id: Mapped[uuid.UUID]
    sku: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    quantity: Mapped[int]
    cause: Mapped[str] = mapped_column(String(32))
    opened_at: Mapped[Instant]
    resolved_at: Mapped[Instant | None]
    resolution: Mapped[str | None] = mapped_column(String(32))


class CountTask(Row):
    """Someone has to count a SKU at a location because the books and the shelf disagreed."""

    __tablename__ = "count_tasks"
    __table_args__ = (
        # One open task per place is enough, however often the shelf surprises us.
        Index(
            "uq_count_tasks_open",
            "location",
            "sku",
            unique=True,
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    sku: Mapped[str] = mapped_column(String(64))
    cause: Mapped[str] = mapped_column(String(32))
    document: Mapped[Prose]
    opened_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
    counted: Mapped[int | None]
    done_by: Mapped[Prose | None]
