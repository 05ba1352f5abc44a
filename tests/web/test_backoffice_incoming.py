"""Goods that come, on the pages of the back office: ordered, late, scanned in, sent on."""

from datetime import date, timedelta

import pytest

from app.web.backoffice import incoming_forms as forms
from fulfilment.answers import availability
from fulfilment.inbound import incoming, purchases, transfers
from fulfilment.inbound.purchases import Wanted
from fulfilment.stock import ledger
from fulfilment.tracing import lots, tracking
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid
from tests import small_shop
from tests.small_shop import FRIDAY, HOOK, HOOK_GTIN, LURE, LURE_GTIN, PAN, WEDNESDAY
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

SATURDAY = FRIDAY + timedelta(days=1)
BY = {"actor": "Ute Kranz"}


@pytest.fixture
def shop(app):
    small_shop.build({("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", LURE): 6})
    hire("office", "lead", "service")
    return app


@pytest.fixture
def office(shop):
    return at_work(shop, "office")


@pytest.fixture
def ordered(shop):
    with transaction() as session:
        lines = [Wanted(HOOK, 40, FRIDAY), Wanted(LURE, 12, date(2026, 11, 24))]
        return purchases.place(
            session, supplier="Angel-Groß", location="lager", lines=lines, number="EK-1", **BY
        )


@pytest.fixture
def on_its_way(shop):
    with transaction() as session:
        transfers.request(
            session,
            origin="lager",
            location="bonn",
            lines=[(LURE, 4)],
            expected_on=SATURDAY,
            number="UL-1",
            **BY,
        )
        transfers.send(session, "UL-1", **BY)


def on_hand(place, sku):
    with reading() as session:
        return availability.available(session, [sku])[place, sku].on_hand


def key_of(answer):
    body = answer.get_data(as_text=True)
    return body.partition('name="key" value="')[2].partition('"')[0]


def test_what_comes_is_listed_by_day_and_late_goods_first(office, ordered, on_its_way):
    shown = words_of(office.get("/office/incoming"))
    late, later = shown.index("EK-1"), shown.index("UL-1")
    assert shown.index("Dienstag, 24.11. überfällig, zählt nicht als Zugang") < late < later
    assert "Angel-Groß Lager Kassel 52 Stück · 2 Positionen" in shown
    assert "Samstag, 28.11. UL-1 Lager Kassel Bonn 4 Stück · 1 Position" in shown
    assert "Wareneingang 1 dringend" in shown
    assert "EK-1" not in words_of(office.get("/office/incoming?place=bonn"))
    assert "EK-1" in words_of(office.get("/office/incoming?place=mars"))
    empty = words_of(office.get("/office/incoming?place=koeln"))
    assert "Nichts unterwegs" in empty


def test_goods_are_ordered_by_gtin_and_sku(office):
    form = {
        "supplier": "Angel-Groß",
        "location": "lager",
        "number": "",
        "sku": [HOOK_GTIN, LURE.lower(), ""],
        "quantity": ["40", "12", ""],
        "day": ["2026-11-27", "", ""],
        "place": "",
    }
    answer = office.post("/office/incoming/purchases/new", data=form)
    assert answer.location == "/office/incoming/EK-00001"
    with reading() as session:
        order = purchases.view(session, "EK-00001")
    assert (order.supplier, order.placed_by) == ("Angel-Groß", "Ute Kranz")
    assert [(line.sku, line.ordered, line.expected_on) for line in order.lines] == [
        (HOOK, 40, FRIDAY),
        (LURE, 12, None),
    ]
    shown = words_of(office.get(answer.location))
    assert "0 von 40 gekommen" in shown
    assert "bestellt: " not in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"supplier": " "}, "Bitte nennen Sie den Lieferanten."),
        ({"sku": ["NOTHING"]}, "Mindestens einen dieser Artikel gibt es nicht."),
        ({"sku": ["9520000000012"]}, "Mindestens einen dieser Artikel gibt es nicht."),
        ({"sku": [""]}, "Bitte geben Sie mindestens einen Artikel mit Stückzahl an."),
        ({"quantity": ["0"]}, "Bitte geben Sie ganze Stückzahlen an."),
        ({"quantity": ["-3"]}, "Bitte geben Sie ganze Stückzahlen an."),
        ({"quantity": ["999999"]}, "Bitte geben Sie ganze Stückzahlen an."),
        ({"quantity": ["²"]}, "Bitte geben Sie ganze Stückzahlen an."),
        ({"day": ["someday"]}, "Dieses Datum verstehen wir nicht."),
        ({"location": "mars"}, "Diesen Standort gibt es nicht."),
        ({"number": "EK-1"}, "Diese Belegnummer gibt es schon."),
        ({"number": "a/b"}, "Diese Belegnummer geht nicht (höchstens 32 Zeichen, kein /)."),
    ],
)
def test_an_order_that_makes_no_sense_says_why_and_keeps_what_was_typed(
    office, ordered, change, said
):
    form = {"supplier": "Angel-Groß", "location": "lager", "number": "", "sku": [HOOK]}
    before = snapshot()
    answer = office.post(
        "/office/incoming/purchases/new",
        data={**form, "quantity": ["7"], "day": [""], **change},
    )
    assert answer.status_code == 200
    assert said in words_of(answer)
    assert f'value="{change.get("supplier", "Angel-Groß")}"' in answer.get_data(as_text=True)
    assert moved(before) == set()


