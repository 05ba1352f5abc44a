"""Forms that take time: quick presses count, a busy button says so, nothing is sent twice."""

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
