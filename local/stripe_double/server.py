"""The HTTP server: one thread per connection, nothing but the standard library."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from . import checkout, control, debits, pages
from .api import Api, Dropped, Request
from .model import Model

log = logging.getLogger("stripe_double")

MAX_BODY = 1_000_000
IDLE_SECONDS = 75
NOTICE = "This is a model of Stripe, not Stripe"


class Server(ThreadingHTTPServer):
    """Listens on one address; `model` and `api` are for the handlers."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], model: Model, api: Api) -> None:
        super().__init__(address, Handler)
        self.model = model
        self.api = api

    def watch_deadlines(self) -> None:
        """Expire sessions and let banks answer when their time comes, without anybody looking."""

        def run() -> None:
            while True:
                try:
                    checkout.expire_due(self.model)
                    debits.end_due(self.model)
                except Exception:
                    log.exception("what falls due")
                time.sleep(1)

        threading.Thread(target=run, name="deadlines", daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    """Reads a request, hands it to the API, the pages or the control API, writes the answer."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "StripeDouble/1.0"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Called by the base class for GET."""
        self._handle("GET")

    def do_POST(self) -> None:
        """Called by the base class for POST."""
        self._handle("POST")

    def do_DELETE(self) -> None:
        """Called by the base class for DELETE."""
        self._handle("DELETE")

    def _handle(self, method: str) -> None:
        parts = urlsplit(self.path)
        body = self._body()
        if body is None:
            self._json(413, {"error": {"message": "The body is too large or has no length."}})
            self.close_connection = True
            return
        if parts.path.startswith("/v1/"):
            self._api(Request(method, parts.path, parts.query, body, self.headers))
        elif parts.path.startswith("/_double/"):
            self._control(method, parts.path, body)
        else:
            page = pages.answer(
                self.server.model, Request(method, parts.path, parts.query, body, self.headers)
            )
            self._write(page.status, page.body.encode(), page.headers)

    def _body(self) -> str | None:
        text = self.headers.get("Content-Length", "0")
        if not text.isdigit() or int(text) > MAX_BODY:
            return None
        return self.rfile.read(int(text)).decode("utf-8", "replace")

    def _api(self, request: Request) -> None:
        try:
            reply = self.server.api.answer(request)
        except Dropped:
            self._drop()
            return
        self._json(reply.status, reply.body, reply.headers)

    def _control(self, method: str, path: str, body: str) -> None:
        try:
            values = json.loads(body) if body else {}
            if not isinstance(values, dict):
                raise TypeError("the body must be a JSON object")
        except (ValueError, TypeError) as error:
            self._json(400, {"error": str(error)})
            return
        self._json(*control.answer(self.server.model, method, path, values))

    def _drop(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("the client had left already")

    def _json(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        kind = {"Content-Type": "application/json", "Cache-Control": "no-cache, no-store"}
        payload = json.dumps(body, indent=2, ensure_ascii=False).encode()
        self._write(status, payload, {**kind, **(headers or {})})

    def _write(self, status: int, payload: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "X-Model": NOTICE}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Log a request; the base class would write to stderr."""
        log.info("%s %s", self.address_string(), format % args)
