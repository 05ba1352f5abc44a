"""The one door to Stripe: opening and expiring the payment page, refunds, webhooks.

Only this module, `stripe_terminal` and `stripe_calls` know the client. Nothing here opens a
database transaction, and nobody may call it inside one: a call takes up to
`stripe_calls.BUDGET_SECONDS`.

`app.payments.gateway` says what is promised; in particular that an unknown outcome is never a
refusal.
"""

import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import stripe

from app.payments.gateway import (
    CheckoutFacts,
    ExpireOutcome,
    Line,
    Opened,
    OutcomeUnknown,
    RefundFacts,
    WebhookEvent,
)
from app.payments.stripe_calls import ImpatientClient, asking
from app.payments.stripe_events import event_of
from config import Config
from kit import clock
from kit.errors import Forbidden, Invalid, Refused

# Checkout Sessions live 30 minutes to 24 hours (API reference, "Create a Checkout Session"); we
# keep a minute's distance to both ends for the journey there and clocks that differ.
PAGE_LEAST_SECONDS = 31 * 60
PAGE_MOST_SECONDS = 24 * 3600 - 60
PAGE_ROUNDED_SECONDS = 10 * 60

SIGNATURE_TOLERANCE_SECONDS = 300
MAX_LINES = 100
MAX_TITLE = 250


def configure(config: Config) -> None:
    """Set up the shop's gateway; once per process, by the factory."""
    _shop.gateway = StripeGateway(
        api_key=config.stripe_api_key,
        webhook_secret=config.stripe_webhook_secret,
        api_base=config.stripe_api_base,
    )


def gateway() -> "StripeGateway":
    """Return the gateway that `configure` set up."""
    if _shop.gateway is None:
        raise RuntimeError("stripe_gateway.configure() has not been called")
    return _shop.gateway


class _Shop:
    """Holds the gateway of this process."""

    gateway: "StripeGateway | None" = None


_shop = _Shop()


