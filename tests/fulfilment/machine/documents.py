"""What is coming: purchase orders, transfers with a document, and backorders that wait for both."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, rule

from fulfilment.claims import backorder_policies, backorders
from fulfilment.inbound import purchases, transfers
from fulfilment.inbound.purchases import Wanted
from tests.fulfilment.machine.core import LINES, PLACES, SKUS, WANTS, Core
from tests.fulfilment.warehouse import want

DAYS = st.integers(-1, 9)
Lines = list[tuple[str, int]]


class Documents(Core):
    """Suppliers and vans that come with papers, later than they should."""

    bought = Bundle("bought")
    vans = Bundle("vans")

    @rule(target=bought, place=PLACES, lines=LINES, days=DAYS)
    def buy(self, place: str, lines: Lines, days: int) -> str:
        day = self.today + timedelta(days=days)
        return purchases.place(
            self.session,
            supplier="Rheinhaken",
            location=place,
            lines=[Wanted(sku, units, day) for sku, units in lines],
            actor="Eva",
        )

    @rule(number=bought, lines=LINES)
    def take_in(self, number: str, lines: Lines) -> None:
        key = self.next("in")

        def receive() -> Any:
            return purchases.receive(self.session, number, lines, key=key, actor="Kai")

        booked = self.attempt(receive)
        if booked is not None:
            assert receive().repeated

    @rule(number=bought, days=DAYS)
    def put_off(self, number: str, days: int) -> None:
        lines = purchases.view(self.session, number).lines
        day = self.today + timedelta(days=days)
        self.attempt(
            lambda: purchases.reschedule(
                self.session, number, {lines[0].position: day}, actor="Eva", reason="late"
            )
        )

    @rule(number=bought)
    def await_no_more(self, number: str) -> None:
        self.attempt(lambda: purchases.cancel_rest(self.session, number, actor="Eva"))

    @rule(target=vans, lines=LINES, days=DAYS)
    def ask_for(self, lines: Lines, days: int) -> str:
        return transfers.request(
            self.session,
            origin="lager",
            location="bonn",
            lines=lines,
            actor="Eva",
            expected_on=self.today + timedelta(days=days),
        )

    @rule(number=vans)
    def send(self, number: str) -> None:
        self.attempt(lambda: transfers.send(self.session, number, actor="Kai"))

    @rule(number=vans, lines=LINES)
    def arrive(self, number: str, lines: Lines) -> None:
        key = self.next("van")
        self.attempt(lambda: transfers.receive(self.session, number, lines, key=key, actor="Ben"))

    @rule(number=vans, end=st.sampled_from(["close", "cancel"]))
    def end_transfer(self, number: str, end: str) -> None:
        self.attempt(
            lambda: getattr(transfers, end)(self.session, number, reason="lost", actor="Eva")
        )

    @rule(place=PLACES, sku=SKUS, units=st.integers(0, 5), days=st.none() | st.integers(0, 9))
    def allow_to_owe(self, place: str, sku: str, units: int, days: int | None) -> None:
        ships_on = None if days is None else self.today + timedelta(days=days)
        backorder_policies.put(
            self.session, place, sku, units=units, ships_on=ships_on, actor="Eva"
        )

    @rule(target=Core.orders, wants=WANTS, minutes=st.none() | st.integers(1, 30))
    def owe(self, wants: list[tuple[str, str, int]], minutes: int | None) -> str:
        ref = self.next("K-")
        self.attempt(
            lambda: backorders.place(
                self.session,
                order_ref=ref,
                wants=[want(*one) for one in wants],
                expires_at=None if minutes is None else self.later(minutes),
            )
        )
        return ref

    @rule(place=PLACES, sku=SKUS)
    def give_up(self, place: str, sku: str) -> None:
        backorders.give_up(self.session, place, sku)
