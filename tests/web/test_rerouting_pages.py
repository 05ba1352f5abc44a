"""Refusing with a phone, deciding on the order page, changing a delivery, the list of promises."""

import re
from datetime import UTC, datetime

import pytest

from app.sales.models import Order
from app.workflows import floor, watch
from fulfilment.models import DayLimit, Refusal
from fulfilment.stock import ledger
from kit import clock
from kit.database import transaction
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, LURE
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import FORM
from tests.web.storefront import text as words_of
from tests.workflows.rerouting import (
    BONN,
    KASSEL,
    job,
    job_at,
    lines_of,
    order_of,
    paid,
    parts,
    rows,
)

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", HOOK): 5, ("koeln", HOOK): 2}
AFTER_CUT_OFF = datetime(2026, 11, 25, 15, 5, tzinfo=UTC)
ADDRESS = {
    "name": "Jürgen Müller",
    "street": "Torstraße 1",
    "postal_code": "10119",
    "city": "Berlin",
    "need_by_on": "",
}


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    hire("lager", "bonn", "lead", "office", "service", "till")
    return app


@pytest.fixture
def ref(shop, settle_events):
    return paid(settle_events, (LURE, 2), (HOOK, 1))


def page(ref):
    return f"/bestellung/{ref}?t={order_of(ref).token}"


def lines(client, path):
    return re.findall(r'name="line" value="([^"]+)"', client.get(path).get_data(as_text=True))


def test_a_picker_says_no_to_a_line_with_a_reason(shop, ref, settle_events):
    client, first = at_work(shop, "lager"), job_at(ref, "lager")
    client.post(f"/floor/jobs/{first}/start")
    assert "Können wir nicht schicken" in words_of(client.get(f"/floor/jobs/{first}"))
    path = f"/floor/jobs/{first}/refusals"
    shown = words_of(client.get(path))
    assert "1 × Offset-Haken 3/0" in shown
    assert "Beschädigt" in shown
    chosen = lines(client, path)
    assert len(chosen) == 2
    before = snapshot()
    for form, said in (
        ({"reason": "damaged"}, "Bitte wählen Sie, was Sie nicht schicken."),
        ({"reason": "damaged", "line": "x"}, "Bitte wählen Sie, was Sie nicht schicken."),
        ({"reason": "", "line": chosen}, "Bitte wählen Sie einen Grund."),
        ({"reason": "other", "line": chosen, "note": " "}, "Bitte sagen Sie in Worten, warum."),
    ):
        answer = client.post(path, data=form)
        assert answer.status_code == 422
        assert said in words_of(answer)
    assert moved(before) == set()
    hooks = [str(line.id) for line in lines_of(ref) if line.sku == HOOK]
    answer = client.post(path, data={"reason": "damaged", "line": hooks}, follow_redirects=True)
    assert "1 Stück abgegeben. Wir kümmern uns darum." in words_of(answer)
    settle_events()
    assert [(row.sku, row.quantity) for row in rows(Refusal)] == [(HOOK, 1)]
    assert parts(ref) == {"lager": [(LURE, 2)], "bonn": [(HOOK, 1)]}
    assert job(first).state == "picking"


def test_nobody_refuses_for_another_place(shop, ref):
    first = job_at(ref, "lager")
    strangers = (at_work(shop, "bonn"), shop.test_client(), at_work(shop, "till"))
    before = snapshot()
    for client in strangers:
        for answer in (
            client.get(f"/floor/jobs/{first}/refusals"),
            client.post(f"/floor/jobs/{first}/refusals", data={"reason": "no_time"}),
        ):
            assert answer.status_code in {302, 403, 404}
    assert moved(before) == set()


def test_a_lead_closes_the_day_and_opens_it_again(shop, settle_events):
    ref = paid(settle_events, (HOOK, 1), collect_at=None)
    client, picker = at_work(shop, "lead"), at_work(shop, "bonn")
    before = snapshot()
    assert "Bitte sagen Sie, warum." in words_of(
        client.post("/floor/day", data={"reason": " "}, follow_redirects=True)
    )
    assert picker.post("/floor/day", data={"reason": "x"}).status_code == 403
    assert moved(before) == set()
    shown = words_of(client.post("/floor/day", data={"reason": "Krank"}, follow_redirects=True))
    assert "Heute geht von hier nichts mehr ab" in shown
    assert [(row.location, row.parcels) for row in rows(DayLimit)] == [("bonn", 0)]
    shown = words_of(client.post("/floor/day", data={"what": "reopen"}, follow_redirects=True))
    assert "Es kommen wieder Aufträge." in shown
    assert parts(ref) == {"lager": [(HOOK, 1)]}


