"""Campaigns: which card an order's parcel gets, and what its QR code leads to."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
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

    A campaign runs between its dates, for any goods or for one category and what is below it. An
    order gets one card in all, however many parcels and campaigns there are; goods named come
    before any goods. One that asks for consent goes only to those who gave it.

    Args:
        session: any session; whoever packs has locked the order.
        order_ref: which order.
        skus: what was ordered.
        address: the customer's mail address, by which a consent is known.
    """
    if session.scalar(select(ParcelInsert.id).where(ParcelInsert.order_ref == order_ref).limit(1)):
        return None
    rows = running(session)
    shelves = shelves_of(session, skus) if any(row.category for row in rows) else {}
    standing = {shelf for sku in skus for shelf in shelves.get(sku, ())}
    return next(
        (
            row
            for row in rows
            if why_not(row, standing, agreed=lambda row=row: _agreed(session, row, address)) is None
        ),
        None,
    )


def running(session: Session) -> Sequence[Campaign]:
    """Return the campaigns of today in the order in which they are asked."""
    today = clock.today()
    rows = session.scalars(
        select(Campaign).where(Campaign.starts_on <= today, Campaign.ends_on >= today)
    )
    return sorted(rows, key=turn)


def turn(campaign: Campaign) -> tuple[bool, str]:
    """Return what campaigns are asked by: one for certain goods before one for any."""
    return (campaign.category is None, campaign.code)


def why_not(
    campaign: Campaign, standing: Collection[str], *, agreed: Callable[[], bool]
) -> str | None:
    """Return why a running campaign's card does not go with goods, None where it does.

    Args:
        campaign: which.
        standing: the categories in which the goods stand, with those above them.
        agreed: asked only where the campaign wants a consent.

    Returns:
        ``goods`` or ``consent``.
    """
    if campaign.category and campaign.category not in standing:
        return "goods"
    if campaign.consent is not None and not agreed():
        return "consent"
    return None


def _agreed(session: Session, campaign: Campaign, address: str | None) -> bool:
    wanted = str(campaign.consent)
    return address is not None and consents.given(session, address.strip().lower(), wanted)


def shelves_of(session: Session, skus: Collection[str]) -> dict[str, set[str]]:
    """Return by article the categories in which it stands, the departments above them included."""
    own = (
        select(Item.sku, Product.category)
        .join(Product, Item.product == Product.slug)
        .where(Item.sku.in_(sorted(skus)))
    )
    tree = categories.tree(session)
    return {sku: {step.slug for step in tree.path(slug)} for sku, slug in session.execute(own)}


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


def note_look(session: Session, token: str) -> None:
    """Note that somebody has looked at a card's page for the first time."""
    session.execute(
        update(ParcelInsert)
        .where(ParcelInsert.token == token, ParcelInsert.opened_at.is_(None))
        .values(opened_at=clock.now())
    )
