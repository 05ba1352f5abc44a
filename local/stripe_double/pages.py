"""What the customer's browser sees: the hosted payment page and the bank's question.

Source: "How Checkout works" (the customer pays on Stripe's page and is sent to `success_url`,
where `{CHECKOUT_SESSION_ID}` is replaced), "3D Secure authentication".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from . import checkout, debits, markup, payment_intents, reader_page
from .api import Request
from .cards import by_number, by_token, problem
from .errors import ApiError
from .ibans import by_iban
from .markup import Typed, Words, grouped
from .model import Model
from .store import Object
from .texts import language

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_PAY = re.compile(r"/c/pay/(cs_test_[A-Za-z0-9]+)")
_CHALLENGE = re.compile(r"/c/3ds/(pi_[A-Za-z0-9]+)")
_DEBIT = re.compile(r"/debits/(pi_[A-Za-z0-9]+)")
_READER = re.compile(r"/readers/(tmr_[A-Za-z0-9]+)")
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'"


@dataclass
class Page:
    """An answer for a browser."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            **self.headers,
        }


def answer(model: Model, request: Request) -> Page:
    """Answer a browser's request; a friendly page also for what does not exist."""
    if request.path == "/c/style.css":
        kinds = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=3600"}
        return Page(200, _STYLE, kinds)
    words = Words(language(None, request.headers.get("Accept-Language") or "de"), model.merchant)
    pay, challenge = _PAY.fullmatch(request.path), _CHALLENGE.fullmatch(request.path)
    try:
        with model.store.transaction():
            if request.path == "/":
                recent = model.store.newest("checkout.session", limit=20)[0]
                return Page(200, markup.index_page(words, recent))
            for beginning, played in _PLAYED.items():
                if request.path.startswith(beginning):
                    return played(model, request, words)
            if pay:
                return _pay(model, request, pay.group(1))
            if challenge:
                return _challenge(model, request, challenge.group(1))
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    return Page(404, markup.message_page(words, "lost", None, "bad"))


def _at_reader(model: Model, request: Request, words: Words) -> Page:
    reader = _READER.fullmatch(request.path)
    if reader and request.method == "POST":
        reader_page.play(model, reader.group(1), _fields(request.body).get("act", ""))
        return _to("/readers")
    return Page(200, reader_page.page(model, words))


def _at_bank(model: Model, request: Request, words: Words) -> Page:
    debit = _DEBIT.fullmatch(request.path)
    if debit and request.method == "POST":
        paid = _fields(request.body).get("act") == "pay"
        debits.end(model, debit.group(1), paid=paid)
        return _to("/debits")
    return Page(200, debits.page(model, words))


_PLAYED = {"/debits": _at_bank, "/readers": _at_reader}


def _words(model: Model, request: Request, session: Object | None) -> Words:
    locale = session["locale"] if session else None
    return Words(language(locale, request.headers.get("Accept-Language") or "de"), model.merchant)


def _pay(model: Model, request: Request, session_id: str) -> Page:
    session = checkout.load(model, session_id)
    words = _words(model, request, session)
    if session["status"] == "complete":
        if request.method == "POST":
            return _to(_success(session))
        link = (_success(session), "on")
        return Page(200, markup.message_page(words, "complete", link, "good"))
    if session["status"] == "expired":
        back = session["cancel_url"] and (session["cancel_url"], "back")
        return Page(410, markup.message_page(words, "expired", back or None, "bad"))
    if request.method == "POST":
        return _submit(model, session, words, _fields(request.body))
    query = _fields(request.query)
    typed = Typed(name=query.get("name", ""))
    card = by_number(query.get("card", ""))
    if card:
        typed.number = grouped(card.number)
    failed = "authentication_failed" if query.get("error") == "authentication" else None
    return _form(model, session, words, typed, failed, 200)


def _form(
    model: Model, session: Object, words: Words, typed: Typed, wrong: str | None, status: int
) -> Page:
    lines = checkout.attachment(model, session["id"])["lines"]
    return Page(status, markup.payment_page(words, session, lines, typed, wrong))


