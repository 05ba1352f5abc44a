"""The gateway: what it opens, closes and sends back, against the double (and Stripe's sandbox)."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import requests
import stripe

from app.payments.gateway import OutcomeUnknown, line_of
from app.payments.stripe_gateway import StripeGateway, page_deadline
from kit import clock
from kit.errors import Invalid, Refused
from tests.local import stripe_bench as bench

# Later than Stripe's shortest life, so that each try means the same deadline.
FIXED = clock.now() + timedelta(hours=2)
LINES = [("Gummiköder Rheinshad 9 cm", 1299, 2), ("Haken 5/0", 649, 1)]


@pytest.fixture(scope="module")
def double():
    with bench.running() as made:
        yield made


@pytest.fixture
def gateway(double):
    requests.delete(f"{double.url}/_double/faults", timeout=5)
    return StripeGateway(api_key=bench.KEY, webhook_secret=bench.SECRET, api_base=double.url)


@pytest.fixture(params=bench.TARGETS)
def anywhere(request):
    """The gateway and the official client, on the double and, with a key, on Stripe itself."""
    if request.param == "double":
        double = request.getfixturevalue("double")
        return request.getfixturevalue("gateway"), double.client()
    gateway = StripeGateway(api_key=bench.REAL_KEY, webhook_secret=bench.SECRET)
    return gateway, stripe.StripeClient(bench.REAL_KEY)


def opening(**values):
    return {
        "payment_ref": "pay-1",
        "order_ref": "A-1001",
        "lines": LINES,
        "shipping_minor": 490,
        "total_minor": 3737,
        "currency": "EUR",
        "customer_email": "klaus@example.org",
        "success_url": "https://shop.example/danke?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/korb",
        "expires_at": clock.now() + timedelta(minutes=15),
        "idempotency_key": f"checkout/{uuid4()}",
        "locale": "de",
        **values,
    }


def sessions(double):
    return double.client().v1.checkout.sessions.list({"limit": 100}).data


def charged(client, amount=3737):
    intent = client.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "eur",
            "payment_method_types": ["card"],
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    return intent.id


def test_a_page_is_opened_over_exactly_the_total(anywhere):
    gateway, client = anywhere
    opened = gateway.open_checkout(**opening())
    assert opened.url.startswith("http")
    session = client.v1.checkout.sessions.retrieve(opened.session_id, {"expand": ["line_items"]})
    assert session.amount_total == 3737
    assert session.client_reference_id == "pay-1"
    assert session.metadata.to_dict() == {"payment_ref": "pay-1", "order_ref": "A-1001"}
    lines = [(item.description, item.amount_total) for item in session.line_items.data]
    assert sorted(lines) == [
        ("Gummiköder Rheinshad 9 cm", 2598),
        ("Haken 5/0", 649),
        ("Versand", 490),
    ]
    assert gateway.expire_checkout(opened.session_id) == "expired"


def test_a_payment_is_seen_with_its_reference_and_amount(double, gateway):
    opened = gateway.open_checkout(**opening())
    before = gateway.fetch_checkout(opened.session_id)
    assert (before.status, before.paid, before.payment_intent) == ("open", False, None)
    bench.pay(opened.url)
    after = gateway.fetch_checkout(opened.session_id)
    assert (after.status, after.payment_status, after.paid) == ("complete", "paid", True)
    assert (after.payment_ref, after.amount_minor, after.currency) == ("pay-1", 3737, "EUR")
    intent = double.client().v1.payment_intents.retrieve(after.payment_intent)
    assert intent.metadata["order_ref"] == "A-1001"


@pytest.mark.parametrize(
    "values",
    [
        {"total_minor": 3736},
        {"shipping_minor": 0},
        {"lines": [], "shipping_minor": 0, "total_minor": 0},
    ],
)
def test_a_sum_that_is_not_the_total_opens_nothing(double, gateway, values):
    before = len(sessions(double))
    with pytest.raises(Invalid) as error:
        gateway.open_checkout(**opening(**values))
    assert error.value.code == "checkout_total"
    assert len(sessions(double)) == before


def test_what_stripe_does_not_take_is_refused(double, gateway):
    before = len(sessions(double))
    with pytest.raises(Refused) as error:
        gateway.open_checkout(**opening(success_url="danke"))
    assert (error.value.code, error.value.facts["param"]) == ("url_invalid", "success_url")
    assert len(sessions(double)) == before


def test_discounted_lines_keep_the_total_to_the_cent(gateway):
    lines = [line_of("Haken", 1000, 3), line_of("Schnur", 1800, 2)]
    assert lines == [("3 × Haken", 1000, 1), ("Schnur", 900, 2)]
    opened = gateway.open_checkout(**opening(lines=lines, shipping_minor=0, total_minor=2800))
    assert gateway.fetch_checkout(opened.session_id).amount_minor == 2800


def test_more_lines_than_stripe_takes_become_one(double, gateway):
    lines = [(f"Haken {number}", 10, 1) for number in range(100)]
    opened = gateway.open_checkout(**opening(lines=lines, total_minor=1490))
    found = double.client().v1.checkout.sessions.line_items.list(opened.session_id)
    assert [(item.description, item.amount_total) for item in found.data] == [
        ("Bestellung A-1001", 1490)
    ]


def test_the_same_key_opens_one_page(double, gateway):
    before = len(sessions(double))
    asked = opening(expires_at=FIXED)
    assert gateway.open_checkout(**asked) == gateway.open_checkout(**asked)
    assert len(sessions(double)) == before + 1


def test_a_lost_reply_opens_one_page(double, gateway):
    before = len(sessions(double))
    double.fault("lose_reply", path="/v1/checkout/sessions")
    opened = gateway.open_checkout(**opening())
    assert gateway.fetch_checkout(opened.session_id).status == "open"
    assert len(sessions(double)) == before + 1


def test_a_500_that_repeats_does_not_block_the_payment(double, gateway):
    asked = opening(expires_at=FIXED)
    double.fault("error_kept", path="/v1/checkout/sessions")
    with pytest.raises(OutcomeUnknown) as error:
        gateway.open_checkout(**asked)
    assert error.value.facts["reason"] == "http_500"
    opened = gateway.open_checkout(**asked)
    assert gateway.fetch_checkout(opened.session_id).status == "open"
    assert gateway.open_checkout(**asked) == opened


def test_an_address_stripe_finds_odd_does_not_block_the_payment(double, gateway):
    opened = gateway.open_checkout(**opening(customer_email="klaus@home"))
    session = double.client().v1.checkout.sessions.retrieve(opened.session_id)
    assert (session.customer_email, session.amount_total) == (None, 3737)


@pytest.mark.parametrize(
    "shop_time",
    [
        datetime(2024, 5, 15, 10, 30, tzinfo=UTC),
        datetime(2031, 5, 15, 10, 30, tzinfo=UTC),
    ],
)
def test_a_moved_shop_clock_does_not_move_stripes_deadline(gateway, shop_time):
    with clock.frozen(shop_time):
        until = page_deadline(shop_time + timedelta(minutes=15))
        opened = gateway.open_checkout(**opening(expires_at=shop_time + timedelta(minutes=15)))
    assert 30 * 60 < until - time.time() <= 41 * 60
    assert gateway.fetch_checkout(opened.session_id).status == "open"


@pytest.mark.parametrize(
    ("minutes", "least", "most"),
    [(None, 31, 41), (-5, 31, 41), (15, 31, 41), (120, 120, 130), (9999, 1438, 1440)],
)
def test_a_page_lives_within_what_stripe_allows(minutes, least, most):
    wanted = None if minutes is None else clock.now() + timedelta(minutes=minutes)
    left = page_deadline(wanted) - time.time()
    assert least * 60 - 2 <= left <= most * 60


def test_expiring_tells_the_three_cases_apart(double, gateway):
    opened = gateway.open_checkout(**opening())
    assert gateway.expire_checkout(opened.session_id) == "expired"
    assert gateway.expire_checkout(opened.session_id) == "already_expired"
    assert bench.pay(opened.url).status_code == 410
    other = gateway.open_checkout(**opening())
    bench.pay(other.url)
    assert gateway.expire_checkout(other.session_id) == "already_paid"
    assert gateway.fetch_checkout(other.session_id).paid


def test_an_expiry_whose_reply_is_lost_is_not_taken_for_paid(double, gateway):
    opened = gateway.open_checkout(**opening())
    double.fault("lose_reply", path="/v1/checkout/sessions", times=1)
    assert gateway.expire_checkout(opened.session_id) in {"expired", "already_expired"}
    assert gateway.fetch_checkout(opened.session_id).status == "expired"


def test_an_unknown_page_is_refused(anywhere):
    gateway, _ = anywhere
    for ask in (gateway.expire_checkout, gateway.fetch_checkout):
        with pytest.raises(Refused) as error:
            ask("cs_test_nobody")
        assert error.value.code == "resource_missing"


def test_refunds_in_parts_up_to_what_was_paid(anywhere):
    gateway, client = anywhere
    intent = charged(client)
    first = gateway.refund(intent, 1299, f"refund/{uuid4()}")
    assert (first.payment_intent, first.amount_minor, first.status) == (intent, 1299, "succeeded")
    with pytest.raises(Refused) as error:
        gateway.refund(intent, 2439, f"refund/{uuid4()}")
    assert error.value.code == "refund_too_large"
    assert gateway.refund(intent, 2438, f"refund/{uuid4()}").amount_minor == 2438
    with pytest.raises(Refused) as error:
        gateway.refund(intent, 1, f"refund/{uuid4()}")
    assert error.value.code == "charge_already_refunded"
    charge = client.v1.charges.list({"payment_intent": intent}).data[0]
    assert charge.amount_refunded == 3737


def test_the_same_key_refunds_once(anywhere):
    gateway, client = anywhere
    intent = charged(client)
    key = f"refund/{uuid4()}"
    assert gateway.refund(intent, 500, key) == gateway.refund(intent, 500, key)
    assert client.v1.charges.list({"payment_intent": intent}).data[0].amount_refunded == 500


def test_a_refund_remembers_its_key_when_stripe_has_forgotten_it(double, gateway):
    client = double.client()
    intent = charged(client)
    key = f"refund/{uuid4()}"
    # A refund that carries our key but was made under another one, as after a day.
    client.v1.refunds.create(
        {"payment_intent": intent, "amount": 500, "metadata": {"refund_key": key}}
    )
    assert gateway.refund(intent, 500, key).amount_minor == 500
    assert client.v1.charges.list({"payment_intent": intent}).data[0].amount_refunded == 500


@pytest.mark.parametrize("fault", ["lose_reply", "error_kept", "hang"])
def test_a_refund_with_a_lost_answer_is_made_once(double, gateway, fault):
    intent = charged(double.client())
    key = f"refund/{uuid4()}"
    double.fault(fault, path="/v1/refunds", seconds=0.5)
    made = gateway.refund(intent, 700, key)
    assert made.amount_minor == 700
    assert gateway.refund(intent, 700, key) == made
    refunds = double.client().v1.refunds.list({"payment_intent": intent}).data
    assert [item.amount for item in refunds] == [700]


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_of_nothing_is_invalid(double, gateway, amount):
    intent = charged(double.client())
    with pytest.raises(Invalid) as error:
        gateway.refund(intent, amount, f"refund/{uuid4()}")
    assert error.value.code == "refund_amount"
    assert double.client().v1.refunds.list({"payment_intent": intent}).data == []


def test_a_payment_without_an_intent_has_nothing_to_refund(gateway):
    with pytest.raises(Refused) as error:
        gateway.refund("", 100, f"refund/{uuid4()}")
    assert error.value.code == "not_captured"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "error", "status": 500, "times": 2}, "http_500"),
        ({"kind": "error", "status": 503, "times": 2}, "http_503"),
        ({"kind": "drop", "times": 2}, "connection"),
    ],
)
def test_no_answer_is_an_unknown_outcome_not_a_refusal(double, gateway, fault, reason):
    before = len(sessions(double))
    asked = opening(expires_at=FIXED)
    double.fault(**fault)
    with pytest.raises(OutcomeUnknown) as error:
        gateway.open_checkout(**asked)
    assert error.value.facts["reason"] == reason
    assert not isinstance(error.value, Refused)
    assert len(sessions(double)) == before
    gateway.open_checkout(**asked)
    assert len(sessions(double)) == before + 1


@pytest.mark.slow
def test_a_hanging_provider_is_left_after_five_seconds(double, gateway):
    asked = opening(expires_at=FIXED)
    double.fault("hang", path="/v1/checkout/sessions", seconds=6)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown) as error:
        gateway.open_checkout(**asked)
    assert 4.0 < time.monotonic() - began < 5.5
    assert error.value.facts["reason"] == "timeout"
    time.sleep(1.7)
    # It was opened after all; the same key finds it.
    before = len(sessions(double))
    opened = gateway.open_checkout(**asked)
    assert opened.session_id in {item.id for item in sessions(double)}
    assert len(sessions(double)) == before


def test_a_provider_that_cannot_be_reached_is_an_unknown_outcome():
    gateway = StripeGateway(
        api_key=bench.KEY, webhook_secret=bench.SECRET, api_base="http://127.0.0.1:9"
    )
    with pytest.raises(OutcomeUnknown) as error:
        gateway.fetch_checkout("cs_test_x")
    assert error.value.facts["reason"] == "connection"


def test_a_rejected_key_is_an_unknown_outcome(double):
    gateway = StripeGateway(api_key="sk_wrong", webhook_secret=bench.SECRET, api_base=double.url)
    with pytest.raises(OutcomeUnknown) as error:
        gateway.fetch_checkout("cs_test_x")
    assert error.value.facts["reason"] == "key_rejected"


def test_a_live_key_never_goes_to_another_address(double):
    with pytest.raises(ValueError, match="live key"):
        StripeGateway(api_key="sk_live_x", webhook_secret="whsec_x", api_base=double.url)
