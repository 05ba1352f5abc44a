"""What is decided about a place, what its shelf surprised us with, and how books were repaired."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Prose, Row, Serial, ledger


@ledger
class StockSetting(Row):
    """The safety stock of a SKU at a location from `set_at` on; the latest row is in force."""

    __tablename__ = "stock_settings"
    __table_args__ = (
        CheckConstraint("safety_stock >= 0", name="safety_stock"),
        Index("ix_stock_settings_place", "sku", "location", "id"),
    )

    id: Mapped[Serial]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    sku: Mapped[str] = mapped_column(String(64))
    safety_stock: Mapped[int]
    reason: Mapped[Prose]
    actor: Mapped[Prose]
    set_at: Mapped[Instant]


@ledger
class StockSurprise(Row):
    """Somebody saw what a shelf holds: by accident (found, short_pick …), or by counting (count).

    `difference` is what the shelf had more (positive) or less than the books said. A count without
    difference is a row with 0: it is what trust is made of. `reason` is only known of counts that
    posted a difference. See `fulfilment.stock.trust` for the rule that reads these rows.
    """

    __tablename__ = "stock_surprises"
    __table_args__ = (
        CheckConstraint("reason IS NULL OR cause = 'count'", name="reason"),
        Index("ix_stock_surprises_place", "sku", "location", "id"),
        Index(
            "ix_stock_surprises_counts",
            "location",
            "seen_at",
            postgresql_where=text("cause = 'count'"),
        ),
    )

    id: Mapped[Serial]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    sku: Mapped[str] = mapped_column(String(64))
    cause: Mapped[str] = mapped_column(String(32))
    difference: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(32))
    document: Mapped[Prose]
    actor: Mapped[Prose]
    seen_at: Mapped[Instant]


@ledger
class StockRepair(Row):
    """A balance and its rows disagreed in one term, and were made to agree.

    `booked` is what the balance said, `summed` what its rows summed up to. `movement_id` is the
    entry that made the ledger agree; without one the balance was changed.
    """

    __tablename__ = "stock_repairs"
    __table_args__ = (
        CheckConstraint("booked <> summed", name="differs"),
        Index("ix_stock_repairs_place", "sku", "location"),
    )

    id: Mapped[Serial]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    sku: Mapped[str] = mapped_column(String(64))
    term: Mapped[str] = mapped_column(String(16))
    booked: Mapped[int]
    summed: Mapped[int]
    movement_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[Prose]
    repaired_at: Mapped[Instant]


@ledger
class StockCheck(Row):
    """All balances were compared with their rows: how many there are, how many terms disagreed."""

    __tablename__ = "stock_checks"
    __table_args__ = (CheckConstraint("balances >= 0 AND drifted >= 0", name="counts"),)

    id: Mapped[Serial]
    balances: Mapped[int]
    drifted: Mapped[int]
    actor: Mapped[Prose]
    checked_at: Mapped[Instant]
