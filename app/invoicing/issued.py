"""Invoices as they are issued: a number without gaps, and facts that never change (GoBD)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.invoicing.models import Invoice
from kit import clock, numbers
from kit.errors import NotFound

# The form that is printed now; an older invoice keeps the number of its own.
LAYOUT = 1


def issue(
    session: Session,
    facts: Mapping[str, Any],
    *,
    total_minor: int,
    key: str,
    corrects: Invoice | None = None,
) -> Invoice:
    """Issue an invoice, or the correction of one. The same key again returns the same invoice.

    Numbers count per year from 1; who issues waits for whoever issues at the same time, and a
    number that is rolled back is given out again. Source: section 14 (4) no. 4 UStG, GoBD Rz. 94.

    Args:
        session: the open transaction.
        facts: everything that is printed, plain JSON.
        total_minor: gross; negative for a correction.
        key: names the cause once.
        corrects: the invoice that is corrected.
    """
    known = session.scalar(select(Invoice).where(Invoice.key == key))
    if known is not None:
        return known
    kind = "invoice" if corrects is None else "correction"
    range_ = f"{'RE' if corrects is None else 'RK'}-{clock.today():%Y}"
    count = numbers.take(session, f"invoice/{range_}")
    row = Invoice(
        number=f"{range_}-{count:06d}",
        range=range_,
        count=count,
        kind=kind,
        order_ref=facts["order_ref"],
        corrects=corrects.number if corrects else None,
        issued_on=clock.today(),
        issued_at=clock.now(),
        total_minor=total_minor,
        facts=dict(facts),
        layout=LAYOUT,
        key=key,
    )
    session.add(row)
    session.flush()
    return row


def of_order(session: Session, order_ref: str) -> list[Invoice]:
    """Return the invoice of an order and its corrections, in the order of their numbers."""
    query = select(Invoice).where(Invoice.order_ref == order_ref).order_by(Invoice.id)
    return list(session.scalars(query))


def by_number(session: Session, number: str) -> Invoice:
    """Return an invoice by its number.

    Raises:
        NotFound: ``invoice``.
    """
    row = session.scalar(select(Invoice).where(Invoice.number == number))
    if row is None:
        raise NotFound("invoice", number=number)
    return row
