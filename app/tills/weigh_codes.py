"""Labels of the shop's own scales as data: which digits stand for what, and what follows."""

import re

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.tills.models import WeighCode
from kit.errors import Invalid, NotFound

VALUES = ("minor", "grams")
"""What the five digits before the check digit say: the price in minor units, or the weight."""

_STARTS = re.compile(r"2\d{6}", re.ASCII)


def all_of(session: Session) -> list[WeighCode]:
    """Return what tills know, by digits."""
    return list(session.scalars(select(WeighCode).order_by(WeighCode.starts)))


def put(session: Session, starts: str, sku: str, value: str) -> None:
    """Have labels that begin with these digits stand for an article from now on.

    Tills hear of it with the next changes of the catalog.

    Args:
        starts: seven digits, the first a 2 (GS1 General Specifications, section 2.1.11).
        sku: of an article that exists.
        value: one of `VALUES`.

    Raises:
        Invalid: ``weigh_code``.
    """
    if not _STARTS.fullmatch(starts) or value not in VALUES:
        raise Invalid("weigh_code", starts=starts, value=value)
    made = insert(WeighCode).values(starts=starts, sku=sku, value=value)
    facts = {"sku": sku, "value": value}
    session.execute(made.on_conflict_do_update(index_elements=["starts"], set_=facts))


def remove(session: Session, starts: str) -> None:
    """Have labels that begin with these digits mean nothing any more.

    Raises:
        NotFound: ``weigh_code_unknown``.
    """
    row = session.get(WeighCode, starts)
    if row is None:
        raise NotFound("weigh_code_unknown", starts=starts)
    session.delete(row)
