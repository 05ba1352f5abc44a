"""Orders are placed, paid, given up, cancelled, routed and short."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import consumes, rule
from sqlalchemy import text

from fulfilment.claims import allocations, backorders, reservations, shortages
from fulfilment.claims.backorder_queue import cover_due, expire_due
from fulfilment.outbound import picking
from tests.fulfilment.machine.core import WANTS, Core
from tests.fulfilment.warehouse import ADDRESS, FRIDAY, PLANS, want

_PROMISES = text(
    "SELECT line_id FROM stock_reservations WHERE order_ref = :ref"
    " UNION SELECT line_id FROM stock_backorders WHERE order_ref = :ref"
)


class Orders(Core):
    """The order button, the payment, the sweeper, the router."""

    @rule(target=Core.orders, wants=WANTS, minutes=st.integers(1, 30))
    def place(self, wants: list[tuple[str, str, int]], minutes: int) -> str:
        ref = self.next("K-")
        self.attempt(
            lambda: reservations.place(
                self.session,
                order_ref=ref,
                wants=[want(*one) for one in wants],
                expires_at=self.later(minutes),
            )
        )
        return ref

    @rule(order=Core.orders, minutes=st.integers(1, 30))
    def extend(self, order: str, minutes: int) -> None:
        reservations.extend(self.session, order, self.later(minutes))
        backorders.extend(self.session, order, self.later(minutes))

    @rule(order=consumes(Core.orders))
    def lapse(self, order: str) -> None:
        reservations.release(self.session, order)
        backorders.release(self.session, order)
        assert reservations.release(self.session, order) == []
        assert backorders.release(self.session, order) == []

    @rule(target=Core.jobs, order=Core.orders)
    def pay(self, order: str) -> Any:
        lines = self.session.scalars(_PROMISES, {"ref": order}).all()
        waits = bool(backorders.of_order(self.session, order))
        # Paid twice, an order gets what it has already.
        before = {row.id for row in allocations.of_order(self.session, order)}
        claimed, missing = allocations.from_reservations(
            self.session, order_ref=order, promised=dict.fromkeys(lines, FRIDAY)
        )
        backorders.confirm(self.session, order)
        held = reservations.of_order(self.session, order)
        if not waits and not any(row.state == "lost" for row in held):
            allocated = Counter(row.sku for row in held for _ in range(row.quantity))
            allocated.subtract(
                row.sku
                for row in allocations.of_order(self.session, order)
                for _ in range(row.quantity)
            )
            allocated.subtract(gap.sku for gap in missing for _ in range(gap.quantity))
            assert not +allocated
            assert not -allocated
        if not waits:
            for row in claimed:
                if row.id in before:
                    continue
                self.ordered[row.line_id] = self.ordered.get(row.line_id, 0) + row.quantity
        return self._work(order, claimed)

    def _work(self, order: str, claimed: Any) -> Any:
        opened = picking.open_orders(
            self.session, order_ref=order, allocations=claimed, plans=PLANS, address=ADDRESS
        )
        return order, [job.id for job in opened]

    @rule(target=Core.jobs, wants=WANTS)
    def route(self, wants: list[tuple[str, str, int]]) -> Any:
        ref = self.next("K-")
        listed = [want(*one) for one in wants]
        rows = self.attempt(
            lambda: allocations.allocate(
                self.session,
                order_ref=ref,
                wants=listed,
                promised={one.line_id: FRIDAY for one in listed},
            )
        )
        if rows:
            self.ordered |= {one.line_id: one.quantity for one in listed}
        return self._work(ref, rows or [])

    @rule(job=Core.jobs)
    def cancel(self, job: Any) -> None:
        allocations.release(self.session, order_ref=job[0], picked=True)
        backorders.release(self.session, job[0])
        picking.cancel_empty(self.session, job[0])

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        self.stand(self.later(minutes))

    @rule()
    def sweep(self) -> None:
        reservations.expire_due(self.session)
        assert reservations.expire_due(self.session) == 0
        expire_due(self.session)
        assert expire_due(self.session) == 0
        cover_due(self.session)
        assert cover_due(self.session) == []

    @rule(job=Core.jobs)
    def solve(self, job: Any) -> None:
        for row in shortages.open_for(self.session, job[0]):
            assert shortages.resolve(self.session, row.id, "refunded")
