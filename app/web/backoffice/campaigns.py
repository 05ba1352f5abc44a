"""Cards in parcels: campaigns made, tried on what waits to be packed, changed, ended."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.community import campaign_making
from app.community.models import Campaign
from app.i18n import current_language
from app.identity import permissions
from app.web.backoffice import paper_forms
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import card_preview
from catalog import categories
from catalog.models import Document
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound
from loyalty import consents

_SHOWN = 30


@blueprint.get("/campaigns")
@allowed
def campaigns() -> str:
    """List the campaigns with what they have used up, and an empty form."""
    today = clock.today().isoformat()
    return _page({"starts_on": today, "owner": current_user.name})


@blueprint.get("/campaigns/<code>")
@allowed
def campaign_edit(code: str) -> str:
    """Show one campaign to be changed, with what it does to the orders of now."""
    with reading() as session:
        row = session.get(Campaign, code)
        if row is None:
            raise NotFound("campaign", campaign=code)
        tried = card_preview.preview(session, row)
    return _page(paper_forms.as_typed(row, paper_forms.CARD), known=True, tried=tried)


@blueprint.post("/campaigns")
@allowed
def campaign_save() -> Any:
    """Try a campaign out, which writes nothing, or keep it."""
    fields, known = paper_forms.typed(request.form, paper_forms.CARD)
    draft = paper_forms.card(fields)
    try:
        if request.form.get("do") != "save":
            with reading() as session:
                campaign_making.check(session, draft)
                tried = card_preview.preview(session, draft.row())
            return _page(fields, known=known, tried=tried)
        with transaction() as session:
            campaign_making.put(session, draft, new=not known)
    except Invalid as error:
        return _page(fields, known=known, wrong=paper_forms.wrong(error)), 422
    flash(_("„%(title)s“ ist gespeichert.", title=draft.title_de), "ok")
    return redirect(url_for("backoffice.campaigns"), 303)


@blueprint.post("/campaigns/<code>/end")
@allowed
def campaign_end(code: str) -> Response:
    """End a campaign today; its cards keep their page."""
    with transaction() as session:
        campaign_making.end(session, code)
    flash(_("Beendet: Ab jetzt liegt sie keinem Paket mehr bei."), "ok")
    return redirect(url_for("backoffice.campaigns"), 303)


def _page(typed: dict[str, str], **more: Any) -> str:
    language = current_language()
    with reading() as session:
        shelves = categories.tree(session)
        papers = session.execute(
            select(Document.slug, Document.title_de, Document.title_en).order_by(Document.title_de)
        ).all()
        return render_template(
            "backoffice/campaigns.html",
            typed=typed,
            made=campaign_making.listed(session),
            shelves=[("", _("jede Ware"))]
            + [
                (slug, " › ".join(step.name(language) for step in shelves.path(slug)))
                for slug in shelves.all
            ],
            papers=[("", _("keiner"))]
            + [(slug, de if language == "de" else en) for slug, de, en in papers],
            consents=[
                ("", _("keines nötig: jeder mit passender Ware")),
                (consents.NEWSLETTER, _("nur wer den Newsletter bestätigt hat")),
                (consents.CATALOGUES, _("nur wer Kataloge möchte")),
                (consents.SAMPLES, _("nur wer Muster möchte")),
            ],
            why={
                "goods": _("keine passende Ware"),
                "consent": _("kein Einverständnis"),
                "has_card": _("hat schon eine Karte"),
                "dates": _("läuft heute nicht"),
                "other": _("bekommt eine andere Karte"),
            },
            shown=_SHOWN,
            tabs=paper_tabs("campaigns"),
            may_edit=permissions.may(current_user.role, "backoffice.campaign_save"),
            stages={"coming": _("kommt"), "running": _("läuft"), "over": _("zu Ende")},
            **{"wrong": set(), "tried": None, "known": False, **more},
        )


def paper_tabs(current: str) -> list[dict[str, Any]]:
    """Return the way between cards and mailings."""
    return [
        {
            "label": label,
            "href": url_for(f"backoffice.{page}"),
            "current": page == current,
        }
        for page, label in (
            ("campaigns", _("Karten in Paketen")),
            ("mailings", _("Kataloge und Muster")),
        )
    ]
