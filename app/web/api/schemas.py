"""What the POS endpoint takes and returns (marshmallow); unknown fields are refused."""

from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate

MOST_MINOR = 10_000_000  # 100,000 euros: no till of ours charges more for one thing
_MONEY = "minor units, gross"
_PICTURE = {"description": "path on this host"}
_quantity = validate.Range(min=1, max=999)
_amount = validate.Range(min=0, max=MOST_MINOR)
# Printable ASCII: what a scanner reads, a label shows and PostgreSQL stores.
_sku = [validate.Length(min=1, max=64), validate.Regexp(r"^[!-~](?:[ -~]*[!-~])?$")]
_sale_id = [validate.Length(min=8, max=64), validate.Regexp(r"^[0-9A-Za-z._:\-]+$")]
_code = [validate.Length(max=32), validate.Regexp(r"^[0-9A-Za-zÄÖÜäöü -]*$")]
_card_code = [validate.Length(max=40), validate.Regexp(r"^[0-9A-Za-z -]*$")]
_number = [validate.Length(max=24), validate.Regexp(r"^[0-9 .\-/]*$")]


class Answer(Schema):
    """What comes back: every field is always there, and a later version may add more."""

    class Meta:
        """Readers must not stumble over fields that they do not know."""

        unknown = INCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Describe the field as one that is always there."""
        field_obj.required = True


class ProblemSchema(Schema):
    """RFC 9457 problem; the facts of the case (`sku`, `total_minor` …) are further members."""

    class Meta:
        """Facts are extension members."""

        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(
        required=True, metadata={"description": "German, or English below /en/api"}
    )
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "stable name of the problem"})
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        data_key="fields",
        metadata={"description": "with `malformed`: what is wrong where, e.g. `lines.0.quantity`"},
    )


class DeviceSchema(Answer):
    """The till that is asking, and where it stands."""

    code = fields.String()
    name = fields.String()
    location = fields.String()
    location_name = fields.String()
    time = fields.AwareDateTime(metadata={"description": "the shop's clock"})


class StockSchema(Answer):
    """Stock of an item at a location."""

    location = fields.String()
    name = fields.String()
    on_hand = fields.Integer()
    available = fields.Integer(metadata={"description": "neither claimed nor kept back"})


class ItemSchema(Answer):
    """An item as a till shows it."""

    sku = fields.String()
    gtin = fields.String(
        allow_none=True, metadata={"description": "14 digits; an EAN-13 with a leading zero"}
    )
    title = fields.String()
    unit_minor = fields.Integer(metadata={"description": _MONEY})
    vat_basis_points = fields.Integer()
    age_min = fields.Integer(metadata={"description": "0 when everyone may buy it"})
    picture = fields.String(allow_none=True, metadata=_PICTURE)
    stock = fields.List(fields.Nested(StockSchema))


class WantedLineSchema(Schema):
    """A line to be priced."""

    sku = fields.String(required=True, validate=_sku)
    quantity = fields.Integer(required=True, strict=True, validate=_quantity)


class QuoteRequestSchema(Schema):
    """A basket at the till."""

    lines = fields.List(
        fields.Nested(WantedLineSchema), required=True, validate=validate.Length(min=1, max=200)
    )
    customer_number = fields.String(load_default=None, allow_none=True, validate=_number)
    promotion_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=_code,
        metadata={"description": "as the customer says it; an unknown one is refused"},
    )


class PromotionSchema(Answer):
    """What a promotion takes off."""

    ref = fields.String()
    name = fields.String()
    amount_minor = fields.Integer(metadata={"description": _MONEY})


class PricedLineSchema(Answer):
    """A line with its price."""

    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    unit_minor = fields.Integer(metadata={"description": _MONEY})
    list_unit_minor = fields.Integer(metadata={"description": "price without the customer's group"})
    line_minor = fields.Integer(metadata={"description": f"{_MONEY}: units less `discount_minor`"})
    discount_minor = fields.Integer(
        metadata={"description": "what promotions take off the line; post them with the sale"}
    )
    promotions = fields.List(fields.Nested(PromotionSchema))
    vat_basis_points = fields.Integer()
    age_min = fields.Integer()
    picture = fields.String(allow_none=True, metadata=_PICTURE)


class SuggestionSchema(Answer):
    """Something that the basket needs, and why."""

    sku = fields.String()
    title = fields.String()
    picture = fields.String(allow_none=True, metadata=_PICTURE)
    kind = fields.String(validate=validate.OneOf(["needs", "fits"]))
    reason = fields.String()
    unit_minor = fields.Integer(metadata={"description": _MONEY})
    available_here = fields.Integer(metadata={"description": "at the till's own location"})


class CustomerSchema(Answer):
    """What a till may show of a customer."""

    number = fields.String()
    shown = fields.String(metadata={"description": "the number as it is printed"})
    name = fields.String()
    price_group = fields.String()
    price_group_name = fields.String()
    points = fields.Integer()


class QuoteSchema(Answer):
    """A priced basket."""

    lines = fields.List(fields.Nested(PricedLineSchema))
    list_minor = fields.Integer(metadata={"description": _MONEY})
    saved_minor = fields.Integer(metadata={"description": _MONEY})
    total_minor = fields.Integer(metadata={"description": _MONEY})
    currency = fields.String()
    customer = fields.Nested(CustomerSchema, allow_none=True)
    promotion_code = fields.String(
        allow_none=True, metadata={"description": "as asked, in the form to post with the sale"}
    )
    points = fields.Integer(metadata={"description": "that this basket would earn"})
    suggestions = fields.List(fields.Nested(SuggestionSchema))


class SoldPromotionSchema(Schema):
    """A promotion that the till gave on a line, as its quote said."""

    ref = fields.String(required=True, validate=_sku)
    amount_minor = fields.Integer(
        required=True, strict=True, validate=_amount, metadata={"description": _MONEY}
    )


class SaleLineSchema(WantedLineSchema):
    """A line as it was sold."""

    unit_minor = fields.Integer(
        required=True, strict=True, validate=_amount, metadata={"description": _MONEY}
    )
    promotions = fields.List(
        fields.Nested(SoldPromotionSchema),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "what the line costs less than its units"},
    )
    lot = fields.String(
        load_default=None,
        allow_none=True,
        validate=_sku,
        metadata={"description": "lot or serial number (GS1 AI 10 or 21), where it was read"},
    )


class TenderSchema(Schema):
    """A part of the payment."""

    method = fields.String(
        required=True, validate=validate.OneOf(["cash", "card_terminal", "gift_card"])
    )
    amount_minor = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=200 * MOST_MINOR),
        metadata={"description": "what stays in the drawer: change is already taken off"},
    )
    code = fields.String(
        load_default=None,
        allow_none=True,
        validate=_card_code,
        metadata={"description": "of a gift card, with `gift_card` and only then"},
    )


class SaleRequestSchema(Schema):
    """A sale, with the till's own id: posted twice it is booked once."""

    sale_id = fields.String(required=True, validate=_sale_id)
    lines = fields.List(
        fields.Nested(SaleLineSchema), required=True, validate=validate.Length(min=1, max=200)
    )
    tenders = fields.List(
        fields.Nested(TenderSchema), required=True, validate=validate.Length(min=1, max=10)
    )
    customer_number = fields.String(load_default=None, allow_none=True, validate=_number)
    promotion_code = fields.String(load_default=None, allow_none=True, validate=_code)
    sold_at = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "the till's own time"}
    )


