"""Goods that are kept apart: by lot or by serial number; and what had to be called back."""

from datetime import date

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Sequence,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Key, Prose, Row, kept_by_owner

RECALL_NUMBERS = Sequence("recall_numbers", metadata=Row.metadata)

UNKNOWN = "?"
"""The lot of units whose lot nobody has read. At a place it may be below zero: so many units left
the shelf and nobody knows of which lot. A count that names the lots brings it back to zero."""


class SkuRule(Row):
    """What a SKU asks of everybody who handles it, wherever it lies.

    `tracking` keeps its units apart by ``lot`` or by ``serial`` (one unit each); `recalled` says
    that a recall of it is open. Balances carry both, so that whoever locks a place knows.
    """

    __tablename__ = "sku_rules"
    __table_args__ = (CheckConstraint("tracking IN ('lot', 'serial')", name="tracking"),)

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    tracking: Mapped[str | None] = mapped_column(String(8))
    recalled: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[Instant]
    changed_by: Mapped[Prose]


class Lot(Row):
    """A lot, or a single unit by its serial number, with what is known of it."""

    __tablename__ = "lots"

    sku: Mapped[str] = mapped_column(ForeignKey("sku_rules.sku"), primary_key=True)
    lot: Mapped[str] = mapped_column(String(64), primary_key=True)
    best_before: Mapped[date | None]
    first_seen_at: Mapped[Instant]


class StockLot(Row):
    """What a place holds of a lot: a cache, as the balance is, proved from the movements.

    Written under the lock of the place's balance, in the transaction of the movement. Serial
    numbers are one unit, and that at one place at most.
    """

    __tablename__ = "stock_lots"
    __table_args__ = (
        ForeignKeyConstraint(["sku", "lot"], ["lots.sku", "lots.lot"]),
        ForeignKeyConstraint(
            ["sku", "location"], ["stock_balances.sku", "stock_balances.location"]
        ),
        CheckConstraint("lot = '?' OR (on_hand >= 0 AND quarantined <= on_hand)", name="on_hand"),
        CheckConstraint("quarantined >= 0 AND in_transit >= 0", name="held"),
        CheckConstraint("NOT serial OR lot = '?' OR on_hand + in_transit <= 1", name="serial"),
        # Judged at the end of a statement: a serial number may go from one place to another.
        ExcludeConstraint(
            ("sku", "="),
            ("lot", "="),
            name="one_place_per_serial",
            using="btree",
            where=text("serial AND lot <> '?' AND on_hand + in_transit > 0"),
            deferrable=True,
            initially="IMMEDIATE",
        ),
    )

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(String(32), primary_key=True)
    lot: Mapped[str] = mapped_column(String(64), primary_key=True)
    serial: Mapped[bool]
    on_hand: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    in_transit: Mapped[int] = mapped_column(default=0)


@kept_by_owner
class StockLotClosing(Row):
    """What a place held of a lot at the end of a closed month; beside `stock_closings`."""

    __tablename__ = "stock_lot_closings"

    month: Mapped[date] = mapped_column(ForeignKey("stock_months.month"), primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    lot: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(16), primary_key=True)
    location: Mapped[str] = mapped_column(String(32), primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)


class Recall(Row):
    """Goods that nobody may sell and everybody who has some must hear of.

    `lots` None means every unit of the SKU. `result` is what became of those that were in hand.
    """

    __tablename__ = "recalls"
    __table_args__ = (
        CheckConstraint("cardinality(lots) > 0", name="lots"),
        CheckConstraint("result IN ('released', 'destroyed', 'returned', 'kept')", name="result"),
        CheckConstraint(
            "(closed_at IS NULL) = (result IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL)",
            name="closed",
        ),
        Index("ix_recalls_open", "sku", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(
        BigInteger, unique=True, server_default=RECALL_NUMBERS.next_value()
    )
    sku: Mapped[str] = mapped_column(ForeignKey("sku_rules.sku"))
    lots: Mapped[list[str] | None] = mapped_column(ARRAY(String(64)))
    reason: Mapped[Prose]
    opened_at: Mapped[Instant]
    opened_by: Mapped[Prose]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[Prose | None]
    result: Mapped[str | None] = mapped_column(String(16))