class StripeGateway:
    """`Gateway` over the official client. Without `api_base` it talks to Stripe itself."""

    def __init__(self, *, api_key: str, webhook_secret: str, api_base: str | None = None) -> None:
        if api_base and "_live_" in api_key:
            raise ValueError("a live key goes to Stripe and nowhere else: unset STRIPE_API_BASE")
        self._webhook_secret = webhook_secret
        stripe.enable_telemetry = False
        # Two lines per call, which say no more than that there was one.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            max_network_retries=1,
            http_client=ImpatientClient(api_base or stripe.DEFAULT_API_BASE),
        )

    @property
    def client(self) -> stripe.StripeClient:
        """The official client, for what stands in a module of its own (`stripe_terminal`)."""
        return self._client

    def open_checkout(  # noqa: PLR0913 - one page, all its facts, by keyword
        self,
        *,
        payment_ref: str,
        order_ref: str,
        lines: Sequence[Line],
        shipping_minor: int,
        total_minor: int,
        currency: str,
        customer_email: str | None,
        success_url: str,
        cancel_url: str,
        expires_at: datetime | None,
        idempotency_key: str,
        locale: str,
    ) -> Opened:
        """Open a payment page for exactly `total_minor`.

        Args:
            payment_ref: comes back in every webhook of this payment.
            order_ref: shown in Stripe's dashboard.
            lines: title, unit price in cents, quantity; see `gateway.line_of` for discounted lines.
            shipping_minor: cents, 0 for none.
            total_minor: cents; must be the sum of lines and shipping.
            currency: ISO code, any case.
            customer_email: prefilled on the page; None lets the page ask.
            success_url: `{CHECKOUT_SESSION_ID}` in it is replaced by Stripe.
            cancel_url: where the page's way back leads.
            expires_at: the reservation's deadline by the shop's clock, or None for the shortest
                life Stripe allows; see `page_deadline`.
            idempotency_key: the same for every try of this intent, new for a new page.
            locale: `de` or `en`; anything else leaves it to the browser.

        Raises:
            Invalid: the sum is not the total, or nothing is to be paid.
            Refused: Stripe does not accept the request.
            OutcomeUnknown: a page may be open; nothing can have been charged.
        """
        asked = sum(unit * quantity for _, unit, quantity in lines) + shipping_minor
        if asked != total_minor or total_minor <= 0:
            raise Invalid("checkout_total", lines_minor=asked, total_minor=total_minor)
        until = page_deadline(expires_at)
        refs = {"payment_ref": payment_ref, "order_ref": order_ref}
        params: Any = {
            "mode": "payment",
            "client_reference_id": payment_ref,
            "metadata": refs,
            "payment_intent_data": {"metadata": refs, "description": order_ref},
            "line_items": _line_items(lines, shipping_minor, order_ref, currency, locale),
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": until,
            "locale": locale if locale in _WORDS else "auto",
        }
        if customer_email:
            params["customer_email"] = customer_email
        # A later try with a later deadline is another request to Stripe, which would refuse it
        # under the same key; the page of the lost reply is known to nobody and runs out.
        return self._create_page(params, f"{idempotency_key}:{until}")

    def _create_page(self, params: Any, key: str) -> Opened:
        """Create the session; once more, under a second key, where that can help."""
        for last in (False, True):
            try:
                session = self._page("post", "", **params, idempotency_key=f"{key}:{int(last)}")
                break
            except OutcomeUnknown as unknown:
                # A 500 that Stripe repeats under its key says nothing new for a whole day.
                if last or not unknown.facts.get("replayed"):
                    raise
            except Refused as refusal:
                # An address that Stripe finds odd must not keep anybody from paying.
                if last or refusal.facts.get("param") != "customer_email":
                    raise
                params = {name: value for name, value in params.items() if name != "customer_email"}
        return Opened(session["id"], session.get("url") or "")

    def _page(self, method: str, path: str, **params: Any) -> Mapping[str, Any]:
        """Ask about payment pages, without the client's own objects.

        They are made of every field that Stripe sends, some eighty, and we read seven.
        """
        with asking():
            answer: Any = self._client.raw_request(method, f"/v1/checkout/sessions{path}", **params)
        return dict(answer.data)

    def expire_checkout(self, session_id: str) -> ExpireOutcome:
        """Close a payment page so that nobody can pay on it any more.

        Returns:
            `expired` when this call closed it, `already_expired` when it was closed before,
            `already_paid` when the customer was faster: keep the reservation and settle.

        Raises:
            Refused: there is no such page.
            OutcomeUnknown: keep the reservation and ask again.
        """
        try:
            with asking():
                self._client.v1.checkout.sessions.expire(session_id)
        except Refused:
            # Stripe answers 400 for both of the other cases and names them only in prose.
            facts = self.fetch_checkout(session_id)
            if facts.status == "open":
                raise
            return "already_expired" if facts.status == "expired" else "already_paid"
        return "expired"

    def fetch_checkout(self, session_id: str) -> CheckoutFacts:
        """Ask how a payment page stands.

        Raises:
            Refused: there is no such page.
            OutcomeUnknown: Stripe can't be reached.
        """
        session = self._page("get", f"/{quote(session_id, safe='')}")
        return CheckoutFacts(
            session_id=session["id"],
            status=str(session["status"]),
            payment_status=session["payment_status"],
            payment_intent=_id_of(session.get("payment_intent")),
            payment_ref=session.get("client_reference_id"),
            amount_minor=session.get("amount_total") or 0,
            currency=(session.get("currency") or "").upper(),
        )

    def refund(self, payment_intent: str, amount_minor: int, idempotency_key: str) -> RefundFacts:
        """Send `amount_minor` cents of a captured payment back by the way it came.

        Raises:
            Invalid: the amount is not positive, or the key was used for another refund.
            Refused: `not_captured`, `charge_already_refunded`, `refund_too_large`, or what Stripe
                says.
            OutcomeUnknown: ask again with the same key; it never pays twice.
        """
        if amount_minor <= 0:
            raise Invalid("refund_amount", amount_minor=amount_minor)
        if not payment_intent:
            # Stripe would read an empty id as "any".
            raise Refused("not_captured")
        params: Any = {
            "payment_intent": payment_intent,
            "amount": amount_minor,
            "metadata": {"refund_key": idempotency_key},
        }
        # Stripe forgets keys after a day, a job may try for longer: the refund itself remembers.
        known = self.find_refund(payment_intent, idempotency_key)
        if known:
            return known
        try:
            with asking():
                made = self._client.v1.refunds.create(params, {"idempotency_key": idempotency_key})
        except OutcomeUnknown as unknown:
            # Stripe keeps a 500 under its key for a day and repeats it, although the refund may
            # have been made ("Advanced error handling"); so look for it.
            if not str(unknown.facts["reason"]).startswith("http_"):
                raise
            found = self.find_refund(payment_intent, idempotency_key)
            if found is None:
                raise
            return found
        except Refused as refusal:
            if refusal.facts.get("param") == "amount":
                raise Refused("refund_too_large", **refusal.facts) from refusal
            raise
        return _refund_facts(made)

    def find_refund(self, payment_intent: str, idempotency_key: str) -> RefundFacts | None:
        """The refund that was made with this key, or None where there is none (yet).

        Raises:
            OutcomeUnknown: Stripe can't be reached.
        """
        with asking():
            page = self._client.v1.refunds.list({"payment_intent": payment_intent, "limit": 100})
            for made in page.auto_paging_iter():
                if made.to_dict().get("metadata", {}).get("refund_key") == idempotency_key:
                    return _refund_facts(made)
        return None

    def verify_webhook(self, payload: bytes, signature: str | None) -> WebhookEvent:
        """Check the signature of an event against real time and read the event.

        Args:
            payload: the body as it arrived, byte for byte.
            signature: the header `Stripe-Signature`.

        Raises:
            Forbidden: `webhook_signature`: missing, forged, or older than five minutes.
        """
        try:
            stripe.WebhookSignature.verify_header(
                payload, signature, self._webhook_secret, SIGNATURE_TOLERANCE_SECONDS
            )
            return event_of(json.loads(payload))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            raise Forbidden("webhook_signature") from error


