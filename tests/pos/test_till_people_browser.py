"""A day at the till: PIN, float, age, discounts, codes, returns, practice, the blind count."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.identity import staff
from app.sales import orders
from app.tills import cashiers
from app.tills.models import TillReceipt
from catalog import pricing, promotions, publishing
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from kit.database import reading, transaction
from tests import small_shop
from tests.pos import tills
from tests.pos.register import STOCK, Register
from tests.pos.serving import served
from tests.pos.tills import TABLET, basket, sales, scan, sell, settle, wait_for_view
from tests.small_shop import HOOK, HOOK_GTIN, LURE_GTIN, PAN, WEDNESDAY

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]
KNIFE, KNIFE_GTIN = "KNIFE-18", "9520000000042"
REFUSED = """async () => {
  const { state } = await import("/static/js/till-store.js");
  return [state.too_young, state.refused];
}"""
IDLE = """async () => {
  const { keep } = await import("/static/js/till-store.js");
  keep({ active_at: Date.now() - 300_001 });
}"""
CASHIER_PIN, LEAD_PIN = "2201", "7788"


@pytest.fixture
def address(app) -> Iterator[str]:
    """A small shop with people, a knife and two promotions, served by a thread of this process."""
    small_shop.build({**STOCK, ("bonn", PAN): 3})
    with transaction() as session:
        for name, role, pin in (("Mia", "cashier", CASHIER_PIN), ("Petra", "store_lead", LEAD_PIN)):
            person = staff.create(
                session, email=f"{name}@example.org", name=name, role=role,
                password="long enough for all", location="bonn",
            )  # fmt: skip
            cashiers.set_pin(session, person, pin)
        publishing.put_product(
            session, "knife", category="koeder", family="lure_shad", name_de="Klappmesser",
            name_en="Knife", text_de="Text.", text_en="Text.", brand="Rhein", age_min=18,
            maker={"name": "Maker", "address": "Weg 1, 53111 Bonn", "email": "m@example.org"},
        )  # fmt: skip
        publishing.put_item(session, KNIFE, product="knife", gtin=KNIFE_GTIN, weight_grams=90)
        pricing.set_price(session, KNIFE, 3000, WEDNESDAY - timedelta(days=9))
        three = Rule(
            "", "buy_get", "3 für 2", "3 for 2", basis_points=10_000, buy_units=2, get_units=1,
            skus=frozenset({HOOK}),
        )  # fmt: skip
        coupon = Rule("", "amount", "Fünf Euro", "Five euros", amount_minor=500, min_minor=2000)
        begun = WEDNESDAY - timedelta(days=1)
        promotions.create(session, Offer(three, begun), actor="test")
        promotions.create(session, Offer(coupon, begun, code="FUENF"), actor="test")
    with served(app) as url:
        yield url


@pytest.fixture
def open_till(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Open a till that is signed in; a script error fails the test."""
    with tills.tills(chromium, address) as make:
        yield make


def sign_in(page: Any, pin: str) -> None:
    wait_for_view(page, "locked")
    page.keyboard.type(pin)
    page.keyboard.press("Enter")


def total(page: Any, expected: str) -> None:
    expect(page.locator("#total")).to_have_text(expected)


def test_a_day_from_the_float_to_the_count(open_till, client):
    page = open_till(TABLET)
    sign_in(page, "0000")
    expect(page.locator("#pin-message")).to_contain_text("kennt die Kasse nicht")
    sign_in(page, CASHIER_PIN)
    page.locator("#drawer[open]").wait_for()
    # A barcode in the wrong field is no float.
    scan(page, "2104881")
    expect(page.locator("#drawer-message")).to_contain_text("So viel?")
    page.locator("#drawer-float").fill("200")
    page.keyboard.press("Enter")
    expect(page.locator("#till-message")).to_have_text("Sitzung offen, 200,00 € in der Lade")
    expect(page.locator("#till-person-name")).to_have_text("Mia")

    the_knife_wants_an_age(page)
    a_discount_wants_a_right(page)
    promotions_come_to_the_cent(page)
    practice_counts_nothing(page)
    back_in_cash_and_in_exchange(page)
    somebody_else_takes_over(page)
    a_whole_receipt_goes_back(page)
    one_to_take_and_one_sent_home(page)
    the_count_is_blind(page, client)


