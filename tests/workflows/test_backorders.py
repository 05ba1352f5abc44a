"""An order that waits for goods: paid before and after they come, late, in time, and not at all."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app import invariants
from app.jobs import schedule
from app.jobs.relay import Relay
from app.messages import letters
from app.messages.letters import LaterFact, LineFact, OrderFact, ParcelFact, Untrue
from app.messages.models import CallTask, Message
from app.payments import charges
from app.sales import orders
from app.sales.models import OrderLine
from app.workflows import backorders as workflow
from app.workflows import checkout, lapsing
from fulfilment.claims import backorder_policies, backorder_queue, backorders, shortages
from fulfilment.claims.reservations import Want
from fulfilment.inbound import purchases
from fulfilment.inbound.purchases import Wanted
from fulfilment.outbound import shipments
from fulfilment.routing import snapshot
from fulfilment.stock import ledger, safety
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, LURE, MUELLER, WEDNESDAY

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

MONDAY = date(2026, 11, 30)
DECEMBER = date(2026, 12, 4)
STOCK = {("lager", LURE): 9, ("bonn", LURE): 9}


def _placed(hooks: int, location: str = "bonn", *, contact_by: str = "mail") -> str:
    """Order two lures from stock, and owe some hooks beside them, as a later checkout will."""
    small_shop.build(STOCK)
    token = small_shop.basket_with((LURE, 2), number=MUELLER)
    placed = checkout.place(token, small_shop.buyer(contact_by=contact_by))
    with transaction() as session:
        backorder_policies.put(session, location, HOOK, units=9, ships_on=MONDAY, actor="ute")
        order = orders.by_ref(session, placed.order_ref, lock=True)
        [lure] = orders.lines_of(session, order)
        line = OrderLine(
            order_id=order.id,
            position=2,
            sku=HOOK,
            title="Offset-Haken 3/0",
            quantity=hooks,
            unit_minor=465,
            line_minor=hooks * 465,
            vat_basis_points=1900,
            weight_grams=12,
            shipping_group="std",
            promised_on=DECEMBER,
            shipped=0,
            cancelled=0,
            returned=0,
        )
        session.add(line)
        order.goods_minor += line.line_minor
        order.total_minor += line.line_minor
        order.promised_on = DECEMBER
        session.flush()
        payment = charges.of_order(session, order.ref)
        payment.amount_minor = order.total_minor
        backorders.place(
            session,
            order_ref=order.ref,
            wants=[Want(line.id, HOOK, location, hooks)],
            expires_at=WEDNESDAY + timedelta(minutes=45),
        )
        assert lure.sku == LURE
    return placed.order_ref


def _pay(ref: str) -> None:
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")


def _arrive(hooks: int, location: str = "bonn") -> None:
    with transaction() as session:
        ledger.receive(
            session,
            location,
            [(HOOK, hooks)],
            document="PO-1",
            actor="floor:kai",
            key=f"PO-1/{uuid.uuid4()}",
        )


def _order_from_supplier() -> str:
    with transaction() as session:
        lines = [Wanted(HOOK, 3, MONDAY)]
        return purchases.place(
            session, supplier="Haken & Co", location="bonn", lines=lines, actor="ute"
        )


def _sends(ref: str) -> dict[str, list[tuple[str, int]]]:
    with reading() as session:
        return {
            view.location: [(part.sku, part.quantity) for part in view.lines]
            for view in shipments.for_order(session, ref)
        }


def _letters(ref: str) -> list[str]:
    with reading() as session:
        rows = select(Message.kind).where(Message.order_ref == ref).order_by(Message.created_at)
        return list(session.scalars(rows))


def _days(ref: str) -> Sequence[date | None]:
    with reading() as session:
        order = orders.by_ref(session, ref)
        return [order.promised_on, *(line.promised_on for line in orders.lines_of(session, order))]


def test_goods_that_come_in_time_are_sent_and_nobody_is_bothered(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    _pay(ref)
    settle_events()
    assert _sends(ref) == {"lager": [(LURE, 2)]}

    _arrive(3)
    settle_events()
    settle_events()

    assert _sends(ref) == {"lager": [(LURE, 2)], "bonn": [(HOOK, 3)]}
    assert _days(ref) == [DECEMBER, FRIDAY, DECEMBER]
    assert sorted(_letters(ref)) == ["order_confirmed", "order_placed"]
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK] == (3, 0, 0, 3)
        told = [entry.what for entry in orders.timeline(session, ref)]
    assert told.count("backorder_covered") == 1


def test_a_delivery_in_parts_goes_into_the_parcel_that_nobody_packs_yet(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    _pay(ref)
    _arrive(1)
    settle_events()
    assert _sends(ref)["bonn"] == [(HOOK, 1)]
    _arrive(1)
    settle_events()
    assert _sends(ref) == {"lager": [(LURE, 2)], "bonn": [(HOOK, 2)]}
    with reading() as session:
        [owed] = [row for row in backorders.of_order(session, ref) if row.state == "waiting"]
        assert (owed.quantity, owed.expires_at) == (1, None)


def test_what_comes_before_the_money_is_reserved_and_sent_when_it_is_paid(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    _arrive(2)
    settle_events()
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK] == (2, 0, 2, 0)
    assert _sends(ref) == {}

    _pay(ref)
    settle_events()

    assert _sends(ref) == {"lager": [(LURE, 2)], "bonn": [(HOOK, 2)]}
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK] == (2, 0, 0, 2)


@pytest.mark.parametrize("contact_by", ["mail", "call"])
def test_goods_that_come_late_are_told_once_in_the_way_the_customer_wants(
    settle_events: Callable[[], int], contact_by: str
) -> None:
    ref = _placed(3, contact_by=contact_by)
    _pay(ref)
    settle_events()
    with clock.frozen(WEDNESDAY + timedelta(days=12)):
        _arrive(3)
        settle_events()
        settle_events()

    arrival = date(2026, 12, 9)
    assert _days(ref) == [arrival, FRIDAY, arrival]
    with reading() as session:
        if contact_by == "call":
            [task] = session.scalars(select(CallTask).where(CallTask.order_ref == ref))
            facts, kind = task.facts, task.kind
        else:
            message = session.scalars(select(Message).where(Message.kind == "later")).one()
            facts, kind = message.facts, message.kind
            assert message.subject == f"Ihre Bestellung {ref} kommt später als gesagt"
            assert "Ankunft Mittwoch, 09.12. statt Freitag, 04.12." in message.body_text
    assert kind == "later"
    assert facts["later"] == [
        {
            "sku": HOOK,
            "title": "Offset-Haken 3/0",
            "quantity": 3,
            "told_on": "2026-12-04",
            "arrives_on": "2026-12-09",
        }
    ]
    assert [parcel["origin"] for parcel in facts["parcels"]] == ["Lager Kassel", "Bonn"]


def test_who_does_not_pay_gets_nothing(settle_events: Callable[[], int]) -> None:
    ref = _placed(3)
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        assert lapsing.lapse_due() == 1
        settle_events()
        _arrive(3)
        settle_events()
    with reading() as session:
        assert [row.state for row in backorders.of_order(session, ref)] == ["released"]
        assert small_shop.books(session)["bonn", HOOK] == (3, 0, 0, 0)
    assert _sends(ref) == {}


def test_late_money_waits_again_where_the_limit_allows_it(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        lapsing.lapse_due()
        _pay(ref)
        settle_events()
    with reading() as session:
        rows = backorders.of_order(session, ref)
        assert sorted((row.state, row.quantity) for row in rows) == [
            ("released", 3),
            ("waiting", 3),
        ]
        assert orders.by_ref(session, ref).state == "confirmed"


def test_late_money_for_what_others_have_now_is_routed_again_and_refunded(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        lapsing.lapse_due()
        with transaction() as session:
            backorder_policies.put(session, "bonn", HOOK, units=0, ships_on=None, actor="ute")
        _pay(ref)
        settle_events()
    with reading() as session:
        order = orders.by_ref(session, ref)
        lines = {line.sku: line for line in orders.lines_of(session, order)}
        assert (lines[HOOK].cancelled, lines[LURE].cancelled) == (3, 0)
        assert shortages.open_for(session, ref) == []
        refunded = session.scalar(text("SELECT sum(amount_minor) FROM refunds"))
    assert refunded == 3 * 465


def test_goods_that_will_not_come_are_sent_from_elsewhere(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    _pay(ref)
    settle_events()
    _arrive(3, "koeln")
    assert [loss.quantity for loss in workflow.give_up("bonn", HOOK, actor="ute")] == [3]
    assert workflow.give_up("bonn", HOOK, actor="ute") == []
    settle_events()
    assert _sends(ref) == {"lager": [(LURE, 2)], "koeln": [(HOOK, 3)]}
    with reading() as session:
        noted = [entry.what for entry in orders.timeline(session, ref)]
    assert noted.count("backorder_given_up") == 1


def test_what_its_place_cannot_send_is_routed_again(settle_events: Callable[[], int]) -> None:
    ref = _placed(3)
    _pay(ref)
    settle_events()
    _arrive(3, "koeln")
    with transaction() as session:
        session.execute(text("UPDATE locations SET groups = '[]' WHERE code = 'bonn'"))
    snapshot.forget()
    _arrive(3)
    settle_events()
    assert _sends(ref) == {"lager": [(LURE, 2)], "koeln": [(HOOK, 3)]}
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK] == (3, 0, 0, 0)


def test_the_duty_expires_what_is_unpaid_and_serves_who_waits(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    assert "tend backorders" in {duty.name for duty in schedule.rota(Relay.__new__(Relay))}
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        assert workflow.tend() == 0
        with reading() as session:
            assert [row.state for row in backorders.of_order(session, ref)] == ["expired"]
        _pay(ref)
        with transaction() as session:
            safety.put(session, {("bonn", HOOK): 2}, reason="counter", actor="ute")
        _arrive(2)
        with transaction() as session:
            safety.put(session, {("bonn", HOOK): 0}, reason="counter", actor="ute")
        assert workflow.tend() == 1
        assert workflow.tend() == 0
        settle_events()
    assert _sends(ref)["bonn"] == [(HOOK, 2)]


def test_goods_that_are_late_are_told_before_they_come_once(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3, contact_by="mail")
    _pay(ref)
    number = _order_from_supplier()
    settle_events()
    with transaction() as session:
        purchases.reschedule(session, number, {1: date(2026, 12, 7)}, actor="ute")
    settle_events()
    settle_events()

    arrival = date(2026, 12, 10)
    assert _days(ref) == [arrival, FRIDAY, arrival]
    with reading() as session:
        [row] = backorders.of_order(session, ref)
        assert (row.state, row.promised_on) == ("waiting", date(2026, 12, 7))
        message = session.scalars(select(Message).where(Message.kind == "promise")).one()
        assert "Ankunft Donnerstag, 10.12. statt Freitag, 04.12." in message.body_text

    with clock.frozen(WEDNESDAY + timedelta(days=12)):
        _arrive(3)
        settle_events()
    assert _days(ref) == [arrival, FRIDAY, arrival]
    assert _letters(ref).count("promise") == 1


def test_late_goods_without_a_new_day_promise_nothing(settle_events: Callable[[], int]) -> None:
    ref = _placed(3, contact_by="mail")
    _pay(ref)
    number = _order_from_supplier()
    with transaction() as session:
        purchases.reschedule(session, number, {1: None}, actor="ute")
    settle_events()
    assert _days(ref) == [DECEMBER, FRIDAY, DECEMBER]
    assert "promise" not in _letters(ref)
    with reading() as session:
        [one] = backorder_queue.queue(session)
        assert (one.expected_on, one.late, one.backorder.promised_on) == (None, True, MONDAY)


def test_the_proof_of_order_lines_misses_what_an_order_waits_for(
    settle_events: Callable[[], int],
) -> None:
    ref = _placed(3)
    _pay(ref)
    settle_events()
    with suppress(ZeroDivisionError), transaction() as session:
        backorders.release(session, ref)
        broken = [one for one in invariants.check(session) if one.state == "broken"]
        raise ZeroDivisionError
    assert [(one.number, row["ref"], row["sku"]) for one in broken for row in one.rows] == [
        (6, ref, HOOK)
    ]


ORDER = OrderFact("K-1", "t", "a@example.org", None, "de", {}, WEDNESDAY, DECEMBER, 0, 0)
PARCEL = ParcelFact("Bonn", "store", (LineFact(HOOK, "Haken", 1),), DECEMBER, False)


@pytest.mark.parametrize(
    "later",
    [(), (LaterFact(HOOK, "Haken", 1, told_on=DECEMBER, arrives_on=DECEMBER),)],
    ids=["nothing", "the same day"],
)
def test_a_delay_that_is_none_cannot_be_written(later: tuple[LaterFact, ...]) -> None:
    with pytest.raises(Untrue):
        letters.LaterLetter(ORDER, (PARCEL,), (), 0, later, here=True).check()
