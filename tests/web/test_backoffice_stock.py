"""Stock in the back office: why it is three, what it was, and what people do about it."""

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from fulfilment.answers import explanations, reconciliation
from fulfilment.claims import reservations
from fulfilment.claims.reservations import Want
from fulfilment.models import CountTask, StockBalance
from fulfilment.stock import counter_sales, counts, ledger, safety, trust
from fulfilment.tracing import lot_books, tracking
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.pos.register import Register
from tests.small_shop import HOOK, LURE, WEDNESDAY
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("bonn", HOOK): 5, ("bonn", LURE): 6}
PAGE = f"/office/stock/{HOOK}/bonn"
COUNT = {"place": "bonn", "sku": HOOK}


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    hire("office", "lead", "service")
    return app


@pytest.fixture
def office(shop):
    return at_work(shop, "office")


def balance():
    with reading() as session:
        return session.get_one(StockBalance, {"sku": HOOK, "location": "bonn"})


def task_of():
    with reading() as session:
        return session.scalars(select(CountTask)).one()


def latest():
    with reading() as session:
        return ledger.movements(session, HOOK, limit=1)[0]


def test_the_page_says_why_it_is_two_with_the_documents_of_each_term(office):
    with transaction() as session:
        want = Want(uuid.uuid4(), HOOK, "bonn", 1)
        soon = WEDNESDAY + timedelta(minutes=15)
        reservations.place(session, order_ref="K-HOLD", wants=[want], expires_at=soon)
        ledger.quarantine(session, "bonn", [(HOOK, 1)], document="Rost", actor="kai", key="q")
        safety.put(session, {("bonn", HOOK): 1}, reason="Tresen", actor="Eva")
    shown = words_of(office.get(PAGE))
    for part in (
        "Warum 2?",
        "Wareneingang opening +5",
        "vorhanden 5",
        "gesperrt bis zur Zählung Rost −1",
        "reserviert (unbezahlt) K-HOLD · 1 reserviert, bis Mi 25.11., 12:45 −1",
        "Sicherheitsbestand Tresen · Eva, Mi 25.11., 12:30 −1",
        "verfügbar 2",
    ):
        assert part in shown, part
    overview = words_of(office.get(f"/office/stock/{HOOK}"))
    assert "Bonn Warum 2?" in overview
    for path in ("/office/stock/NOTHING/bonn", f"/office/stock/{HOOK}/mars"):
        assert office.get(path).status_code == 404


def test_a_sale_while_the_page_is_put_together_does_not_spoil_its_sums(office, monkeypatch):
    causes, sold = explanations._causes, []

    def sell_first(*asked):
        if not sold:
            with transaction() as session:
                sold.append(
                    counter_sales.sell(
                        session,
                        location="bonn",
                        lines=[(HOOK, 2)],
                        document="bonn-1-7",
                        actor="till",
                        key="s1",
                    )
                )
        return causes(*asked)

    monkeypatch.setattr(explanations, "_causes", sell_first)
    assert "Wareneingang opening +5 vorhanden 5 verfügbar 5" in words_of(office.get(PAGE))
    assert "opening +5 Kassenverkauf bonn-1-7 −2 vorhanden 3" in words_of(office.get(PAGE))


def test_of_many_locations_those_that_hold_most_are_explained(office, monkeypatch):
    monkeypatch.setattr("app.web.backoffice.stock._MOST_EXPLAINED", 1)
    shown = words_of(office.get(f"/office/stock/{LURE}"))
    assert "Lager Kassel Warum 24?" in shown
    assert "Bonn Warum" not in shown
    assert "Weitere Standorte Bonn 6 / 6 verfügbar / vorhanden" in shown


