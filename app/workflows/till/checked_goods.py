"""The goods of a till's document: what the books know of them, and the order made from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.identity.models import Device
from app.sales import orders
from app.sales.models import Order, OrderLine, TimelineEntry
from app.tills import cashiers
from app.tills.conflicts import Found
from app.workflows import pricing
from app.workflows.pricing import PricedBasket
from app.workflows.till.changes import DISCOUNT_REASONS
from app.workflows.till.documents import Given, Sale, SaleLine
from catalog import products, promotion_uses, promotions
from catalog.promotion_sums import Rule
from catalog.views import ItemView
from kit import clock
from kit.errors import NotFound, Refused
from kit.money import share

_VAT, _GRAMS = 1900, 1
BY_HAND = "discount:"


def merged(lines: Sequence[SaleLine]) -> list[tuple[str, int]]:
    """Return units by SKU."""
    quantities: dict[str, int] = {}
    for line in lines:
        quantities[line.sku] = quantities.get(line.sku, 0) + line.quantity
    return list(quantities.items())


def lots(lines: Sequence[SaleLine]) -> dict[str, dict[str, int]]:
    """Return units by SKU and lot, where the till has read it."""
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.lot is not None:
            named = found.setdefault(line.sku, {})
            named[line.lot] = named.get(line.lot, 0) + line.quantity
    return found


@dataclass(frozen=True)
class Goods:
    """What the books know of the lines of a document. `basket` prices those that have a price."""

    sale: Sale
    items: Mapping[str, ItemView]
    basket: PricedBasket
    names: Mapping[str, Rule]
    customer_number: str | None

    def title(self, line: SaleLine) -> str:
        """Return what a line is called."""
        known = self.items.get(line.sku)
        return known.title("de") if known else line.title or line.sku

    def vat(self, line: SaleLine) -> int:
        """Return the VAT rate of a line."""
        known = self.items.get(line.sku)
        if known is None:
            return _VAT if line.vat_basis_points is None else line.vat_basis_points
        return known.vat_basis_points

    def new_line(self, line: SaleLine, key: str = "") -> orders.NewLine:
        """Return a line as orders are made of."""
        known = self.items.get(line.sku)
        return orders.NewLine(
            sku=line.sku,
            title=self.title(line),
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            vat_basis_points=self.vat(line),
            weight_grams=known.weight_grams if known else _GRAMS,
            longest_mm=known.longest_mm if known else 0,
            shipping_group=known.goods_group if known else "std",
            key=key,
            lot=line.lot,
            discount_minor=line.discount_minor,
            promotions=self.taken_off(line),
        )

    def taken_off(self, line: SaleLine) -> list[dict[str, Any]]:
        """Return what is taken off a line, as order lines and receipts keep it."""
        rows = [_stored(one, self.names) for one in line.promotions]
        if line.discount is not None and line.discount.amount_minor:
            german, english = DISCOUNT_REASONS.get(
                line.discount.reason, (line.discount.reason,) * 2
            )
            rows.append(
                {
                    "ref": f"{BY_HAND}{line.discount.reason}",
                    "name_de": f"Nachlass: {german}",
                    "name_en": f"Discount: {english}",
                    "amount_minor": line.discount.amount_minor,
                }
            )
        return rows

    def order(self, device: Device, sale: Sale, printed: str) -> tuple[Order, list[OrderLine]]:
        """Return the order of what the customer takes along: completed, and not yet written."""
        order, rows = orders.made(
            orders.Terms(
                channel="till",
                price_group=self.basket.price_group,
                address={},
                customer_number=self.customer_number,
                location=device.location,
                device=device.code,
                sale_id=sale.sale_id,
                sale_digest=sale.digest(),
                receipt_number=printed,
            ),
            [self.new_line(line) for line in sale.lines if not line.home],
        )
        order.state = "completed"
        order.confirmed_at = order.completed_at = order.placed_at
        for row in rows:
            row.shipped = row.quantity
        return order, rows

    def printed(self, place: int, line_id: str | None) -> dict[str, Any]:
        """Return a line as receipts keep it."""
        line = self.sale.lines[place]
        return {
            "sku": line.sku,
            "title": self.title(line),
            "quantity": line.quantity,
            "unit_minor": line.unit_minor,
            "line_minor": line.line_minor,
            "discount_minor": line.discount_minor,
            "promotions": self.taken_off(line),
            "vat_basis_points": self.vat(line),
            "lot": line.lot,
            "home": line.home,
            "age_checked": line.age_checked,
            "line_id": line_id,
        }

    def all_printed(
        self, rows: Mapping[int, OrderLine], home: Order | None, session: Session
    ) -> list[dict[str, Any]]:
        """Return every line of the receipt, with the ids under which goods come back."""
        sent = {row.position: row for row in orders.lines_of(session, home)} if home else {}
        along, away, lines = 0, 0, []
        for place, line in enumerate(self.sale.lines):
            along, away = along + (not line.home), away + line.home
            row = sent[away] if line.home else rows[along]
            lines.append(self.printed(place, str(row.id)))
        if home is not None and home.shipping_minor:
            lines.append(_delivery(lines, home.shipping_minor))
        return lines

    def sold(self, device: Device, order: Order, sale: Sale, found: Found) -> TimelineEntry:
        """Return the sale for the order's timeline, with what the books would not have asked."""
        differing = [facts for kind, facts in found.rows if kind in {"price", "discount"}]
        aged = [line.sku for line in sale.lines if line.age_checked]
        return orders.noted(
            order.ref,
            "sold_at_till",
            f"till {device.code}",
            receipt=order.receipt_number,
            sold_at=str(sale.sold_at) if sale.sold_at else None,
            differing_prices=differing,
            **({"age_checked": aged} if aged else {}),
            **({"age_refused": list(sale.age_refused)} if sale.age_refused else {}),
        )


