"""The legal texts: what is missing, a draft per page with its preview, publishing with a date."""

from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import formats
from app.identity import permissions
from app.legal import markup, pages, retailers, texts
from app.legal.pages import LANGUAGES, PAGES
from app.legal.retailer import NAMES
from app.sales import terms
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.retailer import RETAILER
from app.web.session import allowed
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound


@blueprint.get("/legal")
@allowed
def legal() -> str:
    """Show every page with its version in force, and what the retailer still has to fill in."""
    with reading() as session:
        gaps = pages.gate(session)
        rows = [_row(session, page, gaps) for page in (retailers.PAGE, *PAGES)]
    return render_template("backoffice/legal.html", rows=rows, gaps=gaps, rules=PAGES)


def _row(session: Session, page: str, gaps: list[pages.Gap]) -> dict[str, Any]:
    standing = texts.in_force(session, page)
    coming = [one for one in texts.versions(session, page) if one.valid_from > clock.now()]
    return {
        "page": page,
        "title": _title(page),
        "standing": standing,
        "coming": coming,
        "draft": texts.draft(session, page),
        "gaps": [gap for gap in gaps if gap.page == page],
    }


def _title(page: str) -> str:
    return (
        _("Angaben zum Händler") if page == retailers.PAGE else pages.draft_of(page)["de"]["title"]
    )


@blueprint.get("/legal/<page>")
@allowed
def legal_page(page: str) -> str:
    """Show a page's draft beside its preview, and its versions; `?version=` shows an old one."""
    return _page(page)


def _page(page: str, given: dict[str, Any] | None = None) -> str:
    _known(page)
    with reading() as session:
        standing = texts.in_force(session, page)
        draft = texts.draft(session, page)
        asked = request.args.get("version", type=int)
        shown = texts.version(session, page, asked) if asked else None
        seller = retailers.in_force(session)
        listed = texts.versions(session, page)
    first = {"facts": seller.plain()} if page == retailers.PAGE else None
    given = given or (draft.texts if draft else None) or (standing.texts if standing else first)
    given = given or pages.draft_of(page)
    preview = shown.texts if shown else given
    return render_template(
        "backoffice/legal_page.html",
        page=page,
        title=_title(page),
        given=given,
        draft=draft,
        shown=shown,
        standing=standing,
        versions=listed,
        names=NAMES,
        labels=fact_labels(),
        required=pages.REQUIRED,
        gaps=[] if page == retailers.PAGE else pages.missing_in(page, given, seller),
        previews={} if page == retailers.PAGE else _previews(preview, seller),
        may_edit=permissions.may(current_user.role, "backoffice.legal_edit"),
    )


def _previews(given: dict[str, Any], seller: Any) -> dict[str, Any]:
    facts = pages.facts_for(
        seller,
        phone=formats.phone(seller.phone),
        shipping=formats.money(terms.SHIPPING_MINOR),
        free_from=formats.money(terms.FREE_SHIPPING_FROM_MINOR),
        site=str(current_app.config["KONTOR"].public_url),
    )
    return {
        language: {
            "title": given[language]["title"],
            "body": markup.html(pages.fill(given[language]["body"], facts)),
        }
        for language in LANGUAGES
        if language in given
    }


def fact_labels() -> dict[str, str]:
    """Return what the retailer's facts are called."""
    return {
        "name": _("Name des Shops"),
        "company": _("Firma mit Rechtsform"),
        "street": _("Straße und Hausnummer"),
        "postal_code": _("Postleitzahl"),
        "city": _("Ort"),
        "director": _("Vertreten durch"),
        "register_court": _("Registergericht"),
        "register_number": _("Registernummer"),
        "vat_id": _("USt-IdNr."),
        "business_id": _("W-IdNr."),
        "tax_number": _("Steuernummer"),
        "phone": _("Telefon, mit +49"),
        "email": _("E-Mail"),
        "packaging_register": _("LUCID-Nummer"),
        "weee_register": _("WEEE-Nummer"),
        "battery_register": _("Batterieregister"),
        "since": _("gegründet"),
    }


@blueprint.post("/legal/<page>")
@allowed
def legal_edit(page: str) -> str | Response | tuple[str, int]:
    """Keep the draft; the page shows it as customers will see it."""
    try:
        given = _typed(page)
        with transaction() as session:
            texts.keep_draft(session, page, given, current_user.name)
    except KontorError as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("backoffice.legal_page", page=page))
    flash(_("Entwurf gespeichert. So sehen ihn Kunden; veröffentlicht ist er noch nicht."), "ok")
    return redirect(url_for("backoffice.legal_page", page=page))


@blueprint.post("/legal/<page>/versions")
@allowed
def legal_publish(page: str) -> Response:
    """Publish the draft as a version, from now or a later day on."""
    _known(page)
    try:
        with transaction() as session:
            draft = texts.draft(session, page)
            if draft is None:
                raise NotFound("draft_missing")
            made = texts.publish(
                session,
                page,
                draft.texts,
                actor=current_user.name,
                note=request.form.get("note", ""),
                valid_from=_from(request.form.get("valid_from", "")),
            )
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        RETAILER.forget()
        flash(_("Fassung %(number)s ist veröffentlicht.", number=made.version), "ok")
    return redirect(url_for("backoffice.legal_page", page=page))


def _from(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=clock.BERLIN)
    except ValueError as error:
        raise Invalid("day") from error


def _typed(page: str) -> dict[str, Any]:
    _known(page)
    if page == retailers.PAGE:
        return {"facts": {name: request.form.get(name, "").strip()[:200] for name in NAMES}}
    return dict(
        pages.checked(
            {
                language: {
                    "title": request.form.get(f"title-{language}", "")[:200],
                    "body": request.form.get(f"body-{language}", ""),
                }
                for language in LANGUAGES
            }
        )
    )


def _known(page: str) -> None:
    if page not in PAGES and page != retailers.PAGE:
        raise NotFound("page")
