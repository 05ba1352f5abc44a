"""Figures of a period: promises, splits, short picks, stock truth, sales. Each says how it counts.

All money is gross, minor units; days are Berlin's; `since` is included, `until` is not.

- **Promise**: each parcel that arrived, or should have, in the period, against the first day that
  the customer was told. Early counts against it as late does: somebody was not at home.
- **Splits**: orders that come in more than one parcel, by their last plan and what other places
  send beside it, and what the parcels beyond the first cost in postage.
- **Short picks**: times that a picker found less than the books said, per 1,000 units picked there.
- **Stock truth**: counted shelves that held what the books said.
- **Sales**: goods when they left us. A web order's goods are the web's sale, and the work of the
  location that sent them or handed them over: both views add up to the same sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# The first day that was said: a broken promise that was told anew stays a broken one.
_PROMISES = text(
    """
    WITH due AS (
        SELECT parcel.id, (parcel.delivered_at AT TIME ZONE 'Europe/Berlin')::date AS came_on,
            least(orders.promised_on, (
                SELECT min(e.promised_on) FROM promise_exceptions e WHERE e.order_ref = orders.ref
            )) AS promised_on
        FROM parcels parcel JOIN orders ON orders.ref = parcel.order_ref
        WHERE orders.promised_on IS NOT NULL AND orders.promised_on >= :first_before
            AND orders.promised_on < :last_after
    )
    SELECT date_trunc('week', promised_on)::date AS week,
        count(*) FILTER (WHERE came_on < promised_on) AS early,
        count(*) FILTER (WHERE came_on = promised_on) AS kept,
        count(*) FILTER (WHERE came_on > promised_on
            OR (came_on IS NULL AND promised_on < :today)) AS late
    FROM due WHERE promised_on >= :first AND promised_on < :last
    GROUP BY week ORDER BY week
    """
)
# A plan that was made anew speaks of what had no place any more; what is sent beside it stands in
# the fulfilment orders of other places, each for its share of the first plan's postage.
_SPLITS = text(
    """
    WITH plans AS (
        SELECT order_ref, id, decided_at, decision,
            row_number() OVER (PARTITION BY order_ref ORDER BY decided_at, id) AS first,
            row_number() OVER (PARTITION BY order_ref ORDER BY decided_at DESC, id DESC) AS last
        FROM routing_decisions WHERE decided_at >= :since AND decided_at < :until
    ), final AS (
        SELECT plan.decided_at, jsonb_array_length(plan.decision->'parcels') AS planned,
            (plan.decision->'cost'->>'parcels')::numeric AS postage, beside.places,
            (begun.decision->'cost'->>'parcels')::numeric
                / greatest(jsonb_array_length(begun.decision->'parcels'), 1) AS each_minor
        FROM plans plan
        JOIN plans begun ON begun.order_ref = plan.order_ref AND begun.first = 1
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT job.location) AS places FROM fulfilment_orders job
            WHERE job.order_ref = plan.order_ref AND job.kind = 'parcel'
                AND job.state <> 'cancelled' AND NOT EXISTS (
                    SELECT FROM jsonb_array_elements(plan.decision->'parcels') parcel
                    WHERE parcel->>'location' = job.location
                )
        ) beside
        WHERE plan.last = 1
    ), sums AS (
        SELECT decided_at, planned + places AS parcels,
            round(postage + places * each_minor)::bigint AS postage
        FROM final
    )
    SELECT date_trunc('week', decided_at AT TIME ZONE 'Europe/Berlin')::date AS week,
        count(*) FILTER (WHERE parcels <= 1) AS whole,
        count(*) FILTER (WHERE parcels > 1) AS split,
        coalesce(sum(parcels), 0) AS parcels, coalesce(sum(postage), 0) AS postage,
        coalesce(sum(postage * (parcels - 1) / greatest(parcels, 1))
            FILTER (WHERE parcels > 1), 0) AS extra
    FROM sums GROUP BY week ORDER BY week
    """
)
_SHORTS = text(
    """
    WITH short AS (
        SELECT location, count(*) AS times, -sum(least(difference, 0)) AS units
        FROM stock_surprises
        WHERE cause = 'short_pick' AND seen_at >= :since AND seen_at < :until GROUP BY location
    ), picked AS (
        SELECT parcel.location, sum(line.quantity) AS units
        FROM parcels parcel JOIN parcel_lines line ON line.parcel_id = parcel.id
        WHERE parcel.sealed_at >= :since AND parcel.sealed_at < :until GROUP BY parcel.location
    )
    SELECT locations.code AS location, coalesce(short.times, 0) AS times,
        coalesce(short.units, 0) AS units, coalesce(picked.units, 0) AS picked
    FROM locations LEFT JOIN short ON short.location = locations.code
    LEFT JOIN picked ON picked.location = locations.code
    ORDER BY locations.position, locations.code
    """
)
_TRUTH = text(
    """
    SELECT locations.code AS location, count(s.id) AS counts,
        count(s.id) FILTER (WHERE s.difference = 0) AS true,
        coalesce(sum(abs(s.difference)), 0) AS units
    FROM locations LEFT JOIN stock_surprises s ON s.location = locations.code
        AND s.cause = 'count' AND s.seen_at >= :since AND s.seen_at < :until
    GROUP BY locations.code, locations.position ORDER BY locations.position, locations.code
    """
)
_SALES = text(
    """
    WITH sold AS (
        SELECT orders.location, 'till' AS way, line.line_minor AS amount
        FROM orders JOIN order_lines line ON line.order_id = orders.id
        WHERE orders.channel = 'till' AND orders.placed_at >= :since AND orders.placed_at < :until
        UNION ALL
        SELECT shipment.location, CASE job.kind WHEN 'collect' THEN 'collect' ELSE 'sent' END,
            line.line_minor * held.quantity / line.quantity
        FROM shipments shipment
        JOIN fulfilment_orders job ON job.id = shipment.fulfilment_order_id
        JOIN parcels parcel ON parcel.shipment_id = shipment.id
        JOIN parcel_lines held ON held.parcel_id = parcel.id
        JOIN order_lines line ON line.id = held.line_id
        WHERE shipment.handed_over_at >= :since AND shipment.handed_over_at < :until
    )
    SELECT locations.code AS location, locations.kind,
        coalesce(sum(amount) FILTER (WHERE way = 'till'), 0) AS till,
        coalesce(sum(amount) FILTER (WHERE way = 'collect'), 0) AS collected,
        coalesce(sum(amount) FILTER (WHERE way = 'sent'), 0) AS sent
    FROM locations LEFT JOIN sold ON sold.location = locations.code
    GROUP BY locations.code, locations.kind, locations.position
    ORDER BY locations.position, locations.code
    """
)
_RETURNS = text(
    """
    SELECT back.location, orders.channel, sum(back.refund_minor) AS amount
    FROM order_returns back JOIN orders ON orders.id = back.order_id
    WHERE back.returned_at >= :since AND back.returned_at < :until
    GROUP BY back.location, orders.channel
    """
)


@dataclass(frozen=True)
class PromiseWeek:
    """Parcels of a week: before, on and after the day that was said."""

    week: date
    early: int
    kept: int
    late: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.early + self.kept + self.late


@dataclass(frozen=True)
class SplitWeek:
    """Orders of a week by their number of parcels; postage in all, and beyond the first parcels."""

    week: date
    whole: int
    split: int
    parcels: int
    postage_minor: int
    extra_minor: int


@dataclass(frozen=True)
class ShortPicks:
    """How often and by how much a location's shelves held less than the books said."""

    location: str
    times: int
    units: int
    picked: int

    @property
    def per_thousand(self) -> float | None:
        """Times per 1,000 units picked; None where nothing was."""
        return 1000 * self.times / self.picked if self.picked else None


