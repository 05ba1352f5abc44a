"""The back office's blueprint and what every page shows: navigation, counters, who is there."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from flask_login import current_user
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.aftersales import withdrawals
from app.aftersales.models import ReturnRequest
from app.community.models import Photo
from app.identity import permissions
from app.messages import failures
from app.messages.models import CallTask, MessageRefusal, Notice
from app.payments import unclear
from app.tills import conflicts
from app.web import office_words, timeline
from app.web.backoffice import worklists
from catalog import questions
from fulfilment.claims import backorder_queue
from fulfilment.inbound import incoming
from fulfilment.models import Recall
from kit import clock
from kit.database import reading

blueprint = Blueprint("backoffice", __name__)
# Pages that are reached from another one: its entry stays marked. By how their names begin.
_INSIDE = {
    "article_": "articles",
    "campaign_": "campaigns",
    "crosssell_": "crosssell",
    "goods_": "goods",
    "import_": "imports",
    "incoming_": "incoming_list",
    "legal_": "legal",
    "mailing": "campaigns",
    "message": "messages",
    "newsletters": "messages",
    "notices": "messages",
    "order": "orders",
    "people_": "people",
    "person": "people",
    "places": "boxes",
    "recall": "recalls",
    "refusals": "messages",
    "returns_": "returns_list",
    "stock_": "stock",
    "theme_": "themes",
    "till_": "tills",
    "undelivered": "messages",
    "withdrawal": "withdrawal_list",
}


@blueprint.context_processor
def wording() -> dict[str, Any]:
    """Return the functions that templates word an order's timeline with."""
    return {
        "timeline_title": timeline.title,
        "timeline_detail": timeline.detail,
        "places_tabs": _places_tabs,
        "word": office_words.word,
        "fact_words": office_words.facts,
        "document_words": office_words.document,
        "account_words": office_words.account,
    }


def _places_tabs(places: dict[str, Any], sku: str, chosen: str | None) -> list[dict[str, Any]]:
    return [
        {
            "label": place.name,
            "href": url_for("backoffice.stock_item", sku=sku, place=code),
            "current": code == chosen,
        }
        for code, place in places.items()
    ]


@blueprint.context_processor
def surroundings() -> dict[str, Any]:
    """Return navigation with live counters, for signed-in people."""
    if not current_user.is_authenticated:
        return {}
    with reading() as session:
        counts = _counts(session)
    # The cause of a movement has the same word.
    awaited = pgettext("page", "Wareneingang")
    return {
        "office_home": url_for("backoffice.board"),
        "office_user": current_user.name,
        "own_url": url_for("backoffice.me"),
        "sign_out_url": url_for("backoffice.sign_out"),
        "find_url": url_for("backoffice.orders"),
        "find_term": request.args.get("q", ""),
        "office_nav": [
            _entry("board", _("Geteilte Sendungen"), counts["split"]),
            _entry("board", _("Zu spät"), counts["late"], urgent=True, only="late"),
            _entry("board", _("Fehlbestand"), counts["short"], urgent=True, only="short"),
            _entry("promises", _("Zusagen in Gefahr"), counts["promises"], urgent=True),
            _entry("calls", _("Anrufe fällig"), counts["calls"], urgent=True),
            _entry("board", _("Bezahlt, offen"), counts["open"], only="open"),
            _entry("board", _("Zahlt bei Abholung"), counts["unpaid"], only="unpaid"),
            _entry("board", _("Angehalten"), counts["stopped"], only="stopped"),
            *_after_the_sale(counts),
            {"group": _("Nachschlagen")},
            _entry("orders", _("Aufträge")),
            _entry("goods", _("Artikel und Preise")),
            _entry("stock", _("Bestand")),
            _entry("incoming_list", awaited, counts["late_goods"], urgent=True),
            _entry("backorders", _("Nachlieferungen"), counts["overdue"], urgent=True),
            _entry("recalls", _("Rückrufe"), counts["recalls"], urgent=True),
            _entry("messages", _("Nachrichten"), counts["unsaid"], urgent=True),
            _entry("photos", _("Bilder"), counts["photos"]),
            _entry("asked", _("Anfragen"), counts["asked"]),
            _entry("synonyms", _("Synonyme")),
            _entry("themes", _("Themenseiten")),
            _entry("articles", _("Freigabe")),
            _entry("promotions", _("Aktionen")),
            _entry("campaigns", _("Karten und Kataloge")),
            _entry("crosssell", _("Vorschläge")),
            *_for_the_desk(),
            {"group": _("Laden")},
            {"label": _("Picken"), "href": url_for("floor.jobs")},
            _entry("boxes", _("Kartons und Plätze")),
            {"label": _("Kasse"), "href": "/till/"},
            _entry("counter_offers", _("Angebote")),
            *_for_the_tills(counts),
            *_for_the_setup(),
            *_for_the_office(),
        ],
    }


