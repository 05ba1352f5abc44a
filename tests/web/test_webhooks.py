"""What Stripe tells us is believed with its signature only, and counts once."""

import json
import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, text

from app.messages.models import Message
from app.payments import unclear
from app.sales import orders
from fulfilment.claims import reservations
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, HOOK_MINOR, LURE, LURE_MINOR, WEDNESDAY
from tests.standing import moved, snapshot
from tests.web import payment_bench as bench
from tests.web.payment_bench import Stripe

pytestmark = pytest.mark.usefixtures("app", "wednesday", "sound")

SHIPPING = 490
# A paid order writes these tables and no others.
BY_CONFIRMING = {
    "fulfilment_orders",
    "order_timeline",
    "orders",
    "outbox_events",
    "payments",
    "stock_allocations",
    "stock_balances",
    "stock_reservations",
    "webhook_receipts",
}


@pytest.fixture
def double(stripe_double):
    return Stripe(stripe_double)


def books():
    with reading() as session:
        return small_shop.books(session)


def receipts():
    with reading() as session:
        return sorted(session.scalars(text("SELECT event_id FROM webhook_receipts")))


def entries(ref, what):
    with reading() as session:
        query = text("SELECT count(*) FROM order_timeline WHERE order_ref = :ref AND what = :what")
        return session.scalar(query, {"ref": ref, "what": what})


def open_shortages(ref):
    with reading() as session:
        query = text("SELECT sku, quantity FROM shortages WHERE order_ref = :ref ORDER BY sku")
        return [tuple(row) for row in session.execute(query, {"ref": ref})]


def problem(answer):
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def test_a_payment_confirms_its_order_and_claims_its_stock(client, double):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    assert books() == {("lager", LURE): (24, 0, 2, 0)}
    before = snapshot()
    answer = bench.post(client, bench.completed(double, ref))
    assert (answer.status_code, answer.data) == (204, b"")
    assert moved(before) == BY_CONFIRMING
    assert books() == {("lager", LURE): (24, 0, 0, 2)}
    payment = bench.payment_of(ref)
    session = double.session(payment.provider_session)
    assert (payment.state, payment.captured_minor) == ("captured", 2 * LURE_MINOR + SHIPPING)
    assert payment.provider_intent == session["payment_intent"]
    assert (payment.captured_at, bench.state_of(ref)) == (WEDNESDAY, "confirmed")


def test_every_event_five_times_in_any_order_counts_once(client, double):
    small_shop.build({("lager", LURE): 24})
    refs = [bench.ordered((LURE, number)) for number in (1, 2, 3)]
    for ref in refs:
        bench.pay(ref)
    sent = [event for ref in refs for event in bench.told(double, ref)]
    deliveries = sent * 5
    seed = random.randrange(1 << 32)
    random.Random(seed).shuffle(deliveries)
    assert {bench.post(client, event).status_code for event in deliveries} == {204}, seed
    assert [bench.state_of(ref) for ref in refs] == ["confirmed"] * 3
    assert books() == {("lager", LURE): (24, 0, 0, 6)}
    assert receipts() == sorted(event["id"] for event in sent)
    for ref in refs:
        assert entries(ref, "payment_captured") == entries(ref, "order_confirmed") == 1


def test_who_comes_back_before_anybody_knows_is_not_asked_to_pay_again(client, double):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    with reading() as session:
        token = orders.by_ref(session, ref).token
    page_id = bench.payment_of(ref).provider_session
    double.fault("drop", method="GET", path=f"/v1/checkout/sessions/{page_id}", times=2)
    before = snapshot()
    back = client.get(f"/bestellung/{ref}/bezahlt?t={token}&session_id={page_id}")
    assert back.status_code == 303
    shown = client.get(back.location).get_data(as_text=True)
    assert moved(before) == set()
    assert "<h1>Wir fragen nach Ihrer Zahlung</h1>" in shown
    assert 'data-refresh="3"' in shown
    assert "btn--action" not in shown
    again = re.search(r'href="(/bestellung/[^"]+/bezahlt\?[^"]+)"', shown)
    assert client.get(unescape(again[1])).status_code == 303
    assert bench.state_of(ref) == "confirmed"
    assert "Wir fragen nach" not in client.get(back.location).get_data(as_text=True)


