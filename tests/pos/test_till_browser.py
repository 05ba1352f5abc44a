"""The till in a real browser, on the test database: what a cashier does, and what goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import select

from app.identity.models import Device
from app.sales.models import Order
from kit import clock
from kit.database import reading, transaction
from loyalty import points
from tests import small_shop
from tests.pos.register import STOCK
from tests.pos.serving import served
from tests.small_shop import HOOK_GTIN, LURE, LURE_GTIN, MUELLER, TOKEN

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]
PHONE, TABLET, DESK = (390, 844), (1024, 768), (1280, 900)


@pytest.fixture
def address(app) -> Iterator[str]:
    """A small shop, served by a thread of this process."""
    small_shop.build(STOCK)
    with served(app) as url:
        yield url


@pytest.fixture
def open_till(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Open a till that is signed in; a script error fails the test."""
    contexts, broken = [], []

    def make(size: tuple[int, int] = DESK, token: str | None = TOKEN, **options: Any) -> Any:
        viewport = {"width": size[0], "height": size[1]}
        context = chromium.new_context(
            base_url=address, locale="de-DE", viewport=viewport, **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(f"/till/#token={token}" if token else "/till/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert broken == []


def scan(page: Any, code: str) -> None:
    """Type a code as a scanner does: wherever the focus is, fast, Enter at the end."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def basket(page: Any) -> list[tuple[str, ...]]:
    parts = (".till__name", ".till__quantity", ".till__sum")
    lines = page.locator("#lines > li").all()
    return [tuple(line.locator(part).inner_text() for part in parts) for line in lines]


def wait_for_total(page: Any, total: str) -> None:
    """Wait until the sum is the priced one, not the till's own guess."""
    expect(page.locator("#total:not([data-stale])")).to_have_text(total)


def sales() -> list[Order]:
    with reading() as session:
        return list(session.scalars(select(Order).where(Order.channel == "till")))


def wait_for_view(page: Any, view: str) -> None:
    page.wait_for_selector(f":root[data-view={view}]", state="attached")


def test_scan_scan_number_enter_is_a_receipt_and_two_enters_are_one_sale(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    assert page.locator("#till-name").inner_text() == "Kasse 1 · Bonn"
    assert page.url.endswith("/till/")
    scan(page, LURE_GTIN)
    scan(page, HOOK_GTIN)
    scan(page, LURE_GTIN)
    wait_for_total(page, "18,70 €")
    page.keyboard.press("F4")
    scan(page, "2 104 881")
    wait_for_total(page, "17,75 €")
    expect(page.locator("#customer-name")).to_have_text("Jürgen Müller")
    expect(page.locator("#customer-detail")).to_have_text(
        "2 104 881 · Stammkunde 0 Punkte · jetzt + 17"
    )
    assert basket(page) == [
        ("Rheinshad 9 cm", "2", "13,10\xa0€"),
        ("Offset-Haken 3/0", "1", "4,65\xa0€"),
    ]

    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    page.keyboard.press("Enter")

    page.wait_for_timeout(300)
    assert page.locator(":root[data-view=receipt]").count() == 1
    text = page.locator("#receipt").inner_text()
    for fact in ("bonn-1-000001", "25.11.2026, 12:30", "17,75\xa0€", "2,83\xa0€", "+ 17 Punkte"):
        assert fact in text
    (order,) = sales()
    assert (order.total_minor, order.customer_number) == (1775, MUELLER)
    page.wait_for_timeout(700)
    page.keyboard.press("Enter")
    wait_for_view(page, "sale")
    assert basket(page) == []
    assert page.locator("#customer").is_hidden()
    page.locator("#last").click()
    wait_for_view(page, "receipt")
    assert page.locator("#receipt").inner_text() == text
    assert len(sales()) == 1


def test_the_next_scan_begins_the_next_sale(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")

    scan(page, HOOK_GTIN)

    wait_for_total(page, "4,90 €")
    assert basket(page) == [("Offset-Haken 3/0", "1", "4,90\xa0€")]
    assert [order.total_minor for order in sales()] == [690]


def test_a_reload_keeps_basket_and_customer(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, f"3*{LURE_GTIN}")
    scan(page, MUELLER)
    wait_for_total(page, "19,65 €")

    page.reload()

    wait_for_total(page, "19,65 €")
    assert basket(page) == [("Rheinshad 9 cm", "3", "19,65\xa0€")]
    assert page.locator("#customer-name").inner_text() == "Jürgen Müller"
    assert sales() == []


def test_a_sale_whose_answer_is_lost_is_asked_for_again_and_booked_once(open_till):
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
    scan(page, LURE_GTIN)
    page.keyboard.press("Enter")
    wait_for_view(page, "pending")
    expect(page.locator("#pending-text")).to_contain_text("Noch keine Antwort")
    page.wait_for_timeout(1500)
    page.locator("#retry").click()

    wait_for_view(page, "receipt")
    assert len(sent) >= 3
    assert len(set(sent)) == 1
    assert [order.sale_id for order in sales()] == sent[:1]
    assert "bonn-1-000001" in page.locator("#receipt").inner_text()


def test_a_reload_in_mid_sale_loses_neither_basket_nor_sale(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    page.route("**/sales", lambda route: (route.fetch(), route.abort()))
    scan(page, LURE_GTIN)
    page.keyboard.press("Enter")
    wait_for_view(page, "pending")
    page.unroute_all(behavior="ignoreErrors")

    page.reload()

    wait_for_view(page, "receipt")
    (order,) = sales()
    assert order.receipt_number in page.locator("#receipt").inner_text()
    assert page.evaluate("localStorage.getItem('kontor.till.pending')") == "null"
    assert page.evaluate("localStorage.getItem('kontor.till.lines')") == "[]"
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (11, 0, 0, 0)


def test_an_unknown_code_is_named_and_adds_nothing(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    scan(page, "9520000000097")
    message = page.locator("#till-message[data-tone=danger]")

    message.wait_for()
    assert "9520000000097" in message.inner_text()
    assert basket(page) == [("Rheinshad 9 cm", "1", "6,90\xa0€")]
    scan(page, "9520000000012")
    expect(page.locator("#till-message")).to_contain_text("Prüfziffer")
    assert len(basket(page)) == 1
    # The unknown code was told of; the sale goes on.
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")


def test_a_payment_right_after_an_unknown_code_waits_for_a_look(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    wait_for_total(page, "6,90 €")
    page.route("**/items/*", lambda route: (page.wait_for_timeout(300), route.continue_()))

    scan(page, "9520000000097")
    page.keyboard.press("Enter")

    page.locator("#till-message[data-tone=danger]").wait_for()
    page.wait_for_timeout(300)
    assert sales() == []
    assert page.locator(":root[data-view=sale]").count() == 1


def test_cash_with_change(open_till):
    page = open_till(TABLET)
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    wait_for_total(page, "6,90 €")
    page.keyboard.press("F3")
    page.locator("#cash[open]").wait_for()
    page.keyboard.type("5")
    assert page.locator("#cash-change-name").inner_text() == "Es fehlen"
    page.keyboard.press("Enter")
    assert page.locator("#cash[open]").count() == 1
    page.locator("#cash-given").fill("9520000000011")
    page.keyboard.press("Enter")
    assert sales() == []
    page.locator("#cash-given").fill("50")
    assert page.locator("#cash-change").inner_text() == "43,10\xa0€"

    page.keyboard.press("Enter")

    wait_for_view(page, "receipt")
    assert page.locator("#done-name").inner_text() == "Rückgeld"
    assert page.locator("#done-amount").inner_text() == "43,10\xa0€"
    (order,) = sales()
    assert order.total_minor == 690


def test_card_offer_stock_and_keys(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    page.locator("#offers button").click()
    wait_for_total(page, "11,80 €")
    page.keyboard.press("+")
    wait_for_total(page, "16,70 €")
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
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    wait_for_total(page, "9,80 €")

    page.keyboard.press("F2")

    wait_for_view(page, "receipt")
    assert page.locator("#done-name").inner_text() == "Karte"
    (order,) = sales()
    assert order.total_minor == 980


def test_a_till_that_is_revoked_keeps_its_basket_until_it_is_known_again(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    wait_for_total(page, "6,90 €")
    with transaction() as session:
        session.query(Device).one().revoked_at = clock.now()
    page.keyboard.press("Enter")
    wait_for_view(page, "sign-in")
    assert sales() == []
    with transaction() as session:
        session.query(Device).one().revoked_at = None
    page.locator("#token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-message")).to_contain_text("gilt nicht")
    page.locator("#token").fill(TOKEN)
    page.keyboard.press("Enter")

    # The sale that was asked for is booked as soon as the till may ask again.
    wait_for_view(page, "receipt")
    assert [order.total_minor for order in sales()] == [690]


def test_a_refused_sale_says_that_nothing_was_booked(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LURE_GTIN)
    wait_for_total(page, "6,90 €")
    page.route("**/sales", lambda route: route.continue_(
        post_data=route.request.post_data.replace('"amount_minor":690', '"amount_minor":689')
    ))  # fmt: skip

    page.keyboard.press("Enter")

    page.locator("#till-message[data-tone=danger]").wait_for()
    assert "Nichts wurde gebucht" in page.locator("#till-message").inner_text()
    assert len(basket(page)) == 1
    assert sales() == []


def test_without_javascript_the_till_says_so(open_till):
    page = open_till(token=None, java_script_enabled=False)

    assert "Die Kasse braucht JavaScript." in page.locator("main").inner_text()
    assert page.locator("#pay-cash").is_hidden()


def test_a_second_window_is_told_that_the_first_one_has_the_till(open_till):
    page = open_till()
    wait_for_view(page, "sale")

    second = page.context.new_page()
    second.goto("/till/")

    second.locator("#sign-in").wait_for()
    assert "anderen Fenster" in second.locator("#sign-in").inner_text()


@pytest.mark.parametrize("size", [PHONE, TABLET, DESK], ids=["phone", "tablet", "desk"])
def test_every_view_is_accessible_and_nothing_sticks_out(open_till, size):
    page = open_till(size, token=None)
    axe = Axe()

    def look(view: str) -> None:
        broken = axe.run(page).response["violations"]
        assert [(view, each["id"], each["nodes"][0]["html"]) for each in broken] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view

    wait_for_view(page, "sign-in")
    look("sign-in")
    page.locator("#token").fill(TOKEN)
    page.locator("#sign-in button").click()
    wait_for_view(page, "sale")
    look("empty")
    for code in (LURE_GTIN, HOOK_GTIN, MUELLER, "9520000000012"):
        page.locator("#scan-code").fill(code)
        page.keyboard.press("Enter")
    wait_for_total(page, "11,20 €")
    page.locator("#till-message[data-tone=danger]").wait_for()
    look("sale")
    page.locator("#elsewhere").click()
    page.locator("#stock[open]").wait_for()
    look("stock")
    page.keyboard.press("Escape")
    page.locator("#pay-change").click()
    page.locator("#cash[open]").wait_for()
    look("cash")
    page.keyboard.press("Escape")
    page.locator("#pay-cash").click()
    wait_for_view(page, "receipt")
    look("receipt")
    with reading() as session:
        assert points.balance(session, MUELLER) == 11
