"""Rows of what a location will not do: lines that it refused, days on which it sends less."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Prose, Row, Serial, ledger


@ledger
class Refusal(Row):
    """A location said no to units of an order line; it is not asked for that line again."""

    __tablename__ = "fulfilment_refusals"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "reason IN ('not_found', 'damaged', 'laid_aside', 'no_time', 'closed', 'other')",
            name="reason",
        ),
        Index("ix_fulfilment_refusals_order_ref", "order_ref"),
        Index("ix_fulfilment_refusals_location", "location", "refused_at"),
    )

    id: Mapped[Serial]
    order_ref: Mapped[str] = mapped_column(String(32))
    line_id: Mapped[uuid.UUID]
    sku: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    quantity: Mapped[int]
    fulfilment_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fulfilment_orders.id"))
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[Prose | None]
    actor: Mapped[Prose]
    refused_at: Mapped[Instant]


@ledger
class DayLimit(Row):
    """How many parcels a location sends on one day at most; the latest entry of a day holds.

    `parcels` None takes the limit away again: the location's usual capacity holds.
    """

    __tablename__ = "day_limits"
    __table_args__ = (
        CheckConstraint("parcels >= 0", name="parcels"),
        Index("ix_day_limits_day", "day", "location", "id"),
    )

    id: Mapped[Serial]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    day: Mapped[date]
    parcels: Mapped[int | None]
    reason: Mapped[Prose]
    actor: Mapped[Prose]
    set_at: Mapped[Instant]