@pytest.mark.race
def test_the_same_event_on_two_connections_at_once_counts_once(app, double):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    event = bench.completed(double, ref)
    start = threading.Barrier(4)

    def deliver(_):
        start.wait(20)
        with clock.frozen(WEDNESDAY):
            return bench.post(app.test_client(), event).status_code

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(deliver, range(4))) == [204] * 4
    assert books() == {("lager", LURE): (24, 0, 0, 2)}
    assert entries(ref, "payment_captured") == entries(ref, "order_confirmed") == 1
    assert receipts() == [event["id"]]


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(lambda body: bench.sign(body, secret="whsec_of_a_stranger"), id="forged"),
        pytest.param(lambda body: bench.sign(body, age=301), id="too old"),
        pytest.param(lambda body: bench.sign(body + " "), id="altered"),
        pytest.param(lambda _body: "", id="missing"),
        pytest.param(lambda _body: "t=1,v1=00", id="nonsense"),
    ],
)
def test_an_event_that_is_not_stripes_moves_nothing(client, double, signature):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    event = bench.completed(double, ref)
    before = snapshot()
    answer = bench.post(client, event, signature(json.dumps(event)))
    assert problem(answer) == (403, "webhook_signature")
    assert moved(before) == set()


def test_an_event_without_any_signature_header_moves_nothing(client, double):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    before = snapshot()
    answer = client.post("/webhooks/stripe", json=bench.completed(double, ref))
    assert problem(answer) == (403, "webhook_signature")
    assert moved(before) == set()
    assert problem(client.get("/webhooks/stripe")) == (405, "method")


@pytest.mark.parametrize("off_by", [-1, 1, -1870, 100_000])
def test_another_amount_than_asked_is_refused_and_confirms_nothing(client, double, off_by):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    asked = 2 * LURE_MINOR + SHIPPING
    before = snapshot()
    answer = bench.post(client, bench.completed(double, ref, amount_total=asked + off_by))
    assert problem(answer) == (409, "amount_differs")
    assert (answer.get_json()["asked"], answer.get_json()["captured"]) == (asked, asked + off_by)
    # Nothing but the note for somebody who looks at it, once, however often it is sent.
    again = bench.completed(double, ref, amount_total=asked + off_by)
    assert bench.post(client, again).status_code == 409
    assert moved(before) == {"unclear_payments"}
    with reading() as session:
        (waiting,) = unclear.listed(session)
    assert (waiting.order_ref, waiting.kind) == (ref, "amount_differs")
    assert waiting.facts == {"asked": asked, "captured": asked + off_by}
    assert bench.post(client, bench.completed(double, ref)).status_code == 204
    assert bench.state_of(ref) == "confirmed"


@pytest.mark.parametrize(
    "reference", ["", "pay-1", "00000000-0000-7000-8000-000000000000", "' OR 1=1 --"]
)
def test_a_payment_of_another_shop_is_noted_and_moves_nothing(client, double, reference):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    event = bench.completed(double, ref, client_reference_id=reference, metadata={})
    before = snapshot()
    assert bench.post(client, event).status_code == 204
    assert moved(before) == {"webhook_receipts"}


