"""Learn what is bought together, from every channel: at once by counting, at night as a whole.

At once: a paid web order and a till sale become a receipt and are counted (`OrderConfirmed`,
`GoodsSold`); what comes back is taken out again (`GoodsReturned`).
At night: 1. take in what no event has told of; 2. learn with no transaction open; 3. write the new
model beside the old one, and switch. Rules are matched with the goods of the day.
"""

import logging
import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.events import GoodsReturned, GoodsSold, OrderConfirmed
from app.sales import orders
from app.sales.models import Order
from app.tills.models import TillReceipt
from catalog.crosssell import learning, measuring, receipts, rules, stored
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused

log = logging.getLogger(__name__)

MARGIN_PERCENT = 30
"""Without purchase prices in the catalog, what a line earns of its gross price."""
ENOUGH = 2
"""Receipts below which there is nothing to learn from."""
_KEEP_MODEL_OF = timedelta(days=365 * stored.YEARS)

# Singles join nothing. What is here already stands as it is: returns have told of themselves.
_TAKE_IN = text(
    """
    INSERT INTO crosssell_receipts (ref, revision, channel, sold_at, skus, written_in)
    SELECT ref, 0, channel, placed_at, skus, pg_current_xact_id()::text::bigint
    FROM (
        SELECT bought.ref, bought.channel, bought.placed_at,
            array_agg(DISTINCT line.sku ORDER BY line.sku) AS skus
        FROM orders AS bought JOIN order_lines AS line ON line.order_id = bought.id
        WHERE bought.confirmed_at IS NOT NULL AND bought.placed_at > :since
            AND line.quantity > line.cancelled + line.returned
            AND NOT EXISTS (
                SELECT 1 FROM crosssell_receipts AS known WHERE known.ref = bought.ref
            )
        GROUP BY bought.ref, bought.channel, bought.placed_at
    ) AS missed WHERE cardinality(skus) > 1
    ON CONFLICT (ref, revision) DO NOTHING RETURNING id
    """
)


def on_confirmed(session: Session, event: OrderConfirmed) -> None:
    """Count a paid web order, and what its suggestions have earned (handler, inside)."""
    order = orders.by_ref(session, event.order_ref)
    _count(session, order)
    if order.basket_id is not None:
        _measure(session, order, str(order.basket_id))


def on_sold(session: Session, event: GoodsSold) -> None:
    """Count a till sale, and what its suggestions have earned (handler, inside)."""
    order = orders.by_ref(session, event.order_ref)
    _count(session, order)
    sale = session.scalar(select(TillReceipt.sale_id).where(TillReceipt.order_ref == order.ref))
    if sale is not None:
        _measure(session, order, sale)


def on_returned(session: Session, event: GoodsReturned) -> None:
    """Take out of the counts what came back (handler, inside)."""
    order = orders.by_ref(session, event.order_ref)
    receipts.give_back(session, order.ref, _kept(session, order))


def _count(session: Session, order: Order) -> None:
    kept = _kept(session, order)
    if len(kept) > 1:
        receipts.sell(session, order.ref, kept, channel=order.channel, sold_at=order.placed_at)


def _kept(session: Session, order: Order) -> set[str]:
    return {
        line.sku
        for line in orders.lines_of(session, order)
        if line.quantity > line.cancelled + line.returned
    }


def _measure(session: Session, order: Order, basket: str) -> None:
    units: Counter[str] = Counter()
    margins: Counter[str] = Counter()
    for line in orders.lines_of(session, order):
        units[line.sku] += line.quantity
        margins[line.sku] += line.line_minor * MARGIN_PERCENT // 100
    unit = measuring.unit_of(basket)
    measuring.ordered(session, unit, {sku: (units[sku], margins[sku]) for sku in units})


def learn_everything() -> int | None:
    """Learn anew from two years of receipts and switch; the nightly run.

    Returns:
        The number of the model; None where there is too little to learn from.
    """
    with transaction() as session:
        clock.refresh(session)
        taken = len(session.execute(_TAKE_IN, {"since": clock.now() - _KEEP_MODEL_OF}).all())
        measuring.forget_whose(session)
    with reading() as session:
        found = stored.read(session, clock.now() - _KEEP_MODEL_OF)
    if found is None or len(found.receipts.ages) < ENOUGH:
        with transaction() as session:
            rules.refresh(session)
        return None
    started = time.monotonic()
    learnt = learning.learn(found.receipts)
    seconds = time.monotonic() - started
    with transaction() as session:
        model = stored.put(session, found, learnt, seconds=seconds)
    with transaction() as session:
        missed = stored.switch(session, model, "night")
        stored.forget_old(session)
    with transaction() as session:
        # By the model that is in force now: a rule names what sells best.
        rules.refresh(session)
    log.info("model %s from %s receipts, %s of them new, %s later, in %.1f s",
             model, len(found.receipts.ages), taken, missed, seconds)  # fmt: skip
    return model


def roll_back(session: Session, actor: str) -> int:
    """Put the model before the one in force back in force, and return its number.

    Raises:
        Refused: ``crosssell_no_model``: there is none before it.
    """
    known = stored.models(session)
    current = next((view.id for view in known if view.in_force), 0)
    before = next((view.id for view in known if view.id < current), None)
    if before is None:
        raise Refused("crosssell_no_model")
    stored.switch(session, before, actor)
    return before
