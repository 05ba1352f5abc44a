"""The basket offers what its goods need: one press, the page stays, totals and parcels follow."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import PHONE


def _basket_with_lures(page: Any) -> None:
    page.goto("artikel/rheinshad-9?sku=RS9-MOT")
    with page.expect_response("**/warenkorb/artikel"):
        page.get_by_role("button", name="In den Warenkorb").first.click()
    page.wait_for_load_state("networkidle")
    page.goto("warenkorb")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_one_press_adds_the_hooks_and_the_basket_follows(
    new_page: Callable[..., Any], judge: Any, *, script: bool
) -> None:
    page = new_page(PHONE, java_script_enabled=script)
    _basket_with_lures(page)
    needed = page.get_by_role("region", name="Dazu brauchen Sie")
    first = needed.get_by_role("listitem").first
    assert first.get_by_role("heading").inner_text().startswith("Offset-Haken Größe 3/0")
    assert "passt zu Rheinshad 9 cm" in first.inner_text()
    assert "kein zusätzliches Paket" in first.inner_text()
    if script:
        judge.look(page, "basket with offers")
        assert judge.found == []
    day = page.locator(".where__day").inner_text()
    assert "1 Paket" in day
    first.get_by_role("button").click()
    hooks = page.get_by_role("spinbutton", name="Menge Offset-Haken Größe 3/0 · 6 Stück")
    hooks.wait_for()
    assert page.url.endswith("/warenkorb")
    assert hooks.input_value() == "1"
    assert "11,80" in page.locator(".basket__sum").inner_text()
    assert page.locator(".where__day").inner_text() == day
    assert page.get_by_role("region", name="Dazu brauchen Sie").count() == 0
