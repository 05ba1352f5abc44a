"""What the shop remembers of a visitor without consent: the basket, the place to deliver to.

Strictly necessary (section 25 (2) no. 2 TDDDG): the session cookie holds the basket's token, the
postal code that was typed, and until the order is placed the checkout form. Nothing else.
"""

from typing import Any

from flask import session as cookie
from sqlalchemy.orm import Session

from app.sales import baskets
from app.sales.models import Basket
from kit.errors import NotFound

_BASKET, _POSTAL_CODE, _BUYER = "basket", "postal_code", "buyer"


def basket(session: Session, *, lock: bool = False) -> Basket | None:
    """Return the visitor's basket, or None where there is none or it has become an order."""
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
        found = baskets.open_(session, "web")
        cookie[_BASKET] = found.token
        cookie.permanent = True
    return found


def basket_token() -> str | None:
    """Return the token of the basket without looking whether it still stands."""
    token: str | None = cookie.get(_BASKET)
    return token


def leave_basket() -> None:
    """Forget the basket: it has become an order."""
    cookie.pop(_BASKET, None)
    cookie.pop(_BUYER, None)


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
