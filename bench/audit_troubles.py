"""The states of things that went otherwise: closed, over, late, sold out, taken off sale.

What takes days or other people (a deadline that passes, goods that fail to come) is written into
the demo's own database as the shop would have written it; its page is then the shop's.
"""

import json
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

from bench.audit_pages import BUYER, Place, fill_in, first, sent
from bench.audit_visitors import Visitors

_SECONDS, _LATER = 60, timedelta(4)


def places(visitors: Visitors) -> Iterator[Place]:
    """Yield them; the shop is left open, and what was sold out stays so."""
    yield Place("closed for a while", "/", "../errors/page", expect=503, closed=True)
    yield from _orders(visitors)
    yield from _deadlines(visitors)
    yield from _goods(visitors)


def _orders(visitors: Visitors) -> Iterator[Place]:
    counter = visitors.buyer()
    fill_in(counter)
    page = counter.get("/bestellen/abholen").text()
    store = first(page, r'name="store" value="([a-z]+)"')
    sent(counter, "/bestellen/abholen", {"store": store, "pay": "counter"})
    visitors.states["at the counter"] = counter.storage_state()
    yield Place("review, paid on collection", "/bestellen/pruefen", "review", "at the counter")
    yield Place("collect, paid on collection", "/bestellen/abholen", "collect", "at the counter")
    other = visitors.buyer()
    # How many such orders one address may have open is bounded, and a demo may be audited again.
    sent(other, "/bestellen", {**BUYER, "email": f"jens.{time.time_ns()}@example.org"})
    sent(other, "/bestellen/abholen", {"store": store, "pay": "counter"})
    placed = sent(other, "/bestellen/pruefen", {}).url
    yield Place("order, paid on collection", visitors.path_of(placed), "order")
    late = visitors.paid()
    _make_late(visitors, late.partition("?")[0].rpartition("/")[2])
    yield Place("order, late with a choice", late, "order")


def _make_late(visitors: Visitors, ref: str) -> None:
    """Note a promise that no plan keeps any more, as `app.workflows.exceptional` notes it."""
    line_id, sku, title, quantity, told_on = visitors.rows(
        "SELECT line.id, line.sku, line.title, line.quantity, line.promised_on FROM order_lines"
        " AS line JOIN orders ON orders.id = line.order_id WHERE orders.ref = %s",
        ref,
    )[0]
    arrives_on = told_on + _LATER
    visitors.write(
        "UPDATE fulfilment_orders SET arrives_on = %s WHERE order_ref = %s", arrives_on, ref
    )
    late = {
        "line_id": str(line_id), "sku": sku, "title": title, "quantity": quantity,
        "told_on": str(told_on), "arrives_on": str(arrives_on),
    }  # fmt: skip
    visitors.write(
        "INSERT INTO promise_exceptions (id, order_ref, cause, promised_on, earliest_on, facts,"
        " opened_at, told_at) SELECT %s, ref, 'short_pick', %s, %s, %s, placed_at, placed_at"
        " FROM orders WHERE ref = %s",
        uuid.uuid4(), told_on, arrives_on, json.dumps({"tried": [], "lines": [late]}), ref,
    )  # fmt: skip


def _deadlines(visitors: Visitors) -> Iterator[Place]:
    placed = visitors.ordered()
    ref = placed.partition("?")[0].rpartition("/")[2]
    visitors.write("UPDATE orders SET pay_by_at = placed_at WHERE ref = %s", ref)
    held = visitors.held(visitors.buyer())
    hold = held.partition("?")[0].rpartition("/")[2]
    visitors.write("UPDATE store_holds SET expires_at = placed_at WHERE ref = %s", hold)
    _wait(visitors, "SELECT 1 FROM orders WHERE ref = %s AND state = 'lapsed'", ref)
    _wait(visitors, "SELECT 1 FROM store_holds WHERE ref = %s AND state = 'expired'", hold)
    yield Place("order, lapsed", placed, "order")
    yield Place("put aside, over", held, "hold_page")


def _goods(visitors: Visitors) -> Iterator[Place]:
    many = visitors.guest()
    visitors.fill(many)
    sku = first(many.get("/warenkorb").text(), r'name="sku" value="([^"]+)"')
    sent(many, "/warenkorb/menge", {"sku": sku, "quantity": "999"})
    visitors.states["too many"] = many.storage_state()
    yield Place("basket, not so many there", "/warenkorb", "basket", "too many")
    sold_out = visitors.rows(
        "SELECT product, sku FROM items WHERE sellable AND sku IN (SELECT sku FROM stock_balances"
        " GROUP BY sku HAVING sum(on_hand) <= 0) ORDER BY sku"
    )[0]
    yield Place("product, sold out", f"/artikel/{sold_out[0]}?sku={sold_out[1]}", "product")
    # The last of its shelf: nothing else of the tour looks at it.
    gone = visitors.goods[-1].rpartition("/")[2].partition("?")[0]
    buyer = visitors.guest()
    visitors.fill(buyer)
    visitors.fill(buyer, visitors.goods[-1])
    visitors.write("UPDATE products SET state = 'withdrawn' WHERE slug = %s", gone)
    visitors.states["gone"] = buyer.storage_state()
    yield Place("basket, goods have gone", "/warenkorb", "basket", "gone")
    yield Place("product, not sold any more", f"/artikel/{gone}", "product")


def _wait(visitors: Visitors, query: str, ref: str) -> None:
    for _ in range(_SECONDS):
        if visitors.known(query, ref):
            return
        time.sleep(1)
    raise RuntimeError(f"the shop has not done in time: {query}")
