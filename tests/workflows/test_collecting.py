"""Click & collect: laid out and handed over; what the store cannot give, the customer decides."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.messages.models import CallTask, Message
from app.sales.models import CollectQuestion
from app.workflows import checkout, collect_answers, floor, watch
from fulfilment.outbound import shipments
from fulfilment.stock import counter_sales
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, HOOK_MINOR, LURE, LURE_MINOR, WEDNESDAY
from tests.standing import moved
from tests.standing import snapshot as standing
from tests.workflows.rerouting import (
    BONN,
    KOELN,
    books,
    job,
    job_at,
    lines_of,
    noted,
    order_of,
    paid,
    parts,
    refunds_of,
    rows,
)

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

TODAY = date(2026, 11, 25)
STOCK = {("lager", HOOK): 9, ("bonn", HOOK): 5, ("koeln", HOOK): 2, ("bonn", LURE): 3}


@pytest.fixture
def ref(settle_events):
    small_shop.build(STOCK)
    return paid(settle_events, (HOOK, 2), collect_at="bonn")


def question(ref):
    (found,) = rows(CollectQuestion, order_ref=ref)
    return found


def kinds(ref):
    return [message.kind for message in rows(Message, order_ref=ref)]


def test_it_is_picked_laid_out_told_and_handed_over(ref, settle_events):
    order = order_of(ref)
    assert (order.collect_at, order.shipping_minor, order.promised_on) == ("bonn", 0, TODAY)
    waits = job(job_at(ref, "bonn"))
    assert (waits.kind, waits.due_at) == ("collect", datetime(2026, 11, 25, 13, 0, tzinfo=UTC))
    assert books()["bonn", HOOK] == (5, 0, 0, 2)
    floor.start(waits.id, BONN)
    floor.pick_all(waits.id, BONN)
    floor.pack(waits.id, BONN)
    settle_events()
    (letter,) = rows(Message, kind="ready")
    assert "Mittwoch: 09:00 – 19:00" in letter.body_text
    assert "Sonntag: geschlossen" in letter.body_text
    floor.hand_over(waits.id, BONN)
    settle_events()
    assert books()["bonn", HOOK] == (3, 0, 0, 0)
    assert order_of(ref).state == "completed"
    with reading() as session:
        (view,) = shipments.for_order(session, ref)
    assert (view.state, view.delivered_at) == ("delivered", WEDNESDAY)
    assert kinds(ref) == ["order_placed", "order_confirmed", "ready"]
    texts = " ".join(message.body_text for message in rows(Message, order_ref=ref))
    assert "Zur Abholung in Bonn" in texts
    assert "Paket 1 von" not in texts


def test_only_a_store_that_has_all_of_it_takes_a_collection(settle_events):
    small_shop.build(STOCK)
    token = small_shop.basket_with((HOOK, 3))
    before = standing()
    with pytest.raises(Refused, match="stock_short"):
        checkout.place(token, small_shop.buyer(collect_at="koeln"))
    with pytest.raises(NotFound, match="location"):
        checkout.place(token, small_shop.buyer(collect_at="lager"))
    assert moved(before) == set()


@pytest.mark.parametrize("reason", ["no_time", "closed"])
def test_a_refused_collection_asks_and_keeps_the_goods(ref, settle_events, reason):
    floor.refuse(job_at(ref, "bonn"), BONN, reason=reason)
    settle_events()
    # No parcel of its own accord: nothing is to be sent from anywhere.
    assert parts(ref) == {}
    assert books()["bonn", HOOK] == (5, 0, 0, 2)
    asked = question(ref)
    assert (asked.location, asked.reason, asked.answered_at) == ("bonn", reason, None)
    assert [(line["sku"], line["quantity"]) for line in asked.facts["lines"]] == [(HOOK, 2)]
    assert asked.facts["options"] == {
        "arrives_on": "2026-11-27",
        "parcels": 1,
        "stores": [{"code": "koeln", "name": "Köln", "ready_at": "2026-11-25T13:00:00+00:00"}],
        "refund_minor": 2 * HOOK_MINOR,
    }
    (letter,) = rows(Message, kind="collect_question")
    assert "Abholen in Köln" in letter.body_text
    assert "Schicken: da am Freitag, 27.11." in letter.body_text
    assert "Stornieren: 9,80" in letter.body_text
    assert noted(ref)[-2:] == ["collect_asked", "collect_question_told"]


def test_goods_that_are_missing_are_asked_about_too(ref, settle_events):
    first = job_at(ref, "bonn")
    floor.start(first, BONN)
    floor.scan(first, HOOK, BONN)
    floor.short_pick(first, HOOK, BONN)
    settle_events()
    assert parts(ref) == {"bonn": [(HOOK, 1)]}
    asked = question(ref)
    assert (asked.reason, asked.facts["lines"][0]["quantity"]) == ("short_pick", 1)
    # One unit waits in the store: nobody is sent to two stores.
    assert asked.facts["options"]["stores"] == []
    collect_answers.answer(ref, "parcel", by="customer")
    settle_events()
    assert parts(ref) == {"bonn": [(HOOK, 1)], "lager": [(HOOK, 1)]}
    assert order_of(ref).collect_at == "bonn"
    assert job(job_at(ref, "lager")).kind == "parcel"


def test_a_till_sale_that_eats_a_collection_asks_its_customer(settle_events):
    small_shop.build({("bonn", HOOK): 2, ("lager", HOOK): 9})
    ref = paid(settle_events, (HOOK, 2), collect_at="bonn")
    with transaction() as session:
        counter_sales.sell(
            session,
            location="bonn",
            lines=[(HOOK, 1)],
            document="bonn-1-000001",
            actor="till bonn-1",
            key="sale/1",
        )
    settle_events()
    assert question(ref).reason == "till_sale"
    assert parts(ref) == {"bonn": [(HOOK, 1)]}


def test_the_answer_parcel_sends_it_at_our_cost(ref, settle_events):
    floor.refuse(job_at(ref, "bonn"), BONN, reason="no_time")
    settle_events()
    collect_answers.answer(ref, "parcel", by="customer")
    settle_events()
    order = order_of(ref)
    assert (order.collect_at, order.shipping_minor, order.promised_on) == (None, 0, FRIDAY)
    assert parts(ref) == {"lager": [(HOOK, 2)]}
    assert books()["bonn", HOOK] == (5, 0, 0, 0)
    assert (question(ref).answer, question(ref).answered_by) == ("parcel", "customer")
    before = standing()
    with pytest.raises(Refused, match="question_answered"):
        collect_answers.answer(ref, "cancel", by="customer")
    with pytest.raises(Invalid, match="answer"):
        collect_answers.answer(ref, "whatever", by="customer")
    assert moved(before) == set()


def test_the_answer_of_another_store_opens_its_work(ref, settle_events):
    floor.refuse(job_at(ref, "bonn"), BONN, reason="damaged")
    settle_events()
    assert books()["bonn", HOOK] == (5, 2, 0, 0)
    collect_answers.answer(ref, "store:koeln", by="customer")
    settle_events()
    assert parts(ref) == {"koeln": [(HOOK, 2)]}
    there = job(job_at(ref, "koeln"))
    assert (there.kind, order_of(ref).collect_at) == ("collect", "koeln")
    floor.start(there.id, KOELN)
    floor.pick_all(there.id, KOELN)
    floor.pack(there.id, KOELN)
    floor.hand_over(there.id, KOELN)
    settle_events()
    assert order_of(ref).state == "completed"


def test_the_answer_cancel_pays_back_what_is_concerned(settle_events):
    small_shop.build(STOCK)
    ref = paid(settle_events, (HOOK, 2), (LURE, 1), collect_at="bonn")
    hooks = next(line.id for line in lines_of(ref) if line.sku == HOOK)
    floor.refuse(job_at(ref, "bonn"), BONN, reason="damaged", line_ids=[hooks])
    settle_events()
    collect_answers.answer(ref, "cancel", by="customer")
    settle_events()
    assert refunds_of(ref) == [("customer_cancelled", 2 * HOOK_MINOR)]
    assert parts(ref) == {"bonn": [(LURE, 1)]}
    assert {line.sku: line.cancelled for line in lines_of(ref)} == {HOOK: 2, LURE: 0}
    assert order_of(ref).total_minor - 2 * HOOK_MINOR == LURE_MINOR


def test_an_option_that_is_gone_is_refused_and_nothing_moves(ref, settle_events):
    floor.refuse(job_at(ref, "bonn"), BONN, reason="no_time")
    settle_events()
    paid(settle_events, (HOOK, 2), collect_at="koeln")
    paid(settle_events, (HOOK, 9))
    before = standing()
    for chosen in ("store:koeln", "store:mars", "parcel"):
        with pytest.raises(Refused, match="option_gone"):
            collect_answers.answer(ref, chosen, by="customer")
    assert moved(before) == set()
    assert books()["bonn", HOOK] == (5, 0, 0, 2)


def test_nobody_answers_one_reminder_and_nothing_is_assumed(ref, settle_events):
    floor.refuse(job_at(ref, "bonn"), BONN, reason="no_time")
    settle_events()
    with clock.frozen(WEDNESDAY + timedelta(hours=23)):
        before = standing()
        watch.tend()
        assert moved(before) == set()
    with clock.frozen(WEDNESDAY + timedelta(hours=25)):
        watch.tend()
        settle_events()
        assert kinds(ref).count("collect_question") == 2
        again = rows(Message, kind="collect_question")[-1]
        assert again.subject.startswith("Noch offen")
        before = standing()
        watch.tend()
        assert moved(before) == set()
    with clock.frozen(WEDNESDAY + timedelta(hours=49)):
        watch.tend()
        asked = question(ref)
        assert asked.deadline_at <= clock.now()
        assert (asked.answered_at, order_of(ref).state) == (None, "confirmed")
        assert books()["bonn", HOOK] == (5, 0, 0, 2)


def test_who_prefers_calls_is_called_with_the_choices(settle_events):
    small_shop.build(STOCK)
    ref = paid(
        settle_events, (HOOK, 1), collect_at="bonn", contact_by="call", phone="+4926114710777"
    )
    floor.refuse(job_at(ref, "bonn"), BONN, reason="no_time")
    settle_events()
    (task,) = rows(CallTask)
    assert (task.location, task.kind) == ("bonn", "collect_question")
    assert task.facts["options"]["arrives_on"] == "2026-11-27"
