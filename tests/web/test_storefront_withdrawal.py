"""The withdrawal function (section 356a BGB): kept word for word, confirmed at once, silent."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.messages.models import Message
from app.sales import orders
from app.workflows import checkout
from kit import events
from kit.database import reading
from tests import small_shop
from tests.small_shop import LURE
from tests.web.storefront import open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")

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
