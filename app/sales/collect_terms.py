"""What may be ordered unpaid to be collected: each store's own terms, and who has how much open."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.sales import terms
from app.sales.models import CollectTerms, Order
from kit import clock
from kit.errors import Invalid, Refused

_MOST_MINOR, _MOST_OPEN = 1_000_000, 99


@dataclass(frozen=True)
class Limits:
    """Whether a store takes such orders, up to which value (minor units), how many per person."""

    offered: bool
    most_minor: int
    most_open: int


def of(session: Session, location: str) -> Limits:
    """Return the terms of a store; the retailer's own where it has decided nothing."""
    row = session.get(CollectTerms, location)
    if row is None:
        return Limits(
            offered=True,
            most_minor=terms.COLLECT_UNPAID_MOST_MINOR,
            most_open=terms.COLLECT_UNPAID_MOST_OPEN,
        )
    return Limits(row.offered, row.most_minor, row.most_open)


def put(session: Session, location: str, limits: Limits, *, by: str) -> None:
    """Decide for a store; it holds for what is ordered from now on.

    Raises:
        Invalid: ``collect_terms``.
    """
    if not (0 < limits.most_minor <= _MOST_MINOR and 0 < limits.most_open <= _MOST_OPEN):
        raise Invalid("collect_terms", most_minor=limits.most_minor, most_open=limits.most_open)
    facts = {**vars(limits), "changed_at": clock.now(), "changed_by": by}
    made = insert(CollectTerms).values(location=location, **facts)
    session.execute(made.on_conflict_do_update(index_elements=["location"], set_=facts))


def check(
    session: Session, location: str, *, total_minor: int, email: str, customer_number: str | None
) -> None:
    """Pass an order that is to be paid at a store's counter.

    Two at the same moment of one person wait for one another, so that both are counted.

    Raises:
        Refused: ``collect_unpaid`` with the limits: the store takes none, it costs too much or
            nothing, or this person has enough of them open.
    """
    limits = of(session, location)
    mail = email.strip().lower()
    # In the order of their names, so that two never wait for one another in a circle.
    for who in sorted({mail, customer_number or mail}):
        lock = func.hashtextextended(f"collect_unpaid/{who}", 0)
        session.execute(select(func.pg_advisory_xact_lock(lock)))
    open_now = count_open(session, mail, customer_number)
    if (
        not limits.offered
        or not 0 < total_minor <= limits.most_minor
        or open_now >= limits.most_open
    ):
        raise Refused(
            "collect_unpaid",
            offered=limits.offered,
            most_minor=limits.most_minor,
            most_open=limits.most_open,
            open=open_now,
        )


def count_open(session: Session, email: str, customer_number: str | None) -> int:
    """Return how many orders a person has open that are paid on collection."""
    mine = [func.lower(Order.email) == email.strip().lower()]
    if customer_number:
        mine.append(Order.customer_number == customer_number)
    query = select(func.count()).where(
        Order.pay_on_collection, Order.state == "confirmed", or_(*mine)
    )
    return session.scalar(query) or 0


def unpaid(session: Session, refs: Sequence[str]) -> set[str]:
    """Return which of these orders wait to be paid when they are collected."""
    if not refs:
        return set()
    query = select(Order.ref).where(
        Order.ref.in_(refs), Order.pay_on_collection, Order.state == "confirmed"
    )
    return set(session.scalars(query))
