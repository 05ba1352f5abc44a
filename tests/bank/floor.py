"""What happens on the floor: people with totes, all at the same jobs."""

import uuid
from collections.abc import Callable

from sqlalchemy import text

from fulfilment.outbound import parcels, picking, shipments
from kit.database import reading
from tests.bank.actor import Actor

_JOBS = text("SELECT id FROM fulfilment_orders WHERE order_ref = :ref ORDER BY id")


def _some_job(actor: Actor) -> uuid.UUID | None:
    with reading() as session:
        jobs = session.scalars(_JOBS, {"ref": actor.some_order()}).all()
    return actor.chance.choice(jobs) if jobs else None


def pick(actor: Actor) -> None:
    """Take a job and scan, find the shelf empty, or put all of it back."""
    picker = actor.chance.choice(["Anna", "Ben"])
    steps: list[Callable[..., object]] = [_scan, _scan, _short, picking.put_back, picking.finish]
    step = actor.chance.choice(steps)
    job = _some_job(actor)
    if job is None:
        return
    actor.commit(lambda session: picking.claim(session, job, picker))
    if step in {_scan, _short}:
        step(actor, job, picker)
    else:
        actor.commit(lambda session: step(session, job))


def _scan(actor: Actor, job: uuid.UUID, _picker: str) -> None:
    [(sku, quantity), *_] = actor.lines(2)
    actor.commit(lambda session: picking.scan(session, job, sku, quantity))


def _short(actor: Actor, job: uuid.UUID, picker: str) -> None:
    [(sku, _), *_] = actor.lines()
    found = actor.commit(lambda session: picking.short_pick(session, job, sku, picker))
    actor.told["short_pick"] += found.quarantined


def ship(actor: Actor) -> None:
    """Pick what is left, pack it and hand it over; somebody else may be quicker at each."""
    job = _some_job(actor)
    if job is None:
        return
    picked = actor.commit(lambda session: picking.pick_all(session, job, "Anna"))
    if picked.state == "picked":
        hand_over(actor, job)


def hand_over(actor: Actor, job: uuid.UUID | None = None) -> None:
    """Pack and hand over what is in the tote."""
    job = job or _some_job(actor)
    if job is None:
        return
    actor.commit(lambda session: parcels.pack(session, job))

    def dispatch(session):
        shipment = shipments.dispatch(session, job, carrier="DHL", actor=actor.name)
        return shipment.id, sum(shipments.contents(session, shipment.id).values())

    shipment, sent = actor.commit(dispatch)
    actor.shipped[shipment] = sent
