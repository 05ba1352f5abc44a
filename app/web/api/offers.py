"""What goes from the counter to the customer: offers by mail, baskets onto the phone, receipts."""

from datetime import timedelta
from typing import Any

from flask import url_for
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from app.i18n import current_language
from app.sales import counter_offers
from app.sales.offer_models import CounterOffer
from app.web.api.pos import code_of, number_of
from app.web.api.room import blueprint, device_of_request, till_key
from app.web.api.sale_schemas import DiscountSchema
from app.web.api.schemas import (
    CASHIER,
    ID,
    MONEY,
    NOTE,
    Answer,
    WantedLineSchema,
    YesNo,
    _code,
    _email,
    _number,
    _prose,
)
from app.web.session import limiter
from app.workflows import counter_offers as workflow
from app.workflows.counter_offers import NewOffer, Wish
from app.workflows.till import to_phone
from app.workflows.till.documents import Discount
from kit import clock
from kit.database import reading

_REF = {
    "in": "path",
    "name": "ref",
    "description": "of the offer",
    "schema": {"type": "string", "maxLength": 32, "pattern": "^[!-.0-~]+$"},
}
_CREDIT_DAYS = 30


class OfferLineSchema(WantedLineSchema):
    """Units that are offered, and what the adviser takes off the line."""

    discount = fields.Nested(DiscountSchema, load_default=None, allow_none=True)


class OfferAddressSchema(Schema):
    """Where it would be sent, as far as it is known."""

    street = fields.String(load_default="", validate=validate.Length(max=120))
    postal_code = fields.String(load_default="", validate=validate.Regexp(r"^([0-9]{5})?$"))
    city = fields.String(load_default="", validate=validate.Length(max=120))


class OfferRequestSchema(Schema):
    """An offer, with the till's own id: posted twice it is made once."""

    offer_id = fields.String(required=True, validate=ID)
    lines = fields.List(
        fields.Nested(OfferLineSchema), required=True, validate=validate.Length(min=1, max=50)
    )
    name = fields.String(required=True, validate=_prose)
    email = fields.String(required=True, validate=_email)
    days = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=workflow.LONGEST_DAYS),
        metadata={"description": "how long its prices stand; with `hold` at most "
                  f"{workflow.MOST_HELD_DAYS}"},
    )  # fmt: skip
    hold = YesNo(load_default=False, metadata={"description": "put the goods aside until then"})
    note = fields.String(load_default="", validate=NOTE)
    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)
    customer_number = fields.String(load_default=None, allow_none=True, validate=_number)
    promotion_code = fields.String(load_default=None, allow_none=True, validate=_code)
    address = fields.Nested(OfferAddressSchema, load_default=None, allow_none=True)


class OfferSchema(Answer):
    """An offer and how it stands."""

    ref = fields.String()
    state = fields.String(validate=validate.OneOf(counter_offers.STATES))
    name = fields.String()
    email = fields.String()
    adviser = fields.String()
    total_minor = fields.Integer(metadata={"description": MONEY})
    held = fields.Boolean()
    made_at = fields.AwareDateTime()
    valid_until_at = fields.AwareDateTime()
    renews = fields.String(allow_none=True)
    order_ref = fields.String(allow_none=True)
    url = fields.String(metadata={"description": "its page, for the customer alone"})
    repeated = fields.Boolean()


class CreditSchema(Answer):
    """What somebody's offers have brought."""

    adviser = fields.String()
    orders = fields.Integer()
    goods_minor = fields.Integer(metadata={"description": MONEY})


class OffersSchema(Answer):
    """The newest offers of this store, and who is credited for the last thirty days."""

    offers = fields.List(fields.Nested(OfferSchema))
    credited = fields.List(fields.Nested(CreditSchema))


class PhoneBasketSchema(Schema):
    """A basket for the customer's phone."""

    lines = fields.List(
        fields.Nested(WantedLineSchema), required=True, validate=validate.Length(min=1, max=50)
    )
    customer_number = fields.String(load_default=None, allow_none=True, validate=_number)
    promotion_code = fields.String(load_default=None, allow_none=True, validate=_code)


class PhoneLinkSchema(Answer):
    """What the customer's phone reads as a QR code."""

    url = fields.String()


class ReceiptMailSchema(Schema):
    """A receipt goes to an address that the customer gives; it is used for nothing else."""

    sale_id = fields.String(required=True, validate=ID)
    email = fields.String(required=True, validate=_email)


class ReceiptMailedSchema(Answer):
    """It is on its way."""

    receipt_number = fields.String()
    email = fields.String()


def _told(offer: CounterOffer, *, repeated: bool = False) -> dict[str, Any]:
    facts = (
        "ref", "name", "email", "adviser", "total_minor", "held", "made_at", "valid_until_at",
        "renews", "order_ref",
    )  # fmt: skip
    return {
        **{fact: getattr(offer, fact) for fact in facts},
        "state": counter_offers.state(offer),
        "url": url_for("storefront.counter_offer", token=offer.token, _external=True),
        "repeated": repeated,
    }


