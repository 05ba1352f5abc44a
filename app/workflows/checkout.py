"""Checkout: place an order, take its payment, confirm it; or let it lapse.

1. `place` runs the router once more and reserves at the locations of its plan, with a deadline.
2. `open_payment` asks the provider for a page: intent committed, call, outcome committed.
3. `settle` confirms: reservations become allocations, fulfilment orders open. The webhook, the
   return page and the sweeper all end here, in any order and any number of times.
4. `lapsing.lapse_due` closes the provider's page before it frees the stock.

What is paid on collection has no payment yet: it is confirmed as it is placed, within the limits of
`collect_terms`, and paid with the till's document that hands it over (`till.collected`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import OrderPlaced
from app.payments import charges
from app.payments.stripe_gateway import gateway
from app.sales import collect_terms, orders, plain_baskets, store_holds, terms
from app.sales.models import Order
from app.sales.plain_baskets import Held
from app.workflows import confirm_at_once, openings, pending, pricing, quoting, tenders
from app.workflows.buyers import Buyer, address_of
from app.workflows.confirm import confirm
from app.workflows.openings import Opening
from app.workflows.placing import PlacedOrder, place_order
from app.workflows.quoting import Quote
from catalog import promotion_uses, stamps
from fulfilment.claims import reservations
from fulfilment.places import locations
from kit import clock, events
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from kit.plain import ClosingFailed, Plain, close_with

_TRIES = 3


@dataclass(frozen=True)
class Shown:
    """What the customer had before their eyes: quantity and sum of each SKU, and the last day."""

    lines: Mapping[str, tuple[int, int]]
    arrives_on: date | None = None


@dataclass(frozen=True)
class Expected:
    """What an order has to come to, as far as it was shown; None: nobody has said."""

    total_minor: int | None
    card_minor: int | None
    shown: Shown | None


@dataclass(frozen=True)
class Placed:
    """The way to an order: its reference and the token of its secret link.

    `opening` is there where the order was placed just now and has to be paid.
    """

    order_ref: str
    token: str
    opening: Opening | None = field(default=None, compare=False)


def place(
    basket_token: str,
    buyer: Buyer,
    expected_total_minor: int | None = None,
    expected_card_minor: int | None = None,
    shown: Shown | None = None,
) -> Placed:
    """Order what is in a basket. A second call for the same basket returns the same order.

    What the basket's gift card pays is taken off it at once; an order that it pays whole is
    confirmed in the same transaction.

    Args:
        expected_total_minor: what the customer was shown; a different total is refused.
        expected_card_minor: and what the gift card was to pay of it.
        shown: and which goods, by when; other ones, or a later day, are refused.

    Raises:
        Invalid: the buyer's facts or a quantity are wrong.
        NotFound: ``basket``, also for one that a store has put aside.
        Refused: ``basket_empty``, ``total_changed``, ``lines_changed``, ``promise_later``,
            ``stock_short`` (with what is left), ``need_by_missed`` (with the earliest day),
            ``age_at_counter`` (with the SKUs that no parcel takes) or ``collect_unpaid`` (not to be
            paid on collection, with the limits); nothing is ordered then.
    """
    buyer.checked()
    expected = Expected(expected_total_minor, expected_card_minor, shown)
    for attempt in range(_TRIES):
        try:
            # The first time the goods are held by the last statement, so that a place that
            # everybody wants is locked for a moment; where they are not simply free, once more.
            return _place(basket_token, buyer, expected, hold_last=attempt == 0)
        except ClosingFailed as failed:
            if not reservations.refused_at_once(failed):
                raise
        except Refused as refusal:
            # Somebody else was quicker at one place: plan once more with what is left.
            if refusal.code != "stock_short" or attempt == _TRIES - 1 or "planned" in refusal.facts:
                raise
    raise AssertionError("unreachable")


def _place(
    basket_token: str,
    buyer: Buyer,
    expected: Expected,
    *,
    hold_last: bool,
) -> Placed:
    with transaction() as session:
        basket = plain_baskets.hold(session, basket_token)
        if basket.order_ref:
            if store_holds.known(session, basket.order_ref):
                raise NotFound("basket")
            standing = orders.by_ref(session, basket.order_ref)
            return Placed(standing.ref, standing.token)
        wanted, stamp = plain_baskets.contents(session, basket.id, stamps.CHANGED)
        if not wanted:
            raise Refused("basket_empty")
        stamps.read_here(session, stamp)
        quote = quoting.quote(
            session,
            wanted,
            customer_number=basket.customer_number,
            postal_code=buyer.postal_code,
            at=clock.now(),
            need_by_on=buyer.need_by_on,
            need_by_hard=not buyer.need_by_soft,
            collect_at=_store(session, buyer),
            channel=basket.channel,
            code=basket.promotion_code,
        )
        # At the counter a gift card is one of the tenders.
        by_card = (
            0
            if buyer.pay_on_collection
            else tenders.card_pays(session, basket.gift_card_id, quote.total_minor)
        )
        if buyer.collect_at is None and quote.counter_only:
            raise Refused("age_at_counter", skus=list(quote.counter_only))
        _check(quote, by_card, expected)
        if buyer.pay_on_collection:
            _check_unpaid(session, basket, buyer, quote)
        # What is paid is confirmed at once, and for that the goods have to be held by now.
        hold_last = hold_last and by_card != quote.total_minor and not buyer.pay_on_collection
        made = _create(session, basket, buyer, quote, by_card, hold_last=hold_last)
        promotion_uses.use(
            session,
            pricing.saved(quote.basket),
            order_ref=made.order.ref,
            customer_number=basket.customer_number,
        )
        if by_card and basket.gift_card_id is not None:
            _pay_by_card(session, made.order, basket.gift_card_id, by_card)
        if buyer.pay_on_collection:
            confirm(session, orders.by_ref(session, made.order.ref))
        return Placed(made.order.ref, made.order.token, openings.of(made))


def _pay_by_card(session: Session, placed: Order, card_id: UUID, by_card: int) -> None:
    order = orders.by_ref(session, placed.ref)
    tenders.take_from_card(
        session, order, card_id, by_card, actor="customer", key=f"order/{order.ref}"
    )
    if by_card == order.total_minor:
        tenders.capture_cards(session, order)
        confirm(session, order)


def _check_unpaid(session: Session, basket: Held, buyer: Buyer, quote: Quote) -> None:
    if buyer.collect_at is None:
        raise Invalid("buyer", fields=["collect_at"])
    collect_terms.check(
        session,
        buyer.collect_at,
        total_minor=quote.total_minor,
        email=buyer.email,
        customer_number=basket.customer_number,
    )


def _store(session: Session, buyer: Buyer) -> str | None:
    """Return where the goods are collected; goods are collected in stores.

    Raises:
        NotFound: ``location``.
    """
    if buyer.collect_at is None:
        return None
    place = locations.one(session, buyer.collect_at)
    if place.kind != "store":
        raise NotFound("location", location=buyer.collect_at)
    return place.code


def _check(quote: Quote, by_card: int, expected: Expected) -> None:
    decision = quote.planned
    if not decision.complete:
        late = {e.location for e in decision.exclusions if e.rule == "too_late"}
        if decision.need_by_on and late:
            earliest = min(
                (e.arrives_on for e in decision.exclusions if e.arrives_on is not None),
                default=None,
            )
            raise Refused("need_by_missed", earliest_on=earliest and earliest.isoformat())
        short = [
            {"sku": sku, "missing": missing} for sku, missing in sorted(decision.unfilled.items())
        ]
        raise Refused("stock_short", short=short, planned=True)
    if expected.total_minor not in {None, quote.total_minor} or (
        expected.card_minor not in {None, by_card}
    ):
        raise Refused("total_changed", shown=expected.total_minor, total_minor=quote.total_minor)
    if expected.shown is None:
        return
    if {line.sku: (line.quantity, line.line_minor) for line in quote.basket.lines} != dict(
        expected.shown.lines
    ):
        raise Refused("lines_changed")
    said, day = expected.shown.arrives_on, decision.arrives_on
    if said is not None and day is not None and day > said:
        raise Refused("promise_later", arrives_on=day.isoformat())


def _create(
    session: Session,
    basket: Held,
    buyer: Buyer,
    quote: Quote,
    by_card: int,
    *,
    hold_last: bool,
) -> PlacedOrder:
    decision = quote.planned
    lines = [
        orders.NewLine(
            sku=line.sku,
            title=quote.basket.items[line.sku].title(buyer.language),
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            vat_basis_points=line.vat_basis_points,
            weight_grams=quote.basket.items[line.sku].weight_grams,
            longest_mm=quote.basket.items[line.sku].longest_mm,
            shipping_group=quote.basket.items[line.sku].goods_group,
            key=line.sku,
            discount_minor=line.discount_minor,
            promotions=pricing.as_stored(line),
        )
        for line in quote.basket.lines
    ]
    agreed = orders.Terms(
        channel=basket.channel,
        price_group=quote.basket.price_group,
        address=address_of(buyer),
        email=buyer.email.strip(),
        phone=buyer.phone,
        contact_by=buyer.contact_by,
        language=buyer.language,
        customer_number=basket.customer_number,
        shipping_minor=quote.shipping_minor,
        need_by_on=buyer.need_by_on,
        collect_at=buyer.collect_at,
        pay_on_collection=buyer.pay_on_collection,
        promised_on=decision.arrives_on,
        pay_by_at=None if buyer.pay_on_collection else clock.now() + terms.PAY_WITHIN,
        basket_id=basket.id,
    )
    return place_order(
        session,
        agreed,
        lines,
        decision,
        method="stripe",
        hold_last=hold_last,
        besides_minor=quote.total_minor if buyer.pay_on_collection else by_card,
        also=lambda order: [events.made(session, OrderPlaced(order_ref=order.ref))],
        along=lambda order: plain_baskets.ordered(basket.id, order.ref),
    )


def open_payment(
    order_ref: str, *, return_url: str, cancel_url: str, opening: Opening | None = None
) -> str:
    """Return the address of the provider's payment page for a placed order.

    Args:
        return_url: where the provider sends the customer after paying.
        cancel_url: where it sends one who turns back.
        opening: of an order that was placed just now; None asks how it stands.

    Raises:
        Refused: ``order_state`` when there is nothing left to pay.
        OutcomeUnknown: the provider did not answer; asking again is safe.
    """
    opening = opening or openings.asked_again(order_ref)
    if isinstance(opening, str):
        return opening
    opened = gateway().open_checkout(
        payment_ref=str(opening.payment_id),
        order_ref=order_ref,
        lines=opening.lines,
        shipping_minor=opening.shipping_minor,
        total_minor=opening.amount_minor,
        currency=opening.currency,
        customer_email=opening.email,
        success_url=return_url,
        cancel_url=cancel_url,
        expires_at=None,
        idempotency_key=f"checkout/{opening.payment_id}",
        locale=opening.language,
    )
    with transaction() as session:
        close_with(session, charges.opening(opening.payment_id, opened.session_id, opened.url))
    return opened.url


def settle_session(session_id: str) -> str | None:
    """Ask the provider how a payment page stands and act on it; for the return page and sweepers.

    Returns:
        The order's reference, or None when the page belongs to none of our payments.
    """
    facts = gateway().fetch_checkout(session_id)
    with reading() as session:
        payment = charges.by_session(session, session_id)
    if payment is None:
        return None
    if facts.paid:
        settle(str(payment.id), facts.amount_minor, facts.payment_intent or "")
    elif facts.asked_the_bank:
        pending.begin(str(payment.id))
    return payment.order_ref


def settle(payment_ref: str, captured_minor: int, intent: str, also: Plain | None = None) -> bool:
    """Book a captured payment and confirm its order, once, whoever says so and how often.

    Args:
        payment_ref: id of our payment, as we gave it to the provider.
        captured_minor: what the provider says it has captured, minor units.
        intent: the provider's id of the payment.
        also: a statement that may hold or fall with it.

    Returns:
        Whether `also` was done; it is not where there was more to see to, or nothing at all.

    Raises:
        NotFound: ``payment``.
        Refused: ``amount_differs`` when the provider captured another sum than we asked for.
    """
    if confirm_at_once.settled(payment_ref, captured_minor, intent, also):
        return also is not None
    with transaction() as session:
        order, payment = pending.both_locked(session, payment_ref)
        if payment.state == "captured":
            return False
        charges.capture(session, payment, captured_minor, intent)
        orders.note(session, order.ref, "payment_captured", "kontor", amount_minor=captured_minor)
        alone = payment.amount_minor == order.total_minor
        if alone or tenders.capture_cards(session, order):
            _count_again(session, order)
            confirm(session, order)
            return False
        # The order had lapsed, and the gift card was spent since: the rest alone buys nothing.
        orders.note(session, order.ref, "gift_card_gone", "kontor", amount_minor=captured_minor)
        key = f"gift_card_gone/{order.ref}"
        tenders.give_back(session, order, captured_minor, cause="gift_card_gone", key=key)
    return False


def _count_again(session: Session, order: Order) -> None:
    """Count the promotions of an order that had lapsed: its price stands, even beyond a limit."""
    if order.state == "lapsed":
        over = promotion_uses.use_again(session, order.ref)
        if over:
            orders.note(session, order.ref, "promotion_over_limit", "kontor", promotions=over)
