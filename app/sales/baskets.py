"""Baskets: what someone is thinking of buying, on any channel. They claim nothing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.sales import terms
from app.sales.models import Basket, BasketCode, BasketLine
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import reference, secret_token

CODE_PREFIX = "W"
_OPENED = "opened_baskets"  # in this very transaction: nothing lies in them yet
_ADD = text(
    """
    INSERT INTO basket_lines AS line (basket_id, sku, quantity, added_at, source, seen_minor)
    SELECT :basket_id, wanted.sku, wanted.quantity, :now, :source, wanted.seen_minor
    FROM unnest(CAST(:skus AS text[]), CAST(:quantities AS int[]), CAST(:seen AS int[]))
        AS wanted (sku, quantity, seen_minor)
    ON CONFLICT (basket_id, sku) DO UPDATE SET
        quantity = line.quantity + excluded.quantity,
        seen_minor = coalesce(excluded.seen_minor, line.seen_minor)
    RETURNING line.quantity
    """
)


@dataclass(frozen=True)
class Wanted:
    """A SKU in a basket, how many, where the line came from, and the unit price last seen."""

    sku: str
    quantity: int
    source: str
    seen_minor: int | None = None


def open_(session: Session, channel: str, account_id: uuid.UUID | None = None) -> Basket:
    """Start an empty basket on a channel (web, till, phone), saved for an account or for nobody."""
    basket = Basket(
        token=secret_token(),
        channel=channel,
        account_id=account_id,
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    session.add(basket)
    session.flush()
    session.info[_OPENED] = {basket.id}
    return basket


def by_token(session: Session, token: str, *, lock: bool = False) -> Basket:
    """Return the basket behind a token.

    Raises:
        NotFound: ``basket``.
    """
    query = select(Basket).where(Basket.token == token)
    basket = session.scalar(query.with_for_update() if lock else query)
    if basket is None:
        raise NotFound("basket")
    return basket


def lines(session: Session, basket: Basket) -> list[Wanted]:
    """Return the basket's lines in the order in which they were added."""
    rows = session.scalars(
        select(BasketLine)
        .where(BasketLine.basket_id == basket.id)
        .order_by(BasketLine.added_at, BasketLine.sku)
    )
    return [Wanted(row.sku, row.quantity, row.source, row.seen_minor) for row in rows]


def add(
    session: Session, basket: Basket, sku: str, quantity: int = 1, *, source: str = "product"
) -> None:
    """Put `quantity` more of a SKU into the basket. The caller has made sure that the SKU exists.

    Raises:
        Invalid: ``quantity`` is below 1, or the line would pass the limit.
        Refused: ``basket_full`` when there are too many different lines.
    """
    add_all(session, basket, [(sku, quantity)], source=source)


def add_all(
    session: Session,
    basket: Basket,
    wanted: Sequence[tuple[str, int]],
    *,
    source: str = "product",
    seen: Mapping[str, int] | None = None,
) -> None:
    """Put several SKUs into the basket, with one statement; each SKU once.

    Args:
        session: an open transaction.
        basket: which.
        wanted: SKU and how many more of it.
        source: where the lines come from.
        seen: what a unit costs now, minor units, so that a change can be told later.

    Raises:
        as `add`.
    """
    for _, quantity in wanted:
        check(quantity, least=1)
    new = basket.id in session.info.get(_OPENED, ())
    lying = select(func.count()).where(BasketLine.basket_id == basket.id)
    count = 0 if new else session.scalar(lying) or 0
    if count + len(wanted) > terms.MAX_BASKET_LINES:
        known = {line.sku for line in lines(session, basket)}
        if count + len({sku for sku, _ in wanted} - known) > terms.MAX_BASKET_LINES:
            raise Refused("basket_full", most=terms.MAX_BASKET_LINES)
    totals = session.scalars(
        _ADD,
        {
            "basket_id": basket.id,
            "now": clock.now(),
            "source": source,
            "skus": [sku for sku, _ in wanted],
            "quantities": [quantity for _, quantity in wanted],
            "seen": [(seen or {}).get(sku) for sku, _ in wanted],
        },
    )
    for total in totals:
        check(total, least=1)
    if not new:
        _changed(session, basket)
    session.info.pop(_OPENED, None)


def saw(session: Session, basket: Basket, prices: Mapping[str, int]) -> None:
    """Note what units cost when the customer was told, minor units by SKU."""
    for sku, minor in prices.items():
        session.execute(
            update(BasketLine)
            .where(BasketLine.basket_id == basket.id, BasketLine.sku == sku)
            .values(seen_minor=minor)
        )


def of_account(session: Session, account_id: uuid.UUID, *, lock: bool = False) -> Basket | None:
    """Return the basket that is saved for an account, if it has one that is no order yet."""
    query = select(Basket).where(Basket.account_id == account_id, Basket.order_ref.is_(None))
    return session.scalar(query.with_for_update() if lock else query)


