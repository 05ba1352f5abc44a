"""Store holds as rows: who keeps what where until when, and how it ended."""

import hmac
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.sales.hold_models import HOLD_STATES, StoreHold, StoreHoldLine
from kit import clock
from kit.errors import NotFound
from kit.ids import new_id, reference, secret_token

OPEN = ("held", "ready")
PREFIX = "R"


@dataclass(frozen=True)
class NewHold:
    """What a hold says beside its lines."""

    location: str
    basket_id: uuid.UUID
    customer_number: str | None
    price_group: str
    promotion_code: str | None
    name: str
    email: str
    phone: str | None
    language: str
    ready_by_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class NewHoldLine:
    """A SKU to put aside, with the price of now (gross, minor units)."""

    sku: str
    title: str
    quantity: int
    unit_minor: int
    line_minor: int


def create(
    session: Session, facts: NewHold, lines: Sequence[NewHoldLine]
) -> tuple[StoreHold, list[StoreHoldLine]]:
    """Write a hold in state ``held`` with its lines."""
    hold = StoreHold(
        id=new_id(),
        ref=reference(PREFIX),
        token=secret_token(),
        state="held",
        placed_at=clock.now(),
        **vars(facts),
    )
    session.add(hold)
    session.flush()
    rows = [
        StoreHoldLine(id=new_id(), hold_id=hold.id, position=position, lost=0, **vars(line))
        for position, line in enumerate(lines, start=1)
    ]
    session.add_all(rows)
    session.flush()
    return hold, rows


def by_ref(session: Session, ref: str, *, lock: bool = False) -> StoreHold:
    """Return a hold by the number that its customer names, typed in any case.

    Raises:
        NotFound: ``store_hold``.
    """
    query = select(StoreHold).where(StoreHold.ref == ref.strip().upper())
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    hold = session.scalar(query)
    if hold is None:
        raise NotFound("store_hold", ref=ref)
    return hold


def by_ref_and_token(session: Session, ref: str, token: str) -> StoreHold:
    """Return a hold to someone who has its secret link.

    Raises:
        NotFound: ``store_hold``, the same for a wrong token as for an unknown number.
    """
    hold = by_ref(session, ref)
    if not hmac.compare_digest(hold.token.encode(), token.encode()):
        raise NotFound("store_hold", ref=ref)
    return hold


def of_basket(session: Session, basket_id: uuid.UUID) -> StoreHold | None:
    """Return the hold that a basket has become, if it has."""
    return session.scalar(select(StoreHold).where(StoreHold.basket_id == basket_id))


def known(session: Session, ref: str) -> bool:
    """Tell whether a claim on stock belongs to a hold."""
    return ref.startswith(f"{PREFIX}-") and bool(
        session.scalar(select(StoreHold.id).where(StoreHold.ref == ref))
    )


def lines_of(session: Session, hold: StoreHold) -> list[StoreHoldLine]:
    """Return the lines by position."""
    query = select(StoreHoldLine).where(StoreHoldLine.hold_id == hold.id)
    ordered = query.order_by(StoreHoldLine.position)
    return list(session.scalars(ordered.execution_options(populate_existing=True)))


def lines_by_hold(
    session: Session, holds: Sequence[StoreHold]
) -> Mapping[uuid.UUID, list[StoreHoldLine]]:
    """Return the lines of several holds."""
    found: dict[uuid.UUID, list[StoreHoldLine]] = {hold.id: [] for hold in holds}
    query = select(StoreHoldLine).where(StoreHoldLine.hold_id.in_(found))
    for row in session.scalars(query.order_by(StoreHoldLine.position)):
        found[row.hold_id].append(row)
    return found


def open_at(session: Session, location: str) -> list[StoreHold]:
    """Return what a store keeps or has still to lay out, what has to lie there first first."""
    query = (
        select(StoreHold)
        .where(StoreHold.location == location, StoreHold.state.in_(OPEN))
        .order_by(StoreHold.ready_at.is_not(None), StoreHold.ready_by_at, StoreHold.id)
    )
    return list(session.scalars(query))


def of_customer(session: Session, number: str, email: str) -> list[StoreHold]:
    """Return what was put aside for a customer, by their number or their address, newest first."""
    mine = or_(StoreHold.customer_number == number, func.lower(StoreHold.email) == email.lower())
    return list(session.scalars(select(StoreHold).where(mine).order_by(StoreHold.id.desc())))


def erase(session: Session, number: str, email: str) -> list[str]:
    """Forget whose the ended holds of a customer were; what was put aside stays in the books.

    Returns:
        The references of these holds.
    """
    ended = [one for one in of_customer(session, number, email) if one.state not in OPEN]
    for hold in ended:
        hold.name, hold.email, hold.phone, hold.customer_number = "", "", None, None
    session.flush()
    return [one.ref for one in ended]


def count_open_of(session: Session, email: str) -> int:
    """Return how many open holds a mail address has."""
    query = select(func.count()).where(
        func.lower(StoreHold.email) == email.strip().lower(), StoreHold.state.in_(OPEN)
    )
    return session.scalar(query) or 0


def due(session: Session, now: datetime) -> list[str]:
    """Return the open holds whose time is over."""
    query = select(StoreHold.ref).where(StoreHold.state.in_(OPEN), StoreHold.expires_at <= now)
    return list(session.scalars(query.order_by(StoreHold.expires_at)))


def forget(session: Session, before: datetime) -> list[str]:
    """Forget who had holds that ended before an instant; what was kept where stays in the books.

    Nothing was bought with them, so nothing has to be kept about the person (Art. 5 (1) e GDPR).

    Returns:
        The references of these holds.
    """
    done = session.scalars(
        update(StoreHold)
        .where(StoreHold.ended_at < before, StoreHold.email != "")
        .values(name="", email="", phone=None, customer_number=None)
        .returning(StoreHold.ref)
    )
    return sorted(done)


def advance(session: Session, hold: StoreHold, state: str, actor: str) -> None:
    """Move a locked hold to its next state.

    Raises:
        Refused: ``store_hold_state``.
    """
    HOLD_STATES.check(hold.state, state)
    hold.state = state
    if state == "ready":
        hold.ready_at = clock.now()
    else:
        hold.ended_at, hold.ended_by = clock.now(), actor
    session.flush()
