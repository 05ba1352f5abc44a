"""The search against the demo shop's real goods, judged by a list of queries.

The list (`judged.toml`) says what a shopper expects; a hit is one expected thing among the first
three of its kind. How long they take is measured by `make bench-search`.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app.workflows import findable
from bench import judged
from catalog import search
from demo import places, shelving
from kit import clock
from tests.catalog.shelf import WEDNESDAY

QUERIES = judged.queries()
STORY = {"Gummiköder", "gummikoeder", "Gumiköder", "Köder", "Gebrauchsanleitung KM-X100", "X100"}


@pytest.fixture
def demo_shop(session: Session) -> Iterator[Session]:
    """A session with the demo shop's shelves, goods, papers and stores, findable."""
    with clock.frozen(WEDNESDAY):
        shelving.put_shelves(session)
        shelving.put_goods(session, WEDNESDAY, lambda sku: f"pictures/{sku}.svg")
        shelving.put_papers(session, [])
        search.reindex(session)
        places.put_all(session)
        findable.put_pages(session)
        session.execute(sql("ANALYZE"))
        yield session


@pytest.mark.slow
def test_people_find_what_they_mean(demo_shop, capsys):
    assert len(QUERIES) >= 120
    missed = {query["text"]: judged.misses(demo_shop, query) for query in QUERIES}
    wrong = [line for lines in missed.values() for line in lines]
    share = sum(not lines for lines in missed.values()) / len(QUERIES)
    with capsys.disabled():
        print(f"\nsearch: {share:.1%} of {len(QUERIES)} queries hit in the first {judged.FIRST}")
        print("\n".join(wrong))
    assert share >= 0.95, wrong
    # The story's own words must work, all of them.
    assert [line for text in STORY for line in missed[text]] == []
