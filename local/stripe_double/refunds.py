"""Refunds. Source: "Refund and cancel payments"; API reference "Refunds"; "Error codes".

A refund may be partial and repeated until the captured amount is used up. Asking for more is
an `invalid_request_error` on `amount` that carries no code; asking again after everything went
back is `charge_already_refunded`. A refund that succeeded may still fail days later, when the
bank sends the money back ("Handle failed refunds"): then the amount can be refunded again.
"""

from __future__ import annotations

from .errors import invalid, refused
from .form import Params
from .model import Model, now
from .money import spoken
from .store import Object, new_id

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(model: Model, params: Params) -> Object:
    """POST /v1/refunds."""
    intent_id = params.text("payment_intent")
    charge_id = params.text("charge")
    wanted = params.integer("amount", least=1)
    reason = params.text("reason", choices=REASONS)
    metadata = params.metadata()
    params.done()
    charge = _charge(model, intent_id, charge_id)
    amount = _checked(charge, wanted)
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    }
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    model.store.put(refund, parent=charge["payment_intent"])
    model.store.put(charge)
    model.emit("refund.created", refund)
    model.emit("charge.refunded", charge)
    return refund


def _charge(model: Model, intent_id: str | None, charge_id: str | None) -> Object:
    if charge_id:
        return model.require("charge", charge_id, param="charge")
    if not intent_id:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent"
            " or charge.",
            code="parameter_missing",
        )
    intent = model.require("payment_intent", intent_id, param="payment_intent")
    found = intent["latest_charge"] and model.store.get("charge", intent["latest_charge"])
    if not found or not found["paid"]:
        raise refused(
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return found


def _checked(charge: Object, wanted: int | None) -> int:
    """The amount to send back, in cents; raises ApiError where that much is not left."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["refunded"]:
        raise refused(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if not charge["captured"]:
        raise refused(f"Charge {charge['id']} was not captured: cancel its PaymentIntent instead.")
    amount = wanted or left
    if amount > left:
        what = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        currency = charge["currency"]
        raise refused(
            f"Refund amount ({spoken(amount, currency)}) is greater than {what}"
            f" ({spoken(left, currency)})",
            param="amount",
        )
    return amount


def fail(model: Model, refund_id: str) -> Object:
    """The bank sends the money back (control API)."""
    refund = model.require("refund", refund_id)
    if refund["status"] == "failed":
        raise refused("The refund has failed already.")
    charge = model.require("charge", refund["charge"])
    refund.update(status="failed", failure_reason="lost_or_stolen_card")
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    model.store.put(refund)
    model.store.put(charge)
    model.emit("refund.failed", refund)
    model.emit("charge.refund.updated", refund)
    return refund


def retrieve(model: Model, params: Params, refund_id: str) -> Object:
    """GET /v1/refunds/:id."""
    params.done()
    return model.require("refund", refund_id)


def listed(model: Model, params: Params) -> Object:
    """GET /v1/refunds, optionally of one PaymentIntent."""
    parent = params.text("payment_intent")
    return model.page("refund", "/v1/refunds", params, parent=parent)
