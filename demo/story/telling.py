"""What is told while the story plays: each step with its time, and where it is not as told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class NotAsToldError(AssertionError):
    """Something did not happen as the story tells it; the message says what was seen instead."""


class Teller:
    """Prints each step when it is done: a mark, the seconds since the beginning, and its own."""

    def __init__(self, *, silent: bool = False, timed: bool = True) -> None:
        """Begin.

        Args:
            silent: print nothing.
            timed: whether a step that took longer than it is told to fails. A test says no: how
                long something took says as much of the machine as of the shop.
        """
        self._silent = silent
        self._timed = timed
        self._began = time.monotonic()
        self._found: list[str] = []
        self.steps = 0

    def say(self, line: str = "") -> None:
        """Print a line at once, also into a pipe."""
        if not self._silent:
            print(line, flush=True)

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self.say(f"\n{title}")

    def found(self, what: str) -> None:
        """Note a figure that the step has seen; it is printed behind the step."""
        self._found.append(what)

    def within(self, seconds: float, took: float) -> None:
        """Make sure that something took so many seconds at most, where times count.

        Raises:
            NotAsToldError: it took longer.
        """
        told(not self._timed or took <= seconds, f"told within {seconds} s, took {took:.1f} s")

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Tell that a step was played, once it was.

        Raises:
            NotAsToldError: as it came out of the step; it is marked first.
        """
        began = time.monotonic()
        self._found.clear()
        try:
            yield
        except BaseException:
            self.say(f"  ✗ {time.monotonic() - self._began:6.1f} s  {what}")
            raise
        self.steps += 1
        now = time.monotonic()
        seen = f": {', '.join(self._found)}" if self._found else ""
        self.say(f"  ✓ {now - self._began:6.1f} s  {what}{seen}  ({now - began:.1f} s)")


def told(seen: object, what: str) -> None:
    """Make sure of something.

    Args:
        seen: anything true when it is as told.
        what: what should have been the case, and what was seen instead.

    Raises:
        NotAsToldError: it is not.
    """
    if not seen:
        raise NotAsToldError(what)


def same(seen: object, expected: object, what: str) -> None:
    """Make sure that two things are equal.

    Raises:
        NotAsToldError: they are not; with both of them.
    """
    told(seen == expected, f"{what}: expected {expected!r}, saw {seen!r}")