def test_a_page_that_is_complete_but_not_paid_waits_for_the_bank(client, double, settle_events):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    before = snapshot()
    unpaid = bench.completed(double, ref, payment_status="unpaid")
    assert bench.post(client, unpaid).status_code == 204
    # What was held stays held for as long as the bank may take.
    waiting = {"orders", "payments", "stock_reservations", "order_timeline", "outbox_events"}
    assert moved(before) == {"webhook_receipts", *waiting}
    assert (bench.state_of(ref), bench.payment_of(ref).state) == ("placed", "pending")
    settle_events()
    with reading() as session:
        [told] = session.scalars(select(Message).where(Message.kind == "debit_asked"))
        token = orders.by_ref(session, ref).token
    assert "18,70" in told.body_text
    assert "Mittwoch, 16.12." in told.body_text
    page = client.get(f"/bestellung/{ref}?t={token}").get_data(as_text=True)
    assert "Lastschrift läuft" in page
    assert "Jetzt" not in page.partition("<main")[2].partition("</main>")[0]
    before = snapshot()
    assert bench.post(client, {**unpaid, "id": "evt_again"}).status_code == 204
    assert moved(before) == {"webhook_receipts"}
    arrived = {
        **bench.completed(double, ref),
        "id": "evt_later",
        "type": "checkout.session.async_payment_succeeded",
    }
    assert bench.post(client, arrived).status_code == 204
    assert bench.state_of(ref) == "confirmed"
    assert receipts() == sorted([unpaid["id"], "evt_again", "evt_later"])


def test_a_debit_that_the_bank_refuses_closes_the_order_and_frees_the_goods(client, double):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    unpaid = bench.completed(double, ref, payment_status="unpaid")
    refused = {**unpaid, "id": "evt_no", "type": "checkout.session.async_payment_failed"}
    before = snapshot()
    assert bench.post(client, refused).status_code == 204
    assert moved(before) == {"webhook_receipts"}  # nobody was asked yet
    assert bench.post(client, unpaid).status_code == 204
    assert bench.post(client, {**refused, "id": "evt_no_2"}).status_code == 204
    assert (bench.state_of(ref), bench.payment_of(ref).state) == ("lapsed", "failed")
    assert books() == {("lager", LURE): (24, 0, 0, 0)}
    assert (entries(ref, "payment_failed"), entries(ref, "order_lapsed")) == (1, 1)
    before = snapshot()
    assert bench.post(client, {**refused, "id": "evt_no_3"}).status_code == 204
    assert bench.post(client, {**unpaid, "id": "evt_late"}).status_code == 204
    assert moved(before) == {"webhook_receipts"}


def test_money_after_the_reservation_expired_still_finds_the_stock(client, double):
    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    later = WEDNESDAY + timedelta(minutes=18)
    with clock.frozen(later):
        with transaction() as session:
            reservations.expire_due(session, later, limit=10)
        assert books() == {("lager", LURE): (24, 0, 0, 0)}
        assert bench.post(client, bench.completed(double, ref)).status_code == 204
    assert bench.state_of(ref) == "confirmed"
    assert books() == {("lager", LURE): (24, 0, 0, 2)}
    assert open_shortages(ref) == []


def lapsed_although_paid(double, *lines, **changes):
    """An order whose page was paid unseen, and that was closed as if it had not been."""
    ref = bench.ordered(*lines, **changes)
    bench.pay(ref)
    with transaction() as session:
        session.execute(text("UPDATE payments SET state = 'expired'"))
        session.execute(text("UPDATE orders SET state = 'lapsed', closed_at = placed_at"))
        reservations.release(session, ref)
    return ref


def test_money_for_a_lapsed_order_claims_the_stock_again(client, double):
    small_shop.build({("lager", LURE): 24})
    ref = lapsed_although_paid(double, (LURE, 2))
    assert books() == {("lager", LURE): (24, 0, 0, 0)}
    for _ in range(2):
        assert bench.post(client, bench.completed(double, ref)).status_code == 204
    assert bench.state_of(ref) == "confirmed"
    assert books() == {("lager", LURE): (24, 0, 0, 2)}
    assert bench.payment_of(ref).captured_minor == 2 * LURE_MINOR + SHIPPING


