"""The endpoints that are modelled, on one page."""

from __future__ import annotations

import re
from collections.abc import Callable

from . import checkout, endpoints, payment_intents, readers, refunds
from .errors import ApiError
from .store import Object

Handler = Callable[..., Object]

_TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/v1/checkout/sessions", checkout.create),
    ("GET", "/v1/checkout/sessions", checkout.listed),
    ("GET", "/v1/checkout/sessions/:id", checkout.retrieve),
    ("GET", "/v1/checkout/sessions/:id/line_items", checkout.line_items),
    ("POST", "/v1/checkout/sessions/:id/expire", checkout.expire),
    ("POST", "/v1/payment_intents", payment_intents.create),
    ("GET", "/v1/payment_intents", payment_intents.listed),
    ("GET", "/v1/payment_intents/:id", payment_intents.retrieve),
    ("POST", "/v1/payment_intents/:id/confirm", payment_intents.confirm),
    ("POST", "/v1/payment_intents/:id/capture", payment_intents.capture),
    ("POST", "/v1/payment_intents/:id/cancel", payment_intents.cancel),
    ("GET", "/v1/charges", payment_intents.list_charges),
    ("GET", "/v1/charges/:id", payment_intents.retrieve_charge),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.listed),
    ("GET", "/v1/refunds/:id", refunds.retrieve),
    ("GET", "/v1/events", endpoints.list_events),
    ("GET", "/v1/events/:id", endpoints.retrieve_event),
    ("POST", "/v1/webhook_endpoints", endpoints.create),
    ("GET", "/v1/webhook_endpoints", endpoints.listed),
    ("GET", "/v1/webhook_endpoints/:id", endpoints.retrieve),
    ("DELETE", "/v1/webhook_endpoints/:id", endpoints.delete),
    ("POST", "/v1/terminal/locations", readers.create_location),
    ("POST", "/v1/terminal/readers", readers.create),
    ("GET", "/v1/terminal/readers", readers.listed),
    ("GET", "/v1/terminal/readers/:id", readers.retrieve),
    ("POST", "/v1/terminal/readers/:id/process_payment_intent", readers.process),
    ("POST", "/v1/terminal/readers/:id/cancel_action", readers.cancel_action),
    ("POST", "/v1/test_helpers/terminal/readers/:id/present_payment_method", readers.present),
)
_ROUTES = tuple(
    (method, re.compile(path.replace(":id", r"([A-Za-z0-9_]+)")), handler)
    for method, path, handler in _TABLE
)


def match(method: str, path: str) -> tuple[Handler, tuple[str, ...]]:
    """The handler and the ids in the path; raises ApiError 404 for what is not modelled."""
    for known, pattern, handler in _ROUTES:
        found = pattern.fullmatch(path)
        if found and known == method:
            return handler, found.groups()
    raise ApiError(
        404,
        f"Unrecognized request URL ({method}: {path}). This is a model of Stripe and knows only"
        " part of it.",
        began=False,
    )
