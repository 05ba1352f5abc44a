"""Deliver a transaction's own events inside it: for imports, which have no worker to wait for."""

from sqlalchemy.orm import Session

from app.jobs import handlers
from kit import events


def deliver_within(session: Session) -> int:
    """Run the inside handlers of every event recorded in this session, until none is new.

    Each is claimed and marked as usual, so that a relay that sees it later has nothing to do.

    Returns:
        How many events were delivered.

    Raises:
        RuntimeError: an event has a handler that calls the outside world; that needs a worker.
    """
    delivered = 0
    while pairs := events.recorded(session):
        for event_id, name in pairs:
            row = session.get_one(events.OutboxEvent, event_id)
            event = handlers.load(name, row.payload)
            for handler in handlers.of(event):
                if events.first_time(session, event_id, handler.name):
                    handler.within(session, event)
            events.mark_delivered(session, event_id)
            delivered += 1
    return delivered
