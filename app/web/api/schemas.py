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
    home = fields.Nested(HomeQuoteSchema, allow_none=True)


class SoldPromotionSchema(Schema):
    """A promotion that the till gave on a line, as its quote said."""

    ref = fields.String(required=True, validate=_sku)
    amount_minor = fields.Integer(
        required=True, strict=True, validate=_amount, metadata={"description": MONEY}
    )


class TenderSchema(Schema):
    """A part of the payment; below 0 what is paid out."""

    method = fields.String(
        required=True,
        validate=validate.OneOf(["cash", "card_terminal", "gift_card", "voucher", "original"]),
        metadata={"description": "`original`: back to what had paid, and only below 0"},
    )
    amount_minor = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=-200 * MOST_MINOR, max=200 * MOST_MINOR),
        metadata={"description": "what stays in the drawer: change is already taken off"},
    )
    code = fields.String(
        load_default=None,
        allow_none=True,
        validate=_card_code,
        metadata={"description": "with `gift_card` or `voucher`, and only then"},
    )
    given_minor = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=_amount,
        metadata={"description": "what the customer laid down, for the receipt"},
    )
    card_payment_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=ID,
        metadata={"description": "of the payment at the reader"},
    )


class DiscountSchema(Schema):
    """What a person took off a line."""

    amount_minor = fields.Integer(required=True, strict=True, validate=_amount)
    reason = fields.String(
        required=True, validate=_word, metadata={"description": "a code of `discount_reasons`"}
    )
    approved_by = fields.String(load_default=None, allow_none=True, validate=CASHIER)


class SaleLineSchema(WantedLineSchema):
    """A line as it was sold."""

    unit_minor = fields.Integer(
        required=True, strict=True, validate=_amount, metadata={"description": MONEY}
    )
    promotions = fields.List(
        fields.Nested(SoldPromotionSchema),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "what the line costs less than its units"},
    )
    discount = fields.Nested(DiscountSchema, load_default=None, allow_none=True)
    lot = fields.String(
        load_default=None,
        allow_none=True,
        validate=_sku,
        metadata={"description": "lot or serial number (GS1 AI 10 or 21), where it was read"},
    )
    age_checked = YesNo(
        load_default=None,
        allow_none=True,
        metadata={"description": "whether somebody looked at the customer's age"},
    )
    home = YesNo(
        load_default=False, metadata={"description": "sent to the customer, see `send`"}
    )
    title = fields.String(
        load_default=None,
        allow_none=True,
        validate=_prose,
        metadata={"description": "as the till knew it: goods that are gone since are sold all "
                  "the same"},
    )  # fmt: skip
    vat_basis_points = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.OneOf([0, 700, 1900])
    )


class ReturnPartSchema(Schema):
    """Units that come back."""

    order_ref = fields.String(
        required=True,
        validate=_reference,
        metadata={"description": "of the order; a receipt's number or a sale's id will do"},
    )
    line_id = fields.String(
        required=True,
        validate=_line_id,
        metadata={"description": "of the line, or its place on the receipt, from 1"},
    )
    quantity = fields.Integer(required=True, strict=True, validate=_quantity)
    amount_minor = fields.Integer(
        required=True, strict=True, validate=_amount, metadata={"description": "given for it"}
    )
    disposition = fields.String(
        load_default="shelf", validate=validate.OneOf(["shelf", "inspect", "scrap"])
    )
    reason = fields.String(load_default="", validate=NOTE)
    lot = fields.String(load_default=None, allow_none=True, validate=_sku)
    sku = fields.String(load_default=None, allow_none=True, validate=_sku)
    title = fields.String(load_default=None, allow_none=True, validate=_prose)
    vat_basis_points = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.OneOf([0, 700, 1900])
    )


class SendSchema(Schema):
    """Where goods go that are not taken along."""

    name = fields.String(required=True, validate=_prose)
    street = fields.String(required=True, validate=_prose)
    postal_code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{5}$"))
    city = fields.String(required=True, validate=_prose)
    email = fields.String(required=True, validate=_email)
    phone = fields.String(load_default=None, allow_none=True, validate=_phone)


class DocumentSchema(Schema):
    """What all documents of a till say."""

    receipt_number = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=999_999_999),
        metadata={"description": "the till's own, without a gap; null: the server gives one"},
    )
    session_id = fields.String(load_default=None, allow_none=True, validate=ID)
    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)
    started_at = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "first line scanned"}
    )
    sold_at = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "the till's own time"}
    )
    offline = YesNo(
        load_default=False,
        metadata={"description": "the customer has a receipt without signature already"},
    )


