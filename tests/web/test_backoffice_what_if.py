"""What if: asked, answered by a worker, looked up; nothing is moved by it."""

import pytest

from app.workflows import checkout
from fulfilment.whatif import runs
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("bonn", HOOK): 5, ("bonn", LURE): 4}
ASKED = {
    "since": "2026-11-01", "until": "2026-11-25", "title": "Zweites Paket", "what": "values",
    "split_minor": "30", "late_minor": "1,50", "broken_promise_minor": "25",
    "counter_percent": "100", "percent": "0", "without": "",
}  # fmt: skip


@pytest.fixture
def office(app, settle_events):
    small_shop.build(STOCK)
    hire("office", "lead")
    checkout.place(small_shop.basket_with((LURE, 2), (HOOK, 1)), small_shop.buyer())
    checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    settle_events()
    return at_work(app, "office")


def test_an_answer_is_told_with_bars_a_table_and_links(office, settle_events):
    asked = office.post("/office/what-if", data={**ASKED, "percent": "100"})
    assert asked.status_code == 302
    waiting = office.get(asked.location)
    assert "0 von 2 Entscheidungen" in text(waiting)
    assert 'data-refresh="1"' in waiting.get_data(as_text=True)
    before = snapshot()
    settle_events()
    assert moved(before) <= {"whatif_runs", "outbox_events"}
    page = office.get(asked.location)
    said = text(page)
    assert 'data-refresh="1"' not in page.get_data(as_text=True)
    assert "Regeln Jedes weitere Paket 1,90 € → 30,00 €" in said
    assert "2 Bestellungen" in said
    assert "nichts wurde bewegt" in said
    assert "Zweites Paket 01.11.2026 – 25.11.2026 · Ute Kranz" in said
    assert "Zweites Paket und 2 weitere Änderungen 01.11.2026 – 25.11.2026" in text(
        office.get("/office/what-if")
    )


def test_without_the_warehouse_the_stores_send(office, settle_events):
    asked = office.post(
        "/office/what-if", data={**ASKED, "split_minor": "1,90", "without": "lager"}
    )
    settle_events()
    said = text(office.get(asked.location))
    assert "Lager Kassel Pakete am Tag 50 → 0" in said
    assert "Eine Bestellung ginge anders" in said
    assert "ist der Plan von damals nicht mehr möglich" in said
    assert "Lager Kassel 1 → neu 0" in said
    assert "Bonn 3 → neu 4" in said


def test_a_draft_is_asked_about(office, settle_events):
    with transaction() as session:
        from fulfilment import rules

        draft = rules.draft_of(session)
        setup = rules.changed(draft.setup, {"split_minor": 777})
        rules.save_draft(session, "Ute Kranz", setup, draft.version)
    asked = office.post("/office/what-if", data={**ASKED, "what": "draft"})
    settle_events()
    assert "Jedes weitere Paket 1,90 € → 7,77 €" in text(office.get(asked.location))


def test_a_question_is_cancelled(office, settle_events):
    asked = office.post("/office/what-if", data=ASKED)
    office.post(f"{asked.location}/cancellation")
    settle_events()
    assert "Abgebrochen nach 0 von 2 Entscheidungen." in text(office.get(asked.location))
    again = office.post(f"{asked.location}/cancellation", follow_redirects=True)
    assert "Diese Rechnung ist schon zu Ende." in text(again)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"since": "2026-12-01"}, "Der Zeitraum ist leer."),
        ({"since": "2025-01-01", "until": "2025-02-01"}, "In diesem Zeitraum wurde nichts"),
        ({"since": "gestern"}, "Bitte ein Datum."),
        ({"split_minor": "viel"}, "Bitte eine Zahl"),
        ({"split_minor": "99999"}, "Bitte zwischen 0 und 1.000 €."),
        ({"percent": "-100"}, "Bitte eine ganze Zahl zwischen -99 und 1000."),
        ({"until": "9999-12-31"}, "Bitte ein Datum."),
    ],
)
def test_a_question_that_makes_no_sense_comes_back_as_typed(office, changes, said):
    before = snapshot()
    answer = office.post("/office/what-if", data={**ASKED, **changes})
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'value="Zweites Paket"' in answer.get_data(as_text=True)
    assert moved(before) == set()


def test_only_the_office_asks(app, office):
    lead = at_work(app, "lead")
    assert lead.get("/office/what-if").status_code == 403
    assert lead.post("/office/what-if", data=ASKED).status_code == 403
    assert office.get("/office/what-if/01a201b1-4203-7213-904b-493ae13bdc88").status_code == 404
    with reading() as session:
        assert runs.newest(session) == []
