"""Picking: scans, the short pick that believes the shelf, and what becomes of those who lose."""

import uuid
from datetime import timedelta

import pytest

from fulfilment.answers import availability
from fulfilment.claims import allocations, reservations, shortages
from fulfilment.outbound import parcels, picking, shipments
from fulfilment.stock import counts, ledger
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment.warehouse import (
    ADDRESS,
    FRIDAY,
    HOOKS,
    LURES,
    PLANS,
    SATURDAY,
    WEDNESDAY,
    balance,
    events_of,
    order,
    photograph,
    plan,
    promise,
    stock,
    want,
)


def states(session, order_ref):
    rows = allocations.of_order(session, order_ref)
    return sorted((row.location, row.sku, row.state, row.quantity) for row in rows)


def test_each_location_gets_its_part_of_the_order(shop):
    stock(shop, "lager", {HOOKS: 9, LURES: 9})
    stock(shop, "bonn", {HOOKS: 9})
    line = uuid.uuid4()
    jobs = order(
        shop,
        "K-1",
        want(HOOKS, "lager", 2, line),
        want(LURES, "lager", 1),
        want(HOOKS, "bonn", 1, line),
    )

    assert sorted(jobs) == ["bonn", "lager"]
    [job] = picking.jobs(shop, "lager")
    assert (job.order_ref, job.state, job.picker) == ("K-1", "open", None)
    assert (job.ships_on, job.arrives_on) == (WEDNESDAY.date(), FRIDAY)
    assert [(part.sku, part.left, part.picked, part.short) for part in job.lines] == [
        (LURES, 1, 0, 0),
        (HOOKS, 2, 0, 0),
    ]
    [bonn] = picking.jobs(shop, "bonn")
    assert [(part.line_id, part.left) for part in bonn.lines] == [(line, 1)]
    assert picking.jobs(shop, "koeln") == []
    assert picking.job(shop, job.id) == job


def test_opening_the_same_orders_again_changes_nothing(shop):
    stock(shop, "lager", {HOOKS: 9})
    order(shop, "K-1", want(HOOKS, "lager", 2))
    before = photograph(shop)

    rows = allocations.of_order(shop, "K-1")
    assert (
        picking.open_orders(shop, order_ref="K-1", allocations=rows, plans=PLANS, address=ADDRESS)
        == []
    )
    assert photograph(shop) == before


def test_what_is_routed_to_a_waiting_job_joins_it(shop):
    stock(shop, "bonn", {HOOKS: 9, LURES: 9})
    first = order(shop, "K-1", want(HOOKS, "bonn", 2))
    wants = [want(LURES, "bonn", 1)]
    rows = allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    [joined] = picking.open_orders(
        shop, order_ref="K-1", allocations=rows, plans={"bonn": plan(SATURDAY)}, address=ADDRESS
    )

    assert joined.id == first["bonn"]
    assert joined.arrives_on == SATURDAY
    [job] = picking.jobs(shop, "bonn")
    assert [(part.sku, part.left) for part in job.lines] == [(LURES, 1), (HOOKS, 2)]


def test_what_is_routed_to_a_job_in_hand_gets_a_job_of_its_own(shop):
    stock(shop, "bonn", {HOOKS: 9, LURES: 9})
    first = order(shop, "K-1", want(HOOKS, "bonn", 2))["bonn"]
    picking.claim(shop, first, "Anna")

    second = order(shop, "K-1", want(LURES, "bonn", 1))["bonn"]

    assert second != first
    assert len(picking.jobs(shop, "bonn")) == 2


def test_a_location_without_plan_opens_nothing(shop):
    stock(shop, "bonn", {HOOKS: 9})
    wants = [want(HOOKS, "bonn", 1)]
    rows = allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    before = photograph(shop)
    with pytest.raises(Invalid) as refusal:
        picking.open_orders(
            shop, order_ref="K-1", allocations=rows, plans={"lager": plan()}, address=ADDRESS
        )
    assert (refusal.value.code, refusal.value.facts) == ("plan", {"location": "bonn"})
    assert photograph(shop) == before


def test_a_job_in_hand_belongs_to_one_person(shop, job):
    assert picking.claim(shop, job, "Anna").picker == "Anna"
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        picking.claim(shop, job, "Ben")
    assert (refusal.value.code, refusal.value.facts) == ("claimed_by_other", {"picker": "Anna"})
    assert photograph(shop) == before


