"""Everything that moves stock, in any order: the invariants hold after each step.

A refusal must leave the books exactly as they were; the machine goes on in the same transaction,
so a half-done refusal would show in the next proof.
"""

import os
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from fulfilment import (
    allocations,
    counter_sales,
    counts,
    ledger,
    parcels,
    picking,
    reservations,
    shipments,
    shortages,
)
from kit import clock
from kit.errors import Refused
from tests.fulfilment.warehouse import (
    ADDRESS,
    FRIDAY,
    PLANS,
    WEDNESDAY,
    broken,
    open_places,
    photograph,
    want,
)

SKUS = st.sampled_from(["A", "B"])
PLACES = st.sampled_from(["lager", "bonn"])
UNITS = st.integers(1, 4)
LINES = st.lists(st.tuples(SKUS, UNITS), min_size=1, max_size=3)
WANTS = st.lists(st.tuples(SKUS, PLACES, UNITS), min_size=1, max_size=3)
BY = {"document": "D", "actor": "machine"}

_UNSOLVED = text(
    """
    SELECT order_ref, line_id, sum(lost) AS lost, sum(opened) AS opened
    FROM (
        SELECT order_ref, line_id, quantity AS lost, 0 AS opened FROM stock_allocations
        WHERE state IN ('lost', 'short')
        UNION ALL
        SELECT order_ref, line_id, quantity, 0 FROM stock_reservations WHERE state = 'lost'
        UNION ALL
        SELECT order_ref, line_id, 0, quantity FROM shortages
    ) AS entry
    GROUP BY order_ref, line_id
    HAVING sum(lost) <> sum(opened)
    """
)