def _after_the_sale(counts: dict[str, int]) -> list[dict[str, Any]]:
    pages = [_entry("returns_list", _("Rückgaben"), counts["returns"])]
    if permissions.may(current_user.role, "backoffice.withdrawal_list"):
        declared = _entry("withdrawal_list", _("Widerrufe"), counts["withdrawals"], urgent=True)
        money = _entry("unclear", _("Zahlung unklar"), counts["unclear"], urgent=True)
        pages = [declared, money, *pages]
    return pages


def _for_the_desk() -> list[dict[str, Any]]:
    if not permissions.may(current_user.role, "backoffice.gift_cards"):
        return []
    return [
        _entry("gift_cards", _("Gutscheine")),
        _entry("legal", _("Rechtstexte")),
        _entry("imports", _("Import und Export")),
    ]


def _for_the_tills(counts: dict[str, int]) -> list[dict[str, Any]]:
    if not permissions.may(current_user.role, "backoffice.tills"):
        return []
    return [
        _entry("figures", _("Zahlen")),
        _entry("tills", _("Kassen"), counts["tills"], urgent=True),
    ]


def _for_the_setup() -> list[dict[str, Any]]:
    if not permissions.may(current_user.role, "backoffice.setup"):
        return []
    pages = [_entry("setup", _("Regeln und Kosten"))]
    if permissions.may(current_user.role, "backoffice.what_if"):
        pages.append(_entry("what_if", _("Was wäre, wenn")))
    inside = str(request.endpoint).removeprefix("backoffice.")
    for page, name in zip(pages, ("setup", "what_if"), strict=False):
        page["current"] = inside.startswith(name)
    return [{"group": _("Router")}, *pages]


def _for_the_office() -> list[dict[str, Any]]:
    if not permissions.may(current_user.role, "backoffice.invariants"):
        return []
    return [
        _entry("people", _("Personen")),
        _entry("audit_log", _("Änderungen")),
        _entry("invariants", _("Prüfungen")),
        _entry("reconciliation_page", _("Abgleich")),
        _entry("clock", _("Uhr")),
    ]


def _entry(
    page: str,
    label: str,
    count: int | None = None,
    *,
    urgent: bool = False,
    only: str | None = None,
) -> dict[str, Any]:
    endpoint = f"backoffice.{page}"
    here = request.endpoint == endpoint and request.args.get("only") == only
    name = str(request.endpoint).removeprefix("backoffice.")
    return {
        "label": label,
        "href": url_for(endpoint, only=only) if only else url_for(endpoint),
        "current": here or any(page == at and name.startswith(by) for by, at in _INSIDE.items()),
        "inside": not here,
        "count": count,
        "urgent": urgent,
    }


def _counts(session: Session) -> dict[str, int]:
    """Return how many wait in each list: one statement, as every page of the office asks it."""
    own = current_user.location if current_user.role == "store_lead" else None
    today = clock.today()
    asked: dict[str, Select[Any]] = {
        **{
            name: select(func.count()).select_from(rows()) for name, rows in worklists.LISTS.items()
        },
        "unclear": unclear.open_count(),
        "promises": worklists.promises(),
        "calls": select(func.count()).where(CallTask.done_at.is_(None)),
        "late_goods": incoming.late_documents(today),
        "overdue": backorder_queue.overdue(today),
        "recalls": select(func.count()).where(Recall.closed_at.is_(None)),
        "asked": questions.open_count(),
        "withdrawals": withdrawals.open_count(),
        "returns": select(func.count()).where(ReturnRequest.state == "open"),
        "tills": conflicts.open_count(own),
        "refused": select(func.count()).where(MessageRefusal.seen_at.is_(None)),
        "untold": select(func.count()).where(
            Notice.told_at.is_(None), Notice.escalated_at.is_not(None)
        ),
        "undelivered": failures.open_count(),
        "photos": select(func.count()).where(Photo.state == "new"),
    }
    each = [query.scalar_subquery().label(name) for name, query in asked.items()]
    row = session.execute(select(*each)).one()
    found = {name: int(many or 0) for name, many in zip(asked, row, strict=True)}
    unsaid = found["refused"] + found["untold"] + found["undelivered"]
    return {**found, "unsaid": unsaid}
