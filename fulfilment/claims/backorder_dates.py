"""When a place can pay what it owes: incoming goods less what is owed already, day by day.

A new backorder is promised for the first day from which on the goods suffice for it and for all
that were promised before, those promised for later days too: nobody's day moves because somebody
else came. Safety stock that is not there has to be filled first. What is late counts as nothing
until it has a new day (`incoming`).
Source: available to promise with look-ahead (APICS Dictionary, "available-to-promise").
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.claims import backorder_policies
from fulfilment.inbound import incoming
from fulfilment.stock.balances import Balance, Place, at, columns
from kit import clock


@dataclass(slots=True)
class Outlook:
    """What a place may still owe, and when it can pay.

    `left` are units under the limit; `ships_on` is the policy's release date; `base` is what is
    free on the shelf beyond the safety stock, below 0 where that has to be filled first; `coming`
    and `owed` are units by day.
    """

    left: int
    ships_on: date | None
    today: date
    base: int
    coming: dict[date, int] = field(default_factory=dict)
    owed: dict[date, int] = field(default_factory=dict)

    def promise(self, quantity: int) -> date | None:
        """Return the day for which so many more units can be promised, None if there is none.

        It is never before the release date. Where nobody has said yet what comes when, the
        release date itself is the word that counts.
        """
        floor = max(self.today, self.ships_on or self.today)
        days = sorted({floor, *(day for day in self.coming if day > floor)})
        for day in days:
            if self._spare_from(day) >= quantity:
                return day
        if self.ships_on is not None and self.ships_on >= self.today:
            return max(floor, *days, *self.owed)
        return None

    def _spare_from(self, day: date) -> int:
        """Units that are spare on a day and on every later one."""
        later = {day, *(one for one in (*self.coming, *self.owed) if one > day)}
        return min(self._spare(one) for one in later)

    def _spare(self, day: date) -> int:
        coming = sum(units for one, units in self.coming.items() if one <= day)
        owed = sum(units for one, units in self.owed.items() if one <= day)
        return self.base + coming - owed

    def owe(self, quantity: int, day: date) -> None:
        """Count units that were promised for a day."""
        self.left -= quantity
        self.owed[day] = self.owed.get(day, 0) + quantity

    def expected(self, quantities: Iterable[int]) -> list[date | None]:
        """Return the days on which those who wait will be served, in their order, as it looks now.

        None: nothing that is known to come will be left for this one.
        """
        days = sorted({self.today, *self.coming})
        expected, total = [], 0
        for quantity in quantities:
            total += quantity
            served = (
                day
                for day in days
                if self.base + sum(u for one, u in self.coming.items() if one <= day) >= total
            )
            expected.append(next(served, None))
        return expected


_PLACES = "unnest(CAST(:locations AS text[]), CAST(:skus AS text[])) AS place (location, sku)"
_COMING = text(
    f"""
    SELECT location, sku, expected_on, sum(outstanding)
    FROM ({
        incoming.LINES.format(condition=f"(sku, location) IN (SELECT sku, location FROM {_PLACES})")
    }) AS line
    WHERE expected_on >= :today
    GROUP BY location, sku, expected_on
    """
)
# What was promised for a day that has passed is owed today.
_OWED = text(
    f"""
    SELECT location, sku, greatest(promised_on, CAST(:today AS date)), sum(quantity)
    FROM stock_backorders JOIN {_PLACES} USING (location, sku)
    WHERE state = 'waiting' AND (expires_at IS NULL OR expires_at > :now)
    GROUP BY 1, 2, 3
    """
)
_BALANCES = text(
    f"""
    SELECT balance.location, balance.sku, balance.on_hand, balance.quarantined,
        balance.reserved - (
            SELECT coalesce(sum(expired.quantity), 0) FROM stock_reservations AS expired
            WHERE expired.state = 'held' AND expired.expires_at <= :now
                AND expired.location = balance.location AND expired.sku = balance.sku
        )::int AS reserved,
        balance.allocated, balance.safety_stock, balance.doubt
    FROM stock_balances AS balance JOIN {_PLACES} USING (location, sku)
    """
)


def outlooks(session: Session, held: Mapping[Place, Balance]) -> dict[Place, Outlook]:
    """Return the outlook of places, with three queries whatever their number.

    Args:
        session: any session.
        held: the places' balances; where they are locked, the outlook stays true.
    """
    asked = {**columns(held), "today": clock.today(), "now": clock.now()}
    policies = backorder_policies.of(session, held)
    found: dict[Place, Outlook] = {}
    for place, balance in held.items():
        policy = policies.get(place)
        found[place] = Outlook(
            left=policy.units if policy else 0,
            ships_on=policy.ships_on if policy else None,
            today=clock.today(),
            base=balance.free - balance.safety_stock - balance.doubt,
        )
    for location, sku, day, units in session.execute(_COMING, asked):
        found[location, sku].coming[day] = int(units)
    for location, sku, day, units in session.execute(_OWED, asked):
        found[location, sku].owe(int(units), day)
    return found


def look(session: Session, places: Collection[Place]) -> dict[Place, Outlook]:
    """Return the outlook of places as they are now; nothing is locked, so it may be old when used.

    An expired reservation counts as free, an expired backorder as not owed.
    """
    rows = session.execute(_BALANCES, {**columns(places), "now": clock.now()}).mappings()
    found = {(row["location"], row["sku"]): Balance(**row) for row in rows}
    return outlooks(session, {place: at(found, place) for place in places})
