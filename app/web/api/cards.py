"""Card payments at the till's own reader."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView
from marshmallow import Schema, fields, validate

from app.web.api.room import blueprint, device_of_request
from app.web.api.schemas import ID, MOST_MINOR, Answer
from app.workflows.till import cards

_PAYMENT = {
    "in": "path",
    "name": "card_payment_id",
    "description": "the till's own id",
    "schema": {"type": "string", "maxLength": 64, "minLength": 8, "pattern": "^[0-9A-Za-z._:-]+$"},
}
_UNKNOWN = "`outcome_unknown`: the provider does not answer; ask again with the same id"


class CardPaymentRequestSchema(Schema):
    """An amount for the reader."""

    card_payment_id = fields.String(required=True, validate=ID)
    amount_minor = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=MOST_MINOR)
    )


class CardPaymentSchema(Answer):
    """How a payment at the reader stands."""

    card_payment_id = fields.String()
    state = fields.String(
        validate=validate.OneOf(
            ["waiting", "succeeded", "declined", "cancelled", "timed_out", "unknown"]
        )
    )
    amount_minor = fields.Integer()
    message = fields.String(metadata={"description": "the provider's code of what went wrong"})
    repeated = fields.Boolean()


@blueprint.route("/card-payments")
class CardPayments(MethodView):
    """Payments at the reader."""

    @blueprint.secured
    @blueprint.arguments(CardPaymentRequestSchema)
    @blueprint.response(200, CardPaymentSchema)
    @blueprint.doc(operationId="ask_for_card")
    @blueprint.problem(409, "`no_reader`: none is paired with this till")
    @blueprint.problem(422, "`malformed` (see `fields`) or `card_payment_id_reused`")
    @blueprint.problem(503, _UNKNOWN)
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Show an amount on the reader; then ask every second until it is not `waiting`."""
        return asdict(cards.start(device_of_request(), **asked))


@blueprint.route("/card-payments/<card_payment_id>", parameters=[_PAYMENT])
class OneCardPayment(MethodView):
    """A payment at the reader."""

    @blueprint.secured
    @blueprint.response(200, CardPaymentSchema)
    @blueprint.doc(operationId="card_payment")
    @blueprint.problem(404, "`card_payment`: not one of this till")
    @blueprint.problem(503, _UNKNOWN)
    def get(self, card_payment_id: str) -> dict[str, Any]:
        """Ask how a payment stands."""
        return asdict(cards.ask(device_of_request(), card_payment_id))

    @blueprint.secured
    @blueprint.response(200, CardPaymentSchema)
    @blueprint.doc(operationId="cancel_card")
    @blueprint.problem(404, "`card_payment`: not one of this till")
    @blueprint.problem(503, _UNKNOWN)
    def delete(self, card_payment_id: str) -> dict[str, Any]:
        """Take a payment off the reader; `succeeded` where the card was quicker."""
        return asdict(cards.cancel(device_of_request(), card_payment_id))
