"""What the shop needs of a payment provider, said without naming one.

Three kinds of answer, which a caller must never mix up:

- a result: it happened;
- `kit.errors.Refused` or `Invalid`: it did not happen and will not by asking again;
- `OutcomeUnknown`: nobody knows yet. Ask again later with the same idempotency key, or wait for
  the webhook; never treat it as a refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from kit.errors import KontorError

# Title, unit price in cents, quantity.
Line = tuple[str, int, int]
ExpireOutcome = Literal["expired", "already_paid", "already_expired"]


class OutcomeUnknown(KontorError):
    """The provider gave no (final) answer: it may have happened or not.

    `facts["reason"]` is one of timeout, connection, busy, in_progress, key_rejected, http_5xx.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__("outcome_unknown", reason=reason, **facts)


@dataclass(frozen=True)
class Opened:
    """A payment page that waits for the customer."""

    session_id: str
    url: str


@dataclass(frozen=True)
class CheckoutFacts:
    """What the provider says about a payment page now. `amount_minor` is its total in cents."""

    session_id: str
    status: str  # open, complete, expired
    payment_status: str  # unpaid, paid, no_payment_required
    payment_intent: str | None
    payment_ref: str | None
    amount_minor: int
    currency: str

    @property
    def paid(self) -> bool:
        """Whether the money has been captured."""
        return self.status == "complete" and self.payment_status == "paid"

    @property
    def asked_the_bank(self) -> bool:
        """Whether the customer is done and the money takes days: a direct debit."""
        return self.status == "complete" and self.payment_status == "unpaid"


@dataclass(frozen=True)
class RefundFacts:
    """Money on its way back: `status` is pending, succeeded, failed, requires_action, canceled."""

    refund_id: str
    payment_intent: str
    amount_minor: int
    status: str


@dataclass(frozen=True)
class WebhookEvent:
    """A verified event. What the object does not say is None; `amount_minor` in cents.

    `amount_minor` is the session's total, the intent's amount received (or asked, before that),
    the refund's amount, or, for `charge.refunded`, all that has gone back so far.
    """

    id: str
    type: str
    created_at: datetime
    session_id: str | None
    payment_intent: str | None
    payment_ref: str | None
    order_ref: str | None
    refund_id: str | None
    amount_minor: int | None
    currency: str | None
    status: str | None
    payment_status: str | None


class Gateway(Protocol):
    """What the shop needs of a payment provider."""

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
        """Open a payment page."""

    def expire_checkout(self, session_id: str) -> ExpireOutcome:
        """Close a payment page."""

    def fetch_checkout(self, session_id: str) -> CheckoutFacts:
        """Ask how a payment page stands."""

    def refund(self, payment_intent: str, amount_minor: int, idempotency_key: str) -> RefundFacts:
        """Send money back."""

    def verify_webhook(self, payload: bytes, signature: str | None) -> WebhookEvent:
        """Check who sent an event and read it."""


def line_of(title: str, total_minor: int, quantity: int) -> Line:
    """A line whose sum is exactly `total_minor`, also when a discount makes no even unit price.

    >>> line_of("Haken", 1000, 3)
    ('3 × Haken', 1000, 1)
    """
    unit, rest = divmod(total_minor, quantity)
    return (f"{quantity} × {title}", total_minor, 1) if rest else (title, unit, quantity)
