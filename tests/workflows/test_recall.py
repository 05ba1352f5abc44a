"""A recall from the desk to everybody who bought some: each is told once, by their own channel."""

import threading
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.identity.models import Device
from app.messages.models import CallTask, Message
from app.payments import charges
from app.sales import orders
from app.workflows import checkout, floor, recall
from app.workflows.floor import Worker
from app.workflows.return_order import Returned, take_back
from app.workflows.till import sales
from app.workflows.till.sales import Sale, SaleLine, Tender
from fulfilment.models import CountTask, FulfilmentOrder
from fulfilment.stock import counter_sales, counts, ledger
from fulfilment.tracing import lots, recalls, tracking
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from tests import small_shop
from tests.small_shop import LURE, LURE_GTIN, LURE_MINOR, MUELLER, PAN, PAN_MINOR

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

DIRK = Worker("Dirk Hessler", "lager")


@pytest.fixture
def shop(settle_events: Callable[[], int]) -> Callable[[], int]:
    """Lures of two lots in Kassel and Bonn; the pan is not kept apart."""
    small_shop.build({("lager", PAN): 4, ("bonn", PAN): 2})
    with transaction() as session:
        tracking.track(session, LURE, "lot", actor="test")
        for place, named in (("bonn", {"A1": 8}), ("lager", {"A1": 5, "B2": 5})):
            ledger.receive(
                session,
                place,
                [(LURE, sum(named.values()))],
                document="PO-1",
                actor="test",
                key=f"po/{place}",
                lots={LURE: named},
            )
    return settle_events


def sell(sku: str, lot: str | None = None, number: str | None = None) -> sales.Receipt:
    minor = {LURE: LURE_MINOR, PAN: PAN_MINOR}[sku]
    with reading() as session:
        device = session.scalars(select(Device)).one()
    return sales.sell(
        device,
        Sale(
            sale_id=f"sale-{uuid.uuid4()}",
            lines=(SaleLine(sku, 1, minor, lot),),
            tenders=(Tender("cash", minor),),
            customer_number=number,
        ),
    )


