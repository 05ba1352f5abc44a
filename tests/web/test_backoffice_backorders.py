"""The page of those who wait, and the form that says how much a place may owe."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from fulfilment.claims import backorder_policies, backorders
from fulfilment.claims.reservations import Want
from fulfilment.inbound import purchases
from fulfilment.inbound.purchases import Wanted
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE, WEDNESDAY
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

MONDAY = date(2026, 11, 30)
PATH = f"/office/stock/{HOOK}/bonn/backorders"


@pytest.fixture
def shop(app):
    small_shop.build({("bonn", LURE): 3})
    hire("office", "lead", "service")
    return app


@pytest.fixture
def office(shop):
    return at_work(shop, "office")


def allow(units, location="bonn", ships_on=MONDAY):
    with transaction() as session:
        backorder_policies.put(
            session, location, HOOK, units=units, ships_on=ships_on, actor="Ute Kranz"
        )


def owe(order_ref, units, location="bonn", *, paid=True):
    with transaction() as session:
        backorders.place(
            session,
            order_ref=order_ref,
            wants=[Want(uuid.uuid4(), HOOK, location, units)],
            expires_at=None if paid else WEDNESDAY + timedelta(minutes=45),
        )


def policies():
    with reading() as session:
        return [
            (one.location, one.units, one.ships_on, one.actor)
            for one in backorder_policies.history(session, HOOK)
        ]


def test_nobody_waits(office):
    page = words_of(office.get("/office/backorders"))
    assert "Niemand wartet" in page


def test_the_list_names_who_waits_for_what_and_who_will_be_late_first(office):
    allow(9)
    allow(9, "lager")
    owe("K-LAGER", 1, "lager")
    owe("K-BONN1", 2)
    owe("K-BONN2", 2, paid=False)
    with transaction() as session:
        purchases.place(
            session,
            supplier="Haken & Co",
            location="lager",
            lines=[Wanted(HOOK, 4, MONDAY)],
            actor="Ute Kranz",
        )

    page = words_of(office.get("/office/backorders"))

    assert page.index("K-BONN1") < page.index("K-BONN2") < page.index("K-LAGER")
    assert "schuldet 4 von höchstens 9" in page
    assert "schuldet 1 von höchstens 9" in page
    assert page.count("ohne Termin") == 2
    assert "offen bis" in page
    only = words_of(office.get("/office/backorders?place=lager"))
    assert "K-LAGER" in only
    assert "K-BONN1" not in only
    english = words_of(office.get("/en/office/backorders"))
    assert "owes 4 of at most 9" in english


def test_a_day_that_has_passed_stands_in_the_navigation(office):
    allow(9)
    owe("K-BONN1", 2)
    with clock.frozen(WEDNESDAY + timedelta(days=6)):
        page = office.get("/office/backorders").get_data(as_text=True)
    entry = page[page.index("Nachlieferungen</span>") :][:120]
    assert 'count--urgent">1' in entry


def test_the_form_says_how_much_may_be_owed_from_when_on(office):
    answer = office.post(PATH, data={"units": "12", "ships_on": "2026-11-30"})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"/office/stock/{HOOK}/bonn#backorders")
    assert policies() == [("bonn", 12, MONDAY, "Ute Kranz")]
    page = words_of(office.get(f"/office/stock/{HOOK}/bonn"))
    assert "darf 12 schulden" in page
    assert "Das nächste Stück wird zugesagt für Montag, 30.11." in page


@pytest.mark.parametrize(
    ("units", "ships_on", "said"),
    [
        ("-1", "", "Bitte geben Sie eine Stückzahl von 0 bis 100.000 an."),
        ("", "", "Bitte geben Sie eine Stückzahl von 0 bis 100.000 an."),
        ("100001", "", "Bitte geben Sie eine Stückzahl von 0 bis 100.000 an."),
        ("9" * 5000, "", "Bitte geben Sie eine Stückzahl von 0 bis 100.000 an."),
        ("5", "30.11.2026", "Dieses Datum verstehen wir nicht."),
        ("5", "2026-11-24", "Der Tag der ersten Lieferung ist schon vorbei."),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_set(office, units, ships_on, said):
    before = snapshot()
    office.post(PATH, data={"units": units, "ships_on": ships_on})
    assert moved(before) == set()
    assert said in words_of(office.get(f"/office/stock/{HOOK}/bonn"))


def test_a_store_sets_its_own_limit_and_no_other(shop):
    lead = at_work(shop, "lead")
    assert lead.post(PATH, data={"units": "5", "ships_on": ""}).status_code == 302
    other = lead.post(f"/office/stock/{HOOK}/koeln/backorders", data={"units": "5"})
    assert other.status_code == 404
    assert policies() == [("bonn", 5, None, "Petra Lindlar")]
    allow(9)
    allow(9, "lager")
    owe("K-LAGER", 1, "lager")
    owe("K-BONN1", 1)
    page = words_of(lead.get("/office/backorders?place=lager"))
    assert "K-BONN1" in page
    assert "K-LAGER" not in page
    assert lead.post(f"/office/backorders/bonn/{HOOK}/end").status_code == 403


def test_service_may_look_and_set_nothing(shop):
    service = at_work(shop, "service")
    assert service.get("/office/backorders").status_code == 200
    assert service.post(PATH, data={"units": "5"}).status_code == 403
    assert policies() == []


def test_goods_that_will_not_come_are_given_up_by_the_office(office):
    allow(9)
    owe("K-BONN1", 2)
    owe("K-BONN2", 1)
    page = words_of(office.post(f"/office/backorders/bonn/{HOOK}/end", follow_redirects=True))
    assert "2 Aufträge werden neu geroutet oder erstattet." in page
    assert "Niemand wartet" in page
    with reading() as session:
        lost = session.execute(text("SELECT state, quantity FROM stock_backorders ORDER BY 2"))
        assert [tuple(row) for row in lost] == [("lost", 1), ("lost", 2)]
    again = words_of(office.post(f"/office/backorders/bonn/{HOOK}/end", follow_redirects=True))
    assert "Darauf wartet niemand mehr." in again
