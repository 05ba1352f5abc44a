"""Faults to order: the next matching request hangs, fails, or loses its reply.

None of this is Stripe; it is how a test makes the network and the provider misbehave
("Advanced error handling" tells which of these a client has to expect).
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any

MAX_SECONDS = 120
KINDS = (
    "hang",  # sleep `seconds` with the request running, then answer as usual
    "hang_drop",  # sleep `seconds`, do nothing, close the connection
    "error",  # answer `status` without having started
    "error_kept",  # do the work, answer 500 and keep that 500 under the idempotency key
    "lose_reply",  # do the work, close the connection without an answer
    "drop",  # close the connection without having started
)


@dataclass
class Fault:
    """One order: which requests it hits and how often."""

    kind: str
    method: str = "POST"
    path: str = "/v1/"
    seconds: float = 5.0
    status: int = 500
    times: int = 1


class Faults:
    """The orders that are open, first come first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[Fault] = []

    def add(self, values: dict[str, Any]) -> Fault:
        """Take an order. Raises ValueError or TypeError when it makes no sense."""
        fault = Fault(**values)
        if fault.kind not in KINDS or fault.times < 1 or not 0 <= fault.seconds <= MAX_SECONDS:
            raise ValueError(
                f"kind must be one of {', '.join(KINDS)}; times ≥ 1; seconds ≤ {MAX_SECONDS}"
            )
        with self._lock:
            self._open.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The order that hits this request, counted down; None where nothing is ordered."""
        with self._lock:
            for fault in self._open:
                if fault.method == method and path.startswith(fault.path):
                    fault.times -= 1
                    if not fault.times:
                        self._open.remove(fault)
                    return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        """The open orders as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._open]

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._open.clear()
