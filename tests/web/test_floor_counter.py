"""What lies ready, what nobody fetches or takes, what comes in or back, and what is counted."""

from datetime import date, datetime

import pytest
from sqlalchemy import select, text

from app.messages.models import Message
from app.payments import charges
from app.sales.models import OrderReturn
from app.workflows import acceptance, checkout, floor, pickups, return_order
from app.workflows.floor import Worker
from app.workflows.return_order import Returned
from fulfilment.inbound import purchases, transfers
from fulfilment.models import FulfilmentOrder, Parcel, Pickup
from fulfilment.places import locations
from fulfilment.places.calendars import BERLIN
from fulfilment.stock import counts, ledger
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE, LURE_GTIN, MUELLER
from tests.standing import moved, snapshot
from tests.web import floor_bench
from tests.web.floor_bench import all_picked, job_of, paid, state_of
from tests.web.staff_bench import at_work
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


@pytest.fixture
def shop(app):
    floor_bench.build()
    return app


@pytest.fixture
def ref(shop, settle_events):
    return paid(settle_events, (LURE, 2), (HOOK, 1))


def to_collect(settle_events, place):
    token = small_shop.basket_with((LURE, 1), number=MUELLER)
    order = checkout.place(token, small_shop.buyer(collect_at=place, contact_by="mail"))
    with reading() as session:
        payment = charges.of_order(session, order.order_ref)
    checkout.settle(str(payment.id), payment.amount_minor, f"pi_{order.order_ref}")
    settle_events()
    return job_of(order.order_ref, place)


def collected(settle_events, client):
    job = to_collect(settle_events, "bonn")
    client.post(f"/floor/jobs/{job}/start")
    client.post(f"/floor/jobs/{job}/scans", data={"code": LURE})
    return job


def test_goods_are_laid_in_a_place_and_given_for_the_code_that_the_mail_says(shop, settle_events):
    client = at_work(shop, "bonn")
    job = collected(settle_events, client)
    client.post(f"/floor/jobs/{job}/laid-out", data={"shelf_place": " "})
    assert state_of(job) == "picked"
    client.post(f"/floor/jobs/{job}/laid-out", data={"shelf_place": "Fach 7"})
    settle_events()
    with reading() as session:
        code = session.get_one(FulfilmentOrder, job).pickup_code
        [mail] = session.scalars(select(Message).where(Message.kind == "ready"))
    assert f"Abholcode: {code}" in mail.body_text
    assert "bis Mittwoch, 02.12." in mail.body_text
    assert "Fach 7" in words_of(client.get("/floor/pickups?q=müller"))
    before = snapshot()
    wrong = "0000" if code != "0000" else "1111"
    for form in ({"code": wrong}, {}, {"identity": "1"}, {"code": code, "signature": "<script>"}):
        client.post(f"/floor/pickups/{job}", data=form)
    client.post(f"/floor/jobs/{job}/handover")
    assert moved(before) == set()
    client.post(f"/floor/pickups/{job}", data={"code": f" {code} ", "signature": "M1 2L3 4"})
    with reading() as session:
        [pickup] = session.scalars(select(Pickup))
        assert (pickup.proof, pickup.taken_by, pickup.signature) == (
            "code",
            "Jürgen Müller",
            "M1 2L3 4",
        )
        [parcel] = session.scalars(select(Parcel))
        assert parcel.delivered_at is not None


def test_what_nobody_fetches_goes_back_to_the_shelf_and_is_paid_back(shop, settle_events):
    client = at_work(shop, "bonn")
    job = collected(settle_events, client)
    client.post(f"/floor/jobs/{job}/laid-out", data={"shelf_place": "7"})
    settle_events()
    laid_out = clock.now()
    with clock.frozen(laid_out + pickups.KEPT_FOR):
        assert pickups.expire_due() == 0
    with clock.frozen(laid_out + pickups.KEPT_FOR * 1.2):
        assert pickups.expire_due() == 1
        assert pickups.expire_due() == 0
        settle_events()
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (5, 0, 0, 0)
        paid_minor = session.scalar(text("SELECT total_minor FROM orders"))
        assert session.scalar(text("SELECT amount_minor FROM refunds")) == paid_minor
    assert state_of(job) == "cancelled"


def test_what_lies_ready_is_kept_over_days_on_which_the_store_is_closed(shop, settle_events):
    with transaction() as session:
        closed = [(date(2026, 12, 2), "Inventur"), (date(2026, 12, 3), "Inventur")]
        locations.close_on(session, "bonn", closed)
    client = at_work(shop, "bonn")
    job = collected(settle_events, client)
    client.post(f"/floor/jobs/{job}/laid-out", data={"shelf_place": "7"})
    settle_events()
    with reading() as session:
        [mail] = session.scalars(select(Message).where(Message.kind == "ready"))
    assert "bis Freitag, 04.12." in mail.body_text
    assert "liegt bis Fr 04.12." in words_of(client.get("/floor/pickups"))
    for day, over in ((4, 0), (5, 1)):
        with clock.frozen(datetime(2026, 12, day, 23, 30, tzinfo=BERLIN)):
            assert pickups.expire_due() == over


