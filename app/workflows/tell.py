"""Tell the customer: by the channel they prefer, from facts, never twice, never not at all."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import DebitAsked, OrderConfirmed, OrderLapsed, OrderPlaced
from app.i18n import formats
from app.legal import pages as legal_pages
from app.legal import retailers
from app.messages import calls, letters, notices, quiet
from app.messages.letters import LaterFact, LineFact, OrderFact, ParcelFact, SplitLetter
from app.messages.models import CallTask
from app.payments import charges
from app.sales import orders, terms, worth
from app.sales.models import Order, OrderLine
from app.workflows import coming_parcels
from fulfilment.events import ShipmentDispatched
from fulfilment.outbound import shipments
from fulfilment.places import locations
from fulfilment.routing import snapshot
from kit import clock
from loyalty import customers

Told = Mapping[UUID, tuple[int, date]]


def order_placed(session: Session, event: OrderPlaced) -> None:
    """Confirm receipt of the order at once (section 312i BGB)."""
    order = orders.by_ref(session, event.order_ref)
    lines = line_facts(orders.lines_of(session, order))
    decision = snapshot.latest(session, order.ref)
    letter = letters.OrderPlacedLetter(
        order_fact(session, order), lines, parcels=coming_parcels.planned(decision)
    )
    papers = legal_papers(session, order)
    letters.write(session, letter, key=f"order_placed/{order.ref}", attachments=papers)


def legal_papers(session: Session, order: Order) -> list[dict[str, object]]:
    """Return the terms and the notice of withdrawal as they were when the order was placed.

    They go with its confirmation as files: a link would be no durable medium (section 312f (2) BGB,
    CJEU C-49/11).
    """
    seller = retailers.in_force(session, order.placed_at)
    with formats.spoken(order.language):
        facts = legal_pages.facts_for(
            seller,
            phone=formats.phone(seller.phone),
            shipping=formats.money(terms.SHIPPING_MINOR),
            free_from=formats.money(terms.FREE_SHIPPING_FROM_MINOR),
            site=letters.site(order.language),
        )
    return [
        {
            "kind": "legal",
            "page": page,
            "version": legal_pages.standing(session, page, order.placed_at).version,
            "language": order.language,
            "facts": facts,
        }
        for page in legal_pages.SENT_WITH_ORDER
    ]


def debit_asked(session: Session, event: DebitAsked) -> None:
    """Say that the bank was asked, and until when it is waited for; silent where it has answered.

    The amount and the day are announced by whoever collects it, the payment provider.
    """
    order = orders.by_ref(session, event.order_ref)
    paid = charges.all_of_order(session, order.ref)
    pending = [one for one in paid if one.state == "pending"]
    if order.state != "placed" or not pending or order.pay_by_at is None:
        return
    letter = letters.DebitAskedLetter(
        order_fact(session, order),
        line_facts(orders.lines_of(session, order)),
        amount_minor=sum(one.amount_minor for one in pending),
        until_on=clock.berlin(order.pay_by_at).date(),
    )
    letters.write(session, letter, key=f"debit_asked/{order.ref}")


def order_confirmed(session: Session, event: OrderConfirmed) -> None:
    """Say that the money is here and what comes from where."""
    order = orders.by_ref(session, event.order_ref)
    # What is paid on collection was confirmed with its receipt: no money has come.
    if order.state not in {"confirmed", "completed"} or order.pay_on_collection:
        return
    lines = orders.lines_of(session, order)
    parcels = tuple(_parcels(session, order, lines))
    letter = letters.OrderConfirmedLetter(order_fact(session, order), line_facts(lines), parcels)
    key = f"order_confirmed/{order.ref}"
    message = letters.write(session, letter, key=key)
    if len(parcels) > 1:
        # That several parcels come is owed to be told from the first day on.
        due_at = quiet.reachable(clock.now()) + terms.TELL_WITHIN
        notices.open_(
            session, order.ref, kind=letter.kind, parcels=len(parcels), due_at=due_at, key=key,
            message=message,
        )  # fmt: skip


def order_lapsed(session: Session, event: OrderLapsed) -> None:
    """Say that the order was closed unpaid; money that came after all has made it untrue."""
    order = orders.by_ref(session, event.order_ref)
    if order.state != "lapsed":
        return
    letter = letters.OrderLapsedLetter(
        order_fact(session, order), line_facts(orders.lines_of(session, order))
    )
    letters.write(session, letter, key=f"order_lapsed/{order.ref}")


def order_later(
    session: Session, order_ref: str, told: Told, *, sends: Sequence[str], here: bool, key: str
) -> None:
    """Say that what the customer waits for arrives later than they were told.

    Args:
        told: by line id: how many units it is about, and the day that was said before; the lines
            have their new day already.
        sends: codes of the locations that will send them.
        here: whether the goods are there now.
        key: names the cause once.
    """
    order = orders.by_ref(session, order_ref)
    later = tuple(
        LaterFact(line.sku, line.title, *told[line.id], line.promised_on)
        for line in orders.lines_of(session, order)
        if line.id in told and line.promised_on
    )
    letter = letters.LaterLetter(*standing(session, order), later, here)
    tell_change(session, order, letter, f"later/{key}", sends, noted="later_told")


def order_changed(
    session: Session, order_ref: str, told: Told, *, sends: Sequence[str], key: str
) -> None:
    """Say that somebody here sends the order otherwise: in how many parcels, from where, when.

    Args:
        told: as for `order_later`; empty when every day is kept.
        sends: codes of the locations that send something.
        key: names the cause once.
    """
    order = orders.by_ref(session, order_ref)
    later = tuple(
        LaterFact(line.sku, line.title, *told[line.id], line.promised_on)
        for line in orders.lines_of(session, order)
        if line.id in told and line.promised_on
    )
    letter = letters.ChangedLetter(*standing(session, order), later)
    tell_change(session, order, letter, f"changed/{key}", sends, noted="changed_told")


def standing(
    session: Session, order: Order
) -> tuple[OrderFact, tuple[ParcelFact, ...], tuple[LineFact, ...], int]:
    """What there is to say of an order as it stands: its parcels, what is cancelled, the refund."""
    lines = orders.lines_of(session, order)
    cancelled = tuple(
        LineFact(line.sku, line.title, line.cancelled, worth.cancelled(line))
        for line in lines
        if line.cancelled
    )
    parcels = tuple(_parcels(session, order, lines))
    return order_fact(session, order), parcels, cancelled, orders.not_delivered_minor(order, lines)


def tell_change(
    session: Session,
    order: Order,
    letter: SplitLetter,
    key: str,
    sends: Sequence[str],
    *,
    noted: str,
) -> None:
    """Have the customer called before a deadline where they prefer that, else write the letter.

    Either way it is a notice: owed until the message has left or the call was made.

    Args:
        session: the open transaction.
        order: whose customer.
        letter: what there is to say.
        key: names the cause once.
        sends: codes of the locations that send something; the first store of them calls.
        noted: the entry of the timeline for a letter.
    """
    due_at = quiet.reachable(clock.now()) + terms.TELL_WITHIN
    message, task = None, None
    if order.phone and (order.contact_by == "call" or not order.email):
        if letters.admits(session, letter, key=key):
            task = _ask_for_call(session, order, letter, key, sends, due_at)
    else:
        message = letters.write(session, letter, key=key)
        orders.note(session, order.ref, noted, "kontor", parcels=len(letter.parcels))
    notices.open_(
        session,
        order.ref,
        kind=letter.kind,
        parcels=len(letter.parcels),
        due_at=due_at,
        key=key,
        message=message,
        call=task,
    )


def _ask_for_call(
    session: Session,
    order: Order,
    letter: SplitLetter,
    key: str,
    sends: Sequence[str],
    due_at: datetime,
) -> CallTask:
    task = calls.ask_for(
        session,
        letter.order,
        location=_calling_store(session, order, sends),
        kind=letter.kind,
        facts=letters.stored_facts(letter),
        due_at=due_at,
        key=key,
    )
    orders.note(
        session,
        order.ref,
        "call_asked_for",
        "kontor",
        location=task.location,
        due_at=task.due_at.isoformat(),
        parcels=len(letter.parcels),
    )
    return task


def shipment_dispatched(session: Session, event: ShipmentDispatched) -> None:
    """Say what is on its way and what is still to come; who has fetched it needs no letter."""
    order = orders.by_ref(session, event.order_ref)
    lines = orders.lines_of(session, order)
    parcels = coming_parcels.for_order(session, order.ref)
    gone = [view for view in parcels if str(view.shipment_id) == event.shipment_id]
    before = [view for view in parcels if view.shipment_id is not None and view not in gone]
    if any(view.kind == "collect" for view in gone):
        return
    open_ = [view for view in parcels if view.shipment_id is None]
    letter = letters.ShippedLetter(
        order_fact(session, order),
        tuple(_facts(session, gone, lines)),
        tuple(_facts(session, open_, lines)),
        tuple(_facts(session, before, lines)),
    )
    letters.write(session, letter, key=f"shipped/{event.shipment_id}")


def order_fact(session: Session, order: Order) -> OrderFact:
    """Return what letters say of an order."""
    return OrderFact(
        ref=order.ref,
        token=order.token,
        email=order.email,
        phone=order.phone,
        language=order.language,
        address=order.address,
        placed_at=order.placed_at,
        promised_on=order.promised_on,
        shipping_minor=order.shipping_minor,
        total_minor=order.total_minor,
        collect_in=locations.one(session, order.collect_at).name if order.collect_at else None,
        contact_by=order.contact_by,
        to_pay_minor=orders.to_pay_minor(order, orders.lines_of(session, order))
        if order.pay_on_collection
        else 0,
    )


def line_facts(lines: Sequence[OrderLine]) -> tuple[LineFact, ...]:
    """Return what letters say of order lines."""
    return tuple(LineFact(line.sku, line.title, line.quantity, line.line_minor) for line in lines)


def _parcels(session: Session, order: Order, lines: Sequence[OrderLine]) -> list[ParcelFact]:
    return _facts(session, coming_parcels.for_order(session, order.ref), lines)


def _facts(
    session: Session, views: Sequence[shipments.ParcelView], lines: Sequence[OrderLine]
) -> list[ParcelFact]:
    titles: Mapping[UUID, OrderLine] = {line.id: line for line in lines}
    places = locations.by_code(session)
    return [
        ParcelFact(
            origin=places[view.location].name,
            origin_kind=places[view.location].kind,
            lines=tuple(
                LineFact(part.sku, titles[part.line_id].title, part.quantity) for part in view.lines
            ),
            arrives_on=view.arrives_on,
            handed_over=view.shipment_id is not None,
            tracking_code=view.tracking_code,
            carrier=view.carrier,
            has_card=view.has_card,
            collect=view.kind == "collect",
            age_checked=view.kind == "parcel"
            and any(titles[part.line_id].age_checked for part in view.lines),
        )
        for view in views
    ]


def _calling_store(session: Session, order: Order, sends: Sequence[str]) -> str:
    # The store that the customer knows calls; without one, the store that now sends something.
    if order.customer_number:
        home = customers.by_number(session, order.customer_number).home_location
        if home:
            return home
    places = locations.by_code(session)
    stores = [code for code in sends if places[code].kind == "store"]
    return stores[0] if stores else locations.first_store(session)