def test_a_customer_sees_and_decides_what_comes_late(shop, ref, settle_events):
    with clock.frozen(AFTER_CUT_OFF):
        watch.tend()
        settle_events()
        client = shop.test_client()
        shown = words_of(client.get(page(ref)))
        assert "Das kommt später als zugesagt" in shown
        assert "Ankunft Samstag, 28.11. statt Freitag, 27.11." in shown
        assert "Diesen Teil stornieren, 23,60 € zurück" in shown
        before = snapshot()
        wrong = {"t": "x", "about": "late", "choice": "keep"}
        assert client.post(f"/bestellung/{ref}/entscheidung", data=wrong).status_code == 404
        assert moved(before) == set()
        form = {"t": order_of(ref).token, "about": "late", "choice": "keep"}
        answer = client.post(f"/bestellung/{ref}/entscheidung", data=form, follow_redirects=True)
        said = words_of(answer)
        assert "Gut. Wir schicken es zum neuen Termin." in said
        assert "Das kommt später als zugesagt" not in said
        again = client.post(f"/bestellung/{ref}/entscheidung", data=form, follow_redirects=True)
        assert "Darüber ist schon entschieden." in words_of(again)


def test_a_customer_decides_about_a_collection(shop, settle_events):
    ref = paid(settle_events, (HOOK, 2), collect_at="bonn")
    client = shop.test_client()
    assert "Zur Abholung in Filiale Bonn" in words_of(client.get(page(ref)))
    floor.refuse(job_at(ref, "bonn"), BONN, reason="no_time")
    settle_events()
    shown = words_of(client.get(page(ref)))
    assert "Bonn kann Ihnen das leider nicht geben" in shown
    assert "Schicken da am Freitag, 27.11., in einem Paket, ohne Mehrkosten" in shown
    assert "Abholen in Köln bereit ab Mi 25.11., 14:00" in shown
    form = {"t": order_of(ref).token, "about": "collect", "choice": "parcel"}
    answer = client.post(f"/bestellung/{ref}/entscheidung", data=form, follow_redirects=True)
    assert "Danke. Wir machen es so." in words_of(answer)
    settle_events()
    assert parts(ref) == {"lager": [(HOOK, 2)]}


def test_an_option_that_is_gone_is_said_and_the_question_is_brought_up_to_date(shop, settle_events):
    ref = paid(settle_events, (HOOK, 2), collect_at="bonn")
    floor.refuse(job_at(ref, "bonn"), BONN, reason="no_time")
    settle_events()
    paid(settle_events, (HOOK, 2), collect_at="koeln")
    client = shop.test_client()
    form = {"t": order_of(ref).token, "about": "collect", "choice": "store:koeln"}
    answer = client.post(f"/bestellung/{ref}/entscheidung", data=form, follow_redirects=True)
    shown = words_of(answer)
    assert "Das geht inzwischen leider nicht mehr." in shown
    assert 'value="store:koeln"' not in answer.get_data(as_text=True)
    assert "Schicken da am" in shown


def test_a_customer_changes_the_delivery_and_sees_it_before(shop, ref, settle_events):
    client, token = shop.test_client(), order_of(ref).token
    assert "Adresse oder Tag ändern" in words_of(client.get(page(ref)))
    path = f"/bestellung/{ref}/aendern"
    assert client.get(f"{path}?t=x").status_code == 404
    assert 'value="Moselweg 3"' in client.get(f"{path}?t={token}").get_data(as_text=True)
    before = snapshot()
    wrong = client.post(path, data={**ADDRESS, "t": token, "postal_code": "00000"})
    assert wrong.status_code == 422
    assert "Diese Postleitzahl gibt es nicht." in words_of(wrong)
    soon = client.post(path, data={**ADDRESS, "t": token, "need_by_on": "2026-11-26"})
    assert "Frühestens: Freitag, 27.11." in words_of(soon)
    seen = words_of(client.post(path, data={**ADDRESS, "t": token}))
    assert "Bisher Jürgen Müller Moselweg 3 56068 Koblenz Freitag, 27.11. 1 Paket" in seen
    assert "Dann Jürgen Müller Torstraße 1 10119 Berlin Freitag, 27.11. 1 Paket" in seen
    form = {**ADDRESS, "t": token, "bestaetigen": "1"}
    other = client.post(path, data={**form, "shown_on": "2026-11-26"})
    assert other.status_code == 409
    assert moved(before) == set()
    done = client.post(path, data={**form, "shown_on": FRIDAY.isoformat()}, follow_redirects=True)
    assert "Geändert. Ihre Bestellung kommt am Freitag, 27.11." in words_of(done)
    assert job(job_at(ref, "lager")).address["city"] == "Berlin"


