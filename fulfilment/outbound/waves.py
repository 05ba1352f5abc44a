"""Waves: one person picks several fulfilment orders in one walk, each into a tote of its own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fulfilment.models import FulfilmentOrder, Wave
from fulfilment.models.floor import WAVE_STATES
from fulfilment.outbound import picking, shelving
from fulfilment.outbound.fulfilment_orders import Job, job, locked
from kit import clock
from kit.errors import Invalid, NotFound, Refused

MOST = 12
"""Orders in a wave: what a trolley holds."""


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a SKU for one tote of a wave."""

    tote: str
    job_id: uuid.UUID
    left: int
    picked: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the walk: what to take there, and for which totes."""

    sku: str
    place: str | None
    parts: list[Part] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Units still to take."""
        return sum(part.left for part in self.parts)


@dataclass(frozen=True, slots=True)
class Scanned:
    """After a scan: into which tote the unit goes; what is left of it, in its tote, in all."""

    job_id: uuid.UUID
    tote: str
    sku: str
    left: int
    left_in_tote: int
    left_in_all: int


def begin(
    session: Session,
    location: str,
    job_ids: Sequence[uuid.UUID],
    picker: str,
    totes: Sequence[str] = (),
) -> Wave:
    """Take fulfilment orders together; they are this person's until picked or put back.

    Args:
        session: the open transaction.
        location: where; orders of another place are refused.
        job_ids: open ones, at most twelve.
        picker: who walks.
        totes: a name for each, as it stands on the tote; A, B, C … where left out.

    Raises:
        Invalid: ``wave_size``; ``totes``: not one for each, or two of a name.
        NotFound: ``fulfilment_order``.
        Refused: ``claimed_by_other``; ``fulfilment_order_state``. None of them is taken then.
    """
    if not 0 < len(set(job_ids)) == len(job_ids) <= MOST:
        raise Invalid("wave_size", most=MOST)
    names = [name.strip()[:32] for name in totes] or [
        chr(ord("A") + number) for number in range(len(job_ids))
    ]
    if len(set(names)) != len(job_ids) or not all(names):
        raise Invalid("totes")
    wave = Wave(location=location, picker=picker, state="open", opened_at=clock.now())
    session.add(wave)
    session.flush()
    named = dict(zip(job_ids, names, strict=True))
    for job_id in sorted(job_ids):
        row = locked(session, job_id)
        if row.location != location:
            raise NotFound("fulfilment_order", id=str(job_id))
        if row.state == "picking" and row.picker != picker:
            raise Refused("claimed_by_other", picker=row.picker)
        if row.state != "open":
            raise Refused("fulfilment_order_state", state=row.state, wanted="open")
        picking.claim(session, job_id, picker)
        row.wave_id, row.tote = wave.id, named[job_id]
    session.flush()
    return wave


def one(session: Session, wave_id: uuid.UUID) -> Wave:
    """Return a wave.

    Raises:
        NotFound: ``wave``.
    """
    wave = session.get(Wave, wave_id)
    if wave is None:
        raise NotFound("wave", id=str(wave_id))
    return wave


def open_at(session: Session, location: str) -> list[Wave]:
    """Return the open waves of a location, oldest first."""
    query = select(Wave).where(Wave.location == location, Wave.state == "open")
    return list(session.scalars(query.order_by(Wave.opened_at)))


def jobs_of(session: Session, wave_id: uuid.UUID) -> list[tuple[str, Job]]:
    """Return a wave's totes with their fulfilment orders; who was put back is not among them."""
    rows = session.execute(
        select(FulfilmentOrder.tote, FulfilmentOrder.id)
        .where(FulfilmentOrder.wave_id == wave_id)
        .order_by(FulfilmentOrder.tote)
    ).all()
    return [(tote or "", job(session, job_id)) for tote, job_id in rows]


def walk(session: Session, wave: Wave) -> list[Stop]:
    """Return the stops of a wave in the order of the shelves; done ones come last."""
    found: dict[str, Stop] = {}
    totes = jobs_of(session, wave.id)
    skus = {line.sku for _, one_job in totes for line in one_job.lines}
    places = shelving.of(session, wave.location, skus)
    for tote, one_job in totes:
        for line in one_job.lines:
            stop = found.setdefault(line.sku, Stop(line.sku, places.get(line.sku)))
            stop.parts.append(Part(tote, one_job.id, line.left, line.picked))
    return sorted(
        found.values(), key=lambda stop: (stop.left == 0, shelving.step(stop.place), stop.sku)
    )


def scan(session: Session, wave: Wave, sku: str, lot: str | None = None) -> Scanned:
    """Pick one unit of a SKU for the first tote that still wants one.

    Raises:
        Refused: ``wrong_item`` when no tote wants such a thing; ``nothing_left_to_pick``;
            ``fulfilment_order_state``; what `picking.scan` says. Nothing is picked then.
    """
    totes = jobs_of(session, wave.id)
    wanting = [
        (tote, one_job)
        for tote, one_job in totes
        if one_job.state == "picking"
        and any(line.sku == sku and line.left for line in one_job.lines)
    ]
    if not wanting:
        known = any(line.sku == sku for _, one_job in totes for line in one_job.lines)
        raise Refused("nothing_left_to_pick" if known else "wrong_item", sku=sku)
    tote, one_job = wanting[0]
    progress = picking.scan(session, one_job.id, sku, lot=lot)
    others = sum(line.left for _, other in totes if other.id != one_job.id for line in other.lines)
    return Scanned(
        one_job.id, tote, sku, progress.left, progress.left_in_all, progress.left_in_all + others
    )


def end_if_done(session: Session, wave_id: uuid.UUID | None) -> bool:
    """End a wave in which nothing is being picked any more; tell whether it is over."""
    if wave_id is None:
        return False
    wave = session.get_one(Wave, wave_id, with_for_update=True)
    if wave.state == "done":
        return True
    picked = select(func.count()).where(
        FulfilmentOrder.wave_id == wave.id, FulfilmentOrder.state == "picking"
    )
    if session.scalar(picked):
        return False
    WAVE_STATES.check(wave.state, "done")
    wave.state, wave.ended_at = "done", clock.now()
    session.flush()
    return True


def leave(session: Session, row: FulfilmentOrder) -> None:
    """Take a fulfilment order that goes back to the list out of its wave."""
    wave_id, row.wave_id, row.tote = row.wave_id, None, None
    session.flush()
    end_if_done(session, wave_id)
