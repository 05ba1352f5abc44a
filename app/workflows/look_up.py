"""The one search box: orders, customers, goods, returns, by whatever somebody has in their hand.

Each way of looking is a short question of its own with an index behind it; together they would be
one that no index answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, literal_column, or_, select, union
from sqlalchemy.orm import Session

from app.aftersales.models import ReturnRequest, Withdrawal
from app.sales.models import Order, OrderLine
from catalog import products
from catalog.models import Item, Product
from fulfilment.models import Parcel
from kit.errors import KontorError
from loyalty.models import Customer

LIMIT = 50
# Fewer digits would find half the customers by the end of their telephone number.
SHORTEST_NUMBER = 6
SHORTEST_GTIN = 8
SHORTEST_NAME = 3
_CALLED = literal_column("(orders.address ->> 'name')")
_BACKWARDS = literal_column("reverse(orders.phone)")


@dataclass(frozen=True)
class Good:
    """An item that was found, with the address of its product's page."""

    sku: str
    product: str
    name: str
    gtin: str | None


@dataclass(frozen=True)
class Found:
    """What a term means: of each kind the first ones, the newest or most exact first."""

    orders: Sequence[Order] = ()
    customers: Sequence[Customer] = ()
    goods: Sequence[Good] = ()
    returns: Sequence[ReturnRequest] = ()
    withdrawals: Sequence[Withdrawal] = field(default=())

    @property
    def only_order(self) -> Order | None:
        """The order, where that is what was meant: goods lead to those who bought them."""
        others = (*self.returns, *self.withdrawals)
        return self.orders[0] if len(self.orders) == 1 and not others else None


def newest(session: Session) -> Sequence[Order]:
    """Return the newest orders."""
    return session.scalars(select(Order).order_by(Order.placed_at.desc()).limit(LIMIT)).all()


def find(session: Session, term: str) -> Found:
    """Return what a term means.

    Args:
        session: any session.
        term: order, receipt, customer number, name, mail address, telephone number, parcel (SSCC
            or the carrier's number), GTIN, SKU, or the number of a return or a withdrawal.
    """
    term = term.strip()
    digits = "".join(c for c in term if c.isdigit())
    goods = _goods(session, term, digits)
    return Found(
        orders=_orders(session, term, digits, [good.sku for good in goods]),
        customers=_customers(session, term, digits),
        goods=goods,
        returns=session.scalars(
            select(ReturnRequest).where(ReturnRequest.ref == term.upper())
        ).all(),
        withdrawals=session.scalars(
            select(Withdrawal).where(Withdrawal.number == term.upper())
        ).all(),
    )


def _orders(session: Session, term: str, digits: str, skus: list[str]) -> Sequence[Order]:
    mine = [
        *_by_number(term, digits),
        *_by_person(term, digits),
        *([_newest(Order.id.in_(_sold(skus)))] if skus else []),
    ]
    ids = select(union(*mine).subquery().c.id)
    query = select(Order).where(Order.id.in_(ids)).order_by(Order.placed_at.desc()).limit(LIMIT)
    return session.scalars(query).all()


def _newest(condition: Any) -> Select[Any]:
    return select(Order.id).where(condition).order_by(Order.placed_at.desc()).limit(LIMIT)


def _by_number(term: str, digits: str) -> list[Select[Any]]:
    parcels = select(Parcel.order_ref).where(Parcel.tracking_code == term.upper())
    found = [
        _newest(Order.ref == term.upper()),
        _newest(Order.receipt_number == term.lower()),
        _newest(Order.ref.in_(parcels)),
    ]
    sscc = 18
    if len(digits) >= sscc:
        # A scanner reads the application identifier 00 before it.
        held = select(Parcel.order_ref).where(Parcel.sscc == digits[-sscc:])
        found.append(_newest(Order.ref.in_(held)))
    return found


def _by_person(term: str, digits: str) -> list[Select[Any]]:
    found = []
    if "@" in term:
        found.append(_newest(Order.email == term.lower()))
    if len(digits.lstrip("0")) >= SHORTEST_NUMBER:
        ending = digits.lstrip("0")[::-1]
        found += [
            _newest(Order.customer_number == digits),
            _newest(_BACKWARDS.like(f"{ending}%")),
        ]
    if _is_name(term):
        found.append(_newest(_CALLED.ilike(_somewhere(term))))
    return found


def _somewhere(term: str) -> str:
    """Return the pattern of a part of a name; ILIKE, because that is what the index answers."""
    plain = term.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{plain}%"


def _is_name(term: str) -> bool:
    return len(term) >= SHORTEST_NAME and any(c.isalpha() for c in term) and "@" not in term


def _sold(skus: list[str]) -> Select[Any]:
    return select(OrderLine.order_id).where(OrderLine.sku.in_(skus))


def _customers(session: Session, term: str, digits: str) -> Sequence[Customer]:
    ways = []
    if "@" in term:
        ways.append(func.lower(Customer.email) == term.lower())
    if len(digits.lstrip("0")) >= SHORTEST_NUMBER:
        ways += [Customer.number == digits, Customer.phone.endswith(digits.lstrip("0"))]
    if _is_name(term):
        ways.append(Customer.name.ilike(_somewhere(term)))
    if not ways:
        return ()
    query = select(Customer).where(or_(*ways), Customer.erased_at.is_(None))
    return session.scalars(query.order_by(Customer.name).limit(LIMIT)).all()


def _goods(session: Session, term: str, digits: str) -> list[Good]:
    sku = term.upper()
    if len(digits) >= SHORTEST_GTIN and not any(c.isalpha() for c in term):
        try:
            sku = products.by_gtin(session, digits).sku
        except KontorError:
            return []
    query = select(Item, Product.name_de).join(Product, Product.slug == Item.product)
    rows = session.execute(query.where(or_(Item.sku == sku, Item.sku == term)).limit(LIMIT))
    return [Good(item.sku, item.product, name, item.gtin) for item, name in rows]
