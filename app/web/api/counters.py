"""One counter for all channels: what waits to be fetched, and baskets from the web."""

from typing import Any

from flask.views import MethodView
from marshmallow import fields, validate

from app.web.api import pos_answers
from app.web.api.proof_schemas import ProofSchema
from app.web.api.return_schemas import ReceiptQuerySchema
from app.web.api.room import blueprint, device_of_request
from app.web.api.schemas import CASHIER, MONEY, Answer, PromotionSchema
from app.workflows import saved_baskets
from app.workflows.till import handing_over
from kit.database import reading

_REF = {
    "in": "path",
    "name": "ref",
    "description": "of the order",
    "schema": {"type": "string", "maxLength": 32, "pattern": "^[!-.0-~]+$"},
}
_CODE = {**_REF, "name": "code", "description": "that the customer shows"}


class WaitingSchema(Answer):
    """Units that wait to be fetched."""

    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    unit_minor = fields.Integer(
        allow_none=True, metadata={"description": "where it is still to be paid"}
    )
    line_minor = fields.Integer(
        allow_none=True, metadata={"description": "of an order that is paid now, as it was agreed"}
    )
    promotions = fields.List(fields.Nested(PromotionSchema))
    vat_basis_points = fields.Integer(allow_none=True)


class CollectionSchema(Answer):
    """What a code stands for."""

    code = fields.String()
    state = fields.String(
        validate=validate.OneOf(["ready", "not_ready", "handed_over", "elsewhere", "held"]),
        metadata={"description": "`held`: not paid; sell it with `hold_ref`. `ready` and not"
                  " `paid`: sell its lines with `collection`"},
    )  # fmt: skip
    location = fields.String()
    location_name = fields.String()
    customer_name = fields.String()
    customer_number = fields.String(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    lines = fields.List(fields.Nested(WaitingSchema))
    age_min = fields.Integer()
    paid = fields.Boolean()
    promotion_code = fields.String(allow_none=True)
    shelf_place = fields.String(
        allow_none=True, metadata={"description": "where it lies ready, if somebody said so"}
    )
    to_pay_minor = fields.Integer(metadata={"description": MONEY})


class HandOverSchema(ProofSchema):
    """Somebody gives the goods to their customer, and why they may."""

    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)


class WebLineSchema(Answer):
    """A line of a web basket."""

    sku = fields.String()
    quantity = fields.Integer()


class WebBasketSchema(Answer):
    """A customer's web basket; quote it to get its prices."""

    code = fields.String()
    customer_number = fields.String(allow_none=True)
    promotion_code = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(WebLineSchema))


@blueprint.route("/collections")
class Collections(MethodView):
    """What waits to be fetched."""

    @blueprint.secured
    @blueprint.arguments(ReceiptQuerySchema, location="query")
    @blueprint.response(200, CollectionSchema)
    @blueprint.doc(operationId="collection")
    @blueprint.problem(404, "`collection`: no order to be collected, nothing put aside here")
    @blueprint.problem(422, "`malformed` (see `fields`)")
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Look up what a customer has come for, by the code on the phone or in the mail."""
        with reading() as session:
            found = handing_over.look_up(session, device_of_request(), asked["code"])
            return pos_answers.collection(found)


@blueprint.route("/collections/<ref>/hand-over", parameters=[_REF])
class HandOver(MethodView):
    """Paid goods go to their customer."""

    @blueprint.secured
    @blueprint.arguments(HandOverSchema)
    @blueprint.response(200, CollectionSchema)
    @blueprint.doc(operationId="hand_over")
    @blueprint.problem(
        403,
        "`pickup_code`: another one, and nobody has looked at a name; `age_unchecked`: the goods"
        " ask for an age (with `age_min`)",
    )
    @blueprint.problem(404, "`collection`: no such order")
    @blueprint.problem(
        409,
        "`collection_state`: not ready, or elsewhere (with `location`); `collection_unpaid`: sell"
        " it, see `collection` of a document; `recalled`",
    )
    @blueprint.problem(
        422, "`malformed` (see `fields`); `taken_by`: without a code it has to be said"
    )
    def post(self, asked: dict[str, Any], ref: str) -> dict[str, Any]:
        """Give it out for its code or a name that was looked at; a second time changes nothing."""
        cashier = asked.pop("cashier")
        proof = handing_over.Proof(**asked)
        found = handing_over.hand_over(device_of_request(), ref, cashier, proof)
        return pos_answers.collection(found)


@blueprint.route("/collections/<ref>/proof", parameters=[_REF])
class Proven(MethodView):
    """Whether an order that is paid now may be given out."""

    @blueprint.secured
    @blueprint.arguments(ProofSchema)
    @blueprint.response(200, CollectionSchema)
    @blueprint.doc(operationId="prove")
    @blueprint.problem(403, "`pickup_code` or `age_unchecked`, as for handing over")
    @blueprint.problem(404, "`collection`: no such order")
    @blueprint.problem(409, "`collection_state`: not ready, elsewhere, or paid already")
    @blueprint.problem(
        422, "`malformed` (see `fields`); `taken_by`: without a code it has to be said"
    )
    def post(self, asked: dict[str, Any], ref: str) -> dict[str, Any]:
        """Ask before the customer pays; nothing changes. The sale says the same once more."""
        proof = handing_over.Proof(**asked)
        return pos_answers.collection(handing_over.prove(device_of_request(), ref, proof))


@blueprint.route("/baskets/<code>", parameters=[_CODE])
class WebBasket(MethodView):
    """A customer's web basket, opened with consent."""

    @blueprint.secured
    @blueprint.response(200, WebBasketSchema)
    @blueprint.doc(operationId="web_basket")
    @blueprint.problem(404, "`basket`: unknown, over, taken back, or bought already")
    def get(self, code: str) -> dict[str, Any]:
        """Open the basket behind the code that its customer shows; sell it with `basket_code`."""
        with reading() as session:
            return pos_answers.web_basket(saved_baskets.for_till(session, code), code)
