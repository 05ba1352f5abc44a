"""Withdrawals (section 356a BGB): received word for word, and what became of them.

A declaration is always received: late, unclear, for an order that does not exist. People judge it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.aftersales.models import Withdrawal, WithdrawalStep
from kit import clock
from kit.errors import Invalid, NotFound
from kit.ids import reference

# Section 355 (2) BGB: from the day on which the last goods came; 357 (1): from the declaration.
PERIOD = timedelta(days=14)
REFUND_WITHIN = timedelta(days=14)
STEPS = ("asked", "cancelled", "returned", "done")


@dataclass(frozen=True)
class Declaration:
    """What somebody declares. `lines` name units where only a part is meant; see `Withdrawal`."""

    name: str
    order_ref: str
    email: str
    what: str = ""
    lines: Sequence[dict[str, Any]] = field(default_factory=tuple)


def receive(
    session: Session, declared: Declaration, *, order_ref: str | None, language: str, key: str
) -> tuple[Withdrawal, bool]:
    """Keep a declaration; return it, and whether it is news. The same key again is the same one.

    Args:
        session: the open transaction.
        declared: as it was typed.
        order_ref: the order it is about, where one was made with this mail address.
        language: of who declares.
        key: of the form that was sent.
    """
    known = session.scalar(select(Withdrawal).where(Withdrawal.key == key))
    if known is not None:
        return known, False
    row = Withdrawal(
        number=reference("WR"),
        name=declared.name,
        email=declared.email,
        typed_ref=declared.order_ref,
        order_ref=order_ref,
        what=declared.what,
        lines=list(declared.lines),
        language=language,
        received_at=clock.now(),
        key=key,
    )
    session.add(row)
    session.flush()
    return row, True


def by_number(session: Session, number: str) -> Withdrawal:
    """Return a withdrawal by its number.

    Raises:
        NotFound: ``withdrawal``.
    """
    row = session.scalar(select(Withdrawal).where(Withdrawal.number == number))
    if row is None:
        raise NotFound("withdrawal", number=number)
    return row


def of_order(session: Session, order_ref: str) -> list[Withdrawal]:
    """Return the withdrawals that were declared for an order."""
    query = select(Withdrawal).where(Withdrawal.order_ref == order_ref).order_by(Withdrawal.id)
    return list(session.scalars(query))


def note(session: Session, number: str, step: str, text: str, actor: str) -> None:
    """Note what was done about a withdrawal.

    Raises:
        Invalid: ``withdrawal_step``.
    """
    if step not in STEPS:
        raise Invalid("withdrawal_step", step=step)
    session.add(
        WithdrawalStep(number=number, step=step, note=text, actor=actor, entered_at=clock.now())
    )
    session.flush()


def steps(session: Session, number: str) -> list[WithdrawalStep]:
    """Return what was done about a withdrawal, oldest first."""
    query = select(WithdrawalStep).where(WithdrawalStep.number == number)
    return list(session.scalars(query.order_by(WithdrawalStep.id)))


def _undone() -> Any:
    done = select(WithdrawalStep.id).where(
        WithdrawalStep.number == Withdrawal.number, WithdrawalStep.step == "done"
    )
    return ~done.exists()


def open_count() -> Select[tuple[int]]:
    """Return the query for how many withdrawals somebody has to see to."""
    return select(func.count()).select_from(Withdrawal).where(_undone())


def listed(session: Session, *, done: bool = False, limit: int = 200) -> list[Withdrawal]:
    """Return the withdrawals that are to be seen to, oldest first; or those that were, newest."""
    query = select(Withdrawal).limit(limit)
    if done:
        return list(session.scalars(query.where(~_undone()).order_by(Withdrawal.id.desc())))
    return list(session.scalars(query.where(_undone()).order_by(Withdrawal.id)))


def ends_on(delivered: Sequence[datetime | None]) -> date | None:
    """Return the last day of the period: 14 days after the last parcel came.

    Source: section 356 (2) no. 1 b BGB: goods ordered together begin the period together.

    Args:
        delivered: when each parcel of the order came; None where it has not yet.

    Returns:
        None where the period has not begun.
    """
    came = [at for at in delivered if at is not None]
    if not delivered or len(came) < len(delivered):
        return None
    return (clock.berlin(max(came)) + PERIOD).date()


def refund_due_on(received_at: datetime) -> date:
    """Return the day by which the money has to be back."""
    return (clock.berlin(received_at) + REFUND_WITHIN).date()
