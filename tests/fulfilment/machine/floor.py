"""People with totes: scan, find nothing, put back, pack, hand over."""

from typing import Any

from hypothesis.stateful import rule

from fulfilment.outbound import parcels, picking, shipments
from tests.fulfilment.machine.core import SKUS, UNITS, Core


class Floor(Core):
    """The way from the shelf to the carrier."""

    @rule(job=Core.jobs, sku=SKUS, quantity=UNITS)
    def scan(self, job: Any, sku: str, quantity: int) -> None:
        for number in job[1]:
            self.attempt(lambda number=number: picking.claim(self.session, number, "Anna"))
            self.attempt(lambda number=number: picking.scan(self.session, number, sku, quantity))

    @rule(job=Core.jobs, sku=SKUS)
    def short_pick(self, job: Any, sku: str) -> None:
        for number in job[1]:
            self.attempt(
                lambda number=number: picking.short_pick(self.session, number, sku, "Anna")
            )

    @rule(job=Core.jobs)
    def put_back(self, job: Any) -> None:
        for number in job[1]:
            self.attempt(lambda number=number: picking.put_back(self.session, number))

    @rule(job=Core.jobs)
    def finish(self, job: Any) -> None:
        for number in job[1]:
            self.attempt(lambda number=number: picking.finish(self.session, number))

    @rule(job=Core.jobs)
    def pick_the_rest(self, job: Any) -> None:
        for number in job[1]:
            self.attempt(lambda number=number: picking.pick_all(self.session, number, "Anna"))

    @rule(job=Core.jobs)
    def pack(self, job: Any) -> None:
        for number in job[1]:
            self.attempt(lambda number=number: parcels.pack(self.session, number))

    @rule(job=Core.jobs)
    def dispatch(self, job: Any) -> None:
        for number in job[1]:
            self._dispatch(number)

    @rule(job=Core.jobs)
    def ship(self, job: Any) -> None:
        for number in job[1]:
            row = self.attempt(lambda number=number: picking.pick_all(self.session, number, "Anna"))
            if row is not None and row.state == "picked":
                parcels.pack(self.session, number)
                assert self._dispatch(number) is not None

    def _dispatch(self, number: Any) -> Any:
        return self.attempt(
            lambda: shipments.dispatch(self.session, number, carrier="DHL", actor="Anna")
        )