def test_every_scan_counts_one_unit(shop, job):
    first = picking.scan(shop, job, HOOKS)
    assert (first.picked, first.left, first.left_in_all) == (1, 2, 4)
    assert states(shop, "K-1") == [
        ("lager", LURES, "open", 2),
        ("lager", HOOKS, "open", 2),
        ("lager", HOOKS, "picked", 1),
    ]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "allocated": 3, "picked": 1}

    picking.scan(shop, job, HOOKS)
    third = picking.scan(shop, job, HOOKS)
    assert (third.picked, third.left, third.left_in_all) == (3, 0, 2)
    both = picking.scan(shop, job, LURES, 2)
    assert (both.picked, both.left, both.left_in_all) == (2, 0, 0)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "allocated": 3, "picked": 3}
    assert picking.finish(shop, job) == "picked"
    assert picking.finish(shop, job) == "picked"


def test_one_scan_fills_several_lines_of_the_same_article(shop):
    stock(shop, "lager", {HOOKS: 9})
    wants = [want(HOOKS, "lager", 1), want(HOOKS, "lager", 3)]
    number = order(shop, "K-1", *wants)["lager"]
    picking.claim(shop, number, "Anna")

    progress = picking.scan(shop, number, HOOKS, 3)

    assert (progress.picked, progress.left) == (3, 1)
    [line_one, line_two] = sorted(picking.job(shop, number).lines, key=lambda part: part.left)
    assert line_one.picked + line_two.picked == 3
    assert line_one.left + line_two.left == 1


@pytest.mark.parametrize(
    ("sku", "quantity", "code", "facts"),
    [
        ("ROD-1", 1, "wrong_item", {"sku": "ROD-1"}),
        (HOOKS, 4, "nothing_left_to_pick", {"sku": HOOKS, "left": 3}),
        (HOOKS, 0, "quantity", {"quantity": 0}),
    ],
)
def test_a_wrong_scan_picks_nothing(shop, job, sku, quantity, code, facts):
    before = photograph(shop)
    with pytest.raises((Refused, Invalid)) as refusal:
        picking.scan(shop, job, sku, quantity)
    assert (refusal.value.code, refusal.value.facts) == (code, facts)
    assert photograph(shop) == before


def test_only_a_job_in_hand_is_picked(shop):
    stock(shop, "lager", {HOOKS: 9})
    number = order(shop, "K-1", want(HOOKS, "lager", 1))["lager"]
    before = photograph(shop)
    for step in (
        lambda: picking.scan(shop, number, HOOKS),
        lambda: picking.short_pick(shop, number, HOOKS, "Anna"),
    ):
        with pytest.raises(Refused) as refusal:
            step()
        assert refusal.value.facts == {"state": "open", "wanted": "picking"}
    with pytest.raises(NotFound, match="fulfilment_order"):
        picking.claim(shop, uuid.uuid4(), "Anna")
    assert photograph(shop) == before


@pytest.mark.parametrize("out", [ledger.write_off, ledger.quarantine])
def test_what_is_in_a_tote_cannot_be_taken_off_the_shelf(shop, job, out):
    picking.scan(shop, job, HOOKS, 3)
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        out(shop, "lager", [(HOOKS, 7)], document="D", actor="kai", key="w")
    assert refusal.value.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 7, "available": 6}
    ]
    assert photograph(shop) == before


def test_what_is_put_back_lies_on_the_shelf_again(shop, job):
    picking.scan(shop, job, HOOKS, 2)

    row = picking.put_back(shop, job)

    assert (row.state, row.picker) == ("open", None)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "allocated": 3}
    assert [(part.sku, part.left) for part in picking.job(shop, job).lines] == [
        (LURES, 2),
        (HOOKS, 3),
    ]
    before = photograph(shop)
    picking.put_back(shop, job)
    assert photograph(shop) == before


def test_finish_names_what_is_left(shop, job):
    picking.scan(shop, job, HOOKS, 1)
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        picking.finish(shop, job)
    assert refusal.value.code == "still_to_pick"
    assert sorted(refusal.value.facts["lines"], key=lambda line: line["sku"]) == [
        {"sku": LURES, "quantity": 2},
        {"sku": HOOKS, "quantity": 2},
    ]
    assert photograph(shop) == before


def test_list_picking_takes_everything_at_once(shop, job):
    picking.scan(shop, job, HOOKS, 1)
    row = picking.pick_all(shop, job, "Anna")

    assert (row.state, row.picked_at) == ("picked", WEDNESDAY)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "allocated": 3, "picked": 3}
    assert {state for _, _, state, _ in states(shop, "K-1")} == {"picked"}


