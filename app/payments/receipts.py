"""Which of the provider's events have been dealt with: one statement at the end of each."""

from app.payments.gateway import WebhookEvent
from kit import clock
from kit.plain import Plain

_RECEIPT = b"""
    INSERT INTO webhook_receipts (event_id, kind, payload, received_at)
    VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""


def receipt(event: WebhookEvent, body: bytes) -> Plain:
    """Return the statement that notes an event; one that is noted already changes nothing.

    Args:
        event: verified.
        body: as it came, JSON.
    """
    parameters = [event.id.encode(), event.type.encode(), body]
    return Plain(_RECEIPT, [*parameters, clock.now().isoformat().encode()])
