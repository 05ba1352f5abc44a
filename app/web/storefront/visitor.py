"""What the shop remembers of a visitor without consent: the basket, the place to deliver to.

Strictly necessary (section 25 (2) no. 2 TDDDG): the session cookie holds the basket's token, the
postal code that was typed, the order that was placed last, and until an order is placed the
checkout form. Nothing else. Who is signed in has one basket on all devices.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask import session as cookie
from sqlalchemy.orm import Session

from app.sales import baskets, plain_baskets
from app.sales.models import Basket
from app.web import customer_session, kept_pages
from app.web.storefront.room import blueprint
from app.workflows import saved_baskets
from kit.database import reading
from kit.errors import NotFound

_BASKET, _POSTAL_CODE, _BUYER, _ORDER = "basket", "postal_code", "buyer", "order"


@blueprint.before_request
def _know_who() -> None:
    # Asked before any transaction is open; visitors without the cookie cost no question.
    if customer_session.COOKIE in request.cookies:
        customer_session.signed_in()


def basket(session: Session, *, lock: bool = False) -> Basket | None:
    """Return the visitor's basket, or None where there is none or it has become an order.

    A basket that is saved for an account is shown to nobody but its owner.
    """
    found = _by_cookie(session, lock=lock)
    who = customer_session.signed_in()
    if found is not None and found.account_id in {None, who.account_id if who else None}:
        return found
    return baskets.of_account(session, who.account_id, lock=lock) if who else None


def _by_cookie(session: Session, *, lock: bool) -> Basket | None:
    token = cookie.get(_BASKET)
    if not token:
        return None
    try:
        found = baskets.by_token(session, token, lock=lock)
    except NotFound:
        return None
    return None if found.order_ref else found


def basket_to_fill(session: Session) -> Basket:
    """Return the visitor's basket, a new one where there is none."""
    found = basket(session, lock=True)
    if found is None:
        who = customer_session.signed_in()
        if who is None:
            found = baskets.open_(session, "web")
        else:
            found = saved_baskets.opened_for(session, who.account_id, who.number)
    _keep(found.token)
    return found


def open_with(
    session: Session, wanted: Sequence[tuple[str, int]], *, source: str, seen: Mapping[str, int]
) -> None:
    """Give a guest who has none a basket with these lines, as the transaction's last statement."""
    _keep(plain_baskets.open_with(session, "web", wanted, source=source, seen=seen))


def _keep(token: str) -> None:
    if cookie.get(_BASKET) != token:
        cookie[_BASKET] = token
        cookie.permanent = True


def holds_anything() -> bool:
    """Tell whether there is something in the basket, as the beginning of the request saw it."""
    if customer_session.signed_in() is None:
        return bool(kept_pages.basket_units())
    with reading() as session:
        found = basket(session)
        return found is not None and bool(baskets.lines(session, found))


def take_along(number: str) -> None:
    """Join the basket of this device with the one of a customer who has just signed in."""
    token = saved_baskets.adopt(number, cookie.get(_BASKET))
    if token is not None:
        cookie[_BASKET] = token
        cookie.permanent = True


def forget() -> None:
    """Leave nothing of a customer behind who signs out: basket and form stay in the account."""
    cookie.pop(_BASKET, None)
    cookie.pop(_BUYER, None)
    cookie.pop(_ORDER, None)


def go_on_with(session: Session, token: str) -> None:
    """Take a till's basket over on this device, together with what its visitor has gathered.

    Raises:
        NotFound: ``basket``: unknown, or ordered since.
    """
    given = baskets.by_token(session, token, lock=True)
    if given.order_ref is not None or given.account_id is not None:
        raise NotFound("basket")
    own = basket(session, lock=True)
    if own is None:
        cookie[_BASKET] = given.token
        cookie.permanent = True
    elif own.id != given.id:
        baskets.merge(session, given, own)
        if own.customer_number is None:
            baskets.attach_customer(session, own, given.customer_number)


def basket_token() -> str | None:
    """Return the token of the basket without looking whether it still stands."""
    token: str | None = cookie.get(_BASKET)
    return token


def maybe_basket() -> bool:
    """Tell whether it is worth looking for a basket at all."""
    return basket_token() is not None or customer_session.signed_in() is not None


def leave_basket(page: str | None = None) -> None:
    """Forget the basket: it has become an order, or a hold; `page` is where that is shown."""
    cookie.pop(_BASKET, None)
    cookie.pop(_BUYER, None)
    if page:
        cookie[_ORDER] = page


def last_order() -> str | None:
    """Return the page of what was ordered last on this device, for who comes back to the form."""
    page: str | None = cookie.get(_ORDER)
    return page


def postal_code() -> str | None:
    """Return the postal code that was typed last, if any."""
    code: str | None = cookie.get(_POSTAL_CODE)
    return code


def remember_postal_code(code: str) -> None:
    """Keep a postal code that exists for the delivery dates of this visit."""
    cookie[_POSTAL_CODE] = code


def remember_buyer(form: dict[str, str]) -> None:
    """Keep the checkout form between its page and the review."""
    cookie[_BUYER] = form


def buyer() -> dict[str, Any]:
    """Return the checkout form as it was filled in, empty before."""
    return dict(cookie.get(_BUYER) or {})
