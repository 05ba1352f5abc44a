"""PaymentIntents, refunds, keys and idempotency: on the double, and on Stripe's sandbox with a key.

Set STRIPE_API_KEY=sk_test_… to run the tests with `client` against Stripe itself.
"""

import threading
import uuid

import pytest
import requests
import stripe

from tests.local import stripe_bench as bench


@pytest.fixture(scope="module")
def double():
    with bench.running() as made:
        yield made


@pytest.fixture(params=bench.TARGETS)
def client(request):
    if request.param == "double":
        return request.getfixturevalue("double").client()
    return stripe.StripeClient(bench.REAL_KEY, max_network_retries=2)


@pytest.mark.skipif(
    "stripe" not in bench.TARGETS,
    reason="STRIPE_API_KEY=sk_test_… is not set: the double is not compared with Stripe itself",
)
def test_the_key_opens_stripes_sandbox():
    real = stripe.StripeClient(bench.REAL_KEY, max_network_retries=2)
    assert real.v1.payment_intents.list({"limit": 1}).url == "/v1/payment_intents"


def paid(client, amount=5445, card="pm_card_visa", **values):
    return client.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "eur",
            "payment_method_types": ["card"],
            "payment_method": card,
            "confirm": True,
            **values,
        }
    )


def key():
    return {"idempotency_key": f"kontor-test-{uuid.uuid4()}"}


def test_an_intent_is_confirmed_and_charged_in_full(client):
    made = client.v1.payment_intents.create(
        {"amount": 5445, "currency": "eur", "payment_method_types": ["card"]}
    )
    assert (made.status, made.amount_received) == ("requires_payment_method", 0)
    done = client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})
    assert (done.status, done.amount_received, done.amount_capturable) == ("succeeded", 5445, 0)
    charge = client.v1.charges.retrieve(done.latest_charge)
    assert (charge.amount_captured, charge.captured, charge.refunded) == (5445, True, False)


@pytest.mark.parametrize(
    ("card", "decline"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_decline_is_a_card_error_with_its_reason(client, card, decline):
    with pytest.raises(stripe.CardError) as error:
        paid(client, card=card)
    assert error.value.http_status == 402
    assert (error.value.code, error.value.error.decline_code) == ("card_declined", decline)
    intent = client.v1.payment_intents.retrieve(error.value.error.payment_intent.id)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)


def test_a_card_with_authentication_waits_for_the_bank(client):
    asked = paid(
        client, card="pm_card_authenticationRequired", return_url="https://shop.example/back"
    )
    assert (asked.status, asked.amount_received) == ("requires_action", 0)
    assert asked.next_action.type == "redirect_to_url"
    assert client.v1.payment_intents.cancel(asked.id).status == "canceled"


def test_a_hold_is_captured_in_part_and_the_rest_is_released(client):
    held = paid(client, capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == (
        "requires_capture",
        5445,
        0,
    )
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": 5446})
    done = client.v1.payment_intents.capture(held.id, {"amount_to_capture": 4000})
    assert (done.status, done.amount_capturable, done.amount_received) == ("succeeded", 0, 4000)
    with pytest.raises(stripe.InvalidRequestError) as error:
        client.v1.payment_intents.capture(held.id)
    assert error.value.code == "payment_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": held.id, "amount": 4001})
    assert client.v1.refunds.create({"payment_intent": held.id}).amount == 4000


def test_a_hold_is_cancelled_and_nothing_is_received(client):
    held = paid(client, capture_method="manual")
    gone = client.v1.payment_intents.cancel(held.id)
    assert (gone.status, gone.amount_capturable, gone.amount_received) == ("canceled", 0, 0)
    with pytest.raises(stripe.InvalidRequestError) as error:
        client.v1.payment_intents.cancel(held.id)
    assert error.value.code == "payment_intent_unexpected_state"


