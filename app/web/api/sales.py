"""Documents of a till: sales, returns, exchanges, voids; and what may come back."""

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView

from app.web.api import pos_answers, return_schemas
from app.web.api import sale_schemas as schemas
from app.web.api.pos import code_of, number_of
from app.web.api.room import blueprint, device_of_request
from app.workflows.till import returnable, sales
from app.workflows.till.documents import Collecting, Discount, ReturnPart, Send
from app.workflows.till.sales import Given, Sale, SaleLine, Tender
from kit.database import reading


def _line(posted: Mapping[str, Any]) -> SaleLine:
    given = tuple(Given(**one) for one in posted["promotions"])
    discount = Discount(**posted["discount"]) if posted["discount"] else None
    return SaleLine(**{**posted, "promotions": given, "discount": discount})


def _document(posted: Mapping[str, Any]) -> Sale:
    return Sale(
        **{
            **posted,
            "lines": tuple(_line(line) for line in posted["lines"]),
            "returns": tuple(ReturnPart(**part) for part in posted["returns"]),
            "tenders": tuple(Tender(**tender) for tender in posted["tenders"]),
            "customer_number": number_of(posted["customer_number"]),
            "promotion_code": code_of(posted["promotion_code"]),
            "send": Send(**posted["send"]) if posted["send"] else None,
            "collection": Collecting(**posted["collection"]) if posted["collection"] else None,
            "age_refused": tuple(posted["age_refused"]),
        }
    )


@blueprint.route("/sales")
class Sales(MethodView):
    """Sales, returns and exchanges at the counter."""

    @blueprint.secured
    @blueprint.arguments(schemas.SaleRequestSchema)
    @blueprint.response(200, schemas.ReceiptSchema)
    @blueprint.doc(operationId="sell")
    @blueprint.problem(
        403, "of an order that is paid on collection: `pickup_code` or `age_unchecked`"
    )
    @blueprint.problem(
        404, "`item`, `customer`, `gift_card`, `order` or `order_line`: unknown; not when offline"
    )
    @blueprint.problem(
        409,
        "`recalled`: it may not be sold; of a gift card: `gift_card_short` (with `left_minor`) or"
        " `gift_card_expired`; of a return: `return_too_large` (with `left`) or `refund_tender`;"
        " of what is sent: `stock_short`; of an order that is paid on collection:"
        " `collection_state` (with `state`) or `collection_changed` (with `to_pay_minor`)",
    )
    @blueprint.problem(
        422,
        "`malformed` (see `fields`), `sale_id_reused`: the id stands for something else,"
        " `tenders_differ`, `discount`, `tender`, `return_amount` (with `owed`), `send`, `buyer`,"
        " `lines_missing`, `customer_number`, `promotion_code` or `gift_card_code`; of an order"
        " that is paid on collection: `collection` or `taken_by`",
    )
    def post(self, posted: dict[str, Any]) -> dict[str, Any]:
        """Book a document: never refused for stock, never booked twice.

        Where no answer came, post the same document again, until one comes. One that is there
        already is answered with its receipt and `repeated: true`. What does not fit is booked and
        named in `conflicts`.
        """
        return pos_answers.receipt(sales.sell(device_of_request(), _document(posted)))


@blueprint.route("/voids")
class Voids(MethodView):
    """Sales that are taken back whole."""

    @blueprint.secured
    @blueprint.arguments(schemas.VoidRequestSchema)
    @blueprint.response(200, schemas.ReceiptSchema)
    @blueprint.doc(operationId="void")
    @blueprint.problem(404, "`sale`: not booked (yet): post the sale first")
    @blueprint.problem(409, "`void_too_late`: something of it came back already, or is being sent")
    @blueprint.problem(422, "`malformed` (see `fields`) or `sale_id_reused`")
    def post(self, posted: dict[str, Any]) -> dict[str, Any]:
        """Take a sale back: goods to the shelf, money to what had paid, a receipt of its own."""
        sale = Sale(**posted, lines=(), tenders=())
        return pos_answers.receipt(sales.sell(device_of_request(), sale))


@blueprint.route("/receipts")
class Receipts(MethodView):
    """What may come back, of any channel and any store."""

    @blueprint.secured
    @blueprint.arguments(return_schemas.ReceiptQuerySchema, location="query")
    @blueprint.response(200, return_schemas.ReturnableSchema)
    @blueprint.doc(operationId="receipts")
    @blueprint.problem(404, "`receipt`: no order and no receipt")
    @blueprint.problem(422, "`malformed` (see `fields`)")
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Look up an order or receipt by what a scanner read from it."""
        with reading() as session:
            return pos_answers.returnable(returnable.look_up(session, asked["code"]))
