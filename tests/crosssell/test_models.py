"""Receipts are counted at once, models are switched to as a whole, and nothing counts twice."""

import threading

import pytest
from sqlalchemy import text

from app.workflows import learn_together
from catalog.crosssell import receipts, stored
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused
from tests import small_shop

LURE, HOOK, PAN = small_shop.LURE, small_shop.HOOK, small_shop.PAN
pytestmark = pytest.mark.usefixtures("wednesday")


def sell(ref, *skus):
    with transaction() as session:
        return receipts.sell(session, ref, skus, channel="till", sold_at=clock.now())


def give_back(ref, *left):
    with transaction() as session:
        return receipts.give_back(session, ref, left)


def together(model=None):
    """Return what the model in force has counted, by pair."""
    with reading() as session:
        current = stored.in_force(session)
        rows = session.execute(
            text("SELECT source, target, together FROM crosssell_edges WHERE model = :model"),
            {"model": model or current.id},
        )
        return {(row.source, row.target): round(row.together, 6) for row in rows if row.together}


@pytest.fixture
def learnt():
    """A model of two receipts with lure and hook, one with pan and hook."""
    for number in range(2):
        sell(f"K-{number}", LURE, HOOK)
    sell("K-2", PAN, HOOK)
    return learn_together.learn_everything()


def test_a_sale_counts_at_once_and_once(learnt):
    assert together() == {(LURE, HOOK): 2, (HOOK, LURE): 2, (PAN, HOOK): 1, (HOOK, PAN): 1}
    assert sell("K-3", HOOK, LURE) is True
    assert sell("K-3", HOOK, LURE) is False
    assert together()[LURE, HOOK] == 3
    assert sell("K-4", LURE, PAN) is True
    assert together()[LURE, PAN] == 1


def test_what_comes_back_is_taken_out_of_counts_and_of_the_next_model(learnt):
    sell("K-3", LURE, HOOK, PAN)
    assert give_back("K-3", LURE, HOOK) is True
    assert give_back("K-3", LURE, HOOK) is False
    assert together()[LURE, HOOK] == 3
    assert (LURE, PAN) not in together()
    assert give_back("K-3", LURE) is True
    assert together()[LURE, HOOK] == 2
    before = together()
    learn_together.learn_everything()
    assert together() == before


def test_what_nobody_kept_cannot_come_back(learnt):
    before = together()
    assert give_back("K-999", LURE) is False
    assert together() == before


def test_a_new_model_has_every_receipt_that_came_while_it_was_made(learnt):
    with reading() as session:
        found = stored.read(session, clock.now().replace(year=2025))
    sell("K-3", LURE, HOOK)
    give_back("K-2", PAN)
    with transaction() as session:
        model = stored.put(session, found, learn_together.learning.learn(found.receipts), seconds=0)
    assert together(model) == {(LURE, HOOK): 2, (HOOK, LURE): 2, (PAN, HOOK): 1, (HOOK, PAN): 1}
    with transaction() as session:
        assert stored.switch(session, model, "test") == 2
    assert together() == {(LURE, HOOK): 3, (HOOK, LURE): 3}


def test_rolling_back_brings_the_old_model_with_what_it_has_missed(learnt):
    sell("K-3", LURE, HOOK)
    second = learn_together.learn_everything()
    sell("K-4", LURE, HOOK)
    with transaction() as session:
        assert learn_together.roll_back(session, "Frau Adler") == learnt
    assert together()[LURE, HOOK] == 4
    with transaction() as session:
        stored.switch(session, second, "Frau Adler")
    assert together()[LURE, HOOK] == 4
    with transaction() as session:
        stored.switch(session, learnt, "test")
    with pytest.raises(Refused, match="crosssell_no_model"), transaction() as session:
        learn_together.roll_back(session, "test")


def test_old_models_are_forgotten_but_never_the_one_in_force(learnt):
    for number in range(4):
        sell(f"N-{number}", LURE, PAN)
        learn_together.learn_everything()
    with reading() as session:
        known = stored.models(session)
    assert [view.in_force for view in known] == [True, False, False]
    assert learnt not in {view.id for view in known}


def test_too_few_receipts_change_nothing():
    sell("K-0", LURE, HOOK)
    assert learn_together.learn_everything() is None
    with reading() as session:
        assert stored.models(session) == []


@pytest.mark.race
def test_sales_that_race_a_switch_are_counted_exactly_once(learnt):
    def ring_up(till):
        for number in range(10):
            sell(f"{till}-{number}", LURE, HOOK)

    tills = [threading.Thread(target=ring_up, args=[till]) for till in ("a", "b", "c")]
    for till in tills:
        till.start()
    while any(till.is_alive() for till in tills):
        learn_together.learn_everything()
    assert together()[LURE, HOOK] == 32
    learn_together.learn_everything()
    assert together()[LURE, HOOK] == 32
