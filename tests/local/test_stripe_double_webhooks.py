"""The double's webhooks: signed as documented, retried, and made to misbehave on order."""

import itertools
import time

import psutil
import pytest
import requests
import stripe

from tests.local import stripe_bench as bench


@pytest.fixture
def double():
    with bench.running("--seed", "7") as made:
        yield made


def charge(double, amount=500):
    return double.client().v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "eur",
            "payment_method_types": ["card"],
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )


def construct(item, secret=bench.SECRET):
    return stripe.Webhook.construct_event(item.body, item.signature, secret)


def test_an_event_is_signed_as_documented_and_can_be_fetched(double):
    intent = charge(double)
    item = double.receiver.wait_for("payment_intent.succeeded")[0]
    event = construct(item)
    assert event.data.object.id == intent.id
    assert event.request.idempotency_key
    assert double.client().v1.events.retrieve(event.id).type == "payment_intent.succeeded"
    with pytest.raises(stripe.SignatureVerificationError):
        construct(item, "whsec_of_somebody_else")
    stamp = int(item.signature.partition(",")[0].removeprefix("t="))
    assert abs(stamp - time.time()) < 5


@pytest.mark.slow
def test_a_failing_shop_gets_the_event_again_with_a_new_signature(double):
    statuses = [500, 302]

    def judge(body, signature):
        failing = b"payment_intent.created" in body and statuses
        return statuses.pop(0) if failing else 200

    double.receiver.judge = judge
    charge(double)
    first = double.receiver.wait_for("payment_intent.created", 3)
    assert len({item.body for item in first}) == 1
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(first)]
    assert 0.9 < gaps[0] < 1.9
    assert 1.9 < gaps[1] < 3.5
    assert len({item.signature for item in first}) == 3
    for item in first:
        construct(item)
    bench.until(lambda: double.webhooks()["waiting"] == 0, 3, lambda: "the queue to empty")
    log = [
        row for row in double.webhooks()["deliveries"] if row["type"] == "payment_intent.created"
    ]
    assert [(row["attempts"], row["state"], row["last_status"]) for row in log] == [
        (3, "delivered", 200)
    ]


def test_a_shop_that_is_down_gets_everything_later(tmp_path):
    with bench.receiving() as receiver:
        data = str(tmp_path / "double.db")
        double = bench.start(receiver, "--data", data)
        double.control("webhooks", hold=True)
        intent = charge(double)
        double.stop()
        assert receiver.received == []
        double = bench.start(receiver, "--data", data)
        try:
            item = receiver.wait_for("payment_intent.succeeded")[0]
            assert item.event["data"]["object"]["id"] == intent.id
        finally:
            double.stop()


def test_events_can_be_delayed(double):
    double.control("webhooks", delay=0.6)
    asked = time.time()
    charge(double)
    item = double.receiver.wait_for("payment_intent.succeeded")[0]
    assert 0.6 <= item.at - asked < 3


def test_events_can_be_doubled(double):
    double.control("webhooks", duplicate=1.0)
    charge(double)
    bench.until(lambda: double.webhooks()["waiting"] == 0, 5, lambda: "the queue to empty")
    ids = [item.event["id"] for item in double.receiver.received]
    counts = sorted(ids.count(event) for event in set(ids))
    assert len(counts) == 3
    assert all(2 <= count <= 5 for count in counts)


def test_events_can_be_shuffled(double):
    double.control("webhooks", reorder=0.8, seed=11)
    for amount in (501, 502, 503):
        charge(double, amount)
    bench.until(lambda: len(double.receiver.received) == 9, 6, lambda: "nine events")
    received = [item.event for item in double.receiver.received]
    kinds = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    sent = [(amount, kind) for amount in (501, 502, 503) for kind in kinds]
    arrived = [(event["data"]["object"]["amount"], event["type"]) for event in received]
    assert sorted(arrived) == sorted(sent)
    assert arrived != sent


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        ("wrong_secret", 400),
        ("unsigned", 400),
        ("old_timestamp", 400),
        ("altered_body", 400),
        ("genuine", 200),
    ],
)
def test_forged_events_can_be_sent(double, mode, status):
    def judge(body, signature):
        try:
            stripe.Webhook.construct_event(body, signature, bench.SECRET)
        except stripe.SignatureVerificationError:
            return 400
        return 200

    double.receiver.judge = judge
    assert double.control("webhooks/forge", mode=mode) == {"mode": mode, "status": status}
    assert double.receiver.types() == ["checkout.session.completed"]


def test_an_event_can_be_sent_again(double):
    charge(double)
    event = double.receiver.wait_for("payment_intent.succeeded")[0].event
    double.control("webhooks/resend", event=event["id"], copies=3)
    again = double.receiver.wait_for("payment_intent.succeeded", 4)
    assert [item.event["id"] for item in again] == [event["id"]] * 4


def test_an_endpoint_made_over_the_api_gets_what_it_asked_for(double):
    client = double.client()
    with bench.receiving() as other:
        endpoint = client.v1.webhook_endpoints.create(
            {"url": other.url, "enabled_events": ["refund.created"]}
        )
        intent = charge(double)
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 120})
        item = other.wait_for("refund.created")[0]
        assert other.types() == ["refund.created"]
        assert construct(item, endpoint.secret).data.object.amount == 120
        assert "secret" not in client.v1.webhook_endpoints.retrieve(endpoint.id)
        client.v1.webhook_endpoints.delete(endpoint.id)
    refunded = double.receiver.wait_for("charge.refunded")[0].event["data"]["object"]
    assert (refunded["amount_refunded"], refunded["refunded"]) == (120, False)


@pytest.mark.parametrize(
    ("order", "values"),
    [
        ("webhooks", {"duplicate": 2}),
        ("webhooks", {"colour": "green"}),
        ("faults", {"kind": "nonsense"}),
        ("faults", {"kind": "hang", "seconds": 1000}),
        ("webhooks/forge", {"mode": "nonsense"}),
        ("webhooks/resend", {}),
    ],
)
def test_an_order_that_makes_no_sense_changes_nothing(double, order, values):
    before = requests.get(f"{double.url}/_double/", timeout=5).json()
    reply = requests.post(f"{double.url}/_double/{order}", json=values, timeout=5)
    assert reply.status_code == 400
    assert requests.get(f"{double.url}/_double/", timeout=5).json() == before


def test_the_double_is_small(double):
    assert psutil.Process(double.process.pid).memory_info().rss < 70_000_000
