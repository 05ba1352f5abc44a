"""Customers and their numbers."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import has_mod10_check_digit, mod10_check_digit
from loyalty import customers


def count(session):
    return session.scalar(text("SELECT count(*) FROM customers"))


def test_a_new_customer_gets_a_number_with_a_check_digit(session):
    with clock.frozen(datetime(2026, 11, 18, 23, 30, tzinfo=UTC)):
        enrolled = customers.enrol(session, name=" Inge Müller ", email="inge@post.example")
    assert re.fullmatch(r"[1-9]\d{6}", enrolled.number)
    assert has_mod10_check_digit(enrolled.number)
    assert (enrolled.name, enrolled.price_group, enrolled.contact_by) == (
        "Inge Müller", "standard", "mail",
    )  # fmt: skip
    # 23:30 UTC is the next day in Berlin.
    assert enrolled.since_on == date(2026, 11, 19)
    assert customers.by_number(session, enrolled.number) == enrolled


@pytest.mark.parametrize(
    "typed", ["2104881", "2 104 881", " 2104881 ", "2.104.881", "2-104-881", "2\u202f104\u00a0881"]
)
def test_a_number_is_found_however_it_is_typed(session, mueller, typed):
    assert customers.by_number(session, typed).name == "Jürgen Müller"
    assert customers.price_group(session, typed) == "club"
    assert mueller.number_shown == "2 104 881"


@pytest.mark.parametrize(
    "typed",
    ["2104880", "2104818", "210488", "21048810", "", "abcdefg", "2104881; --", "２１０４８８１"],
)
def test_a_mistyped_number_is_invalid_and_finds_nobody(session, mueller, typed):
    for ask in (customers.by_number, customers.price_group):
        with pytest.raises(Invalid) as error:
            ask(session, typed)
        assert error.value.code == "customer_number"


def test_an_unknown_number_is_not_found(session, mueller):
    with pytest.raises(NotFound) as error:
        customers.by_number(session, "1000009")
    assert (error.value.code, error.value.facts) == ("customer", {"number": "1000009"})


def test_without_a_number_prices_are_those_of_everyone(session):
    assert customers.price_group(session, None) == "standard"


@settings(deadline=None)
@given(body=st.integers(100_000, 999_999), place=st.integers(0, 6), digit=st.integers(0, 9))
def test_one_wrong_digit_is_always_noticed(body, place, digit):
    number = f"{body}{mod10_check_digit(str(body))}"
    wrong = number[:place] + str(digit) + number[place + 1 :]
    if wrong == number:
        assert customers.normal_number(wrong) == number
    else:
        with pytest.raises(Invalid):
            customers.normal_number(wrong)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"name": " "}, "name"),
        ({"email": "niemand"}, "email"),
        ({"email": ""}, "email"),
        ({"contact_by": "pigeon"}, "contact_by"),
        ({"contact_by": "call"}, "phone"),
        ({"number": "2104880"}, "customer_number"),
    ],
)
def test_a_customer_with_wrong_facts_is_not_enrolled(session, facts, code):
    with pytest.raises(Invalid) as error:
        customers.enrol(session, **{"name": "Inge", "email": "inge@post.example", **facts})
    assert error.value.code == code
    assert count(session) == 0


def test_a_number_belongs_to_one_customer(session, mueller):
    with pytest.raises(Refused) as error:
        customers.enrol(session, name="Inge", email="inge@post.example", number="2 104 881")
    assert error.value.code == "customer_number_taken"
    assert count(session) == 1
    assert customers.by_number(session, "2104881").name == "Jürgen Müller"


def test_numbers_that_are_taken_are_drawn_again(session, mueller, monkeypatch):
    drawn = iter(["2104881", "2104881", "1000009"])
    monkeypatch.setattr(customers, "_drawn", lambda: next(drawn))
    enrolled = customers.enrol(session, name="Inge", email="inge@post.example")
    assert enrolled.number == "1000009"
    assert count(session) == 2
