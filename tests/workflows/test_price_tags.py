"""What a page shows for one unit is what the basket charges for it, with the law's price beside."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import true
from sqlalchemy.orm import Session

from app.workflows import price_tags, pricing
from catalog import pricing as list_prices
from catalog import products, promoted_prices, promotions
from catalog.pricing import PricePoint, lowest_before_reduction
from catalog.promotion_sums import Goods, Rule
from catalog.promotions import Offer
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE, LURE_MINOR, PAN, PAN_MINOR, WEDNESDAY

DAY = timedelta(days=1)


@pytest.fixture
def shop(database: object, wednesday: None) -> None:
    """The small shop without stock, on Wednesday."""
    small_shop.build({})


def promote(session: Session, days_ago: float, days: float | None = None, **facts: object) -> str:
    """Make a promotion that began so many days ago and lasts for so many."""
    rule = Rule("", **{"kind": "percent", "name_de": "Aktion", "name_en": "Offer", **facts})
    starts = WEDNESDAY - days_ago * DAY
    ends = None if days is None else starts + days * DAY
    return promotions.create(session, Offer(rule, starts, ends), actor="test")


def tags(session: Session) -> dict[str, tuple[int, int | None]]:
    """Return price and the price beside it of every article."""
    items = list(products.items(session, [LURE, HOOK, PAN]).values())
    found = price_tags.of_items(session, items, price_tags.offers(session, WEDNESDAY))
    return {sku: (tag.unit_minor, tag.was_minor) for sku, tag in found.items()}


@pytest.mark.usefixtures("shop")
def test_a_page_shows_what_the_basket_charges_for_one_unit() -> None:
    with transaction() as session:
        promote(session, 3, basis_points=1500, skus=frozenset({LURE}))
        promote(session, 3, basis_points=1000, stackable=True, categories=frozenset({"koeder"}))
        promote(session, 3, kind="amount", amount_minor=500, min_minor=5000)
        promote(session, 3, kind="buy_get", buy_units=2, get_units=1, basis_points=10_000)
        promote(session, -1, basis_points=9000)
    with reading() as session:
        shown = tags(session)
        for sku, (unit_minor, _) in shown.items():
            basket = pricing.price(
                session, [(sku, 1)], customer_number=None, at=WEDNESDAY, channel="web"
            )
            assert basket.goods_minor == unit_minor, sku
        rules = price_tags.offers(session, WEDNESDAY).rules
        compared = promoted_prices.of_goods(session, true(), rules, WEDNESDAY, name="all")
    assert compared == {sku: unit_minor for sku, (unit_minor, _) in shown.items()}
    assert shown == {LURE: (586, LURE_MINOR), HOOK: (441, 490), PAN: (8010, PAN_MINOR)}


@pytest.mark.usefixtures("shop")
def test_the_price_beside_is_the_lowest_of_thirty_days_whatever_made_it_low() -> None:
    with transaction() as session:
        # The lure was cheaper in a promotion that ended a fortnight ago; the pan long before that.
        promote(session, 20, 6, basis_points=2000, skus=frozenset({LURE}))
        promote(session, 90, 6, basis_points=5000, skus=frozenset({PAN}))
        promote(session, 2, basis_points=1000, skus=frozenset({LURE, PAN}))
        # Its list price went down and is announced; its own promotion came on top: one reduction.
        list_prices.set_price(session, HOOK, 440, WEDNESDAY - 5 * DAY, reduced=True)
        promote(session, 1, basis_points=1000, skus=frozenset({HOOK}))
    with reading() as session:
        # 20 % off 690 was 552: below today's 621, so nothing is struck out.
        assert tags(session) == {LURE: (621, None), HOOK: (396, 490), PAN: (8010, PAN_MINOR)}


@pytest.mark.usefixtures("shop")
def test_without_an_earlier_price_nothing_is_struck_out_and_groups_have_no_such_price() -> None:
    with transaction() as session:
        promote(session, 400, basis_points=1000)
    with reading() as session:
        assert tags(session)[LURE] == (621, None)
        item = products.item(session, LURE)
        on = price_tags.offers(session, WEDNESDAY, price_group="stamm")
        own = price_tags.of_items(session, [item], on, beside=False)[LURE]
        # 5 % of 690 is 35 for the group, 10 % of 655 is 66.
        assert (own.unit_minor, own.was_minor) == (589, None)


START, LAST = datetime(2026, 1, 1, tzinfo=UTC), 81
spans = st.lists(st.tuples(st.integers(1, 80), st.integers(1, 30), st.integers(1, 60)), max_size=4)


@given(
    spans=spans, later=st.lists(st.tuples(st.integers(1, 80), st.integers(100, 900)), max_size=3)
)
@settings(max_examples=60, deadline=None)
def test_the_price_beside_is_that_of_a_calendar_kept_by_hand(
    spans: list[tuple[int, int, int]], later: list[tuple[int, int]]
) -> None:
    history = [PricePoint(500, START, False)] + [
        PricePoint(minor, START + day * DAY, False) for day, minor in sorted(dict(later).items())
    ]
    rules = [
        (Rule(f"A{n}", "percent", basis_points=percent * 100), START + day * DAY,
         START + (day + length) * DAY)
        for n, (day, length, percent) in enumerate(spans)
    ]  # fmt: skip
    points = price_tags.asked_for(history, rules, Goods("X", 1, 500), START + LAST * DAY)
    assert lowest_before_reduction(points) == _by_days(history, rules)


def _by_days(history: list[PricePoint], rules: list[price_tags._Span]) -> int | None:
    """Return the same, from what every single day cost."""
    asked, cheaper = [], []
    for at in (START + day * DAY for day in range(LAST + 1)):
        listed = [point.amount_minor for point in history if point.valid_from <= at][-1]
        on = [rule for rule, start, end in rules if start <= at < (end or at)]
        off = [listed - (listed * rule.basis_points + 5000) // 10_000 for rule in on]
        asked.append(min([listed, *off]))
        cheaper.append(bool(on))
    if not cheaper[LAST]:
        return None
    start = LAST
    while start > 0 and cheaper[start - 1] and asked[start - 1] >= asked[start]:
        start -= 1
    return min(asked[max(0, start - 30) : start], default=None)
