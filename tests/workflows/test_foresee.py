"""From the ledger's own history to a price that the router heeds.

Four weeks of trade: lures sell over the counter in Bonn, one a day, the web asks for hooks,
Köln has sold nothing.
"""

from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from app.workflows import foresee
from fulfilment.foresight import explanation, past, stored
from fulfilment.foresight import shape as shapes
from fulfilment.inbound import purchases
from fulfilment.inbound.purchases import Wanted
from fulfilment.models import FulfilmentOrder
from fulfilment.routing import decide, snapshot
from fulfilment.routing.problem import Line
from fulfilment.stock import counter_sales, ledger
from fulfilment.stock.movements import move
from fulfilment.stock.moves import Move
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE, PAN, WEDNESDAY

START = WEDNESDAY - timedelta(days=28)
TODAY = date(2026, 11, 25)
PLACES = ["lager", "bonn", "koeln"]


def sell(day, sku, units):
    at = START + timedelta(days=day)
    with clock.frozen(at), transaction() as session:
        counter_sales.sell(
            session,
            location="bonn",
            lines=[(sku, units)],
            document=f"bonn-1-{day}-{sku}",
            actor="till",
            key=f"{day}/{sku}",
        )


def send(day, ref, sku, units, place="lager", postal_code="56068"):
    """Book what a hand-over books, and the fulfilment order that says where it went."""
    at = START + timedelta(days=day)
    with clock.frozen(at), transaction() as session:
        session.add(
            FulfilmentOrder(
                order_ref=ref,
                location=place,
                tariff="paket",
                address={"postal_code": postal_code},
                state="handed_over",
                opened_at=at,
                due_at=at,
                ships_on=at.date(),
                arrives_on=at.date(),
            )
        )
        moved = Move(
            sku, units, "shelf", place, "customer", None, "shipment", ref, f"shipment/{ref}/{sku}"
        )
        move(session, [moved], actor="floor", channel="floor")


@pytest.fixture
def shop(database):
    """Four weeks of trade; today nothing has happened yet."""
    with clock.frozen(START):
        small_shop.build(
            {
                ("lager", LURE): 40,
                ("bonn", LURE): 20,
                ("koeln", LURE): 20,
                ("lager", HOOK): 20,
                ("bonn", HOOK): 6,
                ("koeln", HOOK): 6,
            }
        )
    for day in range(1, 19):
        sell(day, LURE, 1)
    for day in range(1, 28, 2):
        send(day, f"K-{day}", HOOK, 1)
    with clock.frozen(WEDNESDAY):
        yield


def prices():
    with reading() as session:
        rows = session.execute(
            text(
                "SELECT location, sku, shadow_minor, counter_units, web_units, free, until_on,"
                " made_at FROM stock_prices ORDER BY sku, location"
            )
        )
        return {(row.location, row.sku): row for row in rows}


def ask(*skus, postal_code="53111", margin=147):
    lines = [Line(sku, sku, 1, 40, margin_minor=margin) for sku in skus]
    with reading() as session:
        return snapshot.problem_for(session, lines=lines, postal_code=postal_code, now=clock.now())


def source(problem, location):
    return next(one for one in problem.sources if one.location == location)


def test_the_books_are_read_day_by_day(shop):
    with transaction() as session:
        ledger.write_off(
            session, "bonn", [(LURE, 1)], document="broken", actor="anna", key="broken"
        )
        number = purchases.place(
            session,
            supplier="Werk",
            location="bonn",
            lines=[Wanted(LURE, 10, TODAY + timedelta(days=5))],
            actor="lea",
        )
    assert number
    with reading() as session:
        books = past.read(session, [LURE, HOOK], PLACES, ["53", "56"], TODAY)
    sold = books.past.sold[0, 1]
    assert sold.sum() == 18
    assert sold[-28:].tolist() == [0] + [1] * 18 + [0] * 9
    assert books.past.arrived[0, 1].sum() == 20
    assert books.past.left[0, 1].tolist() == sold.tolist()
    # Today's broken one is not among the days; before it there were two.
    assert books.past.now[0].tolist() == [40, 2, 20]
    assert books.free[0].tolist() == [40, 1, 20]
    assert books.goods_in.tolist() == [[0, 5, 0], [0, 0, 0]]
    assert books.past.web[1].sum() == 14
    assert books.sent.tolist() == [[0.0, 0.0], [0.0, 14.0]]
    assert books.past.carried.tolist() == [[True] * 3, [True] * 3]


