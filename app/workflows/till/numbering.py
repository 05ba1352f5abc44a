"""Numbers of receipts: the till's own, or the next one here; practice has a series apart."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.tills.conflicts import Found
from app.tills.models import TillReceipt
from app.workflows.till.documents import Sale
from kit import numbers


def number(session: Session, device: Device, sale: Sale, found: Found) -> tuple[int | None, str]:
    """Return the number of a receipt, as a figure and as it is printed.

    Args:
        session: the transaction of the document.
        device: the till; one that numbers by itself is known as such from its first number on.
        sale: the document.
        found: gets ``number_taken`` where another receipt has its number already.
    """
    if sale.training or sale.aborted:
        series, letter = ("training", "T") if sale.training else ("aborted", "A")
        drill = numbers.take(session, f"{series}/{device.code}")
        return None, f"{device.code}-{letter}{drill:06d}"
    number = sale.receipt_number
    if number is None:
        number = numbers.take(session, f"receipt/{device.code}")
        return number, f"{device.code}-{number:06d}"
    numbers.reach(session, f"receipt/{device.code}", number)
    _numbers_itself(session, device)
    printed = f"{device.code}-{number:06d}"
    used = select(TillReceipt.sale_id).where(
        TillReceipt.device == device.code, TillReceipt.number == number
    )
    other = session.scalar(used)
    if other is None:
        return number, printed
    again = select(func.count()).where(TillReceipt.receipt_number.startswith(f"{printed}/"))
    found.add("number_taken", number=number, by=other)
    return None, f"{printed}/{(session.scalar(again) or 0) + 2}"


def _numbers_itself(session: Session, device: Device) -> None:
    if not device.own_numbers:
        session.get_one(Device, device.id).own_numbers = True
