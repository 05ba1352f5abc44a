"""An order, the customer who pays it on the double's page, and the webhooks that tell of it.

The double of the application's tests sends no webhooks itself: a test says which of them arrive,
when, and how often. Their bodies hold what the double answers about the same payment.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

import requests
import stripe
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.payments import charges
from app.payments.models import Payment
from app.sales import orders
from app.workflows import checkout
from kit.database import reading
from tests import small_shop
from tests.conftest import WEBHOOK_SECRET
from tests.local import stripe_bench

KEY = "sk_test_double"
PAGES = {"return_url": "http://shop.test/danke", "cancel_url": "http://shop.test/korb"}


@dataclass(frozen=True)
class Stripe:
    """The double at an address, as a bystander sees it."""

    url: str

    def session(self, session_id: str) -> dict[str, Any]:
        """Return a payment page as the API describes it."""
        return self._get(f"checkout/sessions/{session_id}")

    def intent(self, intent_id: str) -> dict[str, Any]:
        """Return a payment as the API describes it."""
        return self._get(f"payment_intents/{intent_id}")

    def refunds(self, intent_id: str) -> list[dict[str, Any]]:
        """Return the refunds of a payment."""
        found: list[dict[str, Any]] = self._get(f"refunds?payment_intent={intent_id}")["data"]
        return found

    def fault(self, kind: str, **values: Any) -> None:
        """Order a fault."""
        self._control("faults", kind=kind, **values)

    def fail_refund(self, refund_id: str) -> None:
        """Have the bank send a refund back."""
        self._control(f"refunds/{refund_id}/fail")

    def _get(self, path: str) -> dict[str, Any]:
        answer = requests.get(f"{self.url}/v1/{path}", auth=(KEY, ""), timeout=15)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _control(self, order: str, **values: Any) -> None:
        answer = requests.post(f"{self.url}/_double/{order}", json=values, timeout=15)
        assert answer.status_code == 200, answer.text


def ordered(*lines: tuple[str, int], open_page: bool = True, **changes: object) -> str:
    """Order, go on to the payment page, and return the order's reference."""
    token = small_shop.basket_with(*lines)
    ref = checkout.place(token, small_shop.buyer(**changes)).order_ref
    if open_page:
        checkout.open_payment(ref, **PAGES)
    return ref


def payment_of(ref: str) -> Payment:
    """Return an order's payment as it stands."""
    with reading() as session:
        return charges.of_order(session, ref)


def state_of(ref: str) -> str:
    """Return the state of an order."""
    with reading() as session:
        return orders.by_ref(session, ref).state


def pay(ref: str, card: str = stripe_bench.CARD["number"]) -> None:
    """Pay on the provider's page, as a customer would."""
    page = payment_of(ref).page_url
    assert page is not None
    answer = stripe_bench.pay(page, card)
    assert answer.status_code == 303, answer.text


def told(double: Stripe, ref: str) -> list[dict[str, Any]]:
    """Return the events that Stripe sends about a paid order."""
    payment = payment_of(ref)
    session = double.session(payment.provider_session or "")
    intent = double.intent(session["payment_intent"])
    return [
        event("payment_intent.succeeded", intent),
        event("checkout.session.completed", session),
        event("charge.updated", {"object": "charge", "payment_intent": intent["id"], "amount": 1}),
    ]


def completed(double: Stripe, ref: str, **changes: Any) -> dict[str, Any]:
    """Return the event that confirms an order, with changes to what it says about the page."""
    session = double.session(payment_of(ref).provider_session or "")
    return event("checkout.session.completed", {**session, **changes})


def event(kind: str, obj: dict[str, Any]) -> dict[str, Any]:
    """Return an event in Stripe's form; the same facts give the same id."""
    return {
        "id": f"evt_{kind}_{obj.get('id', obj.get('payment_intent'))}",
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "data": {"object": obj},
    }


def sign(body: str, *, secret: str = WEBHOOK_SECRET, age: int = 0) -> str:
    """Sign a body as Stripe documents it ("Verify webhook signatures manually")."""
    return stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age)


def post(
    client: FlaskClient, told_event: dict[str, Any], signature: str | None = None
) -> TestResponse:
    """Deliver an event; signed, unless another signature is given."""
    body = json.dumps(told_event)
    return client.post(
        "/webhooks/stripe",
        data=body,
        content_type="application/json",
        headers={"Stripe-Signature": sign(body) if signature is None else signature},
    )