def test_refunds_stop_at_what_was_paid(client):
    intent = paid(client)
    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 2000})
    assert (first.amount, first.status) == (2000, "succeeded")
    with pytest.raises(stripe.InvalidRequestError) as error:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 3446})
    assert (error.value.code, error.value.param) == (None, "amount")
    assert "greater than unrefunded amount on charge (€34.45)" in str(error.value)
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 3445
    with pytest.raises(stripe.InvalidRequestError) as error:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 1})
    assert error.value.code == "charge_already_refunded"
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (5445, True)
    listed = client.v1.refunds.list({"payment_intent": intent.id})
    assert sorted(item.amount for item in listed.data) == [2000, 3445]


def test_an_unpaid_intent_has_nothing_to_refund(client):
    made = client.v1.payment_intents.create(
        {"amount": 5445, "currency": "eur", "payment_method_types": ["card"]}
    )
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": made.id})


@pytest.mark.parametrize(
    ("values", "param", "code"),
    [
        ({"amount": None}, "amount", "parameter_missing"),
        ({"amount": 49}, "amount", "amount_too_small"),
        ({"currency": "xxx"}, "currency", None),
        ({"payment_method": "pm_card_nobody"}, "payment_method", "resource_missing"),
        ({"colour": "green"}, "colour", "parameter_unknown"),
    ],
)
def test_wrong_parameters_are_named(client, values, param, code):
    with pytest.raises(stripe.InvalidRequestError) as error:
        paid(client, **{"amount": 5445, **values})
    assert error.value.param == param
    if code:
        assert error.value.code == code


def test_an_unknown_object_is_404(client):
    with pytest.raises(stripe.InvalidRequestError) as error:
        client.v1.payment_intents.retrieve("pi_nobody")
    assert (error.value.http_status, error.value.code) == (404, "resource_missing")


def test_the_same_key_replays_the_first_answer(client):
    params = {"amount": 5445, "currency": "eur", "payment_method_types": ["card"]}
    options = key()
    first = client.v1.payment_intents.create(params, options)
    second = client.v1.payment_intents.create(params, options)
    assert second.id == first.id
    headers = second.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_the_same_key_replays_a_decline(client):
    options = key()
    params = {
        "amount": 5445,
        "currency": "eur",
        "payment_method_types": ["card"],
        "payment_method": "pm_card_visa_chargeDeclined",
        "confirm": True,
    }
    seen = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as error:
            client.v1.payment_intents.create(params, options)
        seen.append((error.value.error.payment_intent.id, error.value.http_status))
    assert seen[0] == seen[1]


def test_the_same_key_with_other_parameters_or_path_is_an_error(client):
    options = key()
    params = {"amount": 5445, "currency": "eur", "payment_method_types": ["card"]}
    intent = client.v1.payment_intents.create(params, options)
    with pytest.raises(stripe.IdempotencyError) as error:
        client.v1.payment_intents.create({**params, "amount": 5446}, options)
    assert error.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        client.v1.payment_intents.cancel(intent.id, None, options)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_failed_validation_leaves_the_key_free(client):
    options = key()
    params = {"amount": 5445, "currency": "eur", "payment_method_types": ["card"]}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({**params, "colour": "green"}, options)
    assert client.v1.payment_intents.create(params, options).amount == 5445


def test_a_key_in_use_is_a_conflict_and_its_work_is_done_once(double):
    client = double.client()
    intent = client.v1.payment_intents.create(
        {"amount": 5445, "currency": "eur", "payment_method_types": ["card"]}
    )
    options = key()
    double.fault("hang", path=f"/v1/payment_intents/{intent.id}/confirm", seconds=1.0)
    answers = []

    def confirm():
        answers.append(
            client.v1.payment_intents.confirm(
                intent.id, {"payment_method": "pm_card_visa"}, options
            ).status
        )

    slow = threading.Thread(target=confirm)
    slow.start()
    bench.until(lambda: not double_faults(double), 3, lambda: "the first request to arrive")
    with pytest.raises(stripe.APIError) as error:
        confirm()
    slow.join()
    assert (error.value.http_status, error.value.error.code) == (409, "idempotency_key_in_use")
    assert answers == ["succeeded"]
    confirm()
    assert answers == ["succeeded", "succeeded"]
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def double_faults(double):
    return requests.get(f"{double.url}/_double/faults", timeout=5).json()["faults"]