def _submit(model: Model, session: Object, words: Words, fields: dict[str, str]) -> Page:
    known = Typed.__dataclass_fields__
    typed = Typed(**{name: value for name, value in fields.items() if name in known})
    if "iban" in fields:
        return _debit(model, session, words, typed)
    wrong = problem(typed.number, typed.expiry, typed.cvc)
    if not session["customer_email"] and "@" not in typed.email:
        wrong = wrong or "invalid_email"
    card = by_number(typed.number)
    if wrong or not card:
        return _form(model, session, words, typed, wrong or "not_a_test_card", 422)
    try:
        intent = checkout.pay(model, session, card, typed.email or None, typed.name)
    except ApiError as error:
        return _form(model, session, words, typed, error.body["decline_code"], 402)
    if intent["status"] == "requires_action":
        return _to(f"{model.public_url}/c/3ds/{intent['id']}")
    return _to(_success(session))


def _debit(model: Model, session: Object, words: Words, typed: Typed) -> Page:
    offered = "sepa_debit" in session["payment_method_types"]
    account = by_iban(typed.iban) if offered else None
    wrong = None if account else "not_a_test_account"
    if not session["customer_email"] and "@" not in typed.email:
        wrong = wrong or "invalid_email"
    if wrong or not account:
        return _form(model, session, words, typed, wrong, 422)
    checkout.debit(model, session, account, typed.email or None, typed.name)
    return _to(_success(session))


def _challenge(model: Model, request: Request, intent_id: str) -> Page:
    intent = model.require("payment_intent", intent_id)
    session = checkout.session_of(model, intent_id)
    if session:
        # Looking at the session may have expired it, and the intent with it.
        intent = model.require("payment_intent", intent_id)
    words = _words(model, request, session)
    if intent["status"] != "requires_action":
        if session:
            return _to(f"{model.public_url}/c/pay/{session['id']}")
        return Page(200, markup.message_page(words, "done", None, "good"))
    if request.method != "POST":
        last4 = intent_card(intent)
        return Page(200, markup.challenge_page(words, intent, last4, request.path))
    approved = _fields(request.body).get("decision") == "approve"
    return _decided(model, intent, session, words, approved=approved)


def intent_card(intent: Object) -> str:
    """The last four digits of the card that waits for the bank."""
    card = by_token(intent["payment_method"])
    return card.last4 if card else "????"


def _decided(
    model: Model, intent: Object, session: Object | None, words: Words, *, approved: bool
) -> Page:
    card = by_token(intent["payment_method"])
    action = intent["next_action"] or {}
    return_url = action.get("redirect_to_url", {}).get("return_url")
    error = "authentication"
    if approved and card:
        try:
            if session:
                checkout.settle(model, session, intent, card)
                return _to(_success(session))
            payment_intents.charge(model, intent, card)
        except ApiError as declined:
            error = declined.body["decline_code"]
    else:
        payment_intents.failed(model, intent, _AUTHENTICATION_FAILED)
    if session and error != "authentication":
        typed = Typed(number=grouped(card.number) if card else "")
        return _form(model, session, words, typed, error, 402)
    if session:
        return _to(f"{model.public_url}/c/pay/{session['id']}?error=authentication")
    if return_url:
        return _to(_with(return_url, payment_intent=intent["id"], redirect_status=_outcome(intent)))
    return Page(200, markup.message_page(words, "done", None, "good"))


_AUTHENTICATION_FAILED = {
    "type": "card_error",
    "code": "payment_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. You can provide"
    " payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
}


def _outcome(intent: Object) -> str:
    return "failed" if intent["status"] == "requires_payment_method" else "succeeded"


def _success(session: Object) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _with(url: str, **values: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(values)}"


def _fields(encoded: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(encoded, keep_blank_values=True).items()}


def _to(url: str) -> Page:
    return Page(303, headers={"Location": url})
