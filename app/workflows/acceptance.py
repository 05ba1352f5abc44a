"""Nobody has taken it yet, and the van comes soon: said aloud before the cut-off, not after it."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from app.sales import orders
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import fulfilment_orders
from kit import clock
from kit.database import reading, transaction

BEFORE = timedelta(minutes=60)
"""So long before its cut-off somebody has to have taken a fulfilment order."""

_FAIR = timedelta(minutes=15)
"""What has come only just now is given this long, even where its cut-off is near."""

_AT_ONCE = 100


def escalate() -> int:
    """Mark what nobody has taken in time; return how many that were. A duty of the scheduler.

    Marked once: the floor's list shows it above all others, the order's timeline and the back
    office's list of it say since when. What still lies there at its cut-off is planned anew by
    `watch`.
    """
    job = FulfilmentOrder
    now = clock.now()
    with reading() as session:
        late = session.scalars(
            select(job.id)
            .where(
                job.state == "open",
                job.escalated_at.is_(None),
                job.due_at <= now + BEFORE,
                job.due_at > now,
                job.opened_at <= now - _FAIR,
            )
            .order_by(job.due_at)
            .limit(_AT_ONCE)
        ).all()
    return sum(_mark(job_id) for job_id in late)


def _mark(job_id: uuid.UUID) -> int:
    with transaction() as session:
        job = fulfilment_orders.locked(session, job_id)
        if job.state != "open" or job.escalated_at is not None:
            return 0
        job.escalated_at = clock.now()
        minutes = int((job.due_at - clock.now()).total_seconds() // 60)
        orders.note(
            session, job.order_ref, "not_accepted", "kontor", location=job.location, minutes=minutes
        )
        return 1
