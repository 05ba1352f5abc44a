"""Whole checkouts per second, and 500 buyers of 100 units."""

import itertools
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench import web_payments, web_shop
from bench.web_driver import Answer, Flow, Run, drive, get, post, send_json
from bench.web_log import Statements, counted
from bench.web_shop import Facts, Running

AT_ONCE = 16
BUYERS, BUYERS_AT_ONCE = 500, 32
LINES = 3
OK, SEE_OTHER, FAILED = 200, 303, 400
_BUYER = {
    "name": "Jens Müller",
    "street": "Sternstraße 5",
    "postal_code": "53111",
    "city": "Bonn",
    "email": "jens@example.org",
}

Say = Callable[[str], None]


@dataclass
class Bought:
    """How the buyers fared: went home with the goods, were told that there is nothing, or else."""

    paid: int = 0
    turned_away: int = 0
    odd: list[str] = field(default_factory=list)


def buy(lines: list[tuple[str, int]], bought: Bought, *, reads: bool = False) -> Flow:
    """Buy in five requests: all lines at once, checkout, order, and after paying webhook, return.

    On the provider's page nobody of ours is asked. Who `reads` also loads every page on the way,
    as a browser does: basket, form, review, order.
    """
    fields = [pair for sku, units in lines for pair in (("sku", sku), ("quantity", str(units)))]
    jar = ""
    answer: Answer = yield post("/warenkorb/artikel", fields)
    jar = _cookie(answer) or jar
    for page in ("/warenkorb", "/bestellen") if reads else ():
        answer = yield get(page, jar)
        jar = _cookie(answer) or jar
    answer = yield post("/bestellen", _BUYER, jar)
    jar = _cookie(answer) or jar
    if not answer.header("location").endswith("/bestellen/pruefen"):
        _not_bought(answer, bought, "checkout")
        return
    if reads:
        answer = yield get("/bestellen/pruefen", jar)
    answer = yield post("/bestellen/pruefen", {}, jar)
    if not answer.header("location").startswith(web_payments.PAGES):
        _not_bought(answer, bought, "order")
        return
    body, signature, back = web_payments.pay(answer.header("location"))
    answer = yield send_json("/webhooks/stripe", body, {"Stripe-Signature": signature})
    if answer.status >= FAILED:
        bought.odd.append(f"webhook {answer.status}")
        return
    answer = yield get(back, jar)
    if answer.status != SEE_OTHER:
        bought.odd.append(f"return {answer.status}")
        return
    if reads and (yield get(_path(answer), jar)).status != OK:
        bought.odd.append("order page")
        return
    bought.paid += 1


def _not_bought(answer: Answer, bought: Bought, step: str) -> None:
    """Tell a clear answer (back to the basket, or a form with words) from a failure."""
    if answer.status == SEE_OTHER and answer.header("location").endswith("/warenkorb"):
        bought.turned_away += 1
    else:
        bought.odd.append(f"{step} {answer.status} {answer.header('location')}")


def _path(answer: Answer) -> str:
    address = urlsplit(answer.header("location"))
    return f"{address.path}?{address.query}"


def _cookie(answer: Answer) -> str:
    return answer.header("set-cookie").partition(";")[0]


def _baskets(facts: Facts) -> Iterator[list[tuple[str, int]]]:
    skus = itertools.cycle(facts.skus)
    while True:
        yield [(next(skus), 1) for _ in range(LINES)]


