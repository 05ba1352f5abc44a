"""Why goods are given to somebody who comes for them, as the endpoint takes it (marshmallow)."""

from marshmallow import Schema, fields, validate

from app.web.api.schemas import YesNo, _reference


class ProofSchema(Schema):
    """Why goods may be given to somebody."""

    code = fields.String(
        load_default="",
        validate=validate.Regexp(r"^[0-9]{0,8}$"),
        metadata={"description": "the pickup code that the customer was told"},
    )
    identity = YesNo(
        load_default=False,
        metadata={"description": "instead of a code: somebody has looked at an identity card or at"
                  " the card that paid; with `taken_by`"},
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


class CollectingSchema(ProofSchema):
    """The order that is paid and handed over with a document, and why it may be."""

    ref = fields.String(
        required=True, validate=_reference, metadata={"description": "of the order"}
    )