def ordered(settle: Callable[[], int], quantity: int = 2) -> tuple[str, uuid.UUID]:
    """Order lures on the web, without a customer number; return reference and pick job."""
    token = small_shop.basket_with((LURE, quantity))
    placed = checkout.place(token, small_shop.buyer(contact_by="mail"))
    with reading() as session:
        payment = charges.of_order(session, placed.order_ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle()
    with reading() as session:
        job = session.scalars(select(FulfilmentOrder)).one()
    return placed.order_ref, job.id


def shipped(settle: Callable[[], int]) -> str:
    ref, job = ordered(settle)
    floor.start(job, DIRK)
    with pytest.raises(Invalid, match="lot_required"):
        floor.scan(job, LURE_GTIN, DIRK)
    floor.scan(job, f"010{LURE_GTIN}10A1", DIRK)
    floor.scan(job, LURE, DIRK, "B2")
    floor.finish(job, DIRK)
    floor.pack(job, DIRK)
    floor.hand_over(job, DIRK)
    settle()
    return ref


def call_back(sku: str = LURE, named: tuple[str, ...] | None = ("A1",)):
    return recall.call_back(sku, named, reason="Weichmacher über dem Grenzwert", actor="Ute Kranz")


def test_each_buyer_is_told_once_by_the_channel_that_they_prefer(shop: Callable[[], int]) -> None:
    first = sell(LURE, "A1", MUELLER)
    second = sell(LURE, None, MUELLER)
    sell(LURE, "A1")
    sell(LURE, "B2")
    web = shipped(shop)
    view, gathered = call_back()
    # Eight less four: which lots the two were that nobody has read is open.
    assert gathered.units == {"bonn": 4, "lager": 4}
    shop()
    with reading() as session:
        [task] = session.scalars(select(CallTask).where(CallTask.kind == "recall"))
        [mail] = session.scalars(select(Message).where(Message.kind == "recall"))
        progress = recall.progress(session, view.id)
    assert (task.customer_name, task.location, task.phone) == (
        "Jürgen Müller",
        "bonn",
        "+4926114710777",
    )
    told = [(one["document"], one["quantity"], one["certain"]) for one in task.facts["purchases"]]
    assert told == [
        (first.order.receipt_number, 1, True),
        (second.order.receipt_number, 1, False),
    ]
    assert mail.order_ref == web
    assert "Weichmacher über dem Grenzwert" in mail.body_text
    assert mail.subject.startswith("Rückruf: ")
    assert "A1" in mail.body_text
    assert (len(progress.written), len(progress.to_call), len(progress.called)) == (1, 1, 0)
    assert [(one.order.receipt_number, one.units) for one in progress.unknown] == [
        ("bonn-1-000003", 1)
    ]
    assert (progress.quarantined, progress.units_out, progress.returned) == (8, 4, 0)
    assert progress.untold == []
    # The event may come twice.
    with transaction() as session:
        recall.tell_buyers(session, recall.RecallOpened(str(view.id)))
    with reading() as session:
        assert len(session.scalars(select(CallTask).where(CallTask.kind == "recall")).all()) == 1
        assert len(session.scalars(select(Message).where(Message.kind == "recall")).all()) == 1


def test_a_till_names_the_lot_on_the_receipt_and_sells_nothing_that_is_called_back(
    shop: Callable[[], int],
) -> None:
    booked = sell(LURE, "A1")
    assert [line.lot for line in booked.lines] == ["A1"]
    call_back()
    before = small_shop_books()
    with pytest.raises(Refused, match="recalled") as caught:
        sell(LURE, "A1")
    assert caught.value.facts == {"sku": LURE, "lot": "A1", "lots": ["A1"]}
    assert small_shop_books() == before


def small_shop_books() -> dict[tuple[str, str], tuple[int, ...]]:
    with reading() as session:
        return small_shop.books(session)


def test_who_has_brought_everything_back_is_not_told(shop: Callable[[], int]) -> None:
    booked = sell(LURE, "A1", MUELLER)
    [line] = booked.lines
    take_back(
        booked.order.ref,
        [Returned(line.id, 1, lot="A1")],
        location="bonn",
        actor="Marie",
        key="return-1",
    )
    view, gathered = call_back()
    assert gathered.units == {"bonn": 8, "lager": 5}
    shop()
    with reading() as session:
        assert session.scalars(select(CallTask)).all() == []
        progress = recall.progress(session, view.id)
    assert (progress.units_out, progress.returned, progress.unknown) == (0, 1, [])


def test_what_comes_back_during_a_recall_is_counted_and_stays_aside(
    shop: Callable[[], int],
) -> None:
    booked = sell(LURE, "A1", MUELLER)
    view, _ = call_back()
    [line] = booked.lines
    take_back(
        booked.order.ref,
        [Returned(line.id, 1)],
        location="koeln",
        actor="Marie",
        key="return-1",
    )
    with reading() as session:
        progress = recall.progress(session, view.id)
        [koeln] = [row for row in lots.of_sku(session, LURE) if row.location == "koeln"]
    assert (progress.units_out, progress.returned) == (0, 1)
    assert (koeln.lot, koeln.quarantined, koeln.free) == ("?", 1, 0)


def test_a_parcel_that_is_packed_is_opened_again_and_the_order_routed_anew(
    shop: Callable[[], int],
) -> None:
    ref, job = ordered(shop)
    floor.start(job, DIRK)
    floor.scan(job, LURE, DIRK, "A1")
    floor.scan(job, LURE, DIRK, "B2")
    floor.finish(job, DIRK)
    floor.pack(job, DIRK)
    _, gathered = call_back()
    assert gathered.reopened == [job]
    shop()
    with reading() as session:
        found = session.get_one(FulfilmentOrder, job)
        order = orders.by_ref(session, ref)
        notes = [entry.what for entry in orders.timeline(session, ref)]
        [line] = orders.lines_of(session, order)
    # Of lot B2 five are left in Kassel, and the order is sent from there.
    assert found.state in {"picked", "cancelled"}
    assert "recalled" in notes
    assert "order_rerouted" in notes
    assert line.cancelled == 0


def test_goods_that_are_not_kept_apart_are_called_back_as_a_whole(
    shop: Callable[[], int],
) -> None:
    sell(PAN, None, MUELLER)
    sell(PAN)
    view, gathered = call_back(PAN, None)
    assert gathered.units == {"lager": 4}
    shop()
    with reading() as session:
        progress = recall.progress(session, view.id)
    assert (progress.units_out, len(progress.to_call), len(progress.unknown)) == (2, 1, 1)
    closed = recall.finish(view.id, result="destroyed", actor="Ute Kranz")
    assert closed.result == "destroyed"
    assert small_shop_books()["lager", PAN] == (0, 0, 0, 0)


def test_the_scheduler_gathers_again_and_finds_nothing_more(shop: Callable[[], int]) -> None:
    call_back()
    before = small_shop_books()
    recall.gather_open()
    assert small_shop_books() == before
    with reading() as session:
        assert counts.open_tasks(session, "lager") == []
        assert session.scalars(select(CountTask)).all() == []


@pytest.mark.parametrize("place", ["bonn", "koeln"])
def test_a_sale_that_waits_for_a_recall_to_commit_is_refused(
    shop: Callable[[], int], place: str
) -> None:
    # Köln has never had the article: there is no balance yet that could carry the mark.
    begun = threading.Event()
    outcome: list[str] = []

    def till() -> None:
        begun.wait(10)
        try:
            with transaction() as session:
                counter_sales.sell(
                    session,
                    location=place,
                    lines=[(LURE, 1)],
                    document="R-1",
                    actor="till",
                    key="late",
                    lots={LURE: {"A1": 1}},
                )
        except Refused as error:
            outcome.append(error.code)
        else:
            outcome.append("sold")

    thread = threading.Thread(target=till)
    thread.start()
    with transaction() as session:
        recalls.open_(session, sku=LURE, lots=["A1"], reason="x", actor="x")
        begun.set()
        thread.join(0.7)
        assert outcome == []
    thread.join(20)
    assert outcome == ["recalled"]
