"""A card's page: thanks, the next guide, and photographs without signing in.

The token in the address names a card, not a person: whoever finds the card sees what everyone who
holds one sees.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import current_app, redirect, render_template, request, send_from_directory, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.community import campaigns, photos
from app.community.campaigns import Card
from app.community.models import Photo
from app.i18n import current_language
from app.web.community.room import blueprint
from app.web.session import limiter
from catalog import categories, documents
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound, Refused

# Room for the form's own fields and the boundaries between the files.
_FORM_BYTES = 1024 * 1024
_NEVER_TO_OTHERS = "no-referrer"


@blueprint.url_value_preprocessor
def _allow_photographs(endpoint: str | None, _values: Mapping[str, Any] | None) -> None:
    # Before the form is read for its token against forgery: several pictures are more than one.
    if endpoint == "community.upload":
        request.max_content_length = photos.MOST_AT_ONCE * photos.MOST_BYTES + _FORM_BYTES


@blueprint.get("/fang/<token>")
@limiter.limit("120 per minute")
def card(token: str) -> Response:
    """Show the page behind a card's QR code; the first look at it is noted."""
    with reading() as session:
        unseen = campaigns.by_token(session, token).insert.opened_at is None
    if unseen:
        with transaction() as session:
            campaigns.note_look(session, token)
    return _page(token)


@blueprint.post("/fang/<token>")
@limiter.limit("10 per minute; 60 per hour")
def upload(token: str) -> Response:
    """Take one to five photographs with the consent to show them; all of them or none."""
    files = [file for file in request.files.getlist("photos") if file.filename]
    caption = request.form.get("caption", "").strip()
    with reading() as session:
        campaigns.by_token(session, token)
    errors, pictures = _read(files)
    if request.form.get("rights") != "1":
        errors["rights"] = _("Ohne Ihr Einverständnis dürfen wir die Bilder nicht annehmen.")
    if len(caption) > photos.CAPTION_LENGTH:
        errors["caption"] = _("Höchstens %(most)s Zeichen.", most=photos.CAPTION_LENGTH)
    if errors:
        return _page(token, 422, caption=caption, errors=errors)
    try:
        with transaction() as session:
            found = campaigns.by_token(session, token)
            kept = photos.keep(
                session,
                found,
                pictures,
                caption=caption,
                rights_text=_rights_text(),
                folder=current_app.config["KONTOR"].uploads,
            )
    except Refused as refusal:
        return _page(token, 409, caption=caption, errors={"photos": _reason(refusal)})
    return redirect(url_for("community.card", token=token, danke=len(kept)), 303)


@blueprint.post("/fang/<token>/zurueckziehen")
@limiter.limit("10 per minute")
def take_back(token: str) -> Response:
    """Delete the photographs that came by this card: as easy as sending them."""
    with transaction() as session:
        paths = photos.take_back(session, campaigns.by_token(session, token))
    photos.erase(current_app.config["KONTOR"].uploads, paths)
    return redirect(url_for("community.card", token=token, geloescht=len(paths)), 303)


@blueprint.get("/fang/bilder/<uuid:photo_id>.jpg")
def picture(photo_id: uuid.UUID) -> Response:
    """Send a released photograph; `?klein` for the preview."""
    with reading() as session:
        row = session.get(Photo, photo_id)
    if row is None or row.state != "shown":
        raise NotFound("photo")
    path = photos.small_path(row.path) if "klein" in request.args else row.path
    answer = send_from_directory(current_app.config["KONTOR"].uploads, path, max_age=300)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _read(files: list[FileStorage]) -> tuple[dict[str, str], list[photos.Picture]]:
    if not files:
        return {"photos": _("Bitte wählen Sie mindestens ein Bild.")}, []
    if len(files) > photos.MOST_AT_ONCE:
        text = _("Höchstens %(most)s Bilder auf einmal.", most=photos.MOST_AT_ONCE)
        return {"photos": text}, []
    pictures = []
    for file in files:
        try:
            pictures.append(photos.read(file.stream))
        except Invalid as error:
            return {"photos": f"{str(file.filename)[:60]}: {_reason(error)}"}, []
    return {}, pictures


def _reason(error: KontorError) -> str:
    if error.code == "photos_full":
        text = _("Über diese Karte kamen schon %(sent)s Bilder, mehr als %(most)s gehen nicht.")
        return str(text % error.facts)
    texts = {
        "photo": _("kein lesbares Bild. Es gehen JPEG, PNG und WebP."),
        "photo_size": _("zu groß. Ein Bild darf höchstens 16 MB haben."),
        "photo_pixels": _("zu groß. Ein Bild darf höchstens 50 Megapixel haben."),
    }
    return str(texts[error.code])


def _rights_text() -> str:
    return str(
        _(
            "Ich habe die Bilder selbst gemacht, und wer darauf zu erkennen ist, ist einverstanden."
            " Angelhaus Rhein darf sie hier, im Shop und in den Läden unentgeltlich zeigen, ohne"
            " meinen Namen. Das kann ich jederzeit auf dieser Seite zurückziehen."
        )
    )


def _page(token: str, status: int = 200, **typed: Any) -> Response:
    with reading() as session:
        found = campaigns.by_token(session, token)
        page = render_template(
            "community/card.html",
            token=token,
            campaign=found.campaign,
            guide=_guide(session, found),
            shelf=_shelf(session, found),
            gallery=photos.shown(session, found.campaign.code),
            own=photos.of_card(session, found),
            most=photos.MOST_AT_ONCE,
            caption_length=photos.CAPTION_LENGTH,
            rights_text=_rights_text(),
            thanks=request.args.get("danke", 0, type=int),
            deleted=request.args.get("geloescht", -1, type=int),
            **{"caption": "", "errors": {}, **typed},
        )
    answer = current_app.make_response((page, status))
    # The address is the key: it is told to no other site and kept by no search engine.
    answer.headers["Referrer-Policy"] = _NEVER_TO_OTHERS
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _guide(session: Any, found: Card) -> dict[str, str] | None:
    if not found.campaign.next_document:
        return None
    paper = documents.by_slug(session, found.campaign.next_document)
    film = paper.kind == "film"
    return {
        "name": paper.title(current_language()),
        "summary": paper.summary(current_language()),
        "icon": "play" if film else "file-pdf",
        "href": url_for("storefront.film" if film else "storefront.document", slug=paper.slug),
    }


def _shelf(session: Any, found: Card) -> dict[str, str] | None:
    if not found.campaign.category:
        return None
    shelf = categories.tree(session).category(found.campaign.category)
    return {
        "name": shelf.name(current_language()),
        "href": url_for("storefront.category", category=shelf.slug),
    }
