"""Pages that are the same for everybody are made once and kept until something on them changes.

1. A view says with `@kept` that its page may be kept. It is kept for those of whom the page says
   nothing: not signed in, no customer number, no message waiting. What it does say of them (postal
   code, chosen store, how much lies in the basket) is part of its key.
2. A request begins with one question to the database: is all of it as it was (`freshness.Seen`)?
   Then the page goes out as it is, compressed already. Else the view makes it anew.
3. A process keeps so many bytes of pages, the last used ones. Nothing is shared between processes,
   and nobody is told to forget: the question at the beginning is enough.
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request, session

from app.i18n import current_language
from app.web import customer_session
from app.workflows import freshness
from app.workflows.freshness import Look, Seen
from kit import clock
from kit.database import on_commit

MOST_BYTES = 64 * 1024 * 1024
LONGEST_QUERY = 200
_OK = 200
_LEVEL = 6
# Stands in a page's text where it names the time; no text of ours has such a sign.
_MARK = b"\x1eminute\x1e"
_SHOP = "storefront"
_FILES = {"static", "media", "stylesheet"}
# What may lie in the session of somebody of whom a page says nothing more.
_SAID = ("postal_code", "store")
_IMPERSONAL = {"basket", "buyer", "csrf_token", "_permanent", *_SAID}

View = TypeVar("View", bound=Callable[..., Any])
Place = tuple[str, str, str, str, tuple[str | None, ...]]
"""Language, host, path, query, and what the visitor has said of where they are."""


@dataclass(slots=True)
class Page:
    """A page as it was made: what everything was like then, and its text by units in the basket."""

    seen: Seen
    skus: tuple[str, ...]
    texts: dict[int, "Text"] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return sum(2 * len(text.made) for text in self.texts.values())


class Text:
    """What a page says, and how it goes out; where it names the time, that is written each minute.

    `made` has a mark there. Stock is looked at with every request, so it is as of now.
    """

    __slots__ = ("_out", "made")

    def __init__(self, made: bytes) -> None:
        """Keep a page as its view has made it."""
        self.made = made
        self._out: tuple[str, bytes, bytes] = ("", b"", b"")

    def out(self, minute: str) -> tuple[bytes, bytes]:
        """Return the page as of a minute ("14:32"), plain and packed."""
        written, plain, packed = self._out
        if not written or (written != minute and _MARK in self.made):
            plain = self.made.replace(_MARK, minute.encode())
            packed = gzip.compress(plain, _LEVEL)
            self._out = (minute, plain, packed)
        return plain, packed


class Shelf:
    """The pages of this process, the last used ones at the end."""

    def __init__(self, most_bytes: int) -> None:
        """Keep so many bytes at most."""
        self._most_bytes = most_bytes
        self._pages: OrderedDict[Place, Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def take(self, place: Place) -> Page | None:
        """Return a page, if it is kept."""
        with self._lock:
            page = self._pages.get(place)
            if page is not None:
                self._pages.move_to_end(place)
            return page

    def put(self, place: Place, page: Page, units: int, text: bytes) -> None:
        """Keep a text of a page; pages that nobody has asked for the longest make room."""
        with self._lock:
            old = self._pages.pop(place, None)
            self._bytes -= old.size if old else 0
            if old is not None and (old.seen, old.skus) == (page.seen, page.skus):
                page.texts.update(old.texts)
            page.texts[units] = Text(text)
            self._pages[place] = page
            self._bytes += page.size
            while self._bytes > self._most_bytes and self._pages:
                _, gone = self._pages.popitem(last=False)
                self._bytes -= gone.size

    def clear(self) -> None:
        """Forget every page."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0


@dataclass(slots=True)
class _Making:
    """A page that may be kept once it is made."""

    place: Place
    look: Look
    asked: frozenset[str]
    skus: set[str]


def kept(view: View) -> View:
    """Say of a view that its page may be kept; it says `shows` of which SKUs it tells the stock."""
    view.may_be_kept = True  # type: ignore[attr-defined]
    return view


