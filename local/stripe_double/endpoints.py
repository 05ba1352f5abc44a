"""Events and webhook endpoints over the API.

Source: API reference "Events", "Webhook Endpoints" (the signing secret is shown only once, when
the endpoint is made).
"""

from __future__ import annotations

from .errors import invalid
from .form import Params
from .model import Model, now
from .store import Object, new_id

MAX_ENDPOINTS = 16


def retrieve_event(model: Model, params: Params, event_id: str) -> Object:
    """GET /v1/events/:id."""
    params.done()
    return model.require("event", event_id)


def list_events(model: Model, params: Params) -> Object:
    """GET /v1/events, newest first."""
    return model.page("event", "/v1/events", params)


def create(model: Model, params: Params) -> Object:
    """POST /v1/webhook_endpoints."""
    url = params.text("url", required=True) or ""
    enabled = params.strings("enabled_events")
    endpoint = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "created": now(),
        "description": params.text("description"),
        "enabled_events": enabled,
        "livemode": False,
        "metadata": params.metadata(),
        "secret": new_id("whsec", 32),
        "status": "enabled",
        "url": url,
    }
    params.done()
    if not enabled:
        raise invalid(
            "Missing required param: enabled_events.",
            code="parameter_missing",
            param="enabled_events",
        )
    if not url.startswith(("http://", "https://")):
        raise invalid("Invalid URL", code="url_invalid", param="url")
    if len(model.store.newest("webhook_endpoint", limit=MAX_ENDPOINTS)[0]) == MAX_ENDPOINTS:
        raise invalid(f"You have reached the maximum of {MAX_ENDPOINTS} webhook endpoints.")
    return model.store.put(endpoint)


def retrieve(model: Model, params: Params, endpoint_id: str) -> Object:
    """GET /v1/webhook_endpoints/:id, without its secret."""
    params.done()
    return _public(model.require("webhook_endpoint", endpoint_id))


def listed(model: Model, params: Params) -> Object:
    """GET /v1/webhook_endpoints."""
    found = model.page("webhook_endpoint", "/v1/webhook_endpoints", params)
    return {**found, "data": [_public(item) for item in found["data"]]}


def delete(model: Model, params: Params, endpoint_id: str) -> Object:
    """DELETE /v1/webhook_endpoints/:id."""
    params.done()
    model.require("webhook_endpoint", endpoint_id)
    with model.store.transaction() as db:
        db.execute("DELETE FROM objects WHERE id = ?", (endpoint_id,))
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def _public(endpoint: Object) -> Object:
    return {key: value for key, value in endpoint.items() if key != "secret"}
