"""Suggestions in a real browser: by keyboard, closed by Escape; a plain form without scripts."""

import threading

import pytest
from werkzeug.serving import make_server

from app.workflows import findable
from tests import small_shop
from tests.small_shop import LURE

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def address(app):
    small_shop.build({("lager", LURE): 24})
    findable.refresh()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def visit(chromium, address):
    contexts = []

    def open_(*, scripts=True):
        context = chromium.new_context(
            base_url=address, viewport={"width": 390, "height": 844}, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        return page

    yield open_
    for context in contexts:
        context.close()


def typed(page, text):
    field = page.get_by_role("combobox", name="Suche")
    page.click("#search")
    field.wait_for()
    field.press_sequentially(text)
    page.locator(".suggestion").first.wait_for()
    return field


def test_the_arrow_keys_choose_and_enter_opens(visit):
    page = visit()
    field = typed(page, "rheins")
    assert field.get_attribute("aria-expanded") == "true"
    labels = page.locator(".suggestion__label").all_inner_texts()
    assert labels[0].startswith("Rheinshad")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "suggestion-1"
    target = page.locator("#suggestion-1").get_attribute("href")
    page.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")


def test_escape_closes_and_enter_then_searches_what_was_typed(visit):
    page = visit()
    field = typed(page, "rheins")
    page.keyboard.press("Escape")
    assert not page.locator(".suggestions").is_visible()
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "rheins"
    page.keyboard.press("Enter")
    page.wait_for_url("**/suche?q=rheins")


def test_the_list_never_makes_the_page_wider_than_the_screen(visit):
    page = visit()
    typed(page, "kö")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_the_field_is_a_form_that_finds(visit):
    page = visit(scripts=False)
    page.fill("#search", "Rheinshad")
    page.press("#search", "Enter")
    page.wait_for_url("**/suche?q=Rheinshad")
    assert page.locator(".product").count() == 1
