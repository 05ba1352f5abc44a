"""`make bench-pos`: fifty tills at a server of 50,000 SKUs, their catalog, and a till in a browser.

1. Fifty tills ring up baskets of three lines, each every few seconds, as in a rush: how long a sale
   takes from post to receipt, signature included. Then as fast as they get: what the machine does.
2. The catalog as tills fetch it: all of it, and what is left to fetch after 500 prices changed.
3. A till in a browser (`bench/scan.py`): first sync, what lies on the device, scan → line.

The drivers run on the machine that they measure, and are part of every figure. The last line is one
JSON object.
"""

import argparse
import gzip
import http.client
import json
import random
import statistics
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from app.identity import devices
from app.workflows.till import changes
from bench import scan, web_shop
from bench.server import running, say
from catalog import pricing
from catalog.pricing import STANDARD
from kit import clock, database
from kit.database import reading, transaction

PLACES = ("bonn", "koeln", "koblenz")
LINES, CHANGED, PAGE = 3, 500, 5_000
_PATH = "/api/pos/v1"


@dataclass(frozen=True)
class Till:
    """A till: its token, and what it sells at which price."""

    code: str
    token: str
    goods: list[tuple[str, int]]


def tills(count: int, skus: list[str]) -> list[Till]:
    """Enrol tills and give each something to sell."""
    rng = random.Random(1)
    with reading() as session:
        priced = pricing.quote(
            session, [(sku, 1) for sku in skus], price_group=STANDARD, at=clock.now()
        )
    prices = [(line.sku, line.unit_minor) for line in priced]
    made = []
    for number in range(count):
        code = f"{PLACES[number % len(PLACES)]}-b{number}"
        with transaction() as session:
            _, token = devices.pair(
                session, code=code, name=code, location=PLACES[number % len(PLACES)]
            )
        made.append(Till(code, token, rng.sample(prices, min(200, len(prices)))))
    return made