def test_the_past_has_two_columns_and_names_what_was_booked_later(office, shop):
    sold_at = WEDNESDAY + timedelta(minutes=10)
    with clock.frozen(WEDNESDAY + timedelta(hours=1)):
        line = {"sku": HOOK, "quantity": 2, "unit_minor": small_shop.HOOK_MINOR}
        tenders = [{"method": "cash", "amount_minor": 2 * small_shop.HOOK_MINOR}]
        sale = Register(shop.test_client()).sell(
            lines=[line], tenders=tenders, sold_at=sold_at.isoformat()
        )
        assert sale.status_code == 200, sale.get_json()
        shown = words_of(office.get(f"{PAGE}?at=2026-11-25T12:45"))
        assert "vorhanden 5 3 verfügbar 5 3" in shown
        assert "Kassenverkauf 2 Mi 25.11., 12:40 gebucht Mi 25.11., 13:30" in shown
        shown = words_of(office.get(f"{PAGE}?at=2026-11-25T13:30"))
        assert "vorhanden 3 3 verfügbar 3 3" in shown
        assert "Alles, was bis dahin geschehen war, stand in den Büchern." in shown


@pytest.mark.parametrize("typed", ["2027-01-01T00:00", "gestern", "0001-01-01T00:00", "%00"])
def test_a_time_that_cannot_be_asked_for_is_told(office, typed):
    answer = office.get(PAGE, query_string={"at": typed})
    assert answer.status_code == 200
    if typed != "0001-01-01T00:00":
        assert "Bitte wählen Sie einen Zeitpunkt, der schon war." in words_of(answer)


def test_the_step_line_ends_where_the_shelf_is(office):
    page = office.get(f"{PAGE}?days=90").get_data(as_text=True)
    assert "90 Tage: von 0 auf 5 Stück, am wenigsten 0, am meisten 5" in page
    assert 'class="plot__line" d="M0 136.0H640.0V4.0H640"' in page
    assert "nichts bewegte sich" in words_of(office.get(f"/office/stock/{HOOK}/koeln"))


def test_a_safety_stock_is_set_with_a_reason(office):
    path = f"{PAGE}/safety"
    before = snapshot()
    for units, reason, told in (
        ("x", "Messe", "ist eine Zahl, 0 oder mehr"),
        ("-1", "Messe", "ist eine Zahl, 0 oder mehr"),
        ("²", "Messe", "ist eine Zahl, 0 oder mehr"),
        ("2", " ", "Bitte sagen Sie, warum."),
    ):
        form = {"units": units, "reason": reason}
        assert told in words_of(office.post(path, data=form, follow_redirects=True))
    assert office.post("/office/stock/NOTHING/bonn/safety", data={"units": "1"}).status_code == 404
    assert moved(before) == set()
    answer = office.post(path, data={"units": "2", "reason": "Messe"}, follow_redirects=True)
    assert "2 Stück Mi 25.11., 12:30 Messe · Ute Kranz" in words_of(answer)
    assert balance().safety_stock == 2


def test_what_a_store_has_on_display_is_said_on_the_articles_page(office):
    path, shopper = f"{PAGE}/display", office.application.test_client()
    page = f"/artikel/{HOOK.lower()}"
    assert "ausgestellt" not in words_of(shopper.get(page))
    for _twice in range(2):
        answer = words_of(office.post(path, data={"shown": "yes"}, follow_redirects=True))
    assert "Im Shop steht jetzt, dass er hier ausgestellt ist." in answer
    assert "Hier ausgestellt seit Mi 25.11., 12:30. Ute Kranz" in answer
    assert re.search("Bonn, heute ab 14 Uhr abholbereit ausgestellt", words_of(shopper.get(page)))
    assert balance().on_hand == 5
    answer = words_of(office.post(path, data={"shown": "no"}, follow_redirects=True))
    assert "Hier ist keines ausgestellt." in answer
    assert "ausgestellt" not in words_of(shopper.get(page))


def test_nothing_is_put_on_display_where_nobody_comes_or_by_somebody_elses_store(shop, office):
    lead = at_work(shop, "lead")
    before = snapshot()
    answer = office.post(
        f"/office/stock/{HOOK}/lager/display", data={"shown": "yes"}, follow_redirects=True
    )
    assert "Ein Lager zeigt niemandem etwas" in words_of(answer)
    answer = office.post(f"{PAGE}/display", data={"shown": "perhaps"}, follow_redirects=True)
    assert "Ist er ausgestellt oder nicht?" in words_of(answer)
    nothing = "/office/stock/NOTHING/bonn/display"
    assert office.post(nothing, data={"shown": "yes"}).status_code == 404
    elsewhere = f"/office/stock/{HOOK}/koeln/display"
    assert lead.post(elsewhere, data={"shown": "yes"}).status_code == 404
    assert moved(before) == set()


