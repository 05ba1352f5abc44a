"""Card readers, server-driven and simulated.

Source: "Collect card payments" (Terminal, server-driven), API reference "Terminal Reader",
"Testing Terminal" (simulated reader, `present_payment_method`). One action at a time; the
outcome is read from `action.status` or from the webhook.
"""

from __future__ import annotations

from typing import Any

from . import payment_intents
from .cards import by_number
from .errors import ApiError, refused
from .form import Params
from .model import Model
from .store import Object, new_id

SIMULATED_TYPES = {
    "simulated-wpe": "simulated_wisepos_e",
    "simulated-s700": "simulated_stripe_s700",
}
ENDINGS = {
    "canceled": ("customer_canceled", "The customer canceled the transaction."),
    "timeout": ("terminal_reader_timeout", "There was a timeout when sending this command."),
}


def create(model: Model, params: Params) -> Object:
    """POST /v1/terminal/readers; only the simulated registration codes are known."""
    code = params.text("registration_code", required=True, choices=tuple(SIMULATED_TYPES)) or ""
    reader = {
        "id": new_id("tmr"),
        "object": "terminal.reader",
        "action": None,
        "device_type": SIMULATED_TYPES[code],
        "label": params.text("label") or "Modellgerät",
        "livemode": False,
        "location": params.text("location"),
        "metadata": params.metadata(),
        "serial_number": new_id("MODEL", 8),
        "status": "online",
    }
    params.done()
    return model.store.put(reader)


def create_location(model: Model, params: Params) -> Object:
    """POST /v1/terminal/locations."""
    address = params.mapping("address", required=True)
    fields = ("line1", "line2", "city", "country", "postal_code", "state")
    location = {
        "id": new_id("tml"),
        "object": "terminal.location",
        "address": {name: address.text(name) for name in fields},
        "display_name": params.text("display_name", required=True),
        "livemode": False,
        "metadata": params.metadata(),
    }
    params.done()
    return model.store.put(location)


def retrieve(model: Model, params: Params, reader_id: str) -> Object:
    """GET /v1/terminal/readers/:id."""
    params.done()
    return model.require("terminal.reader", reader_id, param="reader")


def listed(model: Model, params: Params) -> Object:
    """GET /v1/terminal/readers."""
    return model.page("terminal.reader", "/v1/terminal/readers", params)


def process(model: Model, params: Params, reader_id: str) -> Object:
    """POST /v1/terminal/readers/:id/process_payment_intent."""
    reader = model.require("terminal.reader", reader_id, param="reader")
    intent_id = params.text("payment_intent", required=True) or ""
    params.mapping("process_config").boolean("enable_customer_cancellation")
    params.done()
    if _busy(reader):
        raise refused(
            "Reader is currently processing another request.", code="terminal_reader_busy"
        )
    intent = model.require("payment_intent", intent_id, param="payment_intent")
    if "card_present" not in intent["payment_method_types"]:
        raise refused(
            "The PaymentIntent must accept the payment method type card_present.",
            param="payment_intent",
        )
    if intent["status"] != "requires_payment_method":
        raise payment_intents.unexpected_state(intent, "processed", "requires_payment_method")
    reader["action"] = {
        "type": "process_payment_intent",
        "process_payment_intent": {"payment_intent": intent_id},
        "status": "in_progress",
        "failure_code": None,
        "failure_message": None,
    }
    return model.store.put(reader)


def _busy(reader: Object) -> bool:
    return bool(reader["action"]) and reader["action"]["status"] == "in_progress"


def cancel_action(model: Model, params: Params, reader_id: str) -> Object:
    """POST /v1/terminal/readers/:id/cancel_action; the intent stays payable."""
    params.done()
    reader = model.require("terminal.reader", reader_id, param="reader")
    reader["action"] = None
    return model.store.put(reader)


def present(model: Model, params: Params, reader_id: str) -> Object:
    """POST /v1/test_helpers/terminal/readers/:id/present_payment_method."""
    reader = model.require("terminal.reader", reader_id, param="reader")
    params.text("type", choices=("card_present",))
    number = params.mapping("card_present").text("number") or "4242424242424242"
    params.done()
    card = by_number(number)
    if not card:
        raise refused("This is not a test card the model knows.", param="card_present[number]")
    if not _busy(reader):
        raise refused("The reader has no action to present a payment method to.")
    intent_id = reader["action"]["process_payment_intent"]["payment_intent"]
    intent = model.require("payment_intent", intent_id)
    try:
        payment_intents.charge(model, intent, card, "card_present")
    except ApiError as declined:
        return ended(model, reader, "failed", declined.body["code"], str(declined))
    return ended(model, reader, "succeeded", None, None)


def end(model: Model, reader_id: str, outcome: str) -> Object:
    """The customer presses cancel, or nobody comes (control API): see ENDINGS."""
    reader = model.require("terminal.reader", reader_id, param="reader")
    if not _busy(reader):
        raise refused("The reader has no action in progress.")
    code, message = ENDINGS[outcome]
    return ended(model, reader, "failed", code, message)


def ended(model: Model, reader: Object, status: str, code: Any, message: Any) -> Object:
    """End the reader's action and tell the shop."""
    reader["action"].update(status=status, failure_code=code, failure_message=message)
    model.store.put(reader)
    model.emit(f"terminal.reader.action_{status}", reader)
    return reader
