"""The double's pages in a real browser: narrow and wide, without JavaScript, by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.local import stripe_bench as bench

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def double():
    with bench.running() as made:
        yield made


@pytest.fixture
def session(double):
    home = f"{double.url}/?paid={{CHECKOUT_SESSION_ID}}"
    params = bench.session_params(success_url=home, cancel_url=f"{double.url}/")
    return double.client().v1.checkout.sessions.create(params)


@pytest.fixture
def browse(chromium):
    contexts = []

    def new(width, **options):
        context = chromium.new_context(viewport={"width": width, "height": 844}, **options)
        contexts.append(context)
        return context.new_page()

    yield new
    for context in contexts:
        context.close()


def test_paying_needs_no_javascript_and_no_mouse(double, session, browse):
    page = browse(390, java_script_enabled=False)
    page.goto(session.url)
    page.get_by_label("Kartennummer").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/?paid={session.id}")
    assert double.client().v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_test_card_is_chosen_by_tapping_and_the_bank_asks(double, session, browse):
    page = browse(390, java_script_enabled=False)
    page.goto(session.url)
    page.get_by_role("link", name="3184").click()
    assert page.get_by_label("Kartennummer").input_value() == "4000 0027 6000 3184"
    page.get_by_role("button", name="37,37 € zahlen").click()
    page.get_by_role("button", name="Ablehnen").click()
    assert "nicht freigegeben" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Zurück zu Angelhaus Rhein").click()
    page.wait_for_url(f"{double.url}/")
    assert double.client().v1.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_is_accessible_and_fits(double, session, browse, width):
    page = browse(width)

    def check(selector):
        page.wait_for_selector(selector)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.goto(session.url)
    check("form")
    page.get_by_label("Kartennummer").fill(bench.DECLINED)
    page.keyboard.press("Enter")
    check("[role=alert]")
    page.goto(f"{session.url}?card={bench.CHALLENGE.replace(' ', '')}")
    page.get_by_role("button").click()
    check(".bank")
    double.client().v1.checkout.sessions.expire(session.id)
    page.goto(session.url)
    check(".message")
