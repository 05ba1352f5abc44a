"""A sale at the counter: one transaction, exactly once, never refused for stock.

The till's own `sale_id` is the key: order, tenders, stock movement, receipt number and points are
written together, or were written before.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.payments import charges
from app.payments.models import Payment
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows import points, pricing, tenders
from app.workflows.pricing import PricedBasket
from catalog import promotions
from catalog.promotion_sums import Rule
from fulfilment.stock import counter_sales
from kit import clock, numbers
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from loyalty import gift_cards

TENDER_METHODS = ("cash", "card_terminal", "gift_card", "imported")
LONGEST_ID = 64
MOST_MINOR = 1_000_000_000  # ten million euros; the columns hold twice as much


@dataclass(frozen=True)
class Given:
    """What the till took off a line because of a promotion, minor units."""

    ref: str
    amount_minor: int


@dataclass(frozen=True)
class SaleLine:
    """A SKU, how many, and the unit price that the till charged (gross, minor units).

    `promotions` are taken off the line, beside the unit price. `lot` is the lot or serial number,
    where the till has read it.
    """

    sku: str
    quantity: int
    unit_minor: int
    lot: str | None = None
    promotions: tuple[Given, ...] = ()

    @property
    def discount_minor(self) -> int:
        """What promotions take off the line."""
        return sum(one.amount_minor for one in self.promotions)

    @property
    def line_minor(self) -> int:
        """What the line costs."""
        return self.quantity * self.unit_minor - self.discount_minor


@dataclass(frozen=True)
class Tender:
    """A part of the payment; cash is what stays in the drawer, change already taken off.

    `code` is that of a gift card, and belongs to no other method.
    """

    method: str
    amount_minor: int
    code: str | None = None


@dataclass(frozen=True)
class Sale:
    """What a till posts. `sold_at` is the till's time; the server's books by its own."""

    sale_id: str
    lines: Sequence[SaleLine]
    tenders: Sequence[Tender]
    customer_number: str | None = None
    sold_at: datetime | None = None
    promotion_code: str | None = None

    @property
    def total_minor(self) -> int:
        """The sum of the lines."""
        return sum(line.line_minor for line in self.lines)

    def digest(self) -> str:
        """Return a hash of everything that makes the sale what it is."""
        facts = asdict(self)
        # What says nothing was not part of the digest before tills knew lots and promotions.
        for line in facts["lines"]:
            for name in ("lot", "promotions"):
                if not line[name]:
                    del line[name]
        for tender in facts["tenders"]:
            if tender["code"] is None:
                del tender["code"]
        if facts["promotion_code"] is None:
            del facts["promotion_code"]
        plain = json.dumps(facts, sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """What the till prints and shows. `repeated` says that the sale had been posted before."""

    order: Order
    lines: Sequence[OrderLine]
    tenders: Sequence[Payment]
    points: int
    found: Sequence[tuple[str, int]]
    repeated: bool


def sell(device: Device, sale: Sale) -> Receipt:
    """Book a sale. Posting the same `sale_id` again, even at the same time, books it once.

    Raises:
        Invalid: no lines, a quantity or price below the limits, unknown tender, tenders that do
            not add up, malformed customer number.
        NotFound: ``item`` or ``customer``.
        Refused: ``gift_card_short`` or ``gift_card_expired``; ``sale_id_reused`` when the id was
            used for a different sale; ``recalled``: the goods are called back, and were when they
            were sold.
    """
    check(sale)
    with reading() as session:
        known = _posted(session, sale)
        if known is not None:
            return known
    try:
        with transaction() as session:
            return book(session, device, sale)
    except IntegrityError as error:
        if "uq_orders_sale_id" not in str(error.orig):
            raise
        # The other connection was first; its sale is committed now.
        with reading() as session:
            known = _posted(session, sale)
        if known is None:
            raise
        return known


def check(sale: Sale) -> None:
    """Pass a sale that is whole in itself; raises as `sell` does."""
    if not sale.sale_id or len(sale.sale_id) > LONGEST_ID:
        raise Invalid("sale_id", sale_id=sale.sale_id)
    if not sale.lines:
        raise Invalid("lines_missing")
    for line in sale.lines:
        _check_line(line)
    for tender in sale.tenders:
        if tender.method not in TENDER_METHODS or tender.amount_minor < 0:
            raise Invalid("tender", method=tender.method, amount_minor=tender.amount_minor)
        if (tender.method == tenders.CARD) != bool(tender.code):
            raise Invalid("gift_card_code")
    if sale.total_minor > MOST_MINOR:
        raise Invalid("total_minor", total_minor=sale.total_minor, most=MOST_MINOR)
    paid = sum(tender.amount_minor for tender in sale.tenders)
    if paid != sale.total_minor:
        raise Invalid("tenders_differ", total_minor=sale.total_minor, tendered_minor=paid)


def _check_line(line: SaleLine) -> None:
    if line.quantity < 1:
        raise Invalid("quantity", sku=line.sku, quantity=line.quantity)
    if line.unit_minor < 0:
        raise Invalid("unit_minor", sku=line.sku, unit_minor=line.unit_minor)
    if line.line_minor < 0 or any(one.amount_minor < 0 for one in line.promotions):
        raise Invalid("discount", sku=line.sku, discount_minor=line.discount_minor)


def _posted(session: Session, sale: Sale) -> Receipt | None:
    order = session.scalar(select(Order).where(Order.sale_id == sale.sale_id))
    if order is None:
        return None
    if order.sale_digest != sale.digest():
        raise Refused("sale_id_reused", sale_id=sale.sale_id, receipt=order.receipt_number)
    earned = points.earned(session, order)
    paid = charges.all_of_order(session, order.ref)
    return Receipt(order, orders.lines_of(session, order), paid, earned, [], repeated=True)


def book(session: Session, device: Device, sale: Sale) -> Receipt:
    """Book a checked sale in an open transaction; `sell` is the way in for tills."""
    basket = pricing.price(
        session,
        _merged(sale.lines),
        customer_number=sale.customer_number,
        at=clock.now(),
        for_sale=False,
        channel="till",
        code=sale.promotion_code,
    )
    order, lines = _create(session, device, sale, basket)
    paid = [
        _tendered(session, device, order, tender, place)
        for place, tender in enumerate(sale.tenders)
    ]
    sold = counter_sales.sell(
        session,
        location=device.location,
        lines=_merged(sale.lines),
        document=order.receipt_number or order.ref,
        actor=f"till {device.code}",
        key=f"sale/{sale.sale_id}",
        sold_at=sale.sold_at,
        lots=_lots(sale.lines),
    )
    for line in lines:
        line.shipped = line.quantity
    session.flush()
    orders.advance(session, order, "confirmed")
    orders.advance(session, order, "completed")
    _note_promotions(session, order, sale)
    earned = points.earn(session, order)
    _note(session, device, order, sale, basket)
    return Receipt(order, lines, paid, earned, sold.found, repeated=False)


def _tendered(
    session: Session, device: Device, order: Order, tender: Tender, place: int
) -> Payment:
    if tender.code:
        # The till is online, and the sale waits for the card: it is refused where it is short.
        payment = tenders.take_from_card(
            session,
            order,
            gift_cards.by_code(session, tender.code).id,
            tender.amount_minor,
            actor=f"till {device.code}",
            key=f"sale/{order.sale_id}/{place}",
        )
    else:
        payment = charges.intend(
            session, order.ref, method=tender.method, amount_minor=tender.amount_minor
        )
    charges.capture(session, payment, tender.amount_minor, None)
    return payment


def _merged(lines: Sequence[SaleLine]) -> list[tuple[str, int]]:
    quantities: dict[str, int] = {}
    for line in lines:
        quantities[line.sku] = quantities.get(line.sku, 0) + line.quantity
    return list(quantities.items())


def _lots(lines: Sequence[SaleLine]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.lot is not None:
            lots = found.setdefault(line.sku, {})
            lots[line.lot] = lots.get(line.lot, 0) + line.quantity
    return found


def _create(
    session: Session, device: Device, sale: Sale, basket: PricedBasket
) -> tuple[Order, list[OrderLine]]:
    number = numbers.take(session, f"receipt/{device.code}")
    names = promotions.names(session, {one.ref for line in sale.lines for one in line.promotions})
    return orders.create(
        session,
        orders.Terms(
            channel="till",
            price_group=basket.price_group,
            address={},
            customer_number=sale.customer_number,
            location=device.location,
            device=device.code,
            sale_id=sale.sale_id,
            sale_digest=sale.digest(),
            receipt_number=f"{device.code}-{number:06d}",
        ),
        [
            orders.NewLine(
                sku=line.sku,
                title=basket.items[line.sku].title("de"),
                quantity=line.quantity,
                unit_minor=line.unit_minor,
                vat_basis_points=basket.items[line.sku].vat_basis_points,
                weight_grams=basket.items[line.sku].weight_grams,
                lot=line.lot,
                discount_minor=line.discount_minor,
                promotions=[_stored(one, names) for one in line.promotions],
            )
            for line in sale.lines
        ],
    )


def _stored(given: Given, names: Mapping[str, Rule]) -> dict[str, object]:
    """Return a given promotion as order lines keep it; an unknown one is called by its ref."""
    known = names.get(given.ref)
    return {
        "ref": given.ref,
        "name_de": known.name_de if known else given.ref,
        "name_en": known.name_en if known else given.ref,
        "amount_minor": given.amount_minor,
    }


def _note_promotions(session: Session, order: Order, sale: Sale) -> None:
    saved: dict[str, int] = {}
    for line in sale.lines:
        for one in line.promotions:
            saved[one.ref] = saved.get(one.ref, 0) + one.amount_minor
    known = promotions.names(session, saved)
    promotions.note_use(
        session,
        {ref: minor for ref, minor in saved.items() if ref in known},
        order_ref=order.ref,
        customer_number=sale.customer_number,
    )


def _note(session: Session, device: Device, order: Order, sale: Sale, basket: PricedBasket) -> None:
    # What the customer has paid stands; a price that the books would not have asked is shown.
    asked = {line.sku: line.unit_minor for line in basket.lines}
    differing = [
        {"sku": line.sku, "charged": line.unit_minor, "price": asked.get(line.sku)}
        for line in sale.lines
        if asked.get(line.sku) != line.unit_minor
    ]
    given = {one.sku: 0 for one in sale.lines}
    for one in sale.lines:
        given[one.sku] += one.discount_minor
    owed = {line.sku: line.discount_minor for line in basket.lines}
    differing += [
        {"sku": sku, "given": minor, "discount": owed.get(sku)}
        for sku, minor in given.items()
        if minor != owed.get(sku)
    ]
    orders.note(
        session,
        order.ref,
        "sold_at_till",
        f"till {device.code}",
        receipt=order.receipt_number,
        sold_at=str(sale.sold_at) if sale.sold_at else None,
        differing_prices=differing,
    )