def checkouts(shop: Running, facts: Facts, count: int, say: Say) -> dict[str, object]:
    """Let `count` buyers buy three lines each, 16 at a time."""
    baskets = _baskets(facts)
    _run(shop, baskets, AT_ONCE * 2)
    statements = _statements(shop, baskets)
    before = shop.cpu()
    run, bought = _run(shop, baskets, count)
    cpu_ms = (shop.cpu() - before) / count * 1e3
    reading, _ = _run(shop, baskets, count // 3, reads=True)
    rate, browsers = run.flows / run.seconds, reading.flows / reading.seconds
    say(
        f"\ncheckouts of {LINES} lines: {rate:.1f}/s in {run.requests / run.flows:.1f} requests,"
        f" {statements.count} statements, {cpu_ms:.1f} ms CPU of web server and databases"
        f"\n  statements by request: {statements.steps}, and {statements.ends} BEGIN or COMMIT"
        f"\n  p50 of a request {statistics.median(run.waits) * 1e3:.0f} ms;"
        f" the driver {run.own_cpu / run.flows * 1e3:.1f} ms CPU a checkout"
        f"\n  with every page in between ({reading.requests / reading.flows:.1f} requests):"
        f" {browsers:.1f}/s"
    )
    return {
        "checkouts_per_s": round(rate, 1),
        "checkout_requests": round(run.requests / run.flows, 2),
        "checkout_statements": statements.count,
        "checkout_cpu_ms": round(cpu_ms, 1),
        "checkouts_with_pages_per_s": round(browsers, 1),
        "checkout_errors": len(bought.odd) + run.errors,
    }


def _run(
    shop: Running, baskets: Iterator[list[tuple[str, int]]], count: int, *, reads: bool = False
) -> tuple[Run, Bought]:
    """Let so many buyers buy.

    Raises:
        RuntimeError: one of them could not.
    """
    bought = Bought()
    flows = (buy(next(baskets), bought, reads=reads) for _ in range(count))
    run = drive(shop.shop, flows, at_once=AT_ONCE)
    if bought.paid != count:
        raise RuntimeError(f"{bought.paid} of {count} bought: {bought.odd[:5]}")
    return run, bought


def _statements(shop: Running, baskets: Iterator[list[tuple[str, int]]]) -> Statements:
    """Count what PostgreSQL is asked for in one checkout, as its own log says."""
    bought = Bought()
    flow = buy(next(baskets), bought)
    with counted(shop.server) as statements:
        drive(shop.shop, iter([_noted(flow, statements)]), at_once=1)
    if bought.paid != 1:
        raise RuntimeError(f"the counted checkout failed: {bought.odd}")
    return statements


def _noted(flow: Flow, statements: Statements) -> Flow:
    """Take note of the log after every answer."""
    request = next(flow)
    while True:
        answer = yield request
        statements.note()
        try:
            request = flow.send(answer)
        except StopIteration:
            return


def flash(shop: Running, facts: Facts, say: Say) -> dict[str, object]:
    """Let 500 people, 32 at a time, want one of the 100 units that there are, and pay at once."""
    bought = Bought()
    flows = (buy([(facts.flash, 1)], bought) for _ in range(BUYERS))
    run = drive(shop.shop, flows, at_once=BUYERS_AT_ONCE)
    sold = _sold(shop, facts.flash)
    errors = run.errors + len(bought.odd)
    say(
        f"\n{BUYERS} buyers of {web_shop.FLASH_UNITS} units: {sold} sold in {run.seconds:.1f} s,"
        f" {bought.paid} paid, {bought.turned_away} were told that there is nothing left,"
        f" {errors} errors {bought.odd[:3] or ''}"
    )
    return {"flash_sold": sold, "flash_errors": errors, "flash_s": round(run.seconds, 2)}


def _sold(shop: Running, sku: str) -> int:
    """Return the units that confirmed orders hold; they must be as many as the books say."""
    [(ordered, allocated)] = shop.server.ask(
        web_shop.DATABASE,
        "SELECT (SELECT coalesce(sum(quantity), 0) FROM order_lines AS line JOIN orders"
        f" ON orders.id = line.order_id WHERE sku = '{sku}' AND state = 'confirmed'),"
        f" (SELECT sum(allocated) FROM stock_balances WHERE sku = '{sku}')",
    )
    if ordered != allocated:
        raise RuntimeError(f"{ordered} units ordered, {allocated} allocated")
    return int(str(ordered))
