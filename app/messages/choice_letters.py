"""Letters that leave a choice to the customer, or say that their choice was carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from app.messages.letters import Letter, LineFact, ParcelFact, SplitLetter, Untrue


@dataclass(frozen=True)
class BrokenFact:
    """Units of an article that miss the day that was said; `arrives_on` None: no new day yet."""

    sku: str
    title: str
    quantity: int
    told_on: date
    arrives_on: date | None


@dataclass(frozen=True)
class PromiseLetter(SplitLetter):
    """A promised day cannot be kept: the new one, and the choice to wait, or cancel part or all.

    `refund_minor` goes back for the late part, `all_minor` for all that nobody picks yet.
    """

    kind: ClassVar[str] = "promise"
    later: tuple[BrokenFact, ...]
    refund_minor: int
    all_minor: int = 0

    @property
    def partial(self) -> bool:
        """Whether the late part is less than what can still be cancelled."""
        return self.all_minor > self.refund_minor

    def check(self) -> None:
        """See `Letter.check`."""
        if not self.later:
            raise Untrue("nothing is later than was said")
        if any(line.arrives_on and line.arrives_on <= line.told_on for line in self.later):
            raise Untrue("what keeps its day is not late")
        if any(not parcel.lines for parcel in self.parcels):
            raise Untrue("an empty parcel is none")


@dataclass(frozen=True)
class CollectQuestionLetter(SplitLetter):
    """A store cannot hand over what was to be collected: what the customer can choose instead."""

    kind: ClassVar[str] = "collect_question"
    store: str
    reason: str
    lines: tuple[LineFact, ...]
    options: Mapping[str, Any]
    again: bool

    def check(self) -> None:
        """See `Letter.check`."""
        if not self.lines:
            raise Untrue("there is nothing to ask about")


@dataclass(frozen=True)
class ReadyLetter(Letter):
    """The goods are laid out: where, what, and when the store is open."""

    kind: ClassVar[str] = "ready"
    quotes_promise: ClassVar[bool] = False
    store: str
    address: str
    phone: str
    hours: tuple[str, ...]
    lines: tuple[LineFact, ...]
    ready_at: datetime
    # What the customer names in the store, and the last day on which it lies there.
    code: str = ""
    kept_until_on: date | None = None

    def check(self) -> None:
        """See `Letter.check`."""
        if not self.lines:
            raise Untrue("nothing is laid out")


@dataclass(frozen=True)
class DeliveryChangedLetter(Letter):
    """The customer has changed address or day: where it goes now, in how many parcels, when."""

    kind: ClassVar[str] = "delivery_changed"
    parcels: tuple[ParcelFact, ...]
    need_by_on: date | None

    def check(self) -> None:
        """See `Letter.check`."""
        if not self.parcels or any(not parcel.lines for parcel in self.parcels):
            raise Untrue("a delivery without parcels is none")
