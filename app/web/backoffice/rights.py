"""The table of roles in words: which part of the house, to look at or to change, and for whom.

What counts stands in `app/identity/permissions.py`; here are only the names of its parts. A test
says when an endpoint belongs to none.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.identity.permissions import ALLOWED

_READING = {"GET", "HEAD", "OPTIONS"}
# By how the names of the endpoints begin; the longest beginning counts.
_AREAS = (
    (_l("Picken"), "floor", "job start put_back scan short_pick finish refuse steps wave"),
    (_l("Packen"), "floor", "pack order_label label slip card"),
    (_l("Übergabe"), "floor", "hand_over manifest parcel_event"),
    (_l("Abholung"), "floor", "pickup lay_out hold"),
    (_l("Eingang"), "floor", "receiving delivery"),
    (_l("Rückgaben"), "floor", "return inspect"),
    (_l("Zählen"), "floor", "count"),
    (_l("Anrufe"), "floor", "call"),
    (_l("Kataloge und Muster"), "floor", "mailpiece"),
    (_l("Standort heute zu"), "floor", "day"),
    (_l("Geteilte Sendungen"), "backoffice", "board"),
    (_l("Zusagen in Gefahr"), "backoffice", "promise"),
    (_l("Anrufe fällig"), "backoffice", "call"),
    (_l("Widerrufe"), "backoffice", "withdrawal"),
    (_l("Zahlung unklar"), "backoffice", "unclear"),
    (_l("Rückgaben"), "backoffice", "returns"),
    (_l("Aufträge"), "backoffice", "order invoice"),
    (_l("Anders schicken"), "backoffice", "order_override"),
    (_l("Artikel und Preise"), "backoffice", "goods"),
    (_l("Bestand"), "backoffice", "stock"),
    (lazy_pgettext("page", "Wareneingang"), "backoffice", "incoming"),
    (_l("Nachlieferungen"), "backoffice", "backorders"),
    (_l("Rückrufe"), "backoffice", "recall"),
    (_l("Nachrichten"), "backoffice", "message notice refusal undelivered"),
    (_l("Newsletter"), "backoffice", "newsletter"),
    (_l("Bilder"), "backoffice", "photo"),
    (_l("Anfragen"), "backoffice", "asked"),
    (_l("Synonyme"), "backoffice", "synonym"),
    (_l("Themenseiten"), "backoffice", "theme"),
    (_l("Freigabe"), "backoffice", "article guarantee_notice"),
    (_l("Aktionen"), "backoffice", "promotion"),
    (_l("Karten und Kataloge"), "backoffice", "campaign mailing"),
    (_l("Vorschläge"), "backoffice", "crosssell"),
    (_l("Gutscheine"), "backoffice", "gift_card"),
    (_l("Rechtstexte"), "backoffice", "legal"),
    (_l("Import und Export"), "backoffice", "import export"),
    (_l("Kartons und Plätze"), "backoffice", "box place packing_undo"),
    (_l("Angebote"), "backoffice", "counter_offer"),
    (_l("Zahlen"), "backoffice", "figures"),
    (_l("Kassen"), "backoffice", "till collect_terms"),
    (_l("Regeln und Kosten"), "backoffice", "setup"),
    (_l("Was wäre, wenn"), "backoffice", "what_if"),
    (_l("Personen"), "backoffice", "people person"),
    (_l("Mein Zugang"), "backoffice", "me"),
    (_l("Änderungen"), "backoffice", "audit_log"),
    (_l("Prüfungen"), "backoffice", "invariants"),
    (_l("Abgleich"), "backoffice", "reconciliation month_proof"),
    (_l("Uhr"), "backoffice", "clock"),
)


@dataclass(frozen=True)
class Right:
    """Addresses of one part of the house that the same roles may use for the same."""

    changes: bool
    roles: frozenset[str]
    addresses: tuple[str, ...]


def table() -> list[tuple[str, list[Right]]]:
    """Return each part of the house with what may be done there, looking before changing."""
    rules = {rule.endpoint: rule for rule in current_app.url_map.iter_rules()}
    found: dict[int, dict[tuple[bool, frozenset[str]], list[str]]] = {}
    for endpoint, roles in ALLOWED.items():
        rule = rules[endpoint]
        key = (bool((rule.methods or set()) - _READING), frozenset(roles))
        found.setdefault(area_of(endpoint), {}).setdefault(key, []).append(rule.rule)
    return [(str(_AREAS[area][0]), _rights(found[area].items())) for area in sorted(found)]


def area_of(endpoint: str) -> int:
    """Return the place of an endpoint's part of the house in the table.

    Raises:
        KeyError: it belongs to none.
    """
    room, _dot, name = endpoint.partition(".")
    fits = [
        (len(beginning), place)
        for place, (_words, within, beginnings) in enumerate(_AREAS)
        for beginning in beginnings.split()
        if within == room and name.startswith(beginning)
    ]
    if not fits:
        raise KeyError(endpoint)
    return max(fits)[1]


def _rights(found: Iterable[tuple[tuple[bool, frozenset[str]], list[str]]]) -> list[Right]:
    rights = [Right(changes, roles, tuple(sorted(set(rules)))) for (changes, roles), rules in found]
    return sorted(rights, key=lambda right: (right.changes, -len(right.roles), right.addresses))
