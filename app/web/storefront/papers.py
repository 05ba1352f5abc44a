"""Papers and films: manuals, guides, tables as PDF, films with chapters; free, without sign-in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import abort, current_app, redirect, render_template, send_from_directory, url_for
from flask_babel import gettext
from prometheus_client import Counter
from sqlalchemy.orm import Session

from app.i18n import current_language, formats
from app.web.storefront import cards, needs
from app.web.storefront.room import blueprint
from catalog import categories, documents, links, listings, stamps
from catalog.views import DocumentView
from kit.database import reading

FILM = "film"
SHOWN_ON_SHELVES = {"guide", "table", FILM}
_KILOBYTE = 1000
# Interest in a paper is counted, people are not: no cookie, no address, no account.
DOWNLOADS = Counter("kontor_document_downloads", "Downloads of documents", ["document"])


@blueprint.get("/anleitungen")
def papers() -> str:
    """List manuals, guides, tables and films by department."""
    with reading() as session:
        tree = categories.tree(session)
        groups = [
            {
                "category": department,
                "tiles": tiles(documents.for_category(session, department.slug)),
            }
            for department in tree.departments
        ]
    return render_template("storefront/papers.html", groups=groups)


@blueprint.get("/dokumente/<slug>.pdf")
def document(slug: str) -> Any:
    """Hand out a PDF."""
    with reading() as session:
        found = documents.by_slug(session, slug)
    if found.kind == FILM:
        return redirect(url_for("storefront.film", slug=slug), 302)
    DOWNLOADS.labels(found.slug).inc()
    answer = send_from_directory(
        current_app.config["KONTOR"].media,
        found.path,
        download_name=f"{found.slug}.pdf",
        mimetype="application/pdf",
        max_age=3600,
    )
    answer.headers["X-Robots-Tag"] = "all"
    return answer


@blueprint.get("/filme/<slug>")
def film(slug: str) -> str:
    """Show a film with its chapters, what it needs, and the way back into the shop."""
    with reading() as session:
        found = documents.by_slug(session, slug)
        if found.kind != FILM:
            abort(404)
        shelves = [
            categories.tree(session).category(name)
            for name in documents.categories_of(session, slug)
        ]
        goods = listings.cards(session, documents.products_of(session, slug)[:8])
        return render_template(
            "storefront/film.html",
            film=player(found),
            shelves=shelves,
            needs=needs.offers(session, links.of_document(session, slug)),
            cards=cards.shown(session, goods),
        )


def of_shelf(session: Session, category: str) -> list[DocumentView]:
    """Return the documents of a category and below it, from memory where nothing has changed."""
    return stamps.kept(
        session, ("papers", category), lambda: documents.for_category(session, category)
    )


def tiles(found: Sequence[DocumentView]) -> list[dict[str, Any]]:
    """Return papers as tiles: what it is, how long, how large; films first."""
    return [tile(paper) for paper in sorted(found, key=lambda paper: paper.kind != FILM)]


def tile(paper: DocumentView) -> dict[str, Any]:
    """Return one paper as a tile."""
    is_film = paper.kind == FILM
    return {
        "slug": paper.slug,
        "name": paper.title(current_language()),
        "summary": paper.summary(current_language()),
        "detail": _film_detail(paper) if is_film else _paper_detail(paper),
        "is_film": is_film,
        "icon": "play" if is_film else "file-pdf",
        "href": url_for("storefront.film", slug=paper.slug)
        if is_film
        else url_for("storefront.document", slug=paper.slug),
    }


def player(paper: DocumentView) -> dict[str, Any]:
    """Return a film for the player: sources, captions and chapters from the document's facts.

    The facts hold paths below the media folder: ``poster``, ``captions`` as a mapping of language
    to WebVTT file; and ``chapters`` as a list of ``{at, de, en}`` with seconds.
    """
    facts, language = paper.facts, current_language()
    chapters = [
        {
            "at": int(chapter["at"]),
            "label": chapter[language],
        }
        for chapter in facts.get("chapters", [])
    ]
    return {
        **tile(paper),
        "sources": _sources(paper.path),
        "poster": _beside(facts.get("poster")),
        "captions": [
            (code, _beside(name)) for code, name in sorted(facts.get("captions", {}).items())
        ],
        "chapters": [
            {**chapter, "clock": f"{chapter['at'] // 60}:{chapter['at'] % 60:02d}"}
            for chapter in chapters
        ],
    }


def _sources(path: str) -> list[tuple[str, str]]:
    """Return the film in the formats that lie beside each other: WebM first, MP4 for the others."""
    media: Path = current_app.config["KONTOR"].media
    kinds = {".webm": "video/webm", ".mp4": "video/mp4"}
    names = [(str(Path(path).with_suffix(suffix)), kind) for suffix, kind in kinds.items()]
    found = [(name, kind) for name, kind in names if (media / name).is_file()]
    return [(url_for("media", name=name), kind) for name, kind in found]


def _beside(name: str | None) -> str | None:
    return url_for("media", name=name) if name else None


def _film_detail(paper: DocumentView) -> str:
    minutes = max(1, round((paper.seconds or 0) / 60))
    return str(gettext("Film · %(minutes)s Min.", minutes=minutes))


def _paper_detail(paper: DocumentView) -> str:
    parts = ["PDF"]
    if paper.pages:
        parts.append(gettext("%(count)s Seiten", count=paper.pages))
    if paper.bytes:
        parts.append(f"{formats.number(round(paper.bytes / _KILOBYTE))} kB")
    return " · ".join(parts)
