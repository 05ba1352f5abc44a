"""The same basket, customer and moment cost the same on the web and at the till."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.workflows import quoting
from catalog import pricing, publishing
from kit import clock
from kit.database import reading, transaction
from loyalty import customers
from tests.small_shop import HOOK, LURE, MUELLER, PAN, WEDNESDAY

BERLIN = ZoneInfo("Europe/Berlin")
ODD = "1234565"
SKUS = (LURE, HOOK, PAN)

baskets = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 999), min_size=1).map(
    lambda basket: list(basket.items())
)
buyers = st.sampled_from([None, MUELLER, "2 104 881", ODD])
moments = st.integers(-40, 40).map(lambda days: WEDNESDAY + timedelta(days=days, seconds=days))


@pytest.fixture
def changing_prices(register):
    """Prices that rise and fall around Wednesday, and a group with an awkward discount."""
    with transaction() as session:
        for day, (lure, hook) in enumerate([(699, 1), (690, 333), (655, 490), (101, 77)]):
            at = WEDNESDAY + timedelta(days=10 * day - 15)
            pricing.set_price(session, LURE, lure, at, reduced=day == 2)
            pricing.set_price(session, HOOK, hook, at)
        publishing.put_price_group(
            session, "odd", name_de="Krumm", name_en="Odd", discount_basis_points=1337
        )
        customers.enrol(
            session, number=ODD, name="Frau Krumm", email="krumm@example.org", price_group="odd"
        )
    return register


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=baskets, number=buyers, at=moments)
def test_web_and_till_ask_the_same(changing_prices, lines, number, at):
    asked = {
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        "customer_number": number,
    }
    with clock.frozen(at):
        till = changing_prices.post("/quotes", asked).get_json()
        with reading() as session:
            web = quoting.quote(
                session, lines, customer_number=number, postal_code="53111", at=clock.now()
            )

    of_till = [(one["sku"], one["unit_minor"], one["line_minor"]) for one in till["lines"]]
    of_web = [(one.sku, one.unit_minor, one.line_minor) for one in web.basket.lines]
    assert of_till == of_web
    assert till["total_minor"] == web.basket.goods_minor == sum(line[2] for line in of_till)
    assert till["list_minor"] == web.basket.list_minor
    assert till["saved_minor"] == web.basket.saved_minor
