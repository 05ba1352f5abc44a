"""What may be promised, per place: on hand less everything that is spoken for; now or by a day.

ATP = on hand - reserved - allocated - safety stock - quarantined - backordered, not below 0 (house
rule); ATP by a day adds the incoming units that are due by then. A reservation that is past its
deadline counts as free for everyone, whether or not the sweeper came; an unpaid backorder that is
past its deadline is owed nothing. Incoming goods whose day has
passed count as nothing until they have a new one, and so do goods without a day.
Source: APICS Dictionary, "available-to-promise".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from fulfilment.inbound import incoming
from fulfilment.stock.balances import Place
from kit import clock


@dataclass(frozen=True, slots=True)
class Availability:
    """What a location has of a SKU, in units. `reserved` leaves out what has expired.

    `safety` is the safety stock and what the shelf's surprises have added to it; `backordered` is
    owed to those who wait and goes to them first; `incoming` is what comes by the day that was
    asked for, 0 where none was.
    """

    on_hand: int
    reserved: int
    allocated: int
    safety: int
    quarantined: int
    backordered: int = 0
    incoming: int = 0

    @property
    def balance(self) -> int:
        """The plain sum of the terms; below 0 where more is spoken for than there is."""
        spoken_for = self.reserved + self.allocated + self.safety + self.backordered
        return self.on_hand - self.quarantined - spoken_for + self.incoming

    @property
    def available(self) -> int:
        """Units that may be promised: now, or for the day that was asked for."""
        return max(0, self.balance)


# Held reservations are few and the index on them starts with the place: a probe per balance that
# has any reserved units is cheaper than a join.
_TERMS = """
    balance.location, balance.sku, balance.on_hand,
    CASE WHEN balance.reserved = 0 THEN 0 ELSE balance.reserved - (
        SELECT coalesce(sum(expired.quantity), 0)
        FROM stock_reservations AS expired
        WHERE expired.state = 'held'
            AND expired.location = balance.location
            AND expired.sku = balance.sku
            AND expired.expires_at <= :at
    ) END AS reserved,
    balance.allocated, balance.safety_stock + balance.doubt, balance.quarantined,
    CASE WHEN balance.backordered = 0 THEN 0 ELSE balance.backordered - (
        SELECT coalesce(sum(expired.quantity), 0)
        FROM stock_backorders AS expired
        WHERE expired.state = 'waiting'
            AND expired.location = balance.location
            AND expired.sku = balance.sku
            AND expired.expires_at <= :at
    ) END