def page_deadline(expires_at: datetime | None) -> int:
    """When the payment page ends, in seconds of real time.

    Stripe knows nothing of a moved shop clock, so what is left by the shop's clock is added to
    real time. A page lives at least 30 minutes, longer than a reservation: when the reservation
    ends the shop expires the page itself (`expire_checkout`); Stripe's deadline is the net below.
    Rounded up to full ten minutes, so that a quick second try is the same request to Stripe.

    Args:
        expires_at: an instant of the shop's clock; None asks for the shortest life.
    """
    left = (expires_at - clock.now()).total_seconds() if expires_at else 0.0
    now = time.time()
    wanted = now + max(left, PAGE_LEAST_SECONDS)
    rounded = math.ceil(wanted / PAGE_ROUNDED_SECONDS) * PAGE_ROUNDED_SECONDS
    return min(rounded, int(now) + PAGE_MOST_SECONDS)


_WORDS = {"de": ("Versand", "Bestellung"), "en": ("Shipping", "Order")}


def _line_items(
    lines: Sequence[Line], shipping_minor: int, order_ref: str, currency: str, locale: str
) -> list[dict[str, Any]]:
    """The lines in Stripe's form; more than Stripe takes become one line with the total."""
    shipping, order = _WORDS.get(locale, _WORDS["en"])
    shown = [*lines, (shipping, shipping_minor, 1)] if shipping_minor else list(lines)
    if len(shown) > MAX_LINES:
        total = sum(unit * quantity for _, unit, quantity in shown)
        shown = [(f"{order} {order_ref}", total, 1)]
    return [
        {
            "quantity": quantity,
            "price_data": {
                "currency": currency.lower(),
                "unit_amount": unit,
                "product_data": {"name": title[:MAX_TITLE]},
            },
        }
        for title, unit, quantity in shown
    ]


def _refund_facts(made: stripe.Refund) -> RefundFacts:
    return RefundFacts(
        made.id, _id_of(made.payment_intent) or "", made.amount, made.status or "pending"
    )


def _id_of(value: Any) -> str | None:
    """The id of something Stripe sends as an id or, expanded, as an object."""
    if value is None or isinstance(value, str):
        return value
    return str(value["id"] if isinstance(value, Mapping) else value.id)
