"""The gateway reads webhooks: genuine ones in our words, anything else not at all."""

import json
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import stripe

from app.payments.stripe_gateway import StripeGateway
from kit import clock
from kit.errors import Forbidden
from tests.local import stripe_bench as bench


@pytest.fixture(scope="module")
def double():
    with bench.running() as made:
        yield made


@pytest.fixture
def gateway(double):
    double.receiver.received.clear()
    return StripeGateway(api_key=bench.KEY, webhook_secret=bench.SECRET, api_base=double.url)


def opened(gateway):
    return gateway.open_checkout(
        payment_ref="pay-1",
        order_ref="A-1001",
        lines=[("Haken", 649, 2)],
        shipping_minor=490,
        total_minor=1788,
        currency="EUR",
        customer_email="klaus@example.org",
        success_url="https://shop.example/danke",
        cancel_url="https://shop.example/korb",
        expires_at=None,
        idempotency_key=f"checkout/{uuid4()}",
        locale="de",
    )


def read(gateway, double, kind):
    item = double.receiver.wait_for(kind)[0]
    return gateway.verify_webhook(item.body, item.signature)


def test_a_payment_is_told_with_our_reference(double, gateway):
    page = opened(gateway)
    bench.pay(page.url)
    event = read(gateway, double, "checkout.session.completed")
    assert event.session_id == page.session_id
    assert (event.payment_ref, event.order_ref) == ("pay-1", "A-1001")
    assert (event.amount_minor, event.currency) == (1788, "EUR")
    assert (event.status, event.payment_status) == ("complete", "paid")
    assert event.payment_intent == gateway.fetch_checkout(page.session_id).payment_intent
    assert abs(event.created_at - datetime.now(UTC)) < timedelta(seconds=30)
    paid = read(gateway, double, "payment_intent.succeeded")
    assert (paid.payment_intent, paid.payment_ref) == (event.payment_intent, "pay-1")
    assert (paid.amount_minor, paid.session_id) == (1788, None)


def test_a_decline_and_an_expiry_are_told(double, gateway):
    page = opened(gateway)
    bench.pay(page.url, bench.DECLINED)
    failed = read(gateway, double, "payment_intent.payment_failed")
    assert (failed.payment_ref, failed.status) == ("pay-1", "requires_payment_method")
    gateway.expire_checkout(page.session_id)
    expired = read(gateway, double, "checkout.session.expired")
    assert (expired.session_id, expired.payment_status) == (page.session_id, "unpaid")
    assert read(gateway, double, "payment_intent.canceled").payment_ref == "pay-1"


def test_a_refund_is_told_in_part_and_in_sum(double, gateway):
    page = opened(gateway)
    bench.pay(page.url)
    intent = gateway.fetch_checkout(page.session_id).payment_intent
    made = gateway.refund(intent, 600, f"refund/{uuid4()}")
    event = read(gateway, double, "refund.created")
    assert (event.refund_id, event.payment_intent) == (made.refund_id, intent)
    assert (event.amount_minor, event.status) == (600, "succeeded")
    charge = read(gateway, double, "charge.refunded")
    assert (charge.amount_minor, charge.payment_ref, charge.refund_id) == (600, "pay-1", None)


def test_a_refund_that_the_bank_sends_back_is_told(double, gateway):
    page = opened(gateway)
    bench.pay(page.url)
    intent = gateway.fetch_checkout(page.session_id).payment_intent
    made = gateway.refund(intent, 1788, f"refund/{uuid4()}")
    double.control(f"refunds/{made.refund_id}/fail")
    event = read(gateway, double, "refund.failed")
    assert (event.refund_id, event.amount_minor, event.status) == (made.refund_id, 1788, "failed")
    assert gateway.refund(intent, 1788, f"refund/{uuid4()}").status == "succeeded"


def test_signatures_use_real_time_whatever_the_shops_clock_says(double, gateway):
    bench.pay(opened(gateway).url)
    with clock.frozen(datetime(2031, 5, 15, 10, 30, tzinfo=UTC)):
        assert read(gateway, double, "checkout.session.completed").payment_ref == "pay-1"


BODY = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "created": 1,
        "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
    }
)


def signed(body=BODY, secret=bench.SECRET, age=0):
    return stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age)


def test_a_genuine_event_with_few_facts_is_read(gateway):
    event = gateway.verify_webhook(BODY.encode(), signed())
    assert (event.id, event.session_id, event.payment_ref) == ("evt_1", "cs_test_1", None)


@pytest.mark.parametrize(
    "signature",
    [None, "", "nonsense", "t=abc,v1=abc", "t=1"],
)
def test_a_header_that_is_none_is_forbidden(gateway, signature):
    with pytest.raises(Forbidden) as error:
        gateway.verify_webhook(BODY.encode(), signature)
    assert error.value.code == "webhook_signature"


@pytest.mark.parametrize(
    "how",
    [{"secret": "whsec_of_somebody_else"}, {"age": 301}, {"body": BODY.replace("evt_1", "evt_2")}],
    ids=["wrong secret", "too old", "altered"],
)
def test_a_forged_old_or_altered_event_is_forbidden(gateway, how):
    with pytest.raises(Forbidden) as error:
        gateway.verify_webhook(BODY.encode(), signed(**how))
    assert error.value.code == "webhook_signature"


def test_only_the_current_scheme_counts(gateway):
    with pytest.raises(Forbidden):
        gateway.verify_webhook(BODY.encode(), signed().replace("v1=", "v0="))


@pytest.mark.parametrize("body", ["[]", "no json", '{"id": "evt_1"}', '{"data": 3}'])
def test_a_signed_body_that_is_no_event_is_forbidden(gateway, body):
    with pytest.raises(Forbidden):
        gateway.verify_webhook(body.encode(), signed(body))


def test_a_body_that_is_no_text_is_forbidden(gateway):
    with pytest.raises(Forbidden):
        gateway.verify_webhook(b"\xff\xfe", signed())


def test_without_a_secret_nothing_is_believed(double):
    gateway = StripeGateway(api_key=bench.KEY, webhook_secret="", api_base=double.url)
    with pytest.raises(Forbidden):
        gateway.verify_webhook(BODY.encode(), signed(secret=""))
