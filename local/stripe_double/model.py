"""What every part of the model shares: settings, memory, events and the outgoing webhooks."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from .errors import missing
from .faults import Faults
from .form import Params
from .store import Object, Store, new_id
from .webhooks import Webhooks

API_VERSION = "2026-10-28.endive"
# The API request that is being worked on, for `event.request`; None on the hosted page.
current_request: ContextVar[Object | None] = ContextVar("current_request", default=None)


@dataclass
class Model:
    """One running double."""

    store: Store
    webhooks: Webhooks
    public_url: str
    merchant: str = "Testhändler"
    faults: Faults = field(default_factory=Faults)

    def emit(self, kind: str, obj: Object) -> Object:
        """Write an event and its deliveries in the open transaction.

        Source: "The Event object". The event carries the object as it is now.
        """
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": now(),
            "data": {"object": obj},
            "livemode": False,
            "pending_webhooks": 1,
            "request": current_request.get() or {"id": None, "idempotency_key": None},
            "type": kind,
        }
        with self.store.transaction() as db:
            self.store.put(event)
            self.webhooks.enqueue(db, event, self.store.newest("webhook_endpoint", limit=100)[0])
        return event

    def require(self, kind: str, object_id: str, *, param: str = "id") -> Object:
        """The object, or the 404 that Stripe answers."""
        found = self.store.get(kind, object_id)
        if not found:
            raise missing(kind.rpartition(".")[2], object_id, param=param)
        return found

    def page(self, kind: str, url: str, params: Params, *, parent: str | None = None) -> Object:
        """One page of a list. Source: "Pagination": limit 1 to 100, newest first."""
        after = params.text("starting_after")
        limit = min(params.integer("limit", least=1) or 10, 100)
        params.done()
        rows, more = self.store.newest(kind, parent=parent, after=after, limit=limit)
        return {"object": "list", "data": rows, "has_more": more, "url": url}


def now() -> int:
    """Real time in whole seconds; the shop's movable clock is unknown here."""
    return int(time.time())


def expand(model: Model, obj: Any, paths: list[str]) -> Any:
    """Replace ids by objects as asked. Source: "Expanding responses"."""
    for path in paths:
        parts = path.split(".")
        targets = [obj]
        if parts[0] == "data" and isinstance(obj, dict) and obj.get("object") == "list":
            targets, parts = obj["data"], parts[1:]
        for target in targets:
            _expand_one(model, target, parts)
    return obj


def _expand_one(model: Model, target: Any, parts: list[str]) -> None:
    for part in parts:
        if not isinstance(target, dict):
            return
        value = target.get(part)
        if isinstance(value, str):
            target[part] = model.store.find(value) or value
        target = target.get(part)
