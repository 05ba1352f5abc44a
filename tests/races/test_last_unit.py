"""Nobody gets what another one has: the last unit, the flash sale, the line order."""

import uuid

import pytest
from sqlalchemy import text

from fulfilment.answers import availability
from fulfilment.claims import allocations
from fulfilment.stock import ledger
from kit.database import reading, transaction
from kit.errors import Refused
from tests.fulfilment.warehouse import FRIDAY, HOOKS, balance, promise, stock, want
from tests.races.rivals import at_once, buy, in_processes, last_units
from tests.soak import sized

pytestmark = pytest.mark.race


def test_two_buyers_of_the_last_unit_as_saleor_543_vendure_3508_oscar_2102(places):
    # Five units, of which two are allocated and two held by others: one is left.
    with transaction() as session:
        stock(session, "lager", {HOOKS: 5})
        earlier = [want(HOOKS, "lager", 2)]
        allocations.allocate(
            session,
            order_ref="K-allocated",
            wants=earlier,
            promised={earlier[0].line_id: FRIDAY},
        )
        buy(session, "K-held", [want(HOOKS, "lager", 2)])

    for turn in range(10):

        def attempt(rival, turn=turn):
            return lambda session: buy(session, f"K-{turn}-{rival}", [want(HOOKS, "lager", 1)])

        outcomes = at_once([attempt(rival) for rival in range(2)])

        won = [outcome for outcome in outcomes if isinstance(outcome, list)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        assert (len(won), len(lost)) == (1, 1)
        assert lost[0].code == "stock_short"
        assert lost[0].facts == {
            "short": [{"sku": HOOKS, "location": "lager", "wanted": 1, "available": 0}]
        }
        with transaction() as session:
            assert balance(session, "lager", HOOKS) == {
                "on_hand": 5,
                "reserved": 3,
                "allocated": 2,
            }
            session.execute(
                text(
                    "UPDATE stock_reservations SET expires_at = now() - interval '1 second'"
                    " WHERE state = 'held' AND order_ref <> 'K-held'"
                )
            )


def test_fourteen_buyers_of_the_last_unit(places):
    with transaction() as session:
        stock(session, "lager", {HOOKS: 1})

    outcomes = at_once(
        [
            lambda session, rival=rival: buy(session, f"K-{rival}", [want(HOOKS, "lager", 1)])
            for rival in range(14)
        ]
    )

    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {"stock_short"}
    with reading() as session:
        assert availability.available(session, [HOOKS])["lager", HOOKS].available == 0


@pytest.mark.slow
def test_crowds_want_the_last_unit_round_after_round_and_one_gets_it(places, database_url):
    """Targets: 200 buyers, 50 rounds, with earlier allocations and live holds in the same case."""
    processes, rivals, rounds = sized(4, 8), sized(10, 25), sized(8, 50)
    skus = [f"S-{number:02}" for number in range(rounds)]
    _one_left_of_each(skus)

    came = in_processes(
        last_units, processes, database_url, skus, rivals, threads=rivals, patience=900
    )

    outcomes = [each for one in came for each in one]
    assert len(outcomes) == processes * rivals * rounds
    for sku in skus:
        won = [ref for of, ref, refusal in outcomes if of == sku and refusal is None]
        lost = [refusal for of, _, refusal in outcomes if of == sku and refusal is not None]
        assert len(won) == 1, sku
        nothing_left = {"sku": sku, "location": "lager", "wanted": 1, "available": 0}
        assert lost == [("stock_short", {"short": [nothing_left]})] * (processes * rivals - 1)
        with reading() as session:
            assert balance(session, "lager", sku) == {
                "on_hand": 6,
                "quarantined": 1,
                "reserved": 2,
                "allocated": 3,
            }
            [claimed] = allocations.of_order(session, won[0])
            assert (claimed.sku, claimed.quantity, claimed.state) == (sku, 1, "open")


def _one_left_of_each(skus):
    """Six units each: two allocated, two held, one in quarantine. One is free; of every other SKU
    only because somebody's time to pay is over."""
    with transaction() as session:
        stock(session, "lager", dict.fromkeys(skus, 6))
        ledger.quarantine(
            session, "lager", [(sku, 1) for sku in skus], document="D", actor="kai", key="q"
        )
        for sku in skus:
            earlier = [want(sku, "lager", 2)]
            allocations.allocate(
                session, order_ref=f"A-{sku}", wants=earlier, promised=promise(earlier)
            )
            buy(session, f"H-{sku}", [want(sku, "lager", 2)])
        for sku in skus[::2]:
            buy(session, f"E-{sku}", [want(sku, "lager", 1)], minutes=-1)


def test_two_lines_of_two_buyers_share_one_sku_medusa_16502(places):
    with transaction() as session:
        stock(session, "lager", {HOOKS: 3})

    def attempt(rival):
        wants = [want(HOOKS, "lager", 1), want(HOOKS, "lager", 1)]
        return lambda session: buy(session, f"K-{rival}", wants)

    outcomes = at_once([attempt(1), attempt(2)])

    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert refusal.facts["short"] == [
        {"sku": HOOKS, "location": "lager", "wanted": 2, "available": 1}
    ]
    with reading() as session:
        assert balance(session, "lager", HOOKS) == {"on_hand": 3, "reserved": 2}


def test_allocation_over_two_locations_at_once_vendure_4030(places):
    # Three and three units; each buyer wants two from either place: one is refused whole.
    with transaction() as session:
        stock(session, "lager", {HOOKS: 3})
        stock(session, "bonn", {HOOKS: 3})

    def attempt(rival):
        line = uuid.uuid4()
        wants = [want(HOOKS, "bonn", 2, line), want(HOOKS, "lager", 2, line)]
        if rival % 2:
            wants.reverse()
        return lambda session: allocations.allocate(
            session, order_ref=f"K-{rival}", wants=wants, promised={line: FRIDAY}
        )

    outcomes = at_once([attempt(1), attempt(2)])

    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    with reading() as session:
        for location in ("bonn", "lager"):
            assert balance(session, location, HOOKS) == {"on_hand": 3, "allocated": 2}


def test_places_that_nobody_knew_are_made_by_two_at_once_in_either_order(places):
    skus = [f"NEW-{number:02}" for number in range(30)]

    def receipt(rival, lines):
        return lambda session: ledger.receive(
            session, "bonn", lines, document=rival, actor="kai", key=rival
        )

    for turn in range(5):
        fresh = [f"{sku}-{turn}" for sku in skus]
        at_once(
            [
                receipt(f"a{turn}", [(sku, 1) for sku in fresh]),
                receipt(f"b{turn}", [(sku, 2) for sku in reversed(fresh)]),
            ]
        )
        with reading() as session:
            found = availability.available(session, fresh)
            assert {place.on_hand for place in found.values()} == {3}
            assert len(found) == 30
