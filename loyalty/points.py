"""Points: an append-only ledger per customer, and the balance kept in the same transaction.

Every entry has a key that names its cause (``order/K-7F3KQ2/line/1/shipped``). A key books once,
however often and from however many connections it comes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import Invalid, NotFound, Refused
from loyalty.customers import normal_number
from loyalty.models import Customer, PointsBalance, PointsEntry

MINOR_PER_POINT = 100


@dataclass(frozen=True)
class Entry:
    """One line of a customer's points account; `points` is negative where they were taken back."""

    points: int
    cause: str
    document: str
    entered_at: datetime
    key: str


@dataclass(frozen=True)
class Drift:
    """A balance that does not agree with its entries."""

    number: str
    booked: int
    summed: int


def points_for(amount_minor: int) -> int:
    """Return the points for goods of this gross amount: 1 for every full euro.

    Raises:
        Invalid: ``amount``: negative.
    """
    if amount_minor < 0:
        raise Invalid("amount", amount_minor=amount_minor)
    return amount_minor // MINOR_PER_POINT


def earn(
    session: Session, *, number: str, points: int, cause: str, document: str, key: str
) -> bool:
    """Book points to a customer, once per key.

    Args:
        session: an open transaction.
        number: the customer number.
        points: at least 1.
        cause: one word for the reader, e.g. ``sale``, ``shipment``, ``photo``.
        document: what it was for: an order reference, a receipt number.
        key: names the cause for good; the same key again books nothing.

    Returns:
        True where this call booked the points, False where the key had been booked before.

    Raises:
        Invalid: ``points`` or ``customer_number``.
        NotFound: ``customer``.
        Refused: ``points_key_reused``: the key stands for another customer or amount.
    """
    return _book(session, number, _positive(points), cause, document, key)


def take_back(
    session: Session, *, number: str, points: int, cause: str, document: str, key: str
) -> bool:
    """Book points off again, e.g. for returned goods; the balance may fall below zero.

    Takes, returns and raises what `earn` does; `points` is the positive number to take.
    """
    return _book(session, number, -_positive(points), cause, document, key)


def _positive(points: int) -> int:
    if type(points) is not int or points <= 0:
        raise Invalid("points", points=points)
    return points


def _book(session: Session, number: str, points: int, cause: str, document: str, key: str) -> bool:
    digits = _account(session, number)
    now = clock.now()
    entry = insert(PointsEntry).values(
        number=digits, points=points, cause=cause, document=document, entered_at=now, key=key
    )
    # A second connection with the same key waits here for the first one's outcome.
    claim = entry.on_conflict_do_nothing(index_elements=["key"]).returning(PointsEntry.id)
    if session.scalar(claim) is None:
        _same_or_refused(session, digits, points, key)
        return False
    balance = insert(PointsBalance).values(number=digits, points=points, changed_at=now)
    session.execute(
        balance.on_conflict_do_update(
            index_elements=["number"],
            set_={"points": PointsBalance.points + points, "changed_at": now},
        )
    )
    return True


def _account(session: Session, number: str) -> str:
    """Return the number whose account it is: a number that was joined has the other one's."""
    digits = normal_number(number)
    found = session.scalar(
        select(func.coalesce(Customer.merged_into, Customer.number)).where(
            Customer.number == digits
        )
    )
    if found is None:
        raise NotFound("customer", number=digits)
    return str(found)


def join(session: Session, number: str, into: str) -> int:
    """Move a balance to another number, with an entry on each side; return the points.

    Args:
        session: an open transaction; called before the numbers themselves are joined.
        number: the one that is given up.
        into: the one that stays.
    """
    left = balance(session, number)
    if left:
        for digits, units in ((number, -left), (into, left)):
            key = f"joined/{number}/{into}/{digits}"
            _book(session, digits, units, "joined", number, key)
    return left


def _same_or_refused(session: Session, number: str, points: int, key: str) -> None:
    booked = session.execute(
        select(PointsEntry.number, PointsEntry.points).where(PointsEntry.key == key)
    ).one()
    if (_account(session, booked.number), booked.points) != (number, points):
        raise Refused("points_key_reused", key=key, booked=booked.points, wanted=points)


def balance(session: Session, number: str) -> int:
    """Return a customer's points; 0 for one who never had any.

    Raises:
        Invalid: ``customer_number``.
        NotFound: ``customer``.
    """
    digits = normal_number(number)
    held = func.coalesce(Customer.merged_into, Customer.number)
    query = (
        select(Customer.number, PointsBalance.points)
        .outerjoin(PointsBalance, PointsBalance.number == held)
        .where(Customer.number == digits)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("customer", number=digits)
    return int(row.points or 0)


def entries(session: Session, number: str, *, limit: int = 100) -> list[Entry]:
    """Return a customer's latest entries, newest first.

    Raises:
        Invalid: ``customer_number``.
    """
    query = (
        select(PointsEntry)
        .where(PointsEntry.number == normal_number(number))
        .order_by(PointsEntry.id.desc())
        .limit(limit)
    )
    return [
        Entry(row.points, row.cause, row.document, row.entered_at, row.key)
        for row in session.scalars(query)
    ]


def drift(session: Session) -> list[Drift]:
    """Return the balances that do not agree with the sum of their entries; empty is well."""
    sums = (
        select(PointsEntry.number, func.sum(PointsEntry.points).label("summed"))
        .group_by(PointsEntry.number)
        .subquery()
    )
    number: Any = func.coalesce(PointsBalance.number, sums.c.number)
    booked: Any = func.coalesce(PointsBalance.points, 0)
    summed: Any = func.coalesce(sums.c.summed, 0)
    query = (
        select(number, booked, summed)
        .select_from(PointsBalance)
        .join(sums, sums.c.number == PointsBalance.number, full=True)
        .where(booked != summed)
        .order_by(number)
    )
    return [Drift(str(who), int(kept), int(proven)) for who, kept, proven in session.execute(query)]


def earned_by(session: Session, key: str) -> int:
    """Return how many points the entry with this idempotency key booked, 0 where there is none."""
    return session.scalar(select(PointsEntry.points).where(PointsEntry.key == key)) or 0
