"""From tote to door: parcels hold what was scanned, and only a hand-over is "shipped"."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from fulfilment.claims import allocations
from fulfilment.outbound import parcels, picking, shipments
from fulfilment.stock import ledger
from kit.errors import NotFound, Refused
from kit.ids import has_mod10_check_digit
from tests.fulfilment.warehouse import (
    ADDRESS,
    FRIDAY,
    HOOKS,
    LURES,
    PLANS,
    WEDNESDAY,
    balance,
    broken,
    events_of,
    photograph,
    promise,
    stock,
    want,
)

HOOK_LINE, LURE_LINE = uuid.uuid4(), uuid.uuid4()
WEIGHTS = {HOOK_LINE: 12, LURE_LINE: 40}


@pytest.fixture
def job(shop):
    """A picked fulfilment order: three hooks, two lures, at the warehouse."""
    stock(shop, "lager", {HOOKS: 9, LURES: 9})
    wants = [want(HOOKS, "lager", 3, HOOK_LINE), want(LURES, "lager", 2, LURE_LINE)]
    rows = allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    [row] = picking.open_orders(
        shop, order_ref="K-1", allocations=rows, plans=PLANS, address=ADDRESS
    )
    picking.claim(shop, row.id, "Anna")
    picking.scan(shop, row.id, HOOKS, 1)
    picking.scan(shop, row.id, HOOKS, 2)
    picking.scan(shop, row.id, LURES, 2)
    picking.finish(shop, row.id)
    return row.id


def held(session, parcel):
    rows = session.execute(
        text("SELECT line_id, quantity FROM parcel_lines WHERE parcel_id = :id"), {"id": parcel.id}
    )
    return {row.line_id: row.quantity for row in rows}


def test_one_parcel_holds_everything_that_was_picked(shop, job):
    [parcel] = parcels.pack(shop, job, unit_weights=WEIGHTS)

    assert held(shop, parcel) == {HOOK_LINE: 3, LURE_LINE: 2}
    assert parcel.weight_grams == 3 * 12 + 2 * 40
    assert (parcel.order_ref, parcel.location, parcel.arrives_on) == ("K-1", "lager", FRIDAY)
    assert parcel.sscc == "095212340000000013"
    assert has_mod10_check_digit(parcel.sscc)
    assert {row.parcel_id for row in allocations.of_order(shop, "K-1")} == {parcel.id}


def test_packing_twice_seals_once(shop, job):
    [parcel] = parcels.pack(shop, job)
    before = photograph(shop)
    assert [again.id for again in parcels.pack(shop, job)] == [parcel.id]
    assert photograph(shop) == before


def test_an_order_line_may_fill_several_parcels(shop, job):
    first, second = parcels.pack(
        shop,
        job,
        contents=[[(HOOK_LINE, 2), (LURE_LINE, 1)], [(LURE_LINE, 1), (HOOK_LINE, 1)]],
        unit_weights=WEIGHTS,
    )

    assert held(shop, first) == {HOOK_LINE: 2, LURE_LINE: 1}
    assert held(shop, second) == {HOOK_LINE: 1, LURE_LINE: 1}
    assert (first.weight_grams, second.weight_grams) == (64, 52)
    assert first.sscc != second.sscc
    rows = allocations.of_order(shop, "K-1")
    per_parcel = {}
    for row in rows:
        per_parcel[row.parcel_id, row.line_id] = (
            per_parcel.get((row.parcel_id, row.line_id), 0) + row.quantity
        )
    assert per_parcel == {
        (first.id, HOOK_LINE): 2,
        (first.id, LURE_LINE): 1,
        (second.id, HOOK_LINE): 1,
        (second.id, LURE_LINE): 1,
    }
    assert broken(shop) == []


@pytest.mark.parametrize(
    ("contents", "differing"),
    [
        ([[(HOOK_LINE, 3)]], [{"line_id": str(LURE_LINE), "picked": 2, "packed": 0}]),
        (
            [[(HOOK_LINE, 4), (LURE_LINE, 2)]],
            [{"line_id": str(HOOK_LINE), "picked": 3, "packed": 4}],
        ),
        ([[(HOOK_LINE, 3), (LURE_LINE, 2)], []], []),
    ],
)
def test_a_parcel_holds_exactly_what_was_picked(shop, job, contents, differing):
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        parcels.pack(shop, job, contents=contents)
    assert refusal.value.code == "parcel_contents"
    assert refusal.value.facts == {"lines": differing}
    assert photograph(shop) == before


def test_the_card_lies_in_exactly_one_parcel_of_the_order(shop, job):
    first, second = parcels.pack(
        shop, job, contents=[[(HOOK_LINE, 3)], [(LURE_LINE, 2)]], unit_weights=WEIGHTS
    )
    assert parcels.add_insert(shop, "K-1", "thanks", first.id, "token-1") is True
    before = photograph(shop)
    assert parcels.add_insert(shop, "K-1", "thanks", second.id, "token-2") is False
    assert photograph(shop) == before
    assert [view.has_card for view in shipments.for_order(shop, "K-1")] == [True, False]


def test_a_hand_over_takes_the_goods_off_the_books(shop, job):
    [parcel] = parcels.pack(shop, job)
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9, "allocated": 3, "picked": 3}

    shipment = shipments.dispatch(
        shop, job, carrier="DHL", actor="Anna", tracking_codes={parcel.id: "00340434"}
    )

    assert balance(shop, "lager", HOOKS) == {"on_hand": 6}
    assert balance(shop, "lager", LURES) == {"on_hand": 7}
    assert shipments.contents(shop, shipment.id) == {HOOK_LINE: 3, LURE_LINE: 2}
    [movement] = ledger.movements(shop, HOOKS, limit=1)
    assert (movement.cause, movement.quantity, movement.document) == ("shipment", 3, "K-1")
    assert (movement.from_location, movement.to_account) == ("lager", "customer")
    assert events_of(shop) == [
        ("ShipmentDispatched", {"order_ref": "K-1", "shipment_id": str(shipment.id)})
    ]
    [view] = shipments.for_order(shop, "K-1")
    assert (view.state, view.carrier, view.tracking_code) == ("handed_over", "DHL", "00340434")
    assert (view.shipment_id, view.handed_over_at) == (shipment.id, WEDNESDAY)
    assert sorted((part.sku, part.quantity) for part in view.lines) == [(LURES, 2), (HOOKS, 3)]


def test_a_second_hand_over_ships_nothing_more(shop, job):
    parcels.pack(shop, job)
    first = shipments.dispatch(shop, job, carrier="DHL", actor="Anna")
    before = photograph(shop)

    assert shipments.dispatch(shop, job, carrier="GLS", actor="Ben").id == first.id
    assert photograph(shop) == before


def test_only_a_packed_order_leaves(shop, job):
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        shipments.dispatch(shop, job, carrier="DHL", actor="Anna")
    assert refusal.value.facts == {"state": "picked", "wanted": "handed_over"}
    with pytest.raises(NotFound):
        shipments.dispatch(shop, uuid.uuid4(), carrier="DHL", actor="Anna")
    assert photograph(shop) == before


def test_a_tracking_code_belongs_to_a_parcel_of_the_shipment(shop, job):
    parcels.pack(shop, job)
    before = photograph(shop)
    with pytest.raises(NotFound, match="parcel"), shop.begin_nested():
        shipments.dispatch(
            shop, job, carrier="DHL", actor="Anna", tracking_codes={uuid.uuid4(): "1"}
        )
    assert photograph(shop) == before


def test_a_delivery_is_noted_once(shop, job):
    [parcel] = parcels.pack(shop, job)
    with pytest.raises(Refused) as refusal:
        shipments.deliver(shop, parcel.id)
    assert refusal.value.facts == {"sscc": parcel.sscc}
    shipments.dispatch(shop, job, carrier="DHL", actor="Anna")
    arrived = WEDNESDAY + timedelta(days=2)

    assert shipments.deliver(shop, parcel.id, arrived) is True
    assert shipments.deliver(shop, parcel.id, arrived + timedelta(days=1)) is False

    [view] = shipments.for_order(shop, "K-1")
    assert (view.state, view.delivered_at) == ("delivered", arrived)
    assert events_of(shop)[-1] == (
        "ParcelDelivered",
        {"order_ref": "K-1", "parcel_id": str(parcel.id)},
    )
    with pytest.raises(NotFound, match="parcel"):
        shipments.deliver(shop, uuid.uuid4())


def test_parcels_and_plans_stand_in_one_list(shop, job):
    stock(shop, "bonn", {HOOKS: 9})
    wants = [want(HOOKS, "bonn", 1, HOOK_LINE)]
    rows = allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    picking.open_orders(shop, order_ref="K-1", allocations=rows, plans=PLANS, address=ADDRESS)
    parcels.pack(shop, job)
    shipments.dispatch(shop, job, carrier="DHL", actor="Anna")

    views = shipments.for_order(shop, "K-1")

    assert [(view.location, view.state, view.shipment_id is None) for view in views] == [
        ("lager", "handed_over", False),
        ("bonn", "open", True),
    ]
    assert [(part.sku, part.quantity) for part in views[1].lines] == [(HOOKS, 1)]
    assert shipments.for_order(shop, "K-unknown") == []


@pytest.mark.parametrize(
    ("prefix", "serial", "number"),
    [
        # Check digits worked out by hand: weights 3 and 1 from the right.
        ("4012345", 999_999_999, "040123459999999998"),
        ("4012345", 1_000_000_000, "040123450000000009"),
        ("9521234", 1, "095212340000000013"),
    ],
)
def test_sscc_counts_on_and_starts_again(prefix, serial, number):
    assert parcels.sscc(prefix, serial) == number
    assert has_mod10_check_digit(number)


def test_an_order_cancelled_when_it_was_picked_is_not_packed(shop, job):
    released = allocations.release(shop, order_ref="K-1", picked=True)
    assert sum(row.quantity for row in released) == 5
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9}
    before = photograph(shop)

    with pytest.raises(Refused, match="nothing_picked"):
        parcels.pack(shop, job)
    assert photograph(shop) == before
    assert picking.cancel_empty(shop, "K-1") == [job]
    assert shipments.for_order(shop, "K-1") == []


def test_what_is_in_a_parcel_is_not_released(shop, job):
    parcels.pack(shop, job)
    before = photograph(shop)
    assert allocations.release(shop, order_ref="K-1", picked=True) == []
    assert photograph(shop) == before
