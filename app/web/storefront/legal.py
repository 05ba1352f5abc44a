"""The legal pages in the version that is in force, and every version that ever was."""

from typing import Any

from flask import abort, current_app, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language, formats
from app.legal import markup, pages, papers, retailers, texts
from app.legal.models import LegalVersion
from app.legal.pages import PAGES
from app.legal.retailer import Retailer
from app.sales import terms
from app.web.storefront.room import blueprint
from kit import clock
from kit.database import reading

_ANY = f"<any({','.join(PAGES)}):page>"


@blueprint.get(f"/{_ANY}")
def legal(page: str) -> str:
    """Show one of the legal pages; `?fassung=2` shows the version of then."""
    with reading() as session:
        version = _version(session, page)
        seller = retailers.in_force(session)
        # What will be in force one day is nobody's business before.
        known = [one for one in texts.versions(session, page) if one.valid_from <= clock.now()]
    language = current_language()
    text = version.texts[language]
    return render_template(
        "storefront/legal.html",
        page=page,
        version=version,
        title=text["title"],
        body=markup.html(pages.fill(text["body"], facts(seller)), request.script_root),
        versions=known,
        current=known[0].version if known else 0,
        paper=url_for("storefront.legal_paper", page=page, version=version.version),
    )


@blueprint.get(f"/{_ANY}/fassung-<int:version>.pdf")
def legal_paper(page: str, version: int) -> Response:
    """Print a version: the same paper that goes with the confirmation of an order."""
    with reading() as session:
        found = texts.version(session, page, version) if version else pages.standing(session, page)
        if found.version != version or found.valid_from > clock.now():
            abort(404)
        seller = retailers.in_force(session)
    pdf = papers.pdf(found, current_language(), seller, facts(seller))
    return Response(pdf, mimetype="application/pdf")


def _version(session: Session, page: str) -> LegalVersion:
    wanted = request.args.get("fassung", type=int)
    if not wanted:
        return pages.standing(session, page)
    found = texts.version(session, page, wanted)
    if found.valid_from > clock.now():
        abort(404)
    return found


def facts(seller: Retailer) -> dict[str, Any]:
    """Return what the texts may name, in the reader's words."""
    return pages.facts_for(
        seller,
        phone=formats.phone(seller.phone),
        shipping=formats.money(terms.SHIPPING_MINOR),
        free_from=formats.money(terms.FREE_SHIPPING_FROM_MINOR),
        site=str(current_app.config["KONTOR"].public_url),
    )
