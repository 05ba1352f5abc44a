"""Deciding on a telephone and on a desk: shelf, offer, picture, comparison, theme, release."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.live import LiveShop


def _zoom(page: Any) -> None:
    """A picture opens over the page, goes larger, and Escape leads back to where one was."""
    page.locator("[data-zoom]").click()
    lens = page.get_by_role("dialog")
    expect(lens).to_be_visible()
    before = lens.locator("img").bounding_box()["width"]
    lens.locator("img").click()
    assert lens.locator("img").bounding_box()["width"] > 2 * before
    page.keyboard.press("Escape")
    expect(lens).to_have_count(0)
    expect(page.locator("[data-zoom]")).to_be_focused()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_somebody_decides(new_page: Any, judge: Any, width: int, scheme: str) -> None:
    page = new_page(width, color_scheme=scheme)
    page.set_default_timeout(30_000)  # the first page of a shop that has only just started
    page.goto("/")
    judge.look(page, "home")
    page.goto("/sortiment/gummikoeder?laden=bonn&preis=500-1000")
    judge.look(page, "shelf")
    boxes = page.get_by_role("checkbox", name="Vergleichen")
    expect(page.get_by_text("Bis zu vier Artikel ankreuzen")).to_be_hidden()
    boxes.nth(0).check()
    boxes.nth(2).check()
    page.get_by_role("button", name="Vergleichen").click()
    page.wait_for_url("**/vergleich?artikel=*&artikel=*")
    expect(page.locator(".versus thead th")).to_have_count(2)
    judge.look(page, "comparison")
    page.get_by_role("link", name="nur Unterschiede").click()
    expect(page.locator(".versus tbody tr.versus__differs").first).to_be_visible()
    page.goto("/artikel/km-x100")
    judge.look(page, "machine")
    _zoom(page)
    page.get_by_role("link", name="Bild 2 von 3").click()
    expect(page.locator(".zoom img")).to_have_attribute(
        "alt", "Küchenmaschine KM-X100 creme: von Nahem"
    )
    page.goto("/artikel/guertelmesser")
    expect(
        page.get_by_text("Nur an Personen", exact=False).or_(page.locator(".age"))
    ).to_be_visible()
    judge.look(page, "knife")
    page.goto("/suche?q=geschenk")
    page.wait_for_url("**/thema/geschenke")
    judge.look(page, "theme")
    for nothing in ("/vergleich", "/sortiment/gummikoeder?preis=50000-", "/thema/gibt-es-nicht"):
        page.goto(nothing)
        judge.look(page, nothing)
    assert judge.found == []


def test_without_a_script_pictures_and_comparison_are_links(new_page: Any) -> None:
    page = new_page(390, java_script_enabled=False)
    page.goto("/artikel/rheinshad-9")
    page.locator("[data-zoom]").click()
    assert page.url.endswith("/media/pictures/RS9-MOT.svg")
    page.goto("/artikel/rheinshad-9")
    page.get_by_role("link", name="Vergleichen").click()
    page.get_by_role("link", name="+ Rheinshad 7 cm").click()
    expect(page.locator(".versus thead th")).to_have_count(2)


def test_the_office_holds_back_a_draft_and_makes_a_theme(
    new_page: Any, judge: Any, live_shop: LiveShop
) -> None:
    page = new_page(1280)
    who = live_shop.account("back_office")
    page.goto(live_shop.office)
    page.get_by_label("E-Mail").fill(who["email"])
    page.get_by_label("Passwort").fill(who["password"])
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("link", name="Freigabe").click()
    judge.look(page, "release")
    row = page.locator("#naturkork-pose")
    expect(row).to_contain_text("Nachweis für Umweltaussagen (nachhaltig, klimaneutral")
    row.get_by_role("button", name="In den Verkauf").click()
    expect(page.get_by_text("Noch nicht im Verkauf. Es fehlt:")).to_be_visible()
    expect(page.get_by_text("Keine. Alles im Verkauf hat seine Angaben.")).to_be_visible()
    page.get_by_role("link", name="Themenseiten").click()
    page.get_by_role("link", name="Zander im kalten Wasser").click()
    judge.look(page, "themes")
    page.get_by_label("Suchbegriffe").fill("zander im winter, eiszander")
    page.get_by_role("button", name="Ausprobieren").click()
    expect(page.locator("ol.found li").first).to_have_text("Pintail 10 cm")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("„Zander im kalten Wasser“ ist gespeichert.")).to_be_visible()
    page.goto("/suche?q=Eis-Zander")
    page.wait_for_url("**/thema/zander-im-winter")
    assert judge.found == []
