"""Rules, costs and calendars as a person edits them: draft, effect, publishing, the way back."""

import re

import pytest
from sqlalchemy import select

from app.workflows import checkout
from fulfilment import rules
from fulfilment.models import ClosedDay, Location, RoutingSetup, Tariff
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("bonn", HOOK): 5}


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    hire("office", "admin", "lead", "service")
    return app


@pytest.fixture
def office(shop):
    return at_work(shop, "office")


def form(page):
    """Return the fields of the page's own form as a browser would send them back."""
    body = page.get_data(as_text=True)
    inner = body.split('<form method="post" class="stack')[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", inner):
        known = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if known.get("type") == "checkbox" and " checked" not in tag:
            continue
        found[known["name"]] = known.get("value", "")
    return found


def edit(client, path, **changes):
    """Fill in the form at `path` and send it."""
    typed = {name.replace("__", "."): value for name, value in changes.items()}
    return client.post(path, data={**form(client.get(path)), **typed})


def draft():
    with reading() as session:
        return rules.draft_of(session)


def in_force():
    with reading() as session:
        return rules.read(session)


def test_a_rule_becomes_a_draft_and_then_a_version(office):
    saved = edit(office, "/office/setup/rules", split_minor="9,50", counter_percent="50")
    assert saved.status_code == 302
    assert draft().setup.rules.split_minor == 950
    assert in_force().rules.split_minor == 190
    page = text(office.get("/office/setup/rules"))
    assert "Entwurf: 2 Änderungen" in page
    assert "In Kraft: 1,90 €." in page
    shown = text(office.get("/office/setup/draft"))
    assert "Regeln Jedes weitere Paket 1,90 € → 9,50 €" in shown
    assert "Regeln Gewicht des Tresens 100 % → 50 %" in shown
    assert "Noch keine Bestellung, an der man es sehen könnte." in shown
    done = office.post(
        "/office/setup/publication",
        data={"version": str(draft().version), "reason": "Pakete sind teuer"},
    )
    assert done.status_code == 302
    assert in_force().rules.split_minor == 950
    version = text(office.get(done.location))
    assert "Version 2 gilt jetzt" in version
    assert "Pakete sind teuer" in version
    listed = text(office.get("/office/setup/versions"))
    assert "Ute Kranz Pakete sind teuer 2" in listed
    assert "Was galt, bevor jemand veröffentlicht hat" in listed


def test_the_draft_shows_what_it_does_to_the_last_orders_and_moves_nothing(office, settle_events):
    checkout.place(small_shop.basket_with((LURE, 1), (HOOK, 1)), small_shop.buyer())
    settle_events()
    edit(office, "/office/setup/rules", split_minor="9,50")
    before = snapshot()
    page = text(office.get("/office/setup/draft"))
    # Two parcels for 4.90 € each, two lines of handling for 0.60 €, 1.90 € for the second parcel.
    assert "1 Bestellung: 7,60 € teurer (58,9 %)" in page
    assert "Andere Preise für dieselben Pläne: +7,60 €" in page
    assert "zusätzliche Pakete 1,90 € 9,50 € +7,60 € schlechter" in page
    assert "Keine Bestellung ginge anders." in page
    assert moved(before) == set()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("split_minor", "viel", "Bitte eine Zahl, zum Beispiel 4,90."),
        ("split_minor", "1,999", "So genau lässt sich das nicht angeben."),
        ("split_minor", "99999", "Bitte zwischen 0 und 1.000 €."),
        ("max_parcels", "0", "Bitte zwischen 1 und 100."),
        ("max_parcels", "2,5", "Bitte eine ganze Zahl."),
        ("counter_percent", "201", "Bitte zwischen 0 und 200 %."),
    ],
)
def test_a_slip_is_told_at_its_field_and_nothing_typed_is_lost(office, field, typed, said):
    before = snapshot()
    answer = edit(office, "/office/setup/rules", **{field: typed, "late_minor": "7,77"})
    assert answer.status_code == 422
    body = answer.get_data(as_text=True)
    assert re.search(rf'id="f-{field}-error">.*?{re.escape(said)}', body, re.DOTALL)
    assert form(answer)[field] == typed
    assert form(answer)["late_minor"] == "7,77"
    assert moved(before) == set()


def test_an_empty_price_means_never_planned(office):
    edit(office, "/office/setup/rules", need_by_late_minor="3")
    assert draft().setup.rules.need_by_late_minor == 300
    edit(office, "/office/setup/rules", need_by_late_minor="")
    assert draft().setup.rules.need_by_late_minor is None