def merge(session: Session, guest: Basket, saved: Basket) -> None:
    """Move the lines of a guest's basket into a saved one, and leave the guest's empty.

    A SKU that lies in both stays once, with the larger quantity: the same thing was put in twice,
    on two devices, and nobody wanted both. What else the guest has said goes with it.
    """
    theirs = {line.sku: line for line in lines(session, saved)}
    for line in lines(session, guest):
        known = theirs.get(line.sku)
        if known is None:
            row = insert(BasketLine).values(
                basket_id=saved.id,
                sku=line.sku,
                quantity=line.quantity,
                added_at=clock.now(),
                source=line.source,
                seen_minor=line.seen_minor,
            )
            session.execute(row)
        elif known.quantity < line.quantity:
            put(session, saved, line.sku, line.quantity)
    session.execute(delete(BasketLine).where(BasketLine.basket_id == guest.id))
    saved.promotion_code = guest.promotion_code or saved.promotion_code
    saved.gift_card_id = guest.gift_card_id or saved.gift_card_id
    guest.promotion_code = guest.gift_card_id = None
    _changed(session, saved)


def give_code(session: Session, basket: Basket) -> BasketCode:
    """Let the till read a basket by a short code for a while; the one it has is good for longer."""
    now = clock.now()
    known = code_of(session, basket)
    if known is not None:
        known.expires_at = now + terms.TILL_CODE_LASTS
        session.flush()
        return known
    row = BasketCode(
        code=reference(CODE_PREFIX),
        basket_id=basket.id,
        consented_at=now,
        expires_at=now + terms.TILL_CODE_LASTS,
    )
    session.add(row)
    session.flush()
    return row


def code_of(session: Session, basket: Basket) -> BasketCode | None:
    """Return the code by which the till can read a basket now, if its customer wanted one."""
    return session.scalar(
        select(BasketCode).where(
            BasketCode.basket_id == basket.id, BasketCode.withdrawn_at.is_(None), _valid()
        )
    )


def withdraw_code(session: Session, basket: Basket) -> None:
    """Take the consent back: no till reads the basket any more."""
    session.execute(
        update(BasketCode)
        .where(BasketCode.basket_id == basket.id, BasketCode.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
    )


def by_code(session: Session, typed: str, *, lock: bool = False) -> Basket:
    """Return the basket behind a code that was shown at a till, typed in any case.

    Raises:
        NotFound: ``basket``: unknown, over, taken back, or bought already; always the same.
    """
    query = (
        select(Basket)
        .join(BasketCode, BasketCode.basket_id == Basket.id)
        .where(BasketCode.code == typed.strip().upper(), BasketCode.withdrawn_at.is_(None))
        .where(_valid(), Basket.order_ref.is_(None))
    )
    basket = session.scalar(query.with_for_update(of=Basket) if lock else query)
    if basket is None:
        raise NotFound("basket")
    return basket


def _valid() -> ColumnElement[bool]:
    return BasketCode.expires_at > clock.now()


def put(session: Session, basket: Basket, sku: str, quantity: int) -> int:
    """Set how many of a SKU are in the basket; 0 takes the line out.

    Returns:
        How many there were before, so that the change can be undone.

    Raises:
        Invalid: ``quantity`` is negative or too large.
    """
    check(quantity, least=0)
    held = select(BasketLine.quantity).where(
        BasketLine.basket_id == basket.id, BasketLine.sku == sku
    )
    before = session.scalar(held) or 0
    if quantity == 0:
        session.execute(
            delete(BasketLine).where(BasketLine.basket_id == basket.id, BasketLine.sku == sku)
        )
    else:
        row = insert(BasketLine).values(
            basket_id=basket.id, sku=sku, quantity=quantity, added_at=clock.now()
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["basket_id", "sku"], set_={"quantity": quantity}
            )
        )
    _changed(session, basket)
    return before


def attach_customer(session: Session, basket: Basket, number: str | None) -> None:
    """Note whose prices apply; the caller has looked the number up."""
    basket.customer_number = number
    _changed(session, basket)


def attach_code(session: Session, basket: Basket, code: str | None) -> None:
    """Note a promotion code as it is stored; the caller has looked it up. One at a time."""
    basket.promotion_code = code
    _changed(session, basket)


def attach_gift_card(session: Session, basket: Basket, card_id: uuid.UUID | None) -> None:
    """Note the gift card that is to pay; the caller has looked it up. Nothing is taken off it."""
    basket.gift_card_id = card_id
    _changed(session, basket)


def check(quantity: int, *, least: int = 1) -> None:
    """Pass a quantity that a line may have.

    Raises:
        Invalid: ``quantity``.
    """
    if not least <= quantity <= terms.MAX_LINE_QUANTITY:
        raise Invalid("quantity", quantity=quantity, least=least, most=terms.MAX_LINE_QUANTITY)


def _changed(session: Session, basket: Basket) -> None:
    basket.changed_at = clock.now()
    session.flush()
