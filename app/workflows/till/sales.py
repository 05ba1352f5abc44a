"""A document of a till: one transaction, exactly once, never refused for stock.

The till's own `sale_id` is the key: order, tenders, stock, receipt, cash, signature and points are
written together, or were written before. What does not fit (a price that changed, goods that the
books know no more, a session that was closed) is booked all the same and opens a task: a sale that
has happened does not vanish.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.events import GoodsSold
from app.identity.models import Device
from app.payments import charges
from app.payments.models import Payment
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.tills import conflicts, sessions
from app.tills.conflicts import Found
from app.tills.fiscal import modules, qr
from app.tills.fiscal.signer import Asked
from app.tills.models import TillReceipt, TillSession
from app.tills.reports import gross_by_rate
from app.workflows import points
from app.workflows.till import bringing_back, checked_goods, open_baskets, sending_home, settling
from app.workflows.till.checked_goods import Goods
from app.workflows.till.documents import Given, Sale, SaleLine, Tender, check, plain
from fulfilment.stock import counter_sales
from kit import clock, events, numbers
from kit.database import reading, transaction
from kit.errors import Invalid
from kit.ids import new_id, secret_token

__all__ = ["Given", "Receipt", "Sale", "SaleLine", "Tender", "book", "check", "sell"]

SKEW = timedelta(minutes=10)
_ALREADY = ("uq_till_receipts_sale_id", "uq_orders_sale_id")


@dataclass(frozen=True)
class Receipt:
    """What the till prints and shows. `repeated` says that it had been posted before.

    `order` is what was taken along, None where nothing was; `row` the receipt itself, None for
    books that were imported.
    """

    order: Order | None
    lines: Sequence[OrderLine]
    tenders: Sequence[Payment]
    points: int
    found: Sequence[tuple[str, int]]
    repeated: bool
    row: TillReceipt | None = None


def sell(device: Device, sale: Sale) -> Receipt:
    """Book a document. Posting the same `sale_id` again, even at the same time, books it once.

    Raises:
        Invalid: as `check`; malformed customer number; ``sale_id_reused`` when the id was used for
            something else.
        NotFound: ``sale`` of a void; ``item``, ``customer``, ``gift_card``, ``order`` or
            ``order_line`` for a till that is online and asks.
        Refused: ``gift_card_short`` or ``gift_card_expired``; ``return_too_large``; ``recalled``:
            the goods are called back, and were when they were sold; ``stock_short`` of what is to
            be sent.
    """
    if not sale.voids:
        check(sale)
    with reading() as session:
        known = posted(session, sale)
    if known is not None:
        return known
    try:
        with transaction() as session:
            return _sell(session, device, sale)
    except IntegrityError as error:
        if not any(name in str(error.orig) for name in _ALREADY):
            raise
        # The other connection was first; its sale is committed now.
        with reading() as session:
            known = posted(session, sale)
        if known is None:
            raise
        return known


def posted(session: Session, sale: Sale) -> Receipt | None:
    """Return the receipt of a document that has been posted before.

    Raises:
        Invalid: ``sale_id_reused``.
    """
    row = session.scalar(select(TillReceipt).where(TillReceipt.sale_id == sale.sale_id))
    if row is None:
        return None
    if row.digest != sale.digest():
        raise Invalid("sale_id_reused", sale_id=sale.sale_id, receipt=row.receipt_number)
    return of_row(session, row, repeated=True)


def of_row(session: Session, row: TillReceipt, *, repeated: bool) -> Receipt:
    """Return what stands on a receipt that was booked."""
    order = orders.by_ref(session, row.order_ref) if row.order_ref and row.kind != "void" else None
    lines = orders.lines_of(session, order) if order else []
    paid = charges.all_of_order(session, order.ref) if order else []
    earned = points.earned(session, order) if order else 0
    return Receipt(order, lines, paid, earned, [], repeated=repeated, row=row)


def _sell(session: Session, device: Device, given: Sale) -> Receipt:
    found = Found()
    sale = bringing_back.voiding(session, given) if given.voids else given
    check(sale)
    _check_clock(sale, found)
    sold_at = sale.sold_at or clock.now()
    drawer, late = sessions.for_document(
        session, device, sale.session_id, sold_at, sale.receipt_number
    )
    if late:
        found.add("session_closed", session_id=sale.session_id, booked_to=drawer.session_id)
    number, printed = _number(session, device, sale, found)
    goods = checked_goods.look_up(session, device, sale, found)
    if sale.training:
        lines = [goods.printed(place, None) for place in range(len(sale.lines))]
        row = _receipt(session, device, given, (drawer, number, printed), lines, [])
        _finish(session, device, row, found)
        return Receipt(None, [], [], 0, [], repeated=False, row=row)
    bringing_back.lock(session, device, sale)
    open_baskets.hand_over(session, device, sale, printed, found)
    order, rows, sold = _taken_along(session, device, sale, goods, printed)
    home = sending_home.place(session, device, sale, goods, printed) if sale.send else None
    back = bringing_back.take_back(session, device, sale, printed, found)
    paid = settling.pay(
        session, device, sale, [one for one in (order, home) if one is not None], found
    )
    earned = _complete(session, device, sale, order, printed) if order else 0
    if home is not None:
        sending_home.confirm(session, home)
    line_ids = {} if order is None else {row.position: row for row in rows}
    lines = goods.all_printed(line_ids, home, session)
    row = _receipt(
        session, device, sale, (drawer, number, printed), lines, back,
        order=order, home=home, digest=given.digest(),
    )  # fmt: skip
    settling.drawer(session, drawer, sale)
    open_baskets.close(session, sale, [one.ref for one in (order, home) if one], found)
    _finish(session, device, row, found)
    if order is not None:
        goods.note(session, device, order, sale, found)
    return Receipt(order, rows, paid, earned, sold, repeated=False, row=row)


def _check_clock(sale: Sale, found: Found) -> None:
    now = clock.now()
    if sale.sold_at is None:
        return
    ahead, behind = sale.sold_at - now > SKEW, not sale.offline and now - sale.sold_at > SKEW
    if ahead or behind:
        found.add("clock", sold_at=sale.sold_at.isoformat(), server=now.isoformat())


def _number(session: Session, device: Device, sale: Sale, found: Found) -> tuple[int | None, str]:
    """Return the number of a receipt, as a figure and as it is printed."""
    if sale.training:
        drill = numbers.take(session, f"training/{device.code}")
        return None, f"{device.code}-T{drill:06d}"
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


def _taken_along(
    session: Session, device: Device, sale: Sale, goods: Goods, printed: str
) -> tuple[Order | None, list[OrderLine], list[tuple[str, int]]]:
    along = [line for line in sale.lines if not line.home]
    if not along:
        return None, [], []
    order, rows = goods.order(session, device, sale, printed)
    sold = counter_sales.sell(
        session,
        location=device.location,
        lines=checked_goods.merged(along),
        document=printed,
        actor=f"till {device.code}",
        key=f"sale/{sale.sale_id}",
        sold_at=sale.sold_at,
        lots=checked_goods.lots(along),
        unaware=sale.offline,
    )
    for row in rows:
        row.shipped = row.quantity
    session.flush()
    return order, rows, sold.found


def _complete(session: Session, device: Device, sale: Sale, order: Order, printed: str) -> int:
    orders.advance(session, order, "confirmed")
    orders.advance(session, order, "completed")
    events.record(session, GoodsSold(order_ref=order.ref))
    checked_goods.note_promotions(session, order, sale)
    return points.earn(session, order)


def _receipt(  # noqa: PLR0913 - one row, all its facts
    session: Session,
    device: Device,
    sale: Sale,
    at: tuple[TillSession, int | None, str],
    lines: list[Any],
    back: list[Any],
    *,
    order: Order | None = None,
    home: Order | None = None,
    digest: str | None = None,
) -> TillReceipt:
    drawer, number, printed = at
    sold_at = (sale.sold_at or clock.now()).astimezone(UTC)
    started_at = (sale.started_at or sold_at).astimezone(UTC)
    row = TillReceipt(
        id=new_id(),
        sale_id=sale.sale_id,
        digest=digest or sale.digest(),
        device=device.code,
        location=device.location,
        session=drawer.id,
        number=number,
        receipt_number=printed,
        kind=sale.kind,
        voids=sale.voids,
        order_ref=order.ref if order else None,
        home_ref=home.ref if home else None,
        cashier=sale.cashier,
        customer_number=order.customer_number if order else None,
        started_at=min(started_at, sold_at),
        sold_at=sold_at,
        booked_at=clock.now(),
        offline=sale.offline,
        total_minor=sale.total_minor,
        token=secret_token(),
        document=plain(sale),
        lines=lines,
        returns=back,
        tenders=settling.printed(sale.tenders),
    )
    session.add(row)
    session.flush()
    asked = asked_of(row)
    modules.record(session, row, asked)
    return row


def asked_of(row: TillReceipt) -> Asked:
    """Return what is signed of a receipt."""
    cash = sum(one["amount_minor"] for one in row.tenders if one["method"] == "cash")
    other = sum(one["amount_minor"] for one in row.tenders if one["method"] != "cash")
    gross = gross_by_rate(row.lines, row.returns)
    return Asked(
        device=row.device,
        process_type=qr.KIND,
        process_data=qr.process_data(row.kind, gross, cash, other),
        started_at=row.started_at,
        ended_at=row.sold_at,
    )


def _finish(session: Session, device: Device, row: TillReceipt, found: Found) -> None:
    conflicts.open_all(
        session,
        found,
        device=device.code,
        location=device.location,
        document=row.sale_id,
        number=row.receipt_number,
    )
    if row.number is not None:
        sessions.close_waiting(session, device.code)


def book(session: Session, device: Device, sale: Sale) -> Receipt:
    """Book a checked sale of somebody else's books in an open transaction: no receipt of ours.

    `sell` is the way in for tills.
    """
    found = Found()
    number = numbers.take(session, f"receipt/{device.code}")
    printed = f"{device.code}-{number:06d}"
    goods = checked_goods.look_up(session, device, sale, found)
    order, rows, sold = _taken_along(session, device, sale, goods, printed)
    if order is None:
        raise Invalid("lines_missing")
    paid = settling.pay(session, device, sale, [order], found)
    earned = _complete(session, device, sale, order, printed)
    goods.note(session, device, order, sale, found)
    return Receipt(order, rows, paid, earned, sold, repeated=False)