def test_a_locations_week_and_closed_days(office):
    saved = edit(
        office,
        "/office/setup/locations/bonn",
        hours__0="", hours__0__closes="", hours__5__closes="16:30", cut_off="15:00",
        capacity_per_day="12", handling_line_minor="0,75",
        closed__0__day="2026-12-23", closed__0__reason="Inventur",
    )  # fmt: skip
    assert saved.status_code == 302
    page = text(office.get("/office/setup/draft"))
    for line in (
        "Bonn Montag 09:00–19:00 → geschlossen",
        "Bonn Samstag 09:00–19:00 → 09:00–16:30",
        "Bonn Annahmeschluss 16:00 → 15:00",
        "Bonn Pakete am Tag 50 → 12",
        "Bonn Handarbeit je Position 0,50 € → 0,75 €",
        "Bonn geschlossen am Mi 23.12. offen → Inventur",
    ):
        assert line in page
    office.post("/office/setup/publication", data={"version": draft().version, "reason": "Winter"})
    with reading() as session:
        row = session.get_one(Location, "bonn")
        closed = session.scalars(select(ClosedDay)).all()
    assert row.opening_hours["0"] is None
    assert (row.cut_off, row.capacity_per_day, row.handling_line_minor) == ("15:00", 12, 75)
    assert [(one.location, one.reason) for one in closed] == [("bonn", "Inventur")]
    year = office.get("/office/setup/locations/bonn").get_data(as_text=True)
    assert 'class="day--closed" title="Mi 23.12.: Inventur"' in year
    assert 'class="day--holiday" title="Fr 25.12.: Feiertag"' in year


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cut_off": "22:00"}, "Liegt an keinem Tag in den Öffnungszeiten."),
        ({"hours__0": "20:00"}, "Schließt, bevor geöffnet wird."),
        ({"hours__6": "10:00"}, "Öffnet und schließt: beides, oder keines von beiden."),
        ({"closed__0__day": "2026-12-23"}, "Warum? Zum Beispiel: Inventur."),
        ({"closed__0__reason": "Inventur"}, "Bitte ein Datum."),
        ({"capacity_per_day": ""}, "Bitte eine ganze Zahl."),
    ],
)
def test_what_makes_no_sense_at_a_location_is_said_there(office, changes, said):
    before = snapshot()
    answer = edit(office, "/office/setup/locations/bonn", **changes)
    assert answer.status_code == 422
    assert said in text(answer)
    assert moved(before) == set()


def test_a_tariff_with_a_new_step_and_zone_and_its_sheet(office):
    path = "/office/setup/tariffs/paket"
    saved = edit(
        office, path,
        groups__std__2__steps_grams="40", groups__std__2__prices_minor="12,9",
        zones__0__up_to_km="150", zones__0__transit_days="1",
        zones__1__up_to_km="2000", zones__1__transit_days="2", zones__1__surcharge_minor="0,45",
    )  # fmt: skip
    assert saved.status_code == 302
    page = text(office.get(path))
    assert "bis bis 150 km 1 Tag bis 2000 km 2 Tage" in page
    assert "2 kg 4,90 € 5,35 € 31,5 kg 8,90 € 9,35 € 40 kg 12,90 € 13,35 €" in page
    shown = text(office.get("/office/setup/draft"))
    assert "Paket Paket bis 40 kg – → 12,90 €" in shown
    assert "Paket bis 150 km: Laufzeit – → 1 Tag" in shown


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"groups__std__1__steps_grams": "1"}, "groups.std.1.steps_grams", "Muss mehr sein"),
        ({"groups__std__1__prices_minor": "1"}, "groups.std.1.prices_minor", "Muss mehr sein"),
        ({"groups__std__2__steps_grams": "40"}, "groups.std.2.prices_minor", "Bitte eine Zahl"),
        ({"zones__1__up_to_km": "10", "zones__1__transit_days": "1"}, "zones.1.up_to_km", "Muss"),
    ],
)
def test_what_makes_no_sense_in_a_tariff_is_said_in_its_row(office, changes, field, said):
    before = snapshot()
    answer = edit(office, "/office/setup/tariffs/paket", **changes)
    assert answer.status_code == 422
    place = f'id="e-{field.replace(".", "-")}"'
    assert said in answer.get_data(as_text=True).split(place)[1][:300]
    assert moved(before) == set()


def test_a_tariff_is_copied_given_to_a_store_and_taken_out_again(office):
    made = office.post(
        "/office/setup/tariffs/paket/copies", data={"code": "Express", "name": "Über Nacht"}
    )
    assert made.location.endswith("/office/setup/tariffs/express")
    edit(office, "/office/setup/locations/bonn", tariffs__express="1")
    assert draft().setup.locations["bonn"].tariffs == ("paket", "express")
    used = office.post("/office/setup/tariffs/express/removal")
    assert used.location.endswith("/office/setup/tariffs/express")
    assert "express" in draft().setup.tariffs
    fields = form(office.get("/office/setup/locations/bonn"))
    del fields["tariffs.express"]
    office.post("/office/setup/locations/bonn", data=fields)
    assert office.post("/office/setup/tariffs/express/removal").location.endswith("/office/setup")
    assert rules.differences(in_force(), draft().setup) == []
    with reading() as session:
        assert session.scalars(select(Tariff.code)).all() == ["paket"]


