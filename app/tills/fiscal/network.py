"""A security module behind a network: asked before the transaction of the receipt opens.

Certified boxes and services log a process in two steps and hand out their log as a TAR file (BSI
TR-03151-1, section 5: startTransaction, finishTransaction, exportData). An adapter fills
`NetworkModule`, and `NetworkSigner` makes a signer of it. updateTransaction is not asked for: it is
for orders that last (Bestellung-V1), a Kassenbeleg needs none (DSFinV-K 2.4, annex I).

What a booking will have signed is found out by a rehearsal that is rolled back; then the module is
asked, with no transaction open, and the booking finds its signatures here
(`app/workflows/till/signing.py`). A module that does not answer is an outage, never a lost sale.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.orm import Session

from app.tills.fiscal.signer import Asked, Signed, SignerDown, client_of

CHANGED = "Der Vorgang hat sich beim Buchen geändert"


class NetworkModule(Protocol):
    """What an adapter of a certified module offers; each call answers within five seconds.

    `key` is the transaction's own id, made by us: the same key again is the same transaction, and
    one that is finished answers with what it said before.
    """

    certified: bool

    def start(self, client_id: str, key: str) -> None:
        """Begin a transaction.

        Raises:
            SignerDown: no answer, or a refusal.
        """

    def finish(self, client_id: str, key: str, process_type: str, process_data: str) -> Signed:
        """End a transaction; the times of what is returned are those of the module's log.

        Raises:
            SignerDown: no answer, or a refusal.
        """

    def export(self, client_id: str, since: datetime, until: datetime) -> bytes:
        """Return the module's log of a time, as the TAR file that auditors want.

        Raises:
            SignerDown: no answer, or a refusal.
        """


@dataclass
class _Ahead:
    """What is known before a booking: what it will ask, and what the module has answered."""

    rehearsing: bool
    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[Asked, Signed | SignerDown]] = field(default_factory=list)


_ahead: ContextVar[_Ahead | None] = ContextVar("fiscal_ahead", default=None)


class NetworkSigner:
    """Signs with what the module has said before the transaction opened."""

    def __init__(self, module: NetworkModule) -> None:
        self.module = module
        self.certified = module.certified

    def sign(self, session: Session, asked: Asked) -> Signed | None:
        """Return the signature that was fetched for this.

        Raises:
            SignerDown: the module did not answer, or was asked for something else.
        """
        ahead = _ahead.get()
        if ahead is None:
            raise SignerDown(CHANGED)
        if ahead.rehearsing:
            ahead.asked.append(asked)
            raise SignerDown(CHANGED)
        for place, (before, answer) in enumerate(ahead.answers):
            if _same(before, asked):
                del ahead.answers[place]
                if isinstance(answer, SignerDown):
                    raise answer
                return answer
        raise SignerDown(CHANGED)

    @contextmanager
    def rehearsing(self) -> Iterator[list[Asked]]:
        """Gather what a booking wants to have signed, as long as the block lasts."""
        ahead = _Ahead(rehearsing=True)
        with _known(ahead):
            yield ahead.asked

    @contextmanager
    def asking(self, asked: Sequence[Asked], key: str) -> Iterator[None]:
        """Ask the module, and have its answers at hand as long as the block lasts.

        Args:
            asked: what the rehearsal has shown.
            key: of the document; posted again, it finds the same transactions.
        """
        ahead = _Ahead(rehearsing=False)
        for place, one in enumerate(asked):
            ahead.answers.append((one, self._answer(one, f"{key}/{place}/{one.process_data}")))
        with _known(ahead):
            yield

    def _answer(self, asked: Asked, name: str) -> Signed | SignerDown:
        client_id, key = client_of(asked.device), str(uuid5(NAMESPACE_URL, name))
        try:
            self.module.start(client_id, key)
            return self.module.finish(client_id, key, asked.process_type, asked.process_data)
        except SignerDown as down:
            return down


def _same(one: Asked, other: Asked) -> bool:
    # The times are the module's own.
    return (one.device, one.process_type, one.process_data) == (
        other.device,
        other.process_type,
        other.process_data,
    )


@contextmanager
def _known(ahead: _Ahead) -> Iterator[None]:
    before = _ahead.set(ahead)
    try:
        yield
    finally:
        _ahead.reset(before)
