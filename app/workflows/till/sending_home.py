"""Endless aisle: what is bought at the counter and sent home, in the same basket and receipt.

It becomes an order like any from the web: the router finds the places, stock is held, jobs open.
The till has the money already, so it is confirmed in the receipt's own transaction.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.identity.models import Device
from app.sales import orders, terms
from app.sales.models import Order
from app.workflows import confirm as confirming
from app.workflows import quoting
from app.workflows.buyers import Buyer, address_of
from app.workflows.placing import place_order
from app.workflows.pricing import PricedBasket
from app.workflows.till.checked_goods import Goods
from app.workflows.till.documents import Sale
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from kit import clock
from kit.errors import Invalid, NotFound, Refused


def plan(session: Session, goods: Goods, postal_code: str) -> Decision:
    """Return how the router would send a document's lines for home.

    Raises:
        NotFound: ``item``: goods that the books know no more are not sent; ``postal_code``.
    """
    lines = []
    for place, line in enumerate(goods.sale.lines):
        if not line.home:
            continue
        if line.sku not in goods.items:
            raise NotFound("item", sku=line.sku)
        item = goods.items[line.sku]
        lines.append(quoting.line_for(item, line.unit_minor, str(place), line.quantity))
    problem = snapshot.problem_for(session, lines=lines, postal_code=postal_code, now=clock.now())
    return decide(problem)


def preview(
    session: Session,
    basket: PricedBasket,
    home: Sequence[tuple[str, int]],
    postal_code: str | None,
) -> dict[str, Any] | None:
    """Return how a part of a basket would be sent, as quotes say it; None where none is.

    Raises:
        Invalid: ``postal_code``: none was given.
        NotFound: ``postal_code``: there is none like it.
    """
    if not home:
        return None
    if postal_code is None:
        raise Invalid("postal_code")
    units: dict[str, int] = {}
    for sku, quantity in home:
        units[sku] = units.get(sku, 0) + quantity
    unit = {line.sku: line.unit_minor for line in basket.lines}
    problem = snapshot.problem_for(
        session,
        lines=[
            quoting.line_for(basket.items[sku], unit[sku], sku, quantity)
            for sku, quantity in units.items()
        ],
        postal_code=postal_code,
        now=clock.now(),
    )
    found = decide(problem)
    goods = sum(
        line.line_minor * units[line.sku] // line.quantity
        for line in basket.lines
        if line.sku in units
    )
    return {
        "shipping_minor": terms.shipping_minor(goods),
        "promised_on": found.arrives_on if found.complete else None,
        "parcels": len(found.parcels) if found.complete else 0,
        "missing": [
            {"sku": sku, "missing": missing} for sku, missing in sorted(found.unfilled.items())
        ],
    }


def place(session: Session, device: Device, sale: Sale, goods: Goods, printed: str) -> Order:
    """Place the order of what is sent; its payment is the document's.

    Raises:
        Invalid: ``buyer`` with the fields that are wrong; ``tender``: nothing is sent for nothing.
        Refused: ``stock_short``: nobody has it.
    """
    send = sale.send
    if send is None:
        raise Invalid("send")
    buyer = Buyer(
        name=send.name,
        email=send.email,
        street=send.street,
        postal_code=send.postal_code,
        city=send.city,
        phone=send.phone,
    ).checked()
    decision = plan(session, goods, send.postal_code)
    if not decision.complete:
        lines = sale.lines
        short = [
            {"sku": lines[int(key)].sku, "missing": missing}
            for key, missing in sorted(_missing(decision).items())
        ]
        raise Refused("stock_short", short=short)
    wanted = [
        goods.new_line(line, key=str(number)) for number, line in enumerate(sale.lines) if line.home
    ]
    total = sum(line.line_minor for line in wanted) + sale.shipping_minor
    if total <= 0:
        raise Invalid("total_minor", total_minor=total)
    placed = place_order(
        session,
        orders.Terms(
            channel="web",
            price_group=goods.basket.price_group,
            address=address_of(buyer),
            email=buyer.email.strip(),
            phone=buyer.phone,
            customer_number=goods.customer_number,
            shipping_minor=sale.shipping_minor,
            promised_on=decision.arrives_on,
            device=device.code,
        ),
        wanted,
        decision,
        method="cash",
        besides_minor=total,
    )
    order = orders.by_ref(session, placed.order.ref)
    orders.note(
        session,
        order.ref,
        "sold_at_till",
        f"till {device.code}",
        receipt=printed,
        differing_prices=[],
    )
    return order


def _missing(decision: Decision) -> dict[str, int]:
    return dict(decision.unfilled)


def confirm(session: Session, order: Order) -> None:
    """Turn the paid order into work at the places of its plan."""
    confirming.confirm(session, order)