def test_a_count_is_blind_and_asks_why_before_it_books_a_difference(office):
    asked = office.post("/office/stock/counts", data=COUNT)
    task = task_of()
    assert asked.location == f"/office/stock/counts/{task.id}"
    assert (task.cause, task.document) == ("planned", "Ute Kranz")
    assert "Stück" not in words_of(office.get(asked.location))
    before = snapshot()
    for wrong in ("", "-1", "two", "9" * 9):
        page = office.post(asked.location, data={"counted": wrong})
        assert "Bitte geben Sie die gezählten Stück an" in words_of(page)
    page = words_of(office.post(asked.location, data={"counted": "3"}))
    assert "Das weicht von den Büchern ab" in page
    assert moved(before) == set()
    form = {"counted": "3", "reason": "theft"}
    told = words_of(office.post(asked.location, data=form, follow_redirects=True))
    assert "Gebucht: Abweichung -2." in told
    assert "Vertrauen in Bonn: 33 % (0 von 1 Zählungen" in told
    assert balance().on_hand == 3
    with reading() as session:
        assert trust.surprises(session, HOOK, "bonn")[0].reason == "theft"
    before = snapshot()
    again = words_of(office.post(asked.location, data={"counted": "9", "reason": "theft"}))
    assert "Das ist schon gezählt und gebucht." in again
    assert "Gezählt am Mi 25.11., 12:30 von Ute Kranz: 3 Stück." in again
    assert moved(before) == set()
    assert office.get(f"/office/stock/counts/{uuid.uuid4()}").status_code == 404


def test_goods_that_are_kept_apart_are_counted_by_lots(office):
    with transaction() as session:
        ledger.write_off(session, "bonn", [(HOOK, 5)], document="Rost", actor="kai", key="w")
        tracking.track(session, HOOK, "lot", actor="Eva")
        lots = {HOOK: {"L 1": 3, "L-2": 2}}
        ledger.receive(
            session, "bonn", [(HOOK, 5)], document="WE-1", actor="kai", key="r", lots=lots
        )
    path = office.post("/office/stock/counts", data=COUNT).location
    before = snapshot()
    for wrong in ("L-2", "L 1 x", "L-2 -1"):
        told = words_of(office.post(path, data={"lots": wrong}))
        assert "in jede Zeile ein Los und seine Stückzahl" in told, wrong
    assert moved(before) == set()
    form = {"lots": "L 1 3\r\n\r\n L-2  1 ", "reason": "theft"}
    told = words_of(office.post(path, data=form, follow_redirects=True))
    assert "Gebucht: Abweichung -1." in told
    assert "Los L-2" in told
    with reading() as session:
        held = {row.lot: row.on_hand for row in lot_books.of_places(session, [("bonn", HOOK)])}
    assert held == {"L 1": 3, "L-2": 1}


def test_a_count_that_agrees_books_at_once(office):
    path = office.post("/office/stock/counts", data=COUNT).location
    told = words_of(office.post(path, data={"counted": "5"}, follow_redirects=True))
    assert "Gezählt: Die Bücher stimmen." in told
    assert task_of().counted == 5


def test_counts_are_planned_for_what_a_search_found(office):
    form = {"place": "bonn", "sku": [HOOK, LURE, "NO-SUCH"]}
    told = words_of(office.post("/office/stock/counts", data=form, follow_redirects=True))
    assert "2 neue Zählaufträge" in told
    assert "geplante Zählung" in told
    with reading() as session:
        assert {task.sku for task in counts.open_tasks(session, "bonn")} == {HOOK, LURE}
    before = snapshot()
    assert (
        office.post("/office/stock/counts", data={"place": "mars", "sku": HOOK}).status_code == 404
    )
    assert moved(before) == set()


