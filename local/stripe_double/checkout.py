"""Checkout Sessions with a hosted page.

Source: "How Checkout works", API reference "Checkout Sessions" (create, retrieve, list, expire,
line items) and "Limit when customers can complete checkout" (`expires_at` from 30 minutes to
24 hours after creation, only an open session can be expired). The PaymentIntent is made when
the customer first pays, not with the session (API change of 2022-08-01).
"""

from __future__ import annotations

import re
import time

from . import debits, payment_intents
from .cards import Card
from .errors import ApiError, invalid, refused
from .form import Params
from .ibans import Account
from .model import Model, now
from .money import SMALLEST, currency_of, spoken
from .store import Object, new_id

LEAST_SECONDS = 30 * 60
MOST_SECONDS = 24 * 3600
MAX_LINES = 100
# What the merchant has switched on in the dashboard: offered where a session names nothing.
METHODS = ("card", "sepa_debit")
LOCALES = ("auto", "de", "en", "en-GB")


def create(model: Model, params: Params) -> Object:
    """POST /v1/checkout/sessions, `mode=payment` with `price_data` lines."""
    params.text("mode", required=True, choices=("payment",))
    params.text("ui_mode", choices=("hosted", "hosted_page"))
    lines = [_line(item) for item in params.items("line_items", required=True)]
    session = _session(params)
    session["payment_method_types"] = params.strings("payment_method_types") or list(METHODS)
    intent_values = _intent_values(params.mapping("payment_intent_data"))
    expires_at = params.integer("expires_at")
    params.done()
    _check_lines(lines)
    session["currency"] = lines[0]["currency"]
    session["expires_at"] = _deadline(expires_at)
    total = sum(line["amount_total"] for line in lines)
    if total < SMALLEST:
        raise invalid(
            "The Checkout Session's total amount due must add up to at least"
            f" {spoken(SMALLEST, session['currency'])}",
            code="amount_too_small",
        )
    session.update(amount_subtotal=total, amount_total=total)
    session["url"] = f"{model.public_url}/c/pay/{session['id']}"
    with model.store.transaction() as db:
        model.store.put(session)
        model.store.put(_attachment(session["id"], lines, intent_values))
        db.execute(
            "INSERT INTO open_sessions VALUES (?, ?)", (session["id"], session["expires_at"])
        )
    return session


def _session(params: Params) -> Object:
    return {
        "id": new_id("cs_test", 58),
        "object": "checkout.session",
        "amount_subtotal": 0,
        "amount_total": 0,
        "cancel_url": _url(params, "cancel_url"),
        "client_reference_id": params.text("client_reference_id", limit=200),
        "created": now(),
        "currency": None,
        "customer": None,
        "customer_details": None,
        "customer_email": _email(params),
        "expires_at": 0,
        "livemode": False,
        "locale": params.text("locale", choices=LOCALES),
        "metadata": params.metadata(),
        "mode": "payment",
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "submit_type": params.text("submit_type", choices=("auto", "pay", "book", "donate")),
        "success_url": _url(params, "success_url", required=True),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
    }


def _url(params: Params, key: str, *, required: bool = False) -> str | None:
    url = params.text(key, required=required)
    if url and not url.startswith(("http://", "https://")):
        raise invalid("Not a valid URL", code="url_invalid", param=key)
    return url


def _email(params: Params) -> str | None:
    email = params.text("customer_email", limit=512)
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise invalid(
            f"Invalid email address: {email}", code="email_invalid", param="customer_email"
        )
    return email


def _line(item: Params) -> Object:
    price = item.mapping("price_data", required=True)
    product = price.mapping("product_data", required=True)
    quantity = item.integer("quantity", required=True, least=1) or 1
    unit = price.integer("unit_amount", required=True, least=0) or 0
    currency = currency_of(price)
    title = product.text("name", required=True)
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "description": title,
        "price": {
            "id": new_id("price"),
            "object": "price",
            "currency": currency,
            "metadata": product.metadata(),
            "type": "one_time",
            "unit_amount": unit,
        },
        "quantity": quantity,
        "note": product.text("description"),
    }


def _check_lines(lines: list[Object]) -> None:
    if not lines or len(lines) > MAX_LINES:
        raise invalid(f"line_items must hold 1 to {MAX_LINES} items.", param="line_items")
    if len({line["currency"] for line in lines}) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")


def _intent_values(params: Params) -> Object:
    return {
        "capture_method": params.text("capture_method", choices=payment_intents.CAPTURE_METHODS)
        or "automatic_async",
        "description": params.text("description"),
        "metadata": params.metadata(),
        "receipt_email": params.text("receipt_email"),
    }


def _deadline(wanted: int | None) -> int:
    """Real time: the shop's clock may have been moved, Stripe's has not."""
    created = now()
    if wanted is None:
        return created + MOST_SECONDS
    if wanted < created + LEAST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session"
            " creation.",
            param="expires_at",
        )
    if wanted > created + MOST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return wanted


def _attachment(session_id: str, lines: list[Object], intent_values: Object) -> Object:
    """What belongs to the session and is not part of its JSON."""
    return {
        "id": f"att_{session_id}",
        "object": "attachment",
        "lines": lines,
        "intent": intent_values,
    }


