"""Click and collect at the counter: what lies ready for a code, and handing it over.

What is paid already is handed over here; what is paid on collection by the document of a sale
(`collected`), which asks here what is to be paid.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.sales import orders, worth
from app.sales.models import Order, OrderLine
from app.workflows import pickups, reserve_in_store
from app.workflows.floor import Worker
from app.workflows.pickups import Proof
from catalog import products
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import picking
from fulfilment.places import locations
from kit.database import reading
from kit.errors import NotFound, Refused

READY, NOT_READY, HANDED_OVER, ELSEWHERE, HELD = (
    "ready", "not_ready", "handed_over", "elsewhere", "held",
)  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """One SKU that waits to be fetched; `unit_minor` where it is still to be paid.

    What an order's line costs was agreed when it was placed: `line_minor`, what promotions take off
    it, and its VAT; a reservation has the price of the day, and none of these.
    """

    sku: str
    title: str
    quantity: int
    unit_minor: int | None = None
    line_minor: int | None = None
    promotions: Sequence[Mapping[str, Any]] = ()
    vat_basis_points: int | None = None


@dataclass(frozen=True)
class Collection:
    """What a code stands for. `held`: put aside without payment, sold with `hold_ref`.

    `shelf_place` is where it lies ready, where somebody has said so. `to_pay_minor` is what an
    order costs that is paid now: it is sold with `collection`.
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
    to_pay_minor: int = 0


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


def job_of(session: Session, order: Order) -> FulfilmentOrder | None:
    """Return the newest fulfilment order that is or was to be fetched; None where there is none."""
    query = select(FulfilmentOrder).where(
        FulfilmentOrder.order_ref == order.ref,
        FulfilmentOrder.kind == "collect",
        FulfilmentOrder.state != "cancelled",
    )
    return session.scalars(query.order_by(FulfilmentOrder.id.desc()).limit(1)).first()


def state_of(order: Order, job: FulfilmentOrder | None, location: str) -> str:
    """Return how an order that is collected stands, seen from the counter of a store."""
    if job is not None and job.state == "handed_over":
        return HANDED_OVER
    if order.collect_at != location:
        return ELSEWHERE
    return READY if job is not None and job.state == "packed" else NOT_READY


def _of_order(session: Session, device: Device, order: Order) -> Collection:
    job = job_of(session, order)
    state = state_of(order, job, device.location)
    lines = orders.lines_of(session, order)
    unpaid = order.pay_on_collection and state != HANDED_OVER
    due = due_of(session, lines, job) if unpaid and job is not None else []
    return Collection(
        code=order.ref,
        state=state,
        location=order.collect_at or "",
        location_name=locations.one(session, order.collect_at or "").name,
        customer_name=order.address.get("name", ""),
        customer_number=order.customer_number,
        due_at=job.due_at if job else None,
        lines=[one.waiting() for one in due]
        or [
            Waiting(line.sku, line.title, line.quantity - line.cancelled)
            for line in lines
            if line.quantity > line.cancelled
        ],
        age_min=_age(session, [line.sku for line in lines]),
        paid=not unpaid,
        shelf_place=job.shelf_place if job else None,
        to_pay_minor=sum(one.line_minor for one in due),
    )


@dataclass(frozen=True)
class Due:
    """Units of an order's line that are handed over now, and what they cost, minor units."""

    line: OrderLine
    quantity: int
    line_minor: int

    @property
    def discount_minor(self) -> int:
        """What promotions take off these units."""
        return self.line.unit_minor * self.quantity - self.line_minor

    @property
    def promotions(self) -> list[dict[str, Any]]:
        """What each promotion takes off these units: as with the whole line, the rest by the last.

        The parts add up to `discount_minor`.
        """
        left, shared = self.discount_minor, []
        for place, one in enumerate(self.line.promotions, start=1):
            part = one["amount_minor"] * self.quantity // self.line.quantity
            part = left if place == len(self.line.promotions) else min(left, part)
            left -= part
            shared.append({**one, "amount_minor": part})
        return shared

    def waiting(self) -> Waiting:
        """Return it as a counter sees it."""
        line = self.line
        return Waiting(
            line.sku, line.title, self.quantity, line.unit_minor, self.line_minor,
            self.promotions, line.vat_basis_points,
        )  # fmt: skip


def due_of(session: Session, lines: Sequence[OrderLine], job: FulfilmentOrder) -> list[Due]:
    """Return what is handed over with a fulfilment order and is to be paid then, by position.

    Args:
        session: any session.
        lines: of the order.
        job: of the order; what is not picked yet counts, too.
    """
    units: dict[uuid.UUID, int] = {
        line.line_id: line.picked + line.left for line in picking.job(session, job.id).lines
    }
    return [
        Due(line, units[line.id], worth.leaving(line, units[line.id]))
        for line in lines
        if units.get(line.id)
    ]


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
        Refused: ``collection_state`` with the state that it is in; ``collection_unpaid``: it is
            sold first; ``recalled``.
    """
    with reading() as session:
        found = look_up(session, device, ref)
        order = session.scalar(select(Order).where(Order.ref == found.code))
        job = job_of(session, order) if order is not None else None
    if found.state == HANDED_OVER and found.paid:
        return found
    if found.state != READY or job is None:
        raise Refused("collection_state", state=found.state, location=found.location)
    pickups.hand_out(job.id, worker_at(device, cashier), proof)
    with reading() as session:
        return look_up(session, device, ref)


def worker_at(device: Device, cashier: str | None) -> Worker:
    """Return who gives goods out at a till."""
    return Worker(f"till {device.code}" + (f", {cashier}" if cashier else ""), device.location)


def prove(device: Device, ref: str, proof: Proof) -> Collection:
    """Look whether an order that is paid now may be given out, before anybody pays.

    Raises:
        Forbidden, Invalid, NotFound: as `hand_over`.
        Refused: ``collection_state``.
    """
    with reading() as session:
        found = look_up(session, device, ref)
        order = session.scalar(select(Order).where(Order.ref == found.code))
        job = job_of(session, order) if order is not None else None
        if found.state != READY or found.paid or job is None:
            raise Refused("collection_state", state=found.state, location=found.location)
        proof.checked(session, job)
        return found
