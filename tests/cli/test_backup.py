"""Backup and restore by command, on a database of their own."""

import os
import tarfile
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask

import config as settings
from app.cli import operate
from kit import database as kit_database

MARK = timedelta(days=400).total_seconds()


@pytest.fixture
def shop(servers, database, worker_number, request, tmp_path):
    """A migrated database and a data folder of their own, with one row and two files in them."""
    url = servers.create_database(f"backup_{worker_number}_{os.urandom(4).hex()}")
    with psycopg.connect(url) as owner:
        owner.execute("INSERT INTO shop_clock (id, offset_seconds) VALUES (1, %s)", [MARK])
    config = settings.from_environment(
        {
            "DATABASE_URL": url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "KONTOR_SECRET_KEY": "test",
            "KONTOR_PUBLIC_URL": "http://127.0.0.1:1",
            "KONTOR_DATA": str(tmp_path / "data"),
        }
    )
    (config.media / "lures").mkdir(parents=True)
    (config.media / "lures" / "Köder.svg").write_text("<svg/>")
    config.uploads.mkdir()
    (config.uploads / "catch.jpg").write_bytes(b"\xff\xd8jpeg")
    flask = Flask("shop")
    flask.config["KONTOR"] = config
    for command in operate.commands:
        flask.cli.add_command(command)
    yield flask
    # a restore ends with migrations, which point kit.database elsewhere: point it back
    kit_database.configure(database.url.render_as_string(hide_password=False))


def offset(shop):
    with psycopg.connect(shop.config["KONTOR"].database_url) as owner:
        return owner.execute("SELECT offset_seconds FROM shop_clock").fetchone()[0]


def set_offset(shop, seconds):
    with psycopg.connect(shop.config["KONTOR"].database_url) as owner:
        owner.execute("UPDATE shop_clock SET offset_seconds = %s", [seconds])


def files(shop):
    data = shop.config["KONTOR"].data
    names = [path for path in data.rglob("*") if path.is_file() and path.suffix != ".tar"]
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in names}


def run(shop, *arguments):
    with shop.app_context():
        return shop.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def test_a_restore_brings_back_rows_files_rights_and_revision(shop, tmp_path):
    backup = tmp_path / "monday.tar"
    made = run(shop, "backup", backup)
    assert made.exit_code == 0, made.output
    assert "3 files" in made.output
    before = files(shop)
    set_offset(shop, 7)
    config = shop.config["KONTOR"]
    (config.uploads / "catch.jpg").unlink()
    (config.media / "later.svg").write_text("later")

    restored = run(shop, "restore", backup, "--replace")

    assert restored.exit_code == 0, restored.output
    assert offset(shop) == MARK
    assert files(shop) == before
    with psycopg.connect(config.database_url, options="-c role=kontor_app") as application:
        assert application.execute("SELECT count(*) FROM shop_clock").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("DELETE FROM stock_movements")


def test_a_backup_is_readable_by_its_owner_only_and_holds_a_manifest(shop, tmp_path):
    backup = tmp_path / "monday.tar"
    assert run(shop, "backup", backup).exit_code == 0
    assert backup.stat().st_mode & 0o777 == 0o600
    with tarfile.open(backup) as archive:
        assert sorted(archive.getnames()) == [
            "database.dump",
            "manifest.json",
            "media/lures/Köder.svg",
            "uploads/catch.jpg",
        ]


def test_without_a_name_the_backup_is_named_after_the_time(shop):
    assert run(shop, "backup").exit_code == 0
    (written,) = (shop.config["KONTOR"].data / "backups").iterdir()
    made_at = datetime.strptime(written.name, "kontor-%Y%m%d-%H%M%S.tar").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - made_at) < timedelta(minutes=5)


def test_a_shop_is_not_replaced_unasked(shop, tmp_path):
    backup = tmp_path / "monday.tar"
    run(shop, "backup", backup)
    set_offset(shop, 7)
    before = files(shop)

    refused = run(shop, "restore", backup)

    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert (offset(shop), files(shop)) == (7, before)


@pytest.mark.parametrize("damage", ["cut off", "changed", "foreign"])
def test_a_broken_backup_changes_nothing(shop, tmp_path, damage):
    backup = tmp_path / "monday.tar"
    run(shop, "backup", backup)
    content = bytearray(backup.read_bytes())
    if damage == "cut off":
        content = content[: len(content) // 2]
    elif damage == "changed":
        place = content.index(b"<svg/>")
        content[place : place + 6] = b"<SVG/>"
    else:
        content = bytearray(b"PK\x03\x04 not a tar")
    backup.write_bytes(content)
    set_offset(shop, 7)
    before = files(shop)

    refused = run(shop, "restore", backup, "--replace")

    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output
    assert (offset(shop), files(shop)) == (7, before)


def test_a_dump_that_fails_half_way_leaves_the_database_as_it_was(shop, tmp_path, monkeypatch):
    backup = tmp_path / "monday.tar"
    run(shop, "backup", backup)
    set_offset(shop, 7)
    monkeypatch.setattr(operate, "PRELUDE", operate.PRELUDE + "SELECT 1 / 0;")

    refused = run(shop, "restore", backup, "--replace")

    assert refused.exit_code == 1
    assert "division by zero" in refused.output
    assert offset(shop) == 7
