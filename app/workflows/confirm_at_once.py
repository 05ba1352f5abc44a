"""Settle a payment at once, where all is as it was when the order was placed: the usual case.

The same as the long way of `checkout.settle` and `confirm`, in a handful of statements past
SQLAlchemy's unit of work. Whatever is not usual (a gift card beside it, an order that has lapsed,
goods that are gone or owed) is left to the long way, with nothing done.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.events import OrderConfirmed
from app.payments.models import PAYMENT_STATES
from app.sales import orders
from app.sales.models import Order
from app.workflows.confirm import plans_of
from fulfilment.outbound import starting
from fulfilment.routing import snapshot
from kit import clock, events
from kit.database import transaction
from kit.plain import ClosingFailed, Plain, ask
from kit.writing import write

# PostgreSQL locks in the order of this list: the order first, then its payment, as everywhere.
_LOCK = b"""
    SELECT payment.state, payment.amount_minor, placed.ref, placed.state, placed.total_minor,
        placed.address, placed.promised_on, placed.collect_at
    FROM payments AS payment JOIN orders AS placed ON placed.ref = payment.order_ref
    WHERE payment.id = $1
    FOR UPDATE OF placed, payment
"""
_PROMISED = """(
    SELECT json_object_agg(line.id, line.promised_on)
    FROM order_lines AS line JOIN orders ON orders.id = line.order_id WHERE orders.ref = $1
)"""
_BOOK = b"""
    WITH paid AS (
        UPDATE payments SET state = 'captured', captured_minor = amount_minor,
            provider_intent = nullif($2, ''), captured_at = $3
        WHERE id = $1 RETURNING order_ref
    )
    UPDATE orders SET state = 'confirmed', confirmed_at = $3
    FROM paid WHERE orders.ref = paid.order_ref
"""


@dataclass(frozen=True, slots=True)
class _Paid:
    """A locked payment and its order."""

    state: str
    amount_minor: int
    order: Order

    def usual(self, captured_minor: int) -> bool:
        """Tell whether it is all of the order that was paid, and the order waits for it."""
        order = self.order
        return (
            order.state == "placed"
            and "captured" in PAYMENT_STATES.moves.get(self.state, ())
            and captured_minor == self.amount_minor == order.total_minor
        )


def settled(payment_ref: str, captured_minor: int, intent: str, also: Plain | None = None) -> bool:
    """Book a captured payment and confirm its order, if that can be done at once.

    Args:
        payment_ref: id of our payment, as we gave it to the provider.
        captured_minor: what the provider says it has captured, minor units.
        intent: the provider's id of the payment.
        also: a statement that is to hold or fall with it.

    Returns:
        False where nothing was done, and somebody has to look closer.
    """
    try:
        payment_id = uuid.UUID(payment_ref)
    except ValueError:
        return False
    try:
        with transaction() as session:
            done = _settle(session, payment_id, captured_minor, intent)
            if done and also is not None:
                ask(session, also)
            return done
    except ClosingFailed as failed:
        if not starting.refused(failed):
            raise
        return False


def _settle(session: Session, payment_id: uuid.UUID, captured_minor: int, intent: str) -> bool:
    paid = _locked(session, payment_id)
    if paid is None or not paid.usual(captured_minor):
        return False
    order = paid.order
    held, besides = starting.held(session, order.ref, (snapshot.LATEST, _PROMISED))
    if not held or besides[0] is None:
        return False
    decision = snapshot.read(besides[0])
    plans = plans_of(order, decision)
    if any(row.location not in plans for row in held):
        return False
    jobs = starting.start(
        session,
        order.ref,
        held,
        promised=_promised(order, besides[1]),
        plans=plans,
        address=order.address,
    )
    parameters = (payment_id.hex, intent, clock.now().isoformat())
    ask(session, Plain(_BOOK, [text.encode() for text in parameters]))
    noted, at = orders.noted, list(decision.locations)
    write(
        session,
        [
            *jobs,
            noted(order.ref, "payment_captured", "kontor", amount_minor=captured_minor),
            noted(order.ref, "order_confirmed", "kontor", locations=at),
            events.made(session, OrderConfirmed(order_ref=order.ref)),
        ],
    )
    return True


def _locked(session: Session, payment_id: uuid.UUID) -> _Paid | None:
    found = ask(session, Plain(_LOCK, [payment_id.hex.encode()]))
    if found is None:
        return None
    state, amount, ref, order_state, total, address, promised_on, collect_at = (
        None if field is None else field.decode() for field in found
    )
    order = Order(
        ref=ref,
        state=order_state,
        total_minor=int(total or 0),
        address=json.loads(address or "{}"),
        promised_on=_day(promised_on),
        collect_at=collect_at,
    )
    return _Paid(str(state), int(amount or 0), order)


def _promised(order: Order, found: bytes | None) -> Mapping[uuid.UUID, date]:
    """Return the promise date of each line, as `confirm.promises`."""
    days: dict[str, Any] = json.loads(found) if found else {}
    last = order.promised_on or clock.today()
    return {uuid.UUID(line): _day(day) or last for line, day in days.items()}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
