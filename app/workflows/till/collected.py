"""An order from the web that is paid when it is collected: one document pays it and hands it over.

The receipt is a sale of the till: tenders, drawer, signature, Z report. The order stays what it
was, a sale of the web: its lines at the prices that were agreed, its shipment moves the stock, and
the tenders become its payments. Nothing is sold twice, nothing counted twice.

A till asks `handing_over.prove` before anybody pays. Where the order is gone all the same when the
document comes, goods and money have changed hands: it is booked as an ordinary sale, with a task.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.identity.models import Device
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.tills.conflicts import Found
from app.workflows import pickups, points
from app.workflows.pickups import Proof
from app.workflows.till import handing_over
from app.workflows.till.documents import Collecting, Sale
from app.workflows.till.handing_over import READY, Due
from catalog import products
from kit.errors import Forbidden, Invalid, NotFound, Refused


@dataclass(frozen=True)
class Collected:
    """An order that was handed over: what of it is paid now, and the lines as they are printed."""

    order: Order
    due_minor: int
    lines: list[dict[str, Any]]
    points: int


def hand_over(
    session: Session, device: Device, sale: Sale, printed: str, found: Found
) -> Collected | None:
    """Hand the order of a document over; its payments are still to be written.

    Args:
        session: the transaction of the document.
        device: the till.
        sale: a document, perhaps one that collects nothing.
        printed: number of the receipt.
        found: gets ``collection`` where the customer has gone with it, and it does not fit.

    Returns:
        None where there is no order to collect, or none any more: it is sold like anything else.

    Raises, of a till that is online:
        Forbidden: ``pickup_code``, ``age_unchecked``.
        Invalid: ``taken_by``, ``signature``.
        NotFound: ``order``.
        Refused: ``collection_state`` with the state that it is in; ``collection_changed`` with what
            is to be paid; ``recalled``.
    """
    given = sale.collection
    if given is None:
        return None
    try:
        # What does not fit leaves no trace of having been tried.
        with session.begin_nested():
            return _handed_over(session, device, sale, given, printed)
    except (Forbidden, Invalid, NotFound, Refused) as problem:
        if not sale.offline:
            raise
        found.add("collection", order_ref=given.ref, why=problem.code)
        return None


def _handed_over(
    session: Session, device: Device, sale: Sale, given: Collecting, printed: str
) -> Collected:
    order = orders.by_ref(session, given.ref, lock=True)
    job = handing_over.job_of(session, order)
    state = handing_over.state_of(order, job, device.location)
    if state != READY or job is None or not order.pay_on_collection:
        raise Refused("collection_state", state=state, location=order.collect_at)
    due = handing_over.due_of(session, orders.lines_of(session, order), job)
    due_minor = sum(one.line_minor for one in due)
    if _sold(sale) != _owed(due):
        raise Refused("collection_changed", order_ref=order.ref, to_pay_minor=due_minor)
    lines = _printed(session, due, of_age=given.of_age)
    worker = handing_over.worker_at(device, sale.cashier)
    # The order is completed by this; who is told so finds the receipt.
    orders.note(
        session, order.ref, "paid_at_counter", f"till {device.code}",
        receipt=printed, amount_minor=due_minor,
    )  # fmt: skip
    proof = Proof(given.code, given.identity, given.taken_by, given.signature, given.of_age)
    pickups.hand_out_in(session, job.id, worker, proof, paid_here=True)
    earned = points.earn(session, order) if order.state == "completed" else 0
    return Collected(order, due_minor, lines, earned)


def _sold(sale: Sale) -> dict[str, tuple[int, int]]:
    units: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for line in sale.lines:
        units[line.sku] += line.quantity
        sums[line.sku] += line.line_minor
    return {sku: (units[sku], sums[sku]) for sku in units}


def _owed(due: Sequence[Due]) -> dict[str, tuple[int, int]]:
    units: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for one in due:
        units[one.line.sku] += one.quantity
        sums[one.line.sku] += one.line_minor
    return {sku: (units[sku], sums[sku]) for sku in units}


def _printed(session: Session, due: Sequence[Due], *, of_age: bool) -> list[dict[str, Any]]:
    """Return the lines of the receipt: titles, prices and VAT as they were agreed."""
    items = products.items(session, [one.line.sku for one in due])
    aged = {sku for sku, item in items.items() if item.age_min}
    return [_line(one, age_checked=of_age if one.line.sku in aged else None) for one in due]


def _line(one: Due, *, age_checked: bool | None) -> dict[str, Any]:
    line: OrderLine = one.line
    return {
        "sku": line.sku,
        "title": line.title,
        "quantity": one.quantity,
        "unit_minor": line.unit_minor,
        "line_minor": one.line_minor,
        "discount_minor": one.discount_minor,
        "promotions": one.promotions,
        "vat_basis_points": line.vat_basis_points,
        "lot": line.lot,
        "home": False,
        "age_checked": age_checked,
        "line_id": str(line.id),
    }
