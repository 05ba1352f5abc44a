"""Rows of tills: who may stand there, sessions and cash, receipts as they were given out."""

import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row, Serial, ledger


class TillRules(Row):
    """What a store has decided for its tills; where it has no row, cash is counted to the cent."""

    __tablename__ = "till_rules"
    __table_args__ = (CheckConstraint("cash_rounding_minor IN (1, 5)", name="rounding"),)

    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    cash_rounding_minor: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[Instant]
    changed_by: Mapped[Prose]


class TillPairing(Row):
    """A code that makes a browser the till `device`, once and for a quarter of an hour."""

    __tablename__ = "till_pairings"

    id: Mapped[Key]
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(32))
    name: Mapped[Prose]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    made_by: Mapped[Prose]
    made_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class TillCashier(Row):
    """A member of staff at tills: a short code and the proof of a PIN (PBKDF2-HMAC-SHA256).

    Tills get salt and proof too, so that people can sign in while the network is away.
    """

    __tablename__ = "till_cashiers"

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    salt: Mapped[str] = mapped_column(String(32))
    iterations: Mapped[int]
    proof: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[Instant]


class TillSession(Row):
    """A drawer from opening to count. `session_id` is the till's own id.

    `automatic`: a till that knows no sessions sold; one was opened for it. `waiting`: counted, but
    receipts up to `last_number` are still on their way. `report` is the Z report as it was printed.
    """

    __tablename__ = "till_sessions"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'waiting', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (z_number IS NOT NULL)", name="closed"),
        CheckConstraint("(state = 'open') = (counted_minor IS NULL)", name="counted"),
        CheckConstraint("opening_minor >= 0 AND counted_minor >= 0", name="amounts"),
        UniqueConstraint("device", "z_number"),
        Index("ix_till_sessions_device", "device", "opened_at"),
    )

    id: Mapped[Key]
    session_id: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    state: Mapped[str] = mapped_column(String(8), default="open")
    automatic: Mapped[bool] = mapped_column(default=False)
    cashier: Mapped[str | None] = mapped_column(String(8))
    opened_at: Mapped[Instant]
    opening_minor: Mapped[int] = mapped_column(BigInteger)
    counted_minor: Mapped[int | None] = mapped_column(BigInteger)
    counts: Mapped[Json | None]
    counted_by: Mapped[str | None] = mapped_column(String(8))
    note: Mapped[Prose] = mapped_column(default="")
    closed_at: Mapped[Instant | None]
    last_number: Mapped[int | None]
    z_number: Mapped[int | None]
    report: Mapped[Json | None]


@ledger
class TillReceipt(Row):
    """A document that a till gave out, as it was given: what was sold, what came back, how paid.

    `number` is the till's own; None for training, for what was given up before it was paid
    (`aborted`), and where another receipt had it already.
    `order_ref` is the order of what was taken along, `home_ref` of what is sent, `collected_ref`
    one from the web that was paid and handed over with it.
    `document` is what was posted; `lines`, `returns` and `tenders` are what is printed.
    """

    __tablename__ = "till_receipts"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('sale', 'return', 'exchange', 'void', 'training', 'aborted')", name="kind"
        ),
        UniqueConstraint("device", "number"),
        Index("ix_till_receipts_session", "session"),
        Index("ix_till_receipts_order_ref", "order_ref"),
        Index("ix_till_receipts_home_ref", "home_ref"),
        Index("ix_till_receipts_collected_ref", "collected_ref"),
    )

    id: Mapped[Key]
    sale_id: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    session: Mapped[uuid.UUID] = mapped_column(ForeignKey("till_sessions.id"))
    number: Mapped[int | None]
    receipt_number: Mapped[str] = mapped_column(String(48), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    voids: Mapped[str | None] = mapped_column(String(64), unique=True)
    order_ref: Mapped[str | None] = mapped_column(String(32))
    home_ref: Mapped[str | None] = mapped_column(String(32))
    collected_ref: Mapped[str | None] = mapped_column(String(32))
    cashier: Mapped[str | None] = mapped_column(String(8))
    customer_number: Mapped[str | None] = mapped_column(String(16))
    started_at: Mapped[Instant]
    sold_at: Mapped[Instant]
    booked_at: Mapped[Instant]
    offline: Mapped[bool]
    total_minor: Mapped[int] = mapped_column(BigInteger)
    token: Mapped[str] = mapped_column(String(48), unique=True)
    document: Mapped[Json]
    lines: Mapped[list[Any]]
    returns: Mapped[list[Any]]
    tenders: Mapped[list[Any]]


@ledger
class CashEntry(Row):
    """Cash into a drawer (above 0) or out of it, with the reason. Source: GoBD 2025, Rz. 48."""

    __tablename__ = "till_cash_entries"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('opening', 'sale', 'refund', 'deposit', 'payout', 'bank', 'tip',"
            " 'difference')",
            name="kind",
        ),
        Index("ix_till_cash_entries_session", "session"),
    )

    id: Mapped[Serial]
    session: Mapped[uuid.UUID] = mapped_column(ForeignKey("till_sessions.id"))
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    kind: Mapped[str] = mapped_column(String(12))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[Prose]
    cashier: Mapped[str | None] = mapped_column(String(8))
    document: Mapped[str] = mapped_column(String(64))
    happened_at: Mapped[Instant]
    booked_at: Mapped[Instant]
    key: Mapped[str] = mapped_column(String(128), unique=True)


