"""A made-up message of every kind, for the preview of the back office: no customer is in it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from app.messages import account_letters, leaving, letters
from app.messages.account_letters import PersonalMail
from app.messages.choice_letters import (
    BrokenFact,
    CollectQuestionLetter,
    DeliveryChangedLetter,
    PromiseLetter,
    ReadyLetter,
)
from app.messages.evidence import AddressSeen, HoldSeen, OrderSeen, PaperSeen, ParcelSeen
from app.messages.hold_letters import StoreHoldLetter
from app.messages.letters import LaterFact, Letter, LineFact, OrderFact, ParcelFact
from app.messages.recall_letters import PurchaseFact, RecallLetter
from app.messages.writing import Draft, site
from kit import clock

_LURE = LineFact("GF-SHAD-90", "Gummifisch Rhein-Shad 9 cm", 2, 1380)
_HOOK = LineFact("OH-30", "Offset-Haken 3/0", 1, 490)
_HOURS = (*("09:00 – 19:00",) * 6, "")
TOTAL_MINOR = 2360
_STATE = {"order_lapsed": "lapsed", "debit_asked": "placed"}


def draft(kind: str, language: str) -> Draft:
    """Return a message of a kind in a language as it would be written.

    Raises:
        KeyError: there is no such kind.
    """
    if kind in _LETTERS:
        order = _order(language)
        if kind == "ready":
            order = replace(order, collect_in="Bonn")
        return letters.draft(_LETTERS[kind](order))
    facts = _FACTS[kind](language)
    secret = "beispiel" if kind in account_letters.SECRET_KINDS else None
    mail = PersonalMail(kind, "muster@example.org", language, facts, secret=secret)
    return account_letters.draft(mail)


def seen(kind: str) -> OrderSeen | HoldSeen | AddressSeen | PaperSeen:
    """Return books in which the sample of a kind is true."""
    if kind == "store_hold":
        return HoldSeen("ready", {_LURE.sku: 2}, {})
    if kind in {"counter_offer", "receipt"}:
        return PaperSeen("open", {_HOOK.sku: 1}, 490)
    if kind in {"newsletter", "review_request"}:
        return AddressSeen(consents=True)
    collected = kind == "ready"
    gone = kind == "shipped"
    first, second = _parcels()
    return OrderSeen(
        state=_STATE.get(kind, "confirmed"),
        bank_asked=kind == "debit_asked",
        promised_on=_day(3),
        ordered={_LURE.sku: 2, _HOOK.sku: 1},
        cancelled={},
        total_minor=TOTAL_MINOR,
        not_delivered_minor=0,
        parcels=(
            ParcelSeen(
                first.origin, gone, collected, first.arrives_on, {_LURE.sku: 2},
                "00340434161094042557" if gone else None,
            ),
            ParcelSeen(second.origin, False, collected, second.arrives_on, {_HOOK.sku: 1}),
        ),
    )  # fmt: skip


def _day(ahead: int) -> date:
    return clock.today() + timedelta(days=ahead)


def _at(ahead: int, hour: int) -> datetime:
    return datetime.combine(_day(ahead), time(hour), clock.BERLIN)


def _order(language: str) -> OrderFact:
    return OrderFact(
        ref="K-4711", token="beispiel", email="muster@example.org",  # noqa: S106 - opens nothing
        phone="+4922812345678",
        language=language,
        address={
            "name": "Erika Muster", "street": "Rheinweg 7", "postal_code": "53111", "city": "Bonn",
        },
        placed_at=clock.now(), promised_on=_day(3), shipping_minor=490, total_minor=TOTAL_MINOR,
    )  # fmt: skip


def _parcels() -> tuple[ParcelFact, ParcelFact]:
    return (
        ParcelFact("Lager Kassel", "warehouse", (_LURE,), _day(2), False),
        ParcelFact("Bonn", "store", (_HOOK,), _day(3), False),
    )


def _gone() -> ParcelFact:
    return replace(
        _parcels()[0], handed_over=True, tracking_code="00340434161094042557", carrier="DHL"
    )


def _late() -> tuple[LaterFact, ...]:
    return (LaterFact(_HOOK.sku, _HOOK.title, 1, _day(1), _day(3)),)


def _options() -> dict[str, Any]:
    store = {"code": "koeln", "name": "Köln", "ready_at": _at(1, 12).isoformat()}
    return {
        "arrives_on": _day(3).isoformat(), "parcels": 1, "stores": [store], "refund_minor": 490,
    }  # fmt: skip


def _recall(order: OrderFact) -> Letter:
    bought = PurchaseFact("K-4711", clock.today(), 2, None, ("L2026-08",), True)
    reason = "Der Haken kann brechen."
    return RecallLetter(order, 3, _LURE.sku, _LURE.title, ("L2026-08",), reason, (bought,))


def _hold(order: OrderFact) -> Letter:
    held = replace(order, ref="R-0815", page="reservierung", promised_on=None)
    return StoreHoldLetter(
        held, "ready", "Bonn", "Sternstraße 12, 53111 Bonn", "+49228123456", _HOURS, (_LURE,), (),
        _at(0, 14), _at(2, 19),
    )  # fmt: skip


_LETTERS: dict[str, Any] = {
    "order_placed": lambda o: letters.OrderPlacedLetter(o, (_LURE, _HOOK), 2),
    "order_confirmed": lambda o: letters.OrderConfirmedLetter(o, (_LURE, _HOOK), _parcels()),
    "debit_asked": lambda o: letters.DebitAskedLetter(
        o, (_LURE, _HOOK), TOTAL_MINOR, _day(21)
    ),
    "order_lapsed": lambda o: letters.OrderLapsedLetter(o, (_LURE, _HOOK)),
    "shipped": lambda o: letters.ShippedLetter(o, (_gone(),), _parcels()[1:]),
    "split": lambda o: letters.SplitLetter(o, _parcels(), (), 0),
    "changed": lambda o: letters.ChangedLetter(o, _parcels(), (), 0, _late()),
    "later": lambda o: letters.LaterLetter(o, _parcels(), (), 0, _late(), True),
    "promise": lambda o: PromiseLetter(
        o, _parcels(), (), 0, (BrokenFact(_HOOK.sku, _HOOK.title, 1, _day(1), _day(3)),), 490, 2360
    ),
    "collect_question": lambda o: CollectQuestionLetter(
        o, (), (), 0, "Bonn", "not_found", (_HOOK,), _options(), False
    ),
    "delivery_changed": lambda o: DeliveryChangedLetter(o, _parcels(), _day(3)),
    "ready": lambda o: ReadyLetter(
        o, "Bonn", "Sternstraße 12, 53111 Bonn", "+49228123456", _HOURS, (_LURE, _HOOK),
        clock.now(),
    ),
    "store_hold": _hold,
    "recall": _recall,
}  # fmt: skip


def _lines() -> list[dict[str, Any]]:
    return [{"sku": _HOOK.sku, "title": _HOOK.title, "quantity": 1}]


def _advertising(language: str) -> dict[str, Any]:
    return {"unsubscribe_url": leaving.address("muster@example.org", language)}


_FACTS: dict[str, Any] = {
    "sign_in": lambda _l: {},
    "change_email": lambda _l: {},
    "newsletter_confirm": lambda _l: {},
    "link_card": lambda _l: {"number": "2 104 881", "account": "muster@example.org"},
    "cancelled": lambda lang: {
        "ref": "K-4711", "lines": _lines(), "refund_minor": 490,
        "order_url": f"{site(lang)}/bestellung/K-4711",
    },
    "return_announced": lambda lang: {
        "number": "RS-1001", "ref": "K-4711", "how": "store", "lines": _lines(),
        "order_url": f"{site(lang)}/bestellung/K-4711",
        "slip_url": f"{site(lang)}/bestellung/K-4711/ruecksendung/RS-1001.pdf",
    },
    "counter_offer": lambda lang: {
        "what": "offered", "ref": "A-0815", "name": "Erika Muster", "adviser": "Anna Beispiel",
        "store": "Bonn", "note": "", "lines": [{**_lines()[0], "line_minor": 490}],
        "total_minor": 490, "shipping_minor": 490, "held": True, "until": "29. November 2026",
        "offer_url": f"{site(lang)}/angebot/beispiel",
    },
    "receipt": lambda lang: {
        "number": "bonn-1-000017", "store": "Bonn", "lines": [{**_lines()[0], "line_minor": 490}],
        "returns": [], "total_minor": 490, "receipt_url": f"{site(lang)}/till/bons/beispiel",
    },
    "withdrawal_received": lambda _l: {
        "number": "W-1001", "name": "Erika Muster", "email": "muster@example.org",
        "order_ref": "K-4711", "what": "", "lines": [], "received": "22. November 2026, 10:15:00",
    },
    "newsletter": lambda lang: {
        "subject": "Zander im Winter" if lang == "de" else "Zander in winter",
        "text": "Langsam führen, tief fischen.\n\nMehr davon bei uns im Laden."
        if lang == "de"
        else "Slow and deep.\n\nMore of it in our stores.",
        **_advertising(lang),
    },
    "review_request": lambda lang: {
        "ref": "K-4711", "name": "Erika Muster", "lines": _lines(), **_advertising(lang),
    },
}  # fmt: skip
