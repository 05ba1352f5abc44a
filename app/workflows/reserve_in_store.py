"""Reserve in a store without paying: a hold with a deadline, and no contract.

1. `reserve` claims the units of a basket at one store that has all of it, until a closing time.
   The claims are ordinary reservations of the ledger, made under the hold's number.
2. The store lays them out (`lay_out`), and the customer hears that they are ready.
3. They are bought at the counter: `collect_in` frees the claims inside the till's sale. Only there
   a contract is made, so no right of withdrawal for distance contracts comes with it.
4. A deadline that passes, or a customer who does not want it any more, gives the stock back. Goods
   in somebody's hand win: a hold that loses units tells its customer at once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.events import HoldChanged
from app.sales import baskets, store_holds, terms
from app.sales.hold_models import StoreHold, StoreHoldLine
from app.sales.store_holds import NewHold, NewHoldLine
from app.workflows import pricing, quoting
from app.workflows.pricing import PricedBasket
from app.workflows.quoting import Counter as Store
from fulfilment.claims import reservations, shortages
from fulfilment.claims.reservations import Want
from fulfilment.events import ShortageOpened
from fulfilment.stock import counts
from kit import clock, events
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused

_SHORTEST_NAME = 2


@dataclass(frozen=True)
class Reserver:
    """Who reserves: a name to call at the counter, and where the ready notice goes."""

    name: str
    email: str
    phone: str | None = None
    language: str = "de"

    def checked(self) -> "Reserver":
        """Return self if they can be told.

        Raises:
            Invalid: ``buyer`` with the names of the fields that are missing or wrong.
        """
        wrong = ["name"] if len(self.name.strip()) < _SHORTEST_NAME else []
        if "@" not in self.email or " " in self.email.strip():
            wrong.append("email")
        if wrong:
            raise Invalid("buyer", fields=wrong)
        return self


@dataclass(frozen=True)
class Held:
    """The way to a hold: its number and the token of its secret link."""

    ref: str
    token: str


def reserve(basket_token: str, reserver: Reserver, location: str) -> Held:
    """Put what is in a basket aside in a store. A second call for it returns the same hold.

    Args:
        basket_token: the basket; it is empty for its owner afterwards.
        reserver: who.
        location: code of a store that has all of it.

    Raises:
        Invalid: ``buyer``.
        NotFound: ``basket``.
        Refused: ``basket_empty``, ``stock_short``: the store does not have all of it;
            ``hold_too_much``: more than a store keeps for somebody who has not paid;
            ``order_state``: the basket is an order already.
    """
    reserver.checked()
    with transaction() as session:
        basket = baskets.by_token(session, basket_token, lock=True)
        standing = store_holds.of_basket(session, basket.id)
        if standing is not None:
            return Held(standing.ref, standing.token)
        if basket.order_ref:
            raise Refused("order_state", state="placed", wanted="basket")
        wanted = [(line.sku, line.quantity) for line in baskets.lines(session, basket)]
        _check(session, wanted, reserver)
        priced = price(session, wanted, basket.customer_number, basket.promotion_code)
        store = _store(session, wanted, location)
        hold, lines = store_holds.create(
            session,
            NewHold(
                location=store.code,
                basket_id=basket.id,
                customer_number=basket.customer_number,
                price_group=priced.price_group,
                promotion_code=basket.promotion_code,
                name=reserver.name.strip(),
                email=reserver.email.strip(),
                phone=reserver.phone,
                language=reserver.language,
                ready_by_at=store.ready_at,
                expires_at=store.kept_until_at,
            ),
            _lines(priced, reserver.language),
        )
        reservations.place(
            session,
            order_ref=hold.ref,
            wants=[Want(line.id, line.sku, store.code, line.quantity) for line in lines],
            expires_at=hold.expires_at + terms.HOLD_BEYOND,
        )
        basket.order_ref = hold.ref
        events.record(session, HoldChanged(hold_ref=hold.ref, what="held"))
        return Held(hold.ref, hold.token)


def price(
    session: Session, wanted: Sequence[tuple[str, int]], number: str | None, code: str | None
) -> PricedBasket:
    """Return what the goods cost at the counter now: that is where they are bought."""
    return pricing.price(
        session, wanted, customer_number=number, at=clock.now(), channel="till", code=code
    )


def stores(session: Session, wanted: Sequence[tuple[str, int]]) -> list[Store]:
    """Return the stores that have all of it, and until when each would keep it."""
    return quoting.collectable(session, wanted, clock.now())


def _check(session: Session, wanted: Sequence[tuple[str, int]], reserver: Reserver) -> None:
    if not wanted:
        raise Refused("basket_empty")
    units = sum(quantity for _, quantity in wanted)
    held = store_holds.count_open_of(session, reserver.email)
    if units > terms.HOLD_MOST_UNITS or held >= terms.HOLD_MOST_AT_ONCE:
        raise Refused("hold_too_much", most=terms.HOLD_MOST_UNITS, holds=terms.HOLD_MOST_AT_ONCE)


def _store(session: Session, wanted: Sequence[tuple[str, int]], location: str) -> Store:
    for store in stores(session, wanted):
        if store.code == location:
            return store
    raise Refused("stock_short", location=location)


def _lines(priced: PricedBasket, language: str) -> list[NewHoldLine]:
    return [
        NewHoldLine(
            sku=line.sku,
            title=priced.items[line.sku].title(language),
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            line_minor=line.line_minor,
        )
        for line in priced.lines
    ]


def lay_out(ref: str, *, location: str, actor: str) -> bool:
    """Say that the goods lie ready; the customer is told once.

    Returns:
        Whether this call said so; False where it had been said before.

    Raises:
        NotFound: ``store_hold``, also for another store's.
        Refused: ``store_hold_state``: it has ended.
    """
    with transaction() as session:
        hold = _at(session, ref, location)
        if hold.state == "ready":
            return False
        store_holds.advance(session, hold, "ready", actor)
        events.record(session, HoldChanged(hold_ref=hold.ref, what="ready"))
        return True


def not_there(ref: str, sku: str, *, location: str, actor: str) -> int:
    """Say that the shelf does not hold what was to be laid out; return how many units that is.

    The line is given up, the customer is told, and somebody has to count.

    Raises:
        NotFound: ``store_hold``, or ``item`` that it does not hold.
        Refused: ``store_hold_state``: it has ended.
    """
    with transaction() as session:
        hold = _at(session, ref, location)
        lines = store_holds.lines_of(session, hold)
        missing = [line for line in lines if line.sku == sku]
        if not missing:
            raise NotFound("item", sku=sku)
        if hold.state not in store_holds.OPEN:
            raise Refused("store_hold_state", state=hold.state, wanted="lost")
        units = sum(line.there for line in missing)
        if not units:
            return 0
        reservations.release(session, hold.ref)
        for line in missing:
            line.lost = line.quantity
        left = [line for line in lines if line.there]
        reservations.place(
            session,
            order_ref=hold.ref,
            wants=[Want(line.id, line.sku, location, line.there) for line in left],
            expires_at=hold.expires_at + terms.HOLD_BEYOND,
        )
        counts.ask(session, [(location, sku)], cause="hold_missing", document=hold.ref)
        if not left:
            store_holds.advance(session, hold, "lost", actor)
        events.record(session, HoldChanged(hold_ref=hold.ref, what="short"))
        return units


def cancel(ref: str, *, actor: str) -> bool:
    """Give up a hold, because its customer does not want it: the stock is free at once.

    Returns:
        Whether this call ended it.
    """
    with transaction() as session:
        hold = store_holds.by_ref(session, ref, lock=True)
        if hold.state not in store_holds.OPEN:
            return False
        _end(session, hold, "cancelled", actor)
        return True


def collect(ref: str, *, location: str, actor: str, document: str | None = None) -> None:
    """As `collect_in`, in a transaction of its own: for a store whose till does not talk to us."""
    with transaction() as session:
        collect_in(session, ref, location=location, actor=actor, document=document)


def collect_in(
    session: Session, ref: str, *, location: str, actor: str, document: str | None = None
) -> Sequence[StoreHoldLine]:
    """Hand a hold over inside the till's sale: frees its claims before the sale moves the stock.

    Call it in the transaction of the sale and before `counter_sales.sell`, so that the sale does
    not take the units away from the very hold that it fulfils.

    Args:
        session: the transaction of the sale.
        ref: the number that the customer names.
        location: of the till; a hold is kept in one store.
        actor: which till, which person.
        document: number of the receipt.

    Returns:
        The lines that were put aside. The same document again changes nothing.

    Raises:
        NotFound: ``store_hold``.
        Refused: ``store_hold_state``: it has expired, or was handed over with another receipt.
    """
    hold = _at(session, ref, location)
    if hold.state == "collected" and document and hold.document == document:
        return store_holds.lines_of(session, hold)
    _end(session, hold, "collected", actor)
    hold.document = document
    session.flush()
    return store_holds.lines_of(session, hold)


def for_till(session: Session, ref: str, location: str) -> tuple[StoreHold, list[StoreHoldLine]]:
    """Return a hold to the till that is to sell it, with its lines; it changes nothing.

    Raises:
        NotFound: ``store_hold``, also for one that another store keeps.
    """
    hold = _at(session, ref, location, lock=False)
    return hold, store_holds.lines_of(session, hold)


def expire_due() -> int:
    """End the holds whose time is over and tell their customers; return how many."""
    with reading() as session:
        due = store_holds.due(session, clock.now())
    return sum(_expire(ref) for ref in due)


def _expire(ref: str) -> int:
    with transaction() as session:
        hold = store_holds.by_ref(session, ref, lock=True)
        if hold.state not in store_holds.OPEN or hold.expires_at > clock.now():
            return 0
        _end(session, hold, "expired", "kontor")
        events.record(session, HoldChanged(hold_ref=hold.ref, what="expired"))
        return 1


def on_shortage(session: Session, event: ShortageOpened) -> None:
    """Tell the customer of a hold whose goods somebody else has bought (handler of its event).

    There is no order to route again: what is left stays put aside, what is gone is said.
    """
    if not store_holds.known(session, event.order_ref):
        return
    hold = store_holds.by_ref(session, event.order_ref, lock=True)
    gone: Counter[object] = Counter()
    for gap in shortages.open_for(session, hold.ref, lock=True):
        shortages.resolve(session, gap.id, "told")
        gone[gap.line_id] += gap.quantity
    lines = store_holds.lines_of(session, hold)
    for line in lines:
        line.lost = min(line.quantity, line.lost + gone[line.id])
    session.flush()
    if not gone or hold.state not in store_holds.OPEN:
        return
    if not any(line.there for line in lines):
        store_holds.advance(session, hold, "lost", "kontor")
    events.record(session, HoldChanged(hold_ref=hold.ref, what="short"))


def _at(session: Session, ref: str, location: str, *, lock: bool = True) -> StoreHold:
    hold = store_holds.by_ref(session, ref, lock=lock)
    # Another store's hold does not exist here.
    return hold if hold.location == location else store_holds.by_ref(session, "")


def _end(session: Session, hold: StoreHold, state: str, actor: str) -> None:
    store_holds.advance(session, hold, state, actor)
    reservations.release(session, hold.ref)