"""
_AVAILABLE = text(
    f"SELECT {_TERMS}, 0 FROM stock_balances AS balance WHERE balance.sku = ANY(:skus)"
)
# A chain has thousands of rows for one order: as one value, made by the server and read by the
# parser of JSON, they cost a tenth of what rows cost.
_FREE = text(
    f"""
    SELECT json_object_agg(location, units)
    FROM (
        SELECT location, json_object_agg(
            sku,
            greatest(0, on_hand - quarantined - reserved - allocated - safety - backordered)
        ) AS units
        FROM (
            SELECT {_TERMS} FROM stock_balances AS balance WHERE balance.sku = ANY(:skus)
        ) AS place (
            location, sku, on_hand, reserved, allocated, safety, quarantined, backordered
        )
        GROUP BY location
    ) AS there
    """
)


def free_by_place(skus: str, at: str) -> str:
    """Return SQL for the units of SKUs that may be promised now, as JSON by location and SKU.

    For statements that ask for more at once; it is what `free` asks.

    Args:
        skus: the parameter that holds them, ``$1::text[]``.
        at: the parameter of the instant that counts.
    """
    return _FREE.text.replace(":skus", skus).replace(":at", at)


def free_of(sku: str) -> str:
    """Return SQL for the units of one SKU that may be promised now, as JSON by location.

    For queries that find their SKUs themselves; it asks for the parameter ``at``.

    Args:
        sku: the column that holds it, as it stands in the query around.
    """
    return f"""
        SELECT json_object_agg(
            location, greatest(0, on_hand - quarantined - reserved - allocated - safety - owed)
        )
        FROM (SELECT {_TERMS} FROM stock_balances AS balance WHERE balance.sku = {sku})
        AS place (location, sku, on_hand, reserved, allocated, safety, quarantined, owed)
    """


# Two index-only scans for what is due; every place that awaits goods has a balance.
_ON = text(
    f"""
    WITH due AS (
        SELECT sku, location, sum(outstanding) AS units
        FROM ({
        incoming.LINES.format(condition="sku = ANY(:skus) AND expected_on BETWEEN :today AND :day")
    }) AS line
        GROUP BY sku, location
    )
    SELECT {_TERMS}, coalesce(due.units, 0)
    FROM stock_balances AS balance LEFT JOIN due USING (sku, location)
    WHERE balance.sku = ANY(:skus)
    """
)
_COMING = text(
    f"""
    SELECT location, expected_on, sum(outstanding)
    FROM ({incoming.LINES.format(condition="sku = :sku AND expected_on >= :today")}) AS line
    GROUP BY location, expected_on
    ORDER BY expected_on
    """
)


def available(
    session: Session, skus: Iterable[str], at: datetime | None = None
) -> dict[Place, Availability]:
    """Return what each location has of the SKUs now, with one query.

    Args:
        session: any session; nothing is locked, so the answer may be old when it is used.
        skus: which; unknown ones are left out.
        at: the instant at which reservations and backorders count as expired; now where None.

    Returns:
        Availability by (location, SKU); a place that never held the SKU is missing.
    """
    wanted = {"skus": sorted(set(skus)), "at": at or clock.now()}
    return _asked(session, _AVAILABLE, wanted) if wanted["skus"] else {}


def free(
    session: Session, skus: Iterable[str], at: datetime | None = None
) -> dict[str, dict[str, int]]:
    """Return the units that may be promised now by location and SKU: `available`, for many places.

    Args:
        session: any session; nothing is locked.
        skus: which; unknown ones are left out.
        at: the instant at which reservations and backorders count as expired; now where None.

    Returns:
        units, 0 where nothing is free; a place that never held the SKU is missing.
    """
    wanted = {"skus": sorted(set(skus)), "at": at or clock.now()}
    return session.execute(_FREE, wanted).scalar() or {} if wanted["skus"] else {}


def on(session: Session, skus: Iterable[str], day: date) -> dict[Place, Availability]:
    """Return what each location will have of the SKUs by a day, with one query.

    Counts what is due by the end of that day, at the location that receives it: lines of purchase
    orders, and transfers that have been sent.

    Args:
        session: any session; nothing is locked.
        skus: which; unknown ones are left out.
        day: a day in Berlin; before today nothing that is to come counts.

    Returns:
        as `available`, with `incoming`; `network` sums it up.
    """
    wanted = {
        "skus": sorted(set(skus)),
        "at": clock.now(),
        "today": clock.today(),
        "day": day,
    }
    return _asked(session, _ON, wanted) if wanted["skus"] else {}


def _asked(
    session: Session, query: TextClause, wanted: Mapping[str, object]
) -> dict[Place, Availability]:
    rows = session.execute(query, wanted)
    return {(location, sku): Availability(*terms) for location, sku, *terms in rows}


def network(places: Mapping[Place, Availability]) -> dict[str, int]:
    """Return the units of each SKU that may be promised from all locations together.

    A location that owes more than it has takes nothing from the others: goods would have to be
    moved first.
    """
    total: dict[str, int] = {}
    for (_location, sku), there in places.items():
        total[sku] = total.get(sku, 0) + there.available
    return total


def earliest(session: Session, sku: str, quantity: int) -> dict[str, date]:
    """Return the first day on which each location can promise so many units of a SKU.

    Args:
        session: any session; nothing is locked.
        sku: which.
        quantity: units, above 0.

    Returns:
        Days by location code: today where the units are there; a location at which nothing that
        is known to come will do is missing.
    """
    today = clock.today()
    units = {location: there.balance for (location, _), there in available(session, [sku]).items()}
    days = {location: today for location, there in units.items() if there >= quantity}
    for location, day, coming in session.execute(_COMING, {"sku": sku, "today": today}):
        units[location] = units.get(location, 0) + int(coming)
        if units[location] >= quantity:
            days.setdefault(location, day)
    return days
