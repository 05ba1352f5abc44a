"""Balances in hand: what a place holds, how it changes, and what cannot be taken from it.

A place is a SKU at a location. Changes are collected first and written with one statement, so that
an order of many lines costs as many statements as an order of one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import Invalid

Place = tuple[str, str]
"""Location code, SKU."""


class Balance(NamedTuple):
    """A locked balance, in units: on hand includes quarantined, allocated includes picked.

    `tracking` and `recalled` are what its SKU asks for (`fulfilment.models.lots.SkuRule`).
    """

    location: str
    sku: str
    on_hand: int = 0
    quarantined: int = 0
    reserved: int = 0
    allocated: int = 0
    picked: int = 0
    in_transit: int = 0
    safety_stock: int = 0
    doubt: int = 0
    backordered: int = 0
    tracking: str | None = None
    recalled: bool = False

    @property
    def shelf(self) -> int:
        """Units of the account `shelf`, those in totes and parcels included."""
        return self.on_hand - self.quarantined

    @property
    def uncovered(self) -> int:
        """Claimed units that the shelf does not hold; above 0 only in what is not written yet."""
        return max(0, self.reserved + self.allocated - self.shelf)

    @property
    def free(self) -> int:
        """Units of the shelf that nobody claims, safety stock included."""
        return self.shelf - self.reserved - self.allocated

    @property
    def to_cover(self) -> int:
        """Units that waiting backorders may have: free ones beyond the safety stock."""
        return max(0, self.free - self.safety_stock - self.doubt)

    @property
    def available(self) -> int:
        """Units that may be promised: ATP of the house rules, not below 0. Owed ones may not."""
        return max(0, self.free - self.safety_stock - self.doubt - self.backordered)


@dataclass(slots=True)
class Change:
    """What is added to the columns of one balance."""

    on_hand: int = 0
    quarantined: int = 0
    reserved: int = 0
    allocated: int = 0
    picked: int = 0
    in_transit: int = 0
    safety_stock: int = 0
    doubt: int = 0
    backordered: int = 0


@dataclass(slots=True)
class Changes:
    """Changes of many balances, collected by place."""

    by_place: dict[Place, Change] = field(default_factory=dict)

    def of(self, location: str, sku: str) -> Change:
        """Return the change of a place, to be added to."""
        return self.by_place.setdefault((location, sku), Change())

    def add(self, others: "Changes") -> None:
        """Add other changes to these."""
        for (location, sku), other in others.by_place.items():
            change = self.of(location, sku)
            change.on_hand += other.on_hand
            change.quarantined += other.quarantined
            change.reserved += other.reserved
            change.allocated += other.allocated
            change.picked += other.picked
            change.in_transit += other.in_transit
            change.safety_stock += other.safety_stock
            change.doubt += other.doubt
            change.backordered += other.backordered

    def after(self, balance: Balance) -> Balance:
        """Return what a balance will be once the changes are written."""
        change = self.by_place.get((balance.location, balance.sku))
        if change is None:
            return balance
        return balance._replace(
            on_hand=balance.on_hand + change.on_hand,
            quarantined=balance.quarantined + change.quarantined,
            reserved=balance.reserved + change.reserved,
            allocated=balance.allocated + change.allocated,
            picked=balance.picked + change.picked,
            in_transit=balance.in_transit + change.in_transit,
            safety_stock=balance.safety_stock + change.safety_stock,
            doubt=balance.doubt + change.doubt,
            backordered=balance.backordered + change.backordered,
        )


_NOTHING = Change()
_WRITE = text(
    """
    UPDATE stock_balances AS balance
    SET on_hand = balance.on_hand + change.on_hand,
        quarantined = balance.quarantined + change.quarantined,
        reserved = balance.reserved + change.reserved,
        allocated = balance.allocated + change.allocated,
        picked = balance.picked + change.picked,
        in_transit = balance.in_transit + change.in_transit,
        safety_stock = balance.safety_stock + change.safety_stock,
        doubt = balance.doubt + change.doubt,
        backordered = balance.backordered + change.backordered,
        changed_at = :now
    FROM unnest(
        CAST(:locations AS text[]), CAST(:skus AS text[]), CAST(:on_hand AS int[]),
        CAST(:quarantined AS int[]), CAST(:reserved AS int[]), CAST(:allocated AS int[]),
        CAST(:picked AS int[]), CAST(:in_transit AS int[]), CAST(:safety_stock AS int[]),
        CAST(:doubt AS int[]), CAST(:backordered AS int[])
    ) AS change (
        location, sku, on_hand, quarantined, reserved, allocated, picked, in_transit, safety_stock,
        doubt, backordered
    )
    WHERE balance.location = change.location AND balance.sku = change.sku
    """
)


def write(session: Session, changes: Changes) -> None:
    """Write the changes to balances that this transaction has locked, with one statement.

    The CHECK constraints of `stock_balances` judge each row as it is after all its changes.
    """
    moved = [(place, change) for place, change in changes.by_place.items() if change != _NOTHING]
    if not moved:
        return
    session.execute(
        _WRITE,
        {
            "now": clock.now(),
            "locations": [location for (location, _), _ in moved],
            "skus": [sku for (_, sku), _ in moved],
            "on_hand": [change.on_hand for _, change in moved],
            "quarantined": [change.quarantined for _, change in moved],
            "reserved": [change.reserved for _, change in moved],
            "allocated": [change.allocated for _, change in moved],
            "picked": [change.picked for _, change in moved],
            "in_transit": [change.in_transit for _, change in moved],
            "safety_stock": [change.safety_stock for _, change in moved],
            "doubt": [change.doubt for _, change in moved],
            "backordered": [change.backordered for _, change in moved],
        },
    )


def whole(quantity: object) -> int:
    """Return a quantity that may be moved or claimed.

    Raises:
        Invalid: ``quantity``; it is not an int above 0.
    """
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity <= 0:
        raise Invalid("quantity", quantity=quantity)
    return quantity


def summed(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up (SKU, quantity) lines by SKU, in the order of first mention.

    Raises:
        Invalid: ``quantity``, as in `whole`.
    """
    total: dict[str, int] = {}
    for sku, quantity in lines:
        total[sku] = total.get(sku, 0) + whole(quantity)
    return total


def columns(places: Iterable[Place]) -> dict[str, Sequence[str]]:
    """Return places as the two arrays that SQL's unnest takes."""
    listed = list(places)
    return {
        "locations": [location for location, _ in listed],
        "skus": [sku for _, sku in listed],
    }


def at(held: Mapping[Place, Balance], place: Place) -> Balance:
    """Return a locked balance, or an empty one where the place has none."""
    return held.get(place) or Balance(*place)
