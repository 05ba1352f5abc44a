"""The sink's pages: the list, one mail, its HTML part, its attachments, and JSON for tests.

It stands in for an SMS gateway, too: what is posted to ``/api/sms`` is shown and goes nowhere.
"""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from local.mail_sink import pages, sms
from local.mail_sink.store import Mail, Store

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
# A mail shows pictures and its own styles; it runs nothing and sends nothing.
MAIL_POLICY = (
    "default-src 'none'; img-src * data:; style-src 'unsafe-inline' *; font-src *; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
PAGE_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; script-src 'self'"

Answer = tuple[HTTPStatus, str, bytes]


class Server(ThreadingHTTPServer):
    """The web side of the sink."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], store: Store) -> None:
        """Bind `address`; show what is in `store`."""
        super().__init__(address, Handler)
        self.store = store


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    server_version = "kontor-mail-sink"
    sys_version = ""

    def do_GET(self) -> None:
        """Find the page for the path."""
        address = urlsplit(self.path)
        for pattern, answer in ROUTES:
            found = re.fullmatch(pattern, address.path)
            if found:
                query = {key: values[-1] for key, values in parse_qs(address.query).items()}
                self._send(*answer(self.server.store, found.groups(), query))
                return
        self._send(*not_found())

    def do_POST(self) -> None:
        """Take an SMS as a gateway would, and show it among the mails: it goes nowhere."""
        if urlsplit(self.path).path != "/api/sms":
            self._send(*not_found())
            return
        try:
            told = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            to, text = str(told["to"]), str(told["text"])
        except (ValueError, KeyError, TypeError):
            self._send(HTTPStatus.BAD_REQUEST, JSON, b'{"success": "305"}')
            return
        self.server.store.add(sms.as_mail(to, str(told.get("from", "")), text), [to])
        self._send(HTTPStatus.OK, JSON, sms.answer(to, text))

    def _send(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        framed = self.path.endswith(("/html", ".html"))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", MAIL_POLICY if framed else PAGE_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: whoever looks at mails looks often."""


def not_found() -> Answer:
    """Return the answer for an address without a mail."""
    return HTTPStatus.NOT_FOUND, HTML, pages.missing().encode()


def _with_mail(show: Callable[[Mail], Answer]) -> "Route":
    def answer(store: Store, parts: tuple[str, ...], _query: dict[str, str]) -> Answer:
        mail = store.get(parts[0])
        return show(mail) if mail else not_found()

    return answer


def _index(store: Store, _parts: tuple[str, ...], query: dict[str, str]) -> Answer:
    wanted = query.get("to", "").strip()
    mails = [m for m in store.newest_first() if wanted.lower() in m.to.lower()]
    return HTTPStatus.OK, HTML, pages.index(mails, wanted).encode()


def _as_json(store: Store, _parts: tuple[str, ...], query: dict[str, str]) -> Answer:
    wanted = query.get("to", "").lower()
    listed = [m.as_json() for m in store.newest_first() if wanted in m.to.lower()]
    return HTTPStatus.OK, JSON, json.dumps(listed, ensure_ascii=False).encode()


def _page(mail: Mail) -> Answer:
    return HTTPStatus.OK, HTML, pages.mail(mail).encode()


def _one_as_json(mail: Mail) -> Answer:
    return HTTPStatus.OK, JSON, json.dumps(mail.as_json(), ensure_ascii=False).encode()


def _html_part(mail: Mail) -> Answer:
    """Show the HTML part by itself; pictures inside the mail get an address of ours."""
    if not mail.html:
        return not_found()
    html = mail.html
    for attachment in mail.attachments:
        if attachment.cid:
            address = f"/messages/{mail.id}/files/{quote(attachment.name)}"
            html = html.replace(f"cid:{attachment.cid}", address)
    return HTTPStatus.OK, HTML, pages.outward(html).encode()


def _file(store: Store, parts: tuple[str, ...], _query: dict[str, str]) -> Answer:
    mail = store.get(parts[0])
    for attachment in mail.attachments if mail else []:
        if quote(attachment.name) == parts[1]:
            return HTTPStatus.OK, attachment.content_type, attachment.content
    return not_found()


def _style(_store: Store, _parts: tuple[str, ...], _query: dict[str, str]) -> Answer:
    return HTTPStatus.OK, "text/css; charset=utf-8", pages.style().encode()


def _script(_store: Store, _parts: tuple[str, ...], _query: dict[str, str]) -> Answer:
    return HTTPStatus.OK, "text/javascript; charset=utf-8", pages.watcher().encode()


def _tokens(_store: Store, parts: tuple[str, ...], _query: dict[str, str]) -> Answer:
    """Lend the product's tokens and fonts."""
    file = STATIC / parts[0]
    content_type = "text/css; charset=utf-8" if file.suffix == ".css" else "font/woff2"
    return (HTTPStatus.OK, content_type, file.read_bytes()) if file.is_file() else not_found()


Route = Callable[[Store, tuple[str, ...], dict[str, str]], Answer]
ROUTES: list[tuple[str, Route]] = [
    (r"/", _index),
    (r"/messages\.json", _as_json),
    (r"/messages/(\d+)", _with_mail(_page)),
    (r"/messages/(\d+)\.json", _with_mail(_one_as_json)),
    (r"/messages/(\d+)/html", _with_mail(_html_part)),
    (r"/messages/(\d+)/files/(.+)", _file),
    (r"/style\.css", _style),
    (r"/watch\.js", _script),
    (r"/static/(css/tokens\.css|fonts/[a-z0-9-]+\.woff2)", _tokens),
]