def test_once_picking_has_begun_the_page_says_so(shop, ref):
    floor.start(job_at(ref, "lager"), KASSEL)
    client, token = shop.test_client(), order_of(ref).token
    shown = words_of(client.get(page(ref)))
    assert "Adresse oder Tag ändern" not in shown
    assert "Adresse und Tag lassen sich nicht mehr ändern: es wird schon gepackt." in shown
    answer = client.get(f"/bestellung/{ref}/aendern?t={token}", follow_redirects=True)
    assert "Das Picken hat begonnen." in words_of(answer)


def test_the_list_of_promises_is_worked_off(shop, settle_events):
    late = paid(settle_events, (LURE, 1))
    asked = paid(settle_events, (HOOK, 2), collect_at="bonn")
    floor.refuse(job_at(asked, "bonn"), BONN, reason="no_time")
    settle_events()
    with clock.frozen(AFTER_CUT_OFF):
        watch.tend()
        settle_events()
        client = at_work(shop, "service")
        shown = words_of(client.get("/office/promises"))
        assert f"{late} · Jürgen Müller Sa 28.11. statt Fr 27.11." in shown
        assert "Packschluss verpasst" in shown
        assert "Abholung in Bonn · keine Zeit" in shown
        assert "Bonn 1 1 100" in shown
        lead = at_work(shop, "lead")
        assert "Kunde wartet" not in words_of(lead.get("/office/promises"))
        assert lead.post(f"/office/promises/{late}", data={"choice": "keep"}).status_code == 403
        client.post(f"/office/promises/{late}", data={"about": "late", "choice": "keep"})
        form = {"about": "collect", "choice": "cancel"}
        client.post(f"/office/promises/{asked}", data=form)
        again = client.post(f"/office/promises/{asked}", data=form, follow_redirects=True)
        assert "Diese Frage ist schon beantwortet." in words_of(again)
        assert "Alle Zusagen halten" in words_of(client.get("/office/promises"))
        assert order_of(asked).state == "cancelled"


def test_what_nobody_sends_is_asked_again_by_a_person(shop, settle_events):
    with transaction() as session:
        ledger.receive(
            session, "bonn", [("PAN-28", 1)], document="more", actor="test", key="more/pan"
        )
    ref = paid(settle_events, ("PAN-28", 1))
    floor.refuse(job_at(ref, "bonn"), BONN, reason="other", note="Karton fehlt")
    settle_events()
    client = at_work(shop, "office")
    assert "niemand schickt es" in words_of(client.get("/office/promises"))
    form = {"about": "late", "choice": "again"}
    answer = client.post(f"/office/promises/{ref}", data=form, follow_redirects=True)
    assert f"{ref} liegt dort wieder in der Liste." in words_of(answer)
    assert parts(ref) == {"bonn": [("PAN-28", 1)]}


def test_the_basket_can_be_collected_where_all_of_it_is(shop):
    client = shop.test_client()
    client.post("/warenkorb/artikel", data={"sku": HOOK, "quantity": "2"})
    client.post("/bestellen", data={**FORM, "contact_by": "mail"})
    shown = words_of(client.get("/bestellen/pruefen"))
    assert "Lieber abholen? Bonn, ab Mi 25.11., 14:00" in shown
    assert "Köln ab Mi 25.11., 14:00" in words_of(client.get("/bestellen/abholen"))
    client.post("/bestellen/abholen", data={"store": "bonn"})
    shown = words_of(client.get("/bestellen/pruefen"))
    assert "Abholung Bonn, ab Mi 25.11., 14:00" in shown
    assert "Gesamt 9,80 €" in shown
    client.post("/bestellen/pruefen", data={"total_minor": 980})
    (order,) = rows(Order)
    assert (order.collect_at, order.shipping_minor, order.total_minor) == ("bonn", 0, 980)


def test_a_store_that_has_not_all_of_it_cannot_be_chosen(shop):
    client = shop.test_client()
    client.post("/warenkorb/artikel", data={"sku": LURE, "quantity": "2"})
    client.post("/bestellen", data={**FORM, "contact_by": "mail"})
    assert "Zurzeit hat kein Geschäft alles davon." in words_of(client.get("/bestellen/abholen"))
    client.post("/bestellen/abholen", data={"store": "bonn"})
    shown = words_of(client.get("/bestellen/pruefen"))
    assert "Freitag, 27.11. aus: Lager Kassel" in shown
    assert "Lieber abholen?" not in shown
