"""What the future is thought to be worth: prices of stock and parcels, and how they were made."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Prose, Row, Serial


class PriceRun(Row):
    """One making of prices. `what`: all SKUs (whole), or those whose stock had changed (moved).

    `digest` is that of everything the prices were made from: the same digest, the same prices.
    `shape` is what was learnt of the shop as a whole (`fulfilment.foresight.shape`); runs of moved
    SKUs use that of the latest whole run. `seconds` is how long it took.
    """

    __tablename__ = "price_runs"
    __table_args__ = (
        CheckConstraint("what IN ('whole', 'moved')", name="what"),
        Index("ix_price_runs_what_made_at", "what", "made_at"),
    )

    id: Mapped[Serial]
    what: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[Instant]
    digest: Mapped[Prose]
    shape: Mapped[Json]
    skus: Mapped[int]
    places: Mapped[int]
    seconds: Mapped[float]


class StockPrice(Row):
    """What a unit of a SKU is worth at a location to those who are still to come.

    `shadow_minor`: to later web orders, minor units; 0 where only the counter wants it.
    `counter_units`: what the counter is expected to sell until `until_on`, when goods are expected.
    `web_units`: what the web is expected to ask of the SKU, wherever it is sent from, until the
    first location gets goods. `free`: the units that could be promised when the price was made.
    """

    __tablename__ = "stock_prices"
    __table_args__ = (
        CheckConstraint("shadow_minor >= 0", name="shadow_minor"),
        CheckConstraint("counter_units >= 0 AND web_units >= 0", name="units"),
        Index("ix_stock_prices_made_at", "made_at"),
    )

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    shadow_minor: Mapped[int]
    counter_units: Mapped[float]
    web_units: Mapped[float]
    free: Mapped[int]
    until_on: Mapped[date]
    made_at: Mapped[Instant]
    run: Mapped[int] = mapped_column(ForeignKey("price_runs.id"))


class ParcelPrice(Row):
    """What one of the parcels that a location can send on a day is worth, minor units.

    Days on which there is room enough have no row.
    """

    __tablename__ = "parcel_prices"
    __table_args__ = (CheckConstraint("price_minor > 0", name="price_minor"),)

    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    price_minor: Mapped[int]
    made_at: Mapped[Instant]