def test_enter_after_a_scan_asks_for_more_rows_and_orders_nothing(office):
    before = snapshot()
    answer = office.post(
        "/office/incoming/purchases/new",
        data={"more": "", "supplier": "A", "location": "lager", "sku": [HOOK_GTIN]},
    )
    assert answer.get_data(as_text=True).count('name="sku"') == 7
    assert moved(before) == set()


def test_scans_count_up_and_nothing_is_booked_before_it_is_said(office, ordered):
    before = snapshot()
    path = "/office/incoming/EK-1/arrivals"
    key = key_of(office.get("/office/incoming/EK-1"))
    answer = office.post(path, data={"key": key, "code": HOOK_GTIN, "scan": ""})
    assert f'name="units:{HOOK}" inputmode="numeric" maxlength="6"' in answer.get_data(as_text=True)
    assert key_of(answer) == key
    typed = {"key": key, f"units:{HOOK}": "1", "code": HOOK, "scan": ""}
    answer = office.post(path, data=typed)
    body = answer.get_data(as_text=True)
    assert 'value="2" aria-label="Stück OH-30"' in body
    stranger = office.post(path, data={"key": key, "code": PAN, "scan": ""})
    assert "Schmiedepfanne 28 cm steht nicht auf diesem Beleg." in words_of(stranger)
    assert "Diesen Artikel gibt es nicht" in words_of(office.post(path, data={"code": "NOTHING"}))
    everything = office.post(path, data={"all": ""}).get_data(as_text=True)
    assert 'value="40" aria-label="Stück OH-30"' in everything
    assert 'value="12" aria-label="Stück RS-9-MO"' in everything
    assert moved(before) == set()


def test_a_delivery_is_booked_once_and_what_is_beyond_is_said(office, ordered):
    data = {"key": "WE-1", "note": "LS 7", f"units:{HOOK}": "42", f"units:{LURE}": "", "book": ""}
    path = "/office/incoming/EK-1/arrivals"
    said = words_of(office.post(path, data=data, follow_redirects=True))
    assert "42 Stück eingebucht." in said
    assert "Mehr als erwartet: 2 × OH-30" in said
    assert "42 von 40 gekommen" in said
    assert on_hand("lager", HOOK) == 45
    with reading() as session:
        [movement, *_] = ledger.movements(session, HOOK)
        [entry, *_] = incoming.history(session, "EK-1")
    assert (movement.cause, movement.document, movement.actor) == ("receipt", "EK-1", "Ute Kranz")
    assert (entry.what, entry.quantity, entry.reason) == ("received", 42, "LS 7")
    before = snapshot()
    again = words_of(office.post(path, data=data, follow_redirects=True))
    assert "Dieser Wareneingang ist schon gebucht." in again
    assert moved(before) == set()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({f"units:{HOOK}": "x"}, "Bitte geben Sie ganze Stückzahlen an."),
        ({f"units:{HOOK}": ""}, "Bitte geben Sie mindestens einen Artikel mit Stückzahl an."),
        ({f"units:{PAN}": "1"}, "Das wurde nicht bestellt."),
    ],
)
def test_a_delivery_that_makes_no_sense_books_nothing(office, ordered, data, said):
    before = snapshot()
    answer = office.post("/office/incoming/EK-1/arrivals", data={"key": "a", "book": "", **data})
    assert said in words_of(answer)
    assert moved(before) == set()


