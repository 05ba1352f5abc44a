"""What tills are set up with: pairing, cashiers, and the catalog that they keep (marshmallow)."""

from marshmallow import Schema, fields, validate

from app.web.api.schemas import Answer

_PIN = [validate.Length(min=4, max=8), validate.Regexp(r"^[0-9]+$")]


class RetailerSchema(Answer):
    """Who sells, as receipts have to name them (KassenSichV section 6)."""

    name = fields.String()
    company = fields.String()
    street = fields.String()
    postal_code = fields.String()
    city = fields.String()
    vat_id = fields.String()
    tax_number = fields.String()


class FiscalDeviceSchema(Answer):
    """The security module of the till."""

    certified = fields.Boolean(metadata={"description": "false: not for trade in Germany"})
    serial = fields.String()
    client_id = fields.String()
    algorithm = fields.String()
    public_key = fields.String(metadata={"description": "base64, uncompressed point"})
    note = fields.String(metadata={"description": "to be printed on every receipt"})


class BestSellersSchema(Answer):
    """What is sold most."""

    skus = fields.List(fields.String(), metadata={"description": "at most 12, most units first"})


class OpenSessionSchema(Answer):
    """The session that is open at a till."""

    session_id = fields.String()
    opened_at = fields.AwareDateTime()
    opening_minor = fields.Integer()
    cashier = fields.String(allow_none=True)


class TillRulesSchema(Answer):
    """What this shop has decided for its tills."""

    cash_rounding_minor = fields.Integer(
        metadata={"description": "1: to the cent; 5: cash is rounded to five cents"}
    )
    lock_after_seconds = fields.Integer()
    small_discount_basis_points = fields.Integer(
        metadata={"description": "off a line, with the right `discount` alone"}
    )


class DeviceSchema(Answer):
    """The till that is asking, and where it stands."""

    code = fields.String()
    name = fields.String()
    location = fields.String()
    location_name = fields.String()
    time = fields.AwareDateTime(metadata={"description": "the shop's clock"})
    last_receipt_number = fields.Integer(
        metadata={"description": "highest number seen of this till; 0 before the first"}
    )
    session = fields.Nested(OpenSessionSchema, allow_none=True)
    retailer = fields.Nested(RetailerSchema)
    fiscal = fields.Nested(FiscalDeviceSchema)
    card_reader = fields.Boolean()
    rules = fields.Nested(TillRulesSchema)


class PairingRequestSchema(Schema):
    """A pairing code, as the back office shows it."""

    pairing_code = fields.String(
        required=True,
        validate=[validate.Length(min=8, max=16), validate.Regexp(r"^[0-9A-Za-z -]+$")],
    )


class PairedSchema(Answer):
    """The token of a till; it is shown this once."""

    token = fields.String()
    device = fields.Nested(DeviceSchema)


class PinSchema(Answer):
    """The proof of a PIN: PBKDF2-HMAC-SHA256 of its digits, 32 bytes."""

    salt = fields.String(metadata={"description": "hexadecimal"})
    iterations = fields.Integer()
    hash = fields.String(metadata={"description": "hexadecimal"})


class CashierSchema(Answer):
    """Who stands at the till."""

    code = fields.String()
    name = fields.String()
    role = fields.String()
    rights = fields.List(fields.String())


class CashierWithPinSchema(CashierSchema):
    """A cashier with the proof of the PIN, for signing in without a network."""

    pin = fields.Nested(PinSchema)


class CashiersSchema(Answer):
    """Who may stand at this till."""

    cashiers = fields.List(fields.Nested(CashierWithPinSchema))


class SignInSchema(Schema):
    """A cashier's code and PIN."""

    cashier = fields.String(
        required=True, validate=[validate.Length(min=1, max=8), validate.Regexp(r"^[0-9]+$")]
    )
    pin = fields.String(required=True, validate=_PIN)


class ChangesQuerySchema(Schema):
    """Where a till has read to."""

    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=512),
        metadata={"description": "of the last answer; nothing for a till that knows nothing"},
    )
    limit = fields.Integer(load_default=2000, validate=validate.Range(min=1, max=5000))


class NextPriceSchema(Answer):
    """A price that takes effect soon."""

    from_ = fields.AwareDateTime(data_key="from")
    unit_minor = fields.Integer()


class TillItemSchema(Answer):
    """An item as tills keep it."""

    sku = fields.String()
    gtins = fields.List(fields.String(), metadata={"description": "14 digits each"})
    title = fields.String()
    unit_minor = fields.Integer(metadata={"description": "everyone's price, minor units, gross"})
    vat_basis_points = fields.Integer()
    age_min = fields.Integer()
    sellable = fields.Boolean()
    recalled = fields.Boolean(metadata={"description": "some or all of it may not be sold"})
    next = fields.List(
        fields.Nested(NextPriceSchema), metadata={"description": "prices of the next 48 hours"}
    )
    category = fields.String()
    categories = fields.List(
        fields.String(), metadata={"description": "its category and all above it"}
    )
    brand = fields.String()
    picture = fields.String(allow_none=True)


class TillGroupSchema(Answer):
    """A price group: what it takes off each unit, rounded half up."""

    code = fields.String()
    name = fields.String()
    discount_basis_points = fields.Integer()


class TillPromotionSchema(Answer):
    """A promotion as data; docs/prices.md says how it is reckoned."""

    ref = fields.String()
    name = fields.String()
    kind = fields.String(validate=validate.OneOf(["percent", "amount", "buy_get"]))
    basis_points = fields.Integer()
    amount_minor = fields.Integer()
    buy_units = fields.Integer()
    get_units = fields.Integer()
    min_minor = fields.Integer()
    stackable = fields.Boolean()
    skus = fields.List(fields.String())
    categories = fields.List(fields.String())
    brands = fields.List(fields.String())
    price_groups = fields.List(fields.String())
    code = fields.String(allow_none=True)
    limited = fields.Boolean(
        metadata={"description": "has a limit that only the server knows: not given offline"}
    )
    limit_total = fields.Integer(allow_none=True)
    limit_per_customer = fields.Integer(allow_none=True)
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime(allow_none=True)


class WeighCodeSchema(Answer):
    """A label of the shop's own scales: seven digits, five of the value, a check digit."""

    starts = fields.String()
    sku = fields.String()
    value = fields.String(validate=validate.OneOf(["minor", "grams"]))


class ReasonSchema(Answer):
    """A reason that somebody chooses."""

    code = fields.String()
    name = fields.String()


class SettingsSchema(Answer):
    """What tills keep whole."""

    price_groups = fields.List(fields.Nested(TillGroupSchema))
    promotions = fields.List(fields.Nested(TillPromotionSchema))
    weigh_codes = fields.List(fields.Nested(WeighCodeSchema))
    discount_reasons = fields.List(fields.Nested(ReasonSchema))
    return_reasons = fields.List(fields.Nested(ReasonSchema))


class ChangesSchema(Answer):
    """A page of what changed since the cursor."""

    cursor = fields.String()
    more = fields.Boolean(metadata={"description": "ask again at once with the new cursor"})
    total = fields.Integer(metadata={"description": "items in all, for the progress of a first"})
    items = fields.List(fields.Nested(TillItemSchema))
    deleted = fields.List(fields.String(), metadata={"description": "SKUs"})
    settings = fields.Nested(
        SettingsSchema,
        allow_none=True,
        metadata={"description": "null where nothing of it changed"},
    )