@dataclass(frozen=True)
class Truth:
    """Counts of a location: how many, how many without a difference, units of difference."""

    location: str
    counts: int
    true: int
    units: int

    @property
    def share(self) -> Fraction | None:
        """The share of counts that found what the books said."""
        return Fraction(self.true, self.counts) if self.counts else None


@dataclass(frozen=True)
class Sales:
    """Goods that left a location: sold at its counter, collected there, sent from there."""

    location: str
    kind: str
    till_minor: int
    collected_minor: int
    sent_minor: int
    returned_minor: int

    @property
    def total_minor(self) -> int:
        """What the location's work has brought in, less what came back there."""
        return self.till_minor + self.collected_minor + self.sent_minor - self.returned_minor


@dataclass(frozen=True)
class Figures:
    """All figures of a period; `returned` by channel."""

    promises: Sequence[PromiseWeek]
    splits: Sequence[SplitWeek]
    shorts: Sequence[ShortPicks]
    truth: Sequence[Truth]
    sales: Sequence[Sales]
    returned: Mapping[str, int]

    @property
    def by_channel(self) -> dict[str, int]:
        """Sales of each channel less its returns; the same sum as that of the locations."""
        web = sum(one.collected_minor + one.sent_minor for one in self.sales)
        till = sum(one.till_minor for one in self.sales)
        return {
            "web": web - self.returned.get("web", 0) - self.returned.get("phone", 0),
            "till": till - self.returned.get("till", 0),
        }


def of(session: Session, since: datetime, until: datetime, today: date) -> Figures:
    """Return the figures of a period.

    Args:
        session: any session.
        since, until: aware; the first instant, and the first one after it.
        today: a parcel that has not come by then is late.
    """
    period = {"since": since, "until": until}
    returned = session.execute(_RETURNS, period).all()
    back: dict[str, int] = {}
    channels: dict[str, int] = {}
    for row in returned:
        back[row.location] = back.get(row.location, 0) + int(row.amount)
        channels[row.channel] = channels.get(row.channel, 0) + int(row.amount)
    return Figures(
        promises=_promises(session, since, until, today),
        splits=[
            SplitWeek(r.week, r.whole, r.split, int(r.parcels), int(r.postage), int(r.extra))
            for r in session.execute(_SPLITS, period)
        ],
        shorts=[ShortPicks(*_whole(row)) for row in session.execute(_SHORTS, period)],
        truth=[Truth(*_whole(row)) for row in session.execute(_TRUTH, period)],
        sales=[Sales(*_whole(r), back.get(r.location, 0)) for r in session.execute(_SALES, period)],
        returned=channels,
    )


def _whole(row: Any) -> list[Any]:
    """Return a row's values with PostgreSQL's sums as whole numbers."""
    return [value if isinstance(value, str) else int(value) for value in row]


def _promises(session: Session, since: datetime, until: datetime, today: date) -> list[PromiseWeek]:
    first, last = since.date(), until.date()
    rows = session.execute(
        _PROMISES,
        {
            "first": first,
            "last": last,
            # A first promise lies before the day of now; two months is more than anybody waits.
            "first_before": first,
            "last_after": date.fromordinal(last.toordinal() + 62),
            "today": today,
        },
    )
    return [PromiseWeek(row.week, row.early, row.kept, row.late) for row in rows]
