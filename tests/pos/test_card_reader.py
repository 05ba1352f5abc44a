"""A till's card reader, driven by the server; the Stripe double plays it."""

import pytest
import requests
from sqlalchemy import select

from app.identity.models import Device
from app.payments import charges
from app.payments.models import Refund
from app.tills.models import CardPayment
from app.workflows.till import cards
from kit.database import reading, transaction
from tests.pos.register import problem, sale
from tests.small_shop import LURE_MINOR


@pytest.fixture
def counter(register, stripe_double):
    with transaction() as session:
        session.scalars(select(Device)).one().reader = "code:simulated-wpe"

    def play(act: str) -> None:
        with reading() as session:
            reader = session.scalars(select(Device)).one().reader
        address = f"{stripe_double}/readers/{reader}"
        answer = requests.post(address, data={"act": act}, allow_redirects=False, timeout=5)
        assert answer.status_code == 303

    register.play = play
    return register


def ask(counter, card_payment_id, amount=LURE_MINOR):
    body = {"card_payment_id": card_payment_id, "amount_minor": amount}
    return counter.post("/card-payments", body).get_json()


def state(counter, card_payment_id):
    return counter.get(f"/card-payments/{card_payment_id}").get_json()["state"]


def test_a_card_is_asked_for_once_and_its_payment_belongs_to_one_receipt(counter, settle_events):
    assert ask(counter, "card-0001")["state"] == "waiting"
    again = ask(counter, "card-0001")
    assert (again["state"], again["repeated"]) == ("waiting", True)
    counter.play("approve")
    assert state(counter, "card-0001") == "succeeded"
    paid = {"method": "card_terminal", "amount_minor": LURE_MINOR, "card_payment_id": "card-0001"}

    sold = counter.sell(tenders=[paid]).get_json()

    assert sold["conflicts"] == []
    other = counter.sell(tenders=[paid]).get_json()
    assert [one["kind"] for one in other["conflicts"]] == ["card_payment"]
    with reading() as session:
        intents = session.scalars(select(CardPayment.intent)).all()
        assert [charges.of_order(session, sold["order_ref"]).provider_intent] == intents
        assert charges.of_order(session, other["order_ref"]).provider_intent is None
    # What a reader took goes back by the reader's provider, not out of the drawer.
    found = counter.get(f"/receipts?code={sold['receipt_number']}").get_json()
    assert found["tenders"] == [{"method": "original", "refundable_minor": LURE_MINOR}]
    back = counter.post(
        "/voids", {"sale_id": "void-card-1", "voids": sold["sale_id"], "reason": "Versehen"}
    ).get_json()
    assert back["tenders"][0]["method"] == "original"
    settle_events()
    with reading() as session:
        (refund,) = session.scalars(select(Refund)).all()
        assert (refund.state, refund.amount_minor) == ("succeeded", LURE_MINOR)
        assert refund.provider_refund.startswith("re_")


@pytest.mark.parametrize(
    ("act", "ended"),
    [("decline", "declined"), ("canceled", "cancelled"), ("timeout", "timed_out")],
)
def test_what_the_reader_says_is_what_the_till_hears_and_the_next_card_may_come(
    counter, act, ended
):
    ask(counter, "card-0001")
    counter.play(act)
    assert state(counter, "card-0001") == ended
    assert ask(counter, "card-0002")["state"] == "waiting"
    counter.play("approve")
    assert state(counter, "card-0002") == "succeeded"


def test_a_cashier_cancels_and_a_card_that_was_quicker_has_paid(counter):
    ask(counter, "card-0001")
    path = "/api/pos/v1/card-payments/{}"
    gone = counter.client.delete(path.format("card-0001"), headers=counter.headers)
    assert gone.get_json()["state"] == "cancelled"
    ask(counter, "card-0002")
    counter.play("approve")
    late = counter.client.delete(path.format("card-0002"), headers=counter.headers)
    assert late.get_json()["state"] == "succeeded"


def test_who_asks_wrongly_is_told_and_money_without_a_receipt_is_asked_about(counter, monkeypatch):
    ask(counter, "card-0001")
    body = {"card_payment_id": "card-0001", "amount_minor": 1}
    assert problem(counter.post("/card-payments", body)) == (422, "card_payment_id_reused")
    assert problem(counter.get("/card-payments/card-9999")) == (404, "card_payment")
    busy = ask(counter, "card-0002")
    assert (busy["state"], busy["message"]) == ("declined", "terminal_reader_busy")
    counter.play("approve")
    assert state(counter, "card-0001") == "succeeded"
    monkeypatch.setattr(cards, "UNUSED", -cards.UNUSED)
    for _ in range(2):
        cards.tend()
    from app.tills import conflicts

    with reading() as session:
        (task,) = conflicts.waiting(session)
    assert (task.kind, task.facts["amount_minor"]) == ("card_unused", LURE_MINOR)


def test_a_till_without_a_reader_says_so(register):
    body = {"card_payment_id": "card-0001", "amount_minor": 100}
    assert problem(register.post("/card-payments", body)) == (409, "no_reader")
    assert sale()["tenders"][0]["method"] == "cash"
