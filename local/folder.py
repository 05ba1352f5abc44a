"""A data folder of one running shop: who holds it, and what is noted in it."""

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

from local.terminal import MissingError

PATIENCE_SECONDS = 20.0


class DataFolder:
    """`.demo` or `var`: held by one process at a time."""

    def __init__(self, path: Path) -> None:
        """Use `path`, made where it is missing."""
        self.path = path
        # others may pass through (PostgreSQL runs as another user than root), not look around
        path.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.running = path / "running.json"
        self._heartbeat = path / "heartbeat"
        self._lock = (path / "lock").open("a")

    def fileno(self) -> int:
        """Return the descriptor of the lock; whoever inherits it holds the folder too."""
        return self._lock.fileno()

    def hold(self) -> None:
        """Take the folder; a predecessor that is just being cleaned up is waited for.

        Raises:
            MissingError: another process runs on it.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = self.owner()
                if owner or time.monotonic() > deadline:
                    where = self.note().get("shop", self.path)
                    raise MissingError(f"it runs already: process {owner}, {where}") from None
                time.sleep(0.1)
            else:
                self.running.unlink(missing_ok=True)
                return

    def owner(self) -> int:
        """Return the process that noted itself as running here and still lives; 0 if none."""
        pid = int(self.note().get("pid", 0))
        if pid:
            with contextlib.suppress(PermissionError):
                try:
                    os.kill(pid, 0)
                except ProcessLookupError:
                    return 0
        return pid

    def note(self) -> dict[str, Any]:
        """Return what the running shop noted: its process and addresses."""
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return dict(json.loads(self.running.read_text()))
        return {}

    def write_note(self, **facts: Any) -> None:
        """Note that this process runs here, and its addresses; secrets are among the facts."""
        draft = self.path / "running.draft"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"pid": os.getpid(), **facts}, indent=2) + "\n")
        draft.replace(self.running)

    def beat(self) -> None:
        """Note that the shop runs now."""
        self._heartbeat.touch()

    def seconds_since_beat(self) -> float | None:
        """Return for how long the shop was off; None if it never ran."""
        if not self._heartbeat.exists():
            return None
        return max(0.0, time.time() - self._heartbeat.stat().st_mtime)
