"""Codes in the basket, without a script: taken on, explained, taken off; gift cards that pay."""

from datetime import timedelta

import pytest

from catalog import promotion_uses, promotions
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from kit.database import transaction
from loyalty import gift_cards
from tests.small_shop import HOOK, LURE, WEDNESDAY
from tests.web.storefront import add, open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def shop(client):
    open_shop()
    add(client, LURE, 2)
    return client


def offer(code="ANGELN10", *, days=(-1, 1), limit=None, **facts):
    rule = {"kind": "percent", "basis_points": 1000, **facts}
    with transaction() as session:
        return promotions.create(
            session,
            Offer(
                Rule("", name_de="Angelwochen", name_en="Fishing weeks", **rule),
                starts_at=WEDNESDAY + timedelta(days=days[0]),
                ends_at=WEDNESDAY + timedelta(days=days[1]),
                code=code,
                limit_total=limit,
            ),
            actor="Frau Adler",
        )


def type_code(shop, code):
    return shop.post("/warenkorb/code", data={"code": code})


def test_a_code_takes_off_what_it_says_on_line_and_sum_and_can_be_taken_out(shop):
    offer()
    assert type_code(shop, " angeln10 ").status_code == 303
    said = text(shop.get("/warenkorb"))
    assert "Artikel 12,42 € Versand 4,90 € Gesamt 17,32 €" in said
    assert "schon abgezogen: Angelwochen 1,38 €" in said
    assert "already taken off: Fishing weeks €1.38" in text(shop.get("/en/warenkorb"))
    assert type_code(shop, "").status_code == 303
    assert "Gesamt 18,70 €" in text(shop.get("/warenkorb"))


@pytest.mark.parametrize(
    ("typed", "made", "said"),
    [
        ("NIX99", {}, "Diesen Code kennen wir nicht."),
        ("??", {}, "Diesen Code kennen wir nicht."),
        ("ANGELN10", {"days": (1, 2)}, "Dieser Code gilt noch nicht."),
        ("ANGELN10", {"days": (-2, -1)}, "Dieser Code gilt nicht mehr: Die Aktion ist zu Ende."),
    ],
)
def test_a_code_that_does_not_hold_is_told_and_changes_nothing(shop, typed, made, said):
    offer(**made)
    answer = type_code(shop, typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Gesamt 18,70 €" in text(shop.get("/warenkorb"))


def test_a_code_that_is_used_up_is_told(shop):
    ref = offer(limit=1)
    with transaction() as session:
        promotion_uses.use(session, {ref: 138}, order_ref="K-1", customer_number=None)
    answer = type_code(shop, "ANGELN10")
    assert (answer.status_code, "Diese Aktion ist ausgeschöpft." in text(answer)) == (422, True)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"min_minor": 5000}, "Dieser Code gilt ab 50,00 € Warenwert."),
        ({"skus": frozenset({HOOK})}, "Für diesen Warenkorb bringt der Code nichts"),
    ],
)
def test_a_code_that_brings_nothing_says_why(shop, facts, said):
    offer(**facts)
    assert type_code(shop, "ANGELN10").status_code == 303
    page = text(shop.get("/warenkorb"))
    assert said in page
    assert "Gesamt 18,70 €" in page


def test_a_gift_card_pays_and_the_rest_is_shown(shop):
    with transaction() as session:
        card, code = gift_cards.issue(
            session, 1000, kind="sold", document="R", actor="Kai", key="1"
        )
    assert shop.post("/warenkorb/gutschein", data={"gift_card": code.lower()}).status_code == 303
    page = shop.get("/warenkorb")
    assert f"Gutschein …{card.ending} −10,00 € Noch zu zahlen 8,70 €" in text(page)
    assert code not in page.get_data(as_text=True)
    assert shop.post("/warenkorb/gutschein", data={"gift_card": ""}).status_code == 303
    assert "Noch zu zahlen" not in text(shop.get("/warenkorb"))
    with transaction() as session:
        assert gift_cards.one(session, card.id).balance_minor == 1000


def test_a_wrong_gift_card_is_told(shop):
    answer = shop.post("/warenkorb/gutschein", data={"gift_card": "7F3K-Q2XM-0000-0000"})
    assert answer.status_code == 422
    assert "Dieser Gutschein-Code stimmt nicht; bitte prüfen Sie die Zeichen." in text(answer)
