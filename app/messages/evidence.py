"""What the books say of an order or an address at the moment something is written about it.

Who writes gathers facts; the gate asks again, by a way of its own, and compares. How the books are
read is told once at start (`read_with`): sales and messages are strangers to one another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ParcelSeen:
    """A parcel, or one that will be; `origin` is the name of the place, `units` by SKU."""

    origin: str
    handed_over: bool
    laid_out: bool
    arrives_on: date
    units: Mapping[str, int]
    tracking_code: str | None = None


@dataclass(frozen=True)
class OrderSeen:
    """An order as the books have it; money in minor units, units by SKU.

    `planned` is how many parcels its newest plan makes, for an order that nobody packs yet;
    `bank_asked`: a direct debit is on its way; `to_pay_minor`: at the counter, on collection.
    """

    state: str
    promised_on: date | None
    ordered: Mapping[str, int]
    cancelled: Mapping[str, int]
    total_minor: int
    not_delivered_minor: int
    parcels: tuple[ParcelSeen, ...] = ()
    planned: int = 0
    bank_asked: bool = False
    to_pay_minor: int = 0

    @property
    def count(self) -> int:
        """How many parcels it has, or will have."""
        return len(self.parcels) or self.planned


@dataclass(frozen=True)
class HoldSeen:
    """Goods that a store puts aside: units that are there and units that were lost, by SKU."""

    state: str
    there: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PaperSeen:
    """An offer or a receipt of a counter: how it stands, units by SKU, its sum in minor units."""

    state: str
    units: Mapping[str, int]
    total_minor: int


@dataclass(frozen=True)
class AddressSeen:
    """A mail address: whether it wants the newsletter, and which problem of it is open."""

    consents: bool
    problem: str | None = None


@dataclass(frozen=True)
class Books:
    """How to look things up: each by its reference, None where there is no such thing."""

    order: Callable[[Session, str], OrderSeen | None]
    hold: Callable[[Session, str], HoldSeen | None]
    address: Callable[[Session, str], AddressSeen]
    offer: Callable[[Session, str], PaperSeen | None]
    receipt: Callable[[Session, str], PaperSeen | None]


class _Reader:
    books: Books | None = None


def read_with(books: Books) -> None:
    """Say how the books are read; the factory does it once, by way of `app.subscribers`."""
    _Reader.books = books


def books() -> Books:
    """Return how the books are read.

    Raises:
        RuntimeError: nobody has said how: nothing can be written unchecked.
    """
    if _Reader.books is None:
        raise RuntimeError("the books of messages are not open: nothing is written unchecked")
    return _Reader.books
