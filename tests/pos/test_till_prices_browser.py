"""The till's own sums are the books': random baskets, priced by the script and by the engine."""

import random
from datetime import timedelta
from typing import Any

import pytest

from app.workflows import pricing
from catalog import promotions
from catalog.promotion_sums import Goods, Rule, reduce
from catalog.promotions import Offer
from kit import money
from kit.database import reading, transaction
from tests import small_shop
from tests.pos import tills
from tests.pos.register import STOCK
from tests.pos.serving import served
from tests.small_shop import HOOK, LURE, MUELLER, PAN, WEDNESDAY

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("wednesday")]
SHELVES, BRANDS, SKUS = ["a", "b", "c"], ["x", "y"], ["S0", "S1", "S2"]
REDUCE = """async (cases) => {
  const { reduce } = await import("/static/js/till-promotions.js");
  return cases.map(([goods, rules]) =>
    reduce(goods, rules).map((line) => line.map((one) => [one.ref, one.amount_minor])));
}"""
SUMS = """async (cases) => {
  const { share, vatWithin, allocate } = await import("/static/js/till-sums.js");
  return cases.map(([amount, points, weights]) =>
    [share(amount, points), vatWithin(amount, points), allocate(amount, weights)]);
}"""
QUOTE = """async (baskets) => {
  await (await import("/static/js/till-catalog.js")).sync();
  const { books } = await import("/static/js/till-catalog.js");
  const { quote } = await import("/static/js/till-prices.js");
  const { now } = await import("/static/js/till-clock.js");
  return baskets.map(([lines, number, code]) => {
    const customer = number && { number, price_group: "stamm" };
    const found = quote(books, { lines, customer, code, at: now().getTime() });
    const taken = (line) => line.promotions.map((one) => [one.ref, one.amount_minor]);
    return [found.total_minor, found.list_minor, found.limited,
      found.lines.map((line) => [line.unit_minor, line.line_minor, taken(line)])];
  });
}"""


def drawn_rule(drawn: random.Random, place: int) -> Rule:
    kind = drawn.choice(["percent", "amount", "buy_get"])
    return Rule(
        ref=f"A{place}",
        kind=kind,
        basis_points=0 if kind == "amount" else drawn.choice([500, 1337, 3333, 10_000]),
        amount_minor=drawn.choice([1, 333, 5000]) if kind == "amount" else 0,
        buy_units=drawn.randint(1, 3),
        get_units=drawn.randint(1, 2),
        min_minor=drawn.choice([0, 0, 1000]),
        stackable=drawn.random() < 0.5,
        skus=frozenset(drawn.sample(SKUS, drawn.choice([0, 0, 1, 2]))),
        categories=frozenset(drawn.sample(SHELVES, drawn.choice([0, 0, 1]))),
        brands=frozenset(drawn.sample(BRANDS, drawn.choice([0, 0, 1]))),
    )


def drawn_goods(drawn: random.Random) -> list[Goods]:
    return [
        Goods(
            f"S{place}",
            drawn.choice([1, 2, 3, 7]),
            drawn.choice([0, 1, 99, 690, 1234, 11_390]),
            frozenset(drawn.sample(SHELVES, 2)),
            drawn.choice(BRANDS),
        )
        for place in range(drawn.randint(1, 5))
    ]


def plain(value: Any) -> dict[str, Any]:
    """Return goods or a rule as the endpoint sends it."""
    facts = {
        name: sorted(fact) if isinstance(fact, frozenset) else fact
        for name, fact in vars(value).items()
    }
    return {**facts, "name": facts.get("name_de")}


