"""Orders: what was agreed, line by line, and the timeline that explains what became of it."""

import hmac
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from app.sales import worth
from app.sales.models import ORDER_STATES, Order, OrderLine, TimelineEntry
from kit import clock
from kit.database import Json, glance
from kit.errors import NotFound
from kit.ids import new_id, reference, secret_token
from kit.money import vat_within
from kit.plain import Plain
from kit.writing import fresh


@dataclass(frozen=True)
class NewLine:
    """A line to be agreed on; money in minor units, gross. `key` is the router's name for it.

    `discount_minor` is what `promotions` take off the whole line.
    """

    sku: str
    title: str
    quantity: int
    unit_minor: int
    vat_basis_points: int
    weight_grams: int
    shipping_group: str = "std"
    promised_on: date | None = None
    key: str = ""
    lot: str | None = None
    discount_minor: int = 0
    promotions: Sequence[Json] = ()
    longest_mm: int = 0

    @property
    def line_minor(self) -> int:
        """What the whole line costs."""
        return self.unit_minor * self.quantity - self.discount_minor


@dataclass(frozen=True)
class Terms:
    """What an order says beside its lines; `address`, `collect_at` and so on as in `Order`."""

    channel: str
    price_group: str
    address: Json
    email: str | None = None
    phone: str | None = None
    contact_by: str = "mail"
    language: str = "de"
    customer_number: str | None = None
    shipping_minor: int = 0
    need_by_on: date | None = None
    promised_on: date | None = None
    pay_by_at: datetime | None = None
    location: str | None = None
    collect_at: str | None = None
    pay_on_collection: bool = False
    device: str | None = None
    sale_id: str | None = None
    sale_digest: str | None = None
    receipt_number: str | None = None
    basket_id: uuid.UUID | None = None
    imported_ref: str | None = None


def create(
    session: Session, terms: Terms, new_lines: Sequence[NewLine]
) -> tuple[Order, list[OrderLine]]:
    """Create an order in state ``placed`` with its lines.

    Returns:
        The order and its lines in the order given; totals are computed here and nowhere else.
    """
    order, rows = made(terms, new_lines)
    session.add(order)
    session.flush()
    session.add_all(rows)
    session.flush()
    return order, rows


def made(terms: Terms, new_lines: Sequence[NewLine]) -> tuple[Order, list[OrderLine]]:
    """Return what `create` writes, for who writes it with other rows (`kit.writing`)."""
    goods = sum(line.line_minor for line in new_lines)
    facts = {name: value for name, value in vars(terms).items() if name != "imported_ref"}
    order = fresh(
        Order,
        id=new_id(),
        ref=terms.imported_ref or reference("K"),
        token=secret_token(),
        state="placed",
        goods_minor=goods,
        total_minor=goods + terms.shipping_minor,
        placed_at=clock.now(),
        **facts,
    )
    return order, [_line(order, position, line) for position, line in enumerate(new_lines, start=1)]


def _line(order: Order, position: int, line: NewLine) -> OrderLine:
    return fresh(
        OrderLine,
        id=new_id(),
        order_id=order.id,
        position=position,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_minor=line.unit_minor,
        line_minor=line.line_minor,
        discount_minor=line.discount_minor,
        promotions=list(line.promotions),
        vat_basis_points=line.vat_basis_points,
        weight_grams=line.weight_grams,
        longest_mm=line.longest_mm,
        shipping_group=line.shipping_group,
        promised_on=line.promised_on,
        lot=line.lot,
        shipped=0,
        cancelled=0,
        returned=0,
    )


def by_ref(session: Session, ref: str, *, lock: bool = False) -> Order:
    """Return an order by its reference.

    Args:
        lock: hold the order until the transaction ends; whoever changes an order does.

    Raises:
        NotFound: ``order``.
    """
    query = select(Order).where(Order.ref == ref)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    order = session.scalar(query)
    if order is None:
        raise NotFound("order", ref=ref)
    return order


def by_ref_and_token(session: Session, ref: str, token: str) -> Order:
    """Return an order to someone who holds its secret link.

    Raises:
        NotFound: ``order``, the same for a wrong token as for an unknown reference.
    """
    order = by_ref(session, ref)
    if not hmac.compare_digest(order.token.encode(), token.encode()):
        raise NotFound("order", ref=ref)
    return order


_STATE_OR_NOTHING = b"SELECT min(token), min(state) FROM orders WHERE ref = $1"


def state_of(ref: str, token: str) -> str:
    """Return the state of an order to someone who holds its secret link; without a transaction.

    Raises:
        NotFound: ``order``, the same for a wrong token as for an unknown reference.
    """
    if "\0" in ref:
        raise NotFound("order", ref=ref)
    known, state = glance(Plain(_STATE_OR_NOTHING, [ref.encode()]))
    if known is None or state is None or not hmac.compare_digest(known, token.encode()):
        raise NotFound("order", ref=ref)
    return state.decode()


def lines_of(session: Session, order: Order) -> list[OrderLine]:
    """Return the order's lines by position."""
    rows = select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


