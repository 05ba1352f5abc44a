"""Tell the customer of a hold: kept until when, laid out, sold meanwhile, over."""

from sqlalchemy.orm import Session

from app.events import HoldChanged
from app.messages import letters
from app.messages.hold_letters import StoreHoldLetter
from app.messages.letters import LineFact, OrderFact
from app.sales import store_holds
from app.sales.hold_models import StoreHold
from fulfilment.places import locations

_WEEK = 7


def hold_changed(session: Session, event: HoldChanged) -> None:
    """Write the letter that belongs to a change (handler of its event).

    What is not true any more when it comes to be written is not written: nobody hears "ready" of
    goods that were sold since.
    """
    hold = store_holds.by_ref(session, event.hold_ref)
    if event.what == "held" and hold.state not in store_holds.OPEN:
        return
    if event.what == "ready" and hold.state != "ready":
        return
    lines = store_holds.lines_of(session, hold)
    place = locations.one(session, hold.location)
    there = tuple(LineFact(x.sku, x.title, x.there, x.line_minor) for x in lines if x.there)
    gone = tuple(LineFact(x.sku, x.title, x.lost) for x in lines if x.lost)
    if not there and event.what != "short":
        return
    letter = StoreHoldLetter(
        _fact(hold),
        event.what,
        place.name,
        f"{place.street}, {place.postal_code} {place.city}",
        place.phone,
        tuple(
            " – ".join(place.opening_hours[str(day)]) if place.opening_hours.get(str(day)) else ""
            for day in range(_WEEK)
        ),
        there,
        gone if event.what == "short" else (),
        hold.ready_by_at,
        hold.expires_at,
    )
    lost = sum(line.lost for line in lines) if event.what == "short" else 0
    letters.write(session, letter, key=f"hold/{hold.ref}/{event.what}/{lost}")


def _fact(hold: StoreHold) -> OrderFact:
    return OrderFact(
        ref=hold.ref,
        token=hold.token,
        email=hold.email,
        phone=hold.phone,
        language=hold.language,
        address={"name": hold.name},
        placed_at=hold.placed_at,
        promised_on=None,
        shipping_minor=0,
        total_minor=0,
        collect_in=None,
        page="reservierung",
    )
