"""A running Stripe double, a shop that only receives webhooks, and a customer's browser.

The double runs as its own process, as in the demo; nothing of it is imported here.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
import stripe

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_of_the_tests"
KEY = "sk_test_double"
# Stripe's own sandbox, where a key is given and no other address is set for it.
REAL_KEY = "" if os.environ.get("STRIPE_API_BASE") else os.environ.get("STRIPE_API_KEY", "")
TARGETS = ["double", "stripe"] if REAL_KEY.startswith("sk_test_") else ["double"]
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "K. Müller"}
DECLINED = "4000 0000 0000 0002"
INSUFFICIENT = "4000 0000 0000 9995"
CHALLENGE = "4000 0025 0000 3155"
CHALLENGE_ALWAYS = "4000 0027 6000 3184"


@dataclass
class Received:
    """One webhook as it arrived."""

    body: bytes
    signature: str
    at: float
    event: dict[str, Any]


class Receiver(ThreadingHTTPServer):
    """Takes webhooks; `judge` says with which status, else 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ReceiverHandler)
        self.received: list[Received] = []
        self.judge: Callable[[bytes, str], int] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhooks/stripe?via=test"

    def types(self) -> list[str]:
        return [item.event["type"] for item in self.received]

    def wait_for(self, kind: str, count: int = 1, seconds: float = 8.0) -> list[Received]:
        """The first `count` webhooks of this type; fails when they do not come in time."""
        found: list[Received] = []

        def enough() -> bool:
            found[:] = [item for item in self.received if item.event["type"] == kind]
            return len(found) >= count

        until(enough, seconds, lambda: f"{count} × {kind}, got {self.types()}")
        return found[:count]


class _ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signature = self.headers.get("Stripe-Signature") or ""
        seen = Received(body, signature, time.time(), json.loads(body))
        self.server.received.append(seen)
        judge = self.server.judge
        status = judge(body, signature) if judge else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


def until(enough: Callable[[], bool], seconds: float, wanted: Callable[[], str]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not enough():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {wanted()}")
        time.sleep(0.02)


@dataclass
class Double:
    """The process, its address, and the orders one can give it."""

    process: subprocess.Popen[str]
    url: str
    receiver: Receiver
    options: list[str] = field(default_factory=list)

    def client(self, retries: int = 0) -> stripe.StripeClient:
        """The official client, pointed at the double."""
        return stripe.StripeClient(
            KEY,
            base_addresses={"api": self.url},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=10),
        )

    def fault(self, kind: str, **values: Any) -> None:
        self.control("faults", kind=kind, **values)

    def control(self, order: str, **values: Any) -> dict[str, Any]:
        reply = requests.post(f"{self.url}/_double/{order}", json=values, timeout=15)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def webhooks(self) -> dict[str, Any]:
        return dict(requests.get(f"{self.url}/_double/webhooks", timeout=5).json())

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(5) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)
        assert self.process.stdout is not None
        self.process.stdout.close()


def start(receiver: Receiver, *options: str, port: int = 0) -> Double:
    """Start a double as its own process and wait for its first line."""
    command = [sys.executable, "-m", "local.stripe_double", "--port", str(port)]
    command += ["--webhook-url", receiver.url, "--webhook-secret", SECRET]
    process = subprocess.Popen(
        [*command, "--merchant", "Angelhaus Rhein", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "not Stripe" in line, line
    return Double(process, line.split(" at ")[1].split(",")[0], receiver, list(options))


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens for the block."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        thread.join()
        receiver.server_close()


@contextlib.contextmanager
def running(*options: str) -> Iterator[Double]:
    """A double and its receiver for the block."""
    with receiving() as receiver:
        double = start(receiver, *options)
        try:
            yield double
        finally:
            double.stop()


def session_params(**values: Any) -> Any:
    """A payment page over 37,37 €."""
    lines = (("Gummiköder <9 cm>", 1299, 2), ("Haken", 649, 1), ("Versand", 490, 1))
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": quantity,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": unit,
                    "product_data": {"name": title},
                },
            }
            for title, unit, quantity in lines
        ],
        "success_url": "https://shop.example/danke?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/korb",
        "client_reference_id": "pay-1",
        "customer_email": "klaus@example.org",
        "locale": "de",
        "metadata": {"order_ref": "A-1"},
        **values,
    }


def pay(url: str, number: str = CARD["number"], **fields: str) -> requests.Response:
    """Submit the payment page's form as a browser would, without following where it leads."""
    form = {**CARD, "number": number, **fields}
    return requests.post(url, data=form, allow_redirects=False, timeout=15)


def decide(url: str, decision: str) -> requests.Response:
    """Answer the bank's question."""
    return requests.post(url, data={"decision": decision}, allow_redirects=False, timeout=15)