_COUNT_SHIPPED = text(
    """
    UPDATE order_lines AS line SET shipped = line.shipped + gone.units
    FROM unnest(CAST(:ids AS uuid[]), CAST(:units AS int[])) AS gone (id, units)
    WHERE line.id = gone.id AND line.order_id = :order_id
    """
)


def count_shipped(session: Session, order: Order, shipped: Mapping[uuid.UUID, int]) -> None:
    """Add handed-over units to the lines of a locked order, with one statement.

    Raises:
        IntegrityError: more would be shipped than was ordered (CHECK ``shipped``).
    """
    session.execute(
        _COUNT_SHIPPED,
        {"order_id": order.id, "ids": list(shipped), "units": list(shipped.values())},
    )


def open_units(session: Session, order: Order) -> int:
    """Return how many units of an order are neither shipped nor cancelled."""
    left = OrderLine.quantity - OrderLine.shipped - OrderLine.cancelled
    return session.scalar(select(func.sum(left)).where(OrderLine.order_id == order.id)) or 0


def shipped_minor(session: Session, order: Order) -> int:
    """Return the value of what has left us, minor units, gross, without delivery."""
    # As `worth.last` counts: all of the line less what was not shipped of it.
    kept = OrderLine.quantity - OrderLine.shipped
    off = OrderLine.discount_minor * kept // OrderLine.quantity
    value = func.sum(OrderLine.line_minor - (OrderLine.unit_minor * kept - off))
    return int(session.scalar(select(value).where(OrderLine.order_id == order.id)) or 0)


def advance(session: Session, order: Order, state: str) -> None:
    """Move an order to its next state and note when.

    Raises:
        Refused: ``order_state`` when the move is not one of `ORDER_STATES`.
    """
    ORDER_STATES.check(order.state, state)
    order.state = state
    if state == "confirmed":
        order.confirmed_at = clock.now()
    elif state == "completed":
        order.completed_at = clock.now()
    elif state in {"lapsed", "cancelled"}:
        order.closed_at = clock.now()
    session.flush()


def note(session: Session, order_ref: str, what: str, actor: str, **facts: object) -> None:
    """Write a line into the order's timeline.

    Args:
        what: stable snake_case name of what happened; the page has the words.
        actor: a person's name, ``customer``, ``till bonn-1``, or ``kontor`` for the shop itself.
        facts: plain JSON values.
    """
    session.execute(
        insert(TimelineEntry).values(
            order_ref=order_ref, happened_at=clock.now(), actor=actor, what=what, facts=facts
        )
    )


def noted(order_ref: str, what: str, actor: str, **facts: object) -> TimelineEntry:
    """Return the row that `note` writes, for who writes it with other rows (`kit.writing`)."""
    return fresh(
        TimelineEntry,
        order_ref=order_ref,
        happened_at=clock.now(),
        actor=actor,
        what=what,
        facts=facts,
    )


def timeline(session: Session, order_ref: str) -> list[TimelineEntry]:
    """Return what happened to an order, oldest first."""
    rows = (
        select(TimelineEntry)
        .where(TimelineEntry.order_ref == order_ref)
        .order_by(TimelineEntry.happened_at, TimelineEntry.id)
    )
    return list(session.scalars(rows))


def not_delivered_minor(order: Order, lines: Iterable[OrderLine]) -> int:
    """Return what goes back because it cannot be sent, minor units.

    The delivery is owed for as long as anything of the order is sent, and not for nothing at all.
    Of what is paid on collection nothing goes back: what was not handed over was never paid.
    """
    if order.pay_on_collection:
        return 0
    lines = list(lines)
    goods = sum(worth.cancelled(line) for line in lines)
    nothing_sent = all(line.cancelled == line.quantity for line in lines)
    return goods + (order.shipping_minor if nothing_sent else 0)


def to_pay_minor(order: Order, lines: Iterable[OrderLine]) -> int:
    """Return what is still to be paid at the counter of an order that is collected, minor units.

    Nothing of one that is paid otherwise: what it owes before that, its payments say.
    """
    if not order.pay_on_collection or order.state != "confirmed":
        return 0
    return sum(worth.open_(line) for line in lines)


def vat_by_rate(lines: Iterable[OrderLine], shipping_minor: int) -> dict[int, tuple[int, int]]:
    """Return per VAT rate (basis points) the gross amount and the VAT in it, minor units.

    Shipping shares the fate of the goods: it is taxed with the rate of the largest part of them.
    Source: UStAE 3.10 (5), ancillary supplies follow the main supply.
    """
    gross: dict[int, int] = {}
    for line in lines:
        gross[line.vat_basis_points] = gross.get(line.vat_basis_points, 0) + line.line_minor
    if shipping_minor and gross:
        main = max(gross, key=lambda rate: (gross[rate], rate))
        gross[main] += shipping_minor
    return {rate: (amount, vat_within(amount, rate)) for rate, amount in sorted(gross.items())}


def prefer(
    session: Session, number: str, *, contact_by: str, phone: str | None, language: str
) -> None:
    """Tell a customer about their open orders from now on as they have just chosen."""
    session.execute(
        update(Order)
        .where(Order.customer_number == number, Order.state.in_(("placed", "confirmed")))
        .values(
            contact_by=contact_by,
            language=language,
            phone=func.coalesce(phone, Order.phone),
        )
    )
