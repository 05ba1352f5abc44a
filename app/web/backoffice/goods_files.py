"""Files of an article: papers as PDF and pictures; written anew before anybody else opens them."""

import io
from pathlib import Path

import pypdf
from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from pypdf.errors import PyPdfError
from sqlalchemy import delete
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.community import photos
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import editing, publishing
from catalog.events import ProductPublished
from catalog.models import DocumentLink, Item
from kit import events
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError
from kit.ids import new_id

MOST_PAGES = 1000
# What a page can make a reader do: open addresses, run scripts, start programs.
_ACTIONS = ("/AA", "/OpenAction", "/JavaScript", "/EmbeddedFiles")


@blueprint.post("/goods/<slug>/documents")
@allowed
def goods_document(slug: str) -> Response:
    """Keep a PDF as a paper of an article."""
    with reading() as session:
        editing.one(session, slug)
    form = request.form
    try:
        content, pages = _pdf(request.files.get("file"))
        name = f"papers/{new_id()}.pdf"
        _write(name, content)
        with transaction() as session:
            publishing.put_document(
                session,
                f"{slug[:60]}-{new_id().hex[-12:]}",
                kind=form.get("kind", ""),
                title_de=form.get("title_de", "").strip(),
                title_en=form.get("title_en", "").strip(),
                language=form.get("language", "de")[:2],
                path=name,
                pages=pages,
                bytes=len(content),
                products=[slug],
            )
            events.record(session, ProductPublished(slug=slug))
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Gespeichert: %(pages)s Seiten.", pages=pages), "ok")
    return redirect(url_for("backoffice.goods_one", slug=slug, _anchor="papers"), 303)


@blueprint.post("/goods/<slug>/documents/<document>/removal")
@allowed
def goods_document_remove(slug: str, document: str) -> Response:
    """Have a paper belong to this article no longer; it stays where else it belongs."""
    with transaction() as session:
        editing.one(session, slug)
        session.execute(
            delete(DocumentLink).where(
                DocumentLink.document == document, DocumentLink.product == slug
            )
        )
    flash(_("Entfernt."), "ok")
    return redirect(url_for("backoffice.goods_one", slug=slug, _anchor="papers"), 303)


@blueprint.post("/goods/<slug>/pictures")
@allowed
def goods_picture(slug: str) -> Response:
    """Keep a picture of an item, encoded anew, without what the camera wrote into it."""
    with reading() as session:
        editing.one(session, slug)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid("file")
        picture = photos.read(file.stream)
        name = f"goods/{new_id()}.jpg"
        _write(name, picture.large)
        with transaction() as session:
            sku = request.form.get("sku", "")
            item = session.get(Item, sku)
            if item is None or item.product != slug:
                raise Invalid("item")
            editing.change_item(session, sku, {"picture": name})
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Gespeichert."), "ok")
    return redirect(url_for("backoffice.goods_one", slug=slug, _anchor="items"), 303)


def _pdf(file: FileStorage | None) -> tuple[bytes, int]:
    """Return a PDF written anew from its pages, and how many there are.

    Raises:
        Invalid: ``file``: none, or no PDF that can be read.
    """
    if file is None or not file.filename:
        raise Invalid("file")
    content = file.stream.read()
    if not content.startswith(b"%PDF-"):
        raise Invalid("file")
    writer = pypdf.PdfWriter()
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if not 0 < len(reader.pages) <= MOST_PAGES:
            raise Invalid("file")
        for page in reader.pages:
            for name in (*_ACTIONS, "/Annots"):
                page.pop(name, None)
            writer.add_page(page)
        out = io.BytesIO()
        writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise Invalid("file") from error
    return out.getvalue(), len(writer.pages)


def _write(name: str, content: bytes) -> None:
    target = Path(current_app.config["KONTOR"].media) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
