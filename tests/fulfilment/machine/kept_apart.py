"""Goods that are kept apart by lot: received, read, sold unread, counted, and called back."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, rule

from fulfilment.claims import allocations
from fulfilment.outbound import parcels, picking, shipments
from fulfilment.stock import counter_sales, counts, ledger
from fulfilment.tracing import recalls, tracking
from tests.fulfilment.machine.core import BY, PLACES, UNITS, Core
from tests.fulfilment.warehouse import ADDRESS, FRIDAY, PLANS, want

KEPT = "L"
LOTS = st.sampled_from(["X1", "X2", "X3"])


class KeptApart(Core):
    """One article of which every unit is of a lot, as far as somebody has read it."""

    totes = Bundle("totes")
    called_back = Bundle("called_back")

    @initialize()
    def keep_apart(self) -> None:
        """Whichever comes first: the shop is opened, or this."""
        self.open_once()
        tracking.track(self.session, KEPT, "lot", actor="Eva")
        for place, lot in (("bonn", "X1"), ("lager", "X1"), ("lager", "X2")):
            self._in(place, lot, 3)

    def _in(self, place: str, lot: str, units: int) -> Any:
        lots = {KEPT: {lot: units}}
        lines = [(KEPT, units)]
        return ledger.receive(self.session, place, lines, lots=lots, key=self.next("li"), **BY)

    @rule(place=PLACES, lot=LOTS, units=UNITS)
    def take_in_a_lot(self, place: str, lot: str, units: int) -> None:
        self._in(place, lot, units)

    @rule(lot=LOTS, units=UNITS)
    def send_a_lot(self, lot: str, units: int) -> None:
        key, lots, lines = self.next("lt"), {KEPT: {lot: units}}, [(KEPT, units)]
        sent = self.attempt(
            lambda: ledger.transfer_out(
                self.session, "lager", "bonn", lines, lots=lots, key=key, **BY
            )
        )
        if sent:
            ledger.transfer_in(self.session, "bonn", lines, lots=lots, key=f"{key}/in", **BY)

    @rule(place=PLACES, lot=LOTS | st.none(), units=UNITS)
    def sell_a_lot(self, place: str, lot: str | None, units: int) -> None:
        key = self.next("ls")
        self.attempt(
            lambda: counter_sales.sell(
                self.session,
                location=place,
                lines=[(KEPT, units)],
                lots=None if lot is None else {KEPT: {lot: units}},
                document=key,
                actor="till",
                key=key,
            )
        )
        # Never for stock; safety is the one reason.
        assert self.refused in {None, "recalled"}

    @rule(place=PLACES, lot=LOTS, units=UNITS, to=st.sampled_from(["shelf", "quarantine"]))
    def bring_a_lot_back(self, place: str, lot: str, units: int, to: str) -> None:
        lots, lines = {KEPT: {lot: units}}, [(KEPT, units)]
        ledger.take_back(self.session, place, lines, lots=lots, to=to, key=self.next("lb"), **BY)

    @rule(
        place=PLACES,
        lot=LOTS,
        units=UNITS,
        out=st.sampled_from(["quarantine", "write_off", "release"]),
    )
    def put_a_lot_aside(self, place: str, lot: str, units: int, out: str) -> None:
        key, lots, lines = self.next("lc"), {KEPT: {lot: units}}, [(KEPT, units)]
        self.attempt(
            lambda: getattr(ledger, out)(self.session, place, lines, lots=lots, key=key, **BY)
        )

    @rule(target=totes, place=PLACES, units=UNITS)
    def order_kept(self, place: str, units: int) -> Any:
        ref, wants = self.next("K-"), [want(KEPT, place, units)]
        rows = self.attempt(
            lambda: allocations.allocate(
                self.session, order_ref=ref, wants=wants, promised={wants[0].line_id: FRIDAY}
            )
        )
        if rows:
            self.ordered[wants[0].line_id] = units
        opened = picking.open_orders(
            self.session, order_ref=ref, allocations=rows or [], plans=PLANS, address=ADDRESS
        )
        for job in opened:
            picking.claim(self.session, job.id, "Anna")
        return ref, [job.id for job in opened]

    @rule(tote=totes, lot=LOTS, units=UNITS)
    def read_a_lot(self, tote: Any, lot: str, units: int) -> None:
        for number in tote[1]:
            self.attempt(
                lambda number=number: picking.scan(self.session, number, KEPT, units, lot=lot)
            )

    @rule(tote=totes)
    def miss_a_lot(self, tote: Any) -> None:
        for number in tote[1]:
            self.attempt(
                lambda number=number: picking.short_pick(self.session, number, KEPT, "Anna")
            )

    @rule(tote=totes, step=st.sampled_from(["put_back", "finish", "claim"]))
    def handle_tote(self, tote: Any, step: str) -> None:
        more = ("Anna",) if step == "claim" else ()
        for number in tote[1]:
            self.attempt(lambda number=number: getattr(picking, step)(self.session, number, *more))

    @rule(tote=totes)
    def send_tote(self, tote: Any) -> None:
        for number in tote[1]:
            self.attempt(lambda number=number: picking.finish(self.session, number))
            self.attempt(lambda number=number: parcels.pack(self.session, number))
            self.attempt(
                lambda number=number: shipments.dispatch(
                    self.session, number, carrier="DHL", actor="Anna"
                )
            )

    @rule(tote=totes, lot=LOTS)
    def read_and_send(self, tote: Any, lot: str) -> None:
        """What the picker has in hand is there, whatever the books say of its lot."""
        for number in tote[1]:
            for line in picking.job(self.session, number).lines:
                if line.left:
                    self.attempt(
                        lambda number=number, line=line: picking.scan(
                            self.session, number, KEPT, line.left, lot=lot
                        )
                    )
            self.send_tote((tote[0], [number]))

    @rule(tote=totes)
    def cancel_tote(self, tote: Any) -> None:
        allocations.release(self.session, order_ref=tote[0], picked=True)
        picking.cancel_empty(self.session, tote[0])

    @rule(place=PLACES, found=st.dictionaries(LOTS, st.integers(1, 4)), by_lot=st.booleans())
    def count_lots(self, place: str, found: dict[str, int], by_lot: bool) -> None:  # noqa: FBT001 - drawn
        counts.plan(self.session, [(place, KEPT)], document=self.next("plan"))
        for task in counts.open_tasks(self.session, place):
            if task.sku == KEPT:
                self.attempt(
                    lambda task=task: counts.post(
                        self.session,
                        task.id,
                        sum(found.values()),
                        actor="Ben",
                        lots=found if by_lot else None,
                    ),
                    "lot_required",
                )

    @rule(target=called_back, lots=st.none() | st.sets(LOTS, min_size=1, max_size=2))
    def call_back(self, lots: set[str] | None) -> Any:
        opened = self.attempt(
            lambda: recalls.open_(
                self.session, sku=KEPT, lots=lots, reason="sharp edges", actor="Eva"
            )
        )
        return opened and opened[0].id

    @rule(recall=called_back)
    def gather(self, recall: Any) -> None:
        if recall is not None:
            recalls.gather(self.session, recall, actor="Eva")

    @rule(recall=called_back, result=st.sampled_from(recalls.RESULTS))
    def end_recall(self, recall: Any, result: str) -> None:
        if recall is not None:
            self.attempt(lambda: recalls.close(self.session, recall, result=result, actor="Eva"))
