"""Play one invoice through the shop's workflows, checkout to hand-over, in one transaction.

One transaction makes it whole or not at all: a killed replay leaves no half order, and what was
played is on record, so that the next start passes it by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.jobs.inline import deliver_within
from app.payments import charges
from app.replay.models import ReplayedInvoice, ReplayRefusal
from app.replay.reading import Invoice, Refusal, SourceLine, playable
from app.replay.stocking import (
    STORES,
    UNIT_GRAMS,
    WAREHOUSE,
    customer_number,
    hashed,
    store_of,
)
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows import confirm, floor, return_order
from app.workflows.placing import place_order
from app.workflows.return_order import Returned
from app.workflows.till import sales
from app.workflows.till.sales import Sale, SaleLine, Tender
from fulfilment.models import FulfilmentOrder
from fulfilment.places import geography
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Line
from kit import clock

SOURCE = "online-retail"
_VAT = 1900
# A year of orders is routed in minutes: losing plans are not told, and the search for a proof
# gives up earlier than at a checkout (docs/routing.md).
_NODES = 300


@dataclass(frozen=True)
class Played:
    """What became of an invoice."""

    outcome: str
    units: int
    refused: Sequence[Refusal]


def play(session: Session, invoice: Invoice, titles: Mapping[str, str]) -> Played:
    """Play an invoice and note what became of it; the caller commits both or neither."""
    lines, refused = playable(invoice)
    if not lines:
        played = Played("refused", 0, refused)
    elif invoice.kind == "return":
        played = _return(session, invoice, lines, refused)
    elif invoice.kind == "till_sale":
        played = _sell(session, invoice, lines, refused)
    else:
        played = _order(session, invoice, lines, refused, titles)
    _record(session, invoice, played)
    return played


def _record(session: Session, invoice: Invoice, played: Played) -> None:
    session.add(
        ReplayedInvoice(
            source=SOURCE,
            invoice=invoice.number,
            outcome=played.outcome,
            lines=len(invoice.lines),
            units=played.units,
            done_at=clock.now(),
        )
    )
    session.flush()
    session.add_all(
        ReplayRefusal(
            source=SOURCE,
            invoice=invoice.number,
            line=refusal.line,
            sku=refusal.sku,
            quantity=refusal.quantity,
            reason=refusal.reason,
        )
        for refusal in played.refused
    )
    session.flush()


@lru_cache(maxsize=1)
def _postal_codes() -> tuple[str, ...]:
    return tuple(geography.all_codes())


def address(customer: str) -> dict[str, str]:
    """Return a German address for a customer, always the same one."""
    codes = _postal_codes()
    code = codes[hashed("address", customer) % len(codes)]
    place = geography.locate(code)
    if place is None:
        raise RuntimeError(f"postal code {code} is in the table and has no place")
    return {
        "name": f"Kunde {customer}",
        "street": f"Musterweg {hashed('house', customer) % 200 + 1}",
        "postal_code": code,
        "city": place.name,
        "country": "DE",
    }


def _order(
    session: Session,
    invoice: Invoice,
    lines: Sequence[SourceLine],
    refused: list[Refusal],
    titles: Mapping[str, str],
) -> Played:
    decision, fitting, sold_out = _what_can_be_sent(session, invoice, lines)
    refused = [*refused, *sold_out]
    if decision is None or not fitting:
        return Played("refused", 0, refused)
    order = _place(session, invoice, fitting, decision, titles)
    payment = charges.of_order(session, order.ref)
    charges.capture(session, payment, payment.amount_minor, None)
    confirm.confirm(session, order)
    deliver_within(session)
    _fulfil(session, order)
    deliver_within(session)
    return Played("web_order", sum(line.quantity for line in fitting), refused)


def _what_can_be_sent(
    session: Session, invoice: Invoice, lines: Sequence[SourceLine]
) -> tuple[Decision | None, list[SourceLine], list[Refusal]]:
    """Ask the router; what nobody can send is taken out, as a customer would do it."""
    postal_code = address(invoice.customer)["postal_code"]
    problem = snapshot.problem_for(
        session,
        lines=[_routing_line(line) for line in lines],
        postal_code=postal_code,
        now=clock.now(),
    )
    decision = decide(problem, alternatives=0, nodes=_NODES)
    if decision.complete:
        return decision, list(lines), []
    fitting, sold_out = [], []
    for line in lines:
        missing = decision.unfilled.get(_key(line), 0)
        if missing:
            sold_out.append(Refusal(line.number, line.sku, missing, "sold_out"))
        if line.quantity > missing:
            fitting.append(replace(line, quantity=line.quantity - missing))
    if not fitting:
        return None, [], sold_out
    smaller = replace(problem, lines=tuple(_routing_line(line) for line in fitting))
    decision = decide(smaller, alternatives=0, nodes=_NODES)
    if decision.complete:
        return decision, fitting, sold_out
    # Too heavy or too many parcels for any plan: no shop would take the order as it stands.
    everything = [
        Refusal(line.number, line.sku, line.quantity, "not_deliverable") for line in lines
    ]
    return None, [], everything


def _key(line: SourceLine) -> str:
    return f"{line.sku}@{line.unit_minor}"


def _routing_line(line: SourceLine) -> Line:
    return Line(
        key=_key(line),
        sku=line.sku,
        quantity=line.quantity,
        weight_grams=UNIT_GRAMS,
        margin_minor=line.unit_minor * 30 // 100,
    )


def _place(
    session: Session,
    invoice: Invoice,
    lines: Sequence[SourceLine],
    decision: Decision,
    titles: Mapping[str, str],
) -> Order:
    placed = place_order(
        session,
        orders.Terms(
            channel="web",
            price_group="standard",
            address=address(invoice.customer),
            customer_number=customer_number(invoice.customer),
            promised_on=decision.arrives_on,
            pay_by_at=clock.now().replace(microsecond=0),
            imported_ref=f"OR-{invoice.number}",
        ),
        [
            orders.NewLine(
                sku=line.sku,
                title=titles.get(line.sku) or line.sku,
                quantity=line.quantity,
                unit_minor=line.unit_minor,
                vat_basis_points=_VAT,
                weight_grams=UNIT_GRAMS,
                key=_key(line),
            )
            for line in lines
        ],
        decision,
        method="imported",
    )
    return orders.by_ref(session, placed.order.ref)


def _fulfil(session: Session, order: Order) -> None:
    jobs = session.execute(
        select(FulfilmentOrder.id, FulfilmentOrder.location).where(
            FulfilmentOrder.order_ref == order.ref, FulfilmentOrder.state == "open"
        )
    ).all()
    for job_id, location in jobs:
        worker = floor.Worker("replay", location)
        floor.pick_all_in(session, job_id, worker)
        floor.pack_in(session, job_id, worker)
        floor.hand_over_in(session, job_id, worker, carrier="Import")


def _sell(
    session: Session, invoice: Invoice, lines: Sequence[SourceLine], refused: list[Refusal]
) -> Played:
    total = sum(line.quantity * line.unit_minor for line in lines)
    sale = Sale(
        sale_id=f"{SOURCE}/{invoice.number}",
        lines=tuple(SaleLine(line.sku, line.quantity, line.unit_minor) for line in lines),
        tenders=(Tender("imported", total),),
        sold_at=invoice.at,
    )
    sales.check(sale)
    sales.book(session, _device(session, store_of(invoice.number)), sale)
    deliver_within(session)
    return Played("till_sale", sum(line.quantity for line in lines), refused)


def _device(session: Session, location: str) -> Device:
    return session.scalars(select(Device).where(Device.code == location)).one()


def _return(
    session: Session, invoice: Invoice, lines: Sequence[SourceLine], refused: list[Refusal]
) -> Played:
    """Find the purchases that the goods came from, newest first, and take them back there."""
    if not invoice.customer:
        none = [Refusal(line.number, line.sku, line.quantity, "no_receipt") for line in lines]
        return Played("refused", 0, [*refused, *none])
    places = (WAREHOUSE, *STORES)
    location = places[hashed("return", invoice.number) % len(places)]
    units = 0
    wanted: dict[str, list[Returned]] = {}
    for line in _by_sku(lines):
        left = line.quantity
        for order_ref, order_line in _purchases(session, invoice.customer, line.sku):
            part = min(left, order_line.shipped - order_line.returned)
            if part:
                wanted.setdefault(order_ref, []).append(Returned(order_line.id, part, "shelf"))
                left -= part
        units += line.quantity - left
        if left:
            refused = [*refused, Refusal(line.number, line.sku, left, "no_purchase_found")]
    for order_ref, parts in wanted.items():
        return_order.take_back_in(
            session,
            order_ref,
            parts,
            location=location,
            actor="replay",
            key=f"{SOURCE}/{invoice.number}/{order_ref}",
        )
    deliver_within(session)
    return Played("return" if units else "refused", units, refused)


def _by_sku(lines: Sequence[SourceLine]) -> list[SourceLine]:
    # The price of a return is the price of the purchase: lines of one SKU are one wish.
    sums: dict[str, SourceLine] = {}
    for line in lines:
        known = sums.get(line.sku)
        sums[line.sku] = replace(line, quantity=line.quantity + (known.quantity if known else 0))
    return list(sums.values())


def _purchases(session: Session, customer: str, sku: str) -> list[tuple[str, OrderLine]]:
    query = (
        select(Order.ref, OrderLine)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            Order.customer_number == customer_number(customer),
            OrderLine.sku == sku,
            OrderLine.shipped > OrderLine.returned,
        )
        .order_by(Order.placed_at.desc(), OrderLine.position)
    )
    return [(ref, line) for ref, line in session.execute(query)]
