"""What the scripts of the floor need to know: units, words, addresses."""

import json
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.web.floor.room import chosen_place
from catalog.views import ItemView

GTIN_DIGITS = 14


def root(units: int = 0, left: int = 0) -> dict[str, Any]:
    """Return the attributes of the page's root: where steps go, what is said.

    Args:
        units: in all, what is picked included; 0 where nothing is picked here.
        left: still to pick.
    """
    return {
        "units": units,
        "left": left,
        "steps": url_for("floor.steps", **chosen_place()),
        "worker": url_for("floor.phone"),
        "scope": url_for("floor.jobs"),
        "words": json.dumps(_words(), ensure_ascii=False),
    }


def _words() -> dict[str, str]:
    return {
        "wrong": _("Falscher Artikel: {code} gehört nicht hierher."),
        "enough": _("Davon ist schon genug gepickt."),
        "lot": _("Bitte das Los oder die Seriennummer scannen."),
        "taken": _("{name}: noch {left}"),
        "last": _("{name}: vollständig"),
        "short": _("{name}: als fehlend gemeldet. Wir suchen es anderswo."),
        "complete": _("Alles beisammen."),
        "packed": _("{name}: in Paket {number}"),
        "packedAll": _("Davon ist schon alles eingepackt."),
        "packedLater": _("Gemerkt. Geschlossen wird, sobald wieder ein Netz da ist."),
        "odd": _("Paket {number}: gewogen {scales} g, erwartet {reckoned} g."),
        "doubt": _("Das Gewicht passt nicht"),
        "sure": _("So ist es richtig, schließen"),
        "weight": _("Bitte das Gewicht in Kilogramm angeben."),
        "offline": _("Ohne Netz. Auf diesem Gerät warten Schritte: {count}"),
        "takenLater": _("Ohne Netz übernommen. Es gilt, wenn niemand anders schneller war."),
        "putBack": _("Bitte alles zurücklegen, was Sie dafür geholt haben."),
        "notKept": _("Ohne Netz lässt sich nur öffnen, was dieses Gerät schon kennt."),
        "onDevice": _("wartet auf Netz"),
        "locked": _("Bitte laden Sie die Seite neu und melden Sie sich an; nichts geht verloren."),
    }


def gtin14(item: ItemView) -> str:
    """Return an item's GTIN with 14 digits, as scripts compare it; empty where it has none."""
    return (item.gtin or "").zfill(GTIN_DIGITS) if item.gtin else ""
