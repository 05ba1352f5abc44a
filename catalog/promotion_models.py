"""Rows of promotions: what is taken off, from when, for whom; and how often it was used."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from catalog.promotion_sums import Rule
from kit.database import Instant, Prose, Row, Serial, ledger


class Promotion(Row):
    """A promotion as data. Once made only its end may change; another offer is another promotion.

    Empty lists mean: all channels, all goods, everyone. A promotion with a code applies only where
    the code was given. `kind` says which of the figures count: `percent` (`basis_points`), `amount`
    (`amount_minor`), `buy_get` (`buy_units`, `get_units`, `basis_points` off those).
    """

    __tablename__ = "promotions"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'percent' AND basis_points BETWEEN 1 AND 10000)"
            " OR (kind = 'amount' AND amount_minor > 0)"
            " OR (kind = 'buy_get' AND buy_units > 0 AND get_units > 0"
            " AND basis_points BETWEEN 1 AND 10000)",
            name="kind",
        ),
        CheckConstraint("ends_at >= starts_at", name="dates"),
        CheckConstraint("min_minor >= 0", name="min"),
        CheckConstraint("limit_total > 0 AND limit_per_customer > 0", name="limits"),
        CheckConstraint("code = upper(code) AND code <> ''", name="code"),
    )

    ref: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_de: Mapped[Prose]
    name_en: Mapped[Prose]
    kind: Mapped[str] = mapped_column(String(8))
    basis_points: Mapped[int] = mapped_column(default=0)
    amount_minor: Mapped[int] = mapped_column(default=0)
    buy_units: Mapped[int] = mapped_column(default=0)
    get_units: Mapped[int] = mapped_column(default=0)
    channels: Mapped[list[Any]] = mapped_column(default=list)
    skus: Mapped[list[Any]] = mapped_column(default=list)
    categories: Mapped[list[Any]] = mapped_column(default=list)
    brands: Mapped[list[Any]] = mapped_column(default=list)
    price_groups: Mapped[list[Any]] = mapped_column(default=list)
    # Of the goods that it is for, at the customer's prices, before any promotion.
    min_minor: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None] = mapped_column(String(32), unique=True)
    limit_total: Mapped[int | None]
    limit_per_customer: Mapped[int | None]
    stackable: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    created_by: Mapped[Prose]
    created_at: Mapped[Instant]
    ended_by: Mapped[Prose | None]


@ledger
class PromotionUse(Row):
    """A promotion used by an order (+1), or given back because nothing came of it (-1)."""

    __tablename__ = "promotion_uses"
    __table_args__ = (
        CheckConstraint("uses IN (1, -1)", name="uses"),
        Index("ix_promotion_uses_promotion", "promotion", "customer_number"),
        Index("ix_promotion_uses_order_ref", "order_ref"),
    )

    id: Mapped[Serial]
    promotion: Mapped[str] = mapped_column(ForeignKey("promotions.ref"))
    order_ref: Mapped[str] = mapped_column(String(32))
    customer_number: Mapped[str | None] = mapped_column(String(16))
    uses: Mapped[int]
    saved_minor: Mapped[int]
    used_at: Mapped[Instant]
    key: Mapped[str] = mapped_column(String(128), unique=True)


def rule_of(row: Promotion) -> Rule:
    """Return a stored promotion as the sums see it."""
    return Rule(
        ref=row.ref,
        kind=row.kind,
        name_de=row.name_de,
        name_en=row.name_en,
        basis_points=row.basis_points,
        amount_minor=row.amount_minor,
        buy_units=row.buy_units,
        get_units=row.get_units,
        min_minor=row.min_minor,
        stackable=row.stackable,
        skus=frozenset(row.skus),
        categories=frozenset(row.categories),
        brands=frozenset(row.brands),
    )
