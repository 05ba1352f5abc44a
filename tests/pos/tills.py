"""Tills in a real browser: opened, scanned at, cut off, and looked into."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from app.sales.models import Order
from kit.database import reading
from tests.small_shop import TOKEN

# A machine that does five other things at the same time needs a moment for a page.
PATIENCE_MS = 30_000
PHONE, TABLET, DESK = (390, 844), (1024, 768), (1280, 900)
BOOK = "async () => (await import('/static/js/till-book.js')).receipts()"
WAITING = "async () => (await import('/static/js/till-book.js')).waiting()"
FLUSH = "async () => (await import('/static/js/till-outbox.js')).flush({now: true})"
SYNC = "async () => (await import('/static/js/till-catalog.js')).sync()"


@contextmanager
def tills(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Yield what opens a till that is signed in; a script error fails the test."""
    contexts, broken = [], []

    def make(size: tuple[int, int] = DESK, token: str | None = TOKEN, **options: Any) -> Any:
        viewport = {"width": size[0], "height": size[1]}
        context = chromium.new_context(
            base_url=address, locale="de-DE", viewport=viewport, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(f"/till/#token={token}" if token else "/till/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert broken == []


def scan(page: Any, code: str) -> None:
    """Type a code as a scanner does: wherever the focus is, fast, Enter at the end."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def wait_for_view(page: Any, view: str) -> None:
    """Wait until a view is shown."""
    page.wait_for_selector(f":root[data-view={view}]", state="attached")


def basket(page: Any) -> list[tuple[str, ...]]:
    """Return name, quantity and sum of each line."""
    parts = (".till__name", ".till__quantity", ".till__sum")
    lines = page.locator("#lines > li").all()
    return [tuple(line.locator(part).inner_text() for part in parts) for line in lines]


def sell(page: Any, *codes: str) -> None:
    """Scan, and take exact cash."""
    for code in codes:
        scan(page, code)
    page.keyboard.press("Enter")
    wait_for_view(page, "receipt")


def settle(page: Any) -> None:
    """Let the till post everything that waits, now."""
    page.evaluate(FLUSH)


def cut(page: Any) -> None:
    """Pull the network cable of a till."""
    page.context.set_offline(True)


def mend(page: Any) -> None:
    """Put the network cable back."""
    page.context.set_offline(False)


def sales() -> list[Order]:
    """Return what is booked as sold at tills, the first one first."""
    with reading() as session:
        found = session.scalars(select(Order).where(Order.channel == "till"))
        return sorted(found, key=lambda order: str(order.receipt_number))
