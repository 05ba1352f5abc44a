"""The fixtures themselves: an emptied database is what the migrations left, and quickly so."""

import time

import pytest
from sqlalchemy import text

from kit import clock
from kit.database import transaction
from tests import emptying


def rows_of(owner, table):
    return owner.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def test_emptying_restores_what_the_migrations_left(database, owner):
    before = {table: rows_of(owner, table) for table in emptying._names(owner, "public")}
    with transaction() as session:
        clock.move_to(session, clock.now().replace(year=2030))
    assert rows_of(owner, "shop_clock") != before["shop_clock"]

    emptying.empty(owner)

    after = {table: rows_of(owner, table) for table in emptying._names(owner, "public")}
    assert after == before


@pytest.mark.parametrize("_again", range(3))
def test_emptying_takes_less_than_30_ms(database, owner, _again):
    with transaction() as session:
        clock.move_to(session, clock.now())
    durations = []
    for _ in range(20):
        start = time.perf_counter()
        emptying.empty(owner)
        durations.append(time.perf_counter() - start)
    assert min(durations) < 0.030


def test_the_application_signs_in_as_the_role_without_rights_on_ledgers(database):
    with transaction() as session:
        assert session.scalar(text("SELECT current_user")) == "kontor_app"
        assert session.scalar(text("SHOW timezone")) == "UTC"


def test_redis_is_empty_and_real(redis):
    assert redis.dbsize() == 0
    redis.set("key", "value")
    assert redis.get("key") == b"value"
