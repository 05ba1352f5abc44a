"""Slips and compounds: the rules without a database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.compounds import has_to_do_with, is_kind_of, split, trunk
from catalog.slips import slips, slips_allowed, slips_within

WORD = st.text("abcdeimnru", max_size=8)


@pytest.mark.parametrize(
    ("typed", "meant", "count"),
    [
        ("gumikoeder", "gummikoeder", 1),
        ("wasserkcoher", "wasserkocher", 1),
        ("reinshad", "rheinshad", 1),
        ("haken", "haken", 0),
        ("", "aal", 3),
        ("hacken", "haken", 1),
        ("zandre", "zander", 1),
    ],
)
def test_slips_are_counted(typed, meant, count):
    assert slips(typed, meant) == count


@settings(deadline=None)
@given(WORD, WORD)
def test_slips_are_the_same_from_both_sides_and_no_more_than_the_longer_word(one, two):
    assert slips(one, two) == slips(two, one)
    assert abs(len(one) - len(two)) <= slips(one, two) <= max(len(one), len(two))
    assert (slips(one, two) == 0) == (one == two)


def test_short_words_and_numbers_allow_no_slips():
    assert [slips_allowed(word) for word in ("aal", "hecht", "gummikoeder", "123456789")] == [
        0, 1, 2, 0,
    ]  # fmt: skip


def test_a_slip_inside_a_longer_word_is_found_at_its_end():
    assert slips_within("kaffemaschine", "filterkaffeemaschine") == 1
    assert slips_within("kaffemaschine", "kuechenmaschine") > 2


def test_compounds_are_kinds_of_what_they_end_in():
    assert is_kind_of("gummikoeder", "koeder")
    assert is_kind_of("offsethaken", "haken")
    assert not is_kind_of("koederbox", "koeder")
    assert has_to_do_with("koederbox", "koeder")
    assert has_to_do_with("raeucherofen", "raeuchern")
    assert trunk("haken") == "haken"


def test_a_compound_falls_into_a_known_word_and_what_known_words_end_in():
    parts = {"pfanne": "pfann", "hecht": "hecht"}
    tails = {"deckel": frozenset({"glasdeckel"}), "spinner": frozenset({"spinner"})}
    assert split("pfannendeckel", parts, tails) == (
        frozenset({"pfanne", "pfann"}),
        frozenset({"glasdeckel"}),
    )
    assert split("hechtspinner", parts, tails)[0] == frozenset({"hecht"})
    assert split("pfannenwender", parts, tails) == ()
    assert split("pfanne" * 5 + "deckel", parts, tails) == ()
