"""The shelf against the books: till sales, scans and short picks in the same moment."""

import pytest
from sqlalchemy import text

from fulfilment.claims import allocations, reservations, shortages
from fulfilment.outbound import parcels, picking, shipments
from fulfilment.stock import counter_sales
from kit.database import reading, transaction
from kit.errors import Refused
from tests.fulfilment.warehouse import ADDRESS, FRIDAY, HOOKS, PLANS, balance, stock, want
from tests.races.rivals import at_once, buy

pytestmark = pytest.mark.race
TURNS = 8


def till(sku, quantity, key):
    return lambda session: counter_sales.sell(
        session, location="bonn", lines=[(sku, quantity)], document=key, actor="till", key=key
    )


def claim(order_ref, wants):
    return lambda session: allocations.from_reservations(
        session, order_ref=order_ref, promised={one.line_id: FRIDAY for one in wants}
    )


def job(order_ref, *wants, claimed_by="Anna"):
    """Commit a fulfilment order in Bonn that somebody has taken; return its id."""
    with transaction() as session:
        rows = allocations.allocate(
            session,
            order_ref=order_ref,
            wants=list(wants),
            promised={one.line_id: FRIDAY for one in wants},
        )
        [row] = picking.open_orders(
            session, order_ref=order_ref, allocations=rows, plans=PLANS, address=ADDRESS
        )
        picking.claim(session, row.id, claimed_by)
    return row.id


def test_a_till_sale_of_an_allocated_unit_wins_and_opens_a_shortage(places):
    wants = [want(HOOKS, "bonn", 1)]
    with transaction() as session:
        stock(session, "bonn", {HOOKS: 1})
        buy(session, "K-1", wants)
        claim("K-1", wants)(session)

    with transaction() as session:
        sold = till(HOOKS, 1, "s1")(session)

    assert [(loss.order_ref, loss.quantity) for loss in sold.lost] == [("K-1", 1)]
    with reading() as session:
        assert balance(session, "bonn", HOOKS) == {}
        assert [row.cause for row in shortages.open_for(session, "K-1")] == ["till_sale"]


def test_till_and_order_button_want_the_same_unit(places):
    for turn in range(TURNS):
        sku, order_ref = f"S-{turn}", f"K-{turn}"
        wants = [want(sku, "bonn", 1)]
        with transaction() as session:
            stock(session, "bonn", {sku: 1})

        def order(session, order_ref=order_ref, wants=wants):
            buy(session, order_ref, wants)
            return claim(order_ref, wants)(session)

        sold, ordered = at_once([till(sku, 1, f"s{turn}"), order])

        with reading() as session:
            assert balance(session, "bonn", sku) == {}
            short = shortages.open_for(session, order_ref)
        # The sale is always booked; the order is refused before it or short after it.
        assert sold.found == []
        if isinstance(ordered, Refused):
            assert (sold.lost, short) == ([], [])
        else:
            assert [loss.order_ref for loss in sold.lost] == [order_ref]
            assert [row.quantity for row in short] == [1]


def test_a_scan_and_a_till_sale_of_the_same_unit(places):
    for turn in range(TURNS):
        sku = f"S-{turn}"
        with transaction() as session:
            stock(session, "bonn", {sku: 1})
        number = job(f"K-{turn}", want(sku, "bonn", 1))

        sold, scanned = at_once(
            [
                till(sku, 1, f"s{turn}"),
                lambda session, number=number, sku=sku: picking.scan(session, number, sku),
            ]
        )

        with reading() as session:
            if isinstance(scanned, Refused):
                # The customer was first: the picker is told, and the order is routed again.
                assert scanned.code in {"wrong_item", "nothing_left_to_pick"}
                assert [loss.quantity for loss in sold.lost] == [1]
                assert balance(session, "bonn", sku) == {}
            else:
                # The picker was first: what the customer holds was not in the books.
                assert (sold.found, sold.lost) == ([(sku, 1)], [])
                assert balance(session, "bonn", sku) == {
                    "on_hand": 1,
                    "allocated": 1,
                    "picked": 1,
                }


def test_two_pickers_report_the_same_empty_shelf(places):
    with transaction() as session:
        stock(session, "bonn", {HOOKS: 6})
    first = job("K-1", want(HOOKS, "bonn", 2))
    second = job("K-2", want(HOOKS, "bonn", 1), claimed_by="Ben")

    outcomes = at_once(
        [
            lambda session: picking.short_pick(session, first, HOOKS, "Anna"),
            lambda session: picking.short_pick(session, second, HOOKS, "Ben"),
        ]
    )

    with reading() as session:
        assert balance(session, "bonn", HOOKS) == {"on_hand": 6, "quarantined": 6}
        short = [
            row.quantity
            for order_ref in ("K-1", "K-2")
            for row in shortages.open_for(session, order_ref)
        ]
        assert short == [2, 1]
        tasks = session.scalar(text("SELECT count(*) FROM count_tasks"))
        assert tasks == 1
    # Whoever was second finds the claim lost already.
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refusals) == 1


def test_the_same_sale_from_two_connections_moves_once(places):
    with transaction() as session:
        stock(session, "bonn", {HOOKS: 5})

    outcomes = at_once([till(HOOKS, 2, "sale/1") for _ in range(4)])

    assert sorted(outcome.repeated for outcome in outcomes) == [False, True, True, True]
    with reading() as session:
        assert balance(session, "bonn", HOOKS) == {"on_hand": 3}


