"""The shop is closed for a while: its pages say so, everything else works on."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.aftersales.models import Withdrawal
from kit import database
from tests import small_shop

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def closed(app):
    runner = app.test_cli_runner()

    def close(*options):
        assert runner.invoke(args=["maintenance", "on", *options]).exit_code == 0

    yield close
    assert runner.invoke(args=["maintenance", "off"]).exit_code == 0


def test_pages_of_the_shop_are_closed_and_nothing_else(client, closed):
    small_shop.build({("lager", small_shop.LURE): 3})
    open_before = client.get("/").status_code
    closed("--minutes", "20")
    answers = {path: client.get(path) for path in ("/", "/warenkorb", "/en/suche?q=haken")}
    assert {answer.status_code for answer in answers.values()} == {503}
    assert all(1190 <= int(one.headers["Retry-After"]) <= 1200 for one in answers.values())
    assert "Wir sind gleich wieder da" in answers["/"].text
    assert 'href="/en/suche"' in answers["/en/suche?q=haken"].text
    assert client.post("/warenkorb/artikel", data={"sku": small_shop.LURE}).status_code == 503
    # A forged event is refused, as always: somebody looked at it.
    assert client.post("/webhooks/stripe", data=b"{}").status_code == 403
    assert client.get("/healthz").status_code == 200
    assert client.get("/office/anmelden", follow_redirects=True).status_code != 503
    assert open_before == 200


def test_a_contract_can_be_withdrawn_from_while_the_shop_is_closed(client, closed):
    small_shop.build({("lager", small_shop.LURE): 3})
    closed()
    assert 'href="/vertrag-widerrufen"' in client.get("/").text
    assert client.get("/impressum").status_code == 200
    assert client.get("/vertrag-widerrufen").status_code == 200
    typed = {"name": "Jens Müller", "order_ref": "K-7F3KQ2", "email": "jens@example.org"}
    assert "Widerruf bestätigen" in client.post("/vertrag-widerrufen", data=typed).text
    declared = client.post("/vertrag-widerrufen", data={**typed, "bestaetigen": "1", "key": "k"})
    assert declared.location == "/vertrag-widerrufen/eingegangen"
    assert client.get(declared.location).status_code == 200
    with database.reading() as session:
        assert session.scalars(select(Withdrawal.typed_ref)).all() == ["K-7F3KQ2"]
    assert client.get("/warenkorb").status_code == 503


def test_it_is_said_without_a_database_too(client, closed, monkeypatch):
    closed()
    for name in ("sessions", "leases"):
        monkeypatch.setattr(database._database, name, None)
    answer = client.get("/artikel/rheinshad")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    assert "Wir sind gleich wieder da" in answer.text
    monkeypatch.undo()


def test_it_opens_again_and_a_passed_hour_promises_nothing(app, client, closed):
    closed("--minutes", "1")
    file = app.config["KONTOR"].data / "maintenance"
    file.write_text((datetime.now(UTC) - timedelta(hours=1)).isoformat())
    late = client.get("/warenkorb")
    assert (late.status_code, late.headers["Retry-After"]) == (503, "60")
    assert "Es dauert nur noch ein paar Minuten" in late.text
    file.unlink()
    assert client.get("/warenkorb").status_code == 200
