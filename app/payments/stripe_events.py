"""Reads Stripe's events (their JSON, once verified) into our own words.

Source: Stripe API reference, "The Event object", "Types of events".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.payments.gateway import WebhookEvent

Json = Mapping[str, Any]


def event_of(body: Json) -> WebhookEvent:
    """Read a verified event; types we do not know keep what can be told of any object.

    Raises:
        KeyError, TypeError: the body is no event.
    """
    obj: Json = body["data"]["object"]
    kind = obj.get("object")
    metadata: Json = obj.get("metadata") or {}
    return WebhookEvent(
        id=body["id"],
        type=body["type"],
        created_at=datetime.fromtimestamp(body["created"], UTC),
        session_id=obj["id"] if kind == "checkout.session" else None,
        payment_intent=obj["id"] if kind == "payment_intent" else _id(obj.get("payment_intent")),
        payment_ref=obj.get("client_reference_id") or metadata.get("payment_ref"),
        order_ref=metadata.get("order_ref"),
        refund_id=obj["id"] if kind == "refund" else None,
        amount_minor=_amount(obj),
        currency=str(obj["currency"]).upper() if obj.get("currency") else None,
        status=obj.get("status"),
        payment_status=obj.get("payment_status"),
    )


def _id(value: Any) -> str | None:
    """The id of something that Stripe sends as an id or, expanded, as an object."""
    return str(value["id"]) if isinstance(value, Mapping) else value


def _amount(obj: Json) -> int | None:
    match obj.get("object"):
        case "checkout.session":
            return obj.get("amount_total")
        case "payment_intent":
            return obj.get("amount_received") or obj.get("amount")
        case "charge":
            return obj.get("amount_refunded")
    return obj.get("amount")
