"""Prices: one for every channel, with a history that proves it."""

from datetime import timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from catalog import pricing, products
from catalog.pricing import PricePoint, UnitPrice, lowest_before_reduction, quote, set_price
from kit.errors import Invalid, NotFound, Refused
from tests.catalog.shelf import LONG_AGO, WEDNESDAY

DAY = timedelta(days=1)


def one(session, sku="OH-2-0", group="standard", at=WEDNESDAY):
    return quote(session, [(sku, 1)], price_group=group, at=at)[0]


def prices(session):
    return session.scalar(text("SELECT count(*) FROM prices"))


def test_lines_are_priced_in_their_order_with_one_query(shop):
    asked = []
    event.listen(shop.connection(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    lines = quote(
        shop, [("OH-2-0", 3), ("RS70-RO", 2), ("OH-2-0", 1)], price_group="club", at=WEDNESDAY
    )
    assert len(asked) == 1
    assert [(line.sku, line.quantity, line.unit_minor, line.line_minor) for line in lines] == [
        ("OH-2-0", 3, 465, 1395),  # 5 % of 4.90 are 24.5 cents: half up, 25 off
        ("RS70-RO", 2, 560, 1120),  # 29.5 cents: 30 off
        ("OH-2-0", 1, 465, 465),
    ]
    assert lines[0].list_unit_minor == 490
    assert lines[0].vat_basis_points == 1900
    assert (lines[0].lowest_30_days_minor, lines[0].reduced) == (None, False)


@pytest.mark.parametrize("quantity", [0, -1, 100_001, 1.0, True, "1", None])
def test_a_wrong_quantity_is_invalid(shop, quantity):
    with pytest.raises(Invalid) as error:
        quote(shop, [("OH-2-0", quantity)], price_group="standard", at=WEDNESDAY)
    assert error.value.code == "quantity"


def test_unknown_items_groups_and_missing_prices_are_told_apart(shop):
    with pytest.raises(NotFound) as error:
        quote(shop, [("OH-2-0", 1), ("GIBTSNICHT", 1)], price_group="standard", at=WEDNESDAY)
    assert (error.value.code, error.value.facts) == ("item", {"sku": "GIBTSNICHT"})
    with pytest.raises(NotFound) as error:
        one(shop, group="gold")
    assert error.value.code == "price_group"
    with pytest.raises(Refused) as refusal:
        one(shop, at=LONG_AGO - DAY)
    assert (refusal.value.code, refusal.value.facts) == ("no_price", {"sku": "OH-2-0"})
    assert quote(shop, [], price_group="standard", at=WEDNESDAY) == []


def test_a_price_counts_from_its_instant_on(shop):
    set_price(shop, "OH-2-0", 520, WEDNESDAY + DAY)
    assert one(shop, at=WEDNESDAY + DAY - timedelta(microseconds=1)).unit_minor == 490
    assert one(shop, at=WEDNESDAY + DAY).unit_minor == 520


def test_the_past_cannot_be_rewritten(shop):
    before = prices(shop)
    set_price(shop, "OH-2-0", 490, LONG_AGO)  # the same once more changes nothing
    for amount, at in ((480, LONG_AGO), (480, LONG_AGO - DAY)):
        with pytest.raises(Refused) as error:
            set_price(shop, "OH-2-0", amount, at)
        assert error.value.code == "price_history"
    for amount in (0, -1, 4.9):
        with pytest.raises(Invalid):
            set_price(shop, "OH-2-0", amount, WEDNESDAY + DAY)
    with pytest.raises(NotFound):
        set_price(shop, "GIBTSNICHT", 100, WEDNESDAY + DAY)
    assert prices(shop) == before


def test_a_price_for_now_is_allowed_before_a_planned_one(shop):
    set_price(shop, "OH-2-0", 590, WEDNESDAY + 30 * DAY)
    set_price(shop, "OH-2-0", 390, WEDNESDAY)
    assert [point.amount_minor for point in pricing.history(shop, "OH-2-0")] == [490, 390, 590]
    assert one(shop).unit_minor == 390


def test_the_database_refuses_to_change_a_price(shop, owner):
    shop.commit()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("UPDATE prices SET amount_minor = 1")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("DELETE FROM prices")
    assert one(shop).unit_minor == 490


def history(*steps):
    """Build a history from (days before Wednesday, cents, reduced)."""
    return [PricePoint(cents, WEDNESDAY - days * DAY, reduced) for days, cents, reduced in steps]


@pytest.mark.parametrize(
    ("steps", "lowest"),
    [
        # the price before, and nothing else happened
        ([(300, 990, False), (5, 790, True)], 990),
        # a lower price 20 days before the reduction counts, one that ended 31 days before does not
        ([(300, 990, False), (25, 890, False), (20, 990, False), (5, 790, True)], 890),
        ([(300, 850, False), (36, 990, False), (5, 790, True)], 990),
        ([(300, 850, False), (34, 990, False), (5, 790, True)], 850),
        # counted from the start of the reduction, not from today: it may go on for months
        ([(300, 990, False), (80, 790, True)], 990),
        # steps that only go down are one reduction: section 11 (2)
        ([(300, 990, False), (20, 890, True), (10, 790, True)], 990),
        # a reduced price that rises is a new reduction, and the low price before it counts
        ([(300, 990, False), (20, 690, True), (10, 790, True)], 690),
        # an earlier reduction that ended counts like any price
        ([(300, 990, False), (25, 690, True), (15, 990, False), (5, 790, True)], 690),
        # no reduction, or nothing to compare with
        ([(300, 990, False)], None),
        ([(5, 790, True)], None),
        ([], None),
    ],
)
def test_the_lowest_price_of_the_30_days_before_the_reduction(steps, lowest):
    assert lowest_before_reduction(history(*steps)) == lowest


def test_a_reduction_shows_the_lowest_price_and_comes_with_the_same_query(shop):
    set_price(shop, "RS70-RO", 490, WEDNESDAY, reduced=True)
    line = one(shop, "RS70-RO")
    assert (line.unit_minor, line.lowest_30_days_minor, line.reduced) == (490, 590, True)


def test_a_reduction_that_is_none_is_not_shown(shop):
    set_price(shop, "RS70-RO", 390, WEDNESDAY - 10 * DAY)
    set_price(shop, "RS70-RO", 490, WEDNESDAY, reduced=True)  # was cheaper ten days ago
    line = one(shop, "RS70-RO")
    assert (line.lowest_30_days_minor, line.reduced) == (None, False)


@pytest.mark.parametrize(
    ("content", "minor", "expected"),
    [
        ((250, "g"), 500, UnitPrice(2000, "kg")),
        ((3, "kg"), 1000, UnitPrice(333, "kg")),
        ((750, "ml"), 333, UnitPrice(444, "l")),
        ((150, "m"), 2995, UnitPrice(20, "m")),
        ((70, "cm"), 105, UnitPrice(150, "m")),
        ((7, "piece"), 595, UnitPrice(85, "piece")),
        ((8, "piece"), 100, UnitPrice(13, "piece")),  # 12.5 cents: half up
        ((1, "kg"), 500, None),  # the price itself
        ((1000, "g"), 500, None),
        ((None, None), 500, None),
    ],
)
def test_unit_prices_are_per_kilogram_litre_metre_and_piece(shop, content, minor, expected):
    quantity, unit = content
    shop.execute(
        text("UPDATE items SET content_quantity = :quantity, content_unit = :unit"),
        {"quantity": quantity, "unit": unit},
    )
    assert pricing.unit_price(products.item(shop, "OH-2-0"), minor) == expected


BASKET = st.lists(
    st.tuples(
        st.sampled_from(["OH-2-0", "OH-3-0", "RS70-RO", "RS90-GR", "KM-X100-CRE"]),
        st.integers(1, 99),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(basket=BASKET, group=st.sampled_from(["standard", "club"]), data=st.data())
def test_same_basket_same_customer_same_moment_same_price(shop, basket, group, data):
    """However a channel sorts, splits or repeats its lines, every unit costs the same."""
    priced = quote(shop, basket, price_group=group, at=WEDNESDAY)
    shuffled = quote(shop, data.draw(st.permutations(basket)), price_group=group, at=WEDNESDAY)
    single = quote(
        shop, [(sku, 1) for sku, count in basket for _ in range(count)],
        price_group=group, at=WEDNESDAY,
    )  # fmt: skip
    total = sum(line.line_minor for line in priced)
    assert total == sum(line.line_minor for line in shuffled)
    assert total == sum(line.line_minor for line in single)
    units = {(line.sku, line.unit_minor) for line in priced}
    assert units == {(line.sku, line.unit_minor) for line in single}
    assert all(line.unit_minor <= line.list_unit_minor for line in priced)
