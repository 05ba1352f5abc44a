"""Card readers of the double: one action at a time, and every way it can end."""

import pytest
import stripe

from tests.local import stripe_bench as bench


@pytest.fixture(scope="module")
def double():
    with bench.running() as made:
        yield made


@pytest.fixture
def client(double):
    double.receiver.received.clear()
    return double.client()


@pytest.fixture
def reader(client):
    address = {"line1": "Rheinweg 1", "city": "Bonn", "postal_code": "53113", "country": "DE"}
    place = client.v1.terminal.locations.create({"display_name": "Bonn", "address": address})
    return client.v1.terminal.readers.create(
        {"registration_code": "simulated-wpe", "label": "Kasse 1", "location": place.id}
    )


def intent_for(client, **values):
    return client.v1.payment_intents.create(
        {"amount": 1999, "currency": "eur", "payment_method_types": ["card_present"], **values}
    )


def process(client, reader, intent):
    return client.v1.terminal.readers.process_payment_intent(
        reader.id, {"payment_intent": intent.id}
    )


def present(client, reader, number=None):
    card = {"card_present": {"number": number}} if number else {}
    return client.v1.test_helpers.terminal.readers.present_payment_method(
        reader.id, {"type": "card_present", **card}
    )


def test_a_card_is_presented_and_charged(double, client, reader):
    intent = intent_for(client)
    busy = process(client, reader, intent)
    assert (busy.action.status, busy.action.process_payment_intent.payment_intent) == (
        "in_progress",
        intent.id,
    )
    done = present(client, reader)
    assert done.action.status == "succeeded"
    paid = client.v1.payment_intents.retrieve(intent.id)
    assert (paid.status, paid.amount_received) == ("succeeded", 1999)
    double.receiver.wait_for("terminal.reader.action_succeeded")


def test_a_declined_card_leaves_the_intent_payable(double, client, reader):
    intent = intent_for(client)
    process(client, reader, intent)
    failed = present(client, reader, "4000000000000002")
    assert (failed.action.status, failed.action.failure_code) == ("failed", "card_declined")
    open_still = client.v1.payment_intents.retrieve(intent.id)
    assert (open_still.status, open_still.amount_received) == ("requires_payment_method", 0)
    double.receiver.wait_for("terminal.reader.action_failed")
    process(client, reader, intent)
    assert present(client, reader).action.status == "succeeded"


def test_a_reader_does_one_thing_at_a_time(client, reader):
    process(client, reader, intent_for(client))
    with pytest.raises(stripe.InvalidRequestError) as error:
        process(client, reader, intent_for(client))
    assert error.value.code == "terminal_reader_busy"
    assert client.v1.terminal.readers.cancel_action(reader.id).action is None
    assert process(client, reader, intent_for(client)).action.status == "in_progress"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("canceled", "customer_canceled"), ("timeout", "terminal_reader_timeout")],
)
def test_the_customer_cancels_or_nobody_comes(double, client, reader, outcome, code):
    intent = intent_for(client)
    process(client, reader, intent)
    ended = double.control(f"readers/{reader.id}/end", outcome=outcome)
    assert (ended["action"]["status"], ended["action"]["failure_code"]) == ("failed", code)
    assert client.v1.payment_intents.retrieve(intent.id).amount_received == 0
    double.receiver.wait_for("terminal.reader.action_failed")


def test_a_web_payment_does_not_go_to_a_reader(client, reader):
    intent = intent_for(client, payment_method_types=["card"])
    with pytest.raises(stripe.InvalidRequestError, match="card_present"):
        process(client, reader, intent)
    assert client.v1.terminal.readers.retrieve(reader.id).action is None
