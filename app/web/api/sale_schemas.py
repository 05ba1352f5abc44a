"""Documents of a till and its receipts, as the endpoint takes and returns them (marshmallow)."""

from marshmallow import Schema, fields, validate

from app.web.api.proof_schemas import CollectingSchema
from app.web.api.schemas import (
    CASHIER,
    ID,
    MONEY,
    MOST_MINOR,
    NOTE,
    Answer,
    PromotionSchema,
    WantedLineSchema,
    YesNo,
    _amount,
    _card_code,
    _code,
    _email,
    _line_id,
    _number,
    _phone,
    _prose,
    _quantity,
    _reference,
    _sku,
    _word,
)


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
        validate=validate.OneOf(
            ["cash", "card_terminal", "gift_card", "voucher", "original", "rounding"]
        ),
        metadata={
            "description": "`original`: back to what had paid, and only below 0; `rounding`: what"
            " cash is rounded off by (below 0: up), see `rules.cash_rounding_minor`"
        },
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
    home = YesNo(load_default=False, metadata={"description": "sent to the customer, see `send`"})
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
    aborted = YesNo(
        load_default=False,
        metadata={"description": "begun and given up, without tenders: signed as such, and moves"
                  " nothing"},
    )  # fmt: skip
    age_refused = fields.List(
        fields.String(validate=_sku),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "SKUs that were not sold: the customer's age was not proven;"
                  " alone with `aborted` where nothing else was wanted"},
    )  # fmt: skip
    hold_ref = fields.String(
        load_default=None,
        allow_none=True,
        validate=_reference,
        metadata={"description": "of goods that were put aside for this customer"},
    )
    collection = fields.Nested(
        CollectingSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "an order that is paid on collection; the document's lines are"
                  " those that the order is waiting with, and no others"},
    )  # fmt: skip
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


class CollectedSchema(Answer):
    """The order that was paid and handed over with this receipt."""

    order_ref = fields.String()


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
        validate=validate.OneOf(["sale", "return", "exchange", "void", "training", "aborted"])
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
    collected = fields.Nested(CollectedSchema, allow_none=True)
    receipt_url = fields.String(metadata={"description": "the receipt as a page, for its QR code"})
    fiscal = fields.Nested(FiscalSchema)
    conflicts = fields.List(fields.Nested(ConflictSchema))
    repeated = fields.Boolean(metadata={"description": "it had been posted before"})
