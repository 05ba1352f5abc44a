"""What a customer has bought, on the web and at the counter, as one list.

Whose an order is, three things say: the customer number at the till, where the card was scanned;
the number together with the account's own mail address; or that address alone (a guest then).
An order that somebody else placed with one's number brings points, and shows nothing of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.sales import orders
from app.sales.models import Order, OrderLine
from loyalty import customers

PER_PAGE = 20


@dataclass(frozen=True)
class Purchase:
    """An order or receipt with its lines."""

    order: Order
    lines: Sequence[OrderLine]


def _theirs(session: Session, number: str, email: str) -> ColumnElement[bool]:
    numbers = customers.numbers_of(session, number)
    return or_(
        and_(Order.channel == "till", Order.customer_number.in_(numbers)),
        and_(Order.channel != "till", func.lower(Order.email) == email),
    )


def purchases(
    session: Session, number: str, email: str, *, page: int = 1, channel: str | None = None
) -> tuple[list[Purchase], int]:
    """Return a page of a customer's purchases, newest first, and how many there are in all.

    Args:
        number: the customer's.
        email: the account's confirmed address, in lower case.
        channel: ``web`` or ``till``; both where None.
    """
    theirs = _theirs(session, number, email)
    if channel:
        theirs = and_(theirs, Order.channel == channel)
    total = session.scalar(select(func.count()).select_from(Order).where(theirs)) or 0
    rows = session.scalars(
        select(Order)
        .where(theirs)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
    ).all()
    return _with_lines(session, rows), total


def one(session: Session, number: str, email: str, ref: str) -> Purchase | None:
    """Return one of a customer's purchases; None where it is not theirs, or is none."""
    row = session.scalar(select(Order).where(_theirs(session, number, email), Order.ref == ref))
    return _with_lines(session, [row])[0] if row else None


def everything(session: Session, number: str, email: str) -> list[Purchase]:
    """Return all of a customer's purchases, newest first."""
    query = select(Order).where(_theirs(session, number, email)).order_by(Order.placed_at.desc())
    return _with_lines(session, session.scalars(query).all())


def vat(purchase: Purchase) -> dict[int, tuple[int, int]]:
    """Return the gross amount and the VAT in it per rate, minor units."""
    return orders.vat_by_rate(purchase.lines, purchase.order.shipping_minor)


def open_orders(session: Session, number: str, email: str) -> int:
    """Return how many of a customer's orders are not at their end yet."""
    standing = Order.state.in_(("placed", "confirmed"))
    query = select(func.count()).select_from(Order)
    return session.scalar(query.where(_theirs(session, number, email), standing)) or 0


def _with_lines(session: Session, rows: Sequence[Order]) -> list[Purchase]:
    lines: dict[object, list[OrderLine]] = {row.id: [] for row in rows}
    query = (
        select(OrderLine)
        .where(OrderLine.order_id.in_(lines))
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    for line in session.scalars(query):
        lines[line.order_id].append(line)
    return [Purchase(row, lines[row.id]) for row in rows]
