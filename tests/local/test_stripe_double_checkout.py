"""The payment page of the Stripe double: pay, be declined, be asked by the bank, expire."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import stripe

from tests.local import stripe_bench as bench

THANKS = "https://shop.example/danke?session="


@pytest.fixture(scope="module")
def double():
    with bench.running() as made:
        yield made


@pytest.fixture
def client(double):
    double.receiver.received.clear()
    return double.client()


def open_page(client, **values):
    return client.v1.checkout.sessions.create(bench.session_params(**values))


def test_a_page_is_opened_with_the_sum_of_its_lines(client):
    session = open_page(client)
    assert session.amount_total == 3737
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.payment_intent is None
    assert session.expires_at - session.created == 24 * 3600
    lines = client.v1.checkout.sessions.line_items.list(session.id)
    assert [(line.description, line.amount_total) for line in lines.data] == [
        ("Gummiköder <9 cm>", 2598),
        ("Haken", 649),
        ("Versand", 490),
    ]


def test_the_page_says_that_it_is_a_model_and_escapes_what_it_shows(client):
    page = requests.get(open_page(client).url, timeout=5)
    assert page.status_code == 200
    assert "Modell von Stripe, nicht Stripe" in page.text
    assert "37,37\u00a0€ zahlen" in page.text
    assert "Gummiköder &lt;9 cm&gt;" in page.text
    assert "<script" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("locale", "accepts", "button"),
    [
        ("en", "de", "Pay €37.37"),
        ("de", "en", "37,37\u00a0€ zahlen"),
        ("auto", "en-GB,en;q=0.8", "Pay €37.37"),
        ("auto", "de-AT", "37,37\u00a0€ zahlen"),
    ],
)
def test_the_page_speaks_the_sessions_language_or_the_browsers(client, locale, accepts, button):
    url = open_page(client, locale=locale).url
    assert button in requests.get(url, headers={"Accept-Language": accepts}, timeout=5).text


def test_paying_completes_the_session_and_leads_to_the_shop(double, client):
    session = open_page(client, payment_intent_data={"metadata": {"payment_ref": "pay-1"}})
    gone = bench.pay(session.url)
    assert (gone.status_code, gone.headers["Location"]) == (303, THANKS + session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", 3737)
    assert intent.metadata["payment_ref"] == "pay-1"
    told = double.receiver.wait_for("checkout.session.completed")[0].event["data"]["object"]
    assert (told["id"], told["payment_intent"]) == (session.id, intent.id)
    assert (told["client_reference_id"], told["amount_total"]) == ("pay-1", 3737)
    assert double.receiver.types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_the_button_pressed_twice_charges_once(double, client):
    session = open_page(client)
    first, second = bench.pay(session.url), bench.pay(session.url)
    assert [first.headers["Location"], second.headers["Location"]] == [THANKS + session.id] * 2
    found = client.v1.checkout.sessions.retrieve(session.id)
    charges = client.v1.charges.list({"payment_intent": found.payment_intent})
    assert [charge.amount for charge in charges.data] == [3737]
    again = requests.get(session.url, timeout=5)
    assert "Bezahlt" in again.text
    assert "<form" not in again.text


@pytest.mark.parametrize(
    ("number", "says", "code"),
    [
        (bench.DECLINED, "Ihre Karte wurde abgelehnt.", "generic_decline"),
        (bench.INSUFFICIENT, "Ihr Konto ist nicht gedeckt.", "insufficient_funds"),
    ],
)
def test_a_declined_card_is_told_and_another_one_works(double, client, number, says, code):
    session = open_page(client)
    page = bench.pay(session.url, number)
    assert page.status_code == 402
    assert says in page.text
    open_still = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (open_still.status, open_still.payment_status) == ("open", "unpaid")
    intent = open_still.payment_intent
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert intent.last_payment_error.decline_code == code
    failed = double.receiver.wait_for("payment_intent.payment_failed")[0].event
    assert failed["data"]["object"]["id"] == intent.id
    assert bench.pay(session.url).status_code == 303
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.payment_status, paid.payment_intent) == ("paid", intent.id)


@pytest.mark.parametrize("number", [bench.CHALLENGE, bench.CHALLENGE_ALWAYS])
def test_the_bank_asks_and_approves(client, number):
    session = open_page(client)
    asked = bench.pay(session.url, number)
    assert asked.status_code == 303
    question = asked.headers["Location"]
    page = requests.get(question, timeout=5)
    assert "Zahlung freigeben?" in page.text
    assert "37,37\u00a0€" in page.text
    before = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (before.status, before.payment_intent.status) == ("open", "requires_action")
    assert bench.decide(question, "approve").headers["Location"] == THANKS + session.id
    after = client.v1.checkout.sessions.retrieve(session.id)
    assert (after.status, after.payment_status) == ("complete", "paid")


def test_the_bank_asks_and_refuses(double, client):
    session = open_page(client)
    question = bench.pay(session.url, bench.CHALLENGE_ALWAYS).headers["Location"]
    back = bench.decide(question, "fail").headers["Location"]
    assert "Ihre Bank hat die Zahlung nicht freigegeben." in requests.get(back, timeout=5).text
    after = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (after.status, after.payment_intent.status) == ("open", "requires_payment_method")
    assert after.payment_intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert client.v1.charges.list({"payment_intent": after.payment_intent.id}).data == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"number": "4242 4242 4242 4241"}, "Die Kartennummer stimmt nicht."),
        ({"number": "4111 1111 1111 1111"}, "nimmt nur die aufgeführten Testkarten an"),
        ({"expiry": "01/20"}, "Die Karte ist abgelaufen."),
        ({"expiry": "13/34"}, "bitte Monat und Jahr angeben"),
        ({"cvc": "12"}, "Die Prüfziffer stimmt nicht."),
    ],
)
def test_a_mistyped_card_is_told_and_nothing_is_asked_of_the_bank(client, fields, says):
    session = open_page(client)
    page = bench.pay(session.url, **fields)
    assert page.status_code == 422
    assert says in page.text
    assert client.v1.checkout.sessions.retrieve(session.id).payment_intent is None


def test_a_page_without_known_email_asks_for_it(client):
    session = open_page(client, customer_email=None)
    assert bench.pay(session.url).status_code == 422
    assert bench.pay(session.url, email="a@example.org").status_code == 303
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert paid.customer_details.email == "a@example.org"


def test_an_expired_page_takes_no_money(double, client):
    session = open_page(client)
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    gone = requests.get(session.url, timeout=5)
    assert gone.status_code == 410
    assert "abgelaufen" in gone.text
    assert bench.pay(session.url).status_code == 410
    after = client.v1.checkout.sessions.retrieve(session.id)
    assert (after.payment_status, after.payment_intent, after.url) == ("unpaid", None, None)
    told = double.receiver.wait_for("checkout.session.expired")[0].event["data"]["object"]
    assert told["id"] == session.id
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `expired`"):
        client.v1.checkout.sessions.expire(session.id)


def test_expiring_wins_over_a_bank_that_still_asks(double, client):
    session = open_page(client)
    question = bench.pay(session.url, bench.CHALLENGE).headers["Location"]
    client.v1.checkout.sessions.expire(session.id)
    bench.decide(question, "approve")
    after = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (after.status, after.payment_status) == ("expired", "unpaid")
    assert (after.payment_intent.status, after.payment_intent.amount_received) == ("canceled", 0)
    double.receiver.wait_for("payment_intent.canceled")


def test_paying_and_expiring_at_once_ends_in_one_of_both(client):
    outcomes = []
    for _ in range(15):
        session = open_page(client)
        with ThreadPoolExecutor(2) as pool:
            paying = pool.submit(bench.pay, session.url)
            expiring = pool.submit(expire_quietly, client, session.id)
        after = client.v1.checkout.sessions.retrieve(session.id)
        paid = paying.result().status_code == 303
        assert paid is not expiring.result()
        assert (after.status, after.payment_status) == (
            ("complete", "paid") if paid else ("expired", "unpaid")
        )
        outcomes.append(paid)
    assert len(outcomes) == 15


def expire_quietly(client, session_id):
    try:
        client.v1.checkout.sessions.expire(session_id)
    except stripe.InvalidRequestError:
        return False
    return True


def test_a_paid_page_cannot_be_expired(client):
    session = open_page(client)
    bench.pay(session.url)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `complete`"):
        client.v1.checkout.sessions.expire(session.id)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_page_lives_between_thirty_minutes_and_a_day_of_real_time(client):
    now = int(time.time())
    assert open_page(client, expires_at=now + 31 * 60).expires_at == now + 31 * 60
    for seconds in (29 * 60, 25 * 3600):
        with pytest.raises(stripe.InvalidRequestError) as error:
            open_page(client, expires_at=now + seconds)
        assert error.value.param == "expires_at"


def test_a_session_is_found_by_its_payment_intent(client):
    session = open_page(client)
    bench.pay(session.url)
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    found = client.v1.checkout.sessions.list({"payment_intent": intent})
    assert [item.id for item in found.data] == [session.id]


@pytest.mark.parametrize(
    ("values", "param", "code"),
    [
        ({"line_items": []}, "line_items", "parameter_missing"),
        ({"mode": "subscription"}, "mode", None),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"success_url": "javascript:alert(1)"}, "success_url", "url_invalid"),
        ({"tax_id_collection": {"enabled": True}}, "tax_id_collection", "parameter_unknown"),
    ],
)
def test_what_the_model_does_not_know_is_refused(client, values, param, code):
    with pytest.raises(stripe.InvalidRequestError) as error:
        open_page(client, **values)
    assert (error.value.param, error.value.code) == (param, code)


@pytest.mark.parametrize("path", ["/c/pay/cs_test_none", "/c/3ds/pi_none", "/nothing"])
def test_an_unknown_page_is_a_friendly_404(double, path):
    reply = requests.get(double.url + path, timeout=5)
    assert reply.status_code == 404
    assert "Diese Seite gibt es nicht" in reply.text


def debited(session, iban="DE08 3704 0044 0532 0130 03"):
    form = {"iban": iban, "name": "K. Müller", "email": "k@example.org"}
    return requests.post(session.url, data=form, timeout=5, allow_redirects=False)


@pytest.mark.parametrize(
    ("act", "status", "intent", "told"),
    [
        ("pay", "paid", "succeeded", "checkout.session.async_payment_succeeded"),
        (
            "refuse",
            "unpaid",
            "requires_payment_method",
            "checkout.session.async_payment_failed",
        ),
    ],
)
def test_a_debit_is_complete_at_once_and_ends_when_the_bank_says_so(
    double, client, act, status, intent, told
):
    session = open_page(client)
    gone = debited(session)
    assert (gone.status_code, gone.headers["Location"]) == (303, THANKS + session.id)
    waiting = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    bank = f"{double.url}/debits"
    assert "Bank weist zurück" in requests.get(bank, timeout=5).text
    requests.post(f"{bank}/{waiting.payment_intent.id}", data={"act": act}, timeout=5)
    # The bank has spoken: saying the opposite changes nothing.
    other = {"pay": "refuse", "refuse": "pay"}[act]
    requests.post(f"{bank}/{waiting.payment_intent.id}", data={"act": other}, timeout=5)
    ended = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (ended.payment_status, ended.payment_intent.status) == (status, intent)
    double.receiver.wait_for(told)
    assert double.receiver.types() == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        *(
            ["charge.succeeded", "payment_intent.succeeded"]
            if act == "pay"
            else ["charge.failed", "payment_intent.payment_failed"]
        ),
        told,
    ]


def test_only_test_accounts_are_debited_and_only_where_the_session_offers_it(client):
    session = open_page(client)
    wrong = debited(session, "DE02 1203 0000 0000 2020 51")
    assert (wrong.status_code, "nur die aufgeführten Testkonten" in wrong.text) == (422, True)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    cards = open_page(client, payment_method_types=["card"])
    assert "iban" not in requests.get(cards.url, timeout=5).text
    assert debited(cards).status_code == 422
