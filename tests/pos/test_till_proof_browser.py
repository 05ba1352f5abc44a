"""Three tills without a network, one killed while it writes, everything posted three times in any
order: nothing is lost or doubled, the numbers have no gap, the sums are those of the Z report.

`make test` sells some dozen times, `make soak ARGS=till` five hundred times.
"""

import os
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error as BrowserError

from app.identity import devices
from kit.database import reading, transaction
from local import browser
from loyalty import points
from tests import small_shop
from tests.pos import tills
from tests.pos.register import Register
from tests.pos.serving import served
from tests.small_shop import HOOK, HOOK_GTIN, LURE, LURE_GTIN, MUELLER, TOKEN
from tests.soak import SEED, sized

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("wednesday", "sound"),
]
TOKENS = {"bonn-1": TOKEN, "bonn-2": "second-till-token", "koeln-1": "third-till-token"}
PLACES = {"bonn-1": "bonn", "bonn-2": "bonn", "koeln-1": "koeln"}
FLOAT = 20_000
PLENTY = 5000
# Scan, scan, exact cash, with the page's own modules; each receipt is called out once it is shown.
SELL = """async ([first, count]) => {
  const scan = await import("/static/js/till-scan.js");
  const pay = await import("/static/js/till-pay.js");
  const { state } = await import("/static/js/till-store.js");
  const [lure, hook, customer] = CODES;
  for (let turn = first; turn < first + count; turn += 1) {
    await scan.submit(`${1 + (turn % 3)}*${lure}`);
    if (turn % 2) await scan.submit(hook);
    if (turn % 4 === 0) await scan.submit(customer);
    await pay.payExact();
    console.log(`sold ${state.receipt.receipt_number}`);
  }
}""".replace("CODES", f'["{LURE_GTIN}", "{HOOK_GTIN}", "{MUELLER}"]')
OPEN = "async (float) => (await import('/static/js/till-session.js')).begin(float)"
REPORT = "async () => (await import('/static/js/till-session.js')).report()"
CLOSE = "async (counted) => (await import('/static/js/till-session.js')).close(counted, {})"
SKEW = """async (minutes) => {
  const clock = await import("/static/js/till-clock.js");
  clock.setTime(clock.now().getTime() + minutes * 60_000);
}"""


@pytest.fixture
def address(app) -> Iterator[str]:
    """A small shop with three tills, served by a thread of this process."""
    goods = [("lager", LURE), ("bonn", LURE), ("bonn", HOOK), ("koeln", LURE), ("koeln", HOOK)]
    small_shop.build(dict.fromkeys(goods, PLENTY))
    with transaction() as session:
        for code, place in PLACES.items():
            if code != "bonn-1":
                devices.enrol(session, code=code, name=code, location=place, token=TOKENS[code])
    with served(app) as url:
        yield url


@contextmanager
def lasting(chromium: Any, folder: str, address: str, *, killed: bool = False) -> Iterator[Any]:
    """Run a browser whose profile outlives it; `killed` says that the test ends it itself."""
    context = chromium.browser_type.launch_persistent_context(
        folder,
        executable_path=str(browser.find()),
        args=list(browser.OPTIONS),
        base_url=address,
        locale="de-DE",
    )
    context.set_default_timeout(tills.PATIENCE_MS)
    try:
        yield context
    finally:
        # One that was killed has nothing left to close; some versions of the browser say so.
        with suppress(BrowserError) if killed else nullcontext():
            context.close()


def kill(folder: str) -> None:
    """End the browser of a profile as a power cut does."""
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}".encode() in command and not any(
            part.startswith(b"--type=") for part in command
        ):
            os.kill(int(entry.name), signal.SIGKILL)
            return
    raise AssertionError("no browser to kill")


def ready(page: Any) -> Any:
    """Wait for a till, with its worker in charge, and pull the cable."""
    tills.wait_for_view(page, "sale")
    page.evaluate("() => navigator.serviceWorker.ready")
    tills.cut(page)
    page.evaluate(OPEN, FLOAT)
    return page


def killed_in_mid_write(chromium: Any, folder: str, address: str, count: int) -> int:
    """Sell on a till until it is killed; return the highest number that it had shown."""
    shown = [0]

    def hear(said: Any) -> None:
        if said.text.startswith("sold "):
            shown.append(int(said.text[-6:]))

    with lasting(chromium, folder, address, killed=True) as context:
        page = context.new_page()
        page.on("console", hear)
        page.goto(f"/till/#token={TOKENS['koeln-1']}")
        ready(page)
        page.evaluate(f"() => void ({SELL})([0, 100000])")
        while max(shown) < count:
            page.wait_for_timeout(20)
        kill(folder)
    return max(shown)


