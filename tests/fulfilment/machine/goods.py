"""Goods come, go, change their place, are sold and counted."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from fulfilment.stock import counter_sales, counts, ledger
from tests.fulfilment.machine.core import BY, LINES, PLACES, SKUS, Core

Lines = list[tuple[str, int]]


class Goods(Core):
    """Deliveries, vans, customers at the counter, people who count."""

    @rule(place=PLACES, lines=LINES)
    def receive(self, place: str, lines: Lines) -> None:
        key = self.next("r")
        ids = ledger.receive(self.session, place, lines, key=key, **BY)
        assert ledger.receive(self.session, place, lines, key=key, **BY) == ids

    @rule(lines=LINES)
    def transfer(self, lines: Lines) -> None:
        key = self.next("t")
        sent = self.attempt(
            lambda: ledger.transfer_out(self.session, "lager", "bonn", lines, key=key, **BY)
        )
        if sent:
            ledger.transfer_in(self.session, "bonn", lines, key=f"{key}/in", **BY)

    @rule(place=PLACES, lines=LINES, to=st.sampled_from(["shelf", "quarantine"]))
    def take_back(self, place: str, lines: Lines, to: str) -> None:
        ledger.take_back(self.session, place, lines, to=to, key=self.next("b"), **BY)

    @rule(place=PLACES, lines=LINES, out=st.sampled_from(["quarantine", "write_off", "release"]))
    def put_aside(self, place: str, lines: Lines, out: str) -> None:
        key = self.next("c")
        self.attempt(lambda: getattr(ledger, out)(self.session, place, lines, key=key, **BY))

    @rule(place=PLACES, lines=LINES)
    def find(self, place: str, lines: Lines) -> None:
        ledger.found(self.session, place, lines, key=self.next("f"), **BY)

    @rule(place=PLACES, lines=LINES)
    def sell(self, place: str, lines: Lines) -> None:
        key = self.next("s")
        for turn in range(2):
            sold = counter_sales.sell(
                self.session, location=place, lines=lines, document=key, actor="till", key=key
            )
            assert sold.repeated == bool(turn)

    @rule(place=PLACES, sku=SKUS)
    def plan_count(self, place: str, sku: str) -> None:
        counts.plan(self.session, [(place, sku)], document=self.next("plan"))

    @rule(place=PLACES, counted=st.integers(0, 6), reason=st.sampled_from([None, *counts.REASONS]))
    def count(self, place: str, counted: int, reason: str | None) -> None:
        for task in counts.open_tasks(self.session, place):
            if task.sku in {"A", "B"}:
                counts.post(self.session, task.id, counted, actor="Ben", reason=reason)
