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
    failures = _run_handlers(event_id, row)
    with transaction() as session:
        if failures:
            events.mark_failed(session, event_id, "; ".join(failures))
        else:
            events.mark_delivered(session, event_id)


def _run_handlers(event_id: uuid.UUID, row: events.OutboxEvent) -> list[str]:
    """Run every handler and return what went wrong, in words."""
    try:
        event = handlers.load(row.name, row.payload)
        listening = handlers.of(event)
    except (KeyError, TypeError) as error:
        # Written by another version of the shop: later the right worker may come by, and if none
        # does the event has to end in the dead-letter list.
        log.exception("event %s cannot be read", event_id)
        return [f"{row.name} cannot be read: {error!r}"]
    failures = []
    for handler in listening:
        try:
            _handle(handler, event_id, event)
        except Exception as error:
            log.exception("%s failed on %s", handler.name, event)
            failures.append(f"{handler.name}: {error!r}")
    return failures


def _handle(handler: Handler, event_id: uuid.UUID, event: events.Event) -> None:
    if handler.outside is not None:
        # Calls the outside world: opens its own transactions before and after, and is idempotent
        # by the provider's key or by the state that it leaves behind.
        handler.outside(event)
        return
    with transaction() as session:
        if events.first_time(session, event_id, handler.name):
            handler.within(session, event)
