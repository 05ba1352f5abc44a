"""How far a recall reaches: what of it is where, and on which documents it went to customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fulfilment.models.stock import StockBalance, StockMonth
from fulfilment.tracing.lots import UNKNOWN, of_sku
from fulfilment.tracing.recalls import RecallView


@dataclass(frozen=True, slots=True)
class Aside:
    """Units of a recall at a location: put aside, in totes and parcels, on the way to it."""

    location: str
    quarantined: int
    picked: int
    in_transit: int


@dataclass(frozen=True, slots=True)
class Handed:
    """Units that went to a customer on a document (an order, a receipt), and came back on it.

    `lots` are those that were read, `certain` says that some unit is known to be called back; else
    nobody knows the lot, and it may be.
    """

    document: str
    units: int
    returned: int
    certain: bool
    lots: list[str]
    at: datetime


# Goods of unknown lot may be of a lot that had come in before they left.
_SINCE = text(
    "SELECT min(moved_at) FROM stock_movements"
    " WHERE sku = :sku AND lot = ANY(CAST(:lots AS text[]))"
)
_HANDED = text(
    """
    SELECT document,
        coalesce(sum(quantity) FILTER (WHERE to_account = 'customer'), 0)::int AS units,
        coalesce(sum(quantity) FILTER (WHERE from_account = 'customer'), 0)::int AS returned,
        coalesce(bool_or(known) FILTER (WHERE to_account = 'customer'), false) AS certain,
        coalesce(
            array_agg(DISTINCT lot ORDER BY lot) FILTER (WHERE lot IS NOT NULL AND lot <> :unknown),
            '{}'
        ) AS lots,
        min(moved_at) AS at
    FROM (
        SELECT *, CAST(:lots AS text[]) IS NULL OR coalesce(lot = ANY(CAST(:lots AS text[])), false)
            AS known
        FROM stock_movements
        WHERE sku = :sku AND 'customer' IN (from_account, to_account)
    ) AS moved
    WHERE known OR (
        (lot IS NULL OR lot = :unknown)
        AND (CAST(:since AS timestamptz) IS NULL OR moved_at >= :since)
    )
    GROUP BY document
    ORDER BY min(moved_at), document
    """
)


def handed(session: Session, recall: RecallView) -> list[Handed]:
    """Return the documents on which goods of a recall left us or came back, oldest first.

    Movements of months that are no longer in the database are not found; see `since`.
    """
    asked = {"sku": recall.sku, "lots": recall.lots, "unknown": UNKNOWN}
    since = session.scalar(_SINCE, asked) if recall.lots is not None else None
    rows = session.execute(_HANDED, {**asked, "since": since}).mappings()
    return [Handed(**row) for row in rows]


def aside(session: Session, recall: RecallView) -> list[Aside]:
    """Return what of a recall every location still has, by code; those without are left out."""
    rows = _of_lots(session, recall, recall.lots) or _of_balances(session, recall)
    return [row for row in rows if row.quarantined or row.picked or row.in_transit]


def _of_lots(session: Session, recall: RecallView, lots: Sequence[str] | None) -> list[Aside]:
    found: dict[str, Aside] = {}
    for row in of_sku(session, recall.sku):
        if lots is not None and row.lot not in lots and row.lot != UNKNOWN:
            continue
        before = found.get(row.location) or Aside(row.location, 0, 0, 0)
        found[row.location] = Aside(
            row.location,
            before.quarantined + row.quarantined,
            before.picked + row.picked,
            before.in_transit + row.in_transit,
        )
    return [found[location] for location in sorted(found)]


def _of_balances(session: Session, recall: RecallView) -> list[Aside]:
    if recall.lots is not None:
        return []
    query = (
        select(
            StockBalance.location,
            StockBalance.quarantined,
            StockBalance.picked,
            StockBalance.in_transit,
        )
        .where(StockBalance.sku == recall.sku)
        .order_by(StockBalance.location)
    )
    return [Aside(*row) for row in session.execute(query)]


def since(session: Session) -> datetime | None:
    """Return the end of what is no longer in the database; None where all of it is."""
    return session.scalar(
        select(StockMonth.closed_at)
        .where(StockMonth.detached_at.is_not(None))
        .order_by(StockMonth.month.desc())
        .limit(1)
    )