def test_a_late_line_gets_a_new_day_with_a_reason(office, ordered):
    data = {"day:1": "2026-11-27", "day:2": "2026-11-30", "reason": "Sturm"}
    answer = office.post("/office/incoming/EK-1/days", data=data, follow_redirects=True)
    said = words_of(answer)
    assert "Der Termin ist geändert." in said
    assert "Di 24.11. → Mo 30.11. · Sturm" in said
    assert "überfällig" not in words_of(office.get("/office/incoming"))
    before = snapshot()
    wrong = office.post(
        "/office/incoming/EK-1/days", data={"day:1": "31.12."}, follow_redirects=True
    )
    assert "Dieses Datum verstehen wir nicht." in words_of(wrong)
    assert moved(before) == set()


def test_a_line_is_added_and_the_rest_cancelled(office, ordered):
    data = {"sku": PAN, "quantity": "3", "day": ""}
    assert "Ergänzt." in words_of(
        office.post("/office/incoming/EK-1/lines", data=data, follow_redirects=True)
    )
    said = words_of(office.post("/office/incoming/EK-1/cancellation", follow_redirects=True))
    assert "55 Stück werden nicht mehr erwartet." in said
    assert "storniert" in said
    before = snapshot()
    late = office.post("/office/incoming/EK-1/lines", data=data, follow_redirects=True)
    assert "Diese Bestellung ist schon abgeschlossen." in words_of(late)
    assert moved(before) == set()


def test_a_transfer_is_asked_for_sent_and_taken_in(shop, office):
    form = {"origin": "lager", "location": "bonn", "expected_on": "2026-11-27"}
    rows = {"sku": [LURE_GTIN], "quantity": ["5"]}
    answer = office.post("/office/incoming/transfers/new", data={**form, **rows})
    path = answer.location
    assert path == "/office/incoming/UL-00001"
    assert "5 angefordert" in words_of(office.get(path))
    sent = {f"units:{LURE}": "4", "expected_on": "2026-11-28"}
    assert "Unterwegs." in words_of(
        office.post(f"{path}/dispatch", data=sent, follow_redirects=True)
    )
    assert (on_hand("lager", LURE), on_hand("bonn", LURE)) == (20, 6)

    lead = at_work(shop, "lead")
    arrived = {"key": "a", f"units:{LURE}": "3", "book": ""}
    shown = words_of(lead.post(f"{path}/arrivals", data=arrived, follow_redirects=True))
    assert "3 von 4 angekommen" in shown
    assert on_hand("bonn", LURE) == 9
    before = snapshot()
    assert lead.post(f"{path}/closing", data={"reason": "x"}).status_code == 403
    empty = office.post(f"{path}/closing", data={"reason": ""}, follow_redirects=True)
    assert "Bitte sagen Sie, warum." in words_of(empty)
    assert moved(before) == set()
    closed = {"reason": "Karton aufgerissen"}
    said = words_of(office.post(f"{path}/closing", data=closed, follow_redirects=True))
    assert "1 Stück abgeschrieben." in said
    assert "3 von 4 angekommen, 1 verloren" in said
    assert "unterwegs verloren" in words_of(office.get("/office/stock"))


def test_a_request_is_dropped_and_an_impossible_one_refused(office):
    form = {"origin": "bonn", "location": "bonn", "sku": [LURE], "quantity": ["5"]}
    answer = office.post("/office/incoming/transfers/new", data=form)
    assert "Herkunft und Ziel müssen verschiedene Standorte sein." in words_of(answer)
    path = office.post(
        "/office/incoming/transfers/new", data={**form, "location": "koeln", "quantity": ["7"]}
    ).location
    before = snapshot()
    sent = office.post(f"{path}/dispatch", data={f"units:{LURE}": "7"}, follow_redirects=True)
    assert "Davon ist nicht mehr genug da." in words_of(sent)
    assert moved(before) == set()
    dropped = office.post(f"{path}/cancellation", follow_redirects=True)
    assert "Die Umlagerung ist storniert." in words_of(dropped)


