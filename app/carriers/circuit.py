"""A circuit that opens when a carrier keeps failing: nobody at a packing table waits for it.

After `TRIES` failures in a row nobody asks for `REST_SECONDS`; then one may try. It is kept per
process: each learns for itself, which costs a few short waits and needs no shared state.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.carriers.shapes import Carrier, CarrierDown, CarrierLabel, Consignment, Movement

TRIES = 3
REST_SECONDS = 60.0

T = TypeVar("T")


class Guarded:
    """A carrier behind a circuit. Refusals are answers; only silence and faults count.

    Args:
        carrier: whom to ask.
        clock: seconds that only grow; for tests.
    """

    def __init__(self, carrier: Carrier, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = carrier.name
        self._carrier = carrier
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    @property
    def resting(self) -> bool:
        """Whether nobody is asked at the moment."""
        return self._clock() < self._open_until

    def label(self, parcel: Consignment) -> CarrierLabel:
        """See `Carrier.label`; raises `CarrierDown` at once while the circuit is open."""
        return self._ask(lambda: self._carrier.label(parcel))

    def cancel(self, number: str) -> None:
        """See `Carrier.cancel`."""
        self._ask(lambda: self._carrier.cancel(number))

    def close(self, numbers: Sequence[str]) -> None:
        """See `Carrier.close`."""
        self._ask(lambda: self._carrier.close(numbers))

    def movements(self, number: str, postal_code: str) -> list[Movement]:
        """See `Carrier.movements`."""
        return self._ask(lambda: self._carrier.movements(number, postal_code))

    def _ask(self, question: Callable[[], T]) -> T:
        with self._lock:
            if self.resting:
                raise CarrierDown("resting")
            if self._failures >= TRIES:
                # Half open: this one tries, the others rest until it knows.
                self._open_until = self._clock() + REST_SECONDS
        try:
            answer = question()
        except CarrierDown:
            with self._lock:
                self._failures += 1
                if self._failures >= TRIES:
                    self._open_until = self._clock() + REST_SECONDS
            raise
        with self._lock:
            self._failures, self._open_until = 0, 0.0
        return answer
