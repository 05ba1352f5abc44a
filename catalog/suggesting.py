"""What somebody who is still typing may mean."""

from collections.abc import Sequence

from sqlalchemy import case, cast, func, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from catalog import searchquery
from catalog.facets import CATEGORY
from catalog.folding import MAX_LENGTH, words
from catalog.indexing import DOCUMENT, PRODUCT
from catalog.models import SearchEntry
from catalog.views import Hit
from catalog.vocabulary import MAX_WORDS, understand

SUGGESTIONS, SUGGESTS_FROM = 8, 2


def suggest(session: Session, text: str, *, limit: int = SUGGESTIONS) -> list[Hit]:
    """Return what somebody who is still typing may mean, best first, with one query.

    Args:
        session: any session.
        text: as typed so far; the last word may be unfinished. One letter says nothing yet.
        limit: at most so many.

    Returns:
        Categories, products, documents, stores and help pages whose words begin as typed. Where
        there are none, the typing errors are taken out, and what is then meant is returned.
    """
    typed = words(text[:MAX_LENGTH])[:MAX_WORDS]
    if len("".join(typed)) < SUGGESTS_FROM:
        return []
    found = _beginning(session, typed, limit)
    if not found and (meant := understand(session, typed).corrected):
        found = _beginning(session, meant.split(), limit)
    return found


def _beginning(session: Session, typed: Sequence[str], limit: int) -> list[Hit]:
    question = " & ".join([*(f"'{word}'" for word in typed[:-1]), f"'{typed[-1]}':*"])
    name = func.unnest(SearchEntry.names).column_valued("name")
    begins = select(name).where(name.startswith(" ".join(typed), autoescape=True)).exists()
    kind = case({CATEGORY: 0, PRODUCT: 1, DOCUMENT: 2}, value=SearchEntry.kind, else_=3)
    rank = func.ts_rank(SearchEntry.near, cast(question, TSQUERY))
    query = (
        select(SearchEntry.kind, SearchEntry.ref, SearchEntry.title_de, SearchEntry.title_en)
        .where(searchquery.occurs(question))
        .order_by(begins.desc(), kind, rank.desc(), SearchEntry.position, SearchEntry.ref)
        .limit(limit)
    )
    return [Hit(*row) for row in session.execute(query)]