def attachment(model: Model, session_id: str) -> Object:
    """The lines and the values for the PaymentIntent to come."""
    return model.require("attachment", f"att_{session_id}")


def load(model: Model, session_id: str) -> Object:
    """The session, expired on the spot when its time has come."""
    session = model.require("checkout.session", session_id, param="session")
    if session["status"] == "open" and time.time() >= session["expires_at"]:
        expire_now(model, session)
    return session


def retrieve(model: Model, params: Params, session_id: str) -> Object:
    """GET /v1/checkout/sessions/:id; `expand[]=line_items` includes the lines."""
    params.done()
    session = load(model, session_id)
    if "line_items" in params.strings("expand"):
        session["line_items"] = _lines_page(model, session_id)
    return session


def line_items(model: Model, params: Params, session_id: str) -> Object:
    """GET /v1/checkout/sessions/:id/line_items."""
    params.integer("limit")
    params.done()
    model.require("checkout.session", session_id, param="session")
    return _lines_page(model, session_id)


def _lines_page(model: Model, session_id: str) -> Object:
    lines = [
        {key: value for key, value in line.items() if key != "note"}
        for line in attachment(model, session_id)["lines"]
    ]
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return {"object": "list", "data": lines, "has_more": False, "url": url}


def listed(model: Model, params: Params) -> Object:
    """GET /v1/checkout/sessions, optionally of one PaymentIntent."""
    parent = params.text("payment_intent")
    return model.page("checkout.session", "/v1/checkout/sessions", params, parent=parent)


def expire(model: Model, params: Params, session_id: str) -> Object:
    """POST /v1/checkout/sessions/:id/expire."""
    params.done()
    session = load(model, session_id)
    if session["status"] != "open":
        raise refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`."
        )
    return expire_now(model, session)


def expire_now(model: Model, session: Object) -> Object:
    """Close the page; an attempt that waits for the bank is cancelled with it."""
    session.update(status="expired", url=None)
    with model.store.transaction() as db:
        model.store.put(session)
        db.execute("DELETE FROM open_sessions WHERE id = ?", (session["id"],))
        intent = session["payment_intent"] and model.store.get(
            "payment_intent", session["payment_intent"]
        )
        if intent and intent["status"] in payment_intents.CANCELABLE:
            payment_intents.cancel_now(model, intent, "expired")
        model.emit("checkout.session.expired", session)
    return session


def expire_due(model: Model) -> int:
    """Expire every open session whose time has come; how many those were."""
    with model.store.transaction() as db:
        rows = db.execute(
            "SELECT id FROM open_sessions WHERE expires_at <= ? LIMIT 100", (time.time(),)
        ).fetchall()
        for (session_id,) in rows:
            expire_now(model, model.require("checkout.session", session_id))
    return len(rows)


def pay(model: Model, session: Object, card: Card, email: str | None, name: str) -> Object:
    """The customer pressed the button: charge, or ask the bank first.

    Returns the PaymentIntent (`succeeded`, `requires_capture` or `requires_action`);
    raises ApiError 402 for a decline, 400 when the session is not open any more.
    """
    if session["status"] != "open":
        raise ApiError(400, "This Checkout Session is not open.", param="session")
    intent = _begun(model, session, email, name)
    if card.challenge:
        return payment_intents.ask_challenge(model, intent, card)
    return settle(model, session, intent, card)


def debit(model: Model, session: Object, account: Account, email: str | None, name: str) -> Object:
    """The customer gave a mandate; returns the PaymentIntent, `processing`."""
    return debits.begin(model, session, _begun(model, session, email, name), account)


def _begun(model: Model, session: Object, email: str | None, name: str) -> Object:
    intent = _intent_of(model, session)
    session["customer_details"] = {"email": session["customer_email"] or email, "name": name}
    session["payment_intent"] = intent["id"]
    model.store.put(session, parent=intent["id"])
    return intent


def _intent_of(model: Model, session: Object) -> Object:
    """The intent of an earlier attempt, or a new one."""
    if session["payment_intent"]:
        return model.require("payment_intent", session["payment_intent"])
    intent = payment_intents.new_intent(
        amount=session["amount_total"],
        currency=session["currency"],
        **attachment(model, session["id"])["intent"],
    )
    model.store.put(intent)
    model.emit("payment_intent.created", intent)
    return intent


def settle(model: Model, session: Object, intent: Object, card: Card) -> Object:
    """Charge and complete the session; raises ApiError 402 for a decline."""
    intent = payment_intents.charge(model, intent, card)
    paid = intent["status"] == "succeeded"
    session.update(status="complete", payment_status="paid" if paid else "unpaid", url=None)
    with model.store.transaction() as db:
        model.store.put(session)
        db.execute("DELETE FROM open_sessions WHERE id = ?", (session["id"],))
        model.emit("checkout.session.completed", session)
    return intent


def session_of(model: Model, intent_id: str) -> Object | None:
    """The session whose page made this intent."""
    found = model.store.newest("checkout.session", parent=intent_id, limit=1)[0]
    return load(model, found[0]["id"]) if found else None