def test_many_at_once_with_one_key_charge_once(double):
    client = double.client(retries=3)
    options = key()
    ids = []

    def charge():
        ids.append(
            client.v1.payment_intents.create(
                {
                    "amount": 700,
                    "currency": "eur",
                    "payment_method_types": ["card"],
                    "payment_method": "pm_card_visa",
                    "confirm": True,
                },
                options,
            ).id
        )

    threads = [threading.Thread(target=charge) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert len(client.v1.charges.list({"payment_intent": ids[0]}).data) == 1


def test_a_reply_lost_after_charging_is_replayed_not_charged_again(double):
    client = double.client()
    options = key()
    params = {
        "amount": 5445,
        "currency": "eur",
        "payment_method_types": ["card"],
        "payment_method": "pm_card_visa",
        "confirm": True,
    }
    double.fault("lose_reply", path="/v1/payment_intents")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.create(params, options)
    intent = client.v1.payment_intents.create(params, options)
    assert intent.last_response.headers["Idempotent-Replayed"] == "true"
    assert (intent.status, intent.amount_received) == ("succeeded", 5445)
    newest = client.v1.payment_intents.list({"limit": 2}).data
    assert [item.id for item in newest].count(intent.id) == 1
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_an_error_before_the_work_keeps_nothing_and_one_after_it_is_kept(double):
    client = double.client()
    params = {"amount": 900, "currency": "eur", "payment_method_types": ["card"]}
    options = key()
    double.fault("error", status=503)
    with pytest.raises(stripe.APIError) as error:
        client.v1.payment_intents.create(params, options)
    assert error.value.http_status == 503
    assert client.v1.payment_intents.create(params, options).amount == 900
    options = key()
    double.fault("error_kept")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as error:
            client.v1.payment_intents.create(params, options)
        assert error.value.http_status == 500
    assert error.value.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("api_key", ["", "pk_test_x", "sk_live_x"])
def test_without_a_test_key_nobody_gets_in(double, api_key):
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    reply = requests.get(f"{double.url}/v1/refunds", headers=headers, timeout=5)
    assert reply.status_code == 401
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_every_answer_says_that_this_is_a_model(double):
    for path in ("/v1/refunds", "/_double/", "/"):
        reply = requests.get(double.url + path, timeout=5)
        assert reply.headers["X-Model"] == "This is a model of Stripe, not Stripe"


def test_what_is_not_modelled_is_refused_and_says_so(double):
    with pytest.raises(stripe.InvalidRequestError, match="model of Stripe") as error:
        double.client().v1.customers.create({"email": "a@example.org"})
    assert error.value.http_status == 404


def test_lists_are_paged_newest_first(double):
    client = double.client()
    made = [paid(client, amount=100 + number).id for number in range(5)]
    first = client.v1.payment_intents.list({"limit": 2})
    assert ([item.id for item in first.data], first.has_more) == (made[:2:-1], True)
    later = client.v1.payment_intents.list({"limit": 2, "starting_after": first.data[-1].id})
    assert [item.id for item in later.data] == [made[2], made[1]]


def test_a_restart_or_a_kill_forgets_nothing(tmp_path):
    with bench.receiving() as receiver:
        data = str(tmp_path / "double.db")
        first = bench.start(receiver, "--data", data)
        options, client = key(), first.client()
        params = {"amount": 5445, "currency": "eur", "payment_method_types": ["card"]}
        intent = client.v1.payment_intents.create(params, options)
        session = client.v1.checkout.sessions.create(bench.session_params())
        first.kill()
        second = bench.start(receiver, "--data", data, port=int(first.url.rpartition(":")[2]))
        try:
            client = second.client()
            assert client.v1.payment_intents.create(params, options).id == intent.id
            assert bench.pay(session.url).status_code == 303
            assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        finally:
            second.stop()
