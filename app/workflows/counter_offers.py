"""Offers of the counter: advised there, frozen until a date, sent by mail, bought with one click.

1. `make` prices a basket as the till would sell it, keeps those prices, puts the goods aside where
   that is wanted, and has the letter written.
2. `buy` makes an order of it, from its page: its prices stand, the router plans afresh, and what
   was put aside is freed in the same transaction. Store and adviser are credited by the offer.
3. What has expired can be quoted again, once, at the prices of that day: `again`.
4. An offer that was a mistake is taken back, and the customer told: `withdraw`.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.events import OfferMade, OrderPlaced
from app.identity.models import Device
from app.sales import counter_offers, orders, terms
from app.sales.offer_models import CounterOffer
from app.tills import cashiers
from app.workflows import pricing, quoting
from app.workflows.buyers import Buyer, address_of
from app.workflows.offer_lines import NewOffer, Wish, frozen
from app.workflows.placing import place_order
from catalog import products
from fulfilment.claims import reservations, shortages
from fulfilment.claims.reservations import Want
from fulfilment.events import ShortageOpened
from fulfilment.places import locations
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from kit import clock, events
from kit.database import transaction
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id, reference, secret_token

__all__ = ["NewOffer", "Wish", "again", "buy", "make", "on_shortage", "plan", "preview", "withdraw"]

LONGEST_DAYS = 60
MOST_HELD_DAYS = 14
"""Goods are put aside no longer than this: they are missing on the shelf."""

AGAIN_DAYS = 7
_LONGEST_REASON = 500


@dataclass(frozen=True)
class Bought:
    """The way to the order that an offer has become."""

    order_ref: str
    token: str


def make(device: Device, new: NewOffer) -> tuple[CounterOffer, bool]:
    """Make an offer, once per `offer_id`; say whether it had been made before.

    Raises:
        Invalid: ``offer``: who it is for, until when; ``offer_id_reused``.
        NotFound: ``item``, ``customer`` or ``cashier``.
        Refused: ``not_sellable``, ``no_price``; ``right``: a discount that the adviser may not
            give; ``stock_short``: what is to be put aside is not there.
    """
    _check(new)
    with transaction() as session:
        known = counter_offers.by_offer_id(session, new.offer_id)
        if known is not None:
            if known.digest != new.digest():
                raise Invalid("offer_id_reused", offer_id=new.offer_id)
            return known, True
        return _make(session, device.location, device.code, new), False


def _check(new: NewOffer) -> None:
    wrong = []
    if len(new.name.strip()) < 2:  # noqa: PLR2004 - no name is shorter
        wrong.append("name")
    if "@" not in new.email or " " in new.email.strip():
        wrong.append("email")
    most = MOST_HELD_DAYS if new.hold else LONGEST_DAYS
    if not 1 <= new.days <= most:
        wrong.append("days")
    if not new.lines:
        wrong.append("lines")
    if wrong:
        raise Invalid("offer", fields=wrong, most_days=most)


def _make(
    session: Session, location: str, device: str, new: NewOffer, renews: str | None = None
) -> CounterOffer:
    merged: dict[str, int] = {}
    for line in new.lines:
        merged[line.sku] = merged.get(line.sku, 0) + line.quantity
    basket = pricing.price(
        session,
        list(merged.items()),
        customer_number=new.customer_number,
        at=clock.now(),
        channel="till",
        code=new.promotion_code,
    )
    adviser = _adviser(session, new, location)
    lines = frozen(basket, new, adviser)
    made_at = clock.now()
    offer = CounterOffer(
        id=new_id(),
        offer_id=new.offer_id,
        digest=new.digest(),
        ref=reference(counter_offers.PREFIX),
        token=secret_token(),
        location=location,
        device=device,
        cashier=new.cashier,
        adviser=adviser.name if adviser else "",
        customer_number=new.customer_number,
        price_group=basket.price_group,
        name=new.name.strip(),
        email=new.email.strip(),
        address=dict(new.address or {}),
        language=new.language,
        note=new.note.strip(),
        lines=lines,
        total_minor=sum(line["line_minor"] for line in lines),
        held=new.hold,
        made_at=made_at,
        valid_until_at=_until(made_at, new.days),
        renews=renews,
    )
    if offer.total_minor <= 0:
        raise Invalid("offer", fields=["lines"])
    session.add(offer)
    session.flush()
    if offer.held:
        _put_aside(session, offer)
    events.record(session, OfferMade(offer_ref=offer.ref, what="offered"))
    return offer


def _until(made_at: datetime, days: int) -> datetime:
    """Return the end of the last day, in Berlin."""
    last = clock.berlin(made_at) + timedelta(days=days)
    return last.replace(hour=23, minute=59, second=59, microsecond=0).astimezone(UTC)


def _adviser(session: Session, new: NewOffer, location: str) -> cashiers.Cashier | None:
    return cashiers.by_code(session, new.cashier, location) if new.cashier else None


def _put_aside(session: Session, offer: CounterOffer) -> None:
    """Hold the goods where the router would send them from, until the offer is over."""
    decision = plan(session, offer, None)
    if not decision.complete:
        raise Refused("stock_short", short=_short(decision))
    ids = {line["sku"]: uuid.UUID(line["line_id"]) for line in offer.lines}
    reservations.place(
        session,
        order_ref=offer.ref,
        wants=[
            Want(ids[part.sku], part.sku, part.location, part.quantity)
            for part in decision.assignments
        ],
        expires_at=offer.valid_until_at + terms.HOLD_BEYOND,
    )


def _short(decision: Decision) -> list[dict[str, Any]]:
    return [{"sku": sku, "missing": missing} for sku, missing in sorted(decision.unfilled.items())]


def plan(session: Session, offer: CounterOffer, postal_code: str | None) -> Decision:
    """Return how the router would send an offer's goods.

    Args:
        postal_code: where to; None: to where the customer lives, or the store stands.

    Raises:
        NotFound: ``postal_code``, or ``item`` that is gone.
    """
    where = postal_code or offer.address.get("postal_code")
    if not where:
        where = locations.one(session, offer.location).postal_code
    items = products.items(session, [line["sku"] for line in offer.lines])
    wanted = []
    for line in offer.lines:
        if line["sku"] not in items:
            raise NotFound("item", sku=line["sku"])
        item = items[line["sku"]]
        wanted.append(quoting.line_for(item, line["unit_minor"], line["sku"], line["quantity"]))
    problem = snapshot.problem_for(session, lines=wanted, postal_code=where, now=clock.now())
    return decide(problem)


class _Undone(Exception):
    """What was looked at is not to be kept."""


def preview(token: str, postal_code: str | None) -> Decision:
    """Return how an offer's goods would come now; what is put aside for it counts as free.

    Raises:
        as `plan`.
    """
    decision: Decision | None = None
    try:
        with transaction() as session:
            offer = counter_offers.by_token(session, token)
            if offer.held:
                reservations.release(session, offer.ref)
            decision = plan(session, offer, postal_code)
            raise _Undone
    except _Undone:
        if decision is None:
            raise
        return decision


def shipping_minor(offer: CounterOffer) -> int:
    """Return what delivery of an offer costs, minor units."""
    return terms.shipping_minor(offer.total_minor)


def buy(token: str, buyer: Buyer) -> Bought:
    """Order what was offered, at its prices. A second press of the button is the same order.

    Raises:
        Invalid: ``buyer``.
        NotFound: ``counter_offer``, or ``item`` that is gone.
        Refused: ``offer_expired``, ``offer_withdrawn``; ``stock_short``: nothing is ordered then,
            and what was put aside stays so.
    """
    buyer.checked()
    with transaction() as session:
        offer = counter_offers.by_token(session, token, lock=True)
        if offer.order_ref is not None:
            standing = orders.by_ref(session, offer.order_ref)
            return Bought(standing.ref, standing.token)
        state = counter_offers.state(offer)
        if state != "open":
            raise Refused(f"offer_{state}", ref=offer.ref)
        if offer.held:
            reservations.release(session, offer.ref)
        decision = plan(session, offer, buyer.postal_code)
        if not decision.complete:
            raise Refused("stock_short", short=_short(decision))
        ordered = _order(session, offer, buyer, decision)
        offer.order_ref, offer.ordered_at = ordered.order_ref, clock.now()
        orders.note(
            session, ordered.order_ref, "offer_bought", "customer",
            offer=offer.ref, location=offer.location, adviser=offer.adviser,
        )  # fmt: skip
        events.record(session, OrderPlaced(order_ref=ordered.order_ref))
        return ordered


def _order(session: Session, offer: CounterOffer, buyer: Buyer, decision: Decision) -> Bought:
    items = products.items(session, [line["sku"] for line in offer.lines])
    lines = [
        orders.NewLine(
            sku=line["sku"],
            title=line["title"],
            quantity=line["quantity"],
            unit_minor=line["unit_minor"],
            vat_basis_points=items[line["sku"]].vat_basis_points,
            weight_grams=items[line["sku"]].weight_grams,
            longest_mm=items[line["sku"]].longest_mm,
            shipping_group=items[line["sku"]].goods_group,
            key=line["sku"],
            discount_minor=line["discount_minor"],
            promotions=line["promotions"],
        )
        for line in offer.lines
    ]
    order = place_order(
        session,
        orders.Terms(
            channel="web",
            price_group=offer.price_group,
            address=address_of(buyer),
            email=buyer.email.strip(),
            phone=buyer.phone,
            contact_by=buyer.contact_by,
            language=buyer.language,
            customer_number=offer.customer_number,
            shipping_minor=shipping_minor(offer),
            promised_on=decision.arrives_on,
            pay_by_at=clock.now() + terms.PAY_WITHIN,
            device=offer.device,
        ),
        lines,
        decision,
        method="stripe",
    ).order
    return Bought(order.ref, order.token)


def again(ref: str) -> CounterOffer:
    """Quote an expired offer again, at the prices of now; the letter goes out again.

    A second call returns the same new offer. Discounts by hand are not repeated: nobody is there
    to give them. Stock is put aside no more.

    Raises:
        NotFound: ``counter_offer``; also where it is forgotten whose it was.
        Refused: ``offer_open``: it still stands, or was ordered; ``not_sellable``, ``no_price``.
    """
    with transaction() as session:
        old = counter_offers.by_ref(session, ref, lock=True)
        if not old.email:
            raise NotFound("counter_offer")
        if counter_offers.state(old) != "expired":
            raise Refused("offer_open", ref=old.ref)
        known = counter_offers.renewal(session, old)
        if known is not None:
            return known
        new = NewOffer(
            offer_id=f"again/{old.ref}",
            lines=[Wish(line["sku"], line["quantity"]) for line in old.lines],
            name=old.name,
            email=old.email,
            days=AGAIN_DAYS,
            note=old.note,
            customer_number=old.customer_number,
            address=old.address,
            language=old.language,
        )
        offer = _make(session, old.location, old.device, new, renews=old.ref)
        offer.cashier, offer.adviser = old.cashier, old.adviser
        return offer


def withdraw(ref: str, *, by: str, why: str) -> CounterOffer:
    """Take an open offer back: what was put aside is free again, and the customer is told.

    Whoever offers is bound by it (BGB § 145); this is for what was a mistake or is wanted no more,
    so it asks for a reason. A second call changes nothing.

    Raises:
        Invalid: ``reason``: none was given.
        NotFound: ``counter_offer``.
        Refused: ``offer_expired``; ``offer_ordered``: it is the customer's order now.
    """
    if not why.strip():
        raise Invalid("reason")
    with transaction() as session:
        offer = counter_offers.by_ref(session, ref, lock=True)
        state = counter_offers.state(offer)
        if state == "withdrawn":
            return offer
        if state != "open":
            raise Refused(f"offer_{state}", ref=offer.ref)
        if offer.held:
            reservations.release(session, offer.ref)
            offer.held = False
        offer.withdrawn_at, offer.withdrawn_by = clock.now(), by
        offer.withdrawn_why = why.strip()[:_LONGEST_REASON]
        events.record(session, OfferMade(offer_ref=offer.ref, what="withdrawn"))
        return offer


def on_shortage(session: Session, event: ShortageOpened) -> None:
    """Tell who was offered something that its goods are sold; the price stands (handler)."""
    if not counter_offers.known(session, event.order_ref):
        return
    offer = counter_offers.by_ref(session, event.order_ref, lock=True)
    for gap in shortages.open_for(session, offer.ref, lock=True):
        shortages.resolve(session, gap.id, "told")
    if not offer.held or offer.order_ref is not None:
        return
    # One part of it is gone: the rest alone is not what was offered.
    reservations.release(session, offer.ref)
    offer.held = False
    session.flush()
    events.record(session, OfferMade(offer_ref=offer.ref, what="unheld"))
