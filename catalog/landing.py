"""Pages for a theme that people make, and the search terms that lead to them.

A page shows its words, chosen goods and papers first, then what a shelf holds when it is narrowed
down. Terms are kept in normal form, as the search reads them: blanks, case and umlauts do not
matter, slips are allowed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog import checks
from catalog.asked import asked
from catalog.models import Category, Document, LandingTerm, Product
from catalog.page_models import LandingPage, LandingPageTerm
from catalog.slips import slips, slips_allowed
from catalog.views import GERMAN
from kit import clock
from kit.errors import Invalid, NotFound, Refused

MOST_TERMS = 60
MOST_GOODS = 24


@dataclass(frozen=True)
class Page:
    """A page for a theme. `facets`: key → values, as in an address; `terms` as somebody wrote."""

    slug: str
    title_de: str
    title_en: str
    intro_de: str = ""
    intro_en: str = ""
    category: str | None = None
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    shown: bool = True
    changed_by: str = ""
    changed_at: datetime | None = None

    def title(self, language: str) -> str:
        """Return its heading in `language`."""
        return self.title_de if language == GERMAN else self.title_en

    def intro(self, language: str) -> str:
        """Return its introduction in `language`."""
        return self.intro_de if language == GERMAN else self.intro_en


def put(session: Session, page: Page, *, actor: str) -> None:
    """Make a page, or change it whole; it is seen and found at once.

    Args:
        session: an open transaction.
        page: as it shall be; `changed_by` and `changed_at` are set here.
        actor: who says so.

    Raises:
        Invalid: ``slug``, ``text_missing``, or ``landing_page`` with the fields that are wrong.
        NotFound: ``category``, ``product`` or ``document``.
        Refused: ``landing_term_taken`` with the term and the page that it leads to already.
    """
    checks.slug(page.slug)
    facts = {name: getattr(page, name) for name in ("title_de", "title_en", "intro_de", "intro_en")}
    checks.texts(page.slug, facts, "title")
    checks.texts(page.slug, facts, "intro", required=False)
    _check(session, page)
    values: dict[str, Any] = {
        **facts,
        "category": page.category,
        "facets": {key: list(chosen) for key, chosen in page.facets.items()},
        "products": list(page.products),
        "documents": list(page.documents),
        "shown": page.shown,
        "changed_by": actor,
        "changed_at": clock.now(),
    }
    row = insert(LandingPage).values(slug=page.slug, **values)
    session.execute(row.on_conflict_do_update(index_elements=["slug"], set_=values))
    session.execute(delete(LandingPageTerm).where(LandingPageTerm.page == page.slug))
    for term, typed in _terms(page).items():
        _lead(session, term, typed, page.slug)


def _check(session: Session, page: Page) -> None:
    wrong = []
    if not page.category and not page.products:
        wrong.append("category")
    if len(page.products) > MOST_GOODS:
        wrong.append("products")
    if len(page.terms) > MOST_TERMS or (page.terms and not _terms(page)):
        wrong.append("terms")
    if wrong:
        raise Invalid("landing_page", fields=wrong)
    if page.category and session.get(Category, page.category) is None:
        raise NotFound("category", slug=page.category)
    for row, code, slugs in (
        (Product, "product", page.products),
        (Document, "document", page.documents),
    ):
        known = set(session.scalars(select(row.slug).where(row.slug.in_(slugs)))) if slugs else ()
        for slug in slugs:
            if slug not in known:
                raise NotFound(code, slug=slug)


def _terms(page: Page) -> dict[str, str]:
    phrases = (("".join(asked(typed).words), typed.strip()) for typed in page.terms)
    return {phrase: typed for phrase, typed in phrases if phrase}


def _lead(session: Session, term: str, typed: str, slug: str) -> None:
    row = insert(LandingPageTerm).values(term=term, typed=typed, page=slug)
    added = row.on_conflict_do_nothing().returning(LandingPageTerm.term)
    if session.scalar(added) is None:
        other = session.get(LandingPageTerm, term)
        raise Refused("landing_term_taken", term=typed, page=other.page if other else "")


def remove(session: Session, slug: str) -> None:
    """Take a page away, and its terms with it.

    Raises:
        NotFound: ``landing_page``.
    """
    row = session.get(LandingPage, slug, with_for_update=True)
    if row is None:
        raise NotFound("landing_page", slug=slug)
    session.execute(delete(LandingPageTerm).where(LandingPageTerm.page == slug))
    session.delete(row)
    session.flush()


def by_slug(session: Session, slug: str) -> Page:
    """Return a page, shown or not.

    Raises:
        NotFound: ``landing_page``.
    """
    for page in _pages(session, LandingPage.slug == slug):
        return page
    raise NotFound("landing_page", slug=slug)


def listed(session: Session, *, shown_only: bool = False) -> list[Page]:
    """Return the pages by title."""
    return _pages(session, LandingPage.shown if shown_only else true())


def _pages(session: Session, condition: Any) -> list[Page]:
    rows = session.scalars(select(LandingPage).where(condition).order_by(LandingPage.title_de))
    found = list(rows)
    query = select(LandingPageTerm).where(LandingPageTerm.page.in_([row.slug for row in found]))
    terms: dict[str, list[str]] = {}
    for term in session.scalars(query.order_by(LandingPageTerm.typed)):
        terms.setdefault(term.page, []).append(term.typed)
    return [
        Page(
            row.slug,
            row.title_de,
            row.title_en,
            row.intro_de,
            row.intro_en,
            row.category,
            dict(row.facets),
            tuple(row.products),
            tuple(row.documents),
            tuple(terms.get(row.slug, ())),
            row.shown,
            row.changed_by,
            row.changed_at,
        )
        for row in found
    ]


def opens(session: Session, text: str) -> str | None:
    """Return the page that a search text is a term for; slips are allowed, as everywhere.

    A term of a shelf that was typed exactly goes before a page's term with a slip.
    """
    typed = asked(text)
    if not typed.words or typed.for_document or typed.names_document:
        return None
    phrase = "".join(typed.words)
    near = select(LandingPageTerm.term, LandingPageTerm.page).join(
        LandingPage, LandingPage.slug == LandingPageTerm.page
    )
    like = LandingPageTerm.term.op("%", is_comparison=True)(phrase)
    rows = session.execute(near.where(LandingPage.shown, or_(LandingPageTerm.term == phrase, like)))
    best = min(((slips(phrase, term), page) for term, page in rows), default=None)
    if best is None or best[0] > (slips_allowed(phrase) if best[0] else 0):
        return None
    if best[0] and session.get(LandingTerm, phrase) is not None:
        return None
    return best[1]
