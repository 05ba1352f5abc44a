"""Recalls in the back office: open one, see who has some, print the notice, end it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.identity.models import Device
from app.workflows.till import sales
from app.workflows.till.sales import Sale, SaleLine, Tender
from fulfilment.stock import counts, ledger
from fulfilment.tracing import lots, recalls, tracking
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import LURE, LURE_MINOR, MUELLER, PAN
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


@pytest.fixture
def shop(app: Flask) -> Flask:
    return app


@pytest.fixture
def house(shop: Flask, settle_events: Callable[[], int]) -> Callable[[], int]:
    """Lures of two lots in Bonn, one sold to Herr Müller and one to somebody."""
    small_shop.build({("lager", PAN): 4})
    hire("office", "lead", "service", "till")
    with transaction() as session:
        tracking.track(session, LURE, "lot", actor="test")
        ledger.receive(
            session,
            "bonn",
            [(LURE, 8)],
            document="PO-1",
            actor="test",
            key="po",
            lots={LURE: {"A1": 5, "B2": 3}},
        )
    for number in (MUELLER, None):
        with reading() as session:
            device = session.scalars(select(Device)).one()
        sales.sell(
            device,
            Sale(
                sale_id=f"sale-{number}",
                lines=(SaleLine(LURE, 1, LURE_MINOR, "A1"),),
                tenders=(Tender("cash", LURE_MINOR),),
                customer_number=number,
            ),
        )
    return settle_events


@pytest.fixture
def office(shop: Flask, house: object) -> FlaskClient:
    return at_work(shop, "office")


def opened(client: FlaskClient, **form: str):
    facts = {"sku": LURE, "lots": "A1", "reason": "Splitter im Köder", **form}
    return client.post("/office/recalls", data=facts, follow_redirects=True)


def test_a_recall_is_opened_and_shows_how_far_it_has_come(office, house):
    said = words_of(opened(office))
    assert "3 Stück gesperrt." in said
    house()
    with reading() as session:
        [view] = recalls.listed(session)
    said = words_of(office.get(f"/office/recalls/{view.id}"))
    assert "Splitter im Köder" in said
    assert "Betroffen sind: A1" in said
    assert "Gesperrt bei uns 3 Bei Kunden 2 Zurückgekommen 0 Käufer benachrichtigt 0 von 1" in said
    assert "Jürgen Müller" in said
    assert "ruft an: Bonn" in said
    assert "1 Beleg ohne Kundennummer" in said
    assert "Bonn 3 – –" in said
    listed = words_of(office.get("/office/recalls"))
    assert f"{view.document} · " in listed
    assert "läuft" in listed


def test_what_is_wrong_is_said_and_the_form_keeps_what_was_typed(office):
    for form, words in (
        ({"reason": ""}, "Bitte sagen Sie, warum."),
        ({"sku": "NIX"}, "Diesen Artikel gibt es nicht."),
        ({"sku": PAN}, "Dieser Artikel wird nicht nach Los geführt: nur alle Stücke auf einmal."),
    ):
        answer = opened(office, **form)
        assert words in words_of(answer)
        assert 'value="A1"' in answer.get_data(as_text=True)
    with reading() as session:
        assert recalls.listed(session) == []
        assert [row.quarantined for row in lots.of_sku(session, LURE)] == [0, 0]


def test_the_notice_says_what_to_do(office):
    opened(office)
    with reading() as session:
        [view] = recalls.listed(session)
    said = words_of(office.get(f"/office/recalls/{view.id}/notice"))
    assert "Wichtiger Rückruf" in said
    assert "Betroffen sind: A1" in said
    assert "Splitter im Köder" in said
    assert "Bitte benutzen Sie den Artikel nicht mehr." in said
    english = words_of(office.get(f"/en/office/recalls/{view.id}/notice"))
    assert "Important recall" in english


def test_a_recall_is_ended_once(office):
    opened(office)
    with reading() as session:
        [view] = recalls.listed(session)
    path = f"/office/recalls/{view.id}/result"
    said = words_of(office.post(path, data={"result": "burnt"}, follow_redirects=True))
    assert "Bitte sagen, was aus der Ware wird." in said
    said = words_of(office.post(path, data={"result": "destroyed"}, follow_redirects=True))
    assert "Der Rückruf ist beendet." in said
    assert "vernichtet" in said
    said = words_of(office.post(path, data={"result": "released"}, follow_redirects=True))
    assert "Dieser Rückruf ist schon beendet." in said
    with reading() as session:
        assert {row.lot: row.on_hand for row in lots.of_sku(session, LURE)} == {"B2": 3}


def test_lots_of_an_article_and_their_dates(office):
    said = words_of(office.get(f"/office/stock/{LURE}/lots"))
    assert "nach Los geführt" in said
    assert "Bonn A1 – 3 – – –" in said
    path = f"/office/stock/{LURE}/lots"
    office.post(path, data={"lot": "B2", "best_before": "2027-03-31"})
    with reading() as session:
        assert [row.lot for row in lots.of_sku(session, LURE)] == ["B2", "A1"]
    wrong = office.post(path, data={"lot": "B2", "best_before": "nie"}, follow_redirects=True)
    assert wrong.status_code == 200
    assert office.get("/office/stock/NIX/lots").status_code == 404


def test_an_article_is_kept_apart_from_now_on(office):
    path = f"/office/stock/{PAN}/lots"
    said = words_of(office.post(path, data={"tracking": "serial"}, follow_redirects=True))
    assert "nach Seriennummer geführt" in said
    assert "unbekannt" in said
    with reading() as session:
        [task] = counts.open_tasks(session, "lager")
        assert (task.sku, task.cause) == (PAN, "lot_unknown")


def test_only_the_office_calls_goods_back(shop, house):
    lead = at_work(shop, "lead")
    page = lead.get("/office/recalls")
    assert page.status_code == 200
    assert "Ware zurückrufen" not in words_of(page)
    assert opened(lead).status_code == 403
    assert at_work(shop, "till").get("/office/recalls").status_code == 403
    with reading() as session:
        assert recalls.listed(session) == []