def test_two_people_edit_different_parts_at_the_same_time(shop, office):
    karl = at_work(shop, "admin")
    mine, theirs = form(office.get("/office/setup/rules")), form(karl.get("/office/setup/rules"))
    place = form(karl.get("/office/setup/locations/bonn"))
    office.post("/office/setup/rules", data={**mine, "split_minor": "3"})
    assert (
        karl.post(
            "/office/setup/locations/bonn", data={**place, "capacity_per_day": "7"}
        ).status_code
        == 302
    )
    assert (draft().setup.rules.split_minor, draft().setup.locations["bonn"].capacity_per_day) == (
        300,
        7,
    )
    late = karl.post("/office/setup/rules", data={**theirs, "split_minor": "4"})
    assert late.status_code == 409
    assert "hat das inzwischen geändert" in text(late)
    assert form(late)["split_minor"] == "4"
    assert draft().setup.rules.split_minor == 300
    assert karl.post("/office/setup/rules", data=form(late)).status_code == 302
    assert draft().setup.rules.split_minor == 400


def test_a_draft_that_somebody_changed_is_not_published_unseen(shop, office):
    edit(office, "/office/setup/rules", split_minor="3")
    seen = draft().version
    edit(at_work(shop, "admin"), "/office/setup/rules", split_minor="9")
    before = snapshot()
    late = office.post("/office/setup/publication", data={"version": seen, "reason": "Pakete"})
    assert late.status_code == 409
    assert "Inzwischen hat jemand den Entwurf geändert." in text(late)
    assert 'value="Pakete"' in late.get_data(as_text=True)
    again = office.post("/office/setup/publication", data={"version": draft().version})
    assert "Bitte sagen Sie, warum." in text(again)
    assert moved(before) == set()


def test_an_old_version_comes_back_as_a_draft(office):
    edit(office, "/office/setup/rules", split_minor="3")
    office.post("/office/setup/publication", data={"version": draft().version, "reason": "mal so"})
    page = text(office.get("/office/setup/versions/1"))
    assert "Was heute anders ist Regeln Jedes weitere Paket 1,90 € → 3,00 €" in page
    back = office.post("/office/setup/versions/1/restoration", data={"version": draft().version})
    assert back.location.endswith("/office/setup/draft")
    assert in_force().rules.split_minor == 300
    assert draft().restored_from == 1
    office.post("/office/setup/publication", data={"version": draft().version, "reason": "zurück"})
    assert in_force().rules.split_minor == 190
    with reading() as session:
        numbers = session.scalars(select(RoutingSetup.number).order_by(RoutingSetup.number)).all()
    assert numbers == [1, 2, 3]


def test_a_draft_is_thrown_away(office):
    edit(office, "/office/setup/rules", split_minor="3")
    office.post("/office/setup/discard", data={"version": draft().version})
    assert not draft().is_open
    assert "Es gibt keinen Entwurf" in text(office.get("/office/setup/draft"))


def test_a_store_lead_reads_and_does_not_edit(shop):
    lead = at_work(shop, "lead")
    page = lead.get("/office/setup/locations/bonn")
    assert page.status_code == 200
    assert "Im Entwurf speichern" not in text(page)
    assert lead.post("/office/setup/locations/bonn").status_code == 403
    assert lead.post("/office/setup/publication").status_code == 403
    assert at_work(shop, "service").get("/office/setup").status_code == 403


def test_what_is_not_there_is_not_found(office):
    for path in ("locations/paris", "tariffs/luft", "versions/9"):
        assert office.get(f"/office/setup/{path}").status_code == 404


def test_amounts_are_read_as_people_write_them(office):
    client = office
    client.post("/en/office/setup/rules", data={})
    fields = form(client.get("/en/office/setup/rules"))
    assert fields["split_minor"] == "1.90"
    client.post("/en/office/setup/rules", data={**fields, "short_minor": "1,200.50"})
    assert draft().setup.rules.short_minor == 120_050
    edit(client, "/office/setup/rules", short_minor="1.300")
    assert draft().setup.rules.short_minor == 130_000


def test_a_promise_cheaper_than_a_late_day_is_worth_a_look(office):
    edit(office, "/office/setup/rules", broken_promise_minor="1")
    page = text(office.get("/office/setup/draft"))
    assert "Regeln: Eine Zusage zu brechen kostet weniger als ein später Tag." in page


def test_a_draft_without_an_author_is_no_draft(office):
    with transaction() as session:
        assert not rules.draft_of(session).is_open
    assert "Entwurf:" not in text(office.get("/office/setup"))
