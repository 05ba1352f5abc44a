"""What may come back, as the endpoint is asked for it and tells it (marshmallow)."""

from marshmallow import Schema, fields, validate

from app.web.api.schemas import Answer


class ReceiptQuerySchema(Schema):
    """What a scanner read."""

    code = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=512), validate.Regexp(r"^[^\x00-\x1f]+$")],
        metadata={
            "description": "a receipt's number or page, an order's reference or page, the"
            " number of a return slip"
        },
    )


class ReturnableLineSchema(Answer):
    """A line of which units may come back."""

    line_id = fields.String()
    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    returnable = fields.Integer()
    announced = fields.Integer(
        metadata={"description": "of these: what the customer has said will come back"}
    )
    unit_minor = fields.Integer()
    line_minor = fields.Integer()
    vat_basis_points = fields.Integer()
    refund_minor = fields.List(
        fields.Integer(), metadata={"description": "for one unit, for two, …"}
    )


class RefundableSchema(Answer):
    """How much may go back to a means that paid."""

    method = fields.String()
    refundable_minor = fields.Integer()


class ReturnableSchema(Answer):
    """An order or receipt of which something may come back."""

    order_ref = fields.String()
    channel = fields.String()
    receipt_number = fields.String(allow_none=True)
    sale_id = fields.String(allow_none=True)
    placed_at = fields.AwareDateTime()
    location = fields.String(allow_none=True)
    customer_number = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(ReturnableLineSchema))
    tenders = fields.List(fields.Nested(RefundableSchema))
    voidable = fields.Boolean()
