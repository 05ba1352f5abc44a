"""What the POS endpoint takes and returns (marshmallow); unknown fields are refused."""

from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate

MOST_MINOR = 10_000_000  # 100,000 euros: no till of ours charges more for one thing
MONEY = "minor units, gross"
_PICTURE = {"description": "path on this host"}
_quantity = validate.Range(min=1, max=999)
_amount = validate.Range(min=0, max=MOST_MINOR)
# Printable ASCII: what a scanner reads, a label shows and PostgreSQL stores.
_sku = [validate.Length(min=1, max=64), validate.Regexp(r"^[!-~](?:[ -~]*[!-~])?$")]
ID = [validate.Length(min=8, max=64), validate.Regexp(r"^[0-9A-Za-z._:\-]+$")]
_code = [validate.Length(max=32), validate.Regexp(r"^[0-9A-Za-zÄÖÜäöü -]*$")]
_card_code = [validate.Length(max=40), validate.Regexp(r"^[0-9A-Za-z -]*$")]
CASHIER = [validate.Length(min=1, max=8), validate.Regexp(r"^[0-9]+$")]
_word = [validate.Length(min=1, max=32), validate.Regexp(r"^[a-z_]+$")]
_line_id = [validate.Length(min=1, max=36), validate.Regexp(r"^[0-9a-f-]+$")]
_reference = [validate.Length(min=1, max=64), validate.Regexp(r"^[!-~]+$")]
# What people type: any letters, no control characters.
_prose = [validate.Length(min=1, max=120), validate.Regexp(r"^[^\x00-\x1f]+$")]
NOTE = [validate.Length(max=500), validate.Regexp(r"^[^\x00-\x1f]*$")]
_email = [validate.Length(max=254), validate.Regexp(r"^[!-?A-~]+@[!-?A-~]+$")]
_phone = [validate.Length(max=20), validate.Regexp(r"^[0-9+ ()/.-]*$")]
_number = [validate.Length(max=24), validate.Regexp(r"^[0-9 .\-/]*$")]


class YesNo(fields.Boolean):
    """A true or false of JSON, nothing that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


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
    unit_minor = fields.Integer(metadata={"description": MONEY})
    vat_basis_points = fields.Integer()
    age_min = fields.Integer(metadata={"description": "0 when everyone may buy it"})
    picture = fields.String(allow_none=True, metadata=_PICTURE)
    stock = fields.List(fields.Nested(StockSchema))


class WantedLineSchema(Schema):
    """A line to be priced."""

    sku = fields.String(required=True, validate=_sku)
    quantity = fields.Integer(required=True, strict=True, validate=_quantity)


class QuoteLineSchema(WantedLineSchema):
    """A line to be priced, taken along or sent home."""

    home = YesNo(load_default=False)


class QuoteRequestSchema(Schema):
    """A basket at the till."""

    sale_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=ID,
        metadata={"description": "what its sale will be posted with; by it suggestions are tried"},
    )
    lines = fields.List(
        fields.Nested(QuoteLineSchema), required=True, validate=validate.Length(min=1, max=200)
    )
    postal_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^[0-9]{5}$"),
        metadata={"description": "where lines with `home` are sent"},
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
    amount_minor = fields.Integer(metadata={"description": MONEY})


class PricedLineSchema(Answer):
    """A line with its price."""

    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    unit_minor = fields.Integer(metadata={"description": MONEY})
    list_unit_minor = fields.Integer(metadata={"description": "price without the customer's group"})
    line_minor = fields.Integer(metadata={"description": f"{MONEY}: units less `discount_minor`"})
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
    kind = fields.String(validate=validate.OneOf(["needs", "fits", "together"]))
    reason = fields.String()
    unit_minor = fields.Integer(metadata={"description": MONEY})
    available_here = fields.Integer(metadata={"description": "at the till's own location"})


class ShownSuggestionSchema(Schema):
    """A suggestion as a till showed it."""

    sku = fields.String(required=True, validate=_sku)
    kind = fields.String(required=True, validate=validate.OneOf(["needs", "fits", "together"]))


class SeenSuggestionsSchema(Schema):
    """What was seen of the suggestions beside a basket."""

    sale_id = fields.String(required=True, validate=ID)
    shown = fields.List(
        fields.Nested(ShownSuggestionSchema),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "in the order shown; each counts once per sale"},
    )
    taken = fields.List(
        fields.String(validate=_sku),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "those that were added from there"},
    )


class CountedSuggestionsSchema(Answer):
    """What was counted."""

    sale_id = fields.String()


class CustomerSchema(Answer):
    """What a till may show of a customer."""

    number = fields.String()
    shown = fields.String(metadata={"description": "the number as it is printed"})
    name = fields.String()
    price_group = fields.String()
    price_group_name = fields.String()
    points = fields.Integer()


class MissingSchema(Answer):
    """Units that nobody can send."""

    sku = fields.String()
    missing = fields.Integer()


class HomeQuoteSchema(Answer):
    """How what is sent home would come."""

    shipping_minor = fields.Integer(metadata={"description": MONEY})
    promised_on = fields.Date(allow_none=True, metadata={"description": "null: not all of it"})
    parcels = fields.Integer()
    missing = fields.List(fields.Nested(MissingSchema))


class QuoteSchema(Answer):
    """A priced basket."""

    lines = fields.List(fields.Nested(PricedLineSchema))
    list_minor = fields.Integer(metadata={"description": MONEY})
    saved_minor = fields.Integer(metadata={"description": MONEY})
    total_minor = fields.Integer(metadata={"description": MONEY})
    currency = fields.String()
    customer = fields.Nested(CustomerSchema, allow_none=True)
    promotion_code = fields.String(
        allow_none=True, metadata={"description": "as asked, in the form to post with the sale"}
    )
    points = fields.Integer(metadata={"description": "that this basket would earn"})
    suggestions = fields.List(fields.Nested(SuggestionSchema))
    trial = fields.Boolean(
        metadata={"description": "suggestions are being compared: post also that none was shown"}
    )
    home = fields.Nested(HomeQuoteSchema, allow_none=True)


class GiftCardRequestSchema(Schema):
    """A gift card that somebody wants to pay with."""

    code = fields.String(required=True, validate=_card_code)


class GiftCardSchema(Answer):
    """What is on a gift card."""

    ending = fields.String(metadata={"description": "the last four characters of its code"})
    usable_minor = fields.Integer(metadata={"description": f"{MONEY}; 0 once it has expired"})
    expires_on = fields.Date()
