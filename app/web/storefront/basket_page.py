"""What the basket page shows: lines, totals with shipping, delivery dates, what else is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.sales import baskets, terms
from app.sales.models import Basket, BasketCode
from app.web.storefront import codes, pictures
from app.web.storefront.offers import Offers, gather
from app.workflows import quoting
from app.workflows.quoting import Quote
from catalog import products
from catalog.promotion_sums import Applied
from catalog.views import ItemView
from fulfilment.places import geography
from kit import clock
from loyalty import gift_cards, points
from loyalty.gift_cards import CardView


@dataclass(frozen=True)
class BasketLine:
    """One line as it is shown; `missing` units of it nobody can send.

    `was_minor` is the price of one as the customer saw it, where it is another one now.
    """

    item: ItemView
    quantity: int
    unit_minor: int
    list_unit_minor: int
    sum_minor: int
    missing: int
    promised_on: date | None
    picture: str | None
    promotions: Sequence[Applied] = ()
    was_minor: int | None = None

    @property
    def left(self) -> int:
        """How many units of it can be had."""
        return self.quantity - self.missing


@dataclass(frozen=True)
class BasketPage:
    """Everything on the page; `gone` are lines that are no longer sold and not in the totals.

    `code_note` says why a code takes nothing off, None where it does.
    """

    lines: Sequence[BasketLine]
    gone: Sequence[ItemView]
    quote: Quote | None
    offers: Offers | None
    customer_number: str | None
    points: int
    town: str
    code: str | None = None
    code_note: str | None = None
    card: CardView | None = None
    till_code: BasketCode | None = None
    saved: bool = False

    @property
    def changed(self) -> Sequence[BasketLine]:
        """The lines whose price is another one than the customer saw."""
        return [line for line in self.lines if line.was_minor is not None]

    @property
    def short(self) -> Sequence[BasketLine]:
        """The lines of which there is not enough."""
        return [line for line in self.lines if line.missing]

    @property
    def by_card_minor(self) -> int:
        """What the gift card pays of the total."""
        return self.by_card_of(self.quote.total_minor) if self.quote else 0

    def by_card_of(self, total_minor: int) -> int:
        """Return what the gift card pays of a total, minor units."""
        return min(gift_cards.usable_minor(self.card), total_minor) if self.card else 0

    @property
    def to_pay_minor(self) -> int:
        """What is left to pay after the gift card."""
        return self.quote.total_minor - self.by_card_minor if self.quote else 0

    @property
    def can_order(self) -> bool:
        """Whether there is something to order and all of it can be sent."""
        return bool(self.lines) and not any(line.missing for line in self.lines)

    @property
    def late_is_possible(self) -> bool:
        """Whether the rules put a price on coming after the day a customer needs it by."""
        asked = self.quote.decision.problem if self.quote and self.quote.decision else None
        return asked is not None and asked.need_by_late_minor is not None

    @property
    def free_shipping_gap_minor(self) -> int:
        """What is missing until delivery is free; 0 where it is free already."""
        if self.quote is None or self.quote.shipping_minor == 0:
            return 0
        return terms.FREE_SHIPPING_FROM_MINOR - self.quote.basket.goods_minor


def build(
    session: Session, basket: Basket | None, postal_code: str | None, *, offers: bool = True
) -> BasketPage:
    """Price and plan a basket as it is now, with what else it needs."""
    wanted = baskets.lines(session, basket) if basket else []
    items = products.items(session, [line.sku for line in wanted])
    sold = [
        (line.sku, line.quantity)
        for line in wanted
        if line.sku in items and items[line.sku].sellable
    ]
    number = basket.customer_number if basket else None
    code = basket.promotion_code if basket else None
    quote = _quote(session, sold, number, postal_code, code) if sold else None
    seen = {line.sku: line.seen_minor for line in wanted}
    return BasketPage(
        lines=_lines(quote, seen) if quote else [],
        gone=[items[line.sku] for line in wanted if line.sku in items and not _is_sold(line, sold)],
        quote=quote,
        offers=gather(session, basket, quote) if basket and quote and offers else None,
        customer_number=number,
        points=points.points_for(quote.basket.goods_minor) if quote and number else 0,
        town=town(postal_code),
        code=code,
        card=gift_cards.one(session, basket.gift_card_id)
        if basket and basket.gift_card_id
        else None,
        code_note=codes.note(session, code, quote.basket) if code and quote else None,
        till_code=baskets.code_of(session, basket) if basket and offers else None,
        saved=bool(basket and basket.account_id),
    )


def town(postal_code: str | None) -> str:
    """Return the name of the place that delivery dates are shown for."""
    place = geography.locate(postal_code or terms.DEFAULT_POSTAL_CODE)
    return f"{place.postal_code} {place.name}" if place else terms.DEFAULT_POSTAL_CODE


def _is_sold(line: baskets.Wanted, sold: Sequence[tuple[str, int]]) -> bool:
    return any(line.sku == sku for sku, _ in sold)


def _quote(
    session: Session,
    lines: Sequence[tuple[str, int]],
    number: str | None,
    place: str | None,
    code: str | None,
) -> Quote:
    return quoting.quote(
        session,
        lines,
        customer_number=number,
        postal_code=place,
        at=clock.now(),
        code=code,
    )


def _lines(quote: Quote, seen: Mapping[str, int | None]) -> list[BasketLine]:
    missing = quote.missing()
    promised = quote.decision.promise_on if quote.decision else {}
    return [
        BasketLine(
            item=quote.basket.items[line.sku],
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            list_unit_minor=line.list_unit_minor,
            sum_minor=line.line_minor,
            missing=missing.get(line.sku, 0),
            promised_on=promised.get(line.sku),
            picture=pictures.address(quote.basket.items[line.sku].picture),
            promotions=line.promotions,
            was_minor=_was(seen.get(line.sku), line.unit_minor),
        )
        for line in quote.basket.lines
    ]


def _was(seen_minor: int | None, now_minor: int) -> int | None:
    return None if seen_minor in {None, now_minor} else seen_minor
