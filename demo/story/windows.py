"""Browser windows: each person has one, with cookies of their own."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from demo.story.stage import NotRunningError, Person, Stage
from local import browser

PHONE, DESK = (390, 844), (1280, 900)
# A machine that does five other things at the same time needs a moment for a page.
PATIENCE_MS = 30_000

Look = Callable[[Page, str], None]


def _look_away(_page: Page, _name: str) -> None:
    """Nobody wants to see the page."""


@dataclass
class Windows:
    """Opens windows onto the shop; `look` is called with every page of note and its name."""

    browser: Browser
    look: Look = _look_away
    errors: list[str] = field(default_factory=list)
    _signed_in: dict[str, Page] = field(default_factory=dict)

    def open(self, size: tuple[int, int], **options: Any) -> Page:
        """Open a window with fresh cookies: a person who was never here."""
        context = self.browser.new_context(
            locale="de-DE",
            timezone_id="Europe/Berlin",
            viewport={"width": size[0], "height": size[1]},
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        return page

    def staff(self, stage: Stage, person: Person, room: str, size: tuple[int, int]) -> Page:
        """Open a member of staff's window at a room; they sign in once."""
        known = self._signed_in.get(person.email)
        if known is not None:
            known.goto(room)
            return known
        page = self._signed_in[person.email] = self.open(size)
        page.goto(room)
        page.get_by_label("E-Mail").fill(person.email)
        page.get_by_label("Passwort").fill(person.password)
        page.get_by_role("button", name="Anmelden").click()
        page.wait_for_url(lambda url: url.startswith(room))
        return page

    def close(self) -> None:
        """Close every window."""
        self._signed_in.clear()
        for context in self.browser.contexts:
            context.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium for the block.

    Raises:
        NotRunningError: there is none on this machine.
    """
    program = browser.find()
    if program is None:
        raise NotRunningError(browser.ADVICE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(program),
            args=list(browser.OPTIONS),
            # Fields for a day are written as the browser's own language has it, where it is there
            # (on Debian in the package chromium-l10n); the window's locale does not reach them.
            env={**os.environ, "LANGUAGE": "de"},
        )
        yield launched
        launched.close()
