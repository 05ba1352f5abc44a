"""What a message is about to say, and what the books say: the two sides that the gate compares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.messages.evidence import AddressSeen, HoldSeen, OrderSeen, PaperSeen


@dataclass(frozen=True)
class Said:
    """A message before it is written.

    `letter` is the typed letter where there is one, `facts` the same as plain JSON; `text` is all
    that can be read (subject, text and the words of the HTML); `promise` is the promised day in
    words of its language. What the books say is None where the message is not about it.
    """

    kind: str
    channel: str
    facts: Mapping[str, Any]
    text: str
    html: str
    size: int
    letter: Any = None
    promise: str | None = None
    order: OrderSeen | None = None
    hold: HoldSeen | None = None
    address: AddressSeen | None = None
    paper: PaperSeen | None = None

    @property
    def promised_on(self) -> date | None:
        """The promised day that the message quotes."""
        return self.letter.order.promised_on if self.letter is not None else None


class Untrue(ValueError):
    """A message was to say something that its facts or the books do not support."""