class SaleRequestSchema(DocumentSchema):
    """A sale, return or exchange, with the till's own id: posted twice it is booked once."""

    sale_id = fields.String(required=True, validate=ID)
    lines = fields.List(
        fields.Nested(SaleLineSchema), required=True, validate=validate.Length(max=200)
    )
    returns = fields.List(
        fields.Nested(ReturnPartSchema), load_default=list, validate=validate.Length(max=100)
    )
    tenders = fields.List(
        fields.Nested(TenderSchema), required=True, validate=validate.Length(max=10)
    )
    customer_number = fields.String(load_default=None, allow_none=True, validate=_number)
    promotion_code = fields.String(load_default=None, allow_none=True, validate=_code)
    training = YesNo(
        load_default=False, metadata={"description": "signed as such, and moves nothing"}
    )
    hold_ref = fields.String(
        load_default=None,
        allow_none=True,
        validate=_reference,
        metadata={"description": "of goods that were put aside for this customer"},
    )
    basket_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=_reference,
        metadata={"description": "of the web basket that is bought here"},
    )
    send = fields.Nested(SendSchema, load_default=None, allow_none=True)
    shipping_minor = fields.Integer(
        load_default=0,
        strict=True,
        validate=_amount,
        metadata={"description": "delivery of what is sent, as quoted"},
    )


class VoidRequestSchema(DocumentSchema):
    """A sale is taken back whole."""

    sale_id = fields.String(required=True, validate=ID, metadata={"description": "new"})
    voids = fields.String(
        required=True, validate=ID, metadata={"description": "the sale that is taken back"}
    )
    reason = fields.String(required=True, validate=NOTE)


class GiftCardRequestSchema(Schema):
    """A gift card that somebody wants to pay with."""

    code = fields.String(required=True, validate=_card_code)


class GiftCardSchema(Answer):
    """What is on a gift card."""

    ending = fields.String(metadata={"description": "the last four characters of its code"})
    usable_minor = fields.Integer(metadata={"description": f"{MONEY}; 0 once it has expired"})
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
    home = fields.Boolean()
    line_id = fields.String(
        allow_none=True, metadata={"description": "under which it comes back; null of delivery"}
    )


class ReceiptReturnSchema(Answer):
    """What came back."""

    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    amount_minor = fields.Integer(metadata={"description": MONEY})
    vat_basis_points = fields.Integer()
    order_ref = fields.String()
    line_id = fields.String()
    disposition = fields.String()


class PaidSchema(Answer):
    """A tender as it was booked."""

    method = fields.String()
    amount_minor = fields.Integer(metadata={"description": MONEY})
    given_minor = fields.Integer(allow_none=True)
    ending = fields.String(allow_none=True, metadata={"description": "of a gift card's code"})


class VatSchema(Answer):
    """VAT of one rate."""

    rate_basis_points = fields.Integer()
    gross_minor = fields.Integer()
    vat_minor = fields.Integer()


class ConflictSchema(Answer):
    """Something that did not fit; the document is booked, and somebody will look at it."""

    kind = fields.String()
    facts = fields.Dict(keys=fields.String())


class HomeSchema(Answer):
    """The order of what is sent."""

    order_ref = fields.String()
    promised_on = fields.Date(allow_none=True)
    shipping_minor = fields.Integer()


class FiscalSchema(Answer):
    """The signature, or in which outage the receipt was given out (KassenSichV section 6)."""

    signed = fields.Boolean()
    certified = fields.Boolean()
    note = fields.String(metadata={"description": "to be printed while `certified` is false"})
    outage = fields.String(allow_none=True)
    qr = fields.String(allow_none=True, metadata={"description": "text of the QR code, V0"})
    serial = fields.String()
    client_id = fields.String()
    process_type = fields.String()
    process_data = fields.String()
    transaction_number = fields.Integer(allow_none=True)
    signature_counter = fields.Integer(allow_none=True)
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime()
    algorithm = fields.String()
    signature = fields.String(allow_none=True)
    public_key = fields.String()


class ReceiptSchema(Answer):
    """What the till prints."""

    sale_id = fields.String()
    kind = fields.String(
        validate=validate.OneOf(["sale", "return", "exchange", "void", "training"])
    )
    order_ref = fields.String(allow_none=True)
    receipt_number = fields.String()
    number = fields.Integer(allow_none=True)
    session_id = fields.String()
    cashier = fields.String(allow_none=True)
    started_at = fields.AwareDateTime()
    sold_at = fields.AwareDateTime()
    booked_at = fields.AwareDateTime()
    offline = fields.Boolean()
    location = fields.String()
    lines = fields.List(fields.Nested(ReceiptLineSchema))
    returns = fields.List(fields.Nested(ReceiptReturnSchema))
    vat = fields.List(fields.Nested(VatSchema))
    tenders = fields.List(fields.Nested(PaidSchema))
    total_minor = fields.Integer(metadata={"description": "below 0: paid out"})
    customer_number = fields.String(allow_none=True)
    points = fields.Integer()
    home = fields.Nested(HomeSchema, allow_none=True)
    receipt_url = fields.String(metadata={"description": "the receipt as a page, for its QR code"})
    fiscal = fields.Nested(FiscalSchema)
    conflicts = fields.List(fields.Nested(ConflictSchema))
    repeated = fields.Boolean(metadata={"description": "it had been posted before"})


class ReceiptQuerySchema(Schema):
    """What a scanner read."""

    code = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=512), validate.Regexp(r"^[^\x00-\x1f]+$")],
        metadata={"description": "a receipt's number or page, an order's reference or page"},
    )


class ReturnableLineSchema(Answer):
    """A line of which units may come back."""

    line_id = fields.String()
    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    returnable = fields.Integer()
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
