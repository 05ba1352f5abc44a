"""Frau Müller at 19:30: from the type number on the appliance to its manual, at once."""

from collections.abc import Callable
from typing import Any

import pytest

from demo.story.windows import Windows
from tests.browser.conftest import Judge
from tests.live import LiveShop


@pytest.mark.parametrize(
    ("width", "typed"), [(390, "KM-X100"), (390, "x100"), (1280, "km x100 anleitung")]
)
def test_a_type_number_gives_the_manual_in_two_clicks_without_signing_in(
    new_page: Callable[..., Any], live_shop: LiveShop, judge: Judge, typed: str, width: int
) -> None:
    page = new_page(width)
    page.goto(live_shop.shop)
    page.get_by_role("searchbox", name="Suche").fill(typed)
    page.get_by_role("button", name="Suchen").click()
    manual = page.locator('a[href*="/dokumente/"]').filter(has_text="Gebrauchsanleitung").first
    answer = page.request.get(str(manual.evaluate("link => link.href")))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
    judge.look(page, typed)
    assert judge.found == []


def test_the_manual_is_found_without_javascript(
    windows: Windows, live_shop: LiveShop, judge: Judge
) -> None:
    page = windows.open((390, 844), java_script_enabled=False)
    page.goto(live_shop.shop)
    page.get_by_role("searchbox", name="Suche").fill("X100")
    page.get_by_role("button", name="Suchen").click()
    assert page.locator('a[href*="/dokumente/"]').filter(has_text="Gebrauchsanleitung").count()
