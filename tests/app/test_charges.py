"""Payments and refunds as rows: every cent once, in whatever order the news arrives."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.events import RefundIntended
from app.payments import charges, paybacks
from app.workflows import refunds
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from tests import small_shop
from tests.small_shop import LURE, LURE_MINOR, WEDNESDAY
from tests.standing import moved, snapshot
from tests.web import payment_bench as bench
from tests.web.payment_bench import Stripe

pytestmark = pytest.mark.usefixtures("app", "wednesday", "sound")

PAID = 2 * LURE_MINOR + 490


@pytest.fixture
def double(stripe_double):
    return Stripe(stripe_double)


@pytest.fixture
def ref(double):
    """An order of two lures, paid at the provider and confirmed."""
    from app.workflows import checkout

    small_shop.build({("lager", LURE): 24})
    ref = bench.ordered((LURE, 2))
    bench.pay(ref)
    checkout.settle_session(bench.payment_of(ref).provider_session)
    return ref


def intend(ref, amount_minor, key):
    with transaction() as session:
        payment = charges.of_order(session, ref)
        return paybacks.intend(session, payment, amount_minor, cause="goodwill", key=f"{ref}/{key}")


def carry_out(refund):
    refunds.carry_out(RefundIntended(refund_id=str(refund.id)))


def figures(ref):
    """Return captured, refunded, and the state and sum of each refund."""
    payment = bench.payment_of(ref)
    with reading() as session:
        query = text("SELECT state, amount_minor FROM refunds ORDER BY created_at, key")
        rows = [tuple(row) for row in session.execute(query)]
    return payment.captured_minor, payment.refunded_minor, rows


def sent(double, ref):
    return sorted(
        refund["amount"]
        for refund in double.refunds(bench.payment_of(ref).provider_intent)
        if refund["status"] == "succeeded"
    )


def test_a_refund_is_promised_first_and_sent_afterwards_once(ref, double):
    refund = intend(ref, 690, "a")
    assert intend(ref, 690, "a").id == refund.id
    assert figures(ref) == (PAID, 690, [("intended", 690)])
    assert sent(double, ref) == []
    for _ in range(3):
        carry_out(refund)
    assert figures(ref) == (PAID, 690, [("succeeded", 690)])
    assert sent(double, ref) == [690]


def test_two_causes_are_two_refunds_up_to_what_was_paid(ref, double):
    for amount, key in ((690, "a"), (PAID - 690, "b")):
        carry_out(intend(ref, amount, key))
    assert sent(double, ref) == [690, PAID - 690]
    before = snapshot()
    with pytest.raises(Refused) as refusal:
        intend(ref, 1, "c")
    assert refusal.value.facts == {"asked": 1, "left": 0}
    assert moved(before) == set()


@pytest.mark.race
def test_refunds_at_the_same_moment_never_exceed_what_was_paid(ref):
    start = threading.Barrier(4)

    def ask(key):
        start.wait(20)
        with clock.frozen(WEDNESDAY):
            try:
                return intend(ref, 600, key).amount_minor
            except Refused as refusal:
                return refusal.code

    with ThreadPoolExecutor(4) as threads:
        answers = sorted(map(str, threads.map(ask, "abcd")))
    assert answers == ["600", "600", "600", "refund_too_large"]
    assert figures(ref)[:2] == (PAID, 1800)


def test_a_provider_that_is_down_is_asked_again_and_pays_once(ref, double):
    import requests

    refund = intend(ref, 690, "a")
    double.fault("lose_reply", path="/v1/refunds", times=10)
    with pytest.raises(Exception, match="outcome_unknown"):
        carry_out(refund)
    assert figures(ref) == (PAID, 690, [("intended", 690)])
    requests.delete(f"{double.url}/_double/faults", timeout=15)
    carry_out(refund)
    assert figures(ref) == (PAID, 690, [("succeeded", 690)])
    assert sent(double, ref) == [690]


def test_a_refused_refund_frees_its_sum_for_another_way(ref):
    with transaction() as session:
        session.execute(text("UPDATE payments SET provider_intent = 'pi_nobody_knows'"))
    refund = intend(ref, 690, "a")
    carry_out(refund)
    assert figures(ref) == (PAID, 0, [("failed", 690)])
    with transaction() as session:
        assert paybacks.failed(session, refund.id) is False
    assert figures(ref) == (PAID, 0, [("failed", 690)])


def test_cash_goes_back_over_the_counter_and_asks_nobody(ref):
    with transaction() as session:
        session.execute(text("UPDATE payments SET method = 'cash'"))
    refund = intend(ref, 690, "a")
    assert refund.state == "succeeded"
    with reading() as session:
        query = text("SELECT count(*) FROM outbox_events WHERE name = 'RefundIntended'")
        assert session.scalar(query) == 0
    assert figures(ref) == (PAID, 690, [("succeeded", 690)])


def test_a_payment_is_found_by_its_own_names_only(ref):
    payment = bench.payment_of(ref)
    with reading() as session:
        assert charges.by_id(session, str(payment.id)).order_ref == ref
        assert charges.by_session(session, payment.provider_session).id == payment.id
        assert charges.by_session(session, "cs_test_none") is None
        assert [row.id for row in charges.all_of_order(session, ref)] == [payment.id]
        for wrong in ("", "x", str(uuid.uuid4()), ref):
            with pytest.raises(NotFound, match="payment"):
                charges.by_id(session, wrong)
        with pytest.raises(NotFound, match="payment"):
            charges.of_order(session, "K-NOBODY")


def test_a_captured_payment_can_neither_expire_nor_open_again(ref):
    payment = bench.payment_of(ref)
    before = snapshot()
    with transaction() as session:
        charges.expire(session, payment.id)
    with transaction() as session:
        row = charges.by_id(session, str(payment.id), lock=True)
        with pytest.raises(Refused, match="payment_state"):
            charges.capture(session, row, PAID, "pi_2")
        session.rollback()
    assert moved(before) == set()


def test_a_page_that_opened_late_does_not_unpay_a_payment(ref):
    payment = bench.payment_of(ref)
    with transaction() as session:
        charges.opened(session, payment.id, "cs_test_late", "http://late.test/")
    assert bench.payment_of(ref).state == "captured"


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_or_less_is_no_refund(ref, amount):
    before = snapshot()
    with pytest.raises(Invalid, match="refund_amount"):
        intend(ref, amount, "a")
    assert moved(before) == set()
