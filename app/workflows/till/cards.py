"""Card payments at a till's reader: intent committed, reader asked, outcome committed.

What the reader says is asked whenever the till asks, and by a sweeper where the till asks no more.
Money that was taken and that no receipt has used opens a task.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.payments import stripe_terminal
from app.payments.gateway import OutcomeUnknown
from app.payments.stripe_terminal import AtReader
from app.tills import conflicts
from app.tills.conflicts import Found
from app.tills.models import CardPayment
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id

PATIENCE = timedelta(minutes=3)
"""How long a reader waits for a card before it is called off."""

UNUSED = timedelta(minutes=10)
CODE = "code:"
"""What stands before the registration code of a reader that was never asked for anything."""


@dataclass(frozen=True)
class Standing:
    """A payment at the reader as tills know it."""

    card_payment_id: str
    state: str
    amount_minor: int
    message: str
    repeated: bool = False


def start(device: Device, card_payment_id: str, amount_minor: int) -> Standing:
    """Show an amount on the till's reader. The same id again asks how it stands.

    Raises:
        Invalid: ``card_payment_id_reused``.
        Refused: ``no_reader``: none is paired with this till.
        OutcomeUnknown: ask again with the same id.
    """
    if device.reader is not None and device.reader.startswith(CODE):
        device = _registered(device, device.reader.removeprefix(CODE))
    with transaction() as session:
        row, repeated = _row(session, device, card_payment_id, amount_minor)
    return _asked(row, repeated=repeated)


def _registered(device: Device, code: str) -> Device:
    """Register a till's reader with the provider, the first time that it is wanted."""
    reader = stripe_terminal.register(code, label=device.name)
    with transaction() as session:
        row = session.get_one(Device, device.id, with_for_update=True)
        if row.reader is not None and row.reader.startswith(CODE):
            row.reader = reader
        return row


def _row(
    session: Session, device: Device, card_payment_id: str, amount_minor: int
) -> tuple[CardPayment, bool]:
    known = session.scalar(
        select(CardPayment).where(CardPayment.card_payment_id == card_payment_id)
    )
    if known is not None:
        if (known.amount_minor, known.device) != (amount_minor, device.code):
            raise Invalid("card_payment_id_reused", card_payment_id=card_payment_id)
        return known, True
    if device.reader is None:
        raise Refused("no_reader", device=device.code)
    row = CardPayment(
        id=new_id(),
        card_payment_id=card_payment_id,
        device=device.code,
        amount_minor=amount_minor,
        state="waiting",
        intent=None,
        reader=device.reader,
        message="",
        sale_id=None,
        created_at=clock.now(),
        ended_at=None,
    )
    session.add(row)
    session.flush()
    return row, False


def _asked(row: CardPayment, *, repeated: bool) -> Standing:
    if row.state != "waiting":
        return _standing(row, repeated=repeated)
    if row.intent is None:
        try:
            row = _shown(row)
        except Refused as refusal:
            row = _ended(row.id, AtReader("declined", refusal.code))
        return _standing(row, repeated=repeated)
    return _standing(
        _ended(row.id, stripe_terminal.state_of(row.reader, row.intent)), repeated=repeated
    )


def _shown(row: CardPayment) -> CardPayment:
    intent = stripe_terminal.intend(
        row.amount_minor, payment=row.card_payment_id, key=f"card/{row.id}"
    )
    stripe_terminal.show(row.reader, intent, key=f"card/{row.id}/show")
    with transaction() as session:
        shown = session.get_one(CardPayment, row.id, with_for_update=True)
        shown.intent = intent
        return shown


def _ended(key: uuid.UUID, at_reader: AtReader) -> CardPayment:
    with transaction() as session:
        row = session.get_one(CardPayment, key, with_for_update=True)
        if row.state == "waiting" and at_reader.state != "waiting":
            row.state, row.message = at_reader.state, at_reader.message
            row.ended_at = clock.now()
        return row


def _standing(row: CardPayment, *, repeated: bool = False) -> Standing:
    return Standing(row.card_payment_id, row.state, row.amount_minor, row.message, repeated)


def _of(device: Device, card_payment_id: str) -> CardPayment:
    with reading() as session:
        row = session.scalar(
            select(CardPayment).where(
                CardPayment.card_payment_id == card_payment_id, CardPayment.device == device.code
            )
        )
    if row is None:
        raise NotFound("card_payment", card_payment_id=card_payment_id)
    return row


def ask(device: Device, card_payment_id: str) -> Standing:
    """Ask how a payment stands.

    Raises:
        NotFound: ``card_payment``.
        OutcomeUnknown: ask again.
    """
    return _asked(_of(device, card_payment_id), repeated=True)


def cancel(device: Device, card_payment_id: str) -> Standing:
    """Take a payment off the reader; `succeeded` where the card was quicker.

    Raises:
        NotFound: ``card_payment``.
        OutcomeUnknown: ask again.
    """
    row = _of(device, card_payment_id)
    if row.state != "waiting":
        return _standing(row, repeated=True)
    return _standing(_called_off(row, "cancelled"), repeated=True)


def _called_off(row: CardPayment, state: str) -> CardPayment:
    if row.intent is None:
        return _ended(row.id, AtReader(state))
    found = stripe_terminal.call_off(row.reader, row.intent)
    return _ended(row.id, found if found.state == "succeeded" else AtReader(state))


def tend() -> None:
    """Call off what nobody asks about any more; ask for a look at money without a receipt."""
    now = clock.now()
    with reading() as session:
        stale = select(CardPayment).where(
            CardPayment.state == "waiting", CardPayment.created_at < now - PATIENCE
        )
        rows = list(session.scalars(stale.limit(20)))
    for row in rows:
        try:
            _called_off(row, "timed_out")
        except (OutcomeUnknown, Refused):
            continue
    with transaction() as session:
        _ask_about_unused(session)


def _ask_about_unused(session: Session) -> None:
    query = select(CardPayment).where(
        CardPayment.state == "succeeded",
        CardPayment.sale_id.is_(None),
        CardPayment.ended_at < clock.now() - UNUSED,
    )
    for row in session.scalars(query.limit(50)):
        if conflicts.of_document(session, row.card_payment_id):
            continue
        found = Found()
        found.add("card_unused", amount_minor=row.amount_minor, intent=row.intent)
        device = session.scalars(select(Device).where(Device.code == row.device)).one()
        conflicts.open_all(
            session,
            found,
            device=row.device,
            location=device.location,
            document=row.card_payment_id,
        )