def test_money_for_a_lapsed_order_finds_the_goods_elsewhere(client, double, settle_events):
    small_shop.build({("lager", HOOK): 2, ("bonn", HOOK): 3})
    ref = lapsed_although_paid(double, (HOOK, 2))
    first_place = next(iter(place for (place, _), held in books().items() if held[0] == 2))
    other = bench.ordered((HOOK, 2), open_page=False)
    assert books()[first_place, HOOK][2] == 2
    assert bench.post(client, bench.completed(double, ref)).status_code == 204
    settle_events()
    assert bench.state_of(ref) == "confirmed"
    assert books() == {("lager", HOOK): (2, 0, 2, 0), ("bonn", HOOK): (3, 0, 0, 2)}
    assert bench.state_of(other) == "placed"


def test_money_for_a_lapsed_order_goes_back_when_nothing_is_left(client, double, settle_events):
    small_shop.build({("lager", HOOK): 2})
    ref = lapsed_although_paid(double, (HOOK, 2))
    bench.ordered((HOOK, 2), open_page=False)
    assert bench.post(client, bench.completed(double, ref)).status_code == 204
    settle_events()
    assert bench.state_of(ref) == "cancelled"
    paid = 2 * HOOK_MINOR + SHIPPING
    payment = bench.payment_of(ref)
    # Nothing is sent: the delivery is not owed either.
    assert (payment.captured_minor, payment.refunded_minor) == (paid, paid)
    sent = double.refunds(payment.provider_intent)
    assert [(refund["amount"], refund["status"]) for refund in sent] == [(paid, "succeeded")]
    with reading() as session:
        states = session.scalars(text("SELECT state FROM refunds")).all()
        (call,) = session.scalars(text("SELECT facts FROM call_tasks")).all()
    assert states == ["succeeded"]
    assert call["refunded_minor"] == paid
    assert books() == {("lager", HOOK): (2, 0, 2, 0)}


def test_money_for_half_a_lapsed_order_keeps_what_can_be_sent(client, double, settle_events):
    small_shop.build({("lager", HOOK): 2, ("lager", LURE): 5})
    ref = lapsed_although_paid(double, (HOOK, 2), (LURE, 1))
    bench.ordered((HOOK, 1), open_page=False)
    assert bench.post(client, bench.completed(double, ref)).status_code == 204
    settle_events()
    assert bench.state_of(ref) == "confirmed"
    payment = bench.payment_of(ref)
    assert payment.captured_minor == 2 * HOOK_MINOR + LURE_MINOR + SHIPPING
    sent = [refund["amount"] for refund in double.refunds(payment.provider_intent)]
    assert payment.refunded_minor == sum(sent)
    with reading() as session:
        query = "SELECT sku, cancelled FROM order_lines l JOIN orders o ON o.id = l.order_id"
        lines = session.execute(text(f"{query} WHERE ref = :ref ORDER BY sku"), {"ref": ref}).all()
    assert lines == [(HOOK, 1), (LURE, 0)]
    assert sent == [HOOK_MINOR]
    assert books() == {("lager", HOOK): (2, 0, 1, 1), ("lager", LURE): (5, 0, 0, 1)}


def test_a_refund_that_the_bank_sends_back_is_free_to_be_paid_otherwise(
    client, double, settle_events
):
    small_shop.build({("lager", HOOK): 2})
    ref = lapsed_although_paid(double, (HOOK, 2))
    bench.ordered((HOOK, 2), open_page=False)
    bench.post(client, bench.completed(double, ref))
    settle_events()
    payment = bench.payment_of(ref)
    (sent,) = double.refunds(payment.provider_intent)
    double.fail_refund(sent["id"])
    event = bench.event("refund.failed", {**sent, "status": "failed"})
    for _ in range(3):
        assert bench.post(client, event).status_code == 204
    payment = bench.payment_of(ref)
    assert (payment.captured_minor, payment.refunded_minor) == (2 * HOOK_MINOR + SHIPPING, 0)
    assert entries(ref, "refund_failed") == 1


def test_a_failed_refund_of_another_shop_moves_nothing(client):
    small_shop.build({("lager", HOOK): 2})
    before = snapshot()
    event = bench.event("refund.failed", {"object": "refund", "id": "re_1", "amount": 5})
    assert bench.post(client, event).status_code == 204
    assert moved(before) == {"webhook_receipts"}
