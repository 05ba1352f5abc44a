"""Baskets: what someone is thinking of buying, on any channel. They claim nothing."""

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.sales import terms
from app.sales.models import Basket, BasketLine
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import secret_token


@dataclass(frozen=True)
class Wanted:
    """A SKU in a basket, how many, and where the line came from."""

    sku: str
    quantity: int
    source: str


def open_(session: Session, channel: str) -> Basket:
    """Start an empty basket on a channel (web, till, phone)."""
    basket = Basket(
        token=secret_token(), channel=channel, created_at=clock.now(), changed_at=clock.now()
    )
    session.add(basket)
    session.flush()
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
    return [Wanted(row.sku, row.quantity, row.source) for row in rows]


def add(
    session: Session, basket: Basket, sku: str, quantity: int = 1, *, source: str = "product"
) -> None:
    """Put `quantity` more of a SKU into the basket. The caller has made sure that the SKU exists.

    Raises:
        Invalid: ``quantity`` is below 1, or the line would pass the limit.
        Refused: ``basket_full`` when there are too many different lines.
    """
    _check(quantity, least=1)
    count = session.scalar(select(func.count()).where(BasketLine.basket_id == basket.id))
    if (count or 0) >= terms.MAX_BASKET_LINES:
        raise Refused("basket_full", most=terms.MAX_BASKET_LINES)
    row = insert(BasketLine).values(
        basket_id=basket.id, sku=sku, quantity=quantity, added_at=clock.now(), source=source
    )
    total = session.scalar(
        row.on_conflict_do_update(
            index_elements=["basket_id", "sku"],
            set_={"quantity": BasketLine.quantity + row.excluded.quantity},
        ).returning(BasketLine.quantity)
    )
    _check(total or 0, least=1)
    _changed(session, basket)


def put(session: Session, basket: Basket, sku: str, quantity: int) -> int:
    """Set how many of a SKU are in the basket; 0 takes the line out.

    Returns:
        How many there were before, so that the change can be undone.

    Raises:
        Invalid: ``quantity`` is negative or too large.
    """
    _check(quantity, least=0)
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


def _check(quantity: int, *, least: int) -> None:
    if not least <= quantity <= terms.MAX_LINE_QUANTITY:
        raise Invalid("quantity", quantity=quantity, least=least, most=terms.MAX_LINE_QUANTITY)


def _changed(session: Session, basket: Basket) -> None:
    basket.changed_at = clock.now()
    session.flush()
