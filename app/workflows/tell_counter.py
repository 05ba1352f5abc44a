"""Write what the counter sends by mail: offers with their prices, receipts with their goods."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import OfferMade, ReceiptWanted
from app.i18n import formats
from app.messages import account_letters
from app.messages.account_letters import PersonalMail, site
from app.sales import counter_offers
from app.sales.offer_models import CounterOffer
from app.tills.models import TillReceipt
from app.workflows.counter_offers import shipping_minor
from fulfilment.places import locations
from kit import clock
from kit.errors import NotFound

_KEPT = ("sku", "title", "quantity", "line_minor")


def offer_made(session: Session, event: OfferMade) -> None:
    """Write the letter of an offer (handler of its event); one that is over is not written."""
    offer = counter_offers.by_ref(session, event.offer_ref)
    wanted = "withdrawn" if event.what == "withdrawn" else "open"
    if counter_offers.state(offer) != wanted:
        return
    mail = PersonalMail(
        "counter_offer", offer.email, offer.language, _offered(session, offer, event.what),
        about=offer.ref,
    )  # fmt: skip
    account_letters.write(session, mail, key=f"offer/{offer.ref}/{event.what}")


def _offered(session: Session, offer: CounterOffer, what: str) -> dict[str, Any]:
    with formats.spoken(offer.language):
        until = formats.day(clock.berlin(offer.valid_until_at).date())
    return {
        "what": what,
        "ref": offer.ref,
        "name": offer.name,
        "adviser": offer.adviser,
        "store": locations.one(session, offer.location).name,
        "note": offer.note,
        "lines": [{name: line[name] for name in _KEPT} for line in offer.lines],
        "total_minor": offer.total_minor,
        "shipping_minor": shipping_minor(offer),
        "held": offer.held,
        "until": until,
        "offer_url": f"{site(offer.language)}/angebot/{offer.token}",
    }


def receipt_wanted(session: Session, event: ReceiptWanted) -> None:
    """Write a receipt to the address that a customer gave at the counter (handler of its event)."""
    query = select(TillReceipt).where(TillReceipt.receipt_number == event.receipt_number)
    row = session.scalar(query)
    if row is None:
        raise NotFound("receipt", receipt=event.receipt_number)
    facts = {
        "number": row.receipt_number,
        "store": locations.one(session, row.location).name,
        "lines": [{name: line[name] for name in _KEPT} for line in row.lines],
        "returns": [
            {name: part[name] for name in ("title", "quantity", "amount_minor")}
            for part in row.returns
        ],
        "total_minor": row.total_minor,
        "receipt_url": f"{site(event.language)}/till/bons/{row.token}",
    }
    mail = PersonalMail("receipt", event.email, event.language, facts, about=row.receipt_number)
    address = event.email.strip().lower()
    account_letters.write(session, mail, key=f"receipt/{row.receipt_number}/{address}")
