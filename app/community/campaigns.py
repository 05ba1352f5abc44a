"""Campaigns: which card an order's parcel gets, and what its QR code leads to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.community.models import Campaign
from catalog import categories
from catalog.models import Item, Product
from fulfilment.models import ParcelInsert
from kit import clock
from kit.errors import NotFound
from kit.ids import secret_token
from loyalty import consents


@dataclass(frozen=True)
class Card:
    """A card that was put into a parcel, as its QR code finds it again."""

    campaign: Campaign
    insert: ParcelInsert


def card_for(
    session: Session, order_ref: str, skus: Sequence[str], *, address: str | None = None
) -> Campaign | None:
    """Return the campaign whose card belongs into this order now, or None.

    A campaign runs between its dates, for any goods or for one category and what is below it, and
    an order gets one card of it at most. One that asks for consent goes only to those who gave it.

    Args:
        session: any session.
        order_ref: which order.
        skus: what was ordered.
        address: the customer's mail address, by which a consent is known.
    """
    today = clock.today()
    sent = select(ParcelInsert.campaign).where(ParcelInsert.order_ref == order_ref)
    running = session.scalars(
        select(Campaign)
        .where(Campaign.starts_on <= today, Campaign.ends_on >= today, Campaign.code.not_in(sent))
        .order_by(Campaign.category.is_(None), Campaign.code)
    ).all()
    shelves = _shelves(session, skus) if any(row.category for row in running) else set()
    return next(
        (
            row
            for row in running
            if (not row.category or row.category in shelves) and _agreed(session, row, address)
        ),
        None,
    )


def _agreed(session: Session, campaign: Campaign, address: str | None) -> bool:
    if campaign.consent is None:
        return True
    return address is not None and consents.given(session, address, campaign.consent)


def _shelves(session: Session, skus: Sequence[str]) -> set[str]:
    """Return the categories in which articles stand, the departments above them included."""
    own = (
        select(Product.category).join(Item, Item.product == Product.slug).where(Item.sku.in_(skus))
    )
    tree = categories.tree(session)
    return {step.slug for slug in session.scalars(own.distinct()) for step in tree.path(slug)}


def new_token() -> str:
    """Return the secret of a card's QR code: it names the card, not the customer."""
    return secret_token()


def by_token(session: Session, token: str) -> Card:
    """Return the card behind a QR code.

    Raises:
        NotFound: ``card``.
    """
    insert = session.scalar(select(ParcelInsert).where(ParcelInsert.token == token))
    if insert is None:
        raise NotFound("card")
    return Card(session.get_one(Campaign, insert.campaign), insert)
