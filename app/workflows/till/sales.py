"""A document of a till: one transaction, exactly once, never refused for stock.

The till's own `sale_id` is the key: order, tenders, stock, receipt, cash, signature and points are
written together, or were written before. What does not fit (a price that changed, goods that the
books know no more, a session that was closed) is booked all the same and opens a task: a sale that
has happened does not vanish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.events import GoodsSold
from app.identity.models import Device
from app.payments import charges
from app.payments.models import Payment
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.tills import conflicts, rules, sessions
from app.tills.conflicts import Found
from app.tills.fiscal import modules, qr
from app.tills.fiscal.signer import Asked
from app.tills.models import TillReceipt, TillSession
from app.tills.reports import gross_by_rate
from app.workflows import points
from app.workflows.till import (
    bringing_back,
    checked_goods,
    numbering,
    open_baskets,
    sending_home,
    settling,
    signing,
)
from app.workflows.till import collected as collecting
from app.workflows.till.checked_goods import Goods
from app.workflows.till.collected import Collected
from app.workflows.till.documents import Given, Sale, SaleLine, Tender, check, plain
from fulfilment.stock import counter_sales
from kit import clock, events, numbers
from kit.database import Row, reading
from kit.errors import Invalid
from kit.ids import new_id, secret_token
from kit.writing import write

__all__ = ["Given", "Receipt", "Sale", "SaleLine", "Tender", "book", "check", "sell"]

SKEW = timedelta(minutes=10)
_ALREADY = ("uq_till_receipts_sale_id", "uq_orders_sale_id", "uq_till_cash_entries_key")


@dataclass(frozen=True)
class Receipt:
    """What the till prints and shows. `repeated` says that it had been posted before.

    `order` is what was taken along, None where nothing was; `row` the receipt itself, None for
    books that were imported. `fiscal` is what was recorded of it, `conflicts` what did not fit,
    both as they are shown.
    """

    order: Order | None
    lines: Sequence[OrderLine]
    tenders: Sequence[Payment]
    points: int
    found: Sequence[tuple[str, int]]
    repeated: bool
    row: TillReceipt | None = None
    session_id: str = ""
    fiscal: Mapping[str, Any] = field(default_factory=dict)
    conflicts: Sequence[Mapping[str, Any]] = ()


@dataclass
class _Papers:
    """What is written of a document, at its end and all at once."""

    rows: list[Row] = field(default_factory=list)

    def add(self, *rows: Row) -> None:
        self.rows += rows

    def write(self, session: Session, *, keep: bool = False) -> None:
        """Write what has been gathered so far."""
        write(session, self.rows, keep=keep)
        self.rows = []


def sell(device: Device, sale: Sale) -> Receipt:
    """Book a document. Posting the same `sale_id` again, even at the same time, books it once.

    Raises:
        Invalid: as `check`; malformed customer number; ``sale_id_reused`` when the id was used for
            something else.
        NotFound: ``sale`` of a void; ``item``, ``customer``, ``gift_card``, ``order`` or
            ``order_line`` for a till that is online and asks.
        Forbidden: ``pickup_code``, ``age_unchecked`` of what is collected.
        Refused: ``gift_card_short`` or ``gift_card_expired``; ``return_too_large``; ``recalled``:
            the goods are called back, and were when they were sold; ``stock_short`` of what is to
            be sent; ``collection_state`` or ``collection_changed`` of an order to be collected.
    """
    if not sale.voids:
        check(sale)
    try:
        return signing.booked(
            lambda session: posted(session, sale) or _sell(session, device, sale), sale.sale_id
        )
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
    collected = orders.by_ref(session, row.collected_ref) if row.collected_ref else None
    bought = order or collected
    earned = points.earned(session, bought) if bought else 0
    return Receipt(
        order, lines, paid, earned, [], repeated=repeated, row=row,
        session_id=sessions.one(session, row.session).session_id,
        fiscal=modules.shown(session, modules.of_receipt(session, row)),
        conflicts=conflicts.of_document(session, row.sale_id),
    )  # fmt: skip


def _sell(session: Session, device: Device, given: Sale) -> Receipt:
    found = Found()
    sale = bringing_back.voiding(session, given) if given.voids else given
    check(sale)
    _check_clock(sale, found)
    _check_rounding(session, device, sale, found)
    sold_at = sale.sold_at or clock.now()
    drawer, late = sessions.for_document(
        session, device, sale.session_id, sold_at, sale.receipt_number
    )
    if late:
        found.add("session_closed", session_id=sale.session_id, booked_to=drawer.session_id)
    number, printed = numbering.number(session, device, sale, found)
    at = (drawer, number, printed)
    if sale.collection and not sale.training and not sale.aborted:
        collected = collecting.hand_over(session, device, sale, printed, found)
        if collected is not None:
            return _paid_on_collection(session, device, (sale, given), at, collected, found)
    goods = checked_goods.look_up(session, device, sale, found)
    papers = _Papers()
    if sale.training or sale.aborted:
        lines = [goods.printed(place, None) for place in range(len(sale.lines))]
        row = _receipt(device, given, at, lines, [])
        booked = Receipt(None, [], [], 0, [], repeated=False, row=row)
        return _finish(session, device, (sale, drawer), booked, papers, found)
    bringing_back.lock(session, device, sale)
    open_baskets.hand_over(session, device, sale, printed, found)
    order, rows, sold = _taken_along(session, device, sale, goods, printed)
    if order is not None:
        papers.add(order, *rows)
        if settling.by_code(sale):
            papers.write(session, keep=True)
    home = sending_home.place(session, device, sale, goods, printed) if sale.send else None
    back = bringing_back.take_back(session, device, sale, printed, found)
    bought = [(one, one.total_minor) for one in (order, home) if one is not None]
    paid = settling.pay(session, device, sale, bought, found)
    papers.add(*(one for one in paid if one not in session))
    earned = _complete(session, sale, order, papers) if order else 0
    if home is not None:
        papers.write(session, keep=True)
        sending_home.confirm(session, home)
    lines = goods.all_printed({row.position: row for row in rows}, home, session)
    row = _receipt(device, sale, at, lines, back, order=order, home=home, digest=given.digest())
    papers.add(*settling.drawer(drawer, sale))
    if order is not None:
        papers.add(goods.sold(device, order, sale, found))
    booked = Receipt(order, rows, paid, earned, sold, repeated=False, row=row)
    return _finish(session, device, (sale, drawer), booked, papers, found)


def _paid_on_collection(
    session: Session,
    device: Device,
    posted_as: tuple[Sale, Sale],
    at: tuple[TillSession, int | None, str],
    collected: Collected,
    found: Found,
) -> Receipt:
    """Book the money of an order that was handed over; its goods have left with its shipment."""
    sale, given = posted_as
    order, papers = collected.order, _Papers()
    paid = settling.pay(session, device, sale, [(order, collected.due_minor)], found)
    papers.add(*(one for one in paid if one not in session))
    row = _receipt(device, sale, at, collected.lines, [], digest=given.digest())
    row.collected_ref, row.customer_number = order.ref, order.customer_number
    papers.add(*settling.drawer(at[0], sale))
    booked = Receipt(None, [], paid, collected.points, [], repeated=False, row=row)
    return _finish(session, device, (sale, at[0]), booked, papers, found)


def _check_rounding(session: Session, device: Device, sale: Sale, found: Found) -> None:
    """Note coins that this store does not round to; the customer has them already."""
    if not sale.rounding_minor or sale.voids:
        return
    coin = rules.cash_rounding_minor(session, device.location)
    if abs(sale.rounding_minor) > coin // 2:
        found.add("rounding", amount_minor=sale.rounding_minor, coin_minor=coin)


def _check_clock(sale: Sale, found: Found) -> None:
    now = clock.now()
    if sale.sold_at is None:
        return
    ahead, behind = sale.sold_at - now > SKEW, not sale.offline and now - sale.sold_at > SKEW
    if ahead or behind:
        found.add("clock", sold_at=sale.sold_at.isoformat(), server=now.isoformat())


def _taken_along(
    session: Session, device: Device, sale: Sale, goods: Goods, printed: str
) -> tuple[Order | None, list[OrderLine], list[tuple[str, int]]]:
    """Take the goods off the shelf; the order is made, and still to be written."""
    along = [line for line in sale.lines if not line.home]
    if not along:
        return None, [], []
    order, rows = goods.order(device, sale, printed)
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
    return order, rows, sold.found


def _complete(session: Session, sale: Sale, order: Order, papers: _Papers) -> int:
    papers.add(events.made(session, GoodsSold(order_ref=order.ref)))
    checked_goods.note_promotions(session, order, sale)
    earned = points.earn_at_once(session, order)
    if earned:
        papers.add(orders.noted(order.ref, "points_earned", "kontor", points=earned))
    return earned


def _receipt(
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
    return TillReceipt(
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


def asked_of(row: TillReceipt) -> Asked:
    """Return what is signed of a receipt."""
    cash = sum(one["amount_minor"] for one in row.tenders if one["method"] == "cash")
    other = sum(one["amount_minor"] for one in row.tenders if one["method"] != "cash")
    gross = gross_by_rate(row.lines, row.returns) if row.kind != "aborted" else {}
    return Asked(
        device=row.device,
        process_type=qr.KIND,
        process_data=qr.process_data(row.kind, gross, cash, other),
        started_at=row.started_at,
        ended_at=row.sold_at,
    )


def _finish(
    session: Session,
    device: Device,
    of: tuple[Sale, TillSession],
    booked: Receipt,
    papers: _Papers,
    found: Found,
) -> Receipt:
    """Sign and write what was booked, open its tasks, and close what has waited for it."""
    sale, drawer = of
    row = booked.row
    if row is None:
        raise TypeError("imported books have no receipts")
    waiting, out = sessions.loose_ends(session, device.code)
    record = modules.made(session, row, asked_of(row), out=out)
    papers.add(row, record)
    papers.write(session)
    bought = [ref for ref in (row.order_ref, row.home_ref) if ref and row.kind != "training"]
    open_baskets.close(session, sale, bought, found)
    conflicts.open_all(
        session,
        found,
        device=device.code,
        location=device.location,
        document=row.sale_id,
        number=row.receipt_number,
    )
    if waiting and row.number is not None:
        sessions.close_waiting(session, device.code)
    return replace(
        booked,
        session_id=drawer.session_id,
        fiscal=modules.shown(session, record),
        conflicts=[{"kind": kind, "facts": facts} for kind, facts in found.rows],
    )


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
    papers = _Papers([order, *rows])
    if settling.by_code(sale):
        papers.write(session, keep=True)
    paid = settling.pay(session, device, sale, [(order, order.total_minor)], found)
    papers.add(*(one for one in paid if one not in session))
    earned = _complete(session, sale, order, papers)
    papers.add(goods.sold(device, order, sale, found))
    papers.write(session)
    return Receipt(order, rows, paid, earned, sold, repeated=False)