def _delivery(lines: list[dict[str, Any]], shipping_minor: int) -> dict[str, Any]:
    # Taxed like the largest part of what is sent (UStAE 3.10 (5)).
    gross: dict[int, int] = {}
    for line in lines:
        if line["home"]:
            rate = line["vat_basis_points"]
            gross[rate] = gross.get(rate, 0) + line["line_minor"]
    main = max(gross, key=lambda rate: (gross[rate], rate))
    return {
        "sku": "", "title": "Versand", "quantity": 1, "unit_minor": shipping_minor,
        "line_minor": shipping_minor, "discount_minor": 0, "promotions": [],
        "vat_basis_points": main, "lot": None, "home": True, "line_id": None,
    }  # fmt: skip


def look_up(session: Session, device: Device, sale: Sale, found: Found) -> Goods:
    """Return what the books know of a document's goods; what does not fit becomes a conflict.

    Raises:
        Invalid: ``customer_number``.
        NotFound: ``item`` for goods that even the till cannot name; ``customer`` where the till is
            online.
    """
    at = sale.sold_at if sale.offline and sale.sold_at else clock.now()
    number, known = sale.customer_number, merged(sale.lines)
    items: Mapping[str, ItemView] = {}
    before = len(found.rows)
    try:
        basket = _priced(session, known, sale, number, at, found)
    except NotFound:
        # Something is unknown: found out one by one.
        del found.rows[before:]
        items = _named(session, sale, found)
        known = [(sku, units) for sku, units in known if sku in items]
        basket, number = _priced_for_known(session, known, sale, at, found)
    items = {**items, **basket.items}
    if len(items) < len(known):
        items = products.items(session, {sku for sku, _ in known})
    names = promotions.names(session, {one.ref for line in sale.lines for one in line.promotions})
    goods = Goods(sale, items, basket, names, number)
    if not sale.training and not sale.aborted:
        _compare(sale, basket, items, found)
        _check_rights(session, device, sale, found)
    return goods


def _named(session: Session, sale: Sale, found: Found) -> Mapping[str, ItemView]:
    """Return the goods that the books know; the till has to name the others."""
    items = products.items(session, {line.sku for line in sale.lines})
    for line in sale.lines:
        if line.sku not in items:
            if line.title is None:
                raise NotFound("item", sku=line.sku)
            found.add("item_gone", sku=line.sku, title=line.title)
    return items


