"""The stock ledger: movements that only ever grow, and the balances that they prove."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Prose, Row, Serial, ledger

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
    )

    id: Mapped[Serial]
    sku: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[int]
    from_account: Mapped[str] = mapped_column(String(16))
    from_location: Mapped[str | None] = mapped_column(ForeignKey("locations.code"))
    to_account: Mapped[str] = mapped_column(String(16))
    to_location: Mapped[str | None] = mapped_column(ForeignKey("locations.code"))
    cause: Mapped[str] = mapped_column(String(32))
    document: Mapped[Prose]
    actor: Mapped[Prose]
    channel: Mapped[str] = mapped_column(String(16))
    moved_at: Mapped[Instant]
    booked_at: Mapped[Instant]
    key: Mapped[str] = mapped_column(String(128), unique=True)


class StockBalance(Row):
    """What a location holds of a SKU: a cache that `ledger.drift` proves from the movements.

    On hand includes the quarantined units. `picked` counts allocated units that are already in a
    tote or parcel; it is part of `allocated`.
    """

    __tablename__ = "stock_balances"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("quarantined >= 0 AND quarantined <= on_hand", name="quarantined"),
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("allocated >= 0", name="allocated"),
        CheckConstraint("picked >= 0 AND picked <= allocated", name="picked"),
        CheckConstraint("safety_stock >= 0", name="safety_stock"),
        CheckConstraint("in_transit >= 0", name="in_transit"),
        # No oversell: what is claimed is there. Whoever takes units away drops claims first.
        CheckConstraint("reserved + allocated <= on_hand - quarantined", name="claims_covered"),
        Index("ix_stock_balances_sku", "sku"),
    )

    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    allocated: Mapped[int] = mapped_column(default=0)
    picked: Mapped[int] = mapped_column(default=0)
    in_transit: Mapped[int] = mapped_column(default=0)
    safety_stock: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[Instant]
