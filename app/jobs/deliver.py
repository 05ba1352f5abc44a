"""Run the handlers of one event: each in its own transaction, each at most once with effect."""

import logging
import uuid

from app.jobs import handlers
from app.jobs.handlers import Handler
from kit import clock, events
from kit.database import reading, transaction

log = logging.getLogger(__name__)


def deliver(event_id_text: str) -> None:
    """Deliver an event by its id; the job that RQ runs, and what tests call directly.

    A handler that fails leaves the others alone: the event is tried again later, and those that
    have claimed it do nothing then.
    """
    event_id = uuid.UUID(event_id_text)
    with reading() as session:
        clock.refresh(session)
        row = session.get(events.OutboxEvent, event_id)
    if row is None or row.delivered_at is not None or row.dead_at is not None:
        return
    event = handlers.load(row.name, row.payload)
    failures = []
    for handler in handlers.of(event):
        try:
            _handle(handler, event_id, event)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other handlers must run
            log.exception("%s failed on %s", handler.name, event)
            failures.append(f"{handler.name}: {error!r}")
    with transaction() as session:
        if failures:
            events.mark_failed(session, event_id, "; ".join(failures))
        else:
            events.mark_delivered(session, event_id)


def _handle(handler: Handler, event_id: uuid.UUID, event: events.Event) -> None:
    if handler.outside is not None:
        # Calls the outside world: opens its own transactions before and after, and is idempotent
        # by the provider's key or by the state that it leaves behind.
        handler.outside(event)
        return
    with transaction() as session:
        if events.first_time(session, event_id, handler.name):
            assert handler.inside is not None
            handler.inside(session, event)
