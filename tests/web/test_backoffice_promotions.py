"""Promotions and gift cards in the back office: tried out, made, ended; issued once, looked up."""

import re

import pytest

from catalog import promotions
from kit.database import reading
from loyalty import gift_cards
from tests import small_shop
from tests.small_shop import LURE, basket_with, buyer
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

FORM = {
    "name_de": "Angelwochen",
    "name_en": "Fishing weeks",
    "kind": "percent",
    "percent": "12,5",
    "skus": f"{LURE}, GIBT-ES-NICHT",
    "code": "angeln",
    "starts_on": "2026-11-25",
    "ends_on": "2026-11-30",
    "channels": ["web", "till"],
}


@pytest.fixture
def office(app):
    from app.workflows import checkout

    small_shop.build({("lager", LURE): 24})
    hire("office", "service", "till")
    checkout.place(basket_with((LURE, 2)), buyer())
    return at_work(app, "office")


def made():
    with reading() as session:
        return promotions.listed(session)


def test_it_is_tried_on_real_baskets_and_nothing_is_made(office):
    said = text(office.post("/office/promotions", data={**FORM, "do": "try"}))
    # 12.5 % of 6.90 is 86.25 cents: 86 off each of two.
    assert "2 × Rheinshad 9 cm 13,80 € 12,08 € −1,72 €" in said
    assert made() == []


def test_it_is_said_to_last_until_the_end_of_its_last_day(office):
    office.post("/office/promotions", data={**FORM, "do": "make"})
    assert "· Mi 25.11. – Mo 30.11. ·" in text(office.get("/office/promotions"))
    office.post("/office/promotions", data={**FORM, "do": "make", "code": "weiter", "ends_on": ""})
    assert "· ab Mi 25.11. ·" in text(office.get("/office/promotions"))


def test_it_is_made_and_ended(office):
    answer = office.post("/office/promotions", data={**FORM, "do": "make"})
    assert answer.status_code == 303
    [one] = made()
    offer = one.offer
    assert (offer.rule.basis_points, offer.code, offer.channels) == (
        1250,
        "ANGELN",
        {"web", "till"},
    )
    assert (offer.starts_at.isoformat(), offer.ends_at.isoformat()) == (
        "2026-11-24T23:00:00+00:00",
        "2026-11-30T23:00:00+00:00",
    )
    assert "Angelwochen" in text(office.get("/office/promotions"))
    again = office.post("/office/promotions", data={**FORM, "do": "make"})
    assert (again.status_code, "Diesen Code gibt es schon" in text(again)) == (409, True)
    assert office.post(f"/office/promotions/{one.ref}/end").status_code == 303
    [ended] = made()
    assert ended.offer.ends_at.isoformat() == "2026-11-25T11:30:00+00:00"
    assert ended.ended_by is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [("name_de", " "), ("percent", "zehn"), ("percent", "101"), ("percent", "1,234"),
     ("min", "NaN"), ("ends_on", "2026-11-20"), ("starts_on", "morgen"), ("code", "?"),
     ("limit_total", "-1"), ("kind", "geschenkt")],
)  # fmt: skip
def test_what_is_wrong_is_marked_and_nothing_is_made(office, field, value):
    answer = office.post("/office/promotions", data={**FORM, "do": "make", field: value})
    assert answer.status_code == 422
    assert "Bitte prüfen Sie die markierten Felder." in text(answer)
    assert made() == []


def test_a_card_is_issued_once_and_its_code_is_shown_once(office):
    form = {"amount": "50", "kind": "goodwill", "document": "Beschwerde 12", "key": "one-form"}
    first = text(office.post("/office/gift-cards", data=form))
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", first).group()
    second = text(office.post("/office/gift-cards", data=form))
    assert code not in second
    assert "Dieser Gutschein ist schon ausgegeben" in second
    with reading() as session:
        assert gift_cards.outstanding_minor(session) == 5000
    found = text(office.post("/office/gift-cards/look-up", data={"code": code.lower()}))
    assert "ausgegeben Beschwerde 12" in found
    assert "31. Dezember 2029" in found


@pytest.mark.parametrize("amount", ["", "0", "-5", "1000,01", "1,234", "NaN", "zehn"])
def test_a_card_without_a_sound_amount_is_not_issued(office, amount):
    form = {"amount": amount, "kind": "sold", "document": "R-1", "key": "k"}
    answer = office.post("/office/gift-cards", data=form)
    assert answer.status_code == 422
    assert "Bitte geben Sie einen Betrag" in text(answer)
    with reading() as session:
        assert gift_cards.outstanding_minor(session) == 0


def test_service_looks_cards_up_and_issues_none(app, office):
    service = at_work(app, "service")
    assert service.get("/office/gift-cards").status_code == 200
    form = {"amount": "50", "kind": "sold", "document": "R-1", "key": "k"}
    assert service.post("/office/gift-cards", data=form).status_code == 403
    assert service.post("/office/promotions", data=FORM).status_code == 403
    assert made() == []
