"""The fixtures themselves: an emptied database is what the migrations left, and quickly so."""

from sqlalchemy import text

from kit import clock
from kit.database import transaction
from tests import emptying


def rows_of(owner, table):
    return owner.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def test_emptying_restores_what_the_migrations_left(database, owner):
    before = {table: rows_of(owner, table) for table in emptying.names(owner, "public")}
    with transaction() as session:
        clock.move_to(session, clock.now().replace(year=2030))
    assert rows_of(owner, "shop_clock") != before["shop_clock"]

    emptying.empty(owner)

    after = {table: rows_of(owner, table) for table in emptying.names(owner, "public")}
    assert after == before


def test_emptying_is_one_round_trip_however_much_there_is(database, owner, monkeypatch):
    with owner.cursor() as cursor, cursor.copy("COPY synonyms (word, meaning) FROM STDIN") as rows:
        for number in range(emptying.FEW_ROWS + 1):
            rows.write_row((f"word {number}", "meaning"))
    sent = []
    execute = owner.execute
    monkeypatch.setattr(owner, "execute", lambda *given: sent.append(given) or execute(*given))
    emptying.empty(owner)
    monkeypatch.undo()
    assert len(sent) == 1
    assert rows_of(owner, "synonyms") == []


def test_the_application_signs_in_as_the_role_without_rights_on_ledgers(database):
    with transaction() as session:
        assert session.scalar(text("SELECT current_user")) == "kontor_app"
        assert session.scalar(text("SHOW timezone")) == "UTC"


def test_redis_is_empty_and_real(redis):
    assert redis.dbsize() == 0
    redis.set("key", "value")
    assert redis.get("key") == b"value"