class TillConflict(Row):
    """Something about a booked document that somebody has to look at; the booking stands."""

    __tablename__ = "till_conflicts"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        Index("ix_till_conflicts_open", "opened_at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_till_conflicts_document", "document"),
    )

    id: Mapped[Key]
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    document: Mapped[str] = mapped_column(String(64))
    receipt_number: Mapped[str] = mapped_column(String(48), default="")
    kind: Mapped[str] = mapped_column(String(32))
    facts: Mapped[Json]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[Prose | None]
    note: Mapped[Prose] = mapped_column(default="")


class ParkedSale(Row):
    """A basket that waits at a location; `document` belongs to the till that reads it again."""

    __tablename__ = "parked_sales"
    __table_args__ = (
        Index("ix_parked_sales_open", "location", postgresql_where=text("taken_at IS NULL")),
    )

    id: Mapped[Key]
    parked_id: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    name: Mapped[Prose]
    cashier: Mapped[str | None] = mapped_column(String(8))
    document: Mapped[Json]
    parked_at: Mapped[Instant]
    taken_at: Mapped[Instant | None]
    taken_by: Mapped[str | None] = mapped_column(String(32))


class CardPayment(Row):
    """A payment at a till's card reader: intended, sent to the reader, ended by its word."""

    __tablename__ = "till_card_payments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "state IN ('waiting', 'succeeded', 'declined', 'cancelled', 'timed_out', 'unknown')",
            name="state",
        ),
    )

    id: Mapped[Key]
    card_payment_id: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(ForeignKey("devices.code"))
    amount_minor: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    intent: Mapped[str | None] = mapped_column(String(255), unique=True)
    reader: Mapped[str] = mapped_column(String(255))
    message: Mapped[Prose] = mapped_column(default="")
    sale_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class TillItem(Row):
    """What tills know of an item, and in which generation of the catalog it last changed."""

    __tablename__ = "till_items"
    __table_args__ = (Index("ix_till_items_generation", "generation", "sku"),)

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    generation: Mapped[int]
    gone: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[Json]


class TillCatalog(Row):
    """One row: the newest generation of what tills know, and when it was looked for."""

    __tablename__ = "till_catalog"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int]
    refreshed_at: Mapped[Instant]


class WeighCode(Row):
    """The first seven digits of labels that the shop's own scales print, and what they weigh.

    Source: GS1 General Specifications, section 2.1.11 (variable measure, restricted circulation).
    """

    __tablename__ = "weigh_codes"
    __table_args__ = (
        CheckConstraint("starts ~ '^2[0-9]{6}$'", name="starts"),
        CheckConstraint("value IN ('minor', 'grams')", name="value"),
    )

    starts: Mapped[str] = mapped_column(String(7), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("items.sku"))
    value: Mapped[str] = mapped_column(String(8))
