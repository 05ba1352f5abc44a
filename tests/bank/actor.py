"""One actor of the bank: what it decides comes from the seed, its number and the turn.

So a turn can be replayed alone, whatever the other actors did to it. Orders are called by who
placed them and how many that one had placed, so that everybody can meddle with everybody's.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from kit import database

T = TypeVar("T")
# The last hour of a month: actors go on while the ledger's month is closed behind them.
OPENING = datetime(2026, 11, 30, 23, tzinfo=UTC)
DAY = timedelta(hours=3)
LINGER = timedelta(hours=1)
"""How long the old month stays open, in a day that is so short."""
MOST_LINES = 8


@dataclass(frozen=True)
class World:
    """What every actor knows."""

    seed: str
    actors: int
    operations: int
    skus: tuple[str, ...]
    places: tuple[str, ...]
    customers: tuple[str, ...]
    most_lines: int

    def instant(self, done: int) -> datetime:
        """Return the shop's time after so many operations of all actors together.

        After a third of them the next month begins, after two thirds the old one may be closed.
        """
        return OPENING + done * DAY / self.operations

    def in_operations(self, count: int) -> timedelta:
        """Return how long so many operations take."""
        return count * DAY / self.operations


class Actor:
    """Somebody with a till, a telephone, a scanner and a desk."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number
        self.turn = 0
        self.orders = 0
        self.chance = random.Random(world.seed)
        # What was done, what was refused (action and code), and units by cause of movement.
        self.done: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self.told: Counter[str] = Counter()
        self.shipped: dict[uuid.UUID, int] = {}

    def begin(self, turn: int) -> None:
        """Start a turn; nothing that happened before decides what it will be."""
        self.turn = turn
        self.chance = random.Random(f"{self.world.seed}/{self.number}/{turn}")

    @property
    def name(self) -> str:
        return f"actor-{self.number}"

    @property
    def key(self) -> str:
        """Name this turn for ever."""
        return f"{self.world.seed}/{self.number}/{self.turn}"

    def place(self) -> str:
        return self.chance.choice(self.world.places)

    def customer(self) -> str:
        return self.chance.choice(self.world.customers)

    def lines(self, most_units: int = 3) -> list[tuple[str, int]]:
        """A few SKUs in any order; one may come twice."""
        skus = self.chance.choices(self.world.skus, k=self.chance.randint(1, self.world.most_lines))
        return [(sku, self.chance.randint(1, most_units)) for sku in skus]

    def new_order(self) -> str:
        self.orders += 1
        return f"B{self.number}-{self.orders}"

    def some_order(self) -> str:
        """One of one's own latest orders; one time in three somebody else's of about that age."""
        who, latest = self.number, max(1, self.orders)
        if self.chance.random() < 1 / 3:
            who = self.chance.randrange(self.world.actors)
        return f"B{who}-{max(1, latest - self.chance.randint(0, 4))}"

    def commit(self, step: Callable[[Session], T], **told: int) -> T:
        """Do a step in a transaction of its own; once it is committed, note the units it moved.

        One step in ten is done again, as somebody does who saw no answer. Only steps that say
        what they move have a key, and may be.
        """
        again = bool(told) and self.chance.random() < 1 / 10
        with database.transaction() as session:
            outcome = step(session)
        self.told.update(told)
        if again:
            with database.transaction() as session:
                step(session)
        return outcome


def hold_order(session: Session, order_ref: str) -> None:
    """Lock an order, as every workflow does that changes one as a whole."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:ref))"), {"ref": order_ref})


def line_of(order_ref: str, index: int) -> uuid.UUID:
    """Return the id of an order's line; everybody knows it."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{order_ref}/{index}")


def promises(order_ref: str) -> dict[uuid.UUID, date]:
    """Return the promise date of each line that an order may have."""
    first = OPENING.date()
    return {line_of(order_ref, n): first + timedelta(days=n) for n in range(MOST_LINES)}


def units(lines: list[tuple[str, int]]) -> int:
    """Add up."""
    return sum(quantity for _, quantity in lines)


Action = Callable[[Actor], Any]
