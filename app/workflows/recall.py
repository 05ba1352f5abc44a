"""Call goods back: put them aside, tell everybody who bought some once, count who is unknown.

1. `call_back` marks the goods and puts aside what can be reached (`fulfilment.tracing.recalls`).
2. `tell_buyers` finds the buyers of web and store by the movements, and writes to each of them
   once, or asks a store to call where they prefer that.
3. Receipts without a customer number are counted; for them there is the notice on the door.
4. `finish` closes the recall with what became of the goods.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.messages import calls, letters
from app.messages.letters import OrderFact
from app.messages.models import CallTask, Message
from app.messages.recall_letters import PurchaseFact, RecallLetter
from app.sales import orders, terms
from app.sales.models import Order
from catalog import products
from fulfilment.events import RecalledGoodsSold, RecallOpened
from fulfilment.places import locations
from fulfilment.tracing import recall_reach, recalls
from fulfilment.tracing.recall_reach import Aside, Handed
from fulfilment.tracing.recalls import Gathered, RecallView
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError
from loyalty import customers
from loyalty.customers import CustomerView


@dataclass(frozen=True)
class Purchase:
    """Units that an order took and that have not all come back."""

    order: Order
    units: int
    lots: tuple[str, ...]
    certain: bool


@dataclass
class Buyer:
    """Somebody who bought goods of a recall; `key` is the customer number or the mail address."""

    key: str
    name: str
    email: str | None
    phone: str | None
    calls: bool
    language: str
    home: str | None
    purchases: list[Purchase] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    """How far a recall has come. Units out are those that customers still have."""

    recall: RecallView
    aside: list[Aside]
    units_out: int
    returned: int
    written: list[Message]
    called: list[CallTask]
    to_call: list[CallTask]
    untold: list[Buyer]
    unknown: list[Purchase]

    @property
    def quarantined(self) -> int:
        """Units put aside, of all locations."""
        return sum(row.quarantined for row in self.aside)


def call_back(
    sku: str, lots: Sequence[str] | None, *, reason: str, actor: str
) -> tuple[RecallView, Gathered]:
    """Open a recall; its buyers are told by the event that it leaves behind.

    Raises:
        Invalid, Refused: as `fulfilment.tracing.recalls.open_`.
        NotFound: ``item``.
    """
    with transaction() as session:
        products.item(session, sku)
        view, gathered = recalls.open_(session, sku=sku, lots=lots, reason=reason, actor=actor)
        _note(session, view, gathered, actor)
        return view, gathered


def gather(recall_id: uuid.UUID, *, actor: str) -> Gathered:
    """Put aside what people had in hand when the recall was opened."""
    with transaction() as session:
        gathered = recalls.gather(session, recall_id, actor=actor)
        _note(session, recalls.one(session, recall_id), gathered, actor)
        return gathered


def gather_open() -> None:
    """Put aside what can be reached of every open recall (the scheduler's duty)."""
    with reading() as session:
        open_ = [view.id for view in recalls.listed(session) if view.closed_at is None]
    for recall_id in open_:
        gather(recall_id, actor="kontor")


def finish(recall_id: uuid.UUID, *, result: str, actor: str) -> RecallView:
    """Close a recall with what became of the goods; raises as `tracing.recalls.close`."""
    with transaction() as session:
        return recalls.close(session, recall_id, result=result, actor=actor)


def _note(session: Session, view: RecallView, gathered: Gathered, actor: str) -> None:
    lost: dict[str, int] = {}
    for loss in gathered.lost:
        lost[loss.order_ref] = lost.get(loss.order_ref, 0) + loss.quantity
    for ref, units in lost.items():
        orders.note(
            session, ref, "recalled", actor, sku=view.sku, quantity=units, recall=view.document
        )


def tell_buyers(session: Session, event: RecallOpened | RecalledGoodsSold) -> None:
    """Write to each buyer once, or have them called (handler of both events)."""
    view = recalls.one(session, uuid.UUID(event.recall_id))
    found, _ = buyers(session, view)
    places = locations.by_code(session)
    title = products.item(session, view.sku)
    for buyer in found:
        letter = _letter(view, buyer, title.title(buyer.language), places)
        latest = buyer.purchases[-1].order
        key = _key(view, buyer)
        if buyer.calls and buyer.phone:
            calls.ask_for(
                session,
                letter.order,
                location=buyer.home or latest.location or locations.first_store(session),
                kind="recall",
                facts=letters.stored_facts(letter),
                due_at=clock.now() + terms.TELL_WITHIN,
                key=key,
            )
        else:
            letters.write(session, letter, key=key)


def _key(view: RecallView, buyer: Buyer) -> str:
    return f"recall/{view.number}/{buyer.key}"[:128]


def buyers(session: Session, view: RecallView) -> tuple[list[Buyer], list[Purchase]]:
    """Return who bought goods of a recall and has some still, and purchases of nobody we know."""
    found: dict[str, Buyer] = {}
    unknown: list[Purchase] = []
    for purchase in _purchases(session, recall_reach.handed(session, view)):
        buyer = _buyer(session, purchase.order)
        if buyer is None:
            unknown.append(purchase)
        else:
            found.setdefault(buyer.key, buyer).purchases.append(purchase)
    return list(found.values()), unknown


def _purchases(session: Session, handed: Iterable[Handed]) -> list[Purchase]:
    """Join what left on an order or receipt with what came back on it, oldest first."""
    rows = list(handed)
    documents = [row.document for row in rows]
    query = select(Order).where(or_(Order.ref.in_(documents), Order.receipt_number.in_(documents)))
    by_document: dict[str, Order] = {}
    for order in session.scalars(query):
        by_document[order.ref] = order
        if order.receipt_number:
            by_document[order.receipt_number] = order
    # A receipt and the order that it stands for are two documents of one purchase.
    joined: dict[uuid.UUID, list[Handed]] = {}
    for row in rows:
        if row.document in by_document:
            joined.setdefault(by_document[row.document].id, []).append(row)
    return [
        Purchase(
            by_document[parts[0].document],
            units,
            tuple(sorted({lot for row in parts for lot in row.lots if row.units})),
            any(row.certain for row in parts),
        )
        for parts in joined.values()
        if (units := sum(row.units - row.returned for row in parts)) > 0
    ]


def _buyer(session: Session, order: Order) -> Buyer | None:
    known: CustomerView | None = None
    if order.customer_number:
        try:
            known = customers.by_number(session, order.customer_number)
        except KontorError:
            known = None
    if known is not None:
        return Buyer(
            key=known.number,
            name=known.name,
            email=order.email or known.email or None,
            phone=order.phone or known.phone,
            calls=known.contact_by == "call",
            language=known.language,
            home=known.home_location,
        )
    if not order.email and not order.phone:
        return None
    return Buyer(
        key=(order.email or order.phone or "").lower(),
        name=str(order.address.get("name", "")),
        email=order.email,
        phone=order.phone,
        calls=order.contact_by == "call" or not order.email,
        language=order.language,
        home=None,
    )


def _letter(
    view: RecallView, buyer: Buyer, title: str, places: Mapping[str, locations.Location]
) -> RecallLetter:
    latest = buyer.purchases[-1].order
    return RecallLetter(
        OrderFact(
            ref=latest.ref,
            token=latest.token,
            email=buyer.email,
            phone=buyer.phone,
            language=buyer.language,
            address={**latest.address, "name": buyer.name},
            placed_at=latest.placed_at,
            promised_on=latest.promised_on,
            shipping_minor=latest.shipping_minor,
            total_minor=latest.total_minor,
        ),
        number=view.number,
        sku=view.sku,
        title=title,
        lots=tuple(view.lots or ()),
        reason=view.reason,
        purchases=tuple(
            PurchaseFact(
                document=one.order.receipt_number or one.order.ref,
                bought_on=_day(one.order),
                quantity=one.units,
                store=places[one.order.location].name if one.order.location else None,
                lots=one.lots,
                certain=one.certain,
            )
            for one in buyer.purchases
        ),
    )


def _day(order: Order) -> date:
    return clock.berlin(order.placed_at).date()


def progress(session: Session, recall_id: uuid.UUID) -> Progress:
    """Return how far a recall has come.

    Raises:
        NotFound: ``recall``.
    """
    view = recalls.one(session, recall_id)
    handed = recall_reach.handed(session, view)
    found, unknown = buyers(session, view)
    begins = f"recall/{view.number}/"
    written = session.scalars(
        select(Message).where(Message.kind == "recall", Message.key.startswith(begins))
    ).all()
    tasks = session.scalars(
        select(CallTask).where(CallTask.kind == "recall", CallTask.key.startswith(begins))
    ).all()
    told = {row.key for row in (*written, *tasks)}
    returned = sum(row.returned for row in handed)
    return Progress(
        recall=view,
        aside=recall_reach.aside(session, view),
        units_out=sum(row.units for row in handed) - returned,
        returned=returned,
        written=list(written),
        called=[task for task in tasks if task.done_at is not None],
        to_call=[task for task in tasks if task.done_at is None],
        untold=[buyer for buyer in found if _key(view, buyer) not in told],
        unknown=unknown,
    )
