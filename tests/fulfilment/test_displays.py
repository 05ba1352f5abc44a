"""What stores have on display: noted once, no stock, and seen by whoever keeps pages."""

import pytest
from sqlalchemy import text

from fulfilment import rules
from fulfilment.answers import availability
from fulfilment.places import displays
from kit import clock
from kit.errors import NotFound, Refused
from tests.fulfilment.warehouse import HOOKS, LURES, WEDNESDAY, open_places


@pytest.fixture
def shop(session):
    open_places(session)
    with clock.frozen(WEDNESDAY):
        yield session


def rows(session):
    return session.execute(
        text("SELECT location, sku, since, actor FROM displays ORDER BY 1, 2")
    ).all()


def test_what_is_on_display_is_noted_once_and_taken_down_once(shop):
    assert displays.put_up(shop, "bonn", HOOKS, actor="Petra")
    assert not displays.put_up(shop, "bonn", HOOKS, actor="Kurt")
    assert rows(shop) == [("bonn", HOOKS, WEDNESDAY, "Petra")]
    assert displays.at(shop, "bonn", HOOKS) == displays.DisplayView(
        "bonn", HOOKS, WEDNESDAY, "Petra"
    )
    assert displays.at(shop, "bonn", LURES) is None
    assert displays.take_down(shop, "bonn", HOOKS)
    assert not displays.take_down(shop, "bonn", HOOKS)
    assert rows(shop) == []


def test_a_piece_on_display_is_no_stock(shop):
    displays.put_up(shop, "bonn", HOOKS, actor="Petra")
    assert availability.free(shop, [HOOKS], clock.now()) == {}


def test_nobody_looks_at_goods_in_a_warehouse_or_at_a_place_that_is_not_there(shop):
    with pytest.raises(Refused) as refused:
        displays.put_up(shop, "lager", HOOKS, actor="Petra")
    assert (refused.value.code, refused.value.facts) == ("display_warehouse", {"location": "lager"})
    with pytest.raises(NotFound, match="location"):
        displays.put_up(shop, "nirgends", HOOKS, actor="Petra")
    assert rows(shop) == []


def test_who_keeps_pages_sees_that_something_was_put_up_or_taken_down(shop):
    before = rules.stamp(shop)
    displays.put_up(shop, "bonn", HOOKS, actor="Petra")
    after = rules.stamp(shop)
    displays.take_down(shop, "bonn", HOOKS)
    assert len({before, after, rules.stamp(shop)}) == 3
