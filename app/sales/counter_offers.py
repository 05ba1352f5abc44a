"""Counter offers as rows: found by their number, by their secret link, by who made them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.orm import Session

from app.sales.models import Order
from app.sales.offer_models import CounterOffer
from kit import clock
from kit.errors import NotFound

PREFIX = "A"
STATES = ("open", "expired", "ordered", "withdrawn")


def by_ref(session: Session, ref: str, *, lock: bool = False) -> CounterOffer:
    """Return an offer by its number, typed in any case.

    Raises:
        NotFound: ``counter_offer``.
    """
    query = select(CounterOffer).where(CounterOffer.ref == ref.strip().upper())
    return _found(session, query, lock=lock)


def by_token(session: Session, token: str, *, lock: bool = False) -> CounterOffer:
    """Return the offer behind a secret link.

    Raises:
        NotFound: ``counter_offer``.
    """
    return _found(session, select(CounterOffer).where(CounterOffer.token == token), lock=lock)


def by_offer_id(session: Session, offer_id: str) -> CounterOffer | None:
    """Return the offer that a till posted under its own id."""
    return session.scalar(select(CounterOffer).where(CounterOffer.offer_id == offer_id))


def _found(session: Session, query: object, *, lock: bool) -> CounterOffer:
    if lock:
        query = query.with_for_update().execution_options(  # type: ignore[attr-defined]
            populate_existing=True
        )
    offer = session.scalar(query)  # type: ignore[call-overload]
    if offer is None:
        raise NotFound("counter_offer")
    return offer  # type: ignore[no-any-return]


def known(session: Session, ref: str) -> bool:
    """Tell whether a claim on stock belongs to an offer."""
    return ref.startswith(f"{PREFIX}-") and bool(
        session.scalar(select(CounterOffer.id).where(CounterOffer.ref == ref))
    )


def renewal(session: Session, offer: CounterOffer) -> CounterOffer | None:
    """Return the offer that was quoted again from this one."""
    return session.scalar(select(CounterOffer).where(CounterOffer.renews == offer.ref))


def state(offer: CounterOffer, at: datetime | None = None) -> str:
    """Return one of `STATES`."""
    if offer.order_ref is not None:
        return "ordered"
    if offer.withdrawn_at is not None:
        return "withdrawn"
    return "open" if offer.valid_until_at > (at or clock.now()) else "expired"


def listed(
    session: Session,
    location: str | None,
    *,
    state: str | None = None,
    term: str = "",
    limit: int = 50,
) -> Sequence[CounterOffer]:
    """Return the newest offers of a store, or of all.

    Args:
        state: one of `STATES`; None: of any.
        term: a part of the number, or of the customer's name or mail address.
    """
    query = select(CounterOffer).where(*_of(location, term))
    if state is not None:
        query = query.where(_state_now() == state)
    return session.scalars(query.order_by(CounterOffer.made_at.desc()).limit(limit)).all()


def counts(session: Session, location: str | None, *, term: str = "") -> dict[str, int]:
    """Return how many offers are in each of `STATES`."""
    now = _state_now()
    rows = session.execute(select(now, func.count()).where(*_of(location, term)).group_by(now))
    return dict.fromkeys(STATES, 0) | {name: int(count) for name, count in rows}


def _state_now() -> ColumnElement[str]:
    """Return `state` as the database says it."""
    offer = CounterOffer
    return case(
        (offer.order_ref.is_not(None), "ordered"),
        (offer.withdrawn_at.is_not(None), "withdrawn"),
        (offer.valid_until_at > clock.now(), "open"),
        else_="expired",
    )


def _of(location: str | None, term: str) -> list[ColumnElement[bool]]:
    wanted = [] if location is None else [CounterOffer.location == location]
    if term:
        places = (CounterOffer.ref, CounterOffer.name, CounterOffer.email)
        wanted.append(or_(*(place.icontains(term, autoescape=True) for place in places)))
    return wanted


def of_customer(session: Session, number: str, email: str) -> Sequence[CounterOffer]:
    """Return what was offered to a customer, by their number or their address, oldest first."""
    mine = or_(
        CounterOffer.customer_number == number, func.lower(CounterOffer.email) == email.lower()
    )
    return session.scalars(select(CounterOffer).where(mine).order_by(CounterOffer.id)).all()


def erase(session: Session, number: str, email: str) -> None:
    """Forget to whom was offered what they have not ordered; the offers stay in the books."""
    mine = [one.id for one in of_customer(session, number, email) if one.order_ref is None]
    _forget(session, CounterOffer.id.in_(mine))


def forget(session: Session, before: datetime) -> None:
    """Forget to whom was offered what ended before an instant and was not ordered."""
    over = (CounterOffer.valid_until_at < before) | (CounterOffer.withdrawn_at < before)
    _forget(session, CounterOffer.order_ref.is_(None) & (CounterOffer.email != "") & over)


def _forget(session: Session, which: ColumnElement[bool]) -> None:
    nobody = {"name": "", "email": "", "address": {}, "customer_number": None, "note": ""}
    session.execute(update(CounterOffer).where(which).values(nobody))


def renewals(session: Session, refs: Sequence[str]) -> dict[str, str]:
    """Return which of these offers were quoted again, and as which."""
    query = select(CounterOffer.renews, CounterOffer.ref).where(CounterOffer.renews.in_(refs))
    return {old: new for old, new in session.execute(query) if old is not None}


def credited(session: Session, location: str | None, since: datetime) -> list[tuple[str, int, int]]:
    """Return who is credited at a store, or at all: (adviser, orders, goods in minor units).

    What was ordered and paid counts; an order that lapsed or was cancelled does not.
    """
    query = (
        select(CounterOffer.adviser, func.count(), func.sum(Order.goods_minor))
        .join(Order, Order.ref == CounterOffer.order_ref)
        .where(*_of(location, ""), CounterOffer.ordered_at >= since)
        .where(Order.state.in_(("confirmed", "completed")))
        .group_by(CounterOffer.adviser)
        .order_by(func.sum(Order.goods_minor).desc(), CounterOffer.adviser)
    )
    return [(who, int(count), int(total)) for who, count, total in session.execute(query)]
