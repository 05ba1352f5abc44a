"""One API request: key, faults, idempotency, work, answer.

Source: "Authentication" (401 without a valid secret key), "Request IDs", "Idempotent requests".
"""

from __future__ import annotations

import base64
import logging
import time
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from typing import Any

from .errors import ApiError
from .faults import Fault
from .form import Params, parse
from .idempotency import Answer, Idempotency, fingerprint
from .model import API_VERSION, Model, current_request, expand
from .routes import match
from .store import new_id

log = logging.getLogger("stripe_double")


class Dropped(Exception):
    """Close the connection without an answer."""


@dataclass(frozen=True)
class Request:
    """What came over the wire."""

    method: str
    path: str
    query: str
    body: str
    headers: Message


@dataclass
class Reply:
    """What goes back."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """Answers requests under /v1/."""

    def __init__(self, model: Model, api_key: str | None) -> None:
        self._model = model
        self._api_key = api_key
        self._idempotency = Idempotency(model.store)

    def answer(self, request: Request) -> Reply:
        """Answer one request; raises Dropped where a fault wants no answer to arrive."""
        request_id = new_id("req", 14)
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        try:
            self._check_key(request.headers)
            fault = self._model.faults.take(request.method, request.path)
            reply = self._before(fault) or self._work(request, request_id, fault)
        except ApiError as error:
            reply = Reply(error.status, {"error": error.body})
        except Dropped:
            raise
        except Exception:
            log.exception("%s %s", request.method, request.path)
            reply = Reply(500, _server_error("The model itself failed; see its log."))
        if reply.status >= HTTPStatus.BAD_REQUEST:
            reply.body["error"].setdefault("request_log_url", f"model://requests/{request_id}")
        reply.headers = {**headers, **reply.headers}
        return reply

    def _check_key(self, headers: Message) -> None:
        given = _key_of(headers)
        if not given:
            raise ApiError(
                401,
                "You did not provide an API key. You need to provide your API key in the"
                " Authorization header, using Bearer auth (e.g. 'Authorization: Bearer"
                " YOUR_SECRET_KEY').",
                began=False,
            )
        test_key = given.startswith(("sk_test_", "rk_test_"))
        if not test_key or (self._api_key and given != self._api_key):
            raise ApiError(
                401, f"Invalid API Key provided: {given[:7]}****{given[-4:]}", began=False
            )

    def _before(self, fault: Fault | None) -> Reply | None:
        """What a fault does before any work is started."""
        if fault is None:
            return None
        if fault.kind == "drop":
            raise Dropped
        if fault.kind == "hang_drop":
            time.sleep(fault.seconds)
            raise Dropped
        if fault.kind == "error":
            return Reply(fault.status, _server_error("An ordered fault: nothing was done."))
        return None

    def _work(self, request: Request, request_id: str, fault: Fault | None) -> Reply:
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if not key:
            answer = self._execute(request, request_id, None, fault)
            return self._after(answer, fault, {})
        with self._idempotency.running(key):
            print_ = fingerprint(parse(request.body))
            kept = self._idempotency.recall(key, request.path, print_)
            if kept:
                headers = {
                    "Idempotency-Key": key,
                    "Idempotent-Replayed": "true",
                    "Original-Request": kept.request_id,
                }
                return self._after(kept, fault, headers)
            answer = self._execute(request, request_id, key, fault)
            return self._after(answer, fault, {"Idempotency-Key": key})

    def _after(self, answer: Answer, fault: Fault | None, headers: dict[str, str]) -> Reply:
        if fault and fault.kind == "lose_reply":
            raise Dropped
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            headers["Stripe-Should-Retry"] = "false"
        return Reply(answer.status, answer.body, headers)

    def _execute(
        self, request: Request, request_id: str, key: str | None, fault: Fault | None
    ) -> Answer:
        """Do the work and keep the answer in one transaction."""
        if fault and fault.kind == "hang":
            time.sleep(fault.seconds)
        handler, ids = match(request.method, request.path)
        raw = parse(request.body if request.method == "POST" else request.query)
        current_request.set({"id": request_id, "idempotency_key": key})
        with self._model.store.transaction():
            try:
                params = Params(raw)
                result = handler(self._model, params, *ids)
                answer = Answer(
                    200, expand(self._model, result, params.strings("expand")), request_id
                )
            except ApiError as error:
                if not error.began:
                    raise
                answer = Answer(error.status, {"error": error.body}, request_id)
            if fault and fault.kind == "error_kept":
                answer = Answer(
                    500, _server_error("An ordered fault: the work was done."), request_id
                )
            if key:
                path, print_ = request.path, fingerprint(raw)
                self._idempotency.keep(key, path, print_, answer)
        return answer


def _key_of(headers: Message) -> str:
    scheme, _, value = (headers.get("Authorization") or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""
    return value.strip() if scheme.lower() == "bearer" else ""


def _server_error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "api_error"}}
