"""Click and collect in the store: laid out in a place, given out for a code, kept for a week.

What nobody fetches goes back to the shelf, and the money to the customer.
"""

import logging
import secrets
import uuid
from collections import Counter
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.messages import account_letters, letters
from app.messages.account_letters import PersonalMail
from app.sales import orders
from app.workflows import cancelling, floor, tell
from app.workflows.completion import complete_if_done
from app.workflows.floor import Worker
from catalog import products
from fulfilment.claims import allocations
from fulfilment.models import FulfilmentOrder, Location, Pickup, Shipment
from fulfilment.outbound import fulfilment_orders, parcels, picking
from kit import clock
from kit.database import reading, transaction
from kit.errors import Forbidden, Invalid, KontorError, NotFound, Refused

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
"""How long paid goods lie ready: until the store closes on that day, or on its next open one."""

CAUSE = "not_collected"
_LONGEST_PLACE, _LONGEST_NAME, _LONGEST_SIGNATURE = 32, 120, 20_000
_WEEK = 7


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


def hand_out(
    job_id: uuid.UUID,
    worker: Worker,
    *,
    code: str = "",
    identity: bool = False,
    taken_by: str = "",
    signature: str | None = None,
    of_age: bool = False,
) -> Shipment:
    """Give goods to their customer: for the code, or because somebody has seen a name.

    Args:
        job_id: laid out here.
        worker: who gives, and where.
        code: what the customer names; without one a name has to be shown.
        identity: somebody has looked at an identity card or at the bank card that paid.
        taken_by: who takes it, where it is not the customer; needed without a code.
        signature: the strokes on the glass, as the data of an SVG path.
        of_age: somebody has looked whether who takes it is old enough for it (JuSchG § 10,
            WaffG § 2).

    Raises:
        Forbidden: ``pickup_code``: another one; ``age_unchecked``: the goods ask for an age that
            nobody has looked at, with ``age_min``. Nothing is given out.
        Invalid: ``taken_by``; ``signature``: not a path, or too long.
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state``; ``recalled``.
    """
    signature = _path(signature)
    taken_by = taken_by.strip()[:_LONGEST_NAME]
    with transaction() as session:
        job = _collected(session, job_id, worker)
        if job.state == "handed_over":
            return floor.hand_over_in(session, job_id, worker)
        known = job.pickup_code is not None and secrets.compare_digest(
            job.pickup_code.encode(), code.strip().encode()
        )
        if not known and not identity:
            raise Forbidden("pickup_code")
        if not known and not taken_by:
            raise Invalid("taken_by")
        age = age_of(session, job)
        if age and not of_age:
            raise Forbidden("age_unchecked", age_min=age)
        shipment = floor.hand_over_in(session, job_id, worker)
        session.add(
            Pickup(
                shipment_id=shipment.id,
                proof="code" if known else "identity",
                taken_by=taken_by or str(job.address.get("name", "")),
                signature=signature,
                age_checked=True if age else None,
                at=clock.now(),
                actor=worker.name,
            )
        )
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


def kept_until(place: Location, laid_out_at: datetime) -> date:
    """Return the last day on which goods lie ready; never one on which the store is closed."""
    day = clock.berlin(laid_out_at + KEPT_FOR).date()
    for later in range(_WEEK):
        one = day + timedelta(days=later)
        if place.opening_hours.get(str(one.weekday())):
            return one
    return day


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
            select(job.id, job.packed_at, Location)
            .join(Location, Location.code == job.location)
            .where(
                job.kind == "collect",
                job.state == "packed",
                job.packed_at < clock.now() - KEPT_FOR,
            )
            .order_by(job.packed_at)
            .limit(50)
        ).all()
        today = clock.today()
        return [one for one, packed_at, place in rows if kept_until(place, packed_at) < today]


def _expire(session: Session, job_id: uuid.UUID) -> bool:
    found = picking.job(session, job_id)
    order = orders.by_ref(session, found.order_ref, lock=True)
    job = fulfilment_orders.locked(session, job_id)
    if job.state != "packed":
        return False
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
    refund = cancelling.cancel_units(
        session, order, lines, gone, cause=CAUSE, key=f"{CAUSE}/{job.id}"
    )
    told = [
        {"sku": lines[line].sku, "title": lines[line].title, "quantity": count}
        for line, count in gone.items()
    ]
    orders.note(session, order.ref, CAUSE, "kontor", lines=told, refund_minor=refund)
    if order.email:
        page = letters.order_url(tell.order_fact(session, order))
        facts = {"ref": order.ref, "lines": told, "refund_minor": refund, "order_url": page}
        mail = PersonalMail("cancelled", order.email, order.language, facts, order_ref=order.ref)
        account_letters.write(session, mail, key=f"{CAUSE}/{job.id}")
    complete_if_done(session, order)
    return True
