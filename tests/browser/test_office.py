"""The desk of the back office: one box, goods, tables, people, figures; wide and narrow."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Judge
from tests.live import LiveShop

PAGES = (
    "goods",
    "goods/new",
    "imports",
    "people",
    "people/roles",
    "audit",
    "figures?days=364",
    "me",
    "payments/unclear",
    "?only=stopped",
    "orders?q=m%C3%BCller",
)
TABLE = "sku;price\nGIBT-ES-NICHT;7,20\nAK-24;viel\n"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_of_the_desk_is_whole_and_a_bad_table_names_its_lines(
    new_page: Callable[..., Any], live_shop: LiveShop, judge: Judge, width: int, scheme: str
) -> None:
    page = new_page(width, color_scheme=scheme)
    person = live_shop.account("admin")
    page.goto(f"{live_shop.office}people")
    page.get_by_label("E-Mail").fill(person["email"])
    page.get_by_label("Passwort").fill(person["password"])
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Personen und Rechte")
    for address in PAGES:
        page.goto(f"{live_shop.office}{address}")
        judge.look(page, address)
    page.goto(f"{live_shop.office}goods")
    page.locator("table a").first.click()
    page.locator("#items summary").first.click()
    judge.look(page, "an article")
    page.goto(f"{live_shop.office}orders")
    # What was sold over the counter can be refunded; a web order on its way only be cancelled.
    page.locator("tr", has_text="Kasse").locator("a").first.click()
    page.locator("#refund > summary").click()
    judge.look(page, "an order")
    page.goto(f"{live_shop.office}imports")
    page.get_by_label("CSV oder Excel").set_input_files(
        {"name": "preise.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    )
    page.get_by_role("button", name="Prüfen").click()
    expect(page.get_by_text("Zeile 3")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("den Artikel GIBT-ES-NICHT gibt es nicht")).to_be_visible()
    expect(page.get_by_role("button", name="So übernehmen")).to_have_count(0)
    judge.look(page, "a table with bad lines")
    assert judge.found == []
