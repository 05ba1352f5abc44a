"""The audit log: who changed what, what it was and what it has become."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.identity import audit
from app.identity.audit import Wanted
from app.sales.models import TimelineEntry
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from kit import clock
from kit.database import reading

_PAGE = 100
THINGS = {
    "staff": _l("Person"), "devices": _l("Gerät"), "categories": _l("Regal des Shops"),
    "products": _l("Artikel"), "items": _l("Ausführung"), "price_groups": _l("Preisgruppe"),
    "prices": _l("Preis"), "documents": _l("Dokument"), "document_links": _l("Dokument gehört zu"),
    "item_links": _l("Passt und braucht"), "landing_pages": _l("Themenseite"),
    "synonyms": _l("Synonym"), "promotions": _l("Aktion"), "locations": _l("Standort"),
    "closed_days": _l("Schließtag"), "tariffs": _l("Tarif"),
    "order_stops": _l("Auftrag angehalten"), "unclear_payments": _l("Zahlung unklar"),
    "stock_settings": _l("Sicherheitsbestand"), "displays": _l("Ausstellungsstück"),
    "campaigns": _l("Kampagne"), "mailings": _l("Katalog oder Muster"), "boxes": _l("Karton"),
    "shelf_places": _l("Platz im Regal"),
}  # fmt: skip
ACTIONS = {
    "insert": _l("angelegt"), "update": _l("geändert"), "delete": _l("gelöscht"),
    "signed_in": _l("angemeldet"), "locked": _l("gesperrt nach zu vielen Versuchen"),
    "password": _l("Passwort geändert"), "factor_on": _l("zweiter Faktor ein"),
    "factor_off": _l("zweiter Faktor aus"),
}  # fmt: skip


@blueprint.get("/audit")
@allowed
def audit_log() -> str:
    """Show changes that people made, the newest first; of one person, thing, key or day."""
    args = request.args
    day = _day(args.get("day", ""))
    wanted = Wanted(
        actor=args.get("actor", "").strip(),
        thing=args.get("thing", ""),
        key=args.get("key", "").strip(),
        since=day,
        until=day + timedelta(days=1) if day else None,
    )
    before = args.get("before", "")
    with reading() as session:
        rows = audit.entries(
            session,
            wanted,
            limit=_PAGE + 1,
            before=int(before) if before.isdigit() and len(before) < len(str(2**62)) else None,
        )
        things = audit.things(session)
        deeds = _deeds(session, wanted) if wanted.actor and not wanted.thing else []
    return render_template(
        "backoffice/audit.html",
        rows=[(row, differences(row)) for row in rows[:_PAGE]],
        more=rows[_PAGE - 1].id if len(rows) > _PAGE else None,
        wanted=wanted,
        day=args.get("day", ""),
        things=[(thing, str(THINGS.get(thing, thing))) for thing in things],
        thing_words=THINGS,
        action_words=ACTIONS,
        deeds=deeds,
    )


def _deeds(session: Any, wanted: Wanted) -> list[TimelineEntry]:
    """What a person did with orders: their timelines know it, not the tables."""
    query = select(TimelineEntry).where(TimelineEntry.actor == wanted.actor)
    if wanted.since and wanted.until:
        query = query.where(
            TimelineEntry.happened_at >= wanted.since, TimelineEntry.happened_at < wanted.until
        )
    since = wanted.since or clock.now() - timedelta(days=30)
    query = query.where(TimelineEntry.happened_at >= since)
    return list(session.scalars(query.order_by(TimelineEntry.id.desc()).limit(_PAGE)))


def _day(typed: str) -> datetime | None:
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return datetime.combine(day, time(), clock.BERLIN)


def differences(row: Any) -> list[tuple[str, str, str]]:
    """Return the fields of an entry with what they were and what they are, as short texts."""
    was, becomes = row.was or {}, row.becomes or {}
    names = [name for name in {**was, **becomes} if was.get(name) != becomes.get(name)]
    return [(name, _short(was.get(name)), _short(becomes.get(name))) for name in sorted(names)]


def _short(value: object) -> str:
    if value is None or value in ({}, []):
        return ""
    text = str(value)
    longest = 160
    return text if len(text) <= longest else text[: longest - 1] + "…"
