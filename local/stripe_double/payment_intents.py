"""PaymentIntents and their charges.

Source: "How PaymentIntents work" (statuses), "Place a hold on a payment method" (manual and
partial capture), API reference "PaymentIntents", "Charges", "Error codes".
"""

from __future__ import annotations

from typing import Any

from .cards import MESSAGES, Card, by_token
from .errors import ApiError, invalid, refused
from .form import Params
from .model import Model, now
from .money import SMALLEST, currency_of, spoken
from .store import Object, new_id

CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
)
CAPTURE_METHODS = ("automatic", "automatic_async", "manual")
METHOD_TYPES = ("card", "card_present")


def new_intent(**values: Any) -> Object:
    """A PaymentIntent that has met no card yet."""
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": 0,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": new_id(f"{intent_id}_secret"),
        "confirmation_method": "automatic",
        "created": now(),
        "currency": "eur",
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "receipt_email": None,
        "status": "requires_payment_method",
        **values,
    }


def create(model: Model, params: Params) -> Object:
    """POST /v1/payment_intents."""
    amount = params.integer("amount", required=True, least=1) or 0
    currency = currency_of(params)
    intent = new_intent(
        amount=amount,
        currency=currency,
        capture_method=params.text("capture_method", choices=CAPTURE_METHODS) or "automatic_async",
        description=params.text("description"),
        receipt_email=params.text("receipt_email"),
        metadata=params.metadata(),
        payment_method_types=_method_types(params),
    )
    token = params.text("payment_method")
    confirm_now = params.boolean("confirm")
    return_url = params.text("return_url")
    params.done()
    if amount < SMALLEST:
        raise invalid(
            f"Amount must be at least {spoken(SMALLEST, currency)}",
            code="amount_too_small",
            param="amount",
        )
    card = _card(token) if token else None
    if card:
        intent.update(payment_method=card.token, status="requires_confirmation")
    model.store.put(intent)
    model.emit("payment_intent.created", intent)
    if confirm_now:
        return _confirm(model, intent, card, return_url)
    return intent


def _method_types(params: Params) -> list[str]:
    types = params.strings("payment_method_types") or ["card"]
    for kind in types:
        if kind not in METHOD_TYPES:
            raise invalid(
                f"This model knows {', '.join(METHOD_TYPES)}, not {kind}.",
                param="payment_method_types",
            )
    return types


def _card(token: str) -> Card:
    card = by_token(token)
    if not card:
        raise ApiError(
            404,
            f"No such PaymentMethod: '{token}'",
            code="resource_missing",
            param="payment_method",
        )
    return card


def retrieve(model: Model, params: Params, intent_id: str) -> Object:
    """GET /v1/payment_intents/:id."""
    params.done()
    return model.require("payment_intent", intent_id, param="intent")


def listed(model: Model, params: Params) -> Object:
    """GET /v1/payment_intents."""
    return model.page("payment_intent", "/v1/payment_intents", params)


def confirm(model: Model, params: Params, intent_id: str) -> Object:
    """POST /v1/payment_intents/:id/confirm."""
    intent = model.require("payment_intent", intent_id, param="intent")
    token = params.text("payment_method") or intent["payment_method"]
    return_url = params.text("return_url")
    params.done()
    return _confirm(model, intent, _card(token) if token else None, return_url)


def _confirm(model: Model, intent: Object, card: Card | None, return_url: str | None) -> Object:
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise unexpected_state(intent, "confirmed", "requires_payment_method")
    if not card:
        raise refused(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    if card.challenge:
        return ask_challenge(model, intent, card, return_url)
    return charge(model, intent, card)


def ask_challenge(
    model: Model, intent: Object, card: Card, return_url: str | None = None
) -> Object:
    """The bank wants to see the customer. Source: "3D Secure authentication"."""
    url = f"{model.public_url}/c/3ds/{intent['id']}"
    action: dict[str, Any] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"model_url": url}}
    if return_url:
        action = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": return_url},
        }
    intent.update(status="requires_action", payment_method=card.token, next_action=action)
    model.store.put(intent)
    model.emit("payment_intent.requires_action", intent)
    return intent


def charge(model: Model, intent: Object, card: Card, kind: str = "card") -> Object:
    """Ask the card's bank: a charge that succeeds, waits for capture, or fails with 402."""
    manual = intent["capture_method"] == "manual"
    attempt = _new_charge(intent, card, kind, captured=not manual)
    intent.update(next_action=None, latest_charge=attempt["id"], payment_method=card.token)
    if card.decline:
        _declined(model, intent, attempt, card)
    amount = intent["amount"]
    if manual:
        intent.update(status="requires_capture", amount_capturable=amount)
    else:
        intent.update(status="succeeded", amount_received=amount)
    intent["last_payment_error"] = None
    model.store.put(attempt, parent=intent["id"])
    model.store.put(intent)
    model.emit("charge.succeeded", attempt)
    model.emit(
        "payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded",
        intent,
    )
    return intent


