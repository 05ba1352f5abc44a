"""Worklists as queries over orders: what is split, late, short, not shipped, or not paid yet."""

from datetime import timedelta

from sqlalchemy import Select, Subquery, and_, func, or_, select

from app.sales.models import CollectQuestion, Order, PromiseException
from fulfilment.models import FulfilmentOrder, OrderStop, Shortage
from kit import clock

_SHOWN_FOR = timedelta(days=14)
_LIVE = FulfilmentOrder.state != "cancelled"


def split() -> Subquery:
    """Orders that come from more than one place: open ones, and those sent in the last days.

    What is older than that is in everybody's hands, and looked up by its number.
    """
    lately = and_(Order.state == "completed", Order.completed_at > clock.now() - _SHOWN_FOR)
    return (
        select(Order.ref)
        .join(FulfilmentOrder, FulfilmentOrder.order_ref == Order.ref)
        .where(or_(Order.state == "confirmed", lately), _LIVE)
        .group_by(Order.ref)
        .having(func.count(func.distinct(FulfilmentOrder.location)) > 1)
        .subquery()
    )


def late() -> Subquery:
    """Orders with a part that should have left its place by now.

    What lies ready to be fetched has done so: it waits for its customer.
    """
    laid_out = and_(FulfilmentOrder.kind == "collect", FulfilmentOrder.state == "packed")
    return (
        select(FulfilmentOrder.order_ref.label("ref"))
        .where(
            FulfilmentOrder.state.in_(("open", "picking", "picked", "packed")),
            FulfilmentOrder.due_at < clock.now(),
            ~laid_out,
        )
        .distinct()
        .subquery()
    )


def short() -> Subquery:
    """Paid orders that lack something nobody has found yet.

    What an unpaid order has lost is looked for when it is paid; what a customer wanted to collect
    waits for their answer.
    """
    return (
        select(Shortage.order_ref.label("ref"))
        .join(Order, Order.ref == Shortage.order_ref)
        .where(
            Shortage.resolved_at.is_(None),
            Order.state.in_(("confirmed", "completed")),
            ~select(CollectQuestion.id)
            .where(CollectQuestion.order_ref == Order.ref, CollectQuestion.answered_at.is_(None))
            .exists(),
        )
        .distinct()
    ).subquery()


def open_() -> Subquery:
    """Web orders that are paid and not completely handed over."""
    return _confirmed().where(~Order.pay_on_collection).subquery()


def unpaid() -> Subquery:
    """Web orders that are paid when they are collected, and still wait for their customer."""
    return _confirmed().where(Order.pay_on_collection).subquery()


def _confirmed() -> Select[tuple[str]]:
    return select(Order.ref).where(Order.state == "confirmed", Order.channel == "web")


def stopped() -> Subquery:
    """Orders that somebody has stopped and nobody has released."""
    return (
        select(OrderStop.order_ref.label("ref")).where(OrderStop.released_at.is_(None)).subquery()
    )


def promises() -> Select[tuple[int]]:
    """How many promises cannot be kept, and how many customers were asked and have not answered."""
    broken = select(func.count()).where(PromiseException.closed_at.is_(None)).scalar_subquery()
    asked = select(func.count()).where(CollectQuestion.answered_at.is_(None)).scalar_subquery()
    return select(broken + asked)


LISTS = {
    "split": split,
    "late": late,
    "short": short,
    "open": open_,
    "unpaid": unpaid,
    "stopped": stopped,
}
