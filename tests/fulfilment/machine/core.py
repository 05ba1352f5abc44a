"""What all rules share: one open transaction, a clock that stands still, names, attempts."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fulfilment.stock import ledger, months
from kit import clock
from kit.errors import Invalid, Refused
from tests.fulfilment.warehouse import WEDNESDAY, open_places, photograph

SKUS = st.sampled_from(["A", "B"])
PLACES = st.sampled_from(["lager", "bonn"])
UNITS = st.integers(1, 4)
LINES = st.lists(st.tuples(SKUS, UNITS), min_size=1, max_size=3)
WANTS = st.lists(st.tuples(SKUS, PLACES, UNITS), min_size=1, max_size=3)
BY = {"document": "D", "actor": "machine"}

MONTHS_AHEAD = 8
# That what had expired is ended on the way is the one thing that a refusal may change.
MAY_CHANGE = ("stock_balances", "stock_reservations", "stock_backorders")


class Core(RuleBasedStateMachine):
    """Two articles at two places, and orders that live through everything that may happen."""

    engine: Engine

    orders = Bundle("orders")
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self.engine, expire_on_commit=False)
        self.frozen: Any = None
        self.number = 0
        self.opened = False
        self.refused: str | None = None
        # Units by line, as they were first claimed for good.
        self.ordered: dict[Any, int] = {}
        self.stand(WEDNESDAY)

    def stand(self, at: datetime) -> None:
        """Put the shop's clock."""
        if self.frozen is not None:
            self.frozen.__exit__(None, None, None)
        self.at = at
        self.frozen = clock.frozen(at)
        self.frozen.__enter__()

    @property
    def today(self) -> date:
        return clock.today()

    def later(self, minutes: int) -> datetime:
        return self.at + timedelta(minutes=minutes)

    def next(self, prefix: str) -> str:
        """Return a name that nothing had before."""
        self.number += 1
        return f"{prefix}{self.number}"

    def attempt(self, step: Callable[[], Any], *codes: str) -> Any:
        """Do a step; refused, it must have left everything as it was.

        Args:
            step: what is done.
            codes: of `Invalid`, where the rule draws what may be wrong.
        """
        before = photograph(self.session)
        self.begin()
        self.refused = None
        try:
            return step()
        except Refused as refusal:
            self.refused = refusal.code
        except Invalid as error:
            if error.code not in codes:
                raise
        after = photograph(self.session)
        for table, rows in before.items():
            if not table.startswith(MAY_CHANGE):
                assert after[table] == rows, table
        return None

    def begin(self) -> None:
        """Stand where another transaction would: no place is locked."""
        self.session.info.clear()

    @initialize()
    def open_shop(self) -> None:
        """Open the places, the ledger's months, and fill the shelves."""
        self.open_once()

    def open_once(self) -> None:
        """Do as `open_shop` says, unless it is done: initial steps come in any order."""
        if self.opened:
            return
        self.opened = True
        open_places(self.session)
        # Ahead and committed, as the scheduler does it: this transaction never ends.
        month = months.month_of(self.at)
        for _ in range(MONTHS_AHEAD):
            months.open_for(
                self.session, datetime.combine(month, datetime.min.time(), self.at.tzinfo)
            )
            month = (month + timedelta(days=32)).replace(day=1)
        for place in ("bonn", "lager"):
            ledger.receive(self.session, place, [("A", 6), ("B", 6)], key=f"r/{place}", **BY)

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()
        if self.frozen is not None:
            self.frozen.__exit__(None, None, None)