def test_a_movement_is_corrected_once_and_says_why(office):
    receipt = latest()
    path = f"/office/stock/movements/{receipt.id}/correction"
    before = snapshot()
    refused = words_of(office.post(path, data={"reason": ""}, follow_redirects=True))
    assert "Bitte sagen Sie, warum." in refused
    for nothing in (0, 2**62, 2**70):
        nowhere = f"/office/stock/movements/{nothing}/correction"
        assert office.post(nowhere, data={"reason": "x"}).status_code == 404
    assert moved(before) == set()
    form = {"reason": "falsche Kiste", "place": "bonn"}
    told = words_of(office.post(path, data=form, follow_redirects=True))
    assert f"Bewegung {receipt.id}: falsche Kiste · Ute Kranz" in told
    assert (balance().on_hand, latest().cause) == (0, "correction")
    before = snapshot()
    office.post(path, data=form)
    assert moved(before) == set()


def test_who_works_for_one_store_changes_that_store_only(shop):
    lead, service = at_work(shop, "lead"), at_work(shop, "service")
    form = {"units": "1", "reason": "Messe"}
    before = snapshot()
    assert lead.post(f"/office/stock/{LURE}/lager/safety", data=form).status_code == 404
    assert lead.post("/office/stock/counts", data={**COUNT, "place": "lager"}).status_code == 404
    assert service.post(f"{PAGE}/safety", data=form).status_code == 403
    assert moved(before) == set()
    assert "Festlegen" not in words_of(lead.get(f"/office/stock/{LURE}/lager"))
    assert "Festlegen" not in words_of(service.get(PAGE))
    assert "Festlegen" in words_of(lead.get(PAGE))
    assert lead.post(f"{PAGE}/safety", data=form).status_code == 302
    assert balance().safety_stock == 1


def test_drift_is_shown_and_repaired_with_one_button(office, owner):
    assert "Jeder Bestand ist die Summe" in words_of(office.get("/office/reconciliation"))
    owner.execute(
        "UPDATE stock_balances SET on_hand = 7 WHERE (location, sku) = ('bonn', %s)", [HOOK]
    )
    told = words_of(
        office.post("/office/reconciliation/checks", data={"scope": "all"}, follow_redirects=True)
    )
    assert "1 Abweichung" in told
    assert f"Offset-Haken 3/0 Bonn · {HOOK} vorhanden 7 / 5 Abgleichen" in told
    form = {"place": "bonn", "sku": HOOK}
    told = words_of(office.post("/office/reconciliation/repairs", data=form, follow_redirects=True))
    assert "Jeder Bestand ist die Summe" in told
    assert f"{HOOK} Bonn vorhanden 7 / 5 Bewegung {latest().id} · Ute Kranz" in told
    with reading() as session:
        assert [row.drifted for row in reconciliation.checks(session)] == [1]
    assert task_of().cause == "reconciliation"
    for nobody in ({"place": "mars", "sku": HOOK}, {"place": "bonn", "sku": "NOTHING"}, {}):
        assert office.post("/office/reconciliation/repairs", data=nobody).status_code == 404


@pytest.mark.parametrize("month", ["2026-10", "2026-13", "never"])
def test_a_month_that_is_not_closed_cannot_be_proved(office, month):
    answer = office.post(f"/office/reconciliation/months/{month}/proof", follow_redirects=True)
    assert "Dieser Monat ist nicht abgeschlossen." in words_of(answer)


def test_a_closed_month_is_proved(office, monkeypatch):
    monkeypatch.setattr("fulfilment.stock.months.prove", lambda _session, month: [month] * 3)
    answer = office.post("/office/reconciliation/months/2026-10/proof", follow_redirects=True)
    assert "2026-10: 3 Konten stimmen nicht." in words_of(answer)
    monkeypatch.setattr("fulfilment.stock.months.prove", lambda *_: [])
    answer = office.post("/office/reconciliation/months/2026-10/proof", follow_redirects=True)
    assert "2026-10 ist bewiesen, in 0.0 s." in words_of(answer)


def test_pages_speak_english(office):
    with transaction() as session:
        session.execute(text("SELECT 1"))
    for path in (PAGE, f"/office/stock/{HOOK}", "/office/reconciliation"):
        shown = words_of(office.get(f"/en{path}"))
        for german in ("Warum", "vorhanden", "Zählen", "Abgleich", "Verlauf", "Vertrauen"):
            assert german not in shown, (path, german)
