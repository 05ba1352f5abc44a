"""Trust: how far the books may be believed at a place, and what is held back where they may not.

The rule:
1. Every surprise is written down: a till that sold what the books lacked (found), a picker who
   found less (short_pick). So is every count, with its difference.
2. The doubt at a place is the number of units by which the shelf has surprised since it was last
   counted, at least 1 for each surprise. It widens the safety stock.
3. A count of the SKU at the place sets its doubt to 0.
4. The trust in a location is (counts without difference + 1) / (counts + 2) over 90 days:
   Laplace's rule of succession, so that one count proves neither a good nor a bad store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.stock.balances import Balance, Changes, Place, at, columns, write
from fulfilment.stock.locks import lock_balances
from kit import clock

WINDOW = timedelta(days=90)

# Doubt by place, from the rows alone: the proofs compare the balances with it.
DOUBT = """
    SELECT surprise.location, surprise.sku, sum(greatest(1, abs(surprise.difference))) AS doubt
    FROM stock_surprises AS surprise
    WHERE surprise.cause <> 'count' AND NOT EXISTS (
        SELECT FROM stock_surprises AS count
        WHERE count.sku = surprise.sku AND count.location = surprise.location
            AND count.cause = 'count' AND count.id > surprise.id
    )
    GROUP BY surprise.location, surprise.sku
"""
_NOTE = text(
    """
    INSERT INTO stock_surprises (
        location, sku, cause, difference, reason, document, actor, seen_at
    )
    SELECT seen.location, seen.sku, :cause, seen.difference, :reason, :document, :actor, :now
    FROM unnest(
        CAST(:locations AS text[]), CAST(:skus AS text[]), CAST(:differences AS int[])
    ) AS seen (location, sku, difference)
    ORDER BY seen.location, seen.sku
    """
)
_OF_PLACE = text(
    """
    SELECT cause, difference, reason, document, actor, seen_at FROM stock_surprises
    WHERE sku = :sku AND location = :location ORDER BY id DESC LIMIT :limit
    """
)
_SINCE_COUNT = text(
    """
    SELECT cause, difference, reason, document, actor, seen_at FROM stock_surprises
    WHERE sku = :sku AND location = :location AND id > coalesce((
        SELECT max(id) FROM stock_surprises
        WHERE sku = :sku AND location = :location AND cause = 'count'
    ), 0)
    ORDER BY id DESC
    """
)
_COUNTS = text(
    """
    SELECT location, count(*) AS counts, count(*) FILTER (WHERE difference = 0) AS right_ones
    FROM stock_surprises WHERE cause = 'count' AND seen_at > :since GROUP BY location
    """
)


@dataclass(frozen=True, slots=True)
class Surprise:
    """What a shelf held more or less than the books said, and how that was noticed."""

    cause: str
    difference: int
    reason: str | None
    document: str
    actor: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Trust:
    """How a location's counts of the last 90 days came out."""

    counts: int = 0
    without_difference: int = 0

    @property
    def share(self) -> Fraction:
        """Expected share of shelves that are as the books say: (right + 1) / (counts + 2)."""
        return Fraction(self.without_difference + 1, self.counts + 2)


def note(
    session: Session,
    differences: Mapping[Place, int],
    *,
    cause: str,
    document: str,
    actor: str,
) -> None:
    """Write surprises down and widen the safety stock of their places.

    Args:
        session: the open transaction; the places are locked, or are locked here.
        differences: by place, units that the shelf had more (positive) or less than the books.
        cause: how it was noticed: found, short_pick …; not count.
        document: the receipt, order … that it was noticed with.
        actor: who noticed.
    """
    if not differences:
        return
    lock_balances(session, differences)
    changes = Changes()
    for (location, sku), difference in differences.items():
        changes.of(location, sku).doubt += max(1, abs(difference))
    _insert(session, differences, cause=cause, document=document, actor=actor, reason=None)
    write(session, changes)


def counted(
    session: Session,
    held: Mapping[Place, Balance],
    place: Place,
    difference: int,
    *,
    reason: str | None,
    document: str,
    actor: str,
) -> None:
    """Write down how a count came out; whatever it found, the doubt at the place ends.

    Args:
        session: the transaction that holds the place's lock.
        held: the locked balances.
        place: what was counted where.
        difference: units that the shelf had more (positive) or less than the books.
        reason: why, of a count with a difference.
        document: the count.
        actor: who counted.
    """
    seen = {place: difference}
    _insert(session, seen, cause="count", document=document, actor=actor, reason=reason)
    changes = Changes()
    changes.of(*place).doubt -= at(held, place).doubt
    write(session, changes)


def _insert(
    session: Session,
    differences: Mapping[Place, int],
    *,
    cause: str,
    document: str,
    actor: str,
    reason: str | None,
) -> None:
    session.execute(
        _NOTE,
        {
            **columns(differences),
            "differences": list(differences.values()),
            "cause": cause,
            "document": document,
            "actor": actor,
            "reason": reason,
            "now": clock.now(),
        },
    )


def surprises(session: Session, sku: str, location: str, limit: int = 20) -> list[Surprise]:
    """Return the surprises and counts of a SKU at a location, the latest first."""
    asked = {"sku": sku, "location": location, "limit": limit}
    return [Surprise(*row) for row in session.execute(_OF_PLACE, asked)]


def since_count(session: Session, sku: str, location: str) -> list[Surprise]:
    """Return the surprises that the doubt at a place consists of, the latest first."""
    asked = {"sku": sku, "location": location}
    return [Surprise(*row) for row in session.execute(_SINCE_COUNT, asked)]


def of_locations(session: Session) -> dict[str, Trust]:
    """Return the trust in each location that counted within `WINDOW`; `Trust()` is for others."""
    rows = session.execute(_COUNTS, {"since": clock.now() - WINDOW})
    return {location: Trust(counts, right_ones) for location, counts, right_ones in rows}
