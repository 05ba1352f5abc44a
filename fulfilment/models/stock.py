"""The stock ledger: movements that only ever grow, and the balances that they prove."""

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    Sequence,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Prose, Row, kept_by_owner, ledger

MOVEMENT_IDS = Sequence("stock_movement_ids", metadata=Row.metadata)

# Accounts at a location: units on `shelf` and in `quarantine` are on hand there, `transit` is on
# the way to it. The others are the world outside and carry no location.
HELD_ACCOUNTS = ("shelf", "quarantine", "transit")
OUTSIDE_ACCOUNTS = ("supplier", "customer", "variance", "loss")
_HELD = "('shelf', 'quarantine', 'transit')"
_KNOWN = "('shelf', 'quarantine', 'transit', 'supplier', 'customer', 'variance', 'loss')"


@ledger
class StockMovement(Row):
    """`quantity` units went from one account to another, for a cause. Never changed, never deleted.

    `cause` is what happened (receipt, till_sale, shipment, return, found, quarantine, transfer …),
    `document` what it happened for (order, receipt, task), `key` makes a repeat harmless.
    `moved_at` is when it happened, `booked_at` when the books learned of it: later for a till that
    was offline. With both the ledger can say what it said then, and what we know now about then.

    The table is partitioned by the month of `booked_at` (UTC), so that old months can be detached.
    `key` is unique over all months by `StockMovementKey`. There is no foreign key to `locations`:
    the balance of a place has one, and nothing moves at a place that has no balance.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(f"from_account IN {_KNOWN} AND to_account IN {_KNOWN}", name="accounts"),
        CheckConstraint(
            "(from_account, coalesce(from_location, ''))"
            " <> (to_account, coalesce(to_location, ''))",
            name="moves",
        ),
        CheckConstraint(f"(from_account IN {_HELD}) = (from_location IS NOT NULL)", name="from"),
        CheckConstraint(f"(to_account IN {_HELD}) = (to_location IS NOT NULL)", name="to"),
        Index("ix_stock_movements_sku_id", "sku", "id"),
        # Few units have a lot; whoever asks for one wants all of its way.
        Index("ix_stock_movements_lot", "sku", "lot", postgresql_where=text("lot IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (booked_at)"},
    )

    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, server_default=MOVEMENT_IDS.next_value()
    )
    sku: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[int]
    from_account: Mapped[str] = mapped_column(String(16))
    from_location: Mapped[str | None] = mapped_column(String(32))
    to_account: Mapped[str] = mapped_column(String(16))
    to_location: Mapped[str | None] = mapped_column(String(32))
    lot: Mapped[str | None] = mapped_column(String(64))
    cause: Mapped[str] = mapped_column(String(32))
    document: Mapped[Prose]
    actor: Mapped[Prose]
    channel: Mapped[str] = mapped_column(String(16))
    moved_at: Mapped[Instant]
    booked_at: Mapped[Instant] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128))


@ledger
class StockMovementKey(Row):
    """A key that was used, for ever and over all months: what makes a repeat harmless.

    `digest` are the first 16 bytes of the key's SHA-256: shorter to keep than the key, and no two
    keys of a shop share them.
    """

    __tablename__ = "stock_movement_keys"

    digest: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    movement_id: Mapped[int] = mapped_column(BigInteger)
    booked_at: Mapped[Instant]


@kept_by_owner
class StockMonth(Row):
    """A month of the ledger that is closed: nothing is booked into it any more.

    Written by the database's own function `close_stock_month`. `detached_at` is when its movements
    were taken out of the database; its closing stays. `standing` is the fingerprint of what every
    account held at its end: a sum of hashes, see `stock_print` in the database.
    """

    __tablename__ = "stock_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[Instant]
    movements: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(BigInteger)
    standing: Mapped[Decimal] = mapped_column(Numeric(40, 0), server_default=text("0"))
    detached_at: Mapped[Instant | None]


@kept_by_owner
class StockClosing(Row):
    """What an account of a SKU held before and after a closed month in which it moved.

    Accounts outside have no place. An account that did not move has no row: what it held is in its
    latest one (`stock_held_at_end_of` in the database finds them). Before plus the month's
    movements must be after, and before must be after of the row before.
    """

    __tablename__ = "stock_closings"
    __table_args__ = (Index("ix_stock_closings_month", "month"),)

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(16), primary_key=True)
    location: Mapped[str] = mapped_column(String(32), primary_key=True)
    month: Mapped[date] = mapped_column(ForeignKey("stock_months.month"), primary_key=True)
    opening: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)


class StockBalance(Row):
    """What a location holds of a SKU: a cache that `answers.drift` proves from the movements.

    On hand includes the quarantined units. `picked` counts allocated units that are already in a
    tote or parcel; it is part of `allocated`. `doubt` is what the shelf's surprises since the last
    count add to the safety stock. `backordered` counts units that are promised beyond what is on
    hand; incoming goods are theirs first. `tracking` and `recalled` are those of the SKU's rule
    (`fulfilment.models.lots`).
    """

    __tablename__ = "stock_balances"
    __table_args__ = (
        # Nothing is negative, and picked is a part of allocated. One expression, because PostgreSQL
        # reads every CHECK of a table anew for each statement that writes to it: nine of them took
        # longer than the write itself. That on hand covers the quarantine follows with the next.
        CheckConstraint(
            "LEAST(quarantined, reserved, picked, allocated - picked, in_transit, safety_stock,"
            " doubt, backordered) >= 0",
            name="not_negative",
        ),
        # No oversell: what is claimed is there. Whoever takes units away drops claims first.
        CheckConstraint("reserved + allocated <= on_hand - quarantined", name="claims_covered"),
    )

    # The SKU first: pages ask for a few SKUs at all locations.
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    allocated: Mapped[int] = mapped_column(default=0)
    picked: Mapped[int] = mapped_column(default=0)
    in_transit: Mapped[int] = mapped_column(default=0)
    safety_stock: Mapped[int] = mapped_column(default=0)
    doubt: Mapped[int] = mapped_column(default=0, server_default="0")
    backordered: Mapped[int] = mapped_column(default=0, server_default="0")
    tracking: Mapped[str | None] = mapped_column(String(8))
    recalled: Mapped[bool] = mapped_column(default=False, server_default="false")
    changed_at: Mapped[Instant]