def numbers(book: list[dict[str, Any]]) -> list[int]:
    return sorted(int(receipt["receipt_number"][-6:]) for receipt in book)


def replay(app: Any, waiting: list[tuple[str, dict[str, Any]]]) -> None:
    """Post every document three times, each time in another order, four at a time."""
    drawn = random.Random(SEED)

    def post(each: tuple[str, dict[str, Any]]) -> bool:
        code, entry = each
        with app.test_client() as client:
            status = Register(client, TOKENS[code]).post(entry["path"], entry["body"]).status_code
        # A count before anything of its session is known is told so, and posted again.
        return status == 200 or (status == 404 and entry["kind"] == "closing")

    for _ in range(3):
        drawn.shuffle(waiting)
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(post, waiting))


def test_three_tills_offline_one_killed_all_posted_thrice(chromium, address, app):
    each = sized(12, 160)
    with tempfile.TemporaryDirectory() as folder, tills.tills(chromium, address) as make:
        shown = killed_in_mid_write(chromium, folder, address, sized(8, 180))
        pages = {}
        for code, skew in (("bonn-1", 10), ("bonn-2", -10)):
            pages[code] = ready(make(token=TOKENS[code]))
            pages[code].evaluate(SKEW, skew)
            pages[code].evaluate(SELL, [0, each])
        with lasting(chromium, folder, address) as context:
            page = pages["koeln-1"] = context.new_page()
            # Started again without a network: the worker has the page, the disk has the sales.
            tills.cut(page)
            page.goto("/till/")
            page.wait_for_selector(
                ":root:is([data-view=sale], [data-view=receipt])", state="attached"
            )
            before = page.evaluate(tills.BOOK)
            assert numbers(before) == list(range(1, len(before) + 1))
            assert len(before) >= shown
            page.evaluate(SELL, [len(before), 3])
            prove(app, pages)


def prove(app: Any, pages: dict[str, Any]) -> None:
    """Post everything in any order, join the tills to the network, and compare the books."""
    books = {code: page.evaluate(tills.BOOK) for code, page in pages.items()}
    reports = {code: page.evaluate(REPORT) for code, page in pages.items()}
    for code, page in pages.items():
        assert numbers(books[code]) == list(range(1, len(books[code]) + 1))
        page.evaluate(CLOSE, reports[code]["cash_expected_minor"] - 5)
    waiting = [
        (code, entry) for code, page in pages.items() for entry in page.evaluate(tills.WAITING)
    ]
    sold = sum(len(book) for book in books.values())
    assert Counter(entry["kind"] for _, entry in waiting) == {
        "sale": sold, "session": 3, "closing": 3,
    }  # fmt: skip
    assert sold >= sized(30, 500)

    replay(app, waiting)
    for page in pages.values():
        tills.mend(page)
        tills.settle(page)
        assert page.evaluate(tills.WAITING) == []

    booked = tills.sales()
    assert Counter(order.receipt_number for order in booked) == {
        receipt["receipt_number"]: 1 for book in books.values() for receipt in book
    }
    moved_once(books)
    for code, report in reports.items():
        with app.test_client() as client:
            z = Register(client, TOKENS[code]).get(f"/sessions/{report['session_id']}").get_json()
        assert z["state"] == "closed"
        assert z["receipts"]["missing"] == []
        assert z["receipts"]["count"] == len(books[code])
        assert z["total_minor"] == sum(receipt["due_minor"] for receipt in books[code])
        assert z["total_minor"] == report["total_minor"]
        assert z["cash_expected_minor"] == report["cash_expected_minor"]
        assert z["difference_minor"] == -5


def moved_once(books: dict[str, list[dict[str, Any]]]) -> None:
    """Stock and points have moved once for each sale."""
    units: Counter[tuple[str, str]] = Counter()
    earned = 0
    for code, book in books.items():
        for receipt in book:
            earned += receipt["due_minor"] // 100 if receipt["customer"] else 0
            for line in receipt["lines"]:
                units[PLACES[code], line["sku"]] += line["quantity"]
    with reading() as session:
        left = small_shop.books(session)
        for place, count in units.items():
            assert left[place][0] == PLENTY - count
        assert points.balance(session, MUELLER) == earned