def test_a_store_sees_and_takes_in_only_what_is_its_own(shop, ordered, on_its_way):
    lead = at_work(shop, "lead")
    shown = words_of(lead.get("/office/incoming"))
    assert "UL-1" in shown
    assert "EK-1" not in shown
    assert "EK-1" not in words_of(lead.get("/office/incoming?place=lager"))
    before = snapshot()
    assert lead.get("/office/incoming/EK-1").status_code == 404
    assert lead.get("/office/incoming/NOTHING").status_code == 404
    booked = {"key": "a", f"units:{HOOK}": "1", "book": ""}
    assert lead.post("/office/incoming/EK-1/arrivals", data=booked).status_code == 404
    form = {"origin": "lager", "location": "koeln", "sku": [LURE], "quantity": ["1"]}
    strange = lead.post("/office/incoming/transfers/new", data=form)
    assert "Herkunft oder Ziel muss Ihr Standort sein." in words_of(strange)
    assert lead.post("/office/incoming/UL-1/dispatch", data={}).status_code == 403
    assert moved(before) == set()
    with transaction() as session:
        back = {"origin": "bonn", "location": "koeln", "lines": [(LURE, 1)], "number": "UL-2"}
        transfers.request(session, **back, **BY)
        transfers.send(session, "UL-2", **BY)
    before = snapshot()
    arrived = {"key": "a", f"units:{LURE}": "1", "book": ""}
    assert lead.post("/office/incoming/UL-2/arrivals", data=arrived).status_code == 403
    assert moved(before) == set()


def test_service_looks_and_touches_nothing(shop, ordered):
    service = at_work(shop, "service")
    page = service.get("/office/incoming/EK-1").get_data(as_text=True)
    assert "EK-1" in page
    for button in ("Einbuchen", "Termin ändern", "Rest stornieren"):
        assert button not in page
    before = snapshot()
    for step in ("arrivals", "days", "cancellation", "lines", "closing", "dispatch"):
        assert service.post(f"/office/incoming/EK-1/{step}").status_code == 403
    assert moved(before) == set()


def test_goods_that_do_not_come_in_time_are_counted_beside_the_entry(office, ordered):
    with clock.frozen(WEDNESDAY + timedelta(days=3)):
        assert "Wareneingang 1 dringend" in words_of(office.get("/office/incoming"))


def test_the_pages_speak_english_too(office, ordered):
    office.get("/office/incoming?lang=en")
    for path in ("/office/incoming", "/office/incoming/EK-1", "/office/incoming/purchases/new"):
        assert office.get(path).status_code == 200


def test_lots_are_typed_beside_goods_that_are_kept_apart():
    with pytest.raises(Invalid):
        forms.lots({"lots:A": "A12:x B"}, {"A": 10})
    assert forms.lots({"lots:A": " A12 ", "lots:B": "", "lots:C": "X"}, {"A": 10, "B": 2}) == {
        "A": {"A12": 10}
    }
    assert forms.lots({"lots:A": "A12:4, B:13:6"}, {"A": 10}) == {"A": {"A12": 4, "B:13": 6}}
    assert forms.lots({"lots:A": "S-1 S-2"}, {"A": 2}) == {"A": {"S-1": 1, "S-2": 1}}


def test_goods_with_lots_are_taken_in_with_them(office):
    with transaction() as session:
        tracking.track(session, PAN, "lot", actor="Ute Kranz")
        purchases.place(
            session, supplier="A", location="lager", lines=[Wanted(PAN, 9)], number="EK-2", **BY
        )
    page = office.get("/office/incoming/EK-2").get_data(as_text=True)
    assert f'name="lots:{PAN}"' in page
    booked = {"key": "a", f"units:{PAN}": "9", "book": ""}
    before = snapshot()
    answer = office.post("/office/incoming/EK-2/arrivals", data=booked)
    assert answer.status_code == 200
    assert 'value="9" aria-label="Stück PAN-28"' in answer.get_data(as_text=True)
    assert moved(before) == set()
    answer = office.post(
        "/office/incoming/EK-2/arrivals", data={**booked, f"lots:{PAN}": "A1:4 B:5"}
    )
    assert answer.status_code == 302
    with reading() as session:
        held = [(row.lot, row.on_hand) for row in lots.of_sku(session, PAN)]
    assert sorted(held) == [("A1", 4), ("B", 5)]