def shows(skus: Iterable[str]) -> None:
    """Note that the page being made tells how much there is of these SKUs."""
    making: _Making | None = g.get("kept_page")
    if making is not None:
        making.skus.update(skus)


def leave() -> None:
    """Do not keep the page being made: it depends on more than can be asked before it is shown."""
    g.pop("kept_page", None)


def basket_units() -> int:
    """Return how many units lay in the visitor's basket at the beginning of the request."""
    units: int = g.get("basket_units", 0)
    return units


def as_of() -> str:
    """Return the time of day that a page is as of: "14:32"; kept pages are of their own minute."""
    return _MARK.decode() if for_everybody() else _minute()


def _minute() -> str:
    return f"{clock.berlin(clock.now()):%H:%M}"


def for_everybody() -> bool:
    """Tell whether the page being made is not one visitor's own."""
    return g.get("kept_page") is not None


def init(app: Flask) -> None:
    """Look before everything else. Wired first, so that a page that is kept costs nothing more."""
    app.extensions["kept_pages"] = Shelf(app.config.setdefault("KEPT_PAGES_BYTES", MOST_BYTES))
    app.before_request(_look)
    app.teardown_request(lambda _error: freshness.remember(None))
    # What a request has changed itself, it reads afresh.
    on_commit(_changed)


def watch(app: Flask) -> None:
    """Keep what views make. Wired last, so that it sees answers before anything is done to them."""
    app.after_request(_keep)


def _changed(_session: Any) -> None:
    freshness.remember(None)


def _look() -> Response | None:
    if request.endpoint in _FILES:
        return None
    place = _place()
    if place is None:
        look = freshness.look(session.get("basket") if request.blueprint == _SHOP else None)
        freshness.remember(look.seen)
        g.basket_units = look.basket_units
        return None
    shelf: Shelf = current_app.extensions["kept_pages"]
    page = shelf.take(place)
    look = freshness.look(session.get("basket"), page.skus if page else ())
    freshness.remember(look.seen)
    if look.customer_number is not None:
        return None
    if page is not None and page.seen == look.seen and look.basket_units in page.texts:
        return _answer(*page.texts[look.basket_units].out(_minute()))
    g.kept_page = _Making(place, look, frozenset(page.skus if page else ()), set())
    return None


def _place() -> Place | None:
    """Return the key of what is asked for, or None where the answer is somebody's own."""
    view = current_app.view_functions.get(request.endpoint or "")
    environ = request.environ
    query = environ.get("QUERY_STRING", "")
    if request.method != "GET" or not getattr(view, "may_be_kept", False):
        return None
    if len(query) > LONGEST_QUERY or "HTTP_HX_REQUEST" in environ:
        return None
    if customer_session.COOKIE in request.cookies or not _IMPERSONAL.issuperset(session):
        return None
    said = tuple(session.get(name) for name in _SAID)
    return (current_language(), request.host, request.path, query, said)


def _answer(plain: bytes, packed: bytes) -> Response:
    answer = Response(mimetype="text/html")
    answer.vary.add("Accept-Encoding")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.headers["Content-Encoding"] = "gzip"
        answer.set_data(packed)
    else:
        answer.set_data(plain)
    return answer


def _keep(answer: Response) -> Response:
    making: _Making | None = g.pop("kept_page", None)
    if making is None or answer.is_streamed:
        return answer
    made = answer.get_data()
    answer.set_data(made.replace(_MARK, _minute().encode()))
    if answer.status_code != _OK or answer.mimetype != "text/html":
        return answer
    if session.modified or "Set-Cookie" in answer.headers:
        return answer
    # The stock of these SKUs was looked at before the page was made: only then is it known that
    # the page is not older than it says. Else the next request looks at the right ones.
    seen = making.look.seen
    skus = tuple(sorted(making.skus))
    if making.asked != making.skus:
        seen = freshness.before(seen)
    shelf: Shelf = current_app.extensions["kept_pages"]
    shelf.put(making.place, Page(seen, skus), making.look.basket_units, made)
    return answer
