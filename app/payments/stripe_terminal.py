"""Card readers at tills, driven by the server (Stripe Terminal, "server-driven integration").

The reader shows the amount; what happened is asked of it and of the payment. As in
`stripe_gateway`: nothing here may be called with a transaction open, and an unknown outcome is not
a refusal.
"""

from dataclasses import dataclass
from typing import Any

from app.payments.stripe_calls import asking
from app.payments.stripe_gateway import gateway
from kit.errors import Refused

# What the reader says when it gave up, and what it means for the till.
ENDINGS = {
    "customer_canceled": "cancelled",
    "terminal_reader_timeout": "timed_out",
    "terminal_reader_offline": "timed_out",
}


@dataclass(frozen=True)
class AtReader:
    """How a payment at a reader stands: waiting, succeeded, declined, cancelled, timed_out.

    `message` is the provider's code of what went wrong.
    """

    state: str
    message: str = ""


def register(code: str, *, label: str) -> str:
    """Register a reader by the code that it shows; return the provider's id of it.

    Raises:
        Refused: an unknown code.
        OutcomeUnknown: ask again.
    """
    params: Any = {"registration_code": code, "label": label}
    with asking():
        return str(gateway().client.v1.terminal.readers.create(params).id)


def intend(amount_minor: int, *, payment: str, key: str) -> str:
    """Make a payment that a card at a reader may pay; return the provider's id of it.

    Args:
        payment: our name for it, kept with the provider.
        key: the same key again makes no second one.

    Raises:
        Refused: what the provider says.
        OutcomeUnknown: ask again with the same key.
    """
    params: Any = {
        "amount": amount_minor,
        "currency": "eur",
        "payment_method_types": ["card_present"],
        "capture_method": "automatic",
        "metadata": {"card_payment": payment},
    }
    with asking():
        return str(gateway().client.v1.payment_intents.create(params, {"idempotency_key": key}).id)


def show(reader: str, intent: str, *, key: str) -> None:
    """Have a reader ask for a card.

    Raises:
        Refused: ``terminal_reader_busy``, or what the provider says.
        OutcomeUnknown: ask again with the same key.
    """
    params: Any = {
        "payment_intent": intent,
        "process_config": {"enable_customer_cancellation": True},
    }
    with asking():
        gateway().client.v1.terminal.readers.process_payment_intent(
            reader, params, {"idempotency_key": key}
        )


def state_of(reader: str, intent: str) -> AtReader:
    """Ask how a payment stands.

    Raises:
        Refused: there is no such payment or reader.
        OutcomeUnknown: the provider can't be reached.
    """
    with asking():
        paid = gateway().client.v1.payment_intents.retrieve(intent)
    if paid.status == "succeeded":
        return AtReader("succeeded")
    if paid.status == "canceled":
        return AtReader("cancelled")
    with asking():
        action = gateway().client.v1.terminal.readers.retrieve(reader).to_dict().get("action")
    own = action and action.get("process_payment_intent", {}).get("payment_intent") == intent
    if not own or action["status"] == "in_progress":
        # Another payment stands on the reader: this one was taken off it.
        return AtReader("waiting" if own else "cancelled")
    code = str(action["failure_code"] or "")
    return AtReader(ENDINGS.get(code, "declined"), code)


def call_off(reader: str, intent: str) -> AtReader:
    """Take a payment off the reader, so that no card can pay it any more.

    Returns:
        `succeeded` where the card was quicker.

    Raises:
        OutcomeUnknown: ask again.
    """
    client = gateway().client
    if state_of(reader, intent).state == "waiting":
        with asking():
            client.v1.terminal.readers.cancel_action(reader)
    try:
        with asking():
            client.v1.payment_intents.cancel(intent)
    except Refused:
        return state_of(reader, intent)
    return AtReader("cancelled")
