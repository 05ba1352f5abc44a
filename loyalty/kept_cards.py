"""Gift cards that a customer keeps in their account, after they have shown the code once."""

import uuid

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kit import clock
from loyalty import gift_cards
from loyalty.gift_cards import CardView
from loyalty.models import KeptGiftCard


def keep(session: Session, number: str, code: str) -> CardView:
    """Keep a card by its code. Keeping it twice is keeping it once.

    Raises:
        Invalid: ``gift_card_code``: mistyped.
        NotFound: ``gift_card``.
    """
    card = gift_cards.by_code(session, code)
    session.execute(
        insert(KeptGiftCard)
        .values(number=number, card_id=card.id, kept_at=clock.now())
        .on_conflict_do_nothing()
    )
    return card


def of(session: Session, number: str) -> list[CardView]:
    """Return the cards of a customer with what is on them, the one kept last first."""
    query = (
        select(KeptGiftCard.card_id)
        .where(KeptGiftCard.number == number)
        .order_by(KeptGiftCard.kept_at.desc(), KeptGiftCard.card_id)
    )
    return [gift_cards.one(session, card_id) for card_id in session.scalars(query)]


def drop(session: Session, number: str, card_id: uuid.UUID) -> None:
    """Take a card out of an account; what is on it stays on it."""
    session.execute(
        delete(KeptGiftCard).where(KeptGiftCard.number == number, KeptGiftCard.card_id == card_id)
    )
