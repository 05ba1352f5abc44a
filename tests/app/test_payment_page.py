"""One order, one payment page: opened once, closed before its stock is freed, settled once."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.payments.gateway import OutcomeUnknown
from app.payments.stripe_gateway import gateway
from app.sales import terms
from app.workflows import checkout, lapsing
from kit import clock
from kit.database import reading, transaction
from kit.errors import NotFound, Refused
from tests import small_shop
from tests.local import stripe_bench
from tests.small_shop import LURE, LURE_MINOR, WEDNESDAY
from tests.standing import moved, snapshot
from tests.web import payment_bench as bench
from tests.web.payment_bench import PAGES, Stripe

pytestmark = pytest.mark.usefixtures("app", "wednesday", "sound")

TOTAL = 2 * LURE_MINOR + 490
TOO_LATE = WEDNESDAY + timedelta(minutes=15, seconds=1)


@pytest.fixture
def double(stripe_double):
    return Stripe(stripe_double)


@pytest.fixture
def ref():
    """An order of two lures whose payment page has not been opened yet."""
    small_shop.build({("lager", LURE): 24})
    return bench.ordered((LURE, 2), open_page=False)


def books():
    with reading() as session:
        return small_shop.books(session)


def lapse():
    with clock.frozen(TOO_LATE):
        return lapsing.lapse_due()


def events_named(name):
    with reading() as session:
        query = text("SELECT count(*) FROM outbox_events WHERE name = :name")
        return session.scalar(query, {"name": name})


def test_the_page_asks_for_exactly_what_was_agreed(ref, double):
    url = checkout.open_payment(ref, **PAGES)
    payment = bench.payment_of(ref)
    page = double.session(payment.provider_session)
    assert (payment.state, payment.page_url, page["url"]) == ("open", url, url)
    assert (page["amount_total"], page["currency"], page["status"]) == (TOTAL, "eur", "open")
    assert page["client_reference_id"] == str(payment.id)
    assert page["metadata"] == {"order_ref": ref, "payment_ref": str(payment.id)}
    assert (page["success_url"], page["cancel_url"]) == (PAGES["return_url"], PAGES["cancel_url"])


def test_asking_twice_is_the_same_page(ref):
    first = checkout.open_payment(ref, **PAGES)
    before = snapshot()
    assert checkout.open_payment(ref, **PAGES) == first
    assert moved(before) == set()


@pytest.mark.race
def test_asking_twice_at_the_same_moment_is_the_same_page(ref):
    start = threading.Barrier(2)

    def ask(_):
        start.wait(20)
        with clock.frozen(WEDNESDAY):
            return checkout.open_payment(ref, **PAGES)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(ask, range(2))
    assert first == second == bench.payment_of(ref).page_url


def test_opening_the_page_gives_the_full_time_to_pay(ref):
    with clock.frozen(WEDNESDAY + timedelta(minutes=10)):
        checkout.open_payment(ref, **PAGES)
    with reading() as session:
        deadlines = session.execute(
            text(
                "SELECT pay_by_at, expires_at FROM orders"
                " JOIN stock_reservations ON order_ref = orders.ref"
            )
        ).all()
    to_pay = WEDNESDAY + timedelta(minutes=25)
    assert deadlines == [(to_pay, to_pay + terms.HOLD_BEYOND)]
    with clock.frozen(TOO_LATE):
        assert lapsing.lapse_due() == 0


def test_a_lost_answer_is_asked_for_again_and_there_is_one_page(ref, double):
    double.fault("error", path="/v1/checkout/sessions", status=503, times=10)
    with pytest.raises(OutcomeUnknown):
        checkout.open_payment(ref, **PAGES)
    payment = bench.payment_of(ref)
    assert (payment.state, payment.page_url, payment.provider_session) == ("intended", None, None)
    assert bench.state_of(ref) == "placed"
    clear_faults(double)
    url = checkout.open_payment(ref, **PAGES)
    assert checkout.open_payment(ref, **PAGES) == url
    bench.pay(ref)
    assert checkout.settle_session(bench.payment_of(ref).provider_session) == ref
    assert bench.state_of(ref) == "confirmed"


def clear_faults(double):
    import requests

    assert requests.delete(f"{double.url}/_double/faults", timeout=15).status_code == 200


@pytest.mark.parametrize("state", ["confirmed", "lapsed", "cancelled"])
def test_what_is_not_waiting_for_money_has_no_page(ref, state):
    if state == "confirmed":
        checkout.settle(str(bench.payment_of(ref).id), TOTAL, "pi_1")
    elif state == "lapsed":
        assert lapse() == 1
    else:
        with transaction() as session:
            session.execute(text("UPDATE orders SET state = 'cancelled'"))
    before = snapshot()
    with pytest.raises(Refused) as refusal:
        checkout.open_payment(ref, **PAGES)
    assert (refusal.value.code, refusal.value.facts["state"]) == ("order_state", state)
    assert moved(before) == set()
    if state == "cancelled":
        with transaction() as session:
            session.execute(text("UPDATE orders SET state = 'placed'"))


def test_the_return_page_settles_before_any_webhook(ref, double):
    checkout.open_payment(ref, **PAGES)
    bench.pay(ref)
    session_id = bench.payment_of(ref).provider_session
    assert [checkout.settle_session(session_id) for _ in range(3)] == [ref] * 3
    assert bench.state_of(ref) == "confirmed"
    assert books() == {("lager", LURE): (24, 0, 0, 2)}
    assert events_named("OrderConfirmed") == 1


@pytest.mark.parametrize("card", [stripe_bench.DECLINED, stripe_bench.INSUFFICIENT])
def test_a_declined_card_confirms_nothing(ref, card):
    checkout.open_payment(ref, **PAGES)
    stripe_bench.pay(bench.payment_of(ref).page_url, card)
    before = snapshot()
    assert checkout.settle_session(bench.payment_of(ref).provider_session) == ref
    assert moved(before) == set()
    assert bench.state_of(ref) == "placed"


def test_a_page_that_is_none_of_ours_settles_nothing(ref):
    opened = gateway().open_checkout(
        payment_ref="somebody-elses", order_ref="X-1", lines=[("Haken", 649, 1)],
        shipping_minor=0, total_minor=649, currency="EUR", customer_email=None,
        success_url="http://shop.test/", cancel_url="http://shop.test/", expires_at=None,
        idempotency_key=f"another shop/{ref}", locale="de",
    )  # fmt: skip
    stripe_bench.pay(opened.url)
    before = snapshot()
    assert checkout.settle_session(opened.session_id) is None
    assert moved(before) == set()


def test_an_unknown_payment_settles_nothing(ref):
    before = snapshot()
    with pytest.raises(NotFound):
        checkout.settle("pay-1", TOTAL, "pi_1")
    assert moved(before) == set()


@pytest.mark.parametrize("captured", [0, TOTAL - 1, TOTAL + 1])
def test_another_sum_than_asked_is_not_booked(ref, captured):
    before = snapshot()
    with pytest.raises(Refused, match="amount_differs"):
        checkout.settle(str(bench.payment_of(ref).id), captured, "pi_1")
    assert moved(before) == set()


def test_an_unpaid_order_lapses_with_its_page_closed_and_its_stock_free(ref, double):
    checkout.open_payment(ref, **PAGES)
    assert lapsing.lapse_due() == 0
    assert lapse() == 1
    payment = bench.payment_of(ref)
    assert (bench.state_of(ref), payment.state) == ("lapsed", "expired")
    assert double.session(payment.provider_session)["status"] == "expired"
    assert books() == {("lager", LURE): (24, 0, 0, 0)}
    assert events_named("OrderLapsed") == 1
    before = snapshot()
    assert lapse() == 0
    assert moved(before) == set()


def test_an_order_whose_page_was_never_opened_lapses_too(ref):
    assert lapse() == 1
    assert (bench.state_of(ref), bench.payment_of(ref).state) == ("lapsed", "expired")
    assert books() == {("lager", LURE): (24, 0, 0, 0)}


def test_money_that_came_unseen_settles_the_order_instead(ref, double):
    checkout.open_payment(ref, **PAGES)
    bench.pay(ref)
    assert lapse() == 0
    assert (bench.state_of(ref), bench.payment_of(ref).state) == ("confirmed", "captured")
    assert books() == {("lager", LURE): (24, 0, 0, 2)}
    assert (events_named("OrderLapsed"), events_named("OrderConfirmed")) == (0, 1)


def test_without_an_answer_the_order_and_its_stock_stay(ref, double):
    checkout.open_payment(ref, **PAGES)
    session_id = bench.payment_of(ref).provider_session
    double.fault("error", path=f"/v1/checkout/sessions/{session_id}/expire", status=503, times=10)
    before = snapshot()
    assert lapse() == 0
    assert moved(before) == set()
    clear_faults(double)
    assert lapse() == 1
    assert books() == {("lager", LURE): (24, 0, 0, 0)}


def test_one_order_that_cannot_be_closed_does_not_hold_up_the_others(ref, caplog):
    checkout.open_payment(ref, **PAGES)
    with transaction() as session:
        session.execute(text("UPDATE payments SET provider_session = 'cs_test_nobody_knows'"))
    later = [bench.ordered((LURE, 1), open_page=False) for _ in range(2)]
    with caplog.at_level(logging.ERROR):
        assert lapse() == 2
    assert [bench.state_of(each) for each in (ref, *later)] == ["placed", "lapsed", "lapsed"]
    assert [record.getMessage() for record in caplog.records] == [
        f"order {ref} could not be closed"
    ]
    assert books() == {("lager", LURE): (24, 0, 2, 0)}
