"""Messages: what was written as the customer sees it, what was refused, what is owed, templates."""

import uuid
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from app.messages import failures, gate, notices, samples, writing
from app.messages.kinds import ALWAYS, KINDS, SECRET_KINDS, TRUTH_WORDS, Kind
from app.messages.models import Message, MessageRefusal, Notice
from app.messages.truths import LARGEST_BYTES
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import owed
from kit import clock
from kit.database import reading, transaction
from kit.errors import NotFound, Refused

_PAGE = 100
# What a mail program allows: its own styles, nothing that runs, nothing from elsewhere.
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_FRAMED = "frame-ancestors 'self'"
LANGUAGES = {"de": "Deutsch", "en": "English"}


def tabs(session: Session) -> list[dict[str, Any]]:
    """Return the pages about messages, with how many rows wait for somebody."""
    refused = session.scalar(select(func.count()).where(MessageRefusal.seen_at.is_(None)))
    standing = session.scalar(select(func.count()).where(Notice.told_at.is_(None)))
    pages: list[tuple[str, str, int | None]] = [
        ("messages", _("Geschrieben"), None),
        ("notices", _("Noch zu sagen"), standing),
        ("refusals", _("Verweigert"), refused),
        ("undelivered", _("Nicht angekommen"), session.scalar(failures.open_count())),
        ("message_kinds", _("Vorlagen"), None),
        ("newsletters", _("Newsletter"), None),
    ]
    return [
        {
            "label": label,
            "href": url_for(f"backoffice.{page}"),
            "current": request.endpoint == f"backoffice.{page}",
            "count": count,
        }
        for page, label, count in pages
    ]


@blueprint.get("/messages")
@allowed
def messages() -> str:
    """Show what customers were written lately; one kind of it, or what has not left yet."""
    kind, only = request.args.get("kind", ""), request.args.get("only", "")
    query = select(Message).where(Message.kind.not_in(SECRET_KINDS))
    if kind in KINDS:
        query = query.where(Message.kind == kind)
    if only == "waiting":
        query = query.where(Message.sent_at.is_(None))
    with reading() as session:
        rows = session.scalars(query.order_by(Message.created_at.desc()).limit(_PAGE)).all()
        return render_template(
            "backoffice/messages.html",
            rows=rows,
            kinds=KINDS,
            kind=kind,
            only=only,
            message_tabs=tabs(session),
        )


@blueprint.get("/messages/<uuid:message_id>")
@allowed
def message(message_id: uuid.UUID) -> str:
    """Show one message exactly as the customer got it, beside what it was made from."""
    with reading() as session:
        row = _shown(session, message_id)
        return render_template(
            "backoffice/message.html",
            row=row,
            kind=KINDS.get(row.kind),
            truths=_truths(KINDS.get(row.kind)),
            size=len(row.body_text.encode()) + len(row.body_html.encode()),
            owed=session.scalar(select(Notice).where(Notice.message_id == row.id)),
        )


@blueprint.get("/messages/<uuid:message_id>/html")
@allowed
def message_html(message_id: uuid.UUID) -> Response:
    """Send the HTML of a message by itself, for the frame that shows it."""
    with reading() as session:
        return _framed(_shown(session, message_id).body_html)


def _shown(session: Session, message_id: uuid.UUID) -> Message:
    row = session.get(Message, message_id)
    if row is None or row.kind in SECRET_KINDS:
        raise NotFound("message")
    return row