def test_a_parcel_is_packed_and_handed_over_once_however_often_it_is_tapped(places):
    with transaction() as session:
        stock(session, "bonn", {HOOKS: 5})
    number = job("K-1", want(HOOKS, "bonn", 2))
    with transaction() as session:
        picking.pick_all(session, number, "Anna")

    packed = at_once([lambda session: parcels.pack(session, number)] * 3)
    assert len({parcel.id for sealed in packed for parcel in sealed}) == 1
    gone = at_once(
        [lambda session: shipments.dispatch(session, number, carrier="DHL", actor="Anna")] * 3
    )

    assert len({shipment.id for shipment in gone}) == 1
    with reading() as session:
        assert balance(session, "bonn", HOOKS) == {"on_hand": 3}
        events = session.scalars(text("SELECT name FROM outbox_events")).all()
        assert events == ["ShipmentDispatched"]


def test_the_card_of_two_parcels_packed_at_once_lies_in_one(places):
    with transaction() as session:
        stock(session, "bonn", {HOOKS: 5})
    numbers = [job("K-1", want(HOOKS, "bonn", 1)), job("K-1", want(HOOKS, "bonn", 1))]
    for number in numbers:
        with transaction() as session:
            picking.pick_all(session, number, "Anna")

    def pack(number):
        def step(session):
            [parcel] = parcels.pack(session, number)
            return parcels.add_insert(session, "K-1", "thanks", parcel.id, f"token {number}")

        return step

    assert sorted(at_once([pack(number) for number in numbers])) == [False, True]


def test_money_and_sweeper_at_the_deadline_end_a_reservation_once(places):
    for turn in range(TURNS):
        sku, order_ref = f"S-{turn}", f"K-{turn}"
        wants = [want(sku, "bonn", 1)]
        with transaction() as session:
            stock(session, "bonn", {sku: 1})
            buy(session, order_ref, wants, minutes=-1)

        claimed, _ended = at_once([claim(order_ref, wants), reservations.expire_due])

        # Either way the late money gets the unit: nobody else wanted it.
        assert [row.quantity for row in claimed.allocations] == [1]
        assert claimed.missing == []
        with reading() as session:
            [row] = reservations.of_order(session, order_ref)
            assert row.state in {"claimed", "expired"}
            assert balance(session, "bonn", sku) == {"on_hand": 1, "allocated": 1}


def test_money_after_the_deadline_and_another_buyer_want_one_unit_sylius_3573(places):
    for turn in range(TURNS):
        sku, order_ref = f"S-{turn}", f"K-{turn}"
        wants = [want(sku, "bonn", 1)]
        with transaction() as session:
            stock(session, "bonn", {sku: 1})
            buy(session, order_ref, wants, minutes=-1)

        late, other = at_once(
            [
                claim(order_ref, wants),
                lambda session, sku=sku, turn=turn: buy(
                    session, f"O-{turn}", [want(sku, "bonn", 1)]
                ),
            ]
        )

        with reading() as session:
            if isinstance(other, Refused):
                assert [row.quantity for row in late.allocations] == [1]
                assert balance(session, "bonn", sku) == {"on_hand": 1, "allocated": 1}
            else:
                assert [gap.quantity for gap in late.missing] == [1]
                assert balance(session, "bonn", sku) == {"on_hand": 1, "reserved": 1}


def test_release_and_claim_at_once_end_a_reservation_once(places):
    for turn in range(TURNS):
        sku, order_ref = f"S-{turn}", f"K-{turn}"
        wants = [want(sku, "bonn", 2)]
        with transaction() as session:
            stock(session, "bonn", {sku: 2})
            buy(session, order_ref, wants)

        claimed, released = at_once(
            [
                claim(order_ref, wants),
                lambda session, order_ref=order_ref: reservations.release(session, order_ref),
            ]
        )

        assert [row.quantity for row in claimed.allocations] == [2]
        assert len(released) in {0, 1}
        with reading() as session:
            assert balance(session, "bonn", sku) == {"on_hand": 2, "allocated": 2}
            [row] = reservations.of_order(session, order_ref)
            assert row.state == ("released" if released else "claimed")


def test_a_cancellation_while_the_order_is_packed_is_whole_or_not_at_all(places):
    for turn in range(TURNS):
        sku, order_ref = f"S-{turn}", f"K-{turn}"
        with transaction() as session:
            stock(session, "bonn", {sku: 2})
        number = job(order_ref, want(sku, "bonn", 2))
        with transaction() as session:
            picking.pick_all(session, number, "Anna")

        packed, released = at_once(
            [
                lambda session, number=number: parcels.pack(session, number),
                lambda session, order_ref=order_ref: allocations.release(
                    session, order_ref=order_ref, picked=True
                ),
            ]
        )

        with reading() as session:
            if isinstance(packed, Refused):
                assert packed.code == "nothing_picked"
                assert balance(session, "bonn", sku) == {"on_hand": 2}
                assert [row.quantity for row in released] == [2]
            else:
                assert released == []
                assert balance(session, "bonn", sku) == {
                    "on_hand": 2,
                    "allocated": 2,
                    "picked": 2,
                }
