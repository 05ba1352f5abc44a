"""Announced returns: what is to come back, why, and how; nothing moves until it is here."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.aftersales.models import ReturnRequest, ReturnRequestLine
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id, reference

REASONS = ("too_small", "too_large", "not_as_shown", "damaged", "defective", "wrong_item", "other")
WAYS = ("parcel", "store")
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Part:
    """Units of an order line that are to come back, and why. No reason has to be given."""

    line_id: uuid.UUID
    quantity: int
    reason: str = "other"
    note: str = ""


def announce(
    session: Session,
    order_ref: str,
    parts: Sequence[Part],
    *,
    how: str,
    most: Mapping[uuid.UUID, int],
    withdrawal: str | None = None,
) -> ReturnRequest:
    """Note what is to come back.

    Args:
        session: the open transaction, which holds the order.
        order_ref: of which order.
        parts: what.
        how: ``parcel`` or ``store``.
        most: how many of each line can come back.
        withdrawal: the number of the withdrawal that it follows.

    Raises:
        Invalid: ``return_way``, ``return_reason`` or ``quantity``.
        Refused: ``return_too_large``.
    """
    if how not in WAYS:
        raise Invalid("return_way", how=how)
    if not parts:
        raise Invalid("quantity")
    for part in parts:
        if part.reason not in REASONS:
            raise Invalid("return_reason", reason=part.reason)
        if part.quantity < 1:
            raise Invalid("quantity", quantity=part.quantity)
        if part.quantity > most.get(part.line_id, 0):
            raise Refused("return_too_large", asked=part.quantity, left=most.get(part.line_id, 0))
    request = ReturnRequest(
        id=new_id(),
        ref=reference("RS"),
        order_ref=order_ref,
        withdrawal=withdrawal,
        how=how,
        state="open",
        made_at=clock.now(),
        ended_at=None,
        ended_by=None,
    )
    session.add(request)
    session.flush()
    session.add_all(
        ReturnRequestLine(
            request_id=request.id,
            line_id=part.line_id,
            quantity=part.quantity,
            reason=part.reason,
            note=part.note[:LONGEST_NOTE],
        )
        for part in parts
    )
    session.flush()
    return request


def by_ref(session: Session, ref: str, *, lock: bool = False) -> ReturnRequest:
    """Return an announced return by its reference, as its QR code says it.

    Raises:
        NotFound: ``return_request``.
    """
    query = select(ReturnRequest).where(ReturnRequest.ref == ref.strip().upper())
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotFound("return_request", ref=ref)
    return row


def of_order(session: Session, order_ref: str) -> list[ReturnRequest]:
    """Return the announced returns of an order, oldest first."""
    query = (
        select(ReturnRequest)
        .where(ReturnRequest.order_ref == order_ref)
        .order_by(ReturnRequest.made_at, ReturnRequest.id)
    )
    return list(session.scalars(query))


def lines_of(session: Session, request: ReturnRequest) -> list[ReturnRequestLine]:
    """Return what an announced return holds."""
    query = select(ReturnRequestLine).where(ReturnRequestLine.request_id == request.id)
    return list(session.scalars(query.order_by(ReturnRequestLine.line_id)))


def announced(session: Session, order_ref: str) -> Counter[uuid.UUID]:
    """Return the units of each line that are announced and not here yet."""
    found: Counter[uuid.UUID] = Counter()
    query = (
        select(ReturnRequestLine)
        .join(ReturnRequest, ReturnRequest.id == ReturnRequestLine.request_id)
        .where(ReturnRequest.order_ref == order_ref, ReturnRequest.state == "open")
    )
    for line in session.scalars(query):
        found[line.line_id] += line.quantity
    return found


def open_requests(session: Session) -> list[ReturnRequest]:
    """Return every announced return that is not here yet, oldest first."""
    query = (
        select(ReturnRequest).where(ReturnRequest.state == "open").order_by(ReturnRequest.made_at)
    )
    return list(session.scalars(query))


def end(request: ReturnRequest, state: str, actor: str) -> None:
    """End an announced return: ``received`` or ``cancelled``.

    Raises:
        Refused: ``return_request_state``: it has ended already.
    """
    if request.state != "open":
        raise Refused("return_request_state", state=request.state)
    request.state = state
    request.ended_at = clock.now()
    request.ended_by = actor
