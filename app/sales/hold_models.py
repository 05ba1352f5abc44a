"""Rows of sales: goods that a store puts aside for somebody who has neither ordered nor paid."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row
from kit.states import States

HOLD_STATES = States(
    "store_hold",
    {
        "held": {"ready", "collected", "expired", "cancelled", "lost"},
        "ready": {"collected", "expired", "cancelled", "lost"},
    },
)


class StoreHold(Row):
    """Goods put aside in a store until a deadline. No contract: it is made at the counter.

    `ref` is the number to be named there, and what the claims on stock go by. `token` opens its
    page without sign-in. `document` is the receipt that it was sold with.
    """

    __tablename__ = "store_holds"
    __table_args__ = (
        CheckConstraint(
            "state IN ('held', 'ready', 'collected', 'expired', 'cancelled', 'lost')", name="state"
        ),
        CheckConstraint("(ended_at IS NULL) = (state IN ('held', 'ready'))", name="ended"),
        UniqueConstraint("basket_id"),
        Index(
            "ix_store_holds_open", "expires_at", postgresql_where=text("state IN ('held', 'ready')")
        ),
        Index("ix_store_holds_location", "location", "state"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    token: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    state: Mapped[str] = mapped_column(String(16), default="held")
    basket_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("baskets.id"))
    customer_number: Mapped[str | None] = mapped_column(String(16))
    price_group: Mapped[str] = mapped_column(String(32))
    promotion_code: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[Prose]
    email: Mapped[Prose]
    phone: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2), default="de")
    placed_at: Mapped[Instant]
    ready_by_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ready_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[Prose | None]
    document: Mapped[str | None] = mapped_column(String(32))


class StoreHoldLine(Row):
    """A SKU that is put aside; `lost` units of it were sold to somebody who held them in hand."""

    __tablename__ = "store_hold_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("lost >= 0 AND lost <= quantity", name="lost"),
        UniqueConstraint("hold_id", "position"),
    )

    id: Mapped[Key]
    hold_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("store_holds.id", ondelete="CASCADE"))
    position: Mapped[int]
    sku: Mapped[str] = mapped_column(String(64))
    title: Mapped[Prose]
    quantity: Mapped[int]
    lost: Mapped[int] = mapped_column(default=0)
    unit_minor: Mapped[int]
    line_minor: Mapped[int]

    @property
    def there(self) -> int:
        """How many units lie there."""
        return self.quantity - self.lost