def _wish(posted: dict[str, Any]) -> Wish:
    discount = Discount(**posted["discount"]) if posted["discount"] else None
    return Wish(posted["sku"], posted["quantity"], discount)


@blueprint.route("/offers")
class Offers(MethodView):
    """Advised at the counter, bought on the web."""

    @blueprint.secured
    @blueprint.arguments(OfferRequestSchema)
    @blueprint.response(200, OfferSchema)
    @blueprint.doc(operationId="make_offer")
    @blueprint.problem(404, "`item`, `customer` or `cashier`: unknown")
    @blueprint.problem(
        409,
        "`right`: a discount that the adviser may not give; `stock_short`: it cannot be put aside;"
        " `not_sellable`, `no_price`; of a code: `promotion_early` and its like",
    )
    @blueprint.problem(422, "`malformed` (see `fields`), `offer` (see `fields`), `offer_id_reused`")
    def post(self, posted: dict[str, Any]) -> dict[str, Any]:
        """Freeze the prices of now until a day, put goods aside if wanted, and mail it."""
        new = NewOffer(
            **{
                **posted,
                "lines": [_wish(line) for line in posted["lines"]],
                "customer_number": number_of(posted["customer_number"]),
                "promotion_code": code_of(posted["promotion_code"]),
                "language": current_language(),
            }
        )
        offer, repeated = workflow.make(device_of_request(), new)
        return _told(offer, repeated=repeated)

    @blueprint.secured
    @blueprint.response(200, OffersSchema)
    @blueprint.doc(operationId="offers")
    def get(self) -> dict[str, Any]:
        """List this store's newest offers, and whom what was bought of them is credited to."""
        here = device_of_request().location
        with reading() as session:
            rows = counter_offers.listed(session, here)
            since = clock.now() - timedelta(days=_CREDIT_DAYS)
            credited = counter_offers.credited(session, here, since)
        return {
            "offers": [_told(row) for row in rows],
            "credited": [
                {"adviser": who, "orders": count, "goods_minor": minor}
                for who, count, minor in credited
            ],
        }


@blueprint.route("/offers/<ref>/renewal", parameters=[_REF])
class OfferAgain(MethodView):
    """An offer that is over."""

    @blueprint.secured
    @blueprint.response(200, OfferSchema)
    @blueprint.doc(operationId="renew_offer")
    @blueprint.problem(404, "`counter_offer`: unknown, or another store's")
    @blueprint.problem(409, "`offer_open`: it still stands, or was ordered")
    def post(self, ref: str) -> dict[str, Any]:
        """Quote an expired offer again at the prices of now, and mail it; twice is once."""
        with reading() as session:
            old = counter_offers.by_ref(session, ref)
            if old.location != device_of_request().location:
                counter_offers.by_ref(session, "")
        return _told(workflow.again(ref))


@blueprint.route("/phone-baskets")
class PhoneBaskets(MethodView):
    """A till's basket goes on in the customer's hand."""

    @blueprint.secured
    @blueprint.arguments(PhoneBasketSchema)
    @blueprint.response(200, PhoneLinkSchema)
    @blueprint.doc(operationId="basket_to_phone")
    @blueprint.problem(404, "`item` or `customer`: unknown")
    @blueprint.problem(422, "`malformed` (see `fields`), `customer_number`")
    def post(self, posted: dict[str, Any]) -> dict[str, Any]:
        """Copy a basket to the web and return the address that opens it, once, on one device."""
        wanted = [(line["sku"], line["quantity"]) for line in posted["lines"]]
        token = to_phone.open_basket(
            wanted, number_of(posted["customer_number"]), code_of(posted["promotion_code"])
        )
        return {"url": url_for("storefront.basket_from_till", token=token, _external=True)}


@blueprint.route("/receipt-mails")
class ReceiptMails(MethodView):
    """Receipts without paper."""

    decorators = (limiter.limit("30 per minute", key_func=till_key),)

    @blueprint.secured
    @blueprint.arguments(ReceiptMailSchema)
    @blueprint.response(200, ReceiptMailedSchema)
    @blueprint.doc(operationId="mail_receipt")
    @blueprint.problem(404, "`sale`: not booked (yet): post the sale first")
    @blueprint.problem(422, "`malformed` (see `fields`)")
    @blueprint.problem(429, "`too_many`: more than 30 a minute")
    def post(self, posted: dict[str, Any]) -> dict[str, Any]:
        """Mail a receipt of this till; twice to the same address is once."""
        number = to_phone.mail_receipt(
            device_of_request(), posted["sale_id"], posted["email"], current_language()
        )
        return {"receipt_number": number, "email": posted["email"]}