class _Line:
    """A connection of a till to its server, kept open."""

    def __init__(self, address: tuple[str, int], till: Till) -> None:
        self._till = till
        self._connection = http.client.HTTPConnection(*address, timeout=30)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes, float]:
        """Return status, body and the seconds that it took."""
        headers = {
            "Authorization": f"Bearer {self._till.token}",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/json",
        }
        start = time.perf_counter()
        written = json.dumps(body) if body is not None else None
        self._connection.request(method, _PATH + path, written, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, content, time.perf_counter() - start


def _sale(till: Till, rng: random.Random) -> dict[str, Any]:
    lines = [
        {"sku": sku, "quantity": rng.randint(1, 2), "unit_minor": unit}
        for sku, unit in rng.sample(till.goods, LINES)
    ]
    total = sum(line["quantity"] * line["unit_minor"] for line in lines)
    return {
        "sale_id": str(uuid.uuid4()),
        "lines": lines,
        "tenders": [{"method": "cash", "amount_minor": total}],
    }


def rush(
    address: tuple[str, int], crew: list[Till], seconds: float, every: float
) -> tuple[list[float], float]:
    """Have every till sell until time is up.

    Args:
        every: seconds from one sale of a till to its next; 0: as fast as it gets answers.

    Returns:
        The milliseconds of each sale, and how many sales were made in a second.
    """
    start = threading.Barrier(len(crew) + 1)
    times: list[float] = []

    def work(place: int, till: Till) -> None:
        rng, line = random.Random(place), _Line(address, till)
        line.ask("GET", "/device")
        start.wait()
        begun = time.monotonic()
        due = begun + rng.random() * every
        while (now := max(due, time.monotonic())) < begun + seconds:
            time.sleep(max(0.0, now - time.monotonic()))
            status, content, took = line.ask("POST", "/sales", _sale(till, rng))
            if status != http.client.OK:
                raise RuntimeError(content.decode()[:500])
            times.append(took * 1000)
            due = now + every

    with ThreadPoolExecutor(len(crew)) as threads:
        working = [threads.submit(work, *each) for each in enumerate(crew)]
        start.wait()
        begun = time.monotonic()
        for one in working:
            one.result()
        lasted = time.monotonic() - begun
    return times, len(times) / lasted


def catalog(address: tuple[str, int], till: Till, cursor: str = "") -> tuple[dict[str, Any], str]:
    """Fetch what a till does not know yet; return the figures and the cursor behind it."""
    line = _Line(address, till)
    items = plain = sent = 0
    start = time.monotonic()
    while True:
        path = f"/changes?limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
        status, content, _ = line.ask("GET", path)
        if status != http.client.OK:
            raise RuntimeError(content.decode()[:500])
        sent += len(content)
        unpacked = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        plain += len(unpacked)
        page = json.loads(unpacked)
        items, cursor = items + len(page["items"]), page["cursor"]
        if not page["more"]:
            break
    took = time.monotonic() - start
    return {"items": items, "s": took, "mb": plain / 1e6, "sent_mb": sent / 1e6}, cursor


def change_prices(skus: list[str]) -> None:
    """Give articles another price, now."""
    with transaction() as session:
        priced = pricing.quote(
            session, [(sku, 1) for sku in skus], price_group=STANDARD, at=clock.now()
        )
        for line in priced:
            pricing.set_price(session, line.sku, line.list_unit_minor + 10, clock.now())
    changes.refresh()


def measure(
    shop: web_shop.Running, skus: list[str], asked: argparse.Namespace, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Measure everything; return the figures."""
    crew = tills(asked.tills, skus)
    rush(shop.shop, crew, 3.0, 0.5)
    times, rate = rush(shop.shop, crew, asked.seconds, asked.every)
    steps = statistics.quantiles(times, n=20)
    tell(
        f"{len(crew)} tills, a sale of {LINES} lines every {asked.every:g} s each"
        f" ({rate:.0f}/s): p50 {statistics.median(times):.0f} ms, p95 {steps[-1]:.0f} ms"
    )
    flat_out, most = rush(shop.shop, crew, asked.seconds, 0.0)
    tell(f"as fast as it goes: {most:.0f} sales/s, p50 {statistics.median(flat_out):.0f} ms")
    start = time.monotonic()
    changes.refresh()
    looked = time.monotonic() - start
    whole, cursor = catalog(shop.shop, crew[0])
    change_prices(skus[:CHANGED])
    delta, _ = catalog(shop.shop, crew[0], cursor)
    tell(
        f"catalog: {whole['items']:,} articles, {whole['mb']:.1f} MB"
        f" ({whole['sent_mb']:.1f} MB sent) in {whole['s']:.1f} s; looked through in {looked:.1f} s"
    )
    tell(f"after {CHANGED} prices: {delta['items']} articles, {delta['s'] * 1000:.0f} ms")
    return {
        "sale_p50_ms": round(statistics.median(times), 1),
        "sale_p95_ms": round(steps[-1], 1),
        "sales_per_s": round(most, 1),
        "wire_mb": round(whole["sent_mb"], 1),
        "sync_mb": round(whole["mb"], 1),
        "sync_s": round(whole["s"], 2),
        "delta_s": round(delta["s"], 3),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure tills and their endpoint.")
    options.add_argument("--skus", type=int, default=50_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--tills", type=int, default=50)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--every", type=float, default=5.0, help="seconds between a till's sales")
    options.add_argument("--keep", action="store_true", help="use the database of the last run")
    options.add_argument("--without-browser", action="store_true")
    asked = options.parse_args()
    with running() as server:
        if not (asked.keep and server.has(web_shop.DATABASE)):
            web_shop.prepare(server, asked.skus, asked.seed)
        database.configure(server.url(web_shop.DATABASE))
        with transaction() as session:
            clock.refresh(session)
        facts = web_shop.facts([], 0)
        outcome: dict[str, Any] = {"skus": asked.skus, "tills": asked.tills}
        with web_shop.running(server) as shop:
            outcome |= measure(shop, facts.skus, asked, say)
            if not asked.without_browser:
                (till,) = tills(1, facts.skus[:1])
                address = f"http://{shop.shop[0]}:{shop.shop[1]}"
                seen = scan.measure(address, till.token)
                say(json.dumps(seen))
                outcome |= {name: value for name, value in seen.items() if name != "skus"}
        database.disconnect()
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
