"""Goods that are called back: none is sold, all are put aside, and everybody is found."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.claims import reservations, shortages
from fulfilment.outbound import parcels, picking, shipments
from fulfilment.places import locations
from fulfilment.stock import counts, ledger
from fulfilment.tracing import recall_reach, recalls, tracking
from kit import clock
from kit.errors import Invalid, Refused
from tests.fulfilment import warehouse
from tests.fulfilment.test_lots import (
    BAIT,
    SONAR,
    bait,  # noqa: F401 - a fixture
    balance,
    held,
    receive,
    refused,
    sell,
    sonar,  # noqa: F401 - a fixture
)
from tests.fulfilment.warehouse import SATURDAY, WEDNESDAY, events_of, order, photograph, want

KETTLE = "KET-17"


@pytest.fixture
def books(bait):  # noqa: F811 - pytest's way of asking for it
    """Bait of two lots in Kassel, of one of them in Bonn and Koblenz."""
    receive(bait, BAIT, {"A1": 3}, "bonn")
    receive(bait, BAIT, {"B2": 2}, "koblenz")
    return bait


def recall(books, sku=BAIT, lots=("A1",)):
    return recalls.open_(
        books, sku=sku, lots=lots, reason="Salmonellen gefunden", actor="Frau Sieg"
    )


def test_every_unit_of_the_lot_is_put_aside_everywhere(books):
    view, gathered = recall(books)
    assert gathered.units == {"lager": 6, "bonn": 3}
    assert (gathered.lost, gathered.reopened, gathered.left) == ([], [], 0)
    assert held(books, BAIT) == {"B2": (4, 0, 0, 0), "A1": (6, 6, 0, 0)}
    assert balance(books, BAIT, "bonn") == (3, 3, 0, 0)
    assert balance(books, BAIT, "koblenz") == (2, 0, 0, 0)
    assert [row.quarantined for row in recall_reach.aside(books, view)] == [3, 6]
    assert ("RecallOpened", {"recall_id": str(view.id)}) in events_of(books)


def test_claims_give_way_to_a_recall_and_are_routed_again(books):
    reservations.place(
        books, order_ref="K-1", wants=[want(BAIT, "bonn", 2)],
        expires_at=WEDNESDAY + timedelta(minutes=30),
    )  # fmt: skip
    order(books, "K-2", want(BAIT, "lager", 5), on=SATURDAY)
    order(books, "K-3", want(BAIT, "lager", 3))
    _, gathered = recall(books)
    assert [(loss.order_ref, loss.quantity) for loss in gathered.lost] == [("K-1", 2), ("K-2", 4)]
    assert balance(books, BAIT) == (10, 6, 0, 4)
    assert [row.cause for row in shortages.open_for(books, "K-2")] == ["recall"]


def test_units_in_a_tote_are_taken_out(books):
    job = order(books, "K-1", want(BAIT, "lager", 3))["lager"]
    picking.claim(books, job, "Anna")
    picking.scan(books, job, BAIT, 2, lot="A1")
    picking.scan(books, job, BAIT, 1, lot="B2")
    _, gathered = recall(books)
    assert [(loss.order_ref, loss.quantity) for loss in gathered.lost] == [("K-1", 2)]
    assert held(books, BAIT) == {"B2": (4, 0, 0, 1), "A1": (6, 6, 0, 0)}
    assert picking.finish(books, job) == "picked"


def test_a_sealed_parcel_is_opened_again(books):
    job = order(books, "K-1", want(BAIT, "lager", 3))["lager"]
    picking.claim(books, job, "Anna")
    picking.scan(books, job, BAIT, 2, lot="A1")
    picking.scan(books, job, BAIT, 1, lot="B2")
    picking.finish(books, job)
    [sealed] = parcels.pack(books, job)
    _, gathered = recall(books)
    assert gathered.reopened == [job]
    assert picking.job(books, job).state == "picked"
    assert parcels.of_job(books, job) == []
    [anew] = parcels.pack(books, job)
    assert anew.sscc != sealed.sscc
    shipments.dispatch(books, job, carrier="DHL", actor="Anna")
    assert held(books, BAIT) == {"B2": (3, 0, 0, 0), "A1": (6, 6, 0, 0)}


def test_an_order_of_nothing_but_recalled_goods_ends_at_this_place(books):
    job = order(books, "K-1", want(BAIT, "lager", 2))["lager"]
    picking.claim(books, job, "Anna")
    picking.scan(books, job, BAIT, 2, lot="A1")
    picking.finish(books, job)
    recall(books)
    assert picking.job(books, job).state == "cancelled"


def test_a_recalled_lot_is_not_picked(books):
    recall(books)
    job = order(books, "K-1", want(BAIT, "lager", 1))["lager"]
    picking.claim(books, job, "Anna")
    facts = refused(books, "recalled", picking.scan, books, job, BAIT, lot="A1")
    assert facts == {"sku": BAIT, "lot": "A1", "lots": ["A1"]}
    picking.scan(books, job, BAIT, lot="B2")


def test_a_till_does_not_sell_it(books):
    recall(books)
    facts = refused(books, "recalled", sell, books, BAIT, 1, {"A1": 1})
    assert facts == {"sku": BAIT, "lot": "A1", "lots": ["A1"]}
    # Nobody knows that it is not one of them.
    assert refused(books, "recalled", sell, books, BAIT, 1)["lot"] == "?"
    sell(books, BAIT, 1, {"B2": 1}, key="s2")
    assert held(books, BAIT) == {"B2": (3, 0, 0, 0), "A1": (6, 6, 0, 0)}


def test_what_was_sold_offline_before_the_recall_is_booked_and_its_buyer_told(books):
    view, _ = recall(books)
    sold = sell(books, BAIT, 2, {"A1": 2}, sold_at=WEDNESDAY - timedelta(minutes=10))
    assert sold.found == []
    assert held(books, BAIT)["A1"] == (4, 4, 0, 0)
    assert ("RecalledGoodsSold", {"recall_id": str(view.id)}) in events_of(books)
    again = photograph(books)
    assert sell(books, BAIT, 2, {"A1": 2}, sold_at=WEDNESDAY - timedelta(minutes=10)).repeated
    assert photograph(books) == again
    [row] = recall_reach.handed(books, view)
    assert (row.document, row.units, row.certain) == ("R-s1", 2, True)


def test_what_arrives_later_comes_into_quarantine(books):
    words = {"document": "UL-1", "actor": "test"}
    ledger.transfer_out(
        books, "lager", "koeln", [(BAIT, 2)], key="t1", lots={BAIT: {"A1": 2}}, **words
    )
    sell(books, BAIT, 1, {"A1": 1}, "bonn", key="s5")
    view, _ = recall(books)
    assert recall_reach.aside(books, view)[1].in_transit == 2
    ledger.transfer_in(books, "koeln", [(BAIT, 2)], key="t2", **words)
    receive(books, BAIT, {"A1": 1, "C3": 1}, key="r9")
    ledger.take_back(
        books, "bonn", [(BAIT, 1)], document="R-s5", actor="t", key="b1", lots={BAIT: {"A1": 1}}
    )
    assert held(books, BAIT, "koeln") == {"A1": (2, 2, 0, 0)}
    assert held(books, BAIT)["A1"] == (5, 5, 0, 0)
    assert held(books, BAIT)["C3"] == (1, 0, 0, 0)
    assert held(books, BAIT, "bonn") == {"A1": (3, 3, 0, 0)}
    [row] = recall_reach.handed(books, view)
    assert (row.document, row.units, row.returned) == ("R-s5", 1, 1)


def test_what_is_called_back_does_not_travel_and_is_not_released(books):
    recall(books)
    words = {"document": "x", "actor": "t", "lots": {BAIT: {"A1": 1}}}
    refused(books, "recalled", ledger.release, books, "lager", [(BAIT, 1)], key="x1", **words)
    ledger.found(books, "lager", [(BAIT, 1)], key="x2", **words)
    assert held(books, BAIT)["A1"] == (7, 7, 0, 0)
    refused(
        books, "recalled", ledger.transfer_out, books, "lager", "bonn", [(BAIT, 1)],
        key="x3", **words,
    )  # fmt: skip


def test_a_count_leaves_it_in_quarantine(books):
    recall(books)
    counts.plan(books, [("lager", BAIT)], document="week 47")
    [task] = counts.open_tasks(books, "lager")
    refused(books, "lot_required", counts.post, books, task.id, 9, actor="A", error=Invalid)
    counts.post(books, task.id, 9, actor="Anna", lots={"A1": 5, "B2": 4})
    assert held(books, BAIT) == {"B2": (4, 0, 0, 0), "A1": (5, 5, 0, 0)}


def test_units_of_unknown_lot_are_put_aside_until_somebody_has_read_them(books):
    ledger.found(books, "koeln", [(BAIT, 3)], document="f", actor="t", key="f1")
    _, gathered = recall(books)
    assert gathered.units == {"lager": 6, "bonn": 3, "koeln": 3}
    [task] = counts.open_tasks(books, "koeln")
    counts.post(books, task.id, 3, actor="Anna", lots={"A1": 1, "B2": 2})
    assert held(books, BAIT, "koeln") == {"B2": (2, 0, 0, 0), "A1": (1, 1, 0, 0)}


def test_goods_that_are_not_kept_apart_are_called_back_as_a_whole(shop):
    warehouse.stock(shop, "lager", {KETTLE: 4})
    warehouse.stock(shop, "bonn", {KETTLE: 2})
    facts = refused(shop, "lot_not_kept", recall, shop, KETTLE, error=Invalid)
    assert facts["sku"] == KETTLE
    job = order(shop, "K-1", want(KETTLE, "lager", 2))["lager"]
    picking.claim(shop, job, "Anna")
    picking.scan(shop, job, KETTLE, 1)
    view, gathered = recall(shop, KETTLE, None)
    assert gathered.units == {"lager": 4, "bonn": 2}
    assert sorted(loss.quantity for loss in gathered.lost) == [1, 1]
    assert balance(shop, KETTLE) == (4, 4, 0, 0)
    facts = refused(shop, "recalled", sell, shop, KETTLE, 1, location="bonn")
    assert facts == {"sku": KETTLE, "lot": None, "lots": []}
    warehouse.stock(shop, "koblenz", {KETTLE: 3})
    assert balance(shop, KETTLE, "koblenz") == (3, 3, 0, 0)
    [where_bonn, where_koblenz, where_lager] = recall_reach.aside(shop, view)
    assert (where_bonn.quarantined, where_koblenz.quarantined, where_lager.quarantined) == (2, 3, 4)
    counts.plan(shop, [("bonn", KETTLE)], document="x")
    [task] = counts.open_tasks(shop, "bonn")
    counts.post(shop, task.id, 1, actor="Anna")
    assert balance(shop, KETTLE, "bonn") == (1, 1, 0, 0)


def test_a_place_that_opens_during_a_recall_knows_of_it(books):
    recall(books)
    row = locations.one(books, "bonn")
    facts = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    locations.put(books, **{**facts, "code": "trier", "position": 9})
    receive(books, BAIT, {"A1": 1}, "trier")
    assert held(books, BAIT, "trier") == {"A1": (1, 1, 0, 0)}


def test_a_serial_number_can_be_called_back(sonar):  # noqa: F811
    recall(sonar, SONAR, ["S2"])
    assert held(sonar, SONAR) == {
        "S1": (1, 0, 0, 0), "S2": (1, 1, 0, 0), "S3": (1, 0, 0, 0)
    }  # fmt: skip
    refused(sonar, "recalled", sell, sonar, SONAR, 1, {"S2": 1})


def test_the_same_goods_are_called_back_once(books):
    view, _ = recall(books)
    assert refused(books, "recall_open", recall, books) == {"number": view.number}
    refused(
        books,
        "reason",
        recalls.open_,
        books,
        sku=BAIT,
        lots=None,
        reason=" ",
        actor="x",
        error=Invalid,
    )
    refused(
        books,
        "lots",
        recalls.open_,
        books,
        sku=BAIT,
        lots=[],
        reason="x",
        actor="x",
        error=Invalid,
    )


def test_everybody_who_has_some_is_found(books):
    sell(books, BAIT, 2, {"A1": 2}, key="s1")
    sell(books, BAIT, 1, {"B2": 1}, key="s2")
    sell(books, BAIT, 1, key="s3")
    job = order(books, "K-1", want(BAIT, "lager", 2))["lager"]
    picking.claim(books, job, "Anna")
    picking.scan(books, job, BAIT, 1, lot="A1")
    picking.scan(books, job, BAIT, 1, lot="B2")
    picking.finish(books, job)
    parcels.pack(books, job)
    shipments.dispatch(books, job, carrier="DHL", actor="Anna")
    view, _ = recall(books)
    found = [(row.document, row.units, row.certain) for row in recall_reach.handed(books, view)]
    assert sorted(found) == [("K-1", 1, True), ("R-s1", 2, True), ("R-s3", 1, False)]


@pytest.mark.parametrize(
    ("result", "kassel", "aside"),
    [
        ("released", (10, 0, 0, 0), []),
        ("destroyed", (4, 0, 0, 0), []),
        ("returned", (4, 0, 0, 0), []),
        ("kept", (10, 6, 0, 0), [3, 6]),
    ],
)
def test_a_recall_ends_with_what_became_of_the_units(books, result, kassel, aside):
    view, _ = recall(books)
    closed = recalls.close(books, view.id, result=result, actor="Frau Sieg")
    assert (closed.result, closed.closed_by) == (result, "Frau Sieg")
    assert balance(books, BAIT) == kassel
    assert [row.quarantined for row in recall_reach.aside(books, view)] == aside
    before = photograph(books)
    recalls.close(books, view.id, result=result, actor="Frau Sieg")
    assert photograph(books) == before
    other = "kept" if result != "kept" else "released"
    facts = refused(books, "recall_closed", recalls.close, books, view.id, result=other, actor="x")
    assert facts == {"result": result}
    if result == "released":
        sell(books, BAIT, 1, {"A1": 1})


def test_what_another_recall_calls_back_stays_in_quarantine(books):
    first, _ = recall(books)
    recall(books, lots=None)
    recalls.close(books, first.id, result="released", actor="x")
    assert balance(books, BAIT) == (10, 10, 0, 0)
    refused(books, "recalled", sell, books, BAIT, 1, {"B2": 1})


def test_what_was_counted_too_few_is_of_the_lot_of_which_all_is_put_aside(books):
    counts.plan(books, [("bonn", BAIT)], document="C-1")
    (task,) = counts.open_tasks(books, "bonn")
    counts.post(books, task.id, 2, actor="Ben")
    unknown = text("SELECT on_hand FROM stock_lots WHERE lot = '?' AND location = 'bonn'")
    assert books.scalar(unknown) == -1
    view, gathered = recall(books)
    assert gathered.units["bonn"] == 2
    # No unit of the lot is left on the shelf, also when others come to lie beside it.
    assert books.scalar(unknown) == 0
    receive(books, BAIT, {"B2": 3}, "bonn")
    assert balance(books, BAIT, "bonn") == (5, 2, 0, 0)
    assert warehouse.broken(books) == []
    recalls.close(books, view.id, result="released", actor="Frau Sieg")
    assert held(books, BAIT, "bonn") == {"A1": (2, 0, 0, 0), "B2": (3, 0, 0, 0)}


def test_a_month_that_is_closed_keeps_its_lots(books):
    later = clock.now() + timedelta(days=30)
    with clock.frozen(later):
        assert books.execute(
            text("SELECT close_stock_month(CAST(:month AS date), :now)"),
            {"month": WEDNESDAY.date().replace(day=1), "now": later},
        ).scalar()
        rows = books.execute(
            text("SELECT lot, location, quantity FROM stock_lot_closings ORDER BY 1, 2")
        )
        assert [tuple(row) for row in rows] == [
            ("A1", "bonn", 3), ("A1", "lager", 6), ("B2", "koblenz", 2), ("B2", "lager", 4)
        ]  # fmt: skip
        assert warehouse.broken(books) == []


def test_goods_are_not_kept_apart_in_another_way_during_a_recall(books):
    recall(books)
    with pytest.raises(Refused, match="tracking_set"):
        tracking.track(books, BAIT, "serial", actor="x")
