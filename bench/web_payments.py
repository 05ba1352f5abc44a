"""A payment provider that answers at once from memory, so that the shop's own time is seen.

Not a test of payments (`local/stripe_double` is for that): it opens payment pages, says that each
of them is paid, and signs the webhook that the driver delivers. One process of its own.
"""

import hashlib
import hmac
import json
import multiprocessing
import socketserver
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from local import ports

SECRET = "whsec_bench"  # noqa: S105 - of a provider that does not exist
PAGES = "https://pay.invalid/"
_HEAD_END = b"\r\n\r\n"


class _Handler(socketserver.StreamRequestHandler):
    """Keeps a connection open and answers the two questions that the shop asks."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client hangs up."""
        while line := self.rfile.readline():
            method, path, _ = line.split()
            length = 0
            while (header := self.rfile.readline()) not in {b"\r\n", b""}:
                if header[:15].lower() == b"content-length:":
                    length = int(header[15:])
            body = self.rfile.read(length)
            if method == b"POST":
                answer = _opened(parse_qs(body.decode()))
            else:
                answer = _known.get(path.decode().rsplit("/", 1)[-1], {})
            text = json.dumps(answer).encode()
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRequest-Id: req_bench\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(text), text)
            )


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


_known: dict[str, dict[str, Any]] = {}


def _opened(asked: dict[str, list[str]]) -> dict[str, Any]:
    """Open a page; the reference of our payment is the page's id, so that the driver knows both."""
    total, number = 0, 0
    while (price := asked.get(f"line_items[{number}][price_data][unit_amount]")) is not None:
        total += int(price[0]) * int(asked[f"line_items[{number}][quantity]"][0])
        number += 1
    ref = asked["client_reference_id"][0]
    session = session_of(ref, total, paid=False)
    _known[session["id"]] = session_of(ref, total, paid=True)
    back = asked["success_url"][0].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return {**session, "url": f"{PAGES}{session['id']}?{urlencode({'back': back})}"}


def session_of(ref: str, total: int, *, paid: bool) -> dict[str, Any]:
    """Return a Checkout Session as Stripe describes it, as far as the shop reads it."""
    page = f"cs_test_{ref}_{total}"
    return {
        "id": page,
        "object": "checkout.session",
        "status": "complete" if paid else "open",
        "payment_status": "paid" if paid else "unpaid",
        "payment_intent": f"pi_{ref}",
        "client_reference_id": ref,
        "metadata": {"payment_ref": ref},
        "amount_total": total,
        "currency": "eur",
    }


def pay(address: str) -> tuple[bytes, str, str]:
    """Pay on the page at this address.

    Returns:
        Body and signature of the event that says so, and the path that the buyer is sent back to.
    """
    page = urlsplit(address)
    _, _, ref, total = page.path.removeprefix("/").split("_")
    back = urlsplit(parse_qs(page.query)["back"][0])
    event = {
        "id": f"evt_{ref}",
        "object": "event",
        "type": "checkout.session.completed",
        "created": int(time.time()),
        "data": {"object": session_of(ref, int(total), paid=True)},
    }
    body = json.dumps(event).encode()
    at = str(int(time.time()))
    signed = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={signed}", f"{back.path}?{back.query}"


def _serve(port: int) -> None:
    with _Server((ports.HOST, port), _Handler) as server:
        server.serve_forever()


def start() -> tuple[multiprocessing.process.BaseProcess, str]:
    """Start the provider; return its process and its address."""
    port = ports.any_free()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(port,), daemon=True)
    process.start()
    return process, f"http://{ports.HOST}:{port}"
