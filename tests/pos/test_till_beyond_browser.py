"""The till in a real browser beyond scan and cash: labels, gift cards, codes, offers, mails."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import select

from app.messages.models import Message
from app.payments import charges
from app.sales import baskets, orders
from app.sales.offer_models import CounterOffer
from app.tills.models import TillConflict, TillReceipt, WeighCode
from app.workflows import checkout, floor
from app.workflows.floor import Worker
from fulfilment.models import FulfilmentOrder, Pickup
from kit.database import reading, transaction
from loyalty import gift_cards
from tests import small_shop
from tests.pos import tills
from tests.pos.register import STOCK
from tests.pos.serving import served
from tests.pos.test_paid_on_collection import laid_out, ordered
from tests.pos.test_races import _charged
from tests.pos.tills import PHONE, basket, cut, scan, sell, settle, wait_for_view
from tests.small_shop import HOOK, HOOK_GTIN, LURE, LURE_GTIN

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday", "sound")]
# Seven digits that stand for the hooks, 3.30 €, and the check digit.
LABEL = "2912345003302"
CAMERA = """async (code) => {
  let seen = 0;
  window.BarcodeDetector = class {
    static getSupportedFormats = async () => ["ean_13", "qr_code"];
    detect = async () => ((document.body.dataset.seen = ++seen), [{ rawValue: code }]);
  };
  const media = { getUserMedia: async () => document.createElement("canvas").captureStream() };
  Object.defineProperty(navigator, "mediaDevices", { value: media });
  await (await import("/static/js/till-camera.js")).ready();
}"""


@pytest.fixture
def address(app):
    small_shop.build(STOCK)
    with transaction() as session:
        session.add(WeighCode(starts=LABEL[:7], sku=HOOK, value="minor"))
    with served(app) as url:
        yield url


@pytest.fixture
def open_till(chromium, address):
    with tills.tills(chromium, address) as make:
        yield make


def _looked_at(page, axe, name):
    """Nothing sticks out, axe finds nothing; with KONTOR_SHOTS a picture to be looked at."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.evaluate("() => Promise.allSettled(document.getAnimations().map(a => a.finished))")
    broken = axe.run(page).response["violations"]
    assert [(name, each["id"], each["nodes"][0]["html"]) for each in broken] == []
    if shots := os.environ.get("KONTOR_SHOTS"):
        page.screenshot(path=Path(shots) / f"{name}.png")


def _laid_out(settle_events):
    ref = checkout.place(
        small_shop.basket_with((LURE, 2)), small_shop.buyer(collect_at="bonn")
    ).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, _charged(payment.amount_minor))
    settle_events()
    with reading() as session:
        job = small_shop.job_at(session, ref, "bonn")
    with transaction() as session:
        floor.pick_all_in(session, job, Worker("Test", "bonn"))
        floor.pack_in(session, job, Worker("Test", "bonn"))
    return ref


def _for_its_code(page, collected):
    scan(page, collected)
    page.locator("#collect[open]").wait_for()
    expect(page.locator("#collect-lines")).to_contain_text("2 ×")
    with reading() as session:
        asked = select(FulfilmentOrder.pickup_code).where(FulfilmentOrder.order_ref == collected)
        right = session.scalars(asked).one()
    for typed, told in (("", "Bitte den Abholcode"), (f"{int(right) ^ 1:04d}", "stimmt nicht")):
        page.locator("#collect-code").fill(typed)
        page.keyboard.press("Enter")
        expect(page.locator("#collect-message")).to_contain_text(told)
    _looked_at(page, Axe(), "collect")
    glass = page.locator("#collect-sign").bounding_box()
    page.mouse.move(glass["x"] + 20, glass["y"] + 20)
    page.mouse.down()
    page.mouse.move(glass["x"] + 90, glass["y"] + 40)
    page.mouse.up()
    page.locator("#collect-code").fill(right)
    page.keyboard.press("Enter")
    expect(page.locator("#till-message")).to_contain_text(collected)
    with reading() as session:
        assert orders.by_ref(session, collected).state == "completed"
        [pickup] = session.scalars(select(Pickup)).all()
        assert pickup.proof == "code"
        assert re.fullmatch(r"M\d+ \d+(L\d+ \d+)+", pickup.signature)


def _paid_and_handed_over(page):
    ref = ordered()
    code = laid_out(ref)
    scan(page, ref)
    expect(page.locator("#collect-amount")).to_have_text("13,10 €")
    expect(page.locator("#collect-place")).to_have_text("liegt in Fach A3")
    page.locator("#collect-code").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator("#collecting")).to_contain_text(ref)
    expect(page.locator("#customer-name")).to_have_text("Jürgen Müller")
    # It is paid as it was ordered: nothing else goes along, and nothing of it is left out.
    scan(page, HOOK_GTIN)
    expect(page.locator("#till-message")).to_contain_text("wie sie bestellt ist")
    page.keyboard.press("Delete")
    expect(page.locator("#total")).to_have_text("13,10 €")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    expect(page.locator("#receipt-person")).to_contain_text(f"Bestellung {ref}")
    with reading() as session:
        assert orders.by_ref(session, ref).state == "completed"
        [payment] = charges.all_of_order(session, ref)
        assert (payment.method, payment.captured_minor) == ("cash", 1310)


