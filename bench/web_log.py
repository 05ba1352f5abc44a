"""What PostgreSQL was asked for, counted in its own log: nothing in the shop knows of it."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.server import FOLDER, Server

_ASKED = re.compile(r"LOG:  (?:statement|execute [^:]+): *(\S*)")
_ENDS = {"BEGIN", "COMMIT", "ROLLBACK"}
_LET_GO = 0.3  # seconds until every process has heard of a changed setting


class Statements:
    """The statements since the last look, request by request."""

    def __init__(self, log: Path) -> None:
        """Begin at the end of the log."""
        self._log = log
        self._place = log.stat().st_size
        self.steps: list[int] = []
        self.ends = 0
        self.texts: list[str] = []

    @property
    def count(self) -> int:
        """All of them, without BEGIN, COMMIT and ROLLBACK."""
        return sum(self.steps)

    def note(self) -> None:
        """Count what has come since, as the share of one request."""
        with self._log.open(encoding="utf-8", errors="replace") as file:
            file.seek(self._place)
            new = file.read()
            self._place = file.tell()
        words = [match.group(1).rstrip(";").upper() for match in _ASKED.finditer(new)]
        ends = sum(word in _ENDS for word in words)
        # A last statement that brings its COMMIT along is one text, and both of them.
        self.ends += ends + new.count("; COMMIT\n")
        self.steps.append(len(words) - ends)
        self.texts.append(new)


@contextmanager
def counted(server: Server) -> Iterator[Statements]:
    """Have every statement logged until the end of the block."""
    _set(server, "'all'")
    try:
        yield Statements(FOLDER / "logs" / "postgres.log")
    finally:
        _set(server, "'none'")


def _set(server: Server, value: str) -> None:
    server.ask("postgres", f"ALTER SYSTEM SET log_statement = {value}")
    server.ask("postgres", "SELECT pg_reload_conf()")
    time.sleep(_LET_GO)