class GiftCardRequestSchema(Schema):
    """A gift card that somebody wants to pay with."""

    code = fields.String(required=True, validate=_card_code)


class GiftCardSchema(Answer):
    """What is on a gift card."""

    ending = fields.String(metadata={"description": "the last four characters of its code"})
    usable_minor = fields.Integer(metadata={"description": f"{_MONEY}; 0 once it has expired"})
    expires_on = fields.Date()


class ReceiptLineSchema(Answer):
    """A line of the receipt."""

    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    unit_minor = fields.Integer()
    line_minor = fields.Integer()
    discount_minor = fields.Integer()
    promotions = fields.List(fields.Nested(PromotionSchema))
    vat_basis_points = fields.Integer()
    lot = fields.String(allow_none=True, metadata={"description": "lot or serial number"})


class PaidSchema(Answer):
    """A tender as it was booked."""

    method = fields.String()
    amount_minor = fields.Integer(metadata={"description": _MONEY})


class VatSchema(Answer):
    """VAT of one rate."""

    rate_basis_points = fields.Integer()
    gross_minor = fields.Integer()
    vat_minor = fields.Integer()


class ReceiptSchema(Answer):
    """What the till prints."""

    sale_id = fields.String()
    order_ref = fields.String()
    receipt_number = fields.String()
    booked_at = fields.AwareDateTime()
    location = fields.String()
    lines = fields.List(fields.Nested(ReceiptLineSchema))
    vat = fields.List(fields.Nested(VatSchema))
    tenders = fields.List(fields.Nested(PaidSchema))
    total_minor = fields.Integer(metadata={"description": _MONEY})
    customer_number = fields.String(allow_none=True)
    points = fields.Integer()
    repeated = fields.Boolean(metadata={"description": "the sale had been posted before"})
