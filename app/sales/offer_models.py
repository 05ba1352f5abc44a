"""Rows of sales: what somebody was offered at the counter, at a price that stands until a date."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row


class CounterOffer(Row):
    """An offer made at a counter and sent by mail; `lines` are frozen as they were said.

    `offer_id` is the till's own id. `ref` is what the claims on stock go by, `token` opens its page
    without sign-in. `cashier` and `adviser` are who is credited, with the store. `held`: its goods
    are put aside until `valid_until_at`. `order_ref` is the order that it has become, `renews` the
    offer that it was quoted again from. `withdrawn_at`: taken back, by whom and why.
    """

    __tablename__ = "counter_offers"
    __table_args__ = (
        CheckConstraint("total_minor > 0", name="total"),
        CheckConstraint("valid_until_at > made_at", name="valid"),
        CheckConstraint("(ordered_at IS NULL) = (order_ref IS NULL)", name="ordered"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_why IS NULL)"
            " AND (withdrawn_at IS NULL OR order_ref IS NULL)",
            name="withdrawn",
        ),
        Index("ix_counter_offers_location", "location", "made_at"),
    )

    id: Mapped[Key]
    offer_id: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    cashier: Mapped[str | None] = mapped_column(String(8))
    adviser: Mapped[Prose]
    customer_number: Mapped[str | None] = mapped_column(String(16))
    price_group: Mapped[str] = mapped_column(String(32))
    name: Mapped[Prose]
    email: Mapped[Prose]
    address: Mapped[Json]
    language: Mapped[str] = mapped_column(String(2), default="de")
    note: Mapped[Prose] = mapped_column(default="")
    lines: Mapped[list[Any]]
    total_minor: Mapped[int]
    held: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[Instant]
    valid_until_at: Mapped[Instant]
    renews: Mapped[str | None] = mapped_column(String(32), unique=True)
    order_ref: Mapped[str | None] = mapped_column(String(32), unique=True)
    ordered_at: Mapped[Instant | None]
    withdrawn_at: Mapped[Instant | None]
    withdrawn_by: Mapped[Prose | None]
    withdrawn_why: Mapped[Prose | None]
