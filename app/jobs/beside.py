"""Long duties run beside the others, in a thread of their own: the sweeper does not wait."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Beside:
    """Runs one of its functions at a time; what falls due meanwhile is left out.

    Left out is not lost: a duty is due again, and must be harmless to run twice or not at all.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def start(self, run: Callable[[], object]) -> bool:
        """Start a function unless one is running; tell whether it was started."""
        if self._thread is not None and self._thread.is_alive():
            return False
        # A daemon: the scheduler can be stopped at any time, and what was not written is not.
        self._thread = threading.Thread(target=_safely, args=[run], daemon=True)
        self._thread.start()
        return True

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for what is running; tell whether nothing runs any more."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()


def _safely(run: Callable[[], object]) -> None:
    try:
        run()
    except Exception:
        log.exception("failed beside the other duties: %s", run)
