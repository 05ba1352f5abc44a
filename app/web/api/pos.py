"""The POS endpoint: look up, quote, sell. The same for our till and for a third party's."""

from collections.abc import Sequence
from typing import Any

from flask import g, request
from flask.views import MethodView
from flask_babel import get_locale
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity import devices
from app.identity.models import Device
from app.sales import orders
from app.web.api import schemas
from app.workflows import pos_sale, pricing, suggest
from app.workflows.pos_sale import Receipt, Sale, SaleLine, Tender
from app.workflows.pricing import PricedBasket
from catalog import products
from catalog.views import ItemView
from fulfilment import availability, locations
from kit import clock
from kit.database import reading
from kit.errors import Forbidden
from loyalty import customers, points

blueprint = Blueprint(
    "pos_api", __name__, url_prefix="/api/pos/v1", description="Tills: look up, quote, sell."
)
_SECURED = {"security": [{"device": []}]}


@blueprint.before_request
def _who() -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Forbidden("device_token")
    with reading() as session:
        g.device = devices.by_token(session, token.strip())


def _device() -> Device:
    device: Device = g.device
    return device


def _language() -> str:
    return str(get_locale() or "de")[:2]


@blueprint.route("/items/<gtin>")
class ItemView_(MethodView):  # noqa: N801 - the name shows in no description
    """An item by its barcode."""

    @blueprint.doc(**_SECURED)
    @blueprint.response(200, schemas.ItemSchema)
    @blueprint.alt_response(404, schema=schemas.ProblemSchema, description="unknown GTIN")
    @blueprint.alt_response(422, schema=schemas.ProblemSchema, description="wrong check digit")
    def get(self, gtin: str) -> dict[str, Any]:
        """Look up an item by GTIN (8, 12, 13 or 14 digits) or SKU, with price and stock."""
        with reading() as session:
            item = (
                products.by_gtin(session, gtin) if gtin.isdigit() else products.item(session, gtin)
            )
            basket = pricing.price(
                session, [(item.sku, 1)], customer_number=None, at=clock.now(), for_sale=False
            )
            return {
                "sku": item.sku,
                "gtin": item.gtin,
                "title": item.title(_language()),
                "unit_minor": basket.lines[0].unit_minor,
                "vat_basis_points": item.vat_basis_points,
                "age_min": item.age_min,
                "picture": f"/media/products/{item.sku}.svg",
                "stock": _stock(session, item),
            }


def _stock(session: Session, item: ItemView) -> list[dict[str, Any]]:
    places = locations.by_code(session)
    held = availability.available(session, [item.sku], clock.now())
    return [
        {
            "location": code,
            "name": place.name,
            "on_hand": held[code, item.sku].on_hand,
            "available": held[code, item.sku].available,
        }
        for code, place in places.items()
        if (code, item.sku) in held
    ]


@blueprint.route("/customers/<number>")
class CustomerView_(MethodView):  # noqa: N801 - the name shows in no description
    """A customer by the number on the card."""

    @blueprint.doc(**_SECURED)
    @blueprint.response(200, schemas.CustomerSchema)
    @blueprint.alt_response(404, schema=schemas.ProblemSchema, description="unknown number")
    @blueprint.alt_response(422, schema=schemas.ProblemSchema, description="wrong check digit")
    def get(self, number: str) -> dict[str, Any]:
        """Look up a customer by loyalty ID, however it is spaced."""
        with reading() as session:
            return _customer(session, number)


def _customer(session: Session, number: str) -> dict[str, Any]:
    found = customers.by_number(session, number)
    return {
        "number": found.number,
        "shown": customers.shown(found.number),
        "name": found.name,
        "price_group": found.price_group,
        "points": points.balance(session, found.number),
    }


@blueprint.route("/quotes")
class Quotes(MethodView):
    """Prices of a basket."""

    @blueprint.doc(**_SECURED)
    @blueprint.arguments(schemas.QuoteRequestSchema)
    @blueprint.response(200, schemas.QuoteSchema)
    @blueprint.alt_response(404, schema=schemas.ProblemSchema, description="unknown SKU or number")
    @blueprint.alt_response(422, schema=schemas.ProblemSchema, description="malformed")
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Price a basket for a customer: the same answer as on the web at the same moment."""
        wanted: dict[str, int] = {}
        for line in asked["lines"]:
            wanted[line["sku"]] = wanted.get(line["sku"], 0) + line["quantity"]
        with reading() as session:
            number = asked["customer_number"] or None
            basket = pricing.price(
                session, list(wanted.items()), customer_number=number, at=clock.now()
            )
            return {
                "lines": _priced(basket),
                "list_minor": basket.list_minor,
                "saved_minor": basket.saved_minor,
                "total_minor": basket.goods_minor,
                "currency": "EUR",
                "customer": _customer(session, number) if number else None,
                "points": points.points_for(basket.goods_minor) if number else 0,
                "suggestions": _suggestions(session, list(wanted), basket.price_group),
            }


def _priced(basket: PricedBasket) -> list[dict[str, Any]]:
    return [
        {
            "sku": line.sku,
            "title": basket.items[line.sku].title(_language()),
            "quantity": line.quantity,
            "unit_minor": line.unit_minor,
            "list_unit_minor": line.list_unit_minor,
            "line_minor": line.line_minor,
            "vat_basis_points": line.vat_basis_points,
        }
        for line in basket.lines
    ]


def _suggestions(session: Session, skus: Sequence[str], group: str) -> list[dict[str, Any]]:
    found = suggest.for_basket(session, skus, price_group=group, at=clock.now())
    return [
        {
            "sku": offer.item.sku,
            "title": offer.item.title(_language()),
            "kind": offer.kind,
            "reason": offer.reason(_language()),
            "unit_minor": offer.unit_minor,
            "available_here": offer.available_at(_device().location),
        }
        for offer in found
    ]


@blueprint.route("/sales")
class Sales(MethodView):
    """Sales at the counter."""

    @blueprint.doc(**_SECURED)
    @blueprint.arguments(schemas.SaleRequestSchema)
    @blueprint.response(200, schemas.ReceiptSchema)
    @blueprint.alt_response(404, schema=schemas.ProblemSchema, description="unknown SKU or number")
    @blueprint.alt_response(409, schema=schemas.ProblemSchema, description="sale_id used otherwise")
    @blueprint.alt_response(422, schema=schemas.ProblemSchema, description="malformed")
    def post(self, posted: dict[str, Any]) -> dict[str, Any]:
        """Book a sale. It is never refused for stock, and never booked twice."""
        sale = Sale(
            sale_id=posted["sale_id"],
            lines=tuple(SaleLine(**line) for line in posted["lines"]),
            tenders=tuple(Tender(**tender) for tender in posted["tenders"]),
            customer_number=posted["customer_number"] or None,
            sold_at=posted["sold_at"],
        )
        return _receipt(pos_sale.sell(_device(), sale))


def _receipt(receipt: Receipt) -> dict[str, Any]:
    order = receipt.order
    return {
        "sale_id": order.sale_id,
        "order_ref": order.ref,
        "receipt_number": order.receipt_number,
        "booked_at": order.placed_at,
        "location": order.location,
        "lines": receipt.lines,
        "vat": [
            {"rate_basis_points": rate, "gross_minor": gross, "vat_minor": vat}
            for rate, (gross, vat) in orders.vat_by_rate(receipt.lines, 0).items()
        ],
        "total_minor": order.total_minor,
        "points": receipt.points,
        "repeated": receipt.repeated,
    }
