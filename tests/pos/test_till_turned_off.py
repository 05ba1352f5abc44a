"""A till that is turned off without a network: the receipt's sale is not lost."""

import pytest
from playwright.sync_api import expect

from kit.database import reading
from tests import small_shop
from tests.pos import tills
from tests.pos.test_till_browser import address, open_till
from tests.pos.tills import sales, scan, wait_for_view
from tests.small_shop import LURE, LURE_GTIN

__all__ = ["address", "open_till"]

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]


def test_a_sale_of_a_till_that_was_turned_off_is_booked_when_it_is_back_unlike_odoo_60939(
    open_till,
):
    page = open_till()
    wait_for_view(page, "sale")
    page.evaluate("() => navigator.serviceWorker.ready")
    tills.cut(page)
    scan(page, LURE_GTIN)
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    tills.settle(page)
    assert sales() == []

    # The computer is turned off and on again, still without a network; the browser has its storage.
    page.close()
    page = page.context.new_page()
    page.goto("/till/")
    wait_for_view(page, "receipt")
    expect(page.locator("#till-offline")).to_have_text("ohne Netz · 1 Verkauf wartet")
    scan(page, LURE_GTIN)
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    tills.mend(page)
    tills.settle(page)

    assert [order.receipt_number for order in sales()] == ["bonn-1-000001", "bonn-1-000002"]
    assert page.evaluate(tills.WAITING) == []
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (10, 0, 0, 0)
