"""What was ordered on the web in the four weeks before the demo starts, and how it went.

Drawn from a fixed seed, so that every machine has the same orders: customers of `customers.csv`,
goods that are taken together (`together.toml`) or alone. The goods of the story, of other scenes
(`stock.toml` names both) and those that are kept apart stay out of it.
"""

import random
import tomllib
from dataclasses import dataclass, replace
from datetime import time

from demo import people, stockroom, together
from demo.catalog.goods import variants
from demo.kept_apart import BRINE, MACHINE

DAYS = 27
# Each order is lived through for real, and makes the first start longer.
_EVERY_DAYS = 3
# Who has a scene of their own with a history that is told there.
_ELSEWHERE = {"mueller", "frau_mueller", "abendroth", "akguen"}
_DEAREST = 9000
_MOST_LINES = 3
_TOGETHER = 0.6
# Of a hundred parcels so many come a day before the one that was said, and so many a day after.
_EARLY, _LATE = 12, 12
_SEED = 29
_EVERY_SHORT, _EVERY_COLLECTED = 3, 8
_MISTYPED_DAYS_AGO = 3


@dataclass(frozen=True)
class Bygone:
    """An order of the past.

    `days` shifts the arrival of its parcels against the day that was planned; `short` means that
    the shelf lacks the first article; `collect_at` is the store where it is collected,
    `pay_on_collection` that it is paid there; `mistyped` that no mail reaches the typed address.
    """

    days_ago: int
    at: time
    customer: str
    lines: tuple[tuple[str, int], ...]
    days: int = 0
    short: bool = False
    collect_at: str | None = None
    pay_on_collection: bool = False
    mistyped: bool = False


# Lies on Bonn's shelf when the demo starts, for whoever wants to see how it is paid and fetched.
WAITING = Bygone(
    1, time(10, 20), "bongartz", (("RS9-FEU", 2), ("PT75-PIN", 1)),
    collect_at="bonn", pay_on_collection=True,
)  # fmt: skip


def plan() -> list[Bygone]:
    """Return the orders, the oldest first; the last ones are of the morning of the first day."""
    chance = random.Random(_SEED)
    rows = [row for row in people.customer_rows() if row["key"] not in _ELSEWHERE and row["street"]]
    goods = _goods()
    baskets = _baskets(goods)
    found: list[Bygone] = []
    for days_ago in range(DAYS, -1, -_EVERY_DAYS):
        customer, lines = chance.choice(rows), _lines(chance, goods, baskets)
        found.append(_order(chance, days_ago, _time(chance), customer, lines))
    return [_with_a_fate(place, one) for place, one in enumerate(found)]


def _goods() -> list[str]:
    """Return what may be ordered: not dear, not bulky, for everybody, on sale all the time."""
    apart = {BRINE, MACHINE, *tomllib.loads(stockroom.FILE.read_text("utf-8"))["exact"]}
    return sorted(
        sku
        for sku, (product, variant) in variants().items()
        if sku not in apart
        and variant.price <= _DEAREST
        and product.shipping_group == "std"
        and not product.age_min
        and variant.prices[0][0] > DAYS
    )


def _baskets(goods: list[str]) -> list[list[str]]:
    """Return what is taken together: of each occasion the goods that may be ordered."""
    known = set(goods)
    occasions = tomllib.loads(together.FILE.read_text("utf-8"))["occasion"]
    named = [
        [sku for one in (*each["all"], *each["some"]) for sku in one.split("|") if sku in known]
        for each in occasions
    ]
    return [skus for skus in named if len(skus) > 1]


def _time(chance: random.Random) -> time:
    return time(chance.randint(7, 11), chance.randint(0, 59))


def _lines(
    chance: random.Random, goods: list[str], baskets: list[list[str]]
) -> tuple[tuple[str, int], ...]:
    source = chance.choice(baskets) if chance.random() < _TOGETHER else goods
    skus = chance.sample(source, min(len(source), chance.randint(1, _MOST_LINES)))
    return tuple((sku, chance.choice((1, 1, 2))) for sku in skus)


def _order(
    chance: random.Random,
    days_ago: int,
    at: time,
    customer: dict[str, str],
    lines: tuple[tuple[str, int], ...],
) -> Bygone:
    luck = chance.randint(1, 100)
    days = -1 if luck <= _EARLY else 1 if luck > 100 - _LATE else 0
    return Bygone(days_ago, at, customer["key"], lines, days=days)


def _with_a_fate(place: int, one: Bygone) -> Bygone:
    """Let every third order run short if it has several articles, and every eighth be collected."""
    home = {row["key"]: row["home_location"] for row in people.customer_rows()}
    short = place % _EVERY_SHORT == 0 and len(one.lines) > 1
    store = home[one.customer] if place % _EVERY_COLLECTED == 0 and not short else None
    return replace(
        one,
        short=short,
        collect_at=store or None,
        mistyped=one.days_ago == _MISTYPED_DAYS_AGO,
    )
