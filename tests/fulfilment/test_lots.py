"""Goods that are kept apart: which unit is which, from the supplier to the parcel."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fulfilment.outbound import parcels, picking, shipments
from fulfilment.stock import counter_sales, counts, ledger
from fulfilment.tracing import lots, picked_lots, tracking
from kit.errors import Invalid, Refused
from tests.fulfilment import warehouse
from tests.fulfilment.warehouse import order, photograph, want

BAIT = "BOI-20-ER"
SONAR = "ECH-70-CH"


def held(session, sku, location="lager"):
    """Return what a place holds: on hand, quarantined, in transit, in totes, by lot."""
    return {
        row.lot: (row.on_hand, row.quarantined, row.in_transit, row.picked)
        for row in lots.of_sku(session, sku)
        if row.location == location
    }


def balance(session, sku, location="lager"):
    row = session.execute(
        text(
            "SELECT on_hand, quarantined, reserved, allocated FROM stock_balances"
            " WHERE sku = :sku AND location = :location"
        ),
        {"sku": sku, "location": location},
    ).one()
    return tuple(row)


def receive(session, sku, named, location="lager", key="r1"):
    return ledger.receive(
        session,
        location,
        [(sku, sum(named.values()))],
        document="delivery 1",
        actor="test",
        key=f"{key}/{location}",
        lots={sku: named},
    )


def sell(session, sku, quantity, named=None, location="lager", key="s1", **more):
    return counter_sales.sell(
        session,
        location=location,
        lines=[(sku, quantity)],
        document=f"R-{key}",
        actor="till",
        key=key,
        lots={sku: named} if named else None,
        **more,
    )


@pytest.fixture
def bait(shop):
    """Ten packs of two lots of bait in Kassel; the second one expires first."""
    tracking.track(shop, BAIT, "lot", actor="test")
    receive(shop, BAIT, {"A1": 6, "B2": 4})
    lots.date_lot(shop, BAIT, "A1", date(2027, 9, 30))
    lots.date_lot(shop, BAIT, "B2", date(2027, 3, 31))
    return shop


@pytest.fixture
def sonar(shop):
    """Three echo sounders in Kassel, each with its number."""
    tracking.track(shop, SONAR, "serial", actor="test")
    receive(shop, SONAR, {"S1": 1, "S2": 1, "S3": 1})
    return shop


def refused(session, code, function, *args, error=Refused, **kwargs):
    """Call and assert that it is refused and that nothing moved; return the facts."""
    before = photograph(session)
    named = session.execute(text("SELECT * FROM stock_lots ORDER BY 1, 2, 3")).all()
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    assert caught.value.code == code
    assert photograph(session) == before
    assert session.execute(text("SELECT * FROM stock_lots ORDER BY 1, 2, 3")).all() == named
    return caught.value.facts


def test_what_comes_in_names_its_lots(bait):
    assert held(bait, BAIT) == {"B2": (4, 0, 0, 0), "A1": (6, 0, 0, 0)}
    assert balance(bait, BAIT) == (10, 0, 0, 0)


def test_without_lots_it_does_not_come_in(bait):
    facts = refused(
        bait, "lot_required", ledger.receive, bait, "lager", [(BAIT, 2)],
        document="d", actor="t", key="r2", error=Invalid,
    )  # fmt: skip
    assert facts == {"sku": BAIT}


def test_the_lots_of_a_line_add_up_to_it(bait):
    facts = refused(
        bait, "lots_differ", ledger.receive, bait, "lager", [(BAIT, 5)],
        document="d", actor="t", key="r2", lots={BAIT: {"A1": 2, "C3": 2}}, error=Invalid,
    )  # fmt: skip
    assert facts == {"sku": BAIT, "quantity": 5, "named": 4}


def test_goods_that_are_not_kept_apart_have_no_lot(shop):
    refused(shop, "lot_not_kept", receive, shop, BAIT, {"A1": 1}, error=Invalid)


def test_a_repeated_receipt_moves_nothing(bait):
    before = photograph(bait)
    receive(bait, BAIT, {"A1": 6, "B2": 4})
    assert photograph(bait) == before
    assert held(bait, BAIT) == {"B2": (4, 0, 0, 0), "A1": (6, 0, 0, 0)}


def test_a_transfer_carries_its_lots(bait):
    words = {"document": "UL-1", "actor": "test"}
    ledger.transfer_out(
        bait, "lager", "bonn", [(BAIT, 5)], key="t1", lots={BAIT: {"A1": 3, "B2": 2}}, **words
    )
    assert held(bait, BAIT) == {"B2": (2, 0, 0, 0), "A1": (3, 0, 0, 0)}
    assert held(bait, BAIT, "bonn") == {"B2": (0, 0, 2, 0), "A1": (0, 0, 3, 0)}
    refused(
        bait, "lot_required", ledger.transfer_in, bait, "bonn", [(BAIT, 2)], key="t2",
        error=Invalid, **words,
    )  # fmt: skip
    # Everything that is on the way has arrived: there is no doubt which lots these are.
    ledger.transfer_in(bait, "bonn", [(BAIT, 5)], key="t3", **words)
    assert held(bait, BAIT, "bonn") == {"B2": (2, 0, 0, 0), "A1": (3, 0, 0, 0)}
    # The same arrival again, while another lot is on the way.
    ledger.transfer_out(
        bait, "lager", "bonn", [(BAIT, 1)], key="t4", lots={BAIT: {"A1": 1}}, **words
    )
    ledger.transfer_in(bait, "bonn", [(BAIT, 5)], key="t3", **words)
    assert held(bait, BAIT, "bonn") == {"B2": (2, 0, 0, 0), "A1": (3, 0, 1, 0)}


def test_what_was_booked_before_lots_were_asked_for_may_be_repeated(shop):
    for _ in range(2):
        ledger.receive(shop, "lager", [(BAIT, 4)], document="d", actor="t", key="old")
        ledger.transfer_out(shop, "lager", "bonn", [(BAIT, 1)], document="d", actor="t", key="o")
        ledger.transfer_in(shop, "bonn", [(BAIT, 1)], document="d", actor="t", key="i")
        tracking.track(shop, BAIT, "lot", actor="test")
    assert held(shop, BAIT) == {"?": (3, 0, 0, 0)}
    assert held(shop, BAIT, "bonn") == {"?": (1, 0, 0, 0)}


def test_a_lot_leaves_only_where_it_is(bait):
    facts = refused(
        bait, "lot_short", ledger.write_off, bait, "lager", [(BAIT, 5)],
        document="d", actor="t", key="w1", lots={BAIT: {"B2": 5}},
    )  # fmt: skip
    assert facts["short"] == [
        {"location": "lager", "sku": BAIT, "lot": "B2", "wanted": 5, "available": 4}
    ]


def test_the_picker_reads_the_lot_and_it_goes_into_the_parcel(bait):
    job = order(bait, "K-1", want(BAIT, "lager", 5))["lager"]
    picking.claim(bait, job, "Anna")
    facts = refused(bait, "lot_required", picking.scan, bait, job, BAIT, error=Invalid)
    assert facts == {"sku": BAIT, "tracking": "lot"}
    picking.scan(bait, job, BAIT, 4, lot="B2")
    progress = picking.scan(bait, job, BAIT, 1, lot="A1")
    assert (progress.picked, progress.left_in_all) == (5, 0)
    assert held(bait, BAIT) == {"B2": (4, 0, 0, 4), "A1": (6, 0, 0, 1)}
    picking.finish(bait, job)
    parcels.pack(bait, job)
    [view] = shipments.for_order(bait, "K-1")
    assert [(part.quantity, part.lots) for part in view.lines] == [(5, "A1, B2")]
    shipments.dispatch(bait, job, carrier="DHL", actor="Anna")
    assert held(bait, BAIT) == {"A1": (5, 0, 0, 0)}
    rows = bait.execute(
        text("SELECT lot, quantity, document FROM stock_movements WHERE cause = 'shipment'")
    )
    assert sorted(map(tuple, rows)) == [("A1", 1, "K-1"), ("B2", 4, "K-1")]


def test_what_expires_first_is_suggested_first(bait):
    receive(bait, BAIT, {"C3": 2}, key="r2")
    suggested = picked_lots.suggested(bait, "lager", [BAIT])
    assert [(row.lot, row.free) for row in suggested[BAIT]] == [("B2", 4), ("A1", 6), ("C3", 2)]


def test_what_was_put_back_has_no_lot_any_more(bait):
    job = order(bait, "K-1", want(BAIT, "lager", 2))["lager"]
    picking.claim(bait, job, "Anna")
    picking.scan(bait, job, BAIT, lot="A1")
    picking.put_back(bait, job)
    assert held(bait, BAIT) == {"B2": (4, 0, 0, 0), "A1": (6, 0, 0, 0)}
    picking.claim(bait, job, "Anna")
    picking.scan(bait, job, BAIT, 2, lot="B2")
    assert held(bait, BAIT)["B2"] == (4, 0, 0, 2)


def test_goods_that_are_kept_apart_are_not_picked_unread(bait):
    job = order(bait, "K-1", want(BAIT, "lager", 2))["lager"]
    refused(bait, "lot_required", picking.pick_all, bait, job, "Anna", error=Invalid)


def test_a_picker_holds_a_lot_that_the_books_do_not_have(bait):
    job = order(bait, "K-1", want(BAIT, "lager", 2))["lager"]
    picking.claim(bait, job, "Anna")
    picking.scan(bait, job, BAIT, 2, lot="Z9")
    # As many units as before: two others are not what the books say.
    assert held(bait, BAIT) == {
        "B2": (4, 0, 0, 0), "A1": (6, 0, 0, 0), "Z9": (2, 0, 0, 2), "?": (-2, 0, 0, 0)
    }  # fmt: skip
    assert balance(bait, BAIT) == (10, 0, 0, 2)
    [task] = counts.open_tasks(bait, "lager")
    assert (task.sku, task.cause) == (BAIT, "lot_unknown")


def test_a_short_pick_puts_every_lot_in_doubt(bait):
    job = order(bait, "K-1", want(BAIT, "lager", 3))["lager"]
    picking.claim(bait, job, "Anna")
    picking.scan(bait, job, BAIT, 1, lot="B2")
    shortfall = picking.short_pick(bait, job, BAIT, "Anna")
    assert (shortfall.quantity, shortfall.quarantined) == (2, 9)
    assert held(bait, BAIT) == {"B2": (4, 3, 0, 1), "A1": (6, 6, 0, 0)}


def test_a_till_names_the_lot(bait):
    sold = sell(bait, BAIT, 3, {"A1": 2, "B2": 1})
    assert sold.found == []
    assert held(bait, BAIT) == {"B2": (3, 0, 0, 0), "A1": (4, 0, 0, 0)}
    assert counts.open_tasks(bait, "lager") == []


def test_a_till_that_does_not_know_the_lot_sells_all_the_same(bait):
    sold = sell(bait, BAIT, 3)
    assert sold.found == []
    assert balance(bait, BAIT) == (7, 0, 0, 0)
    assert held(bait, BAIT) == {
        "B2": (4, 0, 0, 0), "A1": (6, 0, 0, 0), "?": (-3, 0, 0, 0)
    }  # fmt: skip
    [task] = counts.open_tasks(bait, "lager")
    assert task.cause == "lot_unknown"
    counted = counts.post(bait, task.id, 7, actor="Anna", lots={"A1": 5, "B2": 2})
    assert counted.difference == 0
    assert held(bait, BAIT) == {"B2": (2, 0, 0, 0), "A1": (5, 0, 0, 0)}


def test_a_sale_is_repeated_whatever_its_lots(bait):
    sell(bait, BAIT, 3, {"A1": 2})
    before = photograph(bait)
    assert sell(bait, BAIT, 3, {"A1": 2}).repeated
    assert photograph(bait) == before


def test_a_till_sells_a_lot_that_lies_elsewhere(bait):
    sold = sell(bait, BAIT, 2, {"A1": 2}, location="bonn")
    assert sold.found == [(BAIT, 2)]
    assert held(bait, BAIT, "bonn") == {}
    assert balance(bait, BAIT, "bonn")[0] == 0
    assert held(bait, BAIT)["A1"] == (6, 0, 0, 0)


def test_lots_of_goods_that_are_not_kept_apart_are_left_out(shop):
    warehouse.stock(shop, "lager", {BAIT: 3})
    sell(shop, BAIT, 1, {"A1": 1})
    assert balance(shop, BAIT) == (2, 0, 0, 0)
    assert shop.scalar(text("SELECT count(*) FROM lots")) == 0


def test_a_return_says_which_lot_or_somebody_looks(bait):
    sell(bait, BAIT, 2, {"A1": 2})
    words = {"document": "R-s1", "actor": "test"}
    ledger.take_back(bait, "bonn", [(BAIT, 1)], key="b1", lots={BAIT: {"A1": 1}}, **words)
    assert counts.open_tasks(bait, "bonn") == []
    ledger.take_back(bait, "bonn", [(BAIT, 1)], key="b2", **words)
    assert held(bait, BAIT, "bonn") == {"A1": (1, 0, 0, 0), "?": (1, 0, 0, 0)}
    assert [task.cause for task in counts.open_tasks(bait, "bonn")] == ["lot_unknown"]


def test_a_count_by_lots_sets_each_right(bait):
    counts.plan(bait, [("lager", BAIT)], document="week 47")
    [task] = counts.open_tasks(bait, "lager")
    refused(
        bait, "lots_differ", counts.post, bait, task.id, 9, actor="Anna", lots={"A1": 8},
        error=Invalid,
    )  # fmt: skip
    counted = counts.post(bait, task.id, 9, actor="Anna", lots={"A1": 7, "B2": 2})
    assert counted.difference == -1
    assert held(bait, BAIT) == {"B2": (2, 0, 0, 0), "A1": (7, 0, 0, 0)}
    assert balance(bait, BAIT) == (9, 0, 0, 0)


def test_a_count_in_one_number_leaves_the_lots_as_they_are(bait):
    counts.plan(bait, [("lager", BAIT)], document="week 47")
    [task] = counts.open_tasks(bait, "lager")
    counts.post(bait, task.id, 8, actor="Anna")
    assert held(bait, BAIT) == {
        "B2": (4, 0, 0, 0), "A1": (6, 0, 0, 0), "?": (-2, 0, 0, 0)
    }  # fmt: skip


def test_keeping_apart_begins_with_what_is_there(shop):
    warehouse.stock(shop, "lager", {BAIT: 5})
    tracking.track(shop, BAIT, "lot", actor="test")
    assert held(shop, BAIT) == {"?": (5, 0, 0, 0)}
    [task] = counts.open_tasks(shop, "lager")
    counts.post(shop, task.id, 5, actor="Anna", lots={"A1": 3, "B2": 2})
    assert held(shop, BAIT) == {"A1": (3, 0, 0, 0), "B2": (2, 0, 0, 0)}
    tracking.track(shop, BAIT, "lot", actor="test")
    assert refused(shop, "tracking_set", tracking.track, shop, BAIT, "serial", actor="t") == {
        "sku": BAIT,
        "tracking": "lot",
    }


def test_keeping_apart_waits_for_what_is_in_totes(shop):
    warehouse.stock(shop, "lager", {BAIT: 5})
    job = order(shop, "K-1", want(BAIT, "lager", 2))["lager"]
    picking.claim(shop, job, "Anna")
    picking.scan(shop, job, BAIT, 2)
    facts = refused(shop, "tracking_now", tracking.track, shop, BAIT, "lot", actor="test")
    assert facts == {"sku": BAIT, "units": 2}


def test_a_serial_number_is_one_unit(sonar):
    facts = refused(
        sonar, "serial_quantity", receive, sonar, SONAR, {"S4": 2}, key="r2", error=Invalid
    )
    assert facts == {"sku": SONAR, "lot": "S4", "quantity": 2}


def test_a_serial_number_is_at_one_place(sonar):
    facts = refused(sonar, "serial_elsewhere", receive, sonar, SONAR, {"S1": 1}, "bonn", key="r2")
    assert facts == {"sku": SONAR, "lot": "S1", "location": "lager"}


def test_the_database_knows_that_a_serial_number_is_at_one_place(sonar):
    ledger.receive(
        sonar, "bonn", [(SONAR, 1)], document="d", actor="t", key="r3", lots={SONAR: {"S9": 1}}
    )
    savepoint = sonar.begin_nested()
    twice = text("INSERT INTO stock_lots VALUES (:sku, 'bonn', 'S1', true, 1, 0, 0)")
    with pytest.raises(IntegrityError, match="one_place_per_serial"):
        sonar.execute(twice, {"sku": SONAR})
    savepoint.rollback()


def test_a_serial_number_travels(sonar):
    words = {"document": "UL-1", "actor": "test"}
    ledger.transfer_out(
        sonar, "lager", "bonn", [(SONAR, 1)], key="t1", lots={SONAR: {"S2": 1}}, **words
    )
    ledger.transfer_in(sonar, "bonn", [(SONAR, 1)], key="t2", **words)
    assert held(sonar, SONAR, "bonn") == {"S2": (1, 0, 0, 0)}


def test_a_unit_is_not_picked_twice(sonar):
    job = order(sonar, "K-1", want(SONAR, "lager", 2))["lager"]
    picking.claim(sonar, job, "Anna")
    picking.scan(sonar, job, SONAR, lot="S1")
    assert refused(sonar, "serial_picked", picking.scan, sonar, job, SONAR, lot="S1") == {
        "sku": SONAR,
        "lot": "S1",
    }
    picking.scan(sonar, job, SONAR, lot="S3")
    assert held(sonar, SONAR) == {
        "S1": (1, 0, 0, 1), "S2": (1, 0, 0, 0), "S3": (1, 0, 0, 1)
    }  # fmt: skip


def test_a_unit_that_the_books_see_elsewhere_is_sold_and_both_places_are_counted(sonar):
    receive(sonar, SONAR, {"S7": 1}, "bonn", key="r7")
    sell(sonar, SONAR, 1, {"S1": 1}, location="bonn")
    assert held(sonar, SONAR, "bonn") == {"S7": (1, 0, 0, 0), "?": (-1, 0, 0, 0)}
    assert [task.cause for task in counts.open_tasks(sonar, "bonn")] == ["lot_unknown"]
    assert [task.cause for task in counts.open_tasks(sonar, "lager")] == ["lot_unknown"]


def test_a_unit_comes_back_after_it_was_sold(sonar):
    sell(sonar, SONAR, 1, {"S1": 1})
    ledger.take_back(
        sonar, "bonn", [(SONAR, 1)], document="R-s1", actor="t", key="b1", lots={SONAR: {"S1": 1}}
    )
    assert held(sonar, SONAR, "bonn") == {"S1": (1, 0, 0, 0)}
