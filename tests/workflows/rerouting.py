"""What the tests of re-routing share: paid orders, people at work, and looks at the books."""

from typing import Any

from sqlalchemy import select

from app.payments import charges
from app.payments.models import Refund
from app.sales import exceptions, orders
from app.workflows import checkout
from app.workflows.floor import Worker
from fulfilment.models import FulfilmentOrder
from fulfilment.outbound import shipments
from kit.database import reading
from tests import small_shop

KASSEL = Worker("Frau Yilmaz", "lager")
BONN = Worker("Frau Adler", "bonn")
KOELN = Worker("Herr Kolb", "koeln")


def paid(settle_events: Any, *lines: tuple[str, int], **buyer: Any) -> str:
    """Order and pay; return the reference."""
    token = small_shop.basket_with(*lines)
    facts = {"contact_by": "mail", "phone": None, **buyer}
    ref = checkout.place(token, small_shop.buyer(**facts)).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, f"pi_{ref}")
    settle_events()
    return ref


def job_at(ref: str, place: str) -> Any:
    with reading() as session:
        return small_shop.job_at(session, ref, place)


def job(job_id: Any) -> FulfilmentOrder:
    with reading() as session:
        return session.get_one(FulfilmentOrder, job_id)


def parts(ref: str) -> dict[str, list[tuple[str, int]]]:
    """Return what comes from where, without what is cancelled."""
    with reading() as session:
        return {
            view.location: [(part.sku, part.quantity) for part in view.lines]
            for view in shipments.for_order(session, ref)
        }


def books() -> dict[tuple[str, str], tuple[int, int, int, int]]:
    with reading() as session:
        return small_shop.books(session)


def order_of(ref: str) -> Any:
    with reading() as session:
        return orders.by_ref(session, ref)


def lines_of(ref: str) -> Any:
    with reading() as session:
        return orders.lines_of(session, orders.by_ref(session, ref))


def noted(ref: str) -> list[str]:
    with reading() as session:
        return [entry.what for entry in orders.timeline(session, ref)]


def open_exception(ref: str) -> Any:
    with reading() as session:
        return exceptions.open_for(session, ref)


def rows(of: Any, **where: Any) -> list[Any]:
    with reading() as session:
        found = select(of).filter_by(**where).order_by(*of.__mapper__.primary_key)
        return list(session.scalars(found))


def refunds_of(ref: str) -> list[tuple[str, int]]:
    """Return what was promised back, with its cause; the double does not know these payments."""
    with reading() as session:
        payment = charges.of_order(session, ref)
        found = session.scalars(select(Refund).where(Refund.payment_id == payment.id))
        return [(row.cause, row.amount_minor) for row in found]