def test_the_shape_of_the_shop_by_hand(shop):
    with reading() as session:
        shape = shapes.read(session, TODAY)
    assert (shape.days, shape.skus) == (28, 2)
    # 18 lures in one store that carries two SKUs, 28 days.
    assert shape.counter_mean == pytest.approx(18 / (2 * 28))
    assert shape.web_mean == pytest.approx(14 / (2 * 28))
    assert shape.places == {"bonn": pytest.approx(1.0)}
    assert sum(shape.regions.values()) == pytest.approx(1.0)
    usual = shapes.centres()["56"][2]
    assert shape.regions["56"] == pytest.approx((14 + 20 * usual) / 34)
    # Fourteen orders of one line, and five more that are as usual.
    assert shape.lengths == pytest.approx(((14 + 2.5) / 19, 1.35 / 19, 0.75 / 19, 0.4 / 19))
    assert shapes.Shape.from_json(shape.to_json()) == shape


def test_a_counter_that_sells_one_a_day_wants_what_is_left(shop):
    done = foresee.price_everything()
    assert done.skus == 2
    found = prices()
    bonn = found["bonn", LURE]
    # One a day while there were some; nine days ago they were down to two.
    assert 5 < bonn.counter_units < 14
    assert (bonn.free, bonn.until_on) == (2, TODAY + timedelta(days=14))
    assert ("koeln", LURE) not in found
    problem = ask(LURE)
    assert source(problem, "bonn").counter_rate == {LURE: bonn.counter_units}
    assert source(problem, "koeln").counter_rate == {}
    decision = decide(problem)
    assert decision.locations != ["bonn"]


def test_without_prices_decisions_are_what_they_were(shop):
    problem = ask(LURE, HOOK)
    assert all(not one.shadow and not one.counter_rate for one in problem.sources)
    before = decide(problem).to_json()
    foresee.price_everything()
    with transaction() as session:
        session.execute(text("DELETE FROM stock_prices"))
    assert decide(ask(LURE, HOOK)).to_json() == before


def test_prices_are_too_old_after_a_day_and_a_half(shop):
    foresee.price_everything()
    with clock.frozen(WEDNESDAY + timedelta(hours=35, minutes=59)):
        assert source(ask(LURE), "bonn").counter_rate
    with clock.frozen(WEDNESDAY + timedelta(hours=36)):
        problem = ask(LURE)
    assert all(not one.shadow and not one.counter_rate for one in problem.sources)


def test_the_same_books_give_the_same_prices_however_often(shop):
    first = foresee.price_everything()
    before = prices()
    second = foresee.price_everything()
    assert prices() == before
    assert (first.skus, first.places) == (second.skus, second.places)
    with reading() as session:
        digests = session.execute(text("SELECT digest, what FROM price_runs ORDER BY id")).all()
    assert len(digests) == 2
    assert digests[0] == digests[1]


def test_the_last_units_of_all_are_worth_their_margin_to_later_orders(shop):
    for day in range(20, 26):
        send(day, f"L-{day}", HOOK, 2, place="lager" if day < 23 else "koeln")
    foresee.price_everything()
    found = prices()
    scarce = found["bonn", HOOK]
    assert scarce.web_units > scarce.free
    # An order that finds none loses its margin of 147 and spares a parcel and 60 for handling; most
    # orders have one line, the others save a parcel with it.
    assert scarce.shadow_minor == pytest.approx(147 - 60, abs=25)
    assert source(ask(HOOK), "bonn").shadow == {HOOK: scarce.shadow_minor}
    assert decide(ask(HOOK)).cost.counter >= min(
        row.shadow_minor for (_, sku), row in found.items() if sku == HOOK
    )


