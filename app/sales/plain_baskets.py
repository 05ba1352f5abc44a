"""Baskets on their way into an order, by plain statements: opened, held, read, ordered."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.sales import baskets, terms
from kit import clock
from kit.arrays import literal
from kit.errors import NotFound, Refused
from kit.ids import new_id, secret_token
from kit.plain import Plain, ask, close_with

_HOLD = b"""
    SELECT id, channel, order_ref, customer_number, promotion_code, gift_card_id
    FROM baskets WHERE token = $1 FOR UPDATE
"""
_CONTENTS = """
    SELECT (
        SELECT json_agg(json_build_array(sku, quantity) ORDER BY added_at, sku)
        FROM basket_lines WHERE basket_id = $1
    ), {besides}
"""
_ORDERED = b"UPDATE baskets SET order_ref = $3 WHERE id = $2"
_OPEN_WITH = b"""
    WITH basket AS (
        INSERT INTO baskets (id, token, channel, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $4)
    )
    INSERT INTO basket_lines (basket_id, sku, quantity, added_at, source, seen_minor)
    SELECT $1, wanted.sku, wanted.quantity, $4, $5, wanted.seen_minor
    FROM unnest($6::text[], $7::int[], $8::int[]) AS wanted (sku, quantity, seen_minor)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A locked basket, as far as an order needs to know it."""

    id: uuid.UUID
    channel: str
    order_ref: str | None
    customer_number: str | None
    promotion_code: str | None
    gift_card_id: uuid.UUID | None


def hold(session: Session, token: str) -> Held:
    """Lock the basket behind a token until the transaction ends.

    Raises:
        NotFound: ``basket``.
    """
    found = ask(session, Plain(_HOLD, [token.encode()]))
    if found is None:
        raise NotFound("basket")
    key, channel, order_ref, number, code, card = (
        None if field is None else field.decode() for field in found
    )
    return Held(
        uuid.UUID(key), str(channel), order_ref, number, code, uuid.UUID(card) if card else None
    )


def contents(
    session: Session, basket_id: uuid.UUID, besides: str = "NULL"
) -> tuple[list[tuple[str, int]], str]:
    """Return SKU and quantity of a basket's lines, in the order in which they were added.

    Args:
        session: the transaction that holds the basket.
        basket_id: which.
        besides: a term of SQL to be read in the same moment, of this house.

    Returns:
        The lines, and the term as text.
    """
    statement = _CONTENTS.format(besides=besides).encode()
    found = ask(session, Plain(statement, [str(basket_id).encode()]))
    held, term = found or (None, None)
    rows = json.loads(held) if held else []
    return [(sku, quantity) for sku, quantity in rows], (term or b"").decode()


def ordered(basket_id: uuid.UUID, order_ref: str) -> Plain:
    """Return what notes which order a locked basket has become, written along with the order."""
    return Plain(_ORDERED, [str(basket_id).encode(), order_ref.encode()])


def open_with(
    session: Session,
    channel: str,
    wanted: Sequence[tuple[str, int]],
    *,
    source: str,
    seen: Mapping[str, int],
) -> str:
    """Start somebody's basket with its first lines, as the last statement of the transaction.

    Args:
        session: an open transaction.
        channel: web, till, phone.
        wanted: SKU and how many, each SKU once.
        source: where the lines come from.
        seen: what a unit costs now, minor units by SKU.

    Returns:
        The basket's token.

    Raises:
        as `add_all`.
    """
    for _, quantity in wanted:
        baskets.check(quantity)
    if len(wanted) > terms.MAX_BASKET_LINES:
        raise Refused("basket_full", most=terms.MAX_BASKET_LINES)
    token, skus = secret_token(), [sku for sku, _ in wanted]
    parameters = [
        new_id().hex,
        token,
        channel,
        clock.now().isoformat(),
        source,
        literal(skus),
        literal([quantity for _, quantity in wanted]),
        "{" + ",".join(str(seen.get(sku, "NULL")) for sku in skus) + "}",
    ]
    close_with(session, Plain(_OPEN_WITH, [text.encode() for text in parameters]))
    return token