def _priced_for_known(
    session: Session, wanted: list[tuple[str, int]], sale: Sale, at: Any, found: Found
) -> tuple[PricedBasket, str | None]:
    """Return the prices for a customer, or for everybody where nobody has the number."""
    number = sale.customer_number
    try:
        return _priced(session, wanted, sale, number, at, found), number
    except NotFound as unknown:
        if unknown.code != "customer" or not sale.offline:
            raise
        found.add("customer", customer_number=number)
        return _priced(session, wanted, sale, None, at, found), None


def _priced(
    session: Session,
    wanted: list[tuple[str, int]],
    sale: Sale,
    number: str | None,
    at: Any,
    found: Found,
) -> PricedBasket:
    wanted = list(wanted)
    while True:
        try:
            return pricing.price(
                session,
                wanted,
                customer_number=number,
                at=at,
                for_sale=False,
                channel="till",
                code=sale.promotion_code,
            )
        except Refused as refusal:
            if refusal.code != "no_price":
                raise
            found.add("no_price", **refusal.facts)
            wanted = [one for one in wanted if one[0] != refusal.facts["sku"]]


def _compare(sale: Sale, basket: PricedBasket, items: Mapping[str, ItemView], found: Found) -> None:
    # What the customer has paid stands; a price that the books would not have asked is a task.
    asked = {line.sku: line.unit_minor for line in basket.lines}
    for line in sale.lines:
        if line.sku in asked and asked[line.sku] != line.unit_minor:
            found.add("price", sku=line.sku, charged=line.unit_minor, price=asked[line.sku])
        if line.sku in items and not items[line.sku].sellable:
            found.add("not_sellable", sku=line.sku)
        if line.sku in items and items[line.sku].age_min and not line.age_checked:
            found.add("age", sku=line.sku, age_min=items[line.sku].age_min)
    given: dict[str, int] = {}
    for line in sale.lines:
        off = sum(one.amount_minor for one in line.promotions)
        given[line.sku] = given.get(line.sku, 0) + off
    owed = {line.sku: line.discount_minor for line in basket.lines}
    for sku, minor in given.items():
        if sku in owed and minor != owed[sku]:
            found.add("discount", sku=sku, given=minor, discount=owed[sku])


def _check_rights(session: Session, device: Device, sale: Sale, found: Found) -> None:
    """Note what somebody did who may not. The till asks first; offline it may have been wrong."""
    person = None
    if sale.cashier is not None:
        try:
            person = cashiers.by_code(session, sale.cashier, device.location)
        except NotFound:
            found.add("cashier", cashier=sale.cashier)
    for line in sale.lines:
        if line.discount is None or person is None:
            continue
        small = share(line.quantity * line.unit_minor, cashiers.SMALL_DISCOUNT)
        right = "discount" if line.discount.amount_minor <= small else "big_discount"
        if not _may(session, device, right, person, line.discount.approved_by):
            found.add(
                "right", right=right, sku=line.sku, amount_minor=line.discount.amount_minor,
                cashier=sale.cashier,
            )  # fmt: skip
    if sale.voids and person is not None and "void" not in person.rights:
        found.add("right", right="void", cashier=sale.cashier)


def _may(
    session: Session, device: Device, right: str, person: cashiers.Cashier, other: str | None
) -> bool:
    if right in person.rights:
        return True
    if other is None:
        return False
    try:
        return right in cashiers.by_code(session, other, device.location).rights
    except NotFound:
        return False


def _stored(given: Given, names: Mapping[str, Rule]) -> dict[str, Any]:
    """Return a given promotion as order lines keep it; an unknown one is called by its ref."""
    known = names.get(given.ref)
    return {
        "ref": given.ref,
        "name_de": known.name_de if known else given.ref,
        "name_en": known.name_en if known else given.ref,
        "amount_minor": given.amount_minor,
    }


def note_promotions(session: Session, order: Order, sale: Sale) -> None:
    """Note that promotions were used."""
    saved: dict[str, int] = {}
    for line in sale.lines:
        for one in line.promotions:
            saved[one.ref] = saved.get(one.ref, 0) + one.amount_minor
    known = promotions.names(session, saved)
    promotion_uses.note_use(
        session,
        {ref: minor for ref, minor in saved.items() if ref in known},
        order_ref=order.ref,
        customer_number=order.customer_number,
    )
