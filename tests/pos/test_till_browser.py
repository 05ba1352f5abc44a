"""The till in a real browser, on the test database: what a cashier does, and what goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from kit.database import reading
from loyalty import points
from tests import small_shop
from tests.pos import tills
from tests.pos.register import STOCK
from tests.pos.serving import served
from tests.pos.tills import (
    DESK,
    PHONE,
    TABLET,
    basket,
    sales,
    scan,
    sell,
    settle,
    wait_for_view,
)
from tests.small_shop import HOOK_GTIN, LURE, LURE_GTIN, MUELLER, TOKEN

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]


@pytest.fixture
def address(app) -> Iterator[str]:
    """A small shop, served by a thread of this process."""
    small_shop.build(STOCK)
    with served(app) as url:
        yield url


@pytest.fixture
def open_till(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Open a till that is signed in; a script error fails the test."""
    with tills.tills(chromium, address) as make:
        yield make


def total(page: Any, expected: str) -> None:
    """Wait until this is to be paid."""
    expect(page.locator("#total")).to_have_text(expected)


def test_scan_scan_number_enter_is_a_receipt_and_two_enters_are_one_sale(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    assert page.locator("#till-name").inner_text() == "Kasse 1 · Bonn"
    assert page.url.endswith("/till/")
    scan(page, LURE_GTIN)
    scan(page, HOOK_GTIN)
    scan(page, LURE_GTIN)
    total(page, "18,70 €")
    page.keyboard.press("F4")
    scan(page, "2 104 881")
    total(page, "17,75 €")
    expect(page.locator("#customer-name")).to_have_text("Jürgen Müller")
    expect(page.locator("#customer-detail")).to_have_text(
        "2 104 881 · Stammkunde 0 Punkte · jetzt + 17"
    )
    assert basket(page) == [
        ("Rheinshad 9 cm", "2", "13,10\xa0€"),
        ("Offset-Haken 3/0", "1", "4,65\xa0€"),
    ]

    # A key that bounces.
    page.evaluate("() => [1, 2, 3].forEach(() => document.getElementById('scan').requestSubmit())")
    wait_for_view(page, "receipt")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    text = page.locator("#receipt").inner_text()
    for fact in ("bonn-1-000001", "25.11.2026, 12:30", "17,75\xa0€", "2,83\xa0€", "+ 17 Punkte"):
        assert fact in text
    (order,) = sales()
    assert (order.total_minor, order.customer_number) == (1775, MUELLER)
    assert order.receipt_number == "bonn-1-000001"
    page.wait_for_timeout(700)
    page.keyboard.press("Enter")
    wait_for_view(page, "sale")
    assert basket(page) == []
    assert page.locator("#customer").is_hidden()
    page.locator("#last").click()
    wait_for_view(page, "receipt")
    assert page.locator("#receipt").inner_text() == text
    # The next scan begins the next sale.
    scan(page, HOOK_GTIN)
    total(page, "4,90 €")
    assert basket(page) == [("Offset-Haken 3/0", "1", "4,90\xa0€")]
    assert len(sales()) == 1


def test_a_sale_whose_answer_is_lost_is_booked_once_and_does_not_hold_up_the_next(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    sent = []

    def lose(route: Any) -> None:
        sent.append(route.request.post_data_json["sale_id"])
        if len(sent) <= 2:
            route.fetch()  # the server books it …
            route.abort()  # … and nobody hears of it
        else:
            route.continue_()

    page.route("**/sales", lose)
    sell(page, LURE_GTIN)
    expect(page.locator("#done-detail")).to_contain_text("wartet auf das Netz")
    expect(page.locator("#till-offline")).to_have_text("ohne Netz · 1 Verkauf wartet")
    sell(page, HOOK_GTIN)
    settle(page)
    settle(page)

    expect(page.locator("#till-offline")).to_be_hidden()
    assert len(sent) >= 3
    assert len(set(sent)) == 2
    assert [(order.receipt_number, order.total_minor) for order in sales()] == [
        ("bonn-1-000001", 690),
        ("bonn-1-000002", 490),
    ]
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (11, 0, 0, 0)


def test_a_reload_keeps_the_basket_and_an_unknown_code_adds_nothing_and_is_not_paid_over(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, f"3*{LURE_GTIN}")
    scan(page, MUELLER)
    total(page, "19,65 €")

    page.reload()

    total(page, "19,65 €")
    assert basket(page) == [("Rheinshad 9 cm", "3", "19,65\xa0€")]
    assert page.locator("#customer-name").inner_text() == "Jürgen Müller"
    assert sales() == []
    page.locator("#customer-off").click()
    page.keyboard.press("-")
    page.keyboard.press("-")
    total(page, "6,90 €")
    page.route("**/items/*", lambda route: (page.wait_for_timeout(300), route.continue_()))
    scan(page, "9520000000097")
    page.keyboard.press("Enter")
    message = page.locator("#till-message[data-tone=danger]")

    message.wait_for()
    assert "9520000000097" in message.inner_text()
    page.wait_for_timeout(300)
    assert sales() == []
    assert page.locator(":root[data-view=sale]").count() == 1
    assert basket(page) == [("Rheinshad 9 cm", "1", "6,90\xa0€")]
    scan(page, "9520000000012")
    expect(page.locator("#till-message")).to_contain_text("Prüfziffer")
    assert len(basket(page)) == 1
    # The unknown code was told of; the sale goes on.
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")


def test_cash_with_change_in_parts_and_by_card(open_till):
    page = open_till(TABLET)
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    page.keyboard.press("F3")
    page.locator("#cash[open]").wait_for()
    page.locator("#cash-given").fill("9520000000011")
    page.keyboard.press("Enter")
    assert sales() == []
    page.locator("#cash-given").fill("5")
    assert page.locator("#cash-change-name").inner_text() == "Es fehlen"
    page.keyboard.press("Enter")
    expect(page.locator("#cash-total")).to_have_text("1,90 €")
    page.locator("#cash-given").fill("50")
    assert page.locator("#cash-change").inner_text() == "48,10\xa0€"
    page.keyboard.press("Enter")

    wait_for_view(page, "receipt")
    assert page.locator("#done-name").inner_text() == "Rückgeld"
    assert page.locator("#done-amount").inner_text() == "48,10\xa0€"
    page.wait_for_timeout(750)
    page.keyboard.press("Enter")
    # A card is scan and two keys: the terminal is asked by a person.
    scan(page, HOOK_GTIN)
    page.keyboard.press("F2")
    page.locator("#card[open]").wait_for()
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    assert page.locator("#done-name").inner_text() == "Karte"
    settle(page)
    assert [order.total_minor for order in sales()] == [690, 490]


def test_offers_stock_keys_and_names(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    page.locator("#offers button").click()
    total(page, "11,80 €")
    page.keyboard.press("+")
    total(page, "16,70 €")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("F10")
    page.locator("#stock[open]").wait_for()
    assert page.locator("#stock-title").inner_text() == "Rheinshad 9 cm"
    rows = [row.inner_text().split() for row in page.locator("#stock-rows tr").all()]
    assert rows == [
        ["Lager", "Kassel", "24", "24"],
        ["Bonn", "(hier)", "12", "12"],
        ["Köln", "0", "0"],
    ]
    # A scanner goes on: what is only shown makes room, and a field for something else stays empty.
    scan(page, LURE_GTIN)
    page.locator("#stock[open]").wait_for(state="hidden")
    total(page, "23,60 €")
    page.keyboard.press("F4")
    scan(page, HOOK_GTIN)
    total(page, "28,50 €")
    assert page.locator("#customer-number").input_value() == ""
    page.locator("[data-do=less]").last.click()
    page.locator("[data-do=remove]").first.click()
    total(page, "9,80 €")
    page.keyboard.type("schmiede 28")
    page.locator("#found [role=option]").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    total(page, "98,80 €")
    # What other shops' labels say: GS1 Digital Link and element strings.
    scan(page, f"https://id.gs1.org/01/0{LURE_GTIN}/10/L7")
    scan(page, f"(01)0{HOOK_GTIN}(17)271231")
    total(page, "110,60 €")
    assert len(basket(page)) == 3
    page.keyboard.press("F6")
    expect(page.locator("#parked-count")).to_have_text("1")
    assert basket(page) == []
    page.keyboard.press("F7")
    page.locator("#parked-list button").click()
    total(page, "110,60 €")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    settle(page)
    assert sales()[-1].total_minor == 11_060


def test_a_stuck_sale_is_a_task_and_the_next_one_is_booked(open_till):
    page = open_till()
    wait_for_view(page, "sale")

    def spoil(route: Any) -> None:
        posted = route.request.post_data
        route.continue_(post_data=posted.replace('"amount_minor":690', '"amount_minor":689'))

    page.route("**/sales", spoil)
    sell(page, LURE_GTIN)
    expect(page.locator("#tasks-count")).to_have_text("1")
    sell(page, HOOK_GTIN)

    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    assert [order.receipt_number for order in sales()] == ["bonn-1-000002"]
    page.unroute("**/sales")
    page.locator("#tasks-open").click()
    page.locator("#tasks-send").click()
    expect(page.locator("#tasks-none")).to_be_visible()
    assert [order.receipt_number for order in sales()] == ["bonn-1-000001", "bonn-1-000002"]


def test_without_javascript_the_till_says_so_and_a_second_window_is_refused(open_till):
    page = open_till(token=None, java_script_enabled=False)
    assert "Die Kasse braucht JavaScript." in page.locator("main").inner_text()
    assert page.locator("#pay-cash").is_hidden()

    page = open_till()
    wait_for_view(page, "sale")
    second = page.context.new_page()
    second.goto("/till/")
    second.locator("#sign-in").wait_for()
    assert "anderen Fenster" in second.locator("#sign-in").inner_text()


def test_every_view_is_accessible_and_nothing_sticks_out(open_till):
    page = open_till(token=None)
    axe = Axe()

    def look(view: str) -> None:
        for width, height in (PHONE, TABLET, DESK):
            page.set_viewport_size({"width": width, "height": height})
            fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert fits, (view, width)
            broken = axe.run(page).response["violations"]
            found = [(view, width, each["id"], each["nodes"][0]["html"]) for each in broken]
            assert found == []

    wait_for_view(page, "sign-in")
    look("sign-in")
    page.locator("#token").fill(TOKEN)
    page.locator("#sign-in button").click()
    wait_for_view(page, "sale")
    look("empty")
    for code in (LURE_GTIN, HOOK_GTIN, MUELLER, "9520000000012"):
        page.locator("#scan-code").fill(code)
        page.keyboard.press("Enter")
    total(page, "11,20 €")
    page.locator("#till-message[data-tone=danger]").wait_for()
    look("sale")
    for opener, dialog in (
        ("elsewhere", "stock"),
        ("pay-change", "cash"),
        ("discount-open", "discount"),
        ("menu-open", "menu"),
    ):
        page.locator(f"#{opener}").click()
        page.locator(f"#{dialog}[open]").wait_for()
        look(dialog)
        if dialog != "menu":
            page.keyboard.press("Escape")
    page.locator("#drawer-open").click()
    page.locator("#drawer[open]").wait_for()
    look("drawer")
    page.locator("#drawer-float").fill("200")
    page.keyboard.press("Enter")
    page.locator("#drawer").wait_for(state="hidden")
    page.locator("#pay-cash").click()
    wait_for_view(page, "receipt")
    look("receipt")
    settle(page)
    with reading() as session:
        assert points.balance(session, MUELLER) == 11
