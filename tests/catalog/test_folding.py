"""Words in normal form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.folding import code, compact, fold, words


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Gummiköder", "gummikoeder"),
        ("GUMMIKOEDER", "gummikoeder"),
        ("Gummiko\u0308der", "gummikoeder"),
        ("Größe 2/0", "groesse 2s0"),
        ("Geflecht 0,12 mm", "geflecht 0k12mm"),
        ("Geflecht 0.12mm", "geflecht 0k12mm"),
        ("9 cm · motoroil", "9cm motoroil"),
        ("Wupper Chef’s Knife", "wupper chefs knife"),
        ("Café crème", "cafe creme"),
        ("'; DROP TABLE items; --", "drop table items"),
        ("  ", ""),
    ],
)
def test_words_come_in_one_form(typed, normal):
    assert fold(typed) == normal


def test_a_number_is_the_same_however_it_is_typed():
    assert {code(typed) for typed in ("KM-X100", "km x100", "Km.X100", "KMX100")} == {"kmx100"}
    assert compact("Gummi Köder") == compact("Gummiköder") == "gummikoeder"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_leaves_only_letters_and_digits(typed):
    once = fold(typed)
    assert fold(once) == once
    assert all(word.isascii() and word.isalnum() for word in words(typed))
