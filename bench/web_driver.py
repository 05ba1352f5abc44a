"""A load generator that costs less than what it asks: one process, sockets, no HTTP library.

Each buyer is a generator: it yields the bytes of a request and gets the answer. So many of them
stand at the till at the same time as there are connections; a connection stays open from one to
the next, as a browser's does.
"""

import selectors
import socket
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

_HEAD_END = b"\r\n\r\n"
_CHUNK = 262_144
# What a browser says of a form that this site's own page sends.
_OWN_FORM = "Sec-Fetch-Site: same-origin\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """Return a header's value, empty where it is missing."""
        start = self.head.lower().find(f"\r\n{name}: ".encode())
        if start < 0:
            return ""
        start += len(name) + 4
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].decode()


Flow = Generator[bytes, Answer, None]


@dataclass
class Run:
    """What happened: the flows that came to their end, answers by status, and how long it took."""

    flows: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    bytes: int = 0
    seconds: float = 0.0
    own_cpu: float = 0.0

    @property
    def requests(self) -> int:
        """How many answers came."""
        return sum(self.statuses.values())

    @property
    def errors(self) -> int:
        """How many of them say that the server failed."""
        return sum(count for status, count in self.statuses.items() if status >= 500)  # noqa: PLR2004


class Wire:
    """One open connection and the flow that uses it."""

    def __init__(self, address: tuple[str, int]) -> None:
        """Connect."""
        self.line = socket.create_connection(address, 30)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.flow: Flow | None = None
        self.parts = b""
        self.wanted = -1
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        """Ask."""
        self.parts, self.wanted, self.sent_at = b"", -1, time.perf_counter()
        self.line.sendall(request)

    def receive(self) -> Answer | None:
        """Take what has come; the answer once it is whole.

        Raises:
            ConnectionError: the server hung up.
        """
        came = self.line.recv(_CHUNK)
        if not came:
            raise ConnectionError("the server closed a connection in the middle of an answer")
        self.parts += came
        if self.wanted < 0:
            end = self.parts.find(_HEAD_END)
            if end < 0:
                return None
            self.wanted = end + len(_HEAD_END) + _length(self.parts[:end])
        if len(self.parts) < self.wanted:
            return None
        head, _, body = self.parts.partition(_HEAD_END)
        return Answer(int(head[9:12]), head, body, time.perf_counter() - self.sent_at)


def _length(head: bytes) -> int:
    low = head.lower()
    start = low.find(b"content-length:")
    if start < 0:
        return 0
    end = low.find(b"\r\n", start)
    return int(low[start + 15 : end if end >= 0 else None])


def drive(
    address: tuple[str, int], flows: Iterator[Flow], *, at_once: int, seconds: float = 1e9
) -> Run:
    """Run flows, `at_once` at a time, until there are no more or the time is up.

    Raises:
        ConnectionError: the server hung up, or did not answer for 30 seconds.
    """
    run = Run()
    with selectors.DefaultSelector() as ready:
        wires = [Wire(address) for _ in range(at_once)]
        started, cpu = time.perf_counter(), time.process_time()
        busy = 0
        for wire in wires:
            ready.register(wire.line, selectors.EVENT_READ, wire)
            busy += _next(wire, flows)
        while busy:
            events = ready.select(30)
            if not events:
                raise ConnectionError("no answer for 30 seconds")
            for key, _ in events:
                wire = key.data
                answer = wire.receive()
                if answer is None:
                    continue
                run.statuses[answer.status] = run.statuses.get(answer.status, 0) + 1
                run.waits.append(answer.seconds)
                run.bytes += len(answer.body)
                try:
                    wire.send(wire.flow.send(answer))
                except StopIteration:
                    run.flows += 1
                    over = time.perf_counter() - started > seconds
                    busy += (0 if over else _next(wire, flows)) - 1
        run.seconds, run.own_cpu = time.perf_counter() - started, time.process_time() - cpu
        for wire in wires:
            wire.line.close()
    return run


def _next(wire: Wire, flows: Iterator[Flow]) -> int:
    """Give a wire its next flow and send its first request; 0 where there is none."""
    for flow in flows:
        wire.flow = flow
        wire.send(next(flow))
        return 1
    wire.flow = None
    return 0


def get(path: str, cookie: str = "", *, packed: bool = False) -> bytes:
    """Return the bytes that ask for a page."""
    more = f"Cookie: {cookie}\r\n" if cookie else ""
    more += "Accept-Encoding: gzip\r\n" if packed else ""
    return f"GET {path} HTTP/1.1\r\nHost: shop\r\n{more}\r\n".encode()


def post(path: str, fields: Mapping[str, str] | list[tuple[str, str]], cookie: str = "") -> bytes:
    """Return the bytes that send a form of the shop's own page."""
    body = urlencode(fields)
    more = f"Cookie: {cookie}\r\n" if cookie else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: shop\r\n{_OWN_FORM}{more}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()


def send_json(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the bytes that another machine sends, a webhook for one."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: shop\r\n{more}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