@pytest.fixture
def page(chromium, app):
    """A till in a shop with every kind of promotion, one of them with a limit."""
    small_shop.build(STOCK)
    everybody = frozenset[str]()
    offers = [
        Offer(Rule("", "percent", "P", "P", basis_points=1337, skus=frozenset({LURE}),
                   stackable=True), WEDNESDAY - timedelta(days=1)),
        Offer(Rule("", "buy_get", "B", "B", basis_points=10_000, buy_units=2, get_units=1,
                   categories=frozenset({"koeder"})), WEDNESDAY - timedelta(days=1)),
        Offer(Rule("", "amount", "C", "C", amount_minor=777, min_minor=2000, stackable=True),
              WEDNESDAY - timedelta(days=1), code="SIEBEN"),
        Offer(Rule("", "percent", "S", "S", basis_points=2500, brands=frozenset({"Rhein"})),
              WEDNESDAY - timedelta(days=1), price_groups=frozenset({"stamm"})),
        Offer(Rule("", "percent", "L", "L", basis_points=9000), WEDNESDAY + timedelta(days=1)),
        Offer(Rule("", "percent", "O", "O", basis_points=9000), WEDNESDAY - timedelta(days=3),
              ends_at=WEDNESDAY - timedelta(days=1)),
        Offer(Rule("", "percent", "W", "W", basis_points=9000), WEDNESDAY - timedelta(days=3),
              channels=frozenset({"web"}), price_groups=everybody),
    ]  # fmt: skip
    with transaction() as session:
        for offer in offers:
            promotions.create(session, offer, actor="test")
    with served(app) as address, tills.tills(chromium, address) as make:
        page = make()
        tills.wait_for_view(page, "sale")
        yield page


def test_script_and_engine_come_to_the_same_cents(page):
    drawn = random.Random(2026)
    same_promotions(page, drawn)
    same_sums(page, drawn)
    same_baskets(page, drawn)


def same_promotions(page: Any, drawn: random.Random) -> None:
    """Compare what promotions take off, whatever they are."""
    cases = [
        (drawn_goods(drawn), [drawn_rule(drawn, place) for place in range(drawn.randint(0, 7))])
        for _ in range(600)
    ]
    expected = [
        [[[one.ref, one.amount_minor] for one in line] for line in reduce(goods, rules)]
        for goods, rules in cases
    ]
    asked = [[[plain(one) for one in goods], [plain(one) for one in rules]]
             for goods, rules in cases]  # fmt: skip
    assert page.evaluate(REDUCE, asked) == expected
    assert any(len(line) > 1 for lines in expected for line in lines)


def same_sums(page: Any, drawn: random.Random) -> None:
    """Compare rounding and dividing, beyond what a floating number can hold."""
    sums = [
        (drawn.randint(0, 10_000_000_000), drawn.choice([0, 500, 700, 1900, 10_000]),
         [drawn.randint(0, 10_000_000) for _ in range(drawn.randint(1, 5))] + [1])
        for _ in range(300)
    ]  # fmt: skip
    assert page.evaluate(SUMS, sums) == [
        [money.share(amount, points), money.vat_within(amount, points),
         money.allocate(amount, weights)]
        for amount, points, weights in sums
    ]  # fmt: skip


def same_baskets(page: Any, drawn: random.Random) -> None:
    """Compare whole baskets: list price, price group, and the promotions that hold right now."""
    baskets = [
        (
            [{"sku": sku, "quantity": drawn.randint(1, 9)}
             for sku in drawn.sample([LURE, HOOK, PAN], drawn.randint(1, 3))],
            drawn.choice([None, MUELLER]),
            drawn.choice([None, "SIEBEN"]),
        )
        for _ in range(60)
    ]  # fmt: skip
    found = page.evaluate(QUOTE, baskets)

    with reading() as session:
        for (lines, number, code), answer in zip(baskets, found, strict=True):
            wanted = [(line["sku"], line["quantity"]) for line in lines]
            priced = pricing.price(
                session, wanted, customer_number=number, at=WEDNESDAY, channel="till", code=code
            )
            assert answer == [
                priced.goods_minor,
                priced.list_minor,
                False,
                [
                    [line.unit_minor, line.line_minor,
                     [[one.ref, one.amount_minor] for one in line.promotions]]
                    for line in priced.lines
                ],
            ]  # fmt: skip
