"""Forget people where nothing was bought: holds that ended, offers that nobody took, questions.

With an account at once, else a while after the end (Art. 5 (1) e and 17 GDPR). What was put aside,
offered and asked stays in the books; whose it was, and what was written about it, does not.
"""

from sqlalchemy.orm import Session

from app.messages import forgetting as letters
from app.sales import counter_offers, store_holds, terms
from catalog import questions
from kit import clock
from kit.database import transaction


def person(session: Session, number: str, email: str) -> None:
    """Forget a customer whose account ends; what a store still keeps for them is in its way.

    Args:
        session: the transaction in which the account is deleted.
        number: the customer's.
        email: of the account.
    """
    letters.about(session, store_holds.erase(session, number, email))
    letters.to_address(session, email)
    counter_offers.erase(session, number, email)
    questions.erase(session, email)


def long_ended() -> None:
    """Forget whose it was, of everything that ended `terms.ENDED_KNOWN_FOR` ago (a duty)."""
    before = clock.now() - terms.ENDED_KNOWN_FOR
    with transaction() as session:
        letters.about(session, store_holds.forget(session, before))
        counter_offers.forget(session, before)
        questions.forget(session, before)
