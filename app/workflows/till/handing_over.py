"""Click and collect at the counter: what lies ready for a code, and handing it over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.sales import orders
from app.sales.models import Order
from app.workflows import pickups, reserve_in_store
from app.workflows.floor import Worker
from catalog import products
from fulfilment.models import FulfilmentOrder
from fulfilment.places import locations
from kit.database import reading
from kit.errors import NotFound, Refused

READY, NOT_READY, HANDED_OVER, ELSEWHERE, HELD = (
    "ready", "not_ready", "handed_over", "elsewhere", "held",
)  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """One SKU that waits to be fetched; `unit_minor` where it is still to be paid."""

    sku: str
    title: str
    quantity: int
    unit_minor: int | None = None


@dataclass(frozen=True)
class Collection:
    """What a code stands for. `held`: put aside without payment, sold with `hold_ref`.

    `shelf_place` is where it lies ready, where somebody has said so.
    """

    code: str
    state: str
    location: str
    location_name: str
    customer_name: str
    customer_number: str | None
    due_at: datetime | None
    lines: Sequence[Waiting]
    age_min: int
    paid: bool
    promotion_code: str | None = None
    shelf_place: str | None = None


@dataclass(frozen=True)
class Proof:
    """Why goods may be given out, as `pickups.hand_out` asks for it."""

    code: str = ""
    identity: bool = False
    taken_by: str = ""
    signature: str | None = None
    of_age: bool = False


def look_up(session: Session, device: Device, scanned: str) -> Collection:
    """Return what a scanned code stands for: an order's reference or page, a hold's number.

    Raises:
        NotFound: ``collection``.
    """
    for piece in reversed(scanned.strip().split("?")[0].split("/")):
        order = session.scalar(select(Order).where(Order.ref == piece))
        if order is not None and order.collect_at is not None:
            return _of_order(session, device, order)
        try:
            return _of_hold(session, device, piece)
        except NotFound:
            continue
    raise NotFound("collection", scanned=scanned[:64])


def _job(session: Session, order: Order) -> FulfilmentOrder | None:
    query = select(FulfilmentOrder).where(
        FulfilmentOrder.order_ref == order.ref,
        FulfilmentOrder.kind == "collect",
        FulfilmentOrder.state != "cancelled",
    )
    return session.scalars(query.order_by(FulfilmentOrder.id.desc()).limit(1)).first()


def _of_order(session: Session, device: Device, order: Order) -> Collection:
    job = _job(session, order)
    state = NOT_READY
    if job is not None and job.state == "handed_over":
        state = HANDED_OVER
    elif order.collect_at != device.location:
        state = ELSEWHERE
    elif job is not None and job.state == "packed":
        state = READY
    lines = orders.lines_of(session, order)
    return Collection(
        code=order.ref,
        state=state,
        location=order.collect_at or "",
        location_name=locations.one(session, order.collect_at or "").name,
        customer_name=order.address.get("name", ""),
        customer_number=order.customer_number,
        due_at=job.due_at if job else None,
        lines=[
            Waiting(line.sku, line.title, line.quantity - line.cancelled)
            for line in lines
            if line.quantity > line.cancelled
        ],
        age_min=_age(session, [line.sku for line in lines]),
        paid=True,
        shelf_place=job.shelf_place if job else None,
    )


def _of_hold(session: Session, device: Device, ref: str) -> Collection:
    hold, lines = reserve_in_store.for_till(session, ref, device.location)
    states = {"held": HELD, "ready": HELD, "collected": HANDED_OVER}
    return Collection(
        code=hold.ref,
        state=states.get(hold.state, NOT_READY),
        location=hold.location,
        location_name=locations.one(session, hold.location).name,
        customer_name=hold.name,
        customer_number=hold.customer_number,
        due_at=hold.expires_at,
        lines=[
            Waiting(line.sku, line.title, line.quantity - line.lost, line.unit_minor)
            for line in lines
            if line.quantity > line.lost
        ],
        age_min=_age(session, [line.sku for line in lines]),
        paid=False,
        promotion_code=hold.promotion_code,
    )


def _age(session: Session, skus: Sequence[str]) -> int:
    found = products.items(session, skus)
    return max((item.age_min for item in found.values()), default=0)


def hand_over(device: Device, ref: str, cashier: str | None, proof: Proof) -> Collection:
    """Give a paid order to its customer; a second time changes nothing.

    Raises:
        Forbidden: ``pickup_code``, ``age_unchecked``.
        Invalid: ``taken_by``, ``signature``.
        NotFound: ``collection``.
        Refused: ``collection_state`` with the state that it is in; ``recalled``.
    """
    with reading() as session:
        found = look_up(session, device, ref)
        order = session.scalar(select(Order).where(Order.ref == found.code))
        job = _job(session, order) if order is not None else None
    if found.state == HANDED_OVER and found.paid:
        return found
    if found.state != READY or job is None:
        raise Refused("collection_state", state=found.state, location=found.location)
    name = f"till {device.code}" + (f", {cashier}" if cashier else "")
    pickups.hand_out(
        job.id,
        Worker(name, device.location),
        code=proof.code,
        identity=proof.identity,
        taken_by=proof.taken_by,
        signature=proof.signature,
        of_age=proof.of_age,
    )
    with reading() as session:
        return look_up(session, device, ref)
