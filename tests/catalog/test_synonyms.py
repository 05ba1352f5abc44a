"""Synonyms as people edit them: tried out without a trace, added once, removed, with a history."""

import pytest
from sqlalchemy import func, select

from catalog import search, synonyms
from catalog.models import Synonym, SynonymEdit
from catalog.synonyms import SynonymView
from kit.errors import Invalid, NotFound, Refused

pytestmark = pytest.mark.db


def slugs(found):
    return [card.slug for card in found.products]


def edits(shop):
    return [(edit.action, edit.word, edit.meaning, edit.actor) for edit in synonyms.history(shop)]


def test_a_preview_shows_what_would_be_found_and_stores_nothing(shop):
    tried = synonyms.preview(shop, "Quirlix", "Küchenmaschine")
    assert slugs(tried.before) == []
    assert slugs(tried.after) == list(tried.new) == slugs(search.search(shop, "Küchenmaschine"))
    assert tried.new
    assert shop.scalar(select(func.count()).select_from(Synonym)) == 0
    assert slugs(search.search(shop, "Quirlix")) == []


def test_the_preview_is_what_the_search_finds_afterwards(shop):
    tried = synonyms.preview(shop, "quirlix", "Küchenmaschine")
    view = synonyms.add(shop, "Quirlix", "Küchenmaschine", language="de", actor="Anna")
    assert view == SynonymView("quirlix", "kuechenmaschine", "de")
    assert slugs(search.search(shop, "QUIRLIX")) == slugs(tried.after)


def test_adding_and_removing_leave_a_history_with_names(shop):
    synonyms.add(shop, "Quirlix", "Küchenmaschine", language="de", actor="Anna")
    synonyms.add(shop, "mixmate", "Küchenmaschine", language="en", actor="Ben")
    assert synonyms.listed(shop) == [
        SynonymView("mixmate", "kuechenmaschine", "en"),
        SynonymView("quirlix", "kuechenmaschine", "de"),
    ]
    assert synonyms.listed(shop, containing="QUIR") == [
        SynonymView("quirlix", "kuechenmaschine", "de")
    ]
    synonyms.remove(shop, "quirlix", "kuechenmaschine", actor="Cora")
    assert slugs(search.search(shop, "Quirlix")) == []
    assert edits(shop) == [
        ("removed", "quirlix", "kuechenmaschine", "Cora"),
        ("added", "mixmate", "kuechenmaschine", "Ben"),
        ("added", "quirlix", "kuechenmaschine", "Anna"),
    ]


def test_what_is_known_already_is_refused_and_notes_nothing(shop):
    synonyms.add(shop, "Quirlix", "Küchenmaschine", language="de", actor="Anna")
    with pytest.raises(Refused, match="synonym_known"):
        synonyms.add(shop, "QUIRLIX", "kuechenmaschine", language="en", actor="Ben")
    with pytest.raises(NotFound, match="synonym"):
        synonyms.remove(shop, "quirlix", "mixer", actor="Ben")
    assert edits(shop) == [("added", "quirlix", "kuechenmaschine", "Anna")]


@pytest.mark.parametrize(
    ("word", "meaning", "language", "code"),
    [
        ("", "mixer", "de", "synonym"),
        ("mixer", "  !", "de", "synonym"),
        ("Gummi Köder", "gummiköder", "de", "synonym"),
        ("x" * 97, "mixer", "de", "synonym"),
        ("quirlix", "mixer", "fr", "language"),
    ],
)
def test_what_says_nothing_is_no_synonym(shop, word, meaning, language, code):
    with pytest.raises(Invalid, match=code):
        synonyms.add(shop, word, meaning, language=language, actor="Anna")
    assert shop.scalar(select(func.count()).select_from(SynonymEdit)) == 0
