"""One counter for all channels: what waits to be fetched, and baskets from the web."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView
from marshmallow import Schema, fields, validate

from app.web.api import pos_answers
from app.web.api.return_schemas import ReceiptQuerySchema
from app.web.api.room import blueprint, device_of_request
from app.web.api.schemas import CASHIER, Answer, YesNo
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


class CollectionSchema(Answer):
    """What a code stands for."""

    code = fields.String()
    state = fields.String(
        validate=validate.OneOf(["ready", "not_ready", "handed_over", "elsewhere", "held"]),
        metadata={"description": "`held`: not paid; sell it with `hold_ref`"},
    )
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


class HandOverSchema(Schema):
    """Somebody gives the goods to their customer, and why they may."""

    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)
    code = fields.String(
        load_default="",
        validate=validate.Regexp(r"^[0-9]{0,8}$"),
        metadata={"description": "the pickup code that the customer was told"},
    )
    identity = YesNo(
        load_default=False,
        metadata={"description": "instead of a code: somebody has looked at an identity card or"
                  " at the card that paid; with `taken_by`"},
    )  # fmt: skip
    taken_by = fields.String(
        load_default="",
        validate=[validate.Length(max=120), validate.Regexp(r"^[^\x00-\x1f]*$")],
        metadata={"description": "who takes it, where it is not the customer"},
    )
    signature = fields.String(
        load_default=None,
        allow_none=True,
        validate=[validate.Length(max=20_000), validate.Regexp(r"^[ML 0-9.\-]*$")],
        metadata={"description": "strokes on the glass as the data of an SVG path"},
    )
    of_age = YesNo(
        load_default=False,
        metadata={"description": "somebody has looked at the age that `age_min` asks for; kept as"
                  " yes, without a date"},
    )  # fmt: skip


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
            return asdict(handing_over.look_up(session, device_of_request(), asked["code"]))


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
        409, "`collection_state`: not ready, or elsewhere (with `location`); `recalled`"
    )
    @blueprint.problem(
        422, "`malformed` (see `fields`); `taken_by`: without a code it has to be said"
    )
    def post(self, asked: dict[str, Any], ref: str) -> dict[str, Any]:
        """Give it out for its code or a name that was looked at; a second time changes nothing."""
        cashier = asked.pop("cashier")
        proof = handing_over.Proof(**asked)
        return asdict(handing_over.hand_over(device_of_request(), ref, cashier, proof))


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
