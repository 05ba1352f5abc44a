"""Baskets of signed-in customers: one per account, the same on every device; and at the till.

`adopt` joins what a guest has gathered with what the account has: no line is lost, and what lies in
both is there once. `for_till` opens a basket to a till by the code that its customer asked for.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.identity import customers as accounts
from app.sales import baskets
from app.sales.baskets import Wanted
from app.sales.models import Basket
from app.workflows import pricing
from kit.database import transaction
from kit.errors import NotFound

_TRIES = 3


def adopt(number: str, guest_token: str | None) -> str | None:
    """Give somebody who has just signed in their basket, with what they gathered before.

    Args:
        number: the customer number of their account.
        guest_token: of the basket of this device, if it has one.

    Returns:
        The token of the basket that this device shows from now on; None where there is none.
    """
    for attempt in range(_TRIES):
        try:
            with transaction() as session:
                account = accounts.account_with_number(session, number)
                if account is None:
                    return guest_token
                return _adopt(session, account.id, number, guest_token)
        except IntegrityError as error:
            # Another device signed in at the same moment, and was first.
            if "uq_baskets_account" not in str(error.orig) or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _adopt(session: Session, account_id: UUID, number: str, guest_token: str | None) -> str | None:
    saved = baskets.of_account(session, account_id, lock=True)
    guest = _guest(session, guest_token)
    if guest is not None and saved is None:
        guest.account_id = account_id
        saved = guest
    elif guest is not None and saved is not None:
        baskets.merge(session, guest, saved)
    if saved is None:
        return None
    baskets.attach_customer(session, saved, number)
    see_prices(session, saved)
    return saved.token


def see_prices(session: Session, basket: Basket) -> None:
    """Note that the customer is told the prices of now: what they change to is told from here."""
    skus = [line.sku for line in baskets.lines(session, basket)]
    baskets.saw(session, basket, pricing.unit_prices(session, skus, basket.customer_number))


def _guest(session: Session, token: str | None) -> Basket | None:
    """Return a basket that belongs to nobody yet; one that is saved for somebody stays theirs."""
    if not token:
        return None
    try:
        found = baskets.by_token(session, token, lock=True)
    except NotFound:
        return None
    return found if found.account_id is None and found.order_ref is None else None


def opened_for(session: Session, account_id: UUID, number: str) -> Basket:
    """Return the basket of an account, locked, a new one where there is none."""
    known = baskets.of_account(session, account_id, lock=True)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            made = baskets.open_(session, "web", account_id)
            baskets.attach_customer(session, made, number)
            return made
    except IntegrityError:
        known = baskets.of_account(session, account_id, lock=True)
        if known is None:
            raise
        return known


@dataclass(frozen=True)
class Shown:
    """A basket as the till may read it: lines, whose prices apply, the promotion code."""

    lines: list[Wanted]
    customer_number: str | None
    promotion_code: str | None


def for_till(session: Session, code: str) -> Shown:
    """Return what lies in a basket, to a till that was shown its code; it changes nothing.

    Raises:
        NotFound: ``basket``: no such code, over, taken back, or bought already.
    """
    basket = baskets.by_code(session, code)
    lines = baskets.lines(session, basket)
    return Shown(lines, basket.customer_number, basket.promotion_code)


def sold_in(session: Session, code: str, order_ref: str) -> None:
    """Note in the transaction of a till's sale that a basket has been bought there.

    So that nobody orders it a second time at home. A code that is over by now changes nothing: the
    goods are sold all the same.
    """
    try:
        basket = baskets.by_code(session, code, lock=True)
    except NotFound:
        return
    basket.order_ref = order_ref
    session.flush()