def the_knife_wants_an_age(page: Any) -> None:
    scan(page, KNIFE_GTIN)
    page.locator("#age[open]").wait_for()
    assert "25. November 2008" in page.locator("#age-text").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#till-message")).to_contain_text("Alter nicht belegt")
    assert basket(page) == []
    # Beside other goods the "no" stays with the sale, and goes with the last line of it.
    scan(page, LURE_GTIN)
    scan(page, KNIFE_GTIN)
    page.locator("#age[open]").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("#till-message")).to_contain_text("Alter nicht belegt")
    assert page.evaluate(REFUSED) == [18, [{"sku": KNIFE, "age_min": 18}]]
    page.keyboard.press("Delete")
    assert page.evaluate(REFUSED) == [0, []]
    scan(page, KNIFE_GTIN)
    page.locator("#age[open]").wait_for()
    # A scanner that goes on answers nothing.
    scan(page, LURE_GTIN)
    expect(page.locator("#age[open]")).to_have_count(1)
    page.keyboard.press("Enter")
    total(page, "30,00 €")


def a_discount_wants_a_right(page: Any) -> None:
    page.keyboard.press("F9")
    page.locator("#discount[open]").wait_for()
    page.locator("#discount-amount").fill("20 %")
    page.keyboard.press("Enter")
    expect(page.locator("#discount-message")).to_contain_text("braucht die PIN")
    page.locator("#discount-pin").fill(CASHIER_PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#discount[open]")).to_have_count(1)
    page.locator("#discount-pin").fill(LEAD_PIN)
    page.keyboard.press("Enter")
    total(page, "24,00 €")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    settle(page)
    [order] = sales()
    assert (order.total_minor, order.receipt_number) == (2400, "bonn-1-000001")
    with reading() as session:
        sold = session.scalars(select(TillReceipt).where(TillReceipt.kind == "sale")).one()
        [line] = sold.lines
        assert (line["sku"], line["age_checked"]) == (KNIFE, True)
        told = [row.facts for row in orders.timeline(session, order.ref)]
        assert [facts["age_checked"] for facts in told if "age_checked" in facts] == [[KNIFE]]


def promotions_come_to_the_cent(page: Any) -> None:
    scan(page, f"3*{HOOK_GTIN}")
    scan(page, f"2*{LURE_GTIN}")
    total(page, "23,60 €")
    page.keyboard.press("F1")
    page.locator("#promotion-code").fill("fuenf")
    page.keyboard.press("Enter")
    total(page, "23,50 €")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    assert "Fünf Euro" in page.locator("#receipt").inner_text()
    settle(page)
    assert [order.total_minor for order in sales()] == [2400, 2350]


def practice_counts_nothing(page: Any) -> None:
    page.locator("#next").click()
    page.keyboard.press("F1")
    page.locator("#practise").click()
    expect(page.locator("#till-training")).to_be_visible()
    sell(page, LURE_GTIN)
    expect(page.locator("#receipt-practice")).to_be_visible()
    settle(page)
    page.locator("#next").click()
    page.keyboard.press("F1")
    page.locator("#practise").click()
    assert [order.total_minor for order in sales()] == [2400, 2350]


def back_in_cash_and_in_exchange(page: Any) -> None:
    scan(page, "bonn-1-000002")
    page.locator("#returns[open]").wait_for()
    # What lies on the counter is scanned, too: what the receipt does not have is chosen by nothing.
    scan(page, KNIFE_GTIN)
    expect(page.locator("#returns-sum")).to_have_text("0,00 €")
    scan(page, HOOK_GTIN)
    hook = page.locator("#returns-lines button", has_text="Offset-Haken")
    expect(hook).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    expect(page.locator("#done-name")).to_have_text("Ausgezahlt")
    refunded = page.locator("#receipt-total").inner_text()
    settle(page)
    scan(page, "bonn-1-000002")
    page.locator("#returns[open]").wait_for()
    page.locator("#returns-lines button", has_text="Rheinshad").click()
    page.locator("#returns-exchange").click()
    scan(page, "9520000000035")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    settle(page)
    assert refunded.startswith("−")
    assert page.evaluate(tills.WAITING) == []
    with reading() as session:
        assert small_shop.books(session)["bonn", PAN][0] == 2


def somebody_else_takes_over(page: Any) -> None:
    page.locator("#next").click()
    scan(page, LURE_GTIN)
    page.keyboard.press("F3")
    page.locator("#cash[open]").wait_for()
    # Five minutes without a key: nothing stays open above the lock, and the basket stays.
    page.evaluate(IDLE)
    wait_for_view(page, "locked")
    assert page.locator("dialog[open]").count() == 0
    sign_in(page, LEAD_PIN)
    wait_for_view(page, "sale")
    total(page, "6,90 €")
    page.keyboard.press("Delete")
    expect(page.locator("#till-person-name")).to_have_text("Petra")


def a_whole_receipt_goes_back(page: Any) -> None:
    scan(page, "bonn-1-000001")
    page.locator("#returns-void").click()
    wait_for_view(page, "receipt")
    expect(page.locator("#done-amount")).to_have_text("24,00 €")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    page.locator("#next").click()


def one_to_take_and_one_sent_home(page: Any) -> None:
    scan(page, HOOK_GTIN)
    scan(page, LURE_GTIN)
    total(page, "11,80 €")
    page.keyboard.press("F10")
    page.locator("#stock-home").click()
    where = {"name": "Ina Roth", "street": "Weg 2", "city": "Kassel", "email": "ina@example.org"}
    for field, value in {**where, "postal_code": "34117"}.items():
        page.locator(f"#home-{field}").fill(value)
    expect(page.locator("#home-plan")).to_contain_text("Versand 4,90 €")
    page.locator("#home-email").press("Enter")
    total(page, "16,70 €")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    book = {each["receipt_number"]: each for each in page.evaluate(tills.BOOK)}
    last = book[max(book)]
    assert last["answer"]["home"]["order_ref"].startswith("K-")
    assert last["answer"]["conflicts"] == []
    page.locator("#next").click()


def the_count_is_blind(page: Any, client: Any) -> None:
    page.keyboard.press("F1")
    page.locator("#drawer-open").click()
    page.locator("#drawer-amount").fill("50")
    page.locator("#drawer-reason").fill("Porto")
    page.locator("#drawer-move button").click()
    expect(page.locator("#drawer-facts")).to_contain_text("−50,00\xa0€")
    mine = page.evaluate("async () => (await import('/static/js/till-session.js')).report()")
    page.locator("#drawer-count").click()
    assert "Soll" not in page.locator("#drawer").inner_text()
    page.locator("#drawer-coins input").first.fill("1")
    page.locator("#drawer-close button[class*=action]").click()
    expect(page.locator("#drawer-z")).to_contain_text("Soll")
    expect(page.locator("#drawer-title")).to_contain_text("Z-Bericht 1", timeout=10_000)
    z = Register(client).get(f"/sessions/{mine['session_id']}").get_json()
    assert z["state"] == "closed"
    assert z["cash_expected_minor"] == mine["cash_expected_minor"]
    assert z["total_minor"] == mine["total_minor"]
    assert z["difference_minor"] == 20_000 - mine["cash_expected_minor"]
    assert z["receipts"]["count"] == 6
    assert (z["age_refused"], z["aborted"]) == (2, 2)
