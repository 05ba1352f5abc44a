"""What a store decides for its tills, as data."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.tills.models import TillRules
from kit import clock
from kit.errors import Invalid

COINS = (1, 5)
"""To what cash may be rounded, minor units: the cent, or five of them."""


def cash_rounding_minor(session: Session, location: str) -> int:
    """Return to how many cents cash is rounded at a store."""
    query = select(TillRules.cash_rounding_minor).where(TillRules.location == location)
    return session.scalar(query) or 1


def round_cash(session: Session, location: str, coin_minor: int, *, by: str) -> None:
    """Have a store round cash from now on; its tills hear of it when they ask who they are.

    Raises:
        Invalid: ``cash_rounding``.
    """
    if coin_minor not in COINS:
        raise Invalid("cash_rounding", coin_minor=coin_minor, known=list(COINS))
    facts = {"cash_rounding_minor": coin_minor, "changed_at": clock.now(), "changed_by": by}
    made = insert(TillRules).values(location=location, **facts)
    session.execute(made.on_conflict_do_update(index_elements=["location"], set_=facts))