def test_labels_gift_cards_codes_of_the_web_and_what_comes_back(open_till, settle_events):
    collected = _laid_out(settle_events)
    shown_token = small_shop.basket_with((LURE, 1))
    with transaction() as session:
        _, gift = gift_cards.issue(
            session, 500, kind="sold", document="R-1", actor="test", key="card"
        )
        shown = baskets.by_token(session, shown_token)
        code = baskets.give_code(session, shown).code
    page = open_till()
    wait_for_view(page, "sale")
    scan(page, LABEL)
    expect(page.locator("#total")).to_have_text("3,30 €")
    scan(page, LURE_GTIN)
    expect(page.locator("#total")).to_have_text("10,20 €")
    page.keyboard.press("F3")
    page.locator("#cash-gift").click()
    page.locator("#gift-code").fill(gift)
    page.keyboard.press("Enter")
    expect(page.locator("#cash-total")).to_have_text("5,20 €")
    page.locator("#cash-given").fill("5,20")
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    with reading() as session:
        sold = session.scalars(select(TillReceipt)).one()
        assert [(one["method"], one["amount_minor"]) for one in sold.tenders] == [
            ("gift_card", 500),
            ("cash", 520),
        ]
        assert gift_cards.usable_minor(gift_cards.by_code(session, gift)) == 0

    page.locator("#next").click()
    scan(page, code)
    expect(page.locator("#lines > li")).to_have_count(1)
    assert basket(page) == [("Rheinshad 9 cm", "1", "6,90\xa0€")]
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    with reading() as session:
        assert baskets.by_token(session, shown_token).order_ref is not None

    page.locator("#next").click()
    _for_its_code(page, collected)
    _paid_and_handed_over(page)
    page.locator("#next").click()
    scan(page, f"http://shop.test/till/bons/{sold.token}")
    page.locator("#returns[open]").wait_for()
    assert page.locator("#returns-title").inner_text() == sold.receipt_number
    page.locator("#returns-lines button").last.click()
    page.locator("#returns-exchange").click()
    expect(page.locator("#total")).to_have_text("6,90 €")
    expect(page.locator("#total-name")).to_have_text("Auszuzahlen")


def _by_camera(page, code):
    """Hold a code into the picture: no browser here reads them, so one is played."""
    assert page.locator("#camera-open").is_hidden()
    page.evaluate(CAMERA, code)
    page.locator("#camera-open").click()
    expect(page.locator("#camera-total")).to_have_text("6,90 €")
    # It stays in the picture, and counts once.
    expect(page.locator("body")).to_have_attribute("data-seen", re.compile(r"[5-9]|\d\d"))
    page.locator("#camera [data-close]").click()
    assert basket(page) == [("Rheinshad 9 cm", "1", "6,90\xa0€")]
    assert page.evaluate("document.getElementById('camera-picture').srcObject") is None


def test_offers_the_phone_and_receipts_by_mail(open_till, settle_events):
    page, axe = open_till(PHONE), Axe()
    wait_for_view(page, "sale")
    _by_camera(page, LURE_GTIN)
    expect(page.locator("#total")).to_have_text("6,90 €")
    page.locator("#menu-open").click()
    page.locator("#phone-open").click()
    page.locator("#phone[open]").wait_for()
    assert page.evaluate("document.getElementById('phone-code').decode().then(() => true)")
    _looked_at(page, axe, "phone")
    page.keyboard.press("Escape")
    page.locator("#menu-open").click()
    page.locator("#offer-open").click()
    page.locator("#offer-name").fill("Karl Klein")
    page.locator("#offer-email").fill("klein@example.org")
    page.locator("#offer-hold").check()
    _looked_at(page, axe, "offer")
    page.locator("#offer-email").press("Enter")
    expect(page.locator("#till-message")).to_contain_text("ist unterwegs")
    assert basket(page) == []
    page.locator("#menu-open").click()
    page.locator("#offers-open").click()
    expect(page.locator("#offers-list")).to_contain_text("Karl Klein")
    _looked_at(page, axe, "offers")
    page.keyboard.press("Escape")

    page.locator("#scan-code").fill(HOOK_GTIN)
    page.keyboard.press("Enter")
    page.locator("#scan-code").press("Enter")
    wait_for_view(page, "receipt")
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    page.locator("#mail").click()
    page.locator("#receipt-mail-address").fill("klein@example.org")
    _looked_at(page, axe, "receipt-mail")
    page.keyboard.press("Enter")
    expect(page.locator("#done-detail")).to_contain_text("klein@example.org")
    settle_events()
    with reading() as session:
        offer = session.scalars(select(CounterOffer)).one()
        assert (offer.total_minor, offer.held, offer.name) == (690, True, "Karl Klein")
        told = session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert told == ["counter_offer", "receipt"]


def test_goods_of_a_foreign_receipt_come_back_without_a_network(open_till):
    page, axe = open_till(PHONE), Axe()
    wait_for_view(page, "sale")
    cut(page)
    # Sold and brought back while nobody answers: the books hear of both in this order.
    sell(page, HOOK_GTIN)
    page.locator("#next").click()
    scan(page, "bonn-1-000001")
    page.locator("#returns-lines button").click()
    page.locator("#returns-refund").click()
    wait_for_view(page, "receipt")
    expect(page.locator("#receipt-fiscal")).to_contain_text("ohne Netz")
    page.locator("#next").click()
    page.locator("#scan-code").fill("koeln-1-000017")
    page.keyboard.press("Enter")
    page.locator("#returns-article").wait_for()
    page.locator("#returns-article").fill(HOOK_GTIN)
    page.keyboard.press("Enter")
    expect(page.locator("#returns-sum")).to_have_text("4,90 €")
    _looked_at(page, axe, "returns")
    page.locator("#returns-refund").click()
    wait_for_view(page, "receipt")
    page.context.set_offline(False)
    settle(page)
    expect(page.locator("#done-detail")).to_contain_text("gebucht")
    with reading() as session:
        (task,) = session.scalars(select(TillConflict)).all()
        assert (task.kind, task.facts["order_ref"]) == ("return_unmatched", "koeln-1-000017")
        assert small_shop.books(session)["bonn", HOOK] == (6, 1, 0, 0)
