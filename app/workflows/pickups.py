"""Click and collect in the store: laid out in a place, given out for a code, kept for a week.

What nobody fetches goes back to the shelf, and the money to the customer, where they have paid:
what is paid on collection is given out by the document of a till alone (`till.collected`).
"""

import logging
import secrets
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.messages import account_letters, letters
from app.messages.account_letters import PersonalMail
from app.sales import orders
from app.sales.models import Order
from app.workflows import cancelling, floor, tell
from app.workflows.completion import complete_if_done
from app.workflows.floor import Worker
from catalog import products
from fulfilment.claims import allocations
from fulfilment.models import FulfilmentOrder, Pickup, Shipment
from fulfilment.outbound import fulfilment_orders, parcels, picking
from fulfilment.places.calendars import Calendar
from fulfilment.routing import kept
from kit import clock
from kit.database import reading, transaction
from kit.errors import Forbidden, Invalid, KontorError, NotFound, Refused

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
"""How long goods lie ready: until the store closes on that day, or on its next open one."""
_LONGEST_CLOSED = 60
"""Days that are looked at for an open one; a store that stays closed for longer keeps nothing."""

CAUSE, GIVEN_UP = "not_collected", "customer_cancelled"
_LONGEST_PLACE, _LONGEST_NAME, _LONGEST_SIGNATURE = 32, 120, 20_000
_AT_ONCE = 50


def lay_out(job_id: uuid.UUID, place: str, worker: Worker) -> None:
    """Put picked goods into a place where a colleague finds them; the customer gets word.

    Raises:
        Invalid: ``shelf_place``: empty or too long.
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state`` unless it is to be fetched and picked.
    """
    place = place.strip()
    if not 0 < len(place) <= _LONGEST_PLACE:
        raise Invalid("shelf_place", place=place)
    with transaction() as session:
        job = _collected(session, job_id, worker)
        job.shelf_place = place
        session.flush()
        floor.pack_in(session, job_id, worker)


def move(job_id: uuid.UUID, place: str, worker: Worker) -> None:
    """Say that what lies ready lies somewhere else now.

    Raises:
        Invalid, NotFound, Refused: as `lay_out`.
    """
    place = place.strip()
    if not 0 < len(place) <= _LONGEST_PLACE:
        raise Invalid("shelf_place", place=place)
    with transaction() as session:
        _collected(session, job_id, worker).shelf_place = place


@dataclass(frozen=True)
class Proof:
    """Why goods may be given out.

    `code` is what the customer names; without one `identity`: somebody has looked at an identity
    card or at the bank card that paid, and `taken_by`, who takes it. `signature` are the strokes on
    the glass as the data of an SVG path. `of_age`: somebody has looked whether who takes it is old
    enough for it (JuSchG § 10, WaffG § 2).
    """

    code: str = ""
    identity: bool = False
    taken_by: str = ""
    signature: str | None = None
    of_age: bool = False

    def checked(self, session: Session, job: FulfilmentOrder) -> Pickup:
        """Return the record of a hand-over that this carries; its shipment and actor are missing.

        Raises:
            Forbidden: ``pickup_code``: another one; ``age_unchecked``: the goods ask for an age
                that nobody has looked at, with ``age_min``.
            Invalid: ``taken_by``; ``signature``: not a path, or too long.
        """
        signature = _path(self.signature)
        taken_by = self.taken_by.strip()[:_LONGEST_NAME]
        known = job.pickup_code is not None and secrets.compare_digest(
            job.pickup_code.encode(), self.code.strip().encode()
        )
        if not known and not self.identity:
            raise Forbidden("pickup_code")
        if not known and not taken_by:
            raise Invalid("taken_by")
        age = age_of(session, job)
        if age and not self.of_age:
            raise Forbidden("age_unchecked", age_min=age)
        return Pickup(
            proof="code" if known else "identity",
            taken_by=taken_by or str(job.address.get("name", "")),
            signature=signature,
            age_checked=True if age else None,
        )


def hand_out(job_id: uuid.UUID, worker: Worker, proof: Proof) -> Shipment:
    """Give paid goods to their customer: for the code, or because somebody has seen a name.

    Args:
        job_id: laid out here.
        worker: who gives, and where.
        proof: why they may.

    Raises:
        Forbidden, Invalid: as `Proof.checked`. Nothing is given out.
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state``; ``recalled``; ``collection_unpaid``: a till sells it.
    """
    with transaction() as session:
        return hand_out_in(session, job_id, worker, proof)


def hand_out_in(
    session: Session, job_id: uuid.UUID, worker: Worker, proof: Proof, *, paid_here: bool = False
) -> Shipment:
    """As `hand_out`, inside an open transaction.

    Args:
        paid_here: what is owed is paid in the same transaction, by the document of a till.
    """
    job = _collected(session, job_id, worker)
    if job.state == "handed_over":
        return floor.hand_over_in(session, job_id, worker)
    if orders.by_ref(session, job.order_ref).pay_on_collection and not paid_here:
        raise Refused("collection_unpaid", order_ref=job.order_ref)
    pickup = proof.checked(session, job)
    shipment = floor.hand_over_in(session, job_id, worker)
    pickup.shipment_id, pickup.at, pickup.actor = shipment.id, clock.now(), worker.name
    session.add(pickup)
    return shipment