def test_a_store_that_is_closed_for_long_keeps_no_other_from_putting_back(
    shop, settle_events, monkeypatch
):
    monkeypatch.setattr(pickups, "_AT_ONCE", 1)
    with transaction() as session:
        ledger.receive(session, "koeln", [(LURE, 1)], document="D", actor="test", key="D")
    for place in ("bonn", "koeln"):
        job = to_collect(settle_events, place)
        floor.pick_all(job, Worker("Test", place))
        pickups.lay_out(job, "7", Worker("Test", place))
    with transaction() as session:
        days = [(date(2026, 12, day), "Umbau") for day in range(1, 32)]
        locations.close_on(session, "bonn", days)
    with clock.frozen(clock.now() + pickups.KEPT_FOR * 2):
        assert [pickups.expire_due(), pickups.expire_due()] == [1, 0]
    assert state_of(job) == "cancelled"


def test_what_nobody_takes_is_said_before_the_van_comes_and_once(shop, ref):
    job = job_of(ref)
    with reading() as session:
        due = session.get_one(FulfilmentOrder, job).due_at
    assert acceptance.escalate() == 0
    with clock.frozen(due - acceptance.BEFORE):
        assert acceptance.escalate() == 1
        assert acceptance.escalate() == 0
        assert "1 Auftrag hat noch niemand angenommen" in words_of(
            at_work(shop, "lager").get("/floor/")
        )
    with reading() as session:
        assert session.get_one(FulfilmentOrder, job).escalated_at is not None


def test_deliveries_and_transfers_come_in_by_scan_each_once(shop):
    with transaction() as session:
        wanted = [purchases.Wanted(LURE, 3, clock.today())]
        bought = purchases.place(
            session, supplier="Rhein GmbH", location="bonn", lines=wanted, actor="Ute"
        )
        moved_ = transfers.request(
            session, origin="lager", location="bonn", lines=[(HOOK, 2)], actor="Ute"
        )
        transfers.send(session, moved_, actor="Dirk")
    client = at_work(shop, "bonn")
    shown = words_of(client.get("/floor/receiving"))
    assert "Rhein GmbH" in shown
    assert moved_ in shown
    counted = client.post(
        f"/floor/receiving/{bought}", data={"code": LURE_GTIN, f"units-{LURE}": "2"}
    )
    assert f'name="units-{LURE}" value="3"' in counted.text
    form = {f"units-{LURE}": "3", "book": "1", "key": "WE-12345678"}
    for _ in range(2):
        client.post(f"/floor/receiving/{bought}", data=form)
    client.post(
        f"/floor/receiving/{moved_}", data={f"units-{HOOK}": "2", "book": "1", "key": "k" * 9}
    )
    with reading() as session:
        books = small_shop.books(session)
    assert (books["bonn", LURE][0], books["bonn", HOOK][0]) == (8, 7)
    assert at_work(shop, "lager").get(f"/floor/receiving/{bought}").status_code == 404


def test_what_came_back_is_looked_at_and_sold_again_or_written_off(shop, ref):
    client = at_work(shop, "lager")
    job = all_picked(client, ref)
    client.post(f"/floor/jobs/{job}/parcels")
    client.post(f"/floor/jobs/{job}/handover")
    with reading() as session:
        line = session.scalar(
            text("SELECT line_id FROM parcel_lines WHERE sku = :sku"), {"sku": LURE}
        )
    back = [Returned(line, 2, "inspect", "defective")]
    return_order.take_back(ref, back, location="lager", actor="Ute", key="one")
    with reading() as session:
        [row] = session.scalars(select(OrderReturn))
    assert "Rheinshad" in words_of(client.get("/floor/returns"))
    stranger = at_work(shop, "bonn")
    before = snapshot()
    for form in ({"good": "3"}, {"good": "x"}, {"good": "1"}):
        client.post(f"/floor/inspections/{row.id}", data=form)
    stranger.post(f"/floor/inspections/{row.id}", data={"good": "2"})
    assert moved(before) == set()
    for _ in range(2):
        client.post(f"/floor/inspections/{row.id}", data={"good": "1", "note": "Öse gebrochen"})
    with reading() as session:
        assert small_shop.books(session)["lager", LURE] == (23, 0, 0, 0)
    assert "Zu prüfen" not in words_of(client.get("/floor/returns"))


def test_counts_are_blind_by_task_or_by_a_scan_and_a_difference_is_asked_about(shop):
    with transaction() as session:
        counts.plan(session, [("bonn", HOOK)], document="Woche 47")
        [task] = counts.open_tasks(session, "bonn")
    client = at_work(shop, "bonn")
    assert "Offset-Haken" in words_of(client.get("/floor/counts"))
    page = f"/floor/counts/{task.id}"
    assert "5" not in words_of(client.get(page)).partition("Zählen Sie")[2]
    before = snapshot()
    asked = client.post(page, data={"counted": "4"})
    assert asked.status_code == 422
    assert "Das weicht von den Büchern ab" in words_of(asked)
    client.post(page, data={"counted": "viele"})
    assert moved(before) == set()
    client.post(page, data={"counted": "4", "reason": "theft"})
    scanned = client.post("/floor/counts", data={"code": LURE_GTIN})
    assert "Die Bücher stimmen" in words_of(
        client.post(scanned.location, data={"counted": "5"}, follow_redirects=True)
    )
    with reading() as session:
        books = small_shop.books(session)
        assert (books["bonn", HOOK][0], books["bonn", LURE][0]) == (4, 5)
    assert at_work(shop, "lager").get(page).status_code == 404
