"""Gift cards: a ledger that never pays twice, a balance that it proves, codes nobody guesses."""

import threading
from datetime import UTC, date, datetime

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from loyalty import gift_card_codes, gift_cards
from loyalty.gift_card_codes import ALPHABET
from loyalty.proofs import PROOFS

NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
bodies = st.text(ALPHABET, min_size=15, max_size=15)


@pytest.fixture
def sold(database):
    with clock.frozen(NOON):
        with transaction() as session:
            made, code = gift_cards.issue(
                session, 5000, kind="sold", document="R-1", actor="Kai", key="issue/1"
            )
        yield made, code
        with reading() as session:
            assert gift_cards.drift(session) == []
            assert session.execute(text(PROOFS[11])).all() == []


def pay(session, card_id, minor, key="order/K-1"):
    return gift_cards.redeem(session, card_id, minor, document="K-1", actor="customer", key=key)


def back(session, card_id, minor, key="return/K-1"):
    return gift_cards.put_back(session, card_id, minor, document="K-1", actor="Kai", key=key)


def balance(card_id):
    with reading() as session:
        return gift_cards.one(session, card_id).balance_minor


def test_a_card_is_found_by_its_code_in_any_spelling_and_the_code_is_nowhere(sold, owner):
    made, code = sold
    assert len(code) == 19
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("0", "o")):
        with reading() as session:
            assert gift_cards.by_code(session, typed) == made
    assert (made.balance_minor, made.expires_on, made.ending) == (
        5000,
        date(2029, 12, 31),
        code[-4:],
    )
    plain = code.replace("-", "")
    for table in ("gift_cards", "gift_card_entries"):
        rows = owner.execute(f"SELECT t::text FROM {table} t").fetchall()
        assert rows
        assert plain not in str(rows)


def test_an_issue_that_is_repeated_makes_no_second_card(sold):
    with transaction() as session:
        again, code = gift_cards.issue(
            session, 5000, kind="sold", document="R-1", actor="Kai", key="issue/1"
        )
        assert (again, code) == (sold[0], None)
        assert gift_cards.outstanding_minor(session) == 5000


@settings(max_examples=200, derandomize=True)
@given(body=bodies, place=st.integers(0, 15), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(body, place, other):
    code = body + gift_card_codes.check_character(body)
    assert gift_card_codes.normal(gift_card_codes.shown(code)) == code
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        with pytest.raises(Invalid, match="gift_card_code"):
            gift_card_codes.normal(wrong)


def test_a_code_that_nobody_has_is_not_found(sold):
    other = gift_card_codes.draw()
    with reading() as session, pytest.raises(NotFound, match="gift_card"):
        gift_cards.by_code(session, other)


def test_it_pays_in_parts_and_never_more_than_is_on_it(sold):
    card_id = sold[0].id
    with transaction() as session:
        assert pay(session, card_id, 1999, "order/1")
        assert not pay(session, card_id, 1999, "order/1")
    with transaction() as session, pytest.raises(Refused) as short:
        pay(session, card_id, 3002, "order/2")
    assert (short.value.code, short.value.facts["left_minor"]) == ("gift_card_short", 3001)
    with transaction() as session:
        assert pay(session, card_id, 3001, "order/3")
    assert balance(card_id) == 0
    with reading() as session:
        account = [(one.amount_minor, one.cause) for one in gift_cards.entries(session, card_id)]
    assert account == [(5000, "issued"), (-1999, "redeemed"), (-3001, "redeemed")]


def test_a_key_cannot_stand_for_another_sum(sold):
    card_id = sold[0].id
    with transaction() as session:
        pay(session, card_id, 100)
    with transaction() as session, pytest.raises(Refused, match="gift_card_key_reused"):
        pay(session, card_id, 200)
    assert balance(card_id) == 4900


def test_what_comes_back_is_on_it_again_once_and_never_more_than_there_was(sold):
    card_id = sold[0].id
    with transaction() as session:
        pay(session, card_id, 1000)
        assert back(session, card_id, 400)
        assert not back(session, card_id, 400)
    with transaction() as session, pytest.raises(Refused, match="gift_card_full"):
        back(session, card_id, 601, "return/2")
    assert balance(card_id) == 4400


def test_it_is_good_until_the_end_of_the_third_year(sold):
    card_id = sold[0].id
    with clock.frozen(datetime(2029, 12, 31, 22, 59, tzinfo=UTC)), transaction() as session:
        assert pay(session, card_id, 100, "last")
    with clock.frozen(datetime(2029, 12, 31, 23, 1, tzinfo=UTC)):
        with transaction() as session, pytest.raises(Refused, match="gift_card_expired"):
            pay(session, card_id, 100, "late")
        with reading() as session:
            assert gift_cards.usable_minor(gift_cards.one(session, card_id)) == 0
    assert balance(card_id) == 4900


@pytest.mark.parametrize("minor", [0, -1, 100_001, 1.5, True])
def test_an_amount_that_is_none_is_refused(database, minor):
    with transaction() as session, pytest.raises(Invalid, match="gift_card_amount"):
        gift_cards.issue(session, minor, kind="sold", document="R", actor="K", key="k")
    with reading() as session:
        assert gift_cards.outstanding_minor(session) == 0


@pytest.mark.parametrize("same_key", [True, False])
def test_eight_at_once_spend_it_once(sold, same_key):
    card_id = sold[0].id
    start, paid, refused = threading.Barrier(8), [], []

    def buyer(number):
        start.wait()
        try:
            with transaction() as session:
                key = "order/1" if same_key else f"order/{number}"
                paid.append(pay(session, card_id, 5000, key))
        except Refused as refusal:
            refused.append(refusal.code)

    threads = [threading.Thread(target=buyer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paid.count(True) == 1
    assert (paid.count(False), refused) == ((7, []) if same_key else (0, ["gift_card_short"] * 7))
    assert balance(card_id) == 0


def test_the_database_itself_keeps_a_balance_from_falling_below_zero(sold, owner):
    with pytest.raises(psycopg.errors.CheckViolation):
        owner.execute("UPDATE gift_cards SET balance_minor = -1")


def test_what_is_left_when_the_time_is_over_is_written_off_once(sold):
    card, _ = sold
    with transaction() as session:
        pay(session, card.id, 1200)
        assert gift_cards.write_off_due(session) == 0
    with clock.frozen(datetime(2029, 12, 31, 22, 59, tzinfo=UTC)), transaction() as session:
        assert gift_cards.write_off_due(session) == 0
    with clock.frozen(datetime(2030, 1, 1, 12, tzinfo=UTC)):
        with transaction() as session:
            assert gift_cards.write_off_due(session) == 1
            assert gift_cards.write_off_due(session) == 0
            assert gift_cards.one(session, card.id).balance_minor == 0
            assert gift_cards.outstanding_minor(session) == 0
            written = gift_cards.entries(session, card.id)[-1]
            assert (written.amount_minor, written.cause) == (-3800, "expired")
        # What is refunded later is the customer's, and nobody takes it again.
        with transaction() as session:
            assert back(session, card.id, 1200)
            assert gift_cards.write_off_due(session) == 0
            assert gift_cards.one(session, card.id).balance_minor == 1200
