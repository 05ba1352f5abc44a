"""A person who is no programmer makes the second parcel dearer: edited, seen, published, undone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Judge
from tests.live import LiveShop


@pytest.fixture
def office(new_page: Callable[..., Any], live_shop: LiveShop) -> Callable[[int], Any]:
    """Sign in to the back office in a window of some width."""

    def enter(width: int, **options: Any) -> Any:
        page = new_page(width, **options)
        person = live_shop.account("back_office")
        page.goto(f"{live_shop.office}setup")
        page.get_by_label("E-Mail").fill(person["email"])
        page.get_by_label("Passwort").fill(person["password"])
        page.get_by_role("button", name="Anmelden").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Regeln und Kosten")
        return page

    return enter


def publish(page: Any, reason: str) -> str:
    """Publish the draft that is open and return what the version page is called."""
    page.get_by_label("Warum?").fill(reason)
    page.get_by_role("button", name="Veröffentlichen").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(r"Version \d+"))
    return str(heading.inner_text())


@pytest.mark.parametrize("width", [390, 1280])
def test_a_rule_is_edited_seen_published_and_brought_back(
    office: Callable[..., Any], judge: Judge, width: int
) -> None:
    page = office(width)
    judge.look(page, "overview")
    page.get_by_role("link", name="Regeln", exact=True).click()
    price = page.get_by_label("Jedes weitere Paket (€)")
    before = price.input_value()
    price.fill("teuer")
    # By keyboard: Enter sends the form.
    price.press("Enter")
    expect(page.get_by_text("Bitte eine Zahl, zum Beispiel 4,90.")).to_be_visible()
    expect(price).to_have_value("teuer")
    judge.look(page, "rules with a slip")
    price.fill("7,77")
    page.get_by_role("button", name="Im Entwurf speichern").click()
    expect(page.get_by_text("Entwurf: eine Änderung")).to_be_visible()
    expect(page.get_by_text(f"In Kraft: {before}")).to_be_visible()
    page.get_by_role("link", name="Ansehen und veröffentlichen").click()
    expect(page.get_by_text("7,77 €").first).to_be_visible()
    judge.look(page, "draft")
    version = publish(page, "Ein zweites Paket kostet mehr Mühe")
    judge.look(page, "version")
    assert f"{before} €" in page.get_by_role("main").inner_text().replace("\xa0", " ")
    page.get_by_role("link", name="Versionen").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("gilt jetzt")
    judge.look(page, "versions")
    earlier = f"Version {int(version.split()[1]) - 1}"
    page.get_by_role("link", name=earlier, exact=True).click()
    page.get_by_role("button", name="Als Entwurf zurückholen").click()
    expect(page.get_by_text("7,77 €").first).to_be_visible()
    publish(page, "Doch nicht")
    page.get_by_role("link", name="Regeln und Kosten").last.click()
    page.get_by_role("link", name="Regeln", exact=True).click()
    expect(page.get_by_label("Jedes weitere Paket (€)")).to_have_value(before)
    assert judge.found == []


@pytest.mark.parametrize("width", [390, 1280])
def test_every_form_of_the_setup_is_free_of_barriers(
    office: Callable[..., Any], judge: Judge, live_shop: LiveShop, width: int
) -> None:
    page = office(width, color_scheme="dark" if width < 600 else "light")
    for path in ("setup/locations/bonn", "setup/tariffs/filial-paket", "setup/draft", "what-if"):
        page.goto(f"{live_shop.office}{path}")
        judge.look(page, path)
    assert judge.found == []


def test_a_closed_day_without_scripts(office: Callable[..., Any], live_shop: LiveShop) -> None:
    page = office(1280, java_script_enabled=False)
    page.goto(f"{live_shop.office}setup/locations/koblenz")
    empty = page.locator('input[type="date"]').filter(has_not_text="x")
    number = empty.count() - 1
    page.get_by_label(f"Schließtag {number + 1}").fill("2026-12-29")
    page.get_by_label(f"Grund {number + 1}").fill("Inventur")
    page.get_by_role("button", name="Im Entwurf speichern").click()
    expect(page.get_by_text("Entwurf: eine Änderung")).to_be_visible()
    page.goto(f"{live_shop.office}setup/draft")
    expect(page.get_by_text("geschlossen am Di 29.12.")).to_be_visible()
    page.get_by_role("button", name="Entwurf verwerfen").click()
    expect(page.get_by_text("Der Entwurf ist verworfen.")).to_be_visible()