def test_an_empty_shelf_where_the_books_say_three(shop):
    # Herr Müller's hooks: the books say three, he ordered two, the shelf is empty.
    stock(shop, "lager", {HOOKS: 3, LURES: 5})
    stock(shop, "bonn", {HOOKS: 4})
    number = order(shop, "K-M", want(HOOKS, "lager", 2), want(LURES, "lager", 1))["lager"]
    picking.claim(shop, number, "Anna")
    picking.scan(shop, number, LURES)

    shortfall = picking.short_pick(shop, number, HOOKS, "Anna")

    assert (shortfall.quantity, shortfall.quarantined, shortfall.lost) == (2, 3, [])
    assert balance(shop, "lager", HOOKS) == {"on_hand": 3, "quarantined": 3}
    assert availability.available(shop, [HOOKS])["lager", HOOKS].available == 0
    [shortage] = shortages.open_for(shop, "K-M")
    assert (shortage.sku, shortage.quantity, shortage.cause) == (HOOKS, 2, "short_pick")
    assert events_of(shop) == [("ShortageOpened", {"order_ref": "K-M", "cause": "short_pick"})]
    [task] = counts.open_tasks(shop, "lager")
    assert (task.sku, task.cause, task.document) == (HOOKS, "short_pick", "K-M")
    [job] = picking.jobs(shop, "lager")
    assert [(part.sku, part.left, part.picked, part.short) for part in job.lines] == [
        (LURES, 0, 1, 0),
        (HOOKS, 0, 0, 2),
    ]
    assert picking.finish(shop, number) == "picked"

    # The router finds the hooks in Bonn; two parcels, and nobody is short any more.
    order(shop, "K-M", want(HOOKS, "bonn", 2, shortage.line_id))
    assert shortages.resolve(shop, shortage.id, "rerouted") is True
    assert shortages.resolve(shop, shortage.id, "refunded") is False
    assert shortages.open_for(shop, "K-M") == []
    assert [(view.location, view.state) for view in shipments.for_order(shop, "K-M")] == [
        ("lager", "picked"),
        ("bonn", "open"),
    ]


def test_others_who_were_promised_the_same_shelf_lose_too(shop):
    stock(shop, "lager", {HOOKS: 6})
    order(shop, "K-2", want(HOOKS, "lager", 1))
    reservations.place(
        shop,
        order_ref="K-3",
        wants=[want(HOOKS, "lager", 1)],
        expires_at=WEDNESDAY + timedelta(minutes=30),
    )
    number = order(shop, "K-1", want(HOOKS, "lager", 3))["lager"]
    picking.claim(shop, number, "Anna")
    picking.scan(shop, number, HOOKS)

    shortfall = picking.short_pick(shop, number, HOOKS, "Anna")

    assert (shortfall.quantity, shortfall.quarantined) == (2, 5)
    assert [(loss.order_ref, loss.quantity) for loss in shortfall.lost] == [("K-3", 1), ("K-2", 1)]
    assert balance(shop, "lager", HOOKS) == {
        "on_hand": 6,
        "quarantined": 5,
        "allocated": 1,
        "picked": 1,
    }
    assert states(shop, "K-1") == [("lager", HOOKS, "picked", 1), ("lager", HOOKS, "short", 2)]
    assert {name for name, _ in events_of(shop)} == {"ShortageOpened"}
    assert sorted(facts["order_ref"] for _, facts in events_of(shop)) == ["K-1", "K-2", "K-3"]
    # The job of K-2 has nothing left: it is not on the list, and re-routing cancels it.
    assert [one.order_ref for one in picking.jobs(shop, "lager")] == ["K-1"]
    assert len(picking.cancel_empty(shop, "K-2")) == 1
    assert picking.cancel_empty(shop, "K-1") == []


def test_a_second_short_pick_of_the_same_article_is_refused(shop, job):
    picking.short_pick(shop, job, HOOKS, "Anna")
    before = photograph(shop)
    with pytest.raises(Refused, match="nothing_left_to_pick"):
        picking.short_pick(shop, job, HOOKS, "Anna")
    with pytest.raises(Refused, match="wrong_item"):
        picking.short_pick(shop, job, "ROD-1", "Anna")
    assert photograph(shop) == before


def test_a_job_of_which_nothing_was_there_is_cancelled(shop):
    stock(shop, "lager", {HOOKS: 1})
    number = order(shop, "K-1", want(HOOKS, "lager", 1))["lager"]
    picking.claim(shop, number, "Anna")
    picking.short_pick(shop, number, HOOKS, "Anna")

    assert picking.finish(shop, number) == "cancelled"
    assert picking.jobs(shop, "lager") == []
    with pytest.raises(Refused, match="fulfilment_order_state"):
        parcels.pack(shop, number)


def test_a_picked_unit_is_released_only_when_asked_for(shop, job):
    picking.scan(shop, job, HOOKS, 1)
    allocations.release(shop, order_ref="K-1")
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "allocated": 1, "picked": 1}

    allocations.release(shop, order_ref="K-1", picked=True)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9}
    assert picking.put_back(shop, job).state == "cancelled"
