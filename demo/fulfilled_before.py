"""Plays the orders of `ordered_before`: placed, paid, picked, packed, handed over, delivered.

Each step runs at its own time through the workflow that people use, so that figures, orders, mails
and accounts have something to show, and every invariant holds. Mails of those weeks are noted as
sent and not sent again. Payments are made with the Stripe double, so that the office can refund
them; where a real account is set up, nothing is played.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.identity.models import Staff
from app.jobs.deliver import deliver
from app.messages import failures, notices
from app.messages.models import CallTask, Message
from app.payments import charges
from app.payments.stripe_gateway import asking, gateway
from app.sales import baskets, orders
from app.sales.models import Order
from app.workflows import checkout, floor, owed, pickups
from app.workflows.buyers import Buyer
from app.workflows.floor import Worker
from demo import ordered_before, people
from demo.ordered_before import Bygone
from fulfilment.models import FulfilmentOrder, Parcel, StockBalance
from fulfilment.outbound import picking, shipments
from fulfilment.stock import counts, ledger
from kit import clock, events
from kit.database import reading, transaction
from kit.errors import Refused

_ACTOR = "demo"
_PLACE = "Fach A4"
_DELIVERY = "WE-4478"
_HOUR = timedelta(hours=1)
_PAID_AFTER = timedelta(minutes=3)
_HANDED_OVER_BEFORE = timedelta(minutes=40)
_CALLED_AFTER = timedelta(minutes=35)
# RFC 2606: no mail will ever get there.
_NOWHERE = "@posteingang.invalid"
_NO_SUCH_DOMAIN = "550 5.1.2 there is no such domain"


def put_all(start: datetime) -> int:
    """Play the orders, once; return how many web orders of before the start there are.

    Args:
        start: the demo's first instant. What would happen later is left to whoever works there.
    """
    with reading() as session:
        known = session.scalars(select(Order.ref).where(Order.channel == "web")).all()
    if known or not current_app.config["KONTOR"].stripe_api_base:
        return len(known)
    before = _on_hand()
    past = _Past(start)
    played = sum(past.play(one) for one in (*ordered_before.plan(), ordered_before.WAITING))
    _restock(start, before)
    return played


class _Past:
    """The four weeks: plays one order after the other, each step at its time."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        # What the rest of the seed has recorded is left to the workers.
        self.began = datetime.now(UTC)
        self.rows = {row["key"]: row for row in people.customer_rows()}
        with reading() as session:
            hired = session.scalars(select(Staff).where(Staff.location.is_not(None))).all()
        # Who picks where there are pickers, else who stands at the counter.
        rank = {"picker": 0, "cashier": 1, "store_lead": 2}
        self.crew = {
            one.location: Worker(one.name, one.location)
            for one in sorted(hired, key=lambda one: rank[one.role], reverse=True)
            if one.location
        }

    def play(self, one: Bygone) -> bool:
        """Play an order as far as it had come by the start; False: nobody could send it."""
        day = clock.berlin(self.start) - timedelta(days=one.days_ago)
        placed_at = day.replace(hour=one.at.hour, minute=one.at.minute, second=0, microsecond=0)
        with clock.frozen(placed_at):
            ref = self._place(one)
        if ref is None:
            return False
        with self._at(placed_at + _PAID_AFTER):
            if not one.pay_on_collection:
                _pay(ref)
        while job := self._due(ref):
            self._send(job, one)
        self._arrive(ref, one.days)
        return True

    def _place(self, one: Bygone) -> str | None:
        who = self.rows[one.customer]
        buyer = Buyer(
            name=who["name"], email=_typed(who["email"], one), street=who["street"],
            postal_code=who["postal_code"], city=who["city"], phone=who["phone"] or None,
            contact_by=who["contact_by"], language=who["language"], collect_at=one.collect_at,
            pay_on_collection=one.pay_on_collection,
        )  # fmt: skip
        with transaction() as session:
            basket = baskets.open_(session, "web")
            baskets.attach_customer(session, basket, who["number"])
            baskets.add_all(session, basket, list(one.lines))
        try:
            return checkout.place(basket.token, buyer).order_ref
        except Refused:
            return None

    @contextmanager
    def _at(self, instant: datetime) -> Iterator[None]:
        """Do something at an instant, and what follows from it."""
        with clock.frozen(instant):
            yield
            self._hear()

    def _hear(self) -> None:
        """Deliver what was recorded, as a worker would; letters are noted as sent."""
        while True:
            with reading() as session:
                new = session.scalars(
                    select(events.OutboxEvent)
                    .where(
                        events.OutboxEvent.delivered_at.is_(None),
                        events.OutboxEvent.dead_at.is_(None),
                        events.OutboxEvent.due_at >= self.began,
                    )
                    .order_by(events.OutboxEvent.due_at)
                ).all()
            if not new:
                return
            for row in new:
                if row.name == "MessageWritten":
                    _left_by_now(row)
                else:
                    deliver(str(row.id))

    def _due(self, ref: str) -> FulfilmentOrder | None:
        """Return what is to be sent next, if that was before the start."""
        query = (
            select(FulfilmentOrder)
            .where(FulfilmentOrder.order_ref == ref, FulfilmentOrder.state == "open")
            .order_by(FulfilmentOrder.due_at)
            .limit(1)
        )
        with reading() as session:
            job = session.scalars(query).first()
        return job if job and job.due_at < self.start else None

    def _send(self, job: FulfilmentOrder, one: Bygone) -> None:
        worker = self.crew[job.location]
        picked_at = max(job.opened_at, job.due_at - 2 * _HOUR)
        with self._at(picked_at):
            _pick(job, worker, one.lines[0][0] if one.short else None)
        with self._at(picked_at + _CALLED_AFTER):
            self._call(job.order_ref)
            self._count(job.location)
            if _state(job) != "picked":
                return
            if job.kind == "collect":
                pickups.lay_out(job.id, _PLACE, worker)
            else:
                floor.pack(job.id, worker)
        if job.kind == "collect":
            if not one.pay_on_collection:
                self._collected(job, worker)
            return
        with self._at(max(picked_at + _HOUR, job.due_at - _HANDED_OVER_BEFORE)):
            floor.hand_over(job.id, worker)

    def _call(self, ref: str) -> None:
        """Make the calls that the customer is owed."""
        with reading() as session:
            owing = select(CallTask).where(CallTask.order_ref == ref, CallTask.done_at.is_(None))
            tasks = session.scalars(owing).all()
        for task in tasks:
            caller = self.crew.get(task.location)
            owed.called(
                task.id,
                by=caller.name if caller else _ACTOR,
                outcome="reached",
                note="Weiß Bescheid, ist einverstanden.",
            )

    def _count(self, location: str) -> None:
        """Count where a picker has found nothing: the rest lies one shelf further, one is gone."""
        with transaction() as session:
            for task in counts.open_tasks(session, location):
                held = session.get_one(StockBalance, {"location": location, "sku": task.sku})
                there = held.on_hand - held.picked - 1
                if task.cause == "short_pick":
                    counts.post(session, task.id, there, actor=self.crew[location].name)

    def _collected(self, job: FulfilmentOrder, worker: Worker) -> None:
        fetched_at = clock.berlin(job.due_at + timedelta(days=1)).replace(hour=16)
        if fetched_at > self.start:
            return
        with reading() as session:
            code = session.get_one(FulfilmentOrder, job.id).pickup_code or ""
        with self._at(fetched_at):
            pickups.hand_out(job.id, worker, pickups.Proof(code=code))

    def _arrive(self, ref: str, days: int) -> None:
        """Have what was handed over arrive: on the planned day, a day before or a day after."""
        with transaction() as session:
            for parcel in session.scalars(
                select(Parcel).where(Parcel.order_ref == ref, Parcel.shipment_id.is_not(None))
            ).all():
                at = _noon_of(parcel, days)
                if parcel.delivered_at is None and at < self.start:
                    shipments.deliver(session, parcel.id, at)
        with self._at(self.start):
            pass


