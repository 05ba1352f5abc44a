"""Cards at the reader that the server drives, and a new version of the till between two sales."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import expect
from sqlalchemy import select

from app.identity.models import Device
from app.payments.models import Payment
from app.web.pos import assets
from kit.database import reading, transaction
from tests import small_shop
from tests.pos import tills
from tests.pos.register import STOCK
from tests.pos.serving import served
from tests.pos.tills import basket, sales, scan, settle, wait_for_view
from tests.small_shop import HOOK_GTIN, LURE_GTIN

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]


@pytest.fixture
def page(chromium, app) -> Iterator[Any]:
    """A till with a reader."""
    small_shop.build(STOCK)
    with transaction() as session:
        session.scalars(select(Device)).one().reader = "code:simulated-wpe"
    with served(app) as address, tills.tills(chromium, address) as make:
        page = make()
        wait_for_view(page, "sale")
        yield page


def play_at(page: Any, stripe_double: str, act: str) -> None:
    """Do with the reader what a customer does, once the till asks how it stands."""
    page.wait_for_event("response", lambda answer: "/card-payments/" in answer.url)
    with reading() as session:
        reader = session.scalars(select(Device)).one().reader
    address = f"{stripe_double}/readers/{reader}"
    requests.post(address, data={"act": act}, allow_redirects=False, timeout=5)


def test_cards_at_the_reader(page, stripe_double):
    scan(page, LURE_GTIN)
    page.keyboard.press("F2")
    expect(page.locator("#card-text")).to_contain_text("Karte an das Gerät")
    play_at(page, stripe_double, "decline")
    expect(page.locator("#card-text")).to_contain_text("abgelehnt")
    assert sales() == []
    # Once more: the customer finds another card.
    page.keyboard.press("Enter")
    expect(page.locator("#card-text")).to_contain_text("Karte an das Gerät")
    page.reload()
    # The till was reloaded meanwhile and goes on with the same payment.
    expect(page.locator("#card-text")).to_contain_text("Karte an das Gerät")
    play_at(page, stripe_double, "approve")
    wait_for_view(page, "receipt")
    settle(page)
    [order] = sales()
    with reading() as session:
        [payment] = session.scalars(select(Payment).where(Payment.order_ref == order.ref))
    assert (payment.method, payment.amount_minor) == ("card_terminal", 690)
    page.locator("#next").click()
    scan(page, HOOK_GTIN)
    page.keyboard.press("F2")
    expect(page.locator("#card-text")).to_contain_text("Karte an das Gerät")
    page.keyboard.press("Escape")
    page.locator("#card").wait_for(state="hidden")
    assert len(sales()) == 1
    assert basket(page) == [("Offset-Haken 3/0", "1", "4,90\xa0€")]


def test_a_new_version_waits_until_the_sale_is_over(page, monkeypatch):
    page.evaluate("() => navigator.serviceWorker.ready")
    old = assets.worker
    monkeypatch.setattr(assets, "worker", lambda *given: f"{old(*given)}// newer")
    scan(page, LURE_GTIN)
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    page.locator("#update").click()
    page.wait_for_timeout(300)
    assert basket(page) == [("Rheinshad 9 cm", "1", "6,90\xa0€")]
    page.locator("#clear").click()
    page.locator("#clear").click()
    with page.expect_navigation():
        page.locator("#update").click()
    wait_for_view(page, "sale")
    assert page.locator("#update").is_hidden()
