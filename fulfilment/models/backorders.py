"""Units promised beyond what is on hand: how many a place may owe, and what it owes to whom."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row, Serial, ledger
from kit.states import States

BACKORDER_STATES = States("backorder", {"waiting": {"covered", "released", "expired", "lost"}})


@ledger
class BackorderPolicy(Row):
    """How many units of a SKU a location may owe at once, from an instant on; the latest row holds.

    `ships_on` is the release date of a pre-order: nothing is promised for an earlier day. 0 units
    end it: nothing more is promised, what is waiting stays.
    """

    __tablename__ = "backorder_policies"
    __table_args__ = (
        CheckConstraint("units >= 0", name="units"),
        Index("ix_backorder_policies_sku_location_id", "sku", "location", "id"),
    )

    id: Mapped[Serial]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    sku: Mapped[str] = mapped_column(String(64))
    units: Mapped[int]
    ships_on: Mapped[date | None]
    actor: Mapped[Prose]
    set_at: Mapped[Instant]


class Backorder(Row):
    """Units of an order line that a location owes. Ends exactly once, under the place's lock.

    `promised_on` is the day on which the units are to be there, ready to be sent; who was promised
    first is served first. While the order is unpaid it has a deadline (`expires_at`), once it is
    paid it has none (`confirmed_at`). A covered row has become the reservation (unpaid) or the
    allocation (paid) that carries its id. One row is one state: a part that ends splits it.
    """

    __tablename__ = "stock_backorders"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "state IN ('waiting', 'covered', 'released', 'expired', 'lost')", name="state"
        ),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        # Paid or with a deadline, never neither: nobody waits for ever without having paid.
        CheckConstraint("confirmed_at IS NOT NULL OR expires_at IS NOT NULL", name="deadline"),
        Index(
            "ix_stock_backorders_waiting",
            "sku",
            "location",
            "promised_on",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_stock_backorders_order_ref", "order_ref"),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    line_id: Mapped[uuid.UUID]
    sku: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[int]
    promised_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    placed_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]
    confirmed_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
