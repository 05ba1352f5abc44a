"""A till that was revoked or lost: what it has sold is booked all the same, once."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.identity.models import Device
from kit import clock
from kit.database import transaction
from tests import small_shop
from tests.pos import tills
from tests.pos.register import STOCK
from tests.pos.serving import served
from tests.pos.tills import cut, sales, scan, sell, settle, wait_for_view
from tests.small_shop import HOOK_GTIN, LURE_GTIN, TOKEN

BESIDE_SALES = re.compile(r"/api/pos/v1/(?!sales)")

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]


@pytest.fixture
def open_till(app: Any, chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a till of a small shop, which a thread of this process serves."""
    small_shop.build(STOCK)
    with served(app) as address, tills.tills(chromium, address) as make:
        yield make


def test_a_till_that_is_revoked_keeps_its_basket_and_its_sales_until_it_is_known_again(open_till):
    page = open_till()
    wait_for_view(page, "sale")
    page.wait_for_load_state("networkidle")
    # The sale is to hear of it first: quote and suggestions of the scan would end it before.
    page.route(BESIDE_SALES, lambda route: route.abort())
    scan(page, LURE_GTIN)
    with transaction() as session:
        session.query(Device).one().revoked_at = clock.now()
    page.keyboard.press("Enter")
    wait_for_view(page, "sign-in")
    assert sales() == []
    page.unroute(BESIDE_SALES)
    with transaction() as session:
        session.query(Device).one().revoked_at = None
    page.locator("#token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-message")).to_contain_text("gilt nicht")
    page.locator("#token").fill(TOKEN)
    page.keyboard.press("Enter")

    # What was sold is booked as soon as the till may ask again.
    wait_for_view(page, "receipt")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    assert [order.total_minor for order in sales()] == [690]


def test_what_a_lost_till_has_written_into_a_file_is_booked_by_the_next_one(open_till, tmp_path):
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, f"2*{HOOK_GTIN}")
    page.keyboard.press("F6")
    settle(page)
    cut(page)
    for code in (LURE_GTIN, HOOK_GTIN):
        sell(page, code)
        page.locator("#next").click()
    page.keyboard.press("F1")
    with page.expect_download() as kept:
        page.locator("#export").click()
    kept.value.save_as(tmp_path / "till.json")
    page.context.close()
    assert sales() == []

    page = open_till()
    wait_for_view(page, "sale")
    foreign = tmp_path / "foreign.json"
    foreign.write_text((tmp_path / "till.json").read_text().replace('"bonn-1"', '"koeln-1"'))
    for file, told in (
        (foreign, "von koeln-1"),
        (Path(__file__), "keine Sicherung"),
        (tmp_path / "till.json", "Eingelesen: 2 gehen"),
        (tmp_path / "till.json", "alles daraus ist schon da"),
    ):
        settle(page)
        page.locator("#import-file").set_input_files(file)
        expect(page.locator("#till-message")).to_contain_text(told)
    # The basket that waited at the store is there, and numbers go on behind those of the file.
    page.keyboard.press("F7")
    page.locator("#parked-list button").click()
    expect(page.locator("#total")).to_have_text("9,80 €")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    settle(page)
    assert [(one.receipt_number, one.total_minor) for one in sales()] == [
        ("bonn-1-000001", 690),
        ("bonn-1-000002", 490),
        ("bonn-1-000003", 980),
    ]
    assert page.evaluate(tills.WAITING) == []
