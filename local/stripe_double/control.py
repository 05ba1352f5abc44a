"""The control API under `/_double/`: what no provider offers and every test needs.

GET  /_double/                      what this is, counts, settings
GET  /_double/health                200
GET  /_double/webhooks              settings and the last deliveries
POST /_double/webhooks              {"delay", "duplicate", "reorder", "hold", "seed"}
POST /_double/webhooks/resend       {"event": id, "copies": n}
POST /_double/webhooks/forge        {"event": id, "mode": one of FORGERIES} → what the shop said
GET  /_double/faults                open orders; POST adds one (see faults.py), DELETE clears
POST /_double/readers/ID/end        {"outcome": "canceled" | "timeout"}
POST /_double/refunds/ID/fail       the bank sends a refund back
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from . import readers, refunds
from .errors import ApiError
from .model import Model, now
from .store import Object, new_id
from .webhooks import DEFAULT_ENDPOINT, body_of, sign

FORGERIES = ("wrong_secret", "unsigned", "old_timestamp", "altered_body", "genuine")
OLD_SECONDS = 3600
_READER_END = re.compile(r"/_double/readers/(tmr_[A-Za-z0-9]+)/end")
_REFUND_FAIL = re.compile(r"/_double/refunds/(re_[A-Za-z0-9]+)/fail")

Answer = tuple[int, dict[str, Any]]


def answer(model: Model, method: str, path: str, body: dict[str, Any]) -> Answer:
    """Answer one request; 400 with `error` where it makes no sense."""
    try:
        return _route(model, method, path, body)
    except (TypeError, ValueError, KeyError) as error:
        return 400, {"error": str(error)}
    except ApiError as error:
        return error.status, {"error": error.body}


def _route(model: Model, method: str, path: str, body: dict[str, Any]) -> Answer:
    if method == "GET" and path in _READ:
        return 200, _READ[path](model)
    if method == "POST" and path in _WRITE:
        return 200, _WRITE[path](model, body)
    if method == "DELETE" and path == "/_double/faults":
        model.faults.clear()
        return 200, _faults(model)
    reader, refund = _READER_END.fullmatch(path), _REFUND_FAIL.fullmatch(path)
    with model.store.transaction():
        if method == "POST" and reader:
            return 200, readers.end(model, reader.group(1), body["outcome"])
        if method == "POST" and refund:
            return 200, refunds.fail(model, refund.group(1))
    return 404, {"error": f"{method} {path} is not part of the control API"}


def _about(model: Model) -> dict[str, Any]:
    return {
        "what": "A model of Stripe, not Stripe. No money moves here.",
        "merchant": model.merchant,
        "objects": model.store.counts(),
        "faults": model.faults.listed(),
        "webhooks": asdict(model.webhooks.settings),
        "seed": model.webhooks.seed,
    }


def _webhooks(model: Model) -> dict[str, Any]:
    log = model.webhooks.log()
    return {
        "settings": asdict(model.webhooks.settings),
        "seed": model.webhooks.seed,
        "waiting": sum(1 for row in log if row["state"] == "waiting"),
        "deliveries": log,
    }


def _change_webhooks(model: Model, body: dict[str, Any]) -> dict[str, Any]:
    model.webhooks.change(body)
    return _webhooks(model)


def _resend(model: Model, body: dict[str, Any]) -> dict[str, Any]:
    event = model.require("event", body["event"])
    model.webhooks.again(event["id"], int(body.get("copies", 1)))
    return {"event": event["id"]}


def _faults(model: Model) -> dict[str, Any]:
    return {"faults": model.faults.listed()}


def _add_fault(model: Model, body: dict[str, Any]) -> dict[str, Any]:
    model.faults.add(body)
    return _faults(model)


def forge(model: Model, body: dict[str, Any]) -> dict[str, Any]:
    """Send what an attacker would send (or, `genuine`, what Stripe would) and tell the status.

    `event` names a stored event to build upon; without it an invented one about an unknown
    payment is sent.
    """
    mode = body["mode"]
    if mode not in FORGERIES:
        raise ValueError(f"mode must be one of {', '.join(FORGERIES)}")
    endpoint = model.webhooks.endpoint(body.get("endpoint", DEFAULT_ENDPOINT))
    if not endpoint:
        raise ValueError("there is no such webhook endpoint")
    event = model.require("event", body["event"]) if body.get("event") else _invented()
    payload = body_of(event)
    secret = endpoint["secret"]
    if mode == "wrong_secret":
        signature = sign(payload, "whsec_not_the_secret")
    elif mode == "unsigned":
        signature = ""
    elif mode == "old_timestamp":
        signature = sign(payload, secret, int(time.time()) - OLD_SECONDS)
    else:
        signature = sign(payload, secret)
    if mode == "altered_body":
        payload = payload.replace(b'"livemode": false', b'"livemode": true')
    return {"mode": mode, "status": model.webhooks.send(endpoint, payload, signature)}


def _invented() -> Object:
    return {
        "id": new_id("evt"),
        "object": "event",
        "created": now(),
        "data": {
            "object": {
                "id": new_id("cs_test", 58),
                "object": "checkout.session",
                "amount_total": 1,
                "client_reference_id": "invented",
                "payment_intent": new_id("pi"),
                "payment_status": "paid",
                "status": "complete",
            }
        },
        "livemode": False,
        "type": "checkout.session.completed",
    }


_READ: dict[str, Callable[[Model], dict[str, Any]]] = {
    "/_double/": _about,
    "/_double/health": lambda _model: {"ok": True},
    "/_double/webhooks": _webhooks,
    "/_double/faults": _faults,
}
_WRITE: dict[str, Callable[[Model, dict[str, Any]], dict[str, Any]]] = {
    "/_double/webhooks": _change_webhooks,
    "/_double/webhooks/resend": _resend,
    "/_double/webhooks/forge": forge,
    "/_double/faults": _add_fault,
}
