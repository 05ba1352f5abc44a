"""Buying in a real browser: prices that move, the town by itself, a store that puts aside; axe."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.sales import store_holds
from app.sales.models import Order
from catalog import pricing
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import LURE
from tests.web.staff_bench import hire
from tests.web.storefront import STOCK

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture(autouse=True)
def shop(app):
    small_shop.build(STOCK)


def put_in(page):
    page.goto(f"/artikel/{LURE.lower()}")
    page.get_by_role("button", name="In den Warenkorb").first.click()
    page.locator("#basket-link", has_text="1").wait_for()


def fill(page, **fields):
    for name, value in fields.items():
        page.fill(f"#f-{name}", value)


def press(page, name):
    page.get_by_role("button", name=name).click()


def test_a_phone_is_told_what_changed_and_orders_what_it_saw(visit, judge):
    page = visit(390)
    page.goto("/warenkorb")
    judge.look(page, "empty basket")
    put_in(page)
    with transaction() as session:
        pricing.set_price(session, LURE, 790, clock.now() - timedelta(minutes=1))
    page.goto("/warenkorb")
    page.get_by_text("jetzt 7,90 € statt 6,90 €").wait_for()
    judge.look(page, "basket with another price")
    page.get_by_role("link", name="Zur Bestellung").click()
    page.fill("#f-postal_code", "5606")
    page.locator("#f-postal_code").press_sequentially("8")
    expect(page.locator("#f-city")).to_have_value("Koblenz")
    fill(page, name="Anna Berg", street="Moselweg 3", email="anna")
    press(page, "Weiter zur Prüfung")
    page.locator("#f-email-error").wait_for()
    judge.look(page, "form with a mistake")
    fill(page, email="anna@example.org")
    press(page, "Weiter zur Prüfung")
    page.wait_for_url("**/pruefen")
    page.go_back()
    # Not the browser's question whether to send the mistake again: the form, as it was right.
    expect(page.locator("#f-email")).to_have_value("anna@example.org")
    page.go_forward()
    page.get_by_role("link", name="Ablageort oder Nachbarn angeben").click()
    judge.look(page, "wish")
    page.get_by_label("abgelegt werden").check()
    fill(page, wish_text="im Carport")
    press(page, "Weiter zur Prüfung")
    page.get_by_text("Wenn niemand da ist: ablegen, im Carport").wait_for()
    judge.look(page, "review")
    with transaction() as session:
        pricing.set_price(session, LURE, 590, clock.now())
    press(page, "Zahlungspflichtig bestellen")
    page.get_by_text("5,90 € statt 7,90 €").wait_for()
    judge.look(page, "review again")
    with reading() as session:
        assert session.query(Order).count() == 0
    assert judge.found == []


def test_reserving_needs_no_script_and_the_store_sees_it(visit, judge):
    judge.scripts = False
    page = visit(390, scripts=False)
    page.goto(f"/artikel/{LURE.lower()}")
    page.get_by_role("button", name="In den Warenkorb").first.click()
    page.goto("/warenkorb")
    page.get_by_role("link", name="Im Laden reservieren").click()
    fill(page, name="Anna Berg", email="anna@example.org")
    press(page, "Kostenlos reservieren")
    page.get_by_role("heading", name="Reserviert, wir legen es bereit").wait_for()
    judge.look(page, "hold")
    number = page.locator(".pickcode").inner_text()
    address = page.url
    judge.scripts = True
    desk = visit(1280)
    desk.goto(address)
    judge.look(desk, "hold on a desk")
    hire("bonn")
    floor = visit(390)
    floor.goto("/office/sign-in")
    floor.fill("input[name=email]", "bonn@angelhaus.example")
    floor.fill("input[name=password]", "a word that is long enough")
    floor.keyboard.press("Enter")
    floor.wait_for_url("**/floor/**")
    floor.goto("/floor/holds")
    floor.get_by_text(number).first.wait_for()
    judge.look(floor, "holds on the floor")
    floor.get_by_role("button", name="Liegt bereit").click()
    floor.get_by_text("Der Kunde bekommt jetzt Nachricht").wait_for()
    judge.look(floor, "hold that lies ready")
    with reading() as session:
        assert store_holds.by_ref(session, number).state == "ready"
    assert judge.found == []