def age_of(session: Session, job: FulfilmentOrder) -> int:
    """Return the age that is asked for what an order to be fetched holds; 0: for nobody."""
    lines = picking.job(session, job.id).lines
    items = products.items(session, [line.sku for line in lines if line.picked])
    return max((item.age_min for item in items.values()), default=0)


def _path(signature: str | None) -> str | None:
    if not signature:
        return None
    allowed = set("ML 0123456789.-")
    if len(signature) > _LONGEST_SIGNATURE or not set(signature) <= allowed:
        raise Invalid("signature")
    return signature


def _collected(session: Session, job_id: uuid.UUID, worker: Worker) -> FulfilmentOrder:
    job = session.get(FulfilmentOrder, job_id)
    if job is None or job.location != worker.location:
        raise NotFound("fulfilment_order")
    # The order first, as everywhere.
    orders.by_ref(session, job.order_ref, lock=True)
    job = fulfilment_orders.locked(session, job_id)
    if job.kind != "collect":
        raise Refused("fulfilment_order_state", state=job.state, wanted="packed")
    return job


def last_day(session: Session, location: str, laid_out_at: datetime) -> date:
    """Return the last day on which goods lie ready; never one on which the store is closed."""
    return _last_day(kept.calendars(session)[location], laid_out_at)


def _last_day(calendar: Calendar, laid_out_at: datetime) -> date:
    day = clock.berlin(laid_out_at).date() + KEPT_FOR
    return next(calendar.open_days(day, _LONGEST_CLOSED), day)


def expire_due() -> int:
    """Put back what nobody has fetched, and give the money back; return how many orders that was.

    A duty of the scheduler, once after the last day has passed. Each is its own transaction.
    """
    done = 0
    for job_id in _due():
        try:
            with transaction() as session:
                done += _expire(session, job_id)
        except (KontorError, DBAPIError):
            log.exception("fulfilment order %s could not be put back", job_id)
    return done


def _due() -> list[uuid.UUID]:
    job = FulfilmentOrder
    with reading() as session:
        rows = session.execute(
            select(job.id, job.location, job.packed_at)
            .where(
                job.kind == "collect",
                job.state == "packed",
                job.packed_at < clock.now() - KEPT_FOR,
            )
            .order_by(job.packed_at)
        ).all()
        today, calendars = clock.today(), kept.calendars(session)
    # What a closed store keeps for longer stands in nobody's way.
    over = [one for one, place, at in rows if _last_day(calendars[place], at) < today]
    return over[:_AT_ONCE]


def _expire(session: Session, job_id: uuid.UUID) -> bool:
    found = picking.job(session, job_id)
    order = orders.by_ref(session, found.order_ref, lock=True)
    job = fulfilment_orders.locked(session, job_id)
    if job.state != "packed":
        return False
    _put_back(session, order, job, cause=CAUSE, by="kontor")
    return True


def give_up(order_ref: str, *, by: str) -> bool:
    """Have an unpaid order put back that its customer does not want any more.

    Once it is laid out it costs nobody anything to leave it there: its goods are free at once.

    Returns:
        Whether this call ended it; False where there was nothing left to give up.

    Raises:
        NotFound: ``order``.
        Refused: ``order_state``: it is paid already, or over.
    """
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        if not order.pay_on_collection or order.state != "confirmed":
            raise Refused("order_state", state=order.state, wanted="confirmed")
        jobs = [job for job in fulfilment_orders.lock_of_order(session, order_ref) if given_up(job)]
        for job in jobs:
            _put_back(session, order, job, cause=GIVEN_UP, by=by)
        return bool(jobs)


def given_up(job: FulfilmentOrder) -> bool:
    """Tell whether a fulfilment order is one that an unpaid customer may leave where it is."""
    return job.kind == "collect" and job.state == "packed"


def _put_back(session: Session, order: Order, job: FulfilmentOrder, *, cause: str, by: str) -> None:
    """Put goods that lay ready back on the shelf, cancel their units, and tell the customer."""
    parcels.open_again(session, job)
    mine = [
        row.id
        for row in allocations.of_order(session, order.ref)
        if row.fulfilment_order_id == job.id
    ]
    gone: Counter[uuid.UUID] = Counter()
    for row in allocations.release(session, allocation_ids=mine, picked=True):
        gone[row.line_id] += row.quantity
    fulfilment_orders.advance(job, "cancelled")
    lines = {line.id: line for line in orders.lines_of(session, order)}
    key = f"{cause}/{job.id}"
    refund = cancelling.cancel_units(session, order, lines, gone, cause=cause, key=key)
    told = [
        {"sku": lines[line].sku, "title": lines[line].title, "quantity": count}
        for line, count in gone.items()
    ]
    orders.note(session, order.ref, cause, by, lines=told, refund_minor=refund)
    if order.email:
        page = letters.order_url(tell.order_fact(session, order))
        facts = {
            "ref": order.ref, "lines": told, "refund_minor": refund, "order_url": page,
            "collect": True, "not_fetched": cause == CAUSE,
        }  # fmt: skip
        mail = PersonalMail("cancelled", order.email, order.language, facts, order_ref=order.ref)
        account_letters.write(session, mail, key=key)
    complete_if_done(session, order)
