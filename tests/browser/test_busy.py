"""Forms in the background: quick presses count, a busy button says so, nothing is sent twice, and
whoever works by keyboard stays where they were."""

import pytest
from playwright.sync_api import expect

from app.sales.models import BasketLine
from kit.database import reading
from tests import small_shop
from tests.small_shop import LURE
from tests.web.storefront import STOCK

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture(autouse=True)
def shop(app):
    small_shop.build(STOCK)


def test_quick_presses_count_and_a_busy_button_says_so_and_sends_once(visit):
    page = visit(390)
    page.goto(f"/artikel/{LURE.lower()}")
    page.get_by_role("button", name="In den Warenkorb").first.click()
    page.locator("#basket-link", has_text="1").wait_for()
    page.goto("/warenkorb")
    more = page.get_by_role("button", name="mehr")
    for _ in range(3):
        more.click()
    expect(page.locator(".basket__sum")).to_contain_text("27,60")
    with reading() as session:
        assert [line.quantity for line in session.query(BasketLine)] == [4]
    page.goto("/bestellen")
    buyer = {"name": "Anna Berg", "street": "Moselweg 3", "email": "anna@example.org"}
    for name, value in {**buyer, "postal_code": "56068", "city": "Koblenz"}.items():
        page.fill(f"#f-{name}", value)
    page.get_by_role("button", name="Weiter zur Prüfung").click()
    page.wait_for_url("**/bestellen/pruefen")
    # What would leave the page is counted and held back, so that the page can be looked at.
    page.evaluate(
        """() => { window.left = 0; addEventListener("submit", (event) => {
             if (!event.defaultPrevented) window.left += 1;
             event.preventDefault();
           }); }"""
    )
    order = page.locator("main form button.btn--action")
    order.click()
    expect(order).to_have_text("Wird bestellt …")
    expect(order).to_have_attribute("aria-busy", "true")
    order.click()
    expect(page.locator("#toasts")).to_contain_text("Wird bestellt …")
    assert page.evaluate("window.left") == 1


def test_the_keyboard_stays_where_it_was_and_hears_what_has_changed(visit):
    page = visit(1280)
    page.goto(f"/artikel/{LURE.lower()}")
    page.get_by_role("button", name="In den Warenkorb").first.click()
    page.locator("#basket-link", has_text="1").wait_for()
    page.goto("/warenkorb")
    page.get_by_role("button", name="mehr").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Gesamt 18,70")
    expect(page.get_by_role("button", name="Menge Rheinshad 9 cm: mehr")).to_be_focused()
    page.get_by_role("button", name="dazulegen").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Gesamt 23,60")
    expect(page.locator("#basket")).to_be_focused()
    page.get_by_role("button", name="Entfernen Rheinshad").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rückgängig")).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("Rheinshad 9 cm ist entfernt. Gesamt 9,80")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_text("Aktionscode", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("NIXDA")
    page.keyboard.press("Enter")
    expect(page.locator("#f-code")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#f-code")).to_be_focused()
    assert page.url.endswith("/warenkorb")
    assert sent == ["POST"]
