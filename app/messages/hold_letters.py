"""Letters about goods that a store puts aside: kept, laid out, sold to somebody else, over."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.messages.letters import Letter, LineFact, Untrue

WHATS = ("held", "ready", "short", "expired")


@dataclass(frozen=True)
class StoreHoldLetter(Letter):
    """What there is to say of a hold: `what` is one of `WHATS`, `gone` what was sold meanwhile.

    It says in words that nothing has been bought: the contract is made at the counter.
    """

    kind: ClassVar[str] = "store_hold"
    quotes_promise: ClassVar[bool] = False
    what: str
    store: str
    address: str
    phone: str
    hours: tuple[str, ...]
    lines: tuple[LineFact, ...]
    gone: tuple[LineFact, ...]
    ready_by_at: datetime
    until_at: datetime

    def check(self) -> None:
        """See `Letter.check`."""
        if self.what not in WHATS:
            raise Untrue(f"nobody knows what {self.what} is")
        if self.what in {"held", "ready", "expired"} and not self.lines:
            raise Untrue("nothing is put aside")
        if (self.what == "short") != bool(self.gone):
            raise Untrue("short is what was sold to somebody else")
