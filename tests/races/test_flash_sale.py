"""The flash sale: everything is sold, nothing is sold twice, and who does not pay loses it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from fulfilment.answers import availability
from kit import clock
from kit.database import reading, transaction
from tests.fulfilment.warehouse import balance, stock
from tests.races.rivals import RUSH_TRIES, in_processes, rush
from tests.soak import sized

pytestmark = [pytest.mark.race, pytest.mark.slow]

SKU = "SALE"
NOON = datetime(2026, 11, 27, 11, tzinfo=UTC)
_CLAIMED = text(
    """
    SELECT
        (SELECT coalesce(sum(quantity), 0) FROM stock_allocations WHERE state = 'open') AS sold,
        (SELECT coalesce(sum(quantity), 0) FROM stock_reservations
            WHERE state = 'held' AND expires_at > :at) AS held
    """
)


def test_a_flash_sale_over_three_locations_sells_everything_once(places, database_url):
    """Targets: 1,000 buyers, 100 units over 3 locations, a fifth never pay.

    Who found nothing left comes back when the others' time to pay is over: no undersell. Nobody
    sweeps in between; an expired hold is free at once.
    """
    people, units, processes, threads = sized(200, 1_000), sized(20, 100), 4, sized(4, 8)
    split = {"lager": units // 2, "bonn": units * 3 // 10, "koeln": units // 5}
    assert sum(split.values()) == units
    with transaction() as session:
        for location, quantity in sorted(split.items()):
            stock(session, location, {SKU: quantity})

    waiting, paid, abandoned, at = list(range(people)), [], [], NOON
    for wave in range(12):
        hands = [waiting[first::processes] for first in range(processes)]
        came = in_processes(
            _wave, processes, database_url, hands, at, threads, threads=threads, patience=300
        )
        assert [who for one in came for who in one["too_slow"]] == [], RUSH_TRIES
        paid += [who for one in came for who in one["paid"]]
        gone = [who for one in came for who in one["abandoned"]]
        waiting = sorted(who for one in came for who in one["sold_out"])
        with reading() as session:
            claimed = session.execute(_CLAIMED, {"at": at}).one()
            left = availability.available(session, [SKU], at).values()
        # Never more than there is, and never fewer while somebody wants one.
        assert (claimed.sold, claimed.held) == (len(paid), len(gone)), wave
        assert len(paid) + len(gone) == units
        assert [place.available for place in left] == [0, 0, 0]
        abandoned += gone
        if not gone:
            break
        at += timedelta(minutes=20)

    assert len(paid) == units
    assert len(set(paid)) == units
    assert all(who % 5 for who in paid)
    assert sorted([*paid, *abandoned, *waiting]) == list(range(people))
    with clock.frozen(at), reading() as session:
        for location, quantity in split.items():
            sold = balance(session, location, SKU)
            assert (sold["on_hand"], sold["allocated"]) == (quantity, quantity)
            assert sold.get("reserved", 0) == 0


def _wave(number, hands, at, threads):
    return rush(number, hands[number], SKU, at, threads)
