"""Gapless numbers for receipts: a number is taken in the transaction that uses it."""

from sqlalchemy import String, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kit.database import Row


class NumberRange(Row):
    """The last number given out in a range such as ``receipt/bonn-1``."""

    __tablename__ = "number_ranges"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    last: Mapped[int]


def take(session: Session, name: str) -> int:
    """Return the next number of a range, starting at 1.

    A sequence would leave a gap on roll-back; this row is rolled back with its transaction, at the
    price that two transactions of one range wait for each other. Source: GoBD 2025, Rz. 94
    (document numbers without gaps).
    """
    claim = (
        insert(NumberRange)
        .values(name=name, last=1)
        .on_conflict_do_update(index_elements=["name"], set_={"last": NumberRange.last + 1})
        .returning(NumberRange.last)
    )
    return session.execute(claim).scalar_one()


def reach(session: Session, name: str, number: int) -> None:
    """Note that a number of a range was given out elsewhere; `take` goes on behind the highest."""
    claim = insert(NumberRange).values(name=name, last=number)
    session.execute(
        claim.on_conflict_do_update(
            index_elements=["name"],
            set_={"last": func.greatest(NumberRange.last, claim.excluded.last)},
        )
    )
