"""SEPA direct debits: complete on the page at once, paid or refused by the bank later.

Source: Stripe documentation, "SEPA Direct Debit payments" (the session is `complete` and `unpaid`
and the intent `processing` until the bank has answered; then `async_payment_succeeded` or
`async_payment_failed`) and "Test account numbers". Days are squeezed to seconds; two accounts
answer by themselves, the third one waits for the buttons of `/debits`.
"""

from __future__ import annotations

import time
from html import escape

from . import markup, payment_intents
from .errors import ApiError
from .ibans import Account
from .markup import Words
from .model import Model, now
from .money import shown
from .store import Object, new_id

BANK_SECONDS = 30
REFUSED = {
    "type": "invalid_request_error",
    "code": "debit_not_authorized",
    "message": "The payment failed because the customer's bank account could not be debited.",
}


def begin(model: Model, session: Object, intent: Object, account: Account) -> Object:
    """The customer has given the mandate: the page is complete, the bank is asked."""
    if session["status"] != "open":
        raise ApiError(400, "This Checkout Session is not open.", param="session")
    charge = _charge(intent, account)
    intent.update(status="processing", latest_charge=charge["id"], next_action=None)
    session.update(status="complete", url=None)
    debit = {
        "id": f"debit_{intent['id']}",
        "object": "debit",
        "intent": intent["id"],
        "session": session["id"],
        "last4": account.iban[-4:],
        "paid": account.paid,
        "due_at": time.time() + BANK_SECONDS,
        "state": "waiting",
    }
    with model.store.transaction() as db:
        model.store.put(charge, parent=intent["id"])
        model.store.put(intent)
        model.store.put(session)
        model.store.put(debit)
        db.execute("DELETE FROM open_sessions WHERE id = ?", (session["id"],))
        model.emit("charge.pending", charge)
        model.emit("payment_intent.processing", intent)
        model.emit("checkout.session.completed", session)
    return intent


def _charge(intent: Object, account: Account) -> Object:
    details = {"bank_code": "37040044", "country": "DE", "last4": account.iban[-4:]}
    return {
        "id": new_id("py"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "captured": True,
        "created": now(),
        "currency": intent["currency"],
        "description": intent["description"],
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": None,
        "payment_method_details": {"type": "sepa_debit", "sepa_debit": details},
        "refunded": False,
        "status": "pending",
    }


def end(model: Model, intent_id: str, *, paid: bool) -> Object:
    """The bank answers, once; a second answer changes nothing."""
    with model.store.transaction():
        debit = model.require("debit", f"debit_{intent_id}")
        if debit["state"] != "waiting":
            return debit
        intent = model.require("payment_intent", intent_id)
        session = model.require("checkout.session", debit["session"])
        charge = model.require("charge", intent["latest_charge"])
        debit["state"] = "paid" if paid else "refused"
        model.store.put(debit)
        if paid:
            _paid(model, intent, session, charge)
        else:
            _refused(model, intent, session, charge)
        return debit


def _paid(model: Model, intent: Object, session: Object, charge: Object) -> None:
    charge.update(status="succeeded", paid=True)
    intent.update(status="succeeded", amount_received=intent["amount"])
    session["payment_status"] = "paid"
    for changed in (charge, intent, session):
        model.store.put(changed)
    model.emit("charge.succeeded", charge)
    model.emit("payment_intent.succeeded", intent)
    model.emit("checkout.session.async_payment_succeeded", session)


def _refused(model: Model, intent: Object, session: Object, charge: Object) -> None:
    charge.update(status="failed", amount_captured=0, captured=False, failure_code=REFUSED["code"])
    charge["failure_message"] = REFUSED["message"]
    model.store.put(charge)
    model.emit("charge.failed", charge)
    # The 402 that a card's customer would see at once: here nobody waits for it.
    payment_intents.failed(model, intent, REFUSED)
    model.emit("checkout.session.async_payment_failed", session)


def end_due(model: Model) -> int:
    """Let the banks answer whose time has come; how many those were."""
    with model.store.transaction():
        due = [
            debit
            for debit in model.store.newest("debit", limit=200)[0]
            if debit["state"] == "waiting"
            and debit["paid"] is not None
            and debit["due_at"] <= time.time()
        ]
        for debit in due:
            end(model, debit["intent"], paid=debit["paid"])
    return len(due)


def page(model: Model, words: Words) -> str:
    """Every debit with what became of it, and the bank's two buttons while it waits."""
    debits = model.store.newest("debit", limit=20)[0]
    rows = "".join(_row(model, words, debit) for debit in debits)
    body = f"""<main class="index"><h1>{words("debits")}</h1>
{rows or f"<p>{words('no_debits')}</p>"}</main>"""
    return markup.document(words, words("debits"), body)


def _row(model: Model, words: Words, debit: Object) -> str:
    intent = model.require("payment_intent", debit["intent"])
    amount = shown(intent["amount"], intent["currency"], words.language)
    name = escape(intent["metadata"].get("order_ref") or debit["intent"])
    head = f"<h2>{name}</h2><p><strong>{amount}</strong> · IBAN •••• {debit['last4']}</p>"
    if debit["state"] != "waiting":
        return f"<section>{head}<p>{words('debit_' + debit['state'])}</p></section>"
    return (
        f'<section>{head}<form method="post" action="/debits/{debit["intent"]}">'
        f'<button name="act" value="pay">{words("debit_pay")}</button>'
        f'<button name="act" value="refuse" class="quiet">{words("debit_refuse")}</button>'
        "</form></section>"
    )