def test_every_hour_what_has_moved_is_priced_and_nothing_where_nothing_has(shop):
    foresee.price_everything()
    before = prices()
    with clock.frozen(WEDNESDAY + timedelta(hours=1)):
        assert foresee.price_moved().skus == 0
        assert prices() == before
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        with transaction() as session:
            ledger.receive(session, "bonn", [(LURE, 30)], document="D", actor="lea", key="received")
        # The hooks keep it company: their parcels are the same.
        assert foresee.price_moved().skus == 2
    after = prices()
    assert after["bonn", LURE].free == 32
    assert {row.made_at for row in after.values()} == {WEDNESDAY + timedelta(hours=2)}


def test_what_moved_is_priced_with_as_much_company_as_a_block_takes(shop, monkeypatch):
    foresee.price_everything()
    before = prices()
    monkeypatch.setattr(foresee, "BLOCK", 1)
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        with transaction() as session:
            ledger.receive(session, "bonn", [(LURE, 30)], document="D", actor="lea", key="received")
        assert foresee.price_moved().skus == 1
    after = prices()
    assert after["bonn", LURE].made_at == WEDNESDAY + timedelta(hours=2)
    assert {key: row for key, row in after.items() if key[1] != LURE} == {
        key: row for key, row in before.items() if key[1] != LURE
    }


def test_without_a_good_run_of_the_whole_shop_all_of_it_is_priced(shop):
    assert foresee.price_moved().skus == 2
    with clock.frozen(WEDNESDAY + timedelta(hours=37)):
        assert foresee.price_moved().skus == 2
    with reading() as session:
        assert session.scalars(text("SELECT what FROM price_runs ORDER BY id")).all() == [
            "whole",
            "whole",
        ]


def test_a_place_that_lost_its_price_has_no_row(shop):
    foresee.price_everything()
    assert ("bonn", LURE) in prices()
    with clock.frozen(WEDNESDAY + timedelta(days=70)):
        # Nobody has bought anything for eight weeks.
        foresee.price_everything()
    assert prices() == {}


def test_a_shop_that_has_never_sold_anything_has_no_prices(database):
    with clock.frozen(WEDNESDAY):
        small_shop.build({("lager", PAN): 3, ("bonn", PAN): 1})
        assert foresee.price_everything().places == 0
        assert prices() == {}


def test_a_unit_is_explained_as_the_router_takes_it(shop):
    foresee.price_everything()
    with reading() as session:
        told = explanation.explain(session, LURE, 207, clock.now())
    assert (told.valid, told.made_at) == (True, WEDNESDAY)
    bonn = next(place for place in told.places if place.location == "bonn")
    assert bonn.free == 2
    assert bonn.counter_minor == round(207 * bonn.needed)
    assert bonn.worth_minor == max(bonn.counter_minor, bonn.shadow_minor)
    assert bonn.because == (
        "later_orders" if bonn.shadow_minor >= bonn.counter_minor else "counter"
    )
    # The router agrees: taking one from Bonn alone costs so much.
    problem = ask(LURE, margin=207)
    only = [one for one in problem.sources if one.location == "bonn"]
    alone = snapshot.replace(problem, sources=tuple(only), network=None)
    assert decide(alone).cost.counter == bonn.worth_minor
    with reading() as session:
        later = explanation.explain(session, LURE, 207, WEDNESDAY + timedelta(hours=36))
        never = explanation.explain(session, PAN, 207, clock.now())
    assert (later.valid, [place.worth_minor for place in later.places]) == (False, [0, 0, 0])
    assert (never.made_at, never.valid, never.places) == (None, False, [])


def test_forecasts_are_per_sku_and_region(shop):
    send(5, "B-1", LURE, 1, postal_code="10115")
    with reading() as session:
        regions = ["10", "53", "56"]
        books = past.read(session, [HOOK, LURE], PLACES, regions, TODAY)
    assert books.sent.tolist() == [[0.0, 0.0, 14.0], [1.0, 0.0, 0.0]]
    assert np.array_equal(books.past.web.sum(axis=1), [14, 1])


def test_stored_prices_are_read_with_one_query(shop):
    foresee.price_everything()
    with reading() as session:
        worth = stored.worth(session, [LURE, HOOK, PAN], clock.now())
    assert worth.counter["bonn"][LURE] == prices()["bonn", LURE].counter_units
    assert all(
        units > 0
        for there in (*worth.shadow.values(), *worth.counter.values())
        for units in there.values()
    )
