"""From the till into the customer's hand: a basket as a link, a receipt as a mail."""

from collections.abc import Sequence

from sqlalchemy import select

from app.events import ReceiptWanted
from app.identity.models import Device
from app.sales import baskets
from app.tills.models import TillReceipt
from catalog import products
from kit import events
from kit.database import transaction
from kit.errors import NotFound
from loyalty import customers


def open_basket(
    wanted: Sequence[tuple[str, int]], customer_number: str | None, promotion_code: str | None
) -> str:
    """Copy a till's basket to the web and return the token that opens it.

    The prices are the same there; the till's own basket stays as it is.

    Raises:
        NotFound: ``item`` or ``customer``.
        Refused: ``basket_full``.
    """
    merged: dict[str, int] = {}
    for sku, quantity in wanted:
        merged[sku] = merged.get(sku, 0) + quantity
    with transaction() as session:
        for sku in sorted(merged.keys() - products.items(session, list(merged)).keys()):
            raise NotFound("item", sku=sku)
        if customer_number is not None:
            customers.by_number(session, customer_number)
        basket = baskets.open_(session, "web")
        baskets.add_all(session, basket, list(merged.items()), source="till")
        baskets.attach_customer(session, basket, customer_number)
        baskets.attach_code(session, basket, promotion_code)
        return basket.token


def mail_receipt(device: Device, sale_id: str, email: str, language: str) -> str:
    """Have a receipt of a till mailed; return its number.

    Raises:
        NotFound: ``sale``: unknown, or of another till.
    """
    with transaction() as session:
        row = session.scalar(
            select(TillReceipt).where(
                TillReceipt.sale_id == sale_id, TillReceipt.device == device.code
            )
        )
        if row is None:
            raise NotFound("sale", sale_id=sale_id)
        wanted = ReceiptWanted(
            receipt_number=row.receipt_number, email=email.strip(), language=language
        )
        events.record(session, wanted)
        return row.receipt_number
