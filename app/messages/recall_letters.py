"""The letter about goods that are called back: to everybody who bought some, once."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.messages.letters import Letter, Untrue


@dataclass(frozen=True)
class PurchaseFact:
    """Where and when somebody bought how many units; `store` None means from the web shop.

    `lots` are the lot numbers that were read then; `certain` says that one of them is called back.
    """

    document: str
    bought_on: date
    quantity: int
    store: str | None
    lots: tuple[str, ...]
    certain: bool


@dataclass(frozen=True)
class RecallLetter(Letter):
    """Do not use it any more: what is called back, why, and what you bought of it when.

    Source: Regulation (EU) 2023/988, article 36: what a recall notice has to say.
    """

    kind: ClassVar[str] = "recall"
    quotes_promise: ClassVar[bool] = False
    number: int
    sku: str
    title: str
    lots: tuple[str, ...]
    reason: str
    purchases: tuple[PurchaseFact, ...]

    def check(self) -> None:
        """See `Letter.check`."""
        if not self.purchases:
            raise Untrue("nobody is warned of what they do not have")
        if any(one.quantity < 1 for one in self.purchases):
            raise Untrue("what came back is no purchase any more")
        if not self.reason:
            raise Untrue("a recall has a reason")
