"""The POS endpoint: look up, quote, sell. The same for our till and for a third party's."""

from typing import Any

from flask import Response, g, request
from flask.views import MethodView
from sqlalchemy.orm import Session

from app.identity import devices
from app.identity.models import Device
from app.web.api import pos_answers, schemas
from app.web.api.arguments import DeviceBlueprint
from app.web.session import limiter
from app.workflows import pos_sale, pricing
from app.workflows.pos_sale import Given, Sale, SaleLine, Tender
from catalog import products, promotions
from catalog.pricing import STANDARD
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import Forbidden, NotFound
from loyalty import customers, gift_cards

blueprint = DeviceBlueprint(
    "pos_api", __name__, url_prefix="/api/pos/v1", description="Tills: look up, quote, sell."
)
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


@blueprint.before_request
def _who() -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Forbidden("device_token")
    with reading() as session:
        g.device = devices.by_token(session, token.strip())


@blueprint.after_request
def _name_the_scheme(answer: Response) -> Response:
    # RFC 9110, section 15.5.2: a 401 says which proof is wanted.
    if answer.status_code == 401:  # noqa: PLR2004 - the code is its own name
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _device() -> Device:
    device: Device = g.device
    return device


def _number(given: str | None) -> str | None:
    """Return a customer number as it is stored, None for an empty field."""
    return customers.normal_number(given) if given and given.strip() else None


def _code(given: str | None) -> str | None:
    """Return a promotion code as it is stored, None for an empty field."""
    return promotions.normal_code(given) if given and given.strip() else None


def _promotion_code(session: Session, given: str | None) -> str | None:
    """Return a promotion code that may be used now, as it is stored; None for an empty field."""
    code = _code(given)
    if code:
        promotions.by_code(session, code, clock.now())
    return code


def _sale_line(posted: dict[str, Any]) -> SaleLine:
    given = tuple(Given(**one) for one in posted["promotions"])
    return SaleLine(**{**posted, "promotions": given})


@blueprint.route("/device")
class DeviceView(MethodView):
    """The till that is asking."""

    @blueprint.secured
    @blueprint.response(200, schemas.DeviceSchema)
    @blueprint.doc(operationId="device")
    def get(self) -> dict[str, Any]:
        """Say which till this token belongs to; a till asks it when it is switched on."""
        device = _device()
        with reading() as session:
            place = locations.one(session, device.location)
        return {
            "code": device.code,
            "name": device.name,
            "location": device.location,
            "location_name": place.name,
            "time": clock.now(),
        }


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
    @blueprint.problem(404, "`item`, `customer` or `promotion_code`: unknown")
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
        number = _number(asked["customer_number"])
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
            return pos_answers.quote(session, _device(), basket, number, code)


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


@blueprint.route("/sales")
class Sales(MethodView):
    """Sales at the counter."""

    @blueprint.secured
    @blueprint.arguments(schemas.SaleRequestSchema)
    @blueprint.response(200, schemas.ReceiptSchema)
    @blueprint.doc(operationId="sell")
    @blueprint.problem(404, "`item`, `customer` or `gift_card`: unknown SKU, number or code")
    @blueprint.problem(
        409,
        "`sale_id_reused`: the id stands for another sale; `recalled`: it may not be sold;"
        " or `no_price`; of a gift card: `gift_card_short` (with `left_minor`) or"
        " `gift_card_expired`",
    )
    @blueprint.problem(
        422,
        "`malformed` (see `fields`), `tenders_differ`, `discount`, `customer_number`,"
        " `promotion_code` or `gift_card_code`",
    )
    def post(self, posted: dict[str, Any]) -> dict[str, Any]:
        """Book a sale: never refused for stock, never booked twice; only a recall refuses it.

        Where no answer came, post the same document again, until one comes. A sale that is there
        already is answered with its receipt and `repeated: true`.
        """
        sale = Sale(
            sale_id=posted["sale_id"],
            lines=tuple(_sale_line(line) for line in posted["lines"]),
            tenders=tuple(Tender(**tender) for tender in posted["tenders"]),
            customer_number=_number(posted["customer_number"]),
            sold_at=posted["sold_at"],
            promotion_code=_code(posted["promotion_code"]),
        )
        return pos_answers.receipt(pos_sale.sell(_device(), sale))
