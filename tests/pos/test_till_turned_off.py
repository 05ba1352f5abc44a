"""A till that is turned off in mid-sale: the receipt's sale is not lost."""

import pytest

from kit.database import reading
from tests import small_shop
from tests.pos.test_till_browser import address, open_till, sales, scan, wait_for_view
from tests.small_shop import LURE, LURE_GTIN

__all__ = ["address", "open_till"]

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]


def test_a_sale_of_a_till_that_was_turned_off_is_booked_when_it_is_back_unlike_odoo_60939(
    open_till,
):
    page = open_till()
    wait_for_view(page, "sale")
    tried = []
    page.context.route("**/sales", lambda route: (tried.append(1), route.abort()))
    scan(page, LURE_GTIN)
    page.keyboard.press("Enter")
    wait_for_view(page, "pending")
    for _ in range(3):
        page.locator("#retry").click()
        page.wait_for_timeout(100)
    assert len(tried) > 1
    assert sales() == []

    # The computer is turned off and on again; the browser keeps its storage, the network is back.
    page.close()
    page.context.unroute("**/sales")
    page = page.context.new_page()
    page.goto("/till/")

    wait_for_view(page, "receipt")
    [order] = sales()
    assert order.receipt_number == "bonn-1-000001"
    assert page.evaluate("localStorage.getItem('kontor.till.pending')") == "null"
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (11, 0, 0, 0)