def _framed(body_html: str) -> Response:
    answer = Response(body_html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = f"{_MAIL_POLICY}; {_FRAMED}"
    return answer


def _truths(kind: Kind | None) -> list[str]:
    return [str(TRUTH_WORDS[truth.__name__]) for truth in (*ALWAYS, *(kind.truths if kind else ()))]


@blueprint.get("/messages/notices", endpoint="notices")
@allowed
def notices_page() -> str:
    """Show what customers have to be told and do not know, escalated first."""
    with reading() as session:
        rows = notices.standing(session)
        return render_template(
            "backoffice/notices.html",
            rows=rows,
            failed=_failed(session, [row.message_id for row in rows if row.message_id]),
            kinds=KINDS,
            now=clock.now(),
            message_tabs=tabs(session),
        )


def _failed(session: Session, message_ids: list[uuid.UUID]) -> set[uuid.UUID]:
    query = select(Message.id).where(Message.id.in_(message_ids), Message.failed_at.is_not(None))
    return set(session.scalars(query))


@blueprint.post("/messages/notices/<uuid:notice_id>")
@allowed
def notice_settle(notice_id: uuid.UUID) -> Answer:
    """Write it now, or note that the customer was told on the telephone."""
    name, note = current_user.name, request.form.get("note", "").strip()[:500]
    try:
        if request.form.get("how") == "write":
            written = owed.write_now(notice_id, actor=name)
            if written is None:
                flash(_("Das lässt sich nicht schreiben: keine Adresse. Bitte anrufen."), "danger")
            else:
                flash(_("Geschrieben, geht gleich hinaus."), "ok")
        elif note:
            owed.told_by_hand(notice_id, actor=name, note=note)
            flash(_("Notiert. Danke!"), "ok")
        else:
            flash(_("Bitte kurz notieren, was gesagt wurde."), "danger")
    except Refused as error:
        flash(words.of_error(error), "warn")
    return redirect(url_for("backoffice.notices"), 303)


@blueprint.get("/messages/refused")
@allowed
def refusals() -> str:
    """Show what was not written because it would not have been true, and what was seen to."""
    with reading() as session:
        return render_template(
            "backoffice/refusals.html",
            rows=gate.refused(session),
            seen=gate.refused(session, seen=True)[-20:],
            kinds=KINDS,
            truths=TRUTH_WORDS,
            message_tabs=tabs(session),
        )


@blueprint.post("/messages/refused/<uuid:refusal_id>")
@allowed
def refusal_see(refusal_id: uuid.UUID) -> Answer:
    """Note that somebody has seen to it, and how."""
    note = request.form.get("note", "").strip()[:500]
    with transaction() as session:
        gate.see(session, refusal_id, by=current_user.name, note=note)
    flash(_("Notiert. Danke!"), "ok")
    return redirect(url_for("backoffice.refusals"), 303)


@blueprint.get("/messages/kinds")
@allowed
def message_kinds() -> str:
    """Show every kind of message: what it needs, and what must be true."""
    with reading() as session:
        return render_template(
            "backoffice/message_kinds.html", kinds=KINDS, message_tabs=tabs(session)
        )


@blueprint.get("/messages/kinds/<name>")
@allowed
def message_kind(name: str) -> str:
    """Show a template with made-up facts, in one language, as mail, text and SMS."""
    kind, language = _kind(name)
    draft = samples.draft(name, language)
    mail = writing.render(draft, "mail")
    return render_template(
        "backoffice/message_kind.html",
        kind=kind,
        language=language,
        languages=[
            {
                "label": label,
                "href": url_for("backoffice.message_kind", name=name, lang=code),
                "current": code == language,
            }
            for code, label in LANGUAGES.items()
        ],
        mail=mail,
        sms=writing.render(draft, "sms").text if kind.sms else None,
        truths=_truths(kind),
        largest=LARGEST_BYTES,
    )


@blueprint.get("/messages/kinds/<name>/html")
@allowed
def message_kind_html(name: str) -> Response:
    """Send the HTML of a preview by itself."""
    _kind_found, language = _kind(name)
    return _framed(writing.render(samples.draft(name, language), "mail").html)


def _kind(name: str) -> tuple[Kind, str]:
    language = request.args.get("lang", "de")
    if name not in KINDS or language not in LANGUAGES:
        abort(404)
    return KINDS[name], language


@blueprint.post("/promises/tell-all")
@allowed
def promises_tell() -> Answer:
    """Tell everybody whose promise is broken and who does not know, with the choice they have."""
    told = owed.tell_untold(actor=current_user.name)
    flash(
        ngettext("%(num)s Kunde informiert.", "%(num)s Kunden informiert.", told),
        "ok" if told else "info",
    )
    return redirect(url_for("backoffice.promises"), 303)
