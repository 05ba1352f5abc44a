"""What is coming: orders placed with suppliers, transfers between locations, and their history.

Lines carry their location beside their document's, so that one index answers what is due of a SKU
where and when. Foreign keys over both columns keep the two the same.
"""

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Prose, Row, Serial, ledger
from kit.states import States

PURCHASE_STATES = States("purchase_order", {"open": {"received", "cancelled"}})
TRANSFER_STATES = States("transfer", {"requested": {"sent", "cancelled"}, "sent": {"received"}})


class PurchaseOrder(Row):
    """Goods ordered from a supplier for one location; its lines say what, how many and when.

    `open` while anything is awaited, `received` when nothing is any more, `cancelled` when nothing
    of it ever came.
    """

    __tablename__ = "purchase_orders"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'received', 'cancelled')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        UniqueConstraint("number", "location"),
        Index("ix_purchase_orders_open", "placed_at", postgresql_where=text("state = 'open'")),
    )

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    supplier: Mapped[Prose]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    state: Mapped[str] = mapped_column(String(16), default="open")
    placed_at: Mapped[Instant]
    placed_by: Mapped[Prose]
    ended_at: Mapped[Instant | None]


class PurchaseLine(Row):
    """Units of a SKU that a supplier owes us by a day; None is a day that nobody has named.

    `received` may exceed `ordered`: what was delivered beyond it is here too. `outstanding` is
    what still counts as incoming.
    """

    __tablename__ = "purchase_order_lines"
    __table_args__ = (
        CheckConstraint("ordered > 0", name="ordered"),
        CheckConstraint("received >= 0", name="received"),
        CheckConstraint("cancelled >= 0 AND cancelled <= ordered", name="cancelled"),
        ForeignKeyConstraint(
            ["number", "location"], ["purchase_orders.number", "purchase_orders.location"]
        ),
        Index(
            "ix_purchase_order_lines_due",
            "sku",
            "location",
            "expected_on",
            postgresql_include=["outstanding"],
            postgresql_where=text("outstanding > 0"),
        ),
    )

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(32))
    ordered: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    expected_on: Mapped[date | None]
    # The expected day that has passed and was told to be late; each is told once.
    told_late_on: Mapped[date | None]
    outstanding: Mapped[int] = mapped_column(
        Computed("greatest(0, ordered - received - cancelled)", persisted=True)
    )


class Transfer(Row):
    """Goods that one location sends to another: requested, sent, received; or cancelled before.

    What is sent leaves the origin's shelf for the destination's account `transit`.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'sent', 'received', 'cancelled')", name="state"),
        CheckConstraint("(state IN ('requested', 'sent')) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state IN ('sent', 'received')) = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("origin <> location", name="moves"),
        UniqueConstraint("number", "location"),
        Index(
            "ix_transfers_open",
            "requested_at",
            postgresql_where=text("state IN ('requested', 'sent')"),
        ),
    )

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    origin: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    # The destination; named as everywhere where something is due.
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    state: Mapped[str] = mapped_column(String(16), default="requested")
    requested_at: Mapped[Instant]
    requested_by: Mapped[Prose]
    sent_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]


class TransferLine(Row):
    """Units of a SKU in a transfer.

    `sent` = `received` + `lost` + what is on the way, which is `outstanding`. `found` are units
    that arrived beyond what was sent; the books did not know of them.
    """

    __tablename__ = "transfer_lines"
    __table_args__ = (
        CheckConstraint("requested >= 0 AND sent >= 0 AND found >= 0", name="counts"),
        CheckConstraint("received >= 0 AND lost >= 0 AND received + lost <= sent", name="arrived"),
        ForeignKeyConstraint(["number", "location"], ["transfers.number", "transfers.location"]),
        Index(
            "ix_transfer_lines_due",
            "sku",
            "location",
            "expected_on",
            postgresql_include=["outstanding"],
            postgresql_where=text("outstanding > 0"),
        ),
    )

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(32))
    requested: Mapped[int]
    sent: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    expected_on: Mapped[date | None]
    told_late_on: Mapped[date | None]
    outstanding: Mapped[int] = mapped_column(Computed("sent - received - lost", persisted=True))


@ledger
class IncomingEntry(Row):
    """What happened to a line of either document, when, by whom: the lines are its sums.

    `what` is ordered, requested, sent, received, found, lost or cancelled with a `quantity`, or
    `date` with the day that was expected (`was_on`) and the one that is (`expected_on`). `at` is
    the instant at which the stock ledger booked it, where it did. `key` makes a repeat harmless.
    """

    __tablename__ = "incoming_entries"
    __table_args__ = (
        CheckConstraint(
            "what IN ('ordered', 'requested', 'sent', 'received', 'found', 'lost', 'cancelled',"
            " 'date')",
            name="what",
        ),
        CheckConstraint("(what = 'date') = (quantity = 0)", name="quantity"),
        Index("ix_incoming_entries_document_id", "document", "id"),
    )

    id: Mapped[Serial]
    document: Mapped[str] = mapped_column(String(32))
    position: Mapped[int]
    sku: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[int]
    was_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    reason: Mapped[Prose]
    actor: Mapped[Prose]
    key: Mapped[str | None] = mapped_column(String(128))
    at: Mapped[Instant]
