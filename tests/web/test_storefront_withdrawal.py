"""The withdrawal function (section 356a BGB): kept word for word, confirmed at once, silent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError

from app.aftersales.models import Withdrawal
from app.aftersales.returns import Part
from app.aftersales.withdrawals import Declaration
from app.invoicing import issued
from app.messages.models import Message
from app.payments import charges
from app.payments.models import Refund
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows import bring_back, checkout, floor, withdraw
from app.workflows.floor import Worker
from fulfilment.outbound import shipments
from kit import clock, events
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

DECLARED = {
    "name": "Jürgen Müller",
    "order_ref": "K-AAAAAA",
    "email": "mueller@example.org",
    "what": "",
}


def _messages() -> list[Message]:
    with reading() as session:
        return list(session.scalars(select(Message).where(Message.kind == "withdrawal_received")))


def _confirm(client: FlaskClient, **changes: str) -> str:
    form = {**DECLARED, **changes, "bestaetigen": "1"}
    answer = client.post("/vertrag-widerrufen", data=form)
    assert answer.location == "/vertrag-widerrufen/eingegangen"
    return text(client.get(answer.location))


def test_a_declaration_is_shown_before_it_is_confirmed(client: FlaskClient) -> None:
    said = text(client.post("/vertrag-widerrufen", data=DECLARED))
    assert "Umfang der ganze Vertrag" in said
    assert "Widerruf bestätigen" in said
    assert _messages() == []


def test_the_receipt_says_content_date_and_time_and_goes_out_by_mail(client: FlaskClient) -> None:
    said = _confirm(client, what="die Haken")
    (message,) = _messages()
    assert "25.11.2026, 12:30 Uhr" in said
    assert "Umfang die Haken" in said
    assert message.recipient == "mueller@example.org"
    assert "am 25.11.2026, 12:30 Uhr bei uns eingegangen" in message.body_text
    assert "Umfang: die Haken" in message.body_text
    assert message.facts["what"] == "die Haken"
    with reading() as session:
        (waiting,) = events.waiting(session)
    assert waiting.name == "MessageWritten"


def test_nothing_tells_whether_an_order_exists(client: FlaskClient) -> None:
    open_shop()
    placed = checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    known = _confirm(client, order_ref=placed.order_ref, email="else@example.org")
    unknown = _confirm(client, email="else@example.org")
    numbers = {message.facts["number"] for message in _messages()}
    for number in (*numbers, placed.order_ref, "K-AAAAAA"):
        known, unknown = known.replace(number, "…"), unknown.replace(number, "…")
    assert known == unknown
    assert [message.order_ref for message in _messages()] == [None, None]


def test_the_customers_own_declaration_stands_in_the_orders_timeline(client: FlaskClient) -> None:
    open_shop()
    placed = checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    _confirm(client, order_ref=placed.order_ref.lower())
    (message,) = _messages()
    assert message.order_ref == placed.order_ref
    with reading() as session:
        noted = [entry.what for entry in orders.timeline(session, placed.order_ref)]
    assert noted == ["order_placed", "withdrawal_received"]


@pytest.mark.parametrize("field", ["name", "order_ref", "email"])
def test_a_missing_field_is_said_and_nothing_is_kept(client: FlaskClient, field: str) -> None:
    answer = client.post("/vertrag-widerrufen", data={**DECLARED, field: "", "bestaetigen": "1"})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.get_data(as_text=True)
    assert _messages() == []


def test_the_receipt_page_is_nobody_elses(client: FlaskClient) -> None:
    assert client.get("/vertrag-widerrufen/eingegangen").location == "/vertrag-widerrufen"


def _rows() -> list[Withdrawal]:
    with reading() as session:
        return list(session.scalars(select(Withdrawal).order_by(Withdrawal.id)))


def _paid(settle: Callable[[], int]) -> Order:
    open_shop()
    placed = checkout.place(small_shop.basket_with((LURE, 2), (HOOK, 1)), small_shop.buyer())
    with reading() as session:
        payment = charges.of_order(session, placed.order_ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle()
    with reading() as session:
        return orders.by_ref(session, placed.order_ref)


def _lines(order: Order) -> dict[str, OrderLine]:
    with reading() as session:
        return {line.sku: line for line in orders.lines_of(session, order)}


def test_pressing_twice_declares_once_and_nobody_can_change_what_was_declared(
    client: FlaskClient,
) -> None:
    first, again = (_confirm(client, key="form-1") for _ in range(2))
    assert first == again
    (row,) = _rows()
    assert (row.name, row.typed_ref, row.order_ref) == ("Jürgen Müller", "K-AAAAAA", None)
    assert row.received_at == small_shop.WEDNESDAY
    assert len(_messages()) == 1
    with pytest.raises(ProgrammingError, match="permission denied"), transaction() as session:
        session.execute(update(Withdrawal).values(name="Niemand"))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction() as session:
        session.execute(delete(Withdrawal))


def test_a_part_is_withdrawn_from_the_orders_own_page_and_stopped_at_once(
    client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = _paid(settle_events)
    lure = _lines(order)[LURE]
    link = f"/vertrag-widerrufen?bestellung={order.ref}&t={order.token}"
    form = client.get(link).text
    assert 'value="Jürgen Müller"' in form
    assert f'name="units-{lure.id}"' in form
    part = {"order_ref": order.ref, "t": order.token, f"units-{lure.id}": "1"}
    shown = text(client.post("/vertrag-widerrufen", data={**DECLARED, **part}))
    assert "1 × Rheinshad 9 cm" in shown
    said = _confirm(client, **part)
    assert "1 × Rheinshad 9 cm" in said
    assert "1 × Rheinshad 9 cm" in _messages()[0].body_text
    assert {sku: line.cancelled for sku, line in _lines(order).items()} == {LURE: 1, HOOK: 0}
    with reading() as session:
        (refund,) = session.scalars(select(Refund)).all()
    assert refund.amount_minor == small_shop.LURE_MINOR
    (row,) = _rows()
    assert [(line["sku"], line["quantity"]) for line in row.lines] == [(LURE, 1)]


def test_without_the_link_nothing_is_stopped_until_a_person_has_seen_it(
    app: Flask, client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = _paid(settle_events)
    _confirm(client, order_ref=order.ref)
    assert sum(line.cancelled for line in _lines(order).values()) == 0
    hire("service", "lead")
    desk = at_work(app, "service")
    (row,) = _rows()
    listed = text(desk.get("/office/withdrawals"))
    assert row.number in listed
    assert "Mi 09.12." in listed  # the money is back 14 days after the declaration
    assert "noch nicht gepickt" in text(desk.get(f"/office/withdrawals/{row.number}"))
    desk.post(f"/office/withdrawals/{row.number}/stop")
    assert {line.cancelled for line in _lines(order).values()} == {2, 1}
    desk.post(f"/office/withdrawals/{row.number}/steps", data={"step": "done", "note": "ok"})
    assert "Nichts offen" in text(desk.get("/office/withdrawals"))
    assert at_work(app, "lead").get("/office/withdrawals").status_code == 403


def test_a_late_declaration_is_received_and_only_marked(
    app: Flask, client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = _paid(settle_events)
    with reading() as session:
        job = small_shop.job_at(session, order.ref, "lager")
    worker = Worker("Frau Yilmaz", "lager")
    floor.start(job, worker)
    floor.pick_all(job, worker)
    floor.pack(job, worker)
    floor.hand_over(job, worker)
    settle_events()
    with transaction() as session:
        for view in shipments.for_order(session, order.ref):
            assert view.parcel_id is not None
            shipments.deliver(session, view.parcel_id)
    with clock.frozen(small_shop.WEDNESDAY + timedelta(days=14)):
        _confirm(client, order_ref=order.ref, key="in time")
    with clock.frozen(small_shop.WEDNESDAY + timedelta(days=15)):
        assert "Ihr Widerruf ist eingegangen" in _confirm(client, order_ref=order.ref, key="late")
        hire("service")
        listed = text(at_work(app, "service").get("/office/withdrawals"))
    assert len(_rows()) == 2
    assert listed.count("nach Fristende, prüfen") == 1


def test_all_that_comes_back_after_a_withdrawal_brings_the_delivery_back(
    settle_events: Callable[[], int],
) -> None:
    order = _paid(settle_events)
    with reading() as session:
        job = small_shop.job_at(session, order.ref, "lager")
    worker = Worker("Frau Yilmaz", "lager")
    floor.start(job, worker)
    floor.pick_all(job, worker)
    floor.pack(job, worker)
    floor.hand_over(job, worker)
    settle_events()
    row = withdraw.declare(
        Declaration("Jürgen Müller", order.ref, "mueller@example.org"), language="de", key="k"
    )
    lines = _lines(order).values()
    announced = bring_back.announce(
        order.ref,
        [Part(line.id, line.quantity) for line in lines],
        how="parcel",
        withdrawal=row.number,
    )
    back = bring_back.receive(
        announced.ref,
        {line.id: (line.quantity, "shelf") for line in lines},
        location="lager",
        actor="Frau Yilmaz",
    )
    assert back == order.total_minor
    with reading() as session:
        papers = issued.of_order(session, order.ref)
    assert [paper.total_minor for paper in papers] == [order.total_minor, -order.total_minor]