def _typed(email: str, one: Bygone) -> str:
    """Return the address as it was typed; the one that nobody has can never be somebody's."""
    return f"{email.partition('@')[0]}{_NOWHERE}" if one.mistyped else email


def _noon_of(parcel: Parcel, days: int) -> datetime:
    """Return when a parcel is delivered; nobody delivers on Sundays."""
    sunday = 6
    day = parcel.arrives_on + timedelta(days=days)
    sealed_on = clock.berlin(parcel.sealed_at).date()
    if day.weekday() == sunday:
        day += timedelta(days=1 if days >= 0 else -1)
    day = max(day, sealed_on + timedelta(days=1))
    return datetime(day.year, day.month, day.day, 11, 20, tzinfo=clock.BERLIN)


def _pick(job: FulfilmentOrder, worker: Worker, missing: str | None) -> None:
    """Pick all of a job; `missing` is not on its shelf, if it is the warehouse's."""
    with reading() as session:
        lines = picking.job(session, job.id).lines
    skus = [line.sku for line in lines]
    if missing not in skus or len(skus) == 1:
        floor.pick_all(job.id, worker)
        return
    floor.start(job.id, worker)
    for line in lines:
        if line.sku == missing:
            floor.short_pick(job.id, line.sku, worker)
        else:
            for _ in range(line.left):
                floor.scan(job.id, line.sku, worker)


def _state(job: FulfilmentOrder) -> str:
    with reading() as session:
        return session.get_one(FulfilmentOrder, job.id).state


def _pay(ref: str) -> None:
    """Pay an order with the double's card, without its page."""
    with reading() as session:
        payment = charges.of_order(session, ref)
        total = orders.by_ref(session, ref).total_minor
    params: Any = {
        "amount": total,
        "currency": "eur",
        "payment_method": "pm_card_visa",
        "confirm": True,
        "description": ref,
    }
    with asking():
        made = gateway().client.v1.payment_intents.create(params)
    checkout.settle(str(payment.id), total, str(made.id))


def _left_by_now(row: events.OutboxEvent) -> None:
    """Note a message as sent at its time: who got it has read it long ago; or as come back."""
    with transaction() as session:
        message = session.get_one(Message, uuid.UUID(row.payload["message_id"]))
        message.sent_at, message.attempts = clock.now(), 1
        notices.message_left(session, message)
        if message.recipient.endswith(_NOWHERE):
            failures.note(session, message, failures.BOUNCED, "5.1.2", _NO_SUCH_DOMAIN)
        events.mark_delivered(session, row.id)


def _on_hand() -> Counter[tuple[str, str]]:
    with reading() as session:
        held = session.execute(
            select(StockBalance.location, StockBalance.sku, StockBalance.on_hand)
        )
        return Counter({(location, sku): units for location, sku, units in held})


def _restock(start: datetime, before: Counter[tuple[str, str]]) -> None:
    """Deliver on the day before what was sent or found missing: the shelves hold what they did."""
    gone = before - _on_hand()
    with clock.frozen(start - timedelta(days=1)), transaction() as session:
        for location in sorted({place for place, _ in gone}):
            ledger.receive(
                session,
                location,
                [(sku, units) for (place, sku), units in sorted(gone.items()) if place == location],
                document=_DELIVERY,
                actor=_ACTOR,
                key=f"demo/receipt/{_DELIVERY}/{location}",
            )
