"""What a night of prices costs: `python -m bench.foresight --skus 50000 --places 20`.

Books of made-up SKUs, a few of which sell nearly everything, are priced block by block as the
nightly run does; the time of one core and the memory at its highest are printed. Reading the books
from the database is not in it.
"""

import argparse
import json
import os
import resource
import time
from datetime import date
from datetime import time as clock_time

# One core is what is measured; numpy reads this when it is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from fulfilment.foresight.demand import WINDOW_DAYS, Past
from fulfilment.foresight.market import Costs, Goods, Place
from fulfilment.foresight.past import Books
from fulfilment.foresight.reckoning import Shop, reckon
from fulfilment.foresight.shape import USUAL_LENGTHS, Shape, centres
from fulfilment.rules import LocationSetup, RatesSetup, Rules, Setup, TariffSetup, ZoneSetup

TODAY = date(2026, 11, 25)
BLOCK = 1000
WEB_SHARE = 0.6


def shop_of(skus: int, places: int, orders_a_day: float) -> Shop:
    """Return a shop of one warehouse and stores spread over the country."""
    hours = dict.fromkeys(range(6), (clock_time(9), clock_time(19)))
    work = LocationSetup(hours, clock_time(15), 200, 50, 10, ("std",), ("paket",))
    zones = tuple(ZoneSetup(km, 1 + n, 25 * n) for n, km in enumerate((100, 300, 600, 2000)))
    rates = RatesSetup((2000, 5000, 10000, 31500), (429, 549, 799, 1249), 5)
    setup = Setup(
        Rules(),
        {f"loc-{n:02}": work for n in range(places)},
        {"paket": TariffSetup("Paket", "DHL", (0, 1, 2, 3, 4, 5), zones, {"std": rates})},
    )
    middles = list(centres().values())
    spread = [middles[n * len(middles) // places] for n in range(places)]
    where = [Place(f"loc-{n:02}", at[0], at[1], work) for n, at in enumerate(spread)]
    lines = float((np.arange(1, 5) * USUAL_LENGTHS).sum())
    shape = Shape(
        days=WINDOW_DAYS,
        skus=skus,
        counter_mean=orders_a_day * lines / WEB_SHARE * (1 - WEB_SHARE) / (skus * (places - 1)),
        web_mean=orders_a_day * lines / skus,
        places={place.code: 1.0 for place in where[1:]},
        counter_week=(1.0,) * 5 + (2.0, 0.0),
        web_week=(1.0,) * 7,
        regions={region: at[2] for region, at in centres().items()},
        lengths=USUAL_LENGTHS,
    )
    regions = sorted(centres())
    return Shop(TODAY, shape, where, regions, Costs(setup, where, regions))


def books_of(shop: Shop, count: int, chance: np.random.Generator) -> Books:
    """Return eight weeks of some SKUs: Gamma-Poisson sales, and stock for two weeks."""
    places, shape = len(shop.places), shop.shape
    fame = chance.gamma(0.5, 2.0, count)
    till = np.r_[0.0, np.full(places - 1, shape.counter_mean)]
    rate = fame[:, None] * till * chance.gamma(2.0, 0.5, (count, places))
    sold = chance.poisson(rate[:, :, None], (count, places, WINDOW_DAYS))
    web = chance.poisson(fame[:, None] * shape.web_mean, (count, WINDOW_DAYS))
    wanted = rate * 14
    wanted[:, 0] = fame * shape.web_mean * 14
    now = chance.poisson(wanted * chance.gamma(4.0, 0.25, wanted.shape) + 0.35)
    past = Past(sold, sold, sold, web, now, np.ones(now.shape, bool))
    sent = chance.poisson(0.1, (count, len(shop.regions))).astype(float)
    return Books(past, now, np.zeros(now.shape, np.int64), sent)


def main() -> None:
    """Price every block and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--skus", type=int, default=50_000)
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--orders", type=float, default=5_000, help="web orders a day")
    parser.add_argument("--blocks", type=int, default=0, help="only so many of them, 0: all")
    asked = parser.parse_args()
    chance = np.random.default_rng(1)
    shop = shop_of(asked.skus, asked.places, asked.orders)
    blocks = asked.blocks or -(-asked.skus // BLOCK)
    cpu, wall, priced = time.process_time(), time.perf_counter(), 0
    for number in range(blocks):
        count = min(BLOCK, asked.skus - number * BLOCK)
        books = books_of(shop, count, chance)
        goods = [Goods(int(minor), 300) for minor in chance.lognormal(6.5, 0.7, count)]
        made = reckon(shop, [f"S{at}" for at in range(count)], books, goods)
        priced += int((made.worth > 0).sum())
    took = time.process_time() - cpu
    figures = {
        "skus": asked.skus,
        "places": asked.places,
        "blocks": blocks,
        "seconds_one_core": round(took, 1),
        "seconds_all_blocks": round(took / blocks * -(-asked.skus // BLOCK), 1),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "share_with_a_price": round(priced / (blocks * BLOCK * asked.places), 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
