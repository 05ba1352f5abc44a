"""Keeping the books: safety stock, corrections, months that close, drift that is repaired."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import text

from fulfilment import answers
from fulfilment.answers import availability, reconciliation
from fulfilment.stock import corrections, months, safety
from tests.fulfilment.machine.core import MONTHS_AHEAD, PLACES, SKUS, Core
from tests.fulfilment.warehouse import WEDNESDAY

_BALANCE = text(
    "SELECT on_hand, quarantined, in_transit, reserved, allocated, backordered, safety_stock, doubt"
    " FROM stock_balances WHERE location = :location AND sku = :sku"
)
_MOVEMENTS = text("SELECT id FROM stock_movements ORDER BY id")
_TAMPER = text(
    "UPDATE stock_balances SET on_hand = on_hand + :on_hand, in_transit = in_transit + :in_transit"
    " WHERE location = :location AND sku = :sku"
)
_LAST_MONTH = months.month_of(WEDNESDAY + timedelta(days=31 * (MONTHS_AHEAD - 2)))


class Keeping(Core):
    """What people at a desk do, and what happens to books that somebody has tampered with."""

    @rule(place=PLACES, sku=SKUS, units=st.integers(0, 3))
    def keep_back(self, place: str, sku: str, units: int) -> None:
        safety.put(self.session, {(place, sku): units}, reason="counter", actor="Eva")

    @rule(pick=st.integers(0, 10_000))
    def correct(self, pick: int) -> None:
        ids = self.session.scalars(_MOVEMENTS).all()
        wrong, key = ids[pick % len(ids)], self.next("x")

        def correction() -> Any:
            return corrections.correct(self.session, wrong, reason="mistake", actor="Eva", key=key)

        booked = self.attempt(correction)
        if booked is not None:
            assert correction() == booked

    @precondition(lambda self: months.month_of(self.at) < _LAST_MONTH)
    @rule()
    def turn_the_month(self) -> None:
        following = (months.month_of(self.at) + timedelta(days=32)).replace(day=1)
        self.stand(self.at.replace(year=following.year, month=following.month, day=3))
        months.close_due(self.session)
        assert months.close_due(self.session) is None
        assert [gaps for _, gaps in months.prove_all(self.session) if gaps] == []

    @rule(place=PLACES, sku=SKUS, on_hand=st.integers(1, 3), in_transit=st.integers(0, 2))
    def drift_and_repair(self, place: str, sku: str, on_hand: int, in_transit: int) -> None:
        where = {"location": place, "sku": sku}
        self.session.execute(_TAMPER, {**where, "on_hand": on_hand, "in_transit": in_transit})
        repaired = reconciliation.repair(self.session, (place, sku), actor="Eva")
        terms = {one.term: one.booked - one.summed for one in repaired.terms}
        expected = {"on_hand": on_hand, "in_transit": in_transit}
        assert terms == {term: units for term, units in expected.items() if units}

    @rule(place=PLACES, sku=SKUS)
    def explain(self, place: str, sku: str) -> None:
        """Balance, explanation and the books of this instant say the same."""
        held = self.session.execute(_BALANCE, {"location": place, "sku": sku}).mappings().one()
        terms = answers.why(self.session, sku, place)
        assert terms.on_hand == held["on_hand"]
        assert terms.on_hand == terms.opening + sum(one.quantity for one in terms.causes)
        assert terms.quarantined == held["quarantined"]
        promised = availability.available(self.session, [sku])[place, sku]
        assert terms.available == promised.available
        said = answers.as_of(self.session, sku, place, self.at).said
        assert (said.on_hand, said.quarantined, said.in_transit) == (
            held["on_hand"],
            held["quarantined"],
            held["in_transit"],
        )
        assert said.available == promised.available
