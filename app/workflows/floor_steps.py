"""What a phone on the floor did while it may have had no network: each step once, in its order.

A phone keeps its steps until they are answered and may say them again. A step that the shop refuses
(somebody else has the order, the goods are called back) is answered like any other: the person is
told, and the next one is looked at. Where a job was taken without a network and somebody else was
faster, nothing of what this phone did with it counts.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.workflows import floor
from app.workflows.floor import Worker
from fulfilment.outbound import picking, steps
from kit.database import Json, transaction
from kit.errors import Invalid, KontorError, NotFound, Refused

MOST = 200
"""Steps in one post: what a person does in ten minutes."""

MOST_PARCELS = 12
"""Parcels that one fulfilment order is packed into."""

KINDS = ("take", "scan", "short", "finish", "pack")


@dataclass(frozen=True)
class Packed:
    """A parcel as somebody closed it: units by order line, the carton's code, grams if weighed."""

    units: Mapping[uuid.UUID, int]
    box: str | None = None
    grams: int | None = None


@dataclass(frozen=True)
class Step:
    """One step as the phone has kept it; `code` is what was scanned, or the SKU that is missing.

    `parcels` is what was closed; none puts all that was picked into one.
    """

    key: str
    job_id: uuid.UUID
    what: str
    code: str = ""
    lot: str | None = None
    parcels: Sequence[Packed] = ()


@dataclass(frozen=True)
class Answer:
    """What came of a step: done with where the job stands now, or an error for a person."""

    key: str
    state: str
    left: int = 0
    error: KontorError | None = None


def report(told: Sequence[Step], worker: Worker) -> list[Answer]:
    """Do what a phone has kept, step by step, each in a transaction of its own.

    Raises:
        Invalid: ``too_many_steps``, ``step``: unknown kind or too many parcels. Nothing is done
            then.
    """
    if len(told) > MOST:
        raise Invalid("too_many_steps", most=MOST)
    if any(step.what not in KINDS or len(step.parcels) > MOST_PARCELS for step in told):
        raise Invalid("step")
    lost: dict[uuid.UUID, KontorError] = {}
    answers = []
    for step in told:
        if step.job_id in lost:
            answers.append(Answer(step.key, "refused", error=lost[step.job_id]))
            continue
        answer = _one(step, worker)
        if step.what == "take" and answer.error is not None:
            lost[step.job_id] = answer.error
        answers.append(answer)
    return answers


def _one(step: Step, worker: Worker) -> Answer:
    try:
        with transaction() as session:
            answer = _do(session, step, worker)
    except (Invalid, NotFound, Refused) as error:
        return Answer(step.key, "refused", error=error)
    return Answer(step.key, str(answer["state"]), int(answer["left"]))


def _do(session: Session, step: Step, worker: Worker) -> Json:
    if step.what == "pack":
        # As packing locks them: first the order, then its part here.
        floor.lock_order(session, step.job_id, worker)
    floor.claimed(session, step.job_id, worker)
    known = steps.begin(session, step.key, step.job_id, step.what, worker.name)
    if known is not None:
        return known
    if step.what == "take":
        floor.start_in(session, step.job_id, worker)
    elif step.what == "scan":
        floor.scan_in(session, step.job_id, step.code, worker, step.lot)
    elif step.what == "short":
        floor.short_pick_in(session, step.job_id, step.code, worker)
    elif step.what == "pack":
        contents = [list(parcel.units.items()) for parcel in step.parcels]
        boxes = [(parcel.box, parcel.grams) for parcel in step.parcels]
        floor.pack_in(session, step.job_id, worker, contents or None, boxes)
    else:
        floor.finish_in(session, step.job_id, worker)
    job = picking.job(session, step.job_id)
    left = sum(line.left for line in job.lines)
    return steps.end(session, step.key, {"state": job.state, "left": left})
