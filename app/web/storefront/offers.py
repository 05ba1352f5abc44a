"""What is offered beside the basket: gathered for the page, counted once, opened with one click.

What is counted knows the basket by a hash and nobody by name (`catalog.crosssell.measuring`). The
page does not wait for it: it is written after the page was read, and only where it is news.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, url_for
from flask import session as cookie
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.sales.models import Basket
from app.web.storefront import pictures, visitor
from app.web.storefront.room import blueprint
from app.workflows import showing, suggest
from app.workflows.quoting import Quote
from app.workflows.showing import Part
from catalog import products
from catalog.crosssell import measuring
from catalog.crosssell.ranking import NEEDS
from catalog.views import ItemView
from kit import clock
from kit.database import reading, transaction

log = logging.getLogger(__name__)

MOST = 4
SOURCE = "suggestion"
_COUNTED = "offers"


@dataclass(frozen=True)
class Offer:
    """An item that the basket needs, that fits it, or that others buy with it.

    `same_parcel`: the router adds no parcel for it.
    """

    item: ItemView
    kind: str
    reason: str
    unit_minor: int
    same_parcel: bool
    picture: str | None


@dataclass(frozen=True)
class Offers:
    """The offers of a basket, with its part in what is measured."""

    needed: Sequence[Offer]
    fitting: Sequence[Offer]
    part: Part

    def __bool__(self) -> bool:
        """Whether anything is offered."""
        return bool(self.needed or self.fitting)

    @property
    def shown(self) -> list[Offer]:
        """All of them, in the order shown."""
        return [*self.needed, *self.fitting]


def gather(session: Session, basket: Basket, quote: Quote) -> Offers:
    """Return what is offered beside a quoted basket, by the arm that it is in."""
    part = showing.part_of(session, basket.id)

    def ask(learnt: bool) -> list[suggest.Offer]:  # noqa: FBT001 - as `Part.offered` calls it
        return suggest.beside(
            session,
            quote,
            at=clock.now(),
            limit=MOST,
            customer=basket.customer_number,
            learnt=learnt,
        )

    offers = [_offer(one) for one in part.offered(ask)]
    needed = [one for one in offers if one.kind == NEEDS]
    return Offers(needed, [one for one in offers if one.kind != NEEDS], part)


def _offer(found: suggest.Offer) -> Offer:
    return Offer(
        item=found.item,
        kind=found.kind,
        reason=found.reason(current_language()),
        unit_minor=found.unit_minor,
        same_parcel=found.extra_parcels == 0,
        picture=pictures.address(found.item.picture),
    )


def count(offers: Offers) -> None:
    """Note what was shown, once per basket; a page never fails for it."""
    pairs = [(one.item.sku, one.kind) for one in offers.shown]
    part = offers.part
    told = hashlib.sha256(repr((part.unit, part.arm, sorted(pairs))).encode()).hexdigest()[:12]
    if cookie.get(_COUNTED) == told or not (pairs or part.trial):
        return
    try:
        showing.note(part, pairs, "web")
    except SQLAlchemyError:
        log.exception("what was offered is not counted")
        return
    cookie[_COUNTED] = told


def added(session: Session, basket: Basket, skus: Sequence[str]) -> None:
    """Note that offers went into the basket."""
    showing.taken(session, basket.id, skus)


@blueprint.get("/warenkorb/vorschlag/<sku>")
def offer(sku: str) -> Any:
    """Open the page of what was offered, and count the click."""
    with reading() as session:
        item = products.item(session, sku)
        basket = visitor.basket(session)
    if basket is not None:
        with transaction() as session:
            measuring.clicked(session, measuring.unit_of(basket.id), sku)
    return redirect(url_for("storefront.product", product=item.product_slug, sku=sku), 303)