def _new_charge(intent: Object, card: Card, kind: str, *, captured: bool) -> Object:
    failed = card.decline is not None
    amount = intent["amount"]
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if captured and not failed else 0,
        "amount_refunded": 0,
        "captured": captured and not failed,
        "created": now(),
        "currency": intent["currency"],
        "description": intent["description"],
        "failure_code": "card_declined" if failed else None,
        "failure_message": MESSAGES.get(card.decline or ""),
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": not failed,
        "payment_intent": intent["id"],
        "payment_method": card.token,
        "payment_method_details": {
            "type": kind,
            kind: {"brand": card.brand, "last4": card.last4},
        },
        "refunded": False,
        "status": "failed" if failed else "succeeded",
    }


def _declined(model: Model, intent: Object, attempt: Object, card: Card) -> None:
    error = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": card.decline,
        "charge": attempt["id"],
        "message": MESSAGES[card.decline or ""],
    }
    model.store.put(attempt, parent=intent["id"])
    model.emit("charge.failed", attempt)
    raise failed(model, intent, error)


def failed(model: Model, intent: Object, error: dict[str, Any]) -> ApiError:
    """Note the failure on the intent and give the 402 to raise."""
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error,
    )
    model.store.put(intent)
    model.emit("payment_intent.payment_failed", intent)
    facts = {k: v for k, v in error.items() if k in ("decline_code", "charge")}
    return ApiError(
        402,
        error["message"],
        kind=error["type"],
        code=error["code"],
        payment_intent=intent,
        **facts,
    )


def capture(model: Model, params: Params, intent_id: str) -> Object:
    """POST /v1/payment_intents/:id/capture. What is not captured is released."""
    intent = model.require("payment_intent", intent_id, param="intent")
    wanted = params.integer("amount_to_capture", least=1)
    params.done()
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "captured", "requires_capture")
    amount = wanted or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        raise refused(
            "The provided capture amount is greater than the capturable amount"
            f" ({spoken(intent['amount_capturable'], intent['currency'])}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    intent.update(status="succeeded", amount_capturable=0, amount_received=amount)
    charged = model.require("charge", intent["latest_charge"])
    charged.update(captured=True, amount_captured=amount)
    model.store.put(charged)
    model.store.put(intent)
    model.emit("charge.captured", charged)
    model.emit("payment_intent.succeeded", intent)
    return intent


def cancel(model: Model, params: Params, intent_id: str) -> Object:
    """POST /v1/payment_intents/:id/cancel. An uncaptured hold is released."""
    intent = model.require("payment_intent", intent_id, param="intent")
    reason = params.text(
        "cancellation_reason",
        choices=("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
    )
    params.done()
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(intent, "canceled", ", ".join(CANCELABLE))
    session = model.store.newest("checkout.session", parent=intent_id, limit=1)[0]
    if session and session[0]["status"] == "open" and intent["status"] != "requires_capture":
        raise refused(
            "You cannot cancel this PaymentIntent because it was created by a Checkout Session."
            " Expire the Checkout Session instead.",
            code="payment_intent_unexpected_state",
        )
    return cancel_now(model, intent, reason)


def cancel_now(model: Model, intent: Object, reason: str | None) -> Object:
    """Set the intent to `canceled` and tell."""
    intent.update(
        status="canceled",
        amount_capturable=0,
        canceled_at=now(),
        cancellation_reason=reason,
        next_action=None,
    )
    model.store.put(intent)
    model.emit("payment_intent.canceled", intent)
    return intent


def unexpected_state(intent: Object, verb: str, wanted: str) -> ApiError:
    """The error `payment_intent_unexpected_state`, with the intent in it ("Error codes")."""
    return ApiError(
        400,
        f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
        f" Only a PaymentIntent with one of the following statuses may be {verb}: {wanted}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


def retrieve_charge(model: Model, params: Params, charge_id: str) -> Object:
    """GET /v1/charges/:id."""
    params.done()
    return model.require("charge", charge_id, param="charge")


def list_charges(model: Model, params: Params) -> Object:
    """GET /v1/charges."""
    parent = params.text("payment_intent")
    return model.page("charge", "/v1/charges", params, parent=parent)
