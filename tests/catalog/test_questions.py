"""Manuals that shoppers miss and questions to stores; texts that nothing was found for."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from catalog import misses, questions
from catalog.models import SearchMiss, ShopperQuestion
from catalog.questions import Asked
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from tests.catalog.shelf import WEDNESDAY

pytestmark = pytest.mark.db
X100 = Asked("manual", "KM-X100", "mueller@example.org")


@pytest.fixture
def wednesday():
    with clock.frozen(WEDNESDAY):
        yield


def count(session):
    return session.scalar(select(func.count()).select_from(ShopperQuestion))


@pytest.mark.usefixtures("wednesday")
def test_the_same_question_twice_is_one_until_it_is_closed(session):
    first = questions.ask(session, X100)
    again = Asked("manual", "km x100", "Mueller@example.org")
    assert questions.ask(session, again) == first
    assert count(session) == 1
    assert questions.ask(session, Asked("manual", "KM-X60", "mueller@example.org")) != first
    assert count(session) == 2
    questions.close(session, first, outcome="published", actor="Anna")
    assert questions.ask(session, X100) != first
    assert count(session) == 3


@pytest.mark.usefixtures("wednesday")
def test_a_question_is_open_until_somebody_says_what_became_of_it(session):
    asked = questions.ask(
        session, Asked("question", "Passt der Fleischwolf?", "a@b.de", "KM-X60", "bonn", "en")
    )
    waiting = questions.listed(session)
    assert [(one.id, one.store, one.note, one.language) for one in waiting] == [
        (asked, "bonn", "KM-X60", "en")
    ]
    assert session.scalar(questions.open_count()) == 1
    assert session.scalar(questions.open_count("manual")) == 0
    with pytest.raises(Invalid, match="outcome"):
        questions.close(session, asked, outcome="gone", actor="Anna")
    questions.close(session, asked, outcome="answered", actor="Anna")
    with pytest.raises(Refused, match="question_closed"):
        questions.close(session, asked, outcome="unclear", actor="Ben")
    with pytest.raises(NotFound, match="question"):
        questions.close(session, uuid.uuid4(), outcome="answered", actor="Ben")
    assert questions.listed(session) == []
    (done,) = questions.listed(session, closed=True)
    assert (done.outcome, done.closed_by, done.closed_at) == ("answered", "Anna", WEDNESDAY)


@pytest.mark.parametrize(
    ("about", "email", "note", "wrong"),
    [
        ("", "a@b.de", "", ["about"]),
        ("!!", "a@b.de", "", ["about"]),
        ("x" * 121, "a@b.de", "", ["about"]),
        ("KM-X100", "a@b", "", ["email"]),
        ("KM-X100", "a b@c.de", "", ["email"]),
        ("KM-X100", "@b.de", "x" * 2001, ["email", "note"]),
    ],
)
def test_what_nobody_could_answer_is_not_kept(session, about, email, note, wrong):
    with pytest.raises(Invalid) as refused:
        questions.ask(session, Asked("manual", about, email, note))
    assert refused.value.facts == {"fields": wrong}
    assert count(session) == 0


@pytest.mark.usefixtures("wednesday")
def test_texts_typed_in_vain_are_counted_and_forgotten(session):
    for text in ("Xylophon", "xylophon ", "Hängematte"):
        assert misses.note(session, text)
    assert [(one.term, one.times) for one in misses.listed(session)] == [
        ("xylophon", 2),
        ("haengematte", 1),
    ]
    assert misses.forget(session, "xylophon") == 1
    with clock.frozen(WEDNESDAY + timedelta(days=90)):
        assert misses.listed(session) == []
        assert misses.forget(session) == 1
    assert session.scalar(select(func.count()).select_from(SearchMiss)) == 0


@pytest.mark.parametrize("typed", ["", "  -", "anna@example.org", "0261 14710777 8", "y" * 61])
def test_what_may_name_a_person_is_not_counted(session, typed):
    assert not misses.note(session, typed)
    assert session.scalar(select(func.count()).select_from(SearchMiss)) == 0
