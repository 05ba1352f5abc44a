"""Play the card reader: what a customer does at the counter, as four buttons. No scripts."""

from __future__ import annotations

from html import escape

from . import markup, payment_intents, readers
from .cards import by_number
from .errors import ApiError
from .markup import Words
from .model import Model
from .money import shown
from .store import Object

APPROVED, DECLINED = "4242424242424242", "4000000000000002"
ACTS = ("approve", "decline", "canceled", "timeout")


def play(model: Model, reader_id: str, act: str) -> None:
    """Do what the customer does; nothing where the reader waits for nobody any more."""
    reader = model.require("terminal.reader", reader_id)
    action = reader["action"]
    if act not in ACTS or not action or action["status"] != "in_progress":
        return
    if act in readers.ENDINGS:
        readers.end(model, reader_id, act)
        return
    card = by_number(APPROVED if act == "approve" else DECLINED)
    intent = model.require("payment_intent", action["process_payment_intent"]["payment_intent"])
    if card is None:
        return
    try:
        payment_intents.charge(model, intent, card, "card_present")
    except ApiError as declined:
        readers.ended(model, reader, "failed", declined.body["code"], str(declined))
    else:
        readers.ended(model, reader, "succeeded", None, None)


def page(model: Model, words: Words) -> str:
    """Every reader with what it shows; looks again by itself every two seconds."""
    all_readers = model.store.newest("terminal.reader", limit=20)[0]
    shown_readers = "".join(_reader(model, words, one) for one in all_readers)
    body = f"""<main><h1>{words("readers")}</h1>
{shown_readers or f"<p>{words('no_readers')}</p>"}</main>"""
    whole = markup.document(words, words("readers"), body)
    return whole.replace("<head>", '<head>\n<meta http-equiv="refresh" content="2">', 1)


def _reader(model: Model, words: Words, reader: Object) -> str:
    action = reader["action"]
    name = escape(reader["label"] or reader["id"])
    if not action:
        return f"<section><h2>{name}</h2><p>{words('reader_idle')}</p></section>"
    intent = model.require("payment_intent", action["process_payment_intent"]["payment_intent"])
    amount = shown(intent["amount"], intent["currency"], words.language)
    if action["status"] != "in_progress":
        ended = escape(action["failure_code"] or action["status"])
        return f"<section><h2>{name}</h2><p>{amount}: {ended}</p></section>"
    buttons = "".join(
        f'<button name="act" value="{act}">{words(f"reader_{act}")}</button> ' for act in ACTS
    )
    return (
        f"<section><h2>{name}</h2><p><strong>{amount}</strong></p>"
        f'<form method="post" action="/readers/{reader["id"]}">{buttons}</form></section>'
    )
