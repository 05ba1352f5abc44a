"""Till sessions, cash and parked sales, as the endpoint takes and returns them (marshmallow)."""

from marshmallow import Schema, fields, validate

from app.web.api.schemas import CASHIER, ID, MONEY, MOST_MINOR, NOTE, Answer, YesNo

_MOST = 10 * MOST_MINOR


class SessionRequestSchema(Schema):
    """A drawer is opened."""

    session_id = fields.String(required=True, validate=ID)
    opening_minor = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=_MOST),
        metadata={"description": "the float"},
    )
    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)
    opened_at = fields.AwareDateTime(load_default=None, allow_none=True)
    offline = YesNo(
        load_default=False,
        metadata={"description": "it happened without a network: never refused as a second one"},
    )


class ClosingRequestSchema(Schema):
    """A drawer is counted, without being told what is expected."""

    counted_minor = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=0, max=_MOST)
    )
    counts = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[0-9]{1,6}$")),
        values=fields.Integer(strict=True, validate=validate.Range(min=0, max=100_000)),
        load_default=None,
        allow_none=True,
        metadata={"description": "notes and coins: value in minor units, how many"},
    )
    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)
    closed_at = fields.AwareDateTime(load_default=None, allow_none=True)
    last_receipt_number = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=0, max=999_999_999),
        metadata={"description": "of the session; until it is here, the session waits"},
    )
    note = fields.String(load_default="", validate=NOTE)


class ReceiptsSchema(Answer):
    """Which receipts a session has."""

    first = fields.Integer(allow_none=True)
    last = fields.Integer(allow_none=True)
    count = fields.Integer()
    missing = fields.List(
        fields.Integer(), metadata={"description": "numbers that are still on their way"}
    )


class ByMethodSchema(Answer):
    """What came and went by one means."""

    method = fields.String()
    in_minor = fields.Integer()
    out_minor = fields.Integer()
    amount_minor = fields.Integer()


class SessionVatSchema(Answer):
    """VAT of one rate."""

    rate_basis_points = fields.Integer()
    gross_minor = fields.Integer()
    net_minor = fields.Integer()
    vat_minor = fields.Integer()


class MovementSchema(Answer):
    """Cash that people put in or took out."""

    kind = fields.String()
    amount_minor = fields.Integer()
    reason = fields.String()
    cashier = fields.String(allow_none=True)
    moved_at = fields.AwareDateTime()


class SignaturesSchema(Answer):
    """How many receipts are signed, and how many stand in an outage."""

    signed = fields.Integer()
    outages = fields.Integer()


class SessionSchema(Answer):
    """A session: the X report while it is open, the Z report once it is closed."""

    session_id = fields.String()
    device = fields.String()
    location = fields.String()
    state = fields.String(validate=validate.OneOf(["open", "waiting", "closed"]))
    z_number = fields.Integer(allow_none=True)
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    opening_minor = fields.Integer()
    cashier = fields.String(allow_none=True)
    counted_by = fields.String(allow_none=True)
    note = fields.String()
    receipts = fields.Nested(ReceiptsSchema)
    sales_minor = fields.Integer()
    returns_minor = fields.Integer()
    total_minor = fields.Integer()
    discounts_minor = fields.Integer()
    by_method = fields.List(fields.Nested(ByMethodSchema))
    vat = fields.List(fields.Nested(SessionVatSchema))
    cash_movements = fields.List(fields.Nested(MovementSchema))
    cash_expected_minor = fields.Integer(
        metadata={"description": "not to be shown before somebody has counted"}
    )
    cash_counted_minor = fields.Integer(allow_none=True)
    difference_minor = fields.Integer(allow_none=True)
    fiscal = fields.Nested(SignaturesSchema)
    training = fields.Integer()
    aborted = fields.Integer(metadata={"description": "begun, and given up before they were paid"})
    age_refused = fields.Integer(
        metadata={"description": "articles that were not sold for want of a proven age"}
    )
    repeated = fields.Boolean()


class MovementRequestSchema(Schema):
    """Cash is put in or taken out."""

    movement_id = fields.String(required=True, validate=ID)
    kind = fields.String(
        required=True,
        validate=validate.OneOf(["deposit", "payout", "bank", "tip"]),
        metadata={"description": "`deposit` and `tip` above 0, `payout` and `bank` below"},
    )
    amount_minor = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=-_MOST, max=_MOST),
        metadata={"description": MONEY},
    )
    reason = fields.String(required=True, validate=[validate.Length(min=1), *NOTE])
    session_id = fields.String(load_default=None, allow_none=True, validate=ID)
    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)
    moved_at = fields.AwareDateTime(load_default=None, allow_none=True)


class MovedSchema(Answer):
    """Cash that was booked."""

    movement_id = fields.String()
    session_id = fields.String()
    cash_expected_minor = fields.Integer()
    repeated = fields.Boolean()


class ParkRequestSchema(Schema):
    """A basket that is to wait."""

    parked_id = fields.String(required=True, validate=ID)
    name = fields.String(load_default="", validate=NOTE)
    document = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "the till's own, 64 kB at most; it comes back as it was"},
    )
    cashier = fields.String(load_default=None, allow_none=True, validate=CASHIER)


class ParkedSchema(Answer):
    """A basket that waits."""

    parked_id = fields.String()
    name = fields.String()
    device = fields.String()
    cashier = fields.String(allow_none=True)
    parked_at = fields.AwareDateTime()
    document = fields.Dict(keys=fields.String())
    repeated = fields.Boolean()


class AllParkedSchema(Answer):
    """What waits at this location."""

    parked = fields.List(fields.Nested(ParkedSchema))
