"""A booking with its signatures: at once with a module of our own, in two turns with a far one.

No network while a transaction is open: with a module behind a network the booking is rehearsed and
rolled back, what it wants signed is asked for, and then it is booked.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from app.tills.fiscal import modules
from app.tills.fiscal.network import NetworkSigner
from kit.database import transaction

Outcome = TypeVar("Outcome")


class _RehearsedError(Exception):
    """Rolls a rehearsal back."""


def booked(work: Callable[[Session], Outcome], key: str) -> Outcome:
    """Return what `work` does in a transaction of its own.

    Args:
        work: books a document; with a far module it runs twice, the first time for nothing.
        key: the till's own id of the document.
    """
    signer = modules.in_use()
    if not isinstance(signer, NetworkSigner):
        with transaction() as session:
            return work(session)
    with signer.rehearsing() as asked:
        _rehearse(work)
    with signer.asking(asked, key), transaction() as session:
        return work(session)


def _rehearse(work: Callable[[Session], object]) -> None:
    try:
        with transaction() as session:
            work(session)
            raise _RehearsedError
    except _RehearsedError:
        return
