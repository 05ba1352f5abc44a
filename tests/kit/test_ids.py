"""Identifiers sort, can be read aloud, and carry the check digits that GS1 publishes."""

import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import ids

# Numbers that GS1 prints as examples: GTIN-13, GTIN-8, GTIN-12, GTIN-14, two SSCCs, a GTIN-13.
# The first SSCC is the worked example of the General Specifications' check digit calculation.
PUBLISHED = [
    "6291041500213",
    "95050003",
    "614141000036",
    "10614141000415",
    "376104250021234569",
    "106141411234567897",
    "9501101530003",
]


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_have_their_check_digit(number):
    assert ids.mod10_check_digit(number[:-1]) == int(number[-1])
    assert ids.has_mod10_check_digit(number)


@given(st.text("0123456789", min_size=2, max_size=18), st.data())
def test_one_wrong_digit_is_always_noticed(body, data):
    number = body + str(ids.mod10_check_digit(body))
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert ids.has_mod10_check_digit(number)
    assert not ids.has_mod10_check_digit(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "7", "629104150021X", "６２９１０４１５００２１３", "²1", " 95050003"]
)
def test_what_is_no_number_has_no_check_digit(text):
    assert not ids.has_mod10_check_digit(text)


@pytest.mark.parametrize("text", ["", "12a", "-12", "１２", "1.2"])
def test_a_check_digit_of_no_number_is_an_error(text):
    with pytest.raises(ValueError, match="only digits"):
        ids.mod10_check_digit(text)


def test_row_ids_are_version_7_of_now():
    before = time.time_ns() // 1_000_000
    made = ids.new_id()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= after


def test_row_ids_sort_by_the_millisecond_they_were_made_in(monkeypatch):
    instants = iter([5_000_000, 6_000_000, 7_000_000, 1_700_000_000_000_000_000])
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(instants))
    made = [ids.new_id() for _ in range(4)]
    assert made == sorted(made)
    assert [key.int >> 80 for key in made] == [5, 6, 7, 1_700_000_000_000]


def test_row_ids_of_one_moment_differ():
    assert len({ids.new_id() for _ in range(2000)}) == 2000


def test_references_have_no_letters_that_are_misheard():
    made = [ids.reference("K") for _ in range(500)]
    assert {len(ref) for ref in made} == {8}
    assert {ref[:2] for ref in made} == {"K-"}
    assert not set("ILOU") & set("".join(ref[2:] for ref in made))
    assert len(set(made)) > 490


def test_tokens_are_long_and_fit_into_an_address():
    made = {ids.secret_token() for _ in range(100)}
    assert len(made) == 100
    assert {len(token) for token in made} == {32}
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in made)
