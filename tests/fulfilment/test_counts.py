"""Counting: the shelf is right, the books follow, and who no longer fits loses."""

import uuid
from datetime import timedelta

import pytest

from fulfilment.claims import reservations, shortages
from fulfilment.outbound import picking
from fulfilment.stock import counts, ledger
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment.warehouse import (
    HOOKS,
    WEDNESDAY,
    balance,
    photograph,
    stock,
    want,
)


def test_the_count_after_a_short_pick_brings_the_books_to_the_shelf(shop, job):
    picking.short_pick(shop, job, HOOKS, "Anna")
    [task] = counts.open_tasks(shop, "lager")

    counted = counts.post(shop, task.id, 4, actor="Ben")

    assert (counted.difference, counted.lost) == (-5, [])
    assert balance(shop, "lager", HOOKS) == {"on_hand": 4}
    assert counts.open_tasks(shop, "lager") == []
    causes = [(row.cause, row.quantity) for row in ledger.movements(shop, HOOKS)]
    assert causes == [("count", 5), ("quarantine_ended", 9), ("short_pick", 9), ("receipt", 9)]
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        counts.post(shop, task.id, 9, actor="Eva")
    assert refusal.value.facts == {"counted": 4, "done_by": "Ben"}
    assert photograph(shop) == before


def test_a_count_may_find_more(shop, job):
    picking.scan(shop, job, HOOKS, 1)
    picking.short_pick(shop, job, HOOKS, "Anna")
    [task] = counts.open_tasks(shop, "lager")

    assert counts.post(shop, task.id, 11, actor="Ben").difference == 3
    # One more is in Anna's tote.
    assert balance(shop, "lager", HOOKS) == {"on_hand": 12, "allocated": 1, "picked": 1}


def test_a_count_that_makes_no_sense_changes_nothing(shop, job):
    picking.short_pick(shop, job, HOOKS, "Anna")
    [task] = counts.open_tasks(shop, "lager")
    before = photograph(shop)
    with pytest.raises(Invalid, match="quantity"):
        counts.post(shop, task.id, -1, actor="Ben")
    with pytest.raises(NotFound, match="count_task"):
        counts.post(shop, uuid.uuid4(), 1, actor="Ben")
    assert photograph(shop) == before


def test_a_count_of_fewer_than_were_promised_makes_somebody_lose(shop):
    stock(shop, "bonn", {HOOKS: 5})
    reservations.place(
        shop,
        order_ref="K-1",
        wants=[want(HOOKS, "bonn", 4)],
        expires_at=WEDNESDAY + timedelta(minutes=30),
    )
    counts.ask(shop, [("bonn", HOOKS)], cause="cycle", document="week 47")
    [task] = counts.open_tasks(shop, "bonn")

    counted = counts.post(shop, task.id, 3, actor="Ben")

    assert counted.difference == -2
    assert [(loss.order_ref, loss.quantity) for loss in counted.lost] == [("K-1", 1)]
    assert balance(shop, "bonn", HOOKS) == {"on_hand": 3, "reserved": 3}
    assert [(row.quantity, row.cause) for row in shortages.open_for(shop, "K-1")] == [(1, "count")]
