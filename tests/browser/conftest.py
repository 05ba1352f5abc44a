"""Fixtures: the story's stage and windows, with a judge who looks at every page of note."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from demo.story.stage import Stage
from demo.story.telling import Teller
from demo.story.windows import Windows
from tests.live import LiveShop


class Judge:
    """Looks at pages: no barrier that axe knows, nothing wider than the window."""

    def __init__(self) -> None:
        self.axe = Axe()
        # Where scripts are off, axe would never come to an end: it waits for its own.
        self.scripts = True
        self.seen: list[str] = []
        self.found: list[str] = []

    def look(self, page: Page, name: str) -> None:
        """Note what is wrong with a page."""
        self.seen.append(name)
        if page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
            self.found.append(f"{name}: wider than the window")
        if not self.scripts:
            return
        # A toast fades in; half faded it would have too little contrast.
        page.evaluate("() => Promise.allSettled(document.getAnimations().map(a => a.finished))")
        for broken in self.axe.run(page).response["violations"]:
            places = [node["target"] for node in broken["nodes"]]
            self.found.append(f"{name}: {broken['id']}, {broken['help']}: {places[:4]}")


@pytest.fixture
def stage(live_shop: LiveShop) -> Stage:
    """The running shop, with the story's goods where the seed has put them."""
    found = Stage.of(live_shop.folder)
    found.flask("demo", "restage")
    return found


@pytest.fixture
def teller() -> Teller:
    """Prints the steps; pytest shows them where one was not as told. `make story` sees the time."""
    return Teller(timed=False)


@pytest.fixture
def judge() -> Judge:
    """Has seen nothing yet."""
    return Judge()


@pytest.fixture
def windows(chromium: Any, judge: Judge) -> Iterator[Windows]:
    """Windows of this test; the judge looks at every page of note."""
    opened = Windows(chromium, judge.look)
    yield opened
    opened.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application alone, served by a thread of this process: small, and soon there."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Callable[..., Page]]:
    """Open pages of that application, each in a browser profile of its own."""
    contexts = []

    def open_(width: int, *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=address,
            locale="de-DE",
            viewport={"width": width, "height": 844},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page: Page = context.new_page()
        return page

    yield open_
    for context in contexts:
        context.close()
