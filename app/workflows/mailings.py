"""Send catalogues and samples to those who asked for such things, and to nobody else.

Released by a person, after seeing who gets one and who does not. The consent is asked again when
the piece leaves; no order, parcel or message of an order is touched.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.community import mailings
from app.community.models import Mailing, Mailpiece
from app.identity import customers as accounts
from app.workflows import evidence
from app.workflows.floor import Worker
from fulfilment.outbound import parcels
from kit import clock
from kit.database import transaction
from kit.errors import Refused
from kit.ids import new_id
from loyalty import addresses, consents
from loyalty.addresses import FIELDS


@dataclass(frozen=True)
class Recipient:
    """Somebody whose consent stands, and why they get none, where it is so.

    `why` is empty where they get one; else ``has_one``, ``no_address``, ``no_account``, or
    ``problem`` while something of theirs is not solved.
    """

    email: str
    language: str
    number: str
    address: dict[str, str]
    why: str


def recipients(session: Session, mailing: Mailing) -> Sequence[Recipient]:
    """Return everybody who asked for things of this kind, and whether they get this one."""
    had = set(
        session.scalars(
            select(Mailpiece.email).where(
                Mailpiece.mailing == mailing.code, Mailpiece.state != "cancelled"
            )
        )
    )
    agreed = consents.confirmed(session, mailings.KINDS[mailing.kind])
    return [_recipient(session, email, language, email in had) for email, language in agreed]


def _recipient(session: Session, email: str, language: str, has_one: bool) -> Recipient:  # noqa: FBT001 - a fact
    account = accounts.account_of(session, email)
    if account is None:
        return Recipient(email, language, "", {}, "no_account")
    usual = next(iter(addresses.of(session, account.number)), None)
    address = {name: getattr(usual, name) for name in FIELDS} if usual else {}
    if has_one:
        why = "has_one"
    elif not address:
        why = "no_address"
    else:
        why = "problem" if evidence.problem_of(session, email) else ""
    return Recipient(email, language, account.number, address, why)


def release(code: str, *, actor: str) -> int:
    """Open a piece for everybody who gets one; return how many that were. Again adds new ones.

    Raises:
        NotFound: ``mailing``.
        Refused: ``mailing_dates``: it does not run today.
    """
    with transaction() as session:
        mailing = mailings.one(session, code, lock=True)
        if not mailing.starts_on <= clock.today() <= mailing.ends_on:
            raise Refused("mailing_dates", mailing=code)
        if mailing.released_at is None:
            mailing.released_at, mailing.released_by = clock.now(), actor
        wanted = [one for one in recipients(session, mailing) if not one.why]
        for one in wanted:
            _open(session, mailing, one)
        return len(wanted)


def _open(session: Session, mailing: Mailing, one: Recipient) -> None:
    query = select(Mailpiece).where(Mailpiece.mailing == mailing.code, Mailpiece.email == one.email)
    row = session.scalar(query)
    if row is None:
        code = parcels.sscc(parcels.DEMONSTRATION_PREFIX, parcels.next_serial(session))
        row = Mailpiece(id=new_id(), mailing=mailing.code, email=one.email, sscc=code)
        session.add(row)
    else:
        mailings.STATES.check(row.state, "open")
    row.customer_number, row.address, row.language = one.number, one.address, one.language
    row.state, row.opened_at, row.ended_at = "open", clock.now(), None
    session.flush()


def stop(code: str) -> int:
    """Send no further piece of a mailing; return how many were waiting.

    Raises:
        NotFound: ``mailing``.
    """
    with transaction() as session:
        mailing = mailings.one(session, code, lock=True)
        waiting = session.scalars(
            select(Mailpiece)
            .where(Mailpiece.mailing == code, Mailpiece.state == "open")
            .with_for_update()
        ).all()
        for row in waiting:
            row.state, row.ended_at = "cancelled", clock.now()
        mailing.released_at = mailing.released_by = None
        return len(waiting)


def send(piece_id: uuid.UUID, worker: Worker) -> bool:
    """Say that a piece has left; tell whether it may. Done twice, it is done once.

    Returns:
        False where its person has taken the consent back meanwhile: the piece is cancelled.

    Raises:
        NotFound: ``mailpiece``.
        Refused: ``mailpiece_state``: it was cancelled, or came back.
    """
    with transaction() as session:
        row, mailing = mailings.piece(session, piece_id, worker.location, lock=True)
        if row.state == "sent":
            return True
        mailings.STATES.check(row.state, "sent")
        if not consents.given(session, row.email, mailings.KINDS[mailing.kind]):
            row.state, row.ended_at = "cancelled", clock.now()
            return False
        row.state, row.sent_at, row.sent_by = "sent", clock.now(), worker.name
        return True


def came_back(piece_id: uuid.UUID, worker: Worker) -> None:
    """Note that a piece could not be delivered: it counts as waste.

    Raises:
        NotFound: ``mailpiece``.
        Refused: ``mailpiece_state``: it has not been sent.
    """
    with transaction() as session:
        row, _mailing = mailings.piece(session, piece_id, worker.location, lock=True)
        if row.state == "came_back":
            return
        mailings.STATES.check(row.state, "came_back")
        row.state, row.ended_at = "came_back", clock.now()