class StockMachine(RuleBasedStateMachine):
    """Two articles at two places, and orders that live through everything that may happen."""

    engine: Engine

    orders = Bundle("orders")
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self.engine, expire_on_commit=False)
        self.frozen = None
        self.number = 0
        self._stand(WEDNESDAY)

    def _stand(self, at: Any) -> None:
        if self.frozen is not None:
            self.frozen.__exit__(None, None, None)
        self.at = at
        self.frozen = clock.frozen(at)
        self.frozen.__enter__()

    def _next(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def _attempt(self, step: Any) -> Any:
        """Do a step; refused, it must have left everything as it was."""
        before = photograph(self.session)
        try:
            return step()
        except Refused:
            after = photograph(self.session)
            # That what had expired is ended on the way is the one thing that may change.
            for table in ("stock_movements", "stock_allocations", "shortages", "outbox_events"):
                assert after[table] == before[table]
            return None

    @initialize()
    def open_shop(self) -> None:
        open_places(self.session)
        for place in ("lager", "bonn"):
            ledger.receive(self.session, place, [("A", 6), ("B", 6)], key=f"r/{place}", **BY)

    @rule(place=PLACES, lines=LINES)
    def receive(self, place: str, lines: list[tuple[str, int]]) -> None:
        key = self._next("r")
        ids = ledger.receive(self.session, place, lines, key=key, **BY)
        assert ledger.receive(self.session, place, lines, key=key, **BY) == ids

    @rule(lines=LINES)
    def transfer(self, lines: list[tuple[str, int]]) -> None:
        key = self._next("t")
        sent = self._attempt(
            lambda: ledger.transfer_out(self.session, "lager", "bonn", lines, key=key, **BY)
        )
        if sent:
            ledger.transfer_in(self.session, "bonn", lines, key=f"{key}/in", **BY)

    @rule(place=PLACES, lines=LINES, to=st.sampled_from(["shelf", "quarantine"]))
    def take_back(self, place: str, lines: list[tuple[str, int]], to: str) -> None:
        ledger.take_back(self.session, place, lines, to=to, key=self._next("b"), **BY)

    @rule(place=PLACES, lines=LINES, out=st.sampled_from(["quarantine", "write_off", "release"]))
    def correct(self, place: str, lines: list[tuple[str, int]], out: str) -> None:
        key = self._next("c")
        self._attempt(lambda: getattr(ledger, out)(self.session, place, lines, key=key, **BY))

    @rule(place=PLACES, lines=LINES)
    def sell(self, place: str, lines: list[tuple[str, int]]) -> None:
        key = self._next("s")
        for turn in range(2):
            sold = counter_sales.sell(
                self.session, location=place, lines=lines, document=key, actor="till", key=key
            )
            assert sold.repeated == bool(turn)

    @rule(target=orders, wants=WANTS, minutes=st.integers(1, 30))
    def place(self, wants: list[tuple[str, str, int]], minutes: int) -> Any:
        ref = self._next("K-")
        placed = self._attempt(
            lambda: reservations.place(
                self.session,
                order_ref=ref,
                wants=[want(*one) for one in wants],
                expires_at=self.at + timedelta(minutes=minutes),
            )
        )
        return ref, {row.line_id: FRIDAY for row in placed or ()}

    @rule(order=orders, minutes=st.integers(1, 30))
    def extend(self, order: Any, minutes: int) -> None:
        reservations.extend(self.session, order[0], self.at + timedelta(minutes=minutes))

    @rule(order=consumes(orders))
    def lapse(self, order: Any) -> None:
        reservations.release(self.session, order[0])
        assert reservations.release(self.session, order[0]) == []

    @rule(target=jobs, order=orders)
    def pay(self, order: Any) -> Any:
        ref, promised = order
        claimed, missing = allocations.from_reservations(
            self.session, order_ref=ref, promised=promised
        )
        reserved = sum(row.quantity for row in reservations.of_order(self.session, ref))
        allocated = sum(row.quantity for row in allocations.of_order(self.session, ref))
        lost = sum(gap.quantity for gap in missing)
        if not any(row.state == "lost" for row in reservations.of_order(self.session, ref)):
            assert allocated + lost == reserved
        opened = picking.open_orders(
            self.session, order_ref=ref, allocations=claimed, plans=PLANS, address=ADDRESS
        )
        return ref, [job.id for job in opened]

    @rule(target=jobs, wants=WANTS)
    def route(self, wants: list[tuple[str, str, int]]) -> Any:
        ref = self._next("K-")
        listed = [want(*one) for one in wants]
        rows = self._attempt(
            lambda: allocations.allocate(
                self.session,
                order_ref=ref,
                wants=listed,
                promised={one.line_id: FRIDAY for one in listed},
            )
        )
        opened = picking.open_orders(
            self.session, order_ref=ref, allocations=rows or [], plans=PLANS, address=ADDRESS
        )
        return ref, [job.id for job in opened]

    @rule(job=jobs, sku=SKUS, quantity=UNITS)
    def scan(self, job: Any, sku: str, quantity: int) -> None:
        for number in job[1]:
            self._attempt(lambda number=number: picking.claim(self.session, number, "Anna"))
            self._attempt(lambda number=number: picking.scan(self.session, number, sku, quantity))

    @rule(job=jobs, sku=SKUS)
    def short_pick(self, job: Any, sku: str) -> None:
        for number in job[1]:
            self._attempt(
                lambda number=number: picking.short_pick(self.session, number, sku, "Anna")
            )

    @rule(job=jobs)
    def put_back(self, job: Any) -> None:
        for number in job[1]:
            self._attempt(lambda number=number: picking.put_back(self.session, number))

    @rule(job=jobs)
    def cancel(self, job: Any) -> None:
        allocations.release(self.session, order_ref=job[0], picked=True)
        picking.cancel_empty(self.session, job[0])

    @rule(job=jobs)
    def ship(self, job: Any) -> None:
        for number in job[1]:
            row = self._attempt(
                lambda number=number: picking.pick_all(self.session, number, "Anna")
            )
            if row is not None and row.state == "picked":
                parcels.pack(self.session, number)
                shipments.dispatch(self.session, number, carrier="DHL", actor="Anna")

    @rule(place=PLACES, counted=st.integers(0, 6))
    def count(self, place: str, counted: int) -> None:
        for task in counts.open_tasks(self.session, place):
            counts.post(self.session, task.id, counted, actor="Ben")

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        self._stand(self.at + timedelta(minutes=minutes))

    @rule()
    def sweep(self) -> None:
        reservations.expire_due(self.session)
        assert reservations.expire_due(self.session) == 0

    @rule(job=jobs)
    def solve(self, job: Any) -> None:
        for row in shortages.open_for(self.session, job[0]):
            assert shortages.resolve(self.session, row.id, "refunded")

    @invariant()
    def the_books_are_right(self) -> None:
        assert broken(self.session) == []
        # Every unit that was lost opened a shortage, and none was opened for nothing.
        assert self.session.execute(_UNSOLVED).all() == []

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()
        if self.frozen is not None:
            self.frozen.__exit__(None, None, None)


def test_any_order_of_operations_keeps_the_books_right(database):
    StockMachine.engine = database
    run_state_machine_as_test(
        StockMachine,
        settings=settings(
            max_examples=int(os.environ.get("KONTOR_MACHINE_RUNS", "30")),
            stateful_step_count=25,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
