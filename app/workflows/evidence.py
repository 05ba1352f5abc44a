"""How the truth gate reads the books: orders with parcels, holds in stores, addresses."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.aftersales.models import ReturnRequest, Withdrawal, WithdrawalStep
from app.messages.evidence import (
    AddressSeen,
    Books,
    HoldSeen,
    OrderSeen,
    PaperSeen,
    ParcelSeen,
)
from app.messages.models import CallTask, Notice
from app.payments import charges
from app.payments.models import UnclearPayment
from app.sales import counter_offers, orders, store_holds
from app.sales.models import CollectQuestion, Order, PromiseException
from app.tills.models import TillReceipt
from app.workflows import coming_parcels
from fulfilment.models import FulfilmentOrder, OrderStop, Parcel, Shortage
from fulfilment.outbound import shipments
from fulfilment.places import locations
from fulfilment.routing import snapshot
from kit import clock
from kit.errors import NotFound
from loyalty import consents

# A parcel that should have come so long ago, and of which nobody knows that it has, is a problem.
_OVERDUE = timedelta(days=2)


def books() -> Books:
    """Return how messages look things up."""
    return Books(
        order=of_order, hold=of_hold, address=of_address, offer=of_offer, receipt=of_receipt
    )


def of_order(session: Session, ref: str) -> OrderSeen | None:
    """Return what the books have of an order."""
    session.flush()
    try:
        order = orders.by_ref(session, ref)
    except NotFound:
        return None
    ordered: Counter[str] = Counter()
    cancelled: Counter[str] = Counter()
    lines = orders.lines_of(session, order)
    for line in lines:
        ordered[line.sku] += line.quantity
        cancelled[line.sku] += line.cancelled
    places = locations.by_code(session)
    parcels = tuple(
        ParcelSeen(
            origin=places[view.location].name,
            handed_over=view.shipment_id is not None,
            laid_out=view.kind == "collect" and view.state == "packed",
            arrives_on=view.arrives_on,
            units=_units(view),
            tracking_code=view.tracking_code,
        )
        for view in coming_parcels.for_order(session, ref)
    )
    return OrderSeen(
        state=order.state,
        promised_on=order.promised_on,
        ordered=ordered,
        cancelled=cancelled,
        total_minor=order.total_minor,
        not_delivered_minor=orders.not_delivered_minor(order, lines),
        parcels=parcels,
        planned=0 if parcels else _planned(session, ref),
        to_pay_minor=orders.to_pay_minor(order, lines),
        bank_asked=order.state == "placed" and bool(charges.waiting_for_banks(session, [ref])),
    )


def _units(view: shipments.ParcelView) -> Counter[str]:
    units: Counter[str] = Counter()
    for part in view.lines:
        units[part.sku] += part.quantity
    return units


def _planned(session: Session, ref: str) -> int:
    history = snapshot.history(session, ref)
    return coming_parcels.planned(snapshot.latest(session, ref)) if history else 0


def of_hold(session: Session, ref: str) -> HoldSeen | None:
    """Return what the books have of goods that a store puts aside."""
    session.flush()
    try:
        hold = store_holds.by_ref(session, ref)
    except NotFound:
        return None
    there: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for line in store_holds.lines_of(session, hold):
        there[line.sku] += line.there
        lost[line.sku] += line.lost
    return HoldSeen(hold.state, +there, +lost)


def of_offer(session: Session, ref: str) -> PaperSeen | None:
    """Return what the books have of an offer of a counter."""
    session.flush()
    try:
        offer = counter_offers.by_ref(session, ref)
    except NotFound:
        return None
    units: Counter[str] = Counter()
    for line in offer.lines:
        units[line["sku"]] += line["quantity"]
    return PaperSeen(counter_offers.state(offer), units, offer.total_minor)


def of_receipt(session: Session, number: str) -> PaperSeen | None:
    """Return what the books have of a receipt; delivery has no SKU and is no goods."""
    session.flush()
    row = session.scalar(select(TillReceipt).where(TillReceipt.receipt_number == number))
    if row is None:
        return None
    units: Counter[str] = Counter()
    for line in row.lines:
        units[line["sku"]] += line["quantity"]
    return PaperSeen(row.kind, units, row.total_minor)


def of_address(session: Session, email: str) -> AddressSeen:
    """Return whether an address wants the newsletter, and what of it is not solved."""
    session.flush()
    address = email.strip().lower()
    return AddressSeen(
        consents=consents.given(session, address, consents.NEWSLETTER),
        problem=problem_of(session, address),
    )


def problem_of(session: Session, address: str) -> str | None:
    """Return which problem of an address is open; None where there is none.

    A broken promise, an unanswered question, goods that nobody has found, a parcel long overdue, a
    withdrawal or return that is not settled, a notice that was never given, a call that is owed, an
    order that somebody has stopped, money that nobody understands.
    """
    refs = list(
        session.scalars(
            select(Order.ref).where(
                func.lower(Order.email) == address,
                Order.placed_at > clock.now() - timedelta(days=400),
            )
        )
    )
    done = select(WithdrawalStep.id).where(
        WithdrawalStep.number == Withdrawal.number, WithdrawalStep.step == "done"
    )
    withdrawn = select(Withdrawal.number).where(
        func.lower(Withdrawal.email) == address, ~done.exists()
    )
    if session.scalar(withdrawn.limit(1)):
        return "withdrawal"
    if not refs:
        return None
    overdue = clock.today() - _OVERDUE
    problems = {
        "promise": select(PromiseException.id).where(
            PromiseException.order_ref.in_(refs), PromiseException.closed_at.is_(None)
        ),
        "collect_question": select(CollectQuestion.id).where(
            CollectQuestion.order_ref.in_(refs), CollectQuestion.answered_at.is_(None)
        ),
        "shortage": select(Shortage.id).where(
            Shortage.order_ref.in_(refs), Shortage.resolved_at.is_(None)
        ),
        "return": select(ReturnRequest.id).where(
            ReturnRequest.order_ref.in_(refs), ReturnRequest.state == "open"
        ),
        "notice": select(Notice.id).where(Notice.order_ref.in_(refs), Notice.told_at.is_(None)),
        "call": select(CallTask.id).where(CallTask.order_ref.in_(refs), CallTask.done_at.is_(None)),
        "late": select(FulfilmentOrder.id).where(
            FulfilmentOrder.order_ref.in_(refs),
            FulfilmentOrder.state.in_(("open", "picking", "picked", "packed")),
            FulfilmentOrder.due_at < clock.now(),
        ),
        "parcel_missing": select(Parcel.id).where(
            Parcel.order_ref.in_(refs),
            Parcel.shipment_id.is_not(None),
            Parcel.delivered_at.is_(None),
            Parcel.arrives_on < overdue,
        ),
        "stopped": select(OrderStop.id).where(
            OrderStop.order_ref.in_(refs), OrderStop.released_at.is_(None)
        ),
        "payment": select(UnclearPayment.id).where(
            UnclearPayment.order_ref.in_(refs), UnclearPayment.closed_at.is_(None)
        ),
    }
    return next((name for name, query in problems.items() if session.scalar(query.limit(1))), None)
