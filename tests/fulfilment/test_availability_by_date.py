"""What may be promised for a day: on hand less all that is spoken for, and what comes by then."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, text

from fulfilment.answers import availability
from fulfilment.answers.availability import Availability
from fulfilment.claims import reservations
from fulfilment.inbound import purchases, transfers
from fulfilment.inbound.purchases import Wanted
from kit import clock
from tests.fulfilment.warehouse import (
    FRIDAY,
    HOOKS,
    LURES,
    SATURDAY,
    WEDNESDAY,
    stock,
    want,
)

TODAY = date(2026, 11, 18)
TUESDAY = date(2026, 11, 17)
THURSDAY = date(2026, 11, 19)
BY = {"actor": "test"}


def bought(session, location, *lines):
    return purchases.place(session, supplier="A", location=location, lines=lines, **BY)


def sent(session, origin, location, units, expected_on):
    number = transfers.request(
        session,
        origin=origin,
        location=location,
        lines=[(HOOKS, units)],
        expected_on=expected_on,
        **BY,
    )
    transfers.send(session, number, **BY)
    return number


def units(session, day, sku=HOOKS):
    return {
        location: there.available
        for (location, _), there in availability.on(session, [sku], day).items()
    }


def test_what_comes_counts_from_its_day_on(shop):
    stock(shop, "lager", {HOOKS: 9})
    bought(shop, "lager", Wanted(HOOKS, 10, FRIDAY), Wanted(HOOKS, 5, SATURDAY))
    sent(shop, "lager", "bonn", 4, THURSDAY)

    assert units(shop, TODAY) == {"lager": 5, "bonn": 0}
    assert units(shop, THURSDAY) == {"lager": 5, "bonn": 4}
    assert units(shop, FRIDAY) == {"lager": 15, "bonn": 4}
    assert units(shop, SATURDAY) == {"lager": 20, "bonn": 4}
    now = availability.available(shop, [HOOKS])
    assert {place[0]: there.available for place, there in now.items()} == {"lager": 5, "bonn": 0}
    assert now["lager", HOOKS].incoming == 0


def test_every_term_is_subtracted_and_named(shop):
    stock(shop, "lager", {HOOKS: 20})
    reservations.place(
        shop,
        order_ref="K-1",
        wants=[want(HOOKS, "lager", 3)],
        expires_at=WEDNESDAY + timedelta(minutes=15),
    )
    bought(shop, "lager", Wanted(HOOKS, 10, FRIDAY))
    # The terms that other functions keep, in figures that can be told apart.
    kept = "allocated = 4, quarantined = 2, safety_stock = 1, doubt = 5, backordered = 7"
    with shop.begin_nested() as nested:
        shop.execute(text(f"UPDATE stock_balances SET {kept}"))
        there = availability.on(shop, [HOOKS], FRIDAY)["lager", HOOKS]
        now = availability.available(shop, [HOOKS])["lager", HOOKS]
        nested.rollback()

    assert there == Availability(
        on_hand=20, reserved=3, allocated=4, safety=6, quarantined=2, backordered=7, incoming=10
    )
    assert (there.balance, there.available) == (8, 8)
    assert (now.balance, now.available) == (-2, 0)


def test_free_units_of_all_places_are_what_is_available_at_each(shop):
    stock(shop, "lager", {HOOKS: 20, LURES: 3})
    stock(shop, "bonn", {HOOKS: 6})
    stock(shop, "koeln", {HOOKS: 2})
    for number, minutes in enumerate((15, -15)):
        reservations.place(
            shop,
            order_ref=f"K-{number}",
            wants=[want(HOOKS, "lager", 3), want(HOOKS, "bonn", 1)],
            expires_at=WEDNESDAY + timedelta(minutes=minutes),
        )
    kept = "allocated = 4, quarantined = 2, safety_stock = 1, doubt = 2, backordered = 1"
    with shop.begin_nested() as nested:
        shop.execute(text("UPDATE stock_balances SET safety_stock = 4"))
        hooks = "WHERE location = 'lager' AND on_hand = 20"
        shop.execute(text(f"UPDATE stock_balances SET {kept} {hooks}"))
        found = availability.free(shop, [HOOKS, LURES, "NONE"], WEDNESDAY)
        each = availability.available(shop, [HOOKS, LURES, "NONE"], WEDNESDAY)
        nested.rollback()

    # 20 - 3 held (3 more are past their deadline) - 4 - 2 - 3 - 1.
    assert found == {"lager": {HOOKS: 7, LURES: 0}, "bonn": {HOOKS: 1}, "koeln": {HOOKS: 0}}
    assert {(place, sku): units for place, of in found.items() for sku, units in of.items()} == {
        place: there.available for place, there in each.items()
    }
    assert availability.free(shop, []) == {}
    assert availability.free(shop, ["NONE"]) == {}


def test_a_day_that_has_passed_counts_as_nothing_until_there_is_a_new_one(shop):
    stock(shop, "lager", {HOOKS: 4})
    number = bought(shop, "lager", Wanted(HOOKS, 10, TUESDAY), Wanted(HOOKS, 1, TODAY))
    sent(shop, "lager", "bonn", 4, TUESDAY)

    assert units(shop, SATURDAY) == {"lager": 1, "bonn": 0}
    purchases.reschedule(shop, number, {1: FRIDAY}, **BY)
    assert units(shop, SATURDAY) == {"lager": 11, "bonn": 0}
    with clock.frozen(WEDNESDAY + timedelta(days=1)):
        assert units(shop, SATURDAY) == {"lager": 10, "bonn": 0}


def test_goods_without_a_day_and_days_before_today_count_as_nothing(shop):
    bought(shop, "lager", Wanted(HOOKS, 10), Wanted(HOOKS, 3, TODAY))
    assert units(shop, date(2999, 1, 1)) == {"lager": 3}
    assert units(shop, TUESDAY) == {"lager": 0}


def test_what_has_come_or_was_cancelled_is_not_awaited_any_more(shop):
    number = bought(shop, "lager", Wanted(HOOKS, 10, FRIDAY), Wanted(LURES, 2, FRIDAY))
    purchases.receive(shop, number, [(HOOKS, 4)], key="a", **BY)
    assert units(shop, FRIDAY) == {"lager": 10}
    purchases.cancel_rest(shop, number, positions=[1], **BY)
    assert units(shop, FRIDAY) == {"lager": 4}
    assert units(shop, FRIDAY, LURES) == {"lager": 2}


def test_the_network_adds_what_each_place_can_promise(shop):
    stock(shop, "lager", {HOOKS: 9, LURES: 1})
    stock(shop, "bonn", {HOOKS: 2})
    bought(shop, "koeln", Wanted(HOOKS, 5, FRIDAY))
    with shop.begin_nested() as nested:
        shop.execute(text("UPDATE stock_balances SET backordered = 6 WHERE location = 'bonn'"))
        assert availability.network(availability.on(shop, [HOOKS, LURES], FRIDAY)) == {
            HOOKS: 14,
            LURES: 1,
        }
        nested.rollback()


def test_a_page_of_skus_costs_one_query_and_an_empty_page_none(shop):
    skus = [f"S-{number:02}" for number in range(24)]
    stock(shop, "lager", dict.fromkeys(skus, 3))
    bought(shop, "bonn", *[Wanted(sku, 2, FRIDAY) for sku in skus])
    statements = []
    engine = shop.get_bind()
    note = lambda _connection, _cursor, statement, *_: statements.append(statement)
    event.listen(engine, "before_cursor_execute", note)
    try:
        found = availability.on(shop, skus, FRIDAY)
        assert availability.on(shop, [], FRIDAY) == {}
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len(statements) == 1
    assert availability.network(found) == dict.fromkeys(skus, 5)


def test_open_lines_are_read_from_their_indexes_alone(database, owner):
    owner.execute(
        "INSERT INTO locations SELECT (jsonb_populate_record(NULL::locations, jsonb_build_object("
        "'code', 'lager', 'kind', 'warehouse', 'name', 'L', 'street', '', 'postal_code', '',"
        "'city', '', 'state', '', 'phone', '', 'email', '', 'contact', '', 'latitude', 0,"
        "'longitude', 0, 'opening_hours', '{}'::jsonb, 'cut_off', '', 'capacity_per_day', 1,"
        "'handling_line_minor', 0, 'handling_unit_minor', 0, 'groups', '[]'::jsonb,"
        "'tariffs', '[]'::jsonb, 'position', 0, 'active', true))).*"
    )
    owner.execute(
        "INSERT INTO purchase_orders VALUES ('EK-1', 'A', 'lager', 'open', now(), 'test', NULL)"
    )
    # Most lines have long been received, as in a shop that is some years old.
    owner.execute(
        "INSERT INTO purchase_order_lines"
        " (number, position, sku, location, ordered, received, cancelled, expected_on)"
        " SELECT 'EK-1', n, 'S-' || n % 2000, 'lager', 5, CASE WHEN n % 50 = 0 THEN 0 ELSE 5 END,"
        " 0, '2026-11-20' FROM generate_series(1, 20000) AS n"
    )
    owner.execute("VACUUM ANALYZE purchase_order_lines")
    plan = owner.execute(
        "EXPLAIN SELECT sku, location, outstanding FROM purchase_order_lines"
        " WHERE outstanding > 0 AND sku = ANY(ARRAY['S-100', 'S-150', 'S-200'])"
        " AND expected_on BETWEEN '2026-11-18' AND '2026-11-20'"
    ).fetchall()
    assert "Index Only Scan using ix_purchase_order_lines_due" in plan[0][0]


def test_the_first_day_on_which_so_many_are_there(shop):
    stock(shop, "lager", {HOOKS: 9})
    stock(shop, "koblenz", {HOOKS: 1})
    bought(shop, "lager", Wanted(HOOKS, 2, FRIDAY), Wanted(HOOKS, 4, SATURDAY))
    bought(shop, "koeln", Wanted(HOOKS, 50, TUESDAY), Wanted(HOOKS, 50))
    sent(shop, "lager", "bonn", 4, THURSDAY)

    def earliest(quantity):
        return availability.earliest(shop, HOOKS, quantity)

    assert earliest(1) == {"lager": TODAY, "bonn": THURSDAY, "koblenz": TODAY}
    assert earliest(5) == {"lager": TODAY}
    assert earliest(6) == {"lager": FRIDAY}
    assert earliest(8) == {"lager": SATURDAY}
    assert earliest(12) == {}
    assert availability.earliest(shop, "nothing", 1) == {}


def test_goods_that_are_owed_push_the_first_day_back(shop):
    bought(shop, "lager", Wanted(HOOKS, 2, FRIDAY), Wanted(HOOKS, 4, SATURDAY))
    with shop.begin_nested() as nested:
        shop.execute(text("UPDATE stock_balances SET backordered = 2"))
        assert availability.earliest(shop, HOOKS, 1) == {"lager": SATURDAY}
        nested.rollback()
    assert availability.earliest(shop, HOOKS, 1) == {"lager": FRIDAY}


@pytest.mark.parametrize("day", [TODAY, FRIDAY])
def test_an_expired_reservation_is_free_for_any_day(shop, day):
    stock(shop, "lager", {HOOKS: 3})
    soon = WEDNESDAY + timedelta(minutes=15)
    reservations.place(shop, order_ref="K-1", wants=[want(HOOKS, "lager", 2)], expires_at=soon)
    assert units(shop, day) == {"lager": 1}
    with clock.frozen(soon):
        assert units(shop, day) == {"lager": 3}
