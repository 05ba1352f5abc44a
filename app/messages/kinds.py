"""Every kind of message that goes to people, on one page: what it needs, and what must be true.

A message of a kind that does not stand here is not written. Templates are found by the kind:
``mail/<kind>.txt`` (its first line is the subject), ``mail/<kind>.html``, and ``sms/<kind>.txt``
where the kind may go by SMS.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.messages import truths
from app.messages.truths import Truth


@dataclass(frozen=True)
class Kind:
    """A kind of message.

    Attributes:
        name: as it is stored.
        title: what the back office calls it.
        topic: ``order``, ``delivery``, ``collect``, ``safety``, ``account`` or ``advertising``.
        facts: names of the facts that it cannot be written without.
        truths: what must hold, see `truths`.
        about: what the gate looks up: ``order``, ``hold``, ``offer``, ``receipt``, ``address`` or
            nothing.
        sms: it may go by SMS to whoever prefers that.
        awaited: the customer waits for it; it minds no quiet hours.
        secret: its text opens something for whoever reads it; the back office never shows it.
    """

    name: str
    title: str
    topic: str
    facts: tuple[str, ...]
    truths: tuple[Truth, ...]
    about: str = ""
    sms: bool = False
    awaited: bool = False
    secret: bool = False


ALWAYS: tuple[Truth, ...] = (truths.whole, truths.no_hole, truths.light)
_ORDER = (truths.known_order, truths.only_what_was_ordered, truths.amounts_of_the_books)
_COMING = (*_ORDER, truths.all_parcels, truths.days_of_the_books, truths.one_promise)
_CHANGE = (*_COMING, truths.really_cancelled)
_ADVERTISING = (truths.wanted, truths.no_problem_open, truths.way_out)
_PARCELS = ("parcels",)


def _order(
    name: str, title: str, facts: Sequence[str], held: tuple[Truth, ...], **more: bool
) -> Kind:
    return Kind(name, title, "order", tuple(facts), held, "order", **more)


def _change(name: str, title: str, facts: Sequence[str]) -> Kind:
    return Kind(name, title, "delivery", ("parcels", *facts), _CHANGE, "order", sms=True)


def _account(name: str, title: str, *, secret: bool = True) -> Kind:
    needs = ("secret",) if secret else ()
    return Kind(name, title, "account", needs, (), awaited=True, secret=secret)


def _letter(name: str, title: str, *facts: str) -> Kind:
    return Kind(name, title, "order", facts, (), awaited=True)


_ALL = (
    _order("order_placed", _l("Bestellung eingegangen"), ("lines", "parcels"),
           (*_ORDER, truths.all_parcels, truths.one_promise), awaited=True),
    _order("order_confirmed", _l("Bestellung bezahlt"), ("lines", "parcels"),
           (*_COMING, truths.paid), awaited=True),
    _order("debit_asked", _l("Lastschrift läuft"), ("lines", "amount_minor", "until_on"),
           (*_ORDER, truths.bank_asked), awaited=True),
    _order("order_lapsed", _l("Bestellung verfallen"), ("lines",), (*_ORDER, truths.lapsed)),
    Kind("shipped", _l("Paket unterwegs"), "delivery", ("parcels", "still_to_come", "before"),
         (*_COMING, truths.really_handed_over), "order", sms=True),
    _change("split", _l("Zwei Pakete oder anderer Ort"), ("cancelled", "refunded_minor")),
    _change("changed", _l("Anders verschickt"), ("later",)),
    _change("later", _l("Ware kommt später"), ("later", "here")),
    _change("promise", _l("Zusage nicht zu halten"), ("later", "refund_minor")),
    Kind("collect_question", _l("Abholung geht nicht"), "collect", ("store", "lines", "options"),
         _ORDER, "order", sms=True),
    Kind("delivery_changed", _l("Lieferung geändert"), "delivery", _PARCELS, _COMING, "order",
         awaited=True),
    Kind("ready", _l("Liegt zur Abholung bereit"), "collect", ("store", "address", "lines"),
         (*_ORDER, truths.really_laid_out), "order", sms=True, awaited=True),
    Kind("store_hold", _l("Reservierung im Laden"), "collect", ("what", "store", "until_at"),
         (truths.really_held,), "hold", sms=True, awaited=True),
    Kind("counter_offer", _l("Angebot aus dem Laden"), "order",
         ("what", "lines", "total_minor", "until", "offer_url"),
         (truths.as_it_stands, truths.still_open), "offer", awaited=True),
    Kind("receipt", _l("Kassenbon"), "order", ("number", "lines", "total_minor", "receipt_url"),
         (truths.as_it_stands,), "receipt", awaited=True),
    Kind("recall", _l("Rückruf"), "safety", ("title", "reason", "purchases"), (), awaited=True),
    _letter("cancelled", _l("Storniert"), "ref", "lines", "refund_minor"),
    _letter("return_announced", _l("Rückgabe angekündigt"), "number", "lines", "slip_url"),
    _letter("withdrawal_received", _l("Widerruf eingegangen"), "number", "received"),
    _account("sign_in", _l("Anmelden")),
    _account("link_card", _l("Karte verbinden")),
    _account("change_email", _l("Neue Mailadresse")),
    _account("newsletter_confirm", _l("Newsletter bestätigen")),
    Kind("newsletter", _l("Newsletter"), "advertising", ("subject", "text", "unsubscribe_url"),
         _ADVERTISING, "address"),
    Kind("review_request", _l("Bitte um Ihre Meinung"), "advertising",
         ("ref", "lines", "unsubscribe_url"), _ADVERTISING, "address"),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
SECRET_KINDS = frozenset(kind.name for kind in _ALL if kind.secret)
UNSUBSCRIBABLE = frozenset(kind.name for kind in _ALL if kind.topic == "advertising")

TRUTH_WORDS = {
    "whole": _l("Die Angaben tragen, was gesagt wird."),
    "no_hole": _l("Keine Angabe fehlt im Text."),
    "light": _l("Text und HTML wiegen höchstens 100 kB."),
    "known_order": _l("Den Auftrag gibt es."),
    "only_what_was_ordered": _l("Genannt wird nur, was bestellt ist."),
    "really_handed_over": _l("Was „unterwegs“ heißt, ist übergeben, mit genau dieser Ware."),
    "all_parcels": _l("Es sind so viele Pakete, wie der Text sagt."),
    "one_promise": _l("Es gilt und steht da nur ein zugesagter Tag."),
    "days_of_the_books": _l("Jedes Paket kommt an dem Tag, der gebucht ist."),
    "amounts_of_the_books": _l("Die Beträge sind die gebuchten."),
    "really_cancelled": _l("Was „storniert“ heißt, ist storniert."),
    "really_laid_out": _l("Was „bereit“ heißt, liegt gepackt im Laden."),
    "paid": _l("Der Auftrag ist bezahlt."),
    "lapsed": _l("Der Auftrag ist unbezahlt geschlossen."),
    "bank_asked": _l("Der Auftrag wartet auf die Bank."),
    "really_held": _l("Was „reserviert“ heißt, liegt zurück."),
    "as_it_stands": _l("Ware und Summe sind die des Angebots oder Bons."),
    "still_open": _l("Was angeboten wird, gilt noch."),
    "wanted": _l("Die Adresse hat Werbung bestätigt."),
    "no_problem_open": _l("Bei dieser Adresse ist nichts offen."),
    "way_out": _l("Der Weg zum Abmelden steht da."),
    "facts": _l("Alle nötigen Angaben sind da."),
    "known_kind": _l("Die Art der Nachricht ist bekannt."),
}
"""What each truth says, for the back office."""
