"""The POS endpoint: look up, quote, sell. The same for our till and for a third party's."""

from typing import Any

from flask.views import MethodView
from sqlalchemy.orm import Session

from app.web.api import pos_answers, schemas
from app.web.api.room import blueprint, device_of_request
from app.web.session import limiter
from app.workflows import pricing, showing
from app.workflows.till import sending_home
from catalog import products, promotions
from catalog.pricing import STANDARD
from kit import clock
from kit.database import reading, transaction
from kit.errors import NotFound
from loyalty import customers, gift_cards

_CODE = {
    "in": "path",
    "name": "code",
    "description": "GTIN of 8, 12, 13 or 14 digits, or a SKU",
    "schema": {"type": "string", "maxLength": 64},
}
_NUMBER = {
    "in": "path",
    "name": "number",
    "description": "seven digits, blanks allowed",
    "schema": {"type": "string", "maxLength": 24},
}


def number_of(given: str | None) -> str | None:
    """Return a customer number as it is stored, None for an empty field."""
    return customers.normal_number(given) if given and given.strip() else None


def code_of(given: str | None) -> str | None:
    """Return a promotion code as it is stored, None for an empty field."""
    return promotions.normal_code(given) if given and given.strip() else None


def _promotion_code(session: Session, given: str | None) -> str | None:
    """Return a promotion code that may be used now, as it is stored; None for an empty field."""
    code = code_of(given)
    if code:
        promotions.by_code(session, code, clock.now())
    return code


@blueprint.route("/items/<code>", parameters=[_CODE])
class ItemByCode(MethodView):
    """An item by what stands on it."""

    @blueprint.secured
    @blueprint.response(200, schemas.ItemSchema)
    @blueprint.doc(operationId="item")
    @blueprint.problem(404, "`item`: unknown GTIN or SKU")
    @blueprint.problem(409, "`no_price`: the item has no price today")
    @blueprint.problem(422, "`gtin`: a wrong check digit")
    def get(self, code: str) -> dict[str, Any]:
        """Look up an item by GTIN or SKU, with everyone's price and the stock of every location."""
        wanted = code.strip()
        if "\0" in wanted:
            raise NotFound("item", sku=wanted)
        with reading() as session:
            # A SKU may be made of digits too: an exact one comes first.
            found = products.items(session, [wanted]).get(wanted)
            if found is None and wanted.isascii() and wanted.isdigit():
                found = products.by_gtin(session, wanted)
            if found is None:
                raise NotFound("item", sku=wanted)
            basket = pricing.price_for_group(session, [(found.sku, 1)], STANDARD, clock.now())
            return pos_answers.item(session, found, basket.lines[0].unit_minor)


@blueprint.route("/customers/<number>", parameters=[_NUMBER])
class CustomerByNumber(MethodView):
    """A customer by the number on the card."""

    @blueprint.secured
    @blueprint.response(200, schemas.CustomerSchema)
    @blueprint.doc(operationId="customer")
    @blueprint.problem(404, "`customer`: nobody has this number")
    @blueprint.problem(422, "`customer_number`: not seven digits, or a wrong check digit")
    def get(self, number: str) -> dict[str, Any]:
        """Look up a customer by loyalty ID, however it is spaced."""
        with reading() as session:
            return pos_answers.customer(session, number)


@blueprint.route("/quotes")
class Quotes(MethodView):
    """Prices of a basket."""

    @blueprint.secured
    @blueprint.arguments(schemas.QuoteRequestSchema)
    @blueprint.response(200, schemas.QuoteSchema)
    @blueprint.doc(operationId="quote")
    @blueprint.problem(404, "`item`, `customer`, `promotion_code` or `postal_code`: unknown")
    @blueprint.problem(
        409,
        "`not_sellable` or `no_price`; of a code: `promotion_early`, `promotion_over` or"
        " `promotion_used_up`",
    )
    @blueprint.problem(422, "`malformed` (see `fields`), `customer_number` or `promotion_code`")
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Price a basket for a customer: the same answer as on the web at the same moment."""
        wanted: dict[str, int] = {}
        for line in asked["lines"]:
            wanted[line["sku"]] = wanted.get(line["sku"], 0) + line["quantity"]
        number = number_of(asked["customer_number"])
        with reading() as session:
            code = _promotion_code(session, asked["promotion_code"])
            basket = pricing.price(
                session,
                list(wanted.items()),
                customer_number=number,
                at=clock.now(),
                channel="till",
                code=code,
            )
            quote = pos_answers.quote(
                session, device_of_request(), basket, number, code, asked["sale_id"]
            )
            home = [(line["sku"], line["quantity"]) for line in asked["lines"] if line["home"]]
            plan = sending_home.preview(session, basket, home, asked["postal_code"])
            return {**quote, "home": plan}


@blueprint.route("/suggestions")
class Suggestions(MethodView):
    """What was seen of the suggestions beside a basket."""

    @blueprint.secured
    @blueprint.arguments(schemas.SeenSuggestionsSchema)
    @blueprint.response(200, schemas.CountedSuggestionsSchema)
    @blueprint.doc(operationId="count_suggestions")
    @blueprint.problem(422, "`malformed` (see `fields`)")
    def post(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Count what was shown and taken, without a person; once per sale and SKU."""
        asked = [(one["sku"], one["kind"]) for one in seen["shown"]]
        with reading() as session:
            part = showing.part_of(session, seen["sale_id"])
            known = products.items(session, [sku for sku, _ in asked])
        pairs = [pair for pair in dict(asked).items() if pair[0] in known]
        if pairs or part.trial:
            showing.note(part, pairs, "till")
        if seen["taken"]:
            with transaction() as session:
                showing.taken(session, seen["sale_id"], seen["taken"])
        return {"sale_id": seen["sale_id"]}


@blueprint.route("/gift-cards")
class GiftCards(MethodView):
    """Gift cards: what is on one. The code is in the body, so that no log keeps it."""

    decorators = (limiter.limit("30 per minute"),)

    @blueprint.secured
    @blueprint.arguments(schemas.GiftCardRequestSchema)
    @blueprint.response(200, schemas.GiftCardSchema)
    @blueprint.doc(operationId="gift_card")
    @blueprint.problem(404, "`gift_card`: nobody issued this code")
    @blueprint.problem(422, "`malformed` or `gift_card_code`: a slip of the finger")
    @blueprint.problem(429, "`too_many`: more than 30 a minute; codes are not to be guessed")
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Look up a gift card by its code; pay with it by the tender `gift_card` of a sale."""
        with reading() as session:
            card = gift_cards.by_code(session, asked["code"])
        return {
            "ending": card.ending,
            "usable_minor": gift_cards.usable_minor(card),
            "expires_on": card.expires_on,
        }
