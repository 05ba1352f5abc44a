"""Both languages: every German text of the shop has an English one, and dates read as people do."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select

from app.i18n import compiling, formats
from app.messages.models import Message as Letter
from app.workflows import checkout
from kit import clock
from kit.database import reading
from tests import small_shop
from tests.small_shop import LURE
from tests.web import storefront

ROOT = Path(__file__).parent.parent.parent
ENGLISH = ROOT / "app" / "i18n" / "en" / "LC_MESSAGES" / "messages.po"
SHOPPERS_SEE = (
    "app/templates/storefront",
    "app/templates/components",
    "app/templates/errors",
    "app/web/storefront",
    "app/i18n",
)
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
WEDNESDAY = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)


def _texts() -> set[str | tuple[str, ...]]:
    found = set()
    for folder in SHOPPERS_SEE:
        for _file, _line, text, _comments, _context in extract_from_dir(
            str(ROOT / folder), METHODS
        ):
            found.add(tuple(text) if isinstance(text, (list, tuple)) else text)
    return found


@pytest.mark.slow
def test_every_text_that_shoppers_see_has_an_english_one() -> None:
    with ENGLISH.open("rb") as file:
        english = read_po(file, locale="en")
    texts = _texts()
    missing = [text for text in texts if not _said(english.get(_key(text)))]
    assert len(texts) > 250
    assert missing == []


def _key(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _said(message: Message | None) -> bool:
    if message is None:
        return False
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings)


def test_a_translation_is_compiled_when_its_source_is_newer(tmp_path: Path) -> None:
    source = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr ""\n\nmsgid "heute"\nmsgstr "today"\n', "utf-8")
    assert compiling.compile_all(tmp_path) == 1
    target = source.with_suffix(".mo")
    assert b"today" in target.read_bytes()
    assert compiling.compile_all(tmp_path) == 0
    source.write_text(source.read_text("utf-8").replace("today", "this day"), "utf-8")
    later = target.stat().st_mtime + 1
    os.utime(source, (later, later))
    assert compiling.compile_all(tmp_path) == 1
    assert b"this day" in target.read_bytes()
    assert [file.name for file in source.parent.iterdir() if file.suffix == ".tmp"] == []


@pytest.mark.parametrize(
    ("language", "ahead", "words"),
    [
        ("de", 0, "heute"),
        ("de", 1, "morgen"),
        ("de", 2, "Freitag"),
        ("de", 6, "Dienstag"),
        ("de", 7, "Mi 02.12."),
        ("de", -1, "Di 24.11."),
        ("en", 1, "tomorrow"),
        ("en", 2, "Friday"),
        ("en", 7, "Wed 2 Dec"),
    ],
)
def test_a_day_is_said_as_people_say_it(app: Flask, language: str, ahead: int, words: str) -> None:
    on = date.fromordinal(date(2026, 11, 25).toordinal() + ahead)
    with clock.frozen(WEDNESDAY), force_locale(language):
        assert formats.day_word(on) == words


def test_amounts_times_and_numbers_read_right_in_both_languages(app: Flask) -> None:
    def said() -> list[str]:
        return [
            formats.money(123450).replace("\xa0", " "),
            formats.oclock(datetime(2026, 11, 25, 13, 0, tzinfo=UTC)),
            formats.stamp(WEDNESDAY),
            formats.stamp_full(WEDNESDAY),
            formats.kilograms(9400),
            formats.phone("+4926114710777"),
        ]

    with force_locale("de"):
        assert said() == [
            "1.234,50 €",
            "14",
            "Mi 25.11., 12:30",
            "25.11.2026, 12:30",
            "9,4 kg",
            "+49 261 14710777",
        ]
    with force_locale("en"):
        assert said() == [
            "€1,234.50",
            "14:00",
            "Wed 25 Nov, 12:30",
            "25 Nov 2026, 12:30",
            "9.4 kg",
            "+49 261 14710777",
        ]


def test_who_orders_in_english_gets_english_letters_with_links_to_english_pages(
    client: FlaskClient, settle_events: Callable[[], int], wednesday: object
) -> None:
    storefront.open_shop()
    page = storefront.text(client.get(f"/en/artikel/{LURE.lower()}"))
    assert "6 in Bonn, ready to collect today from 14:00 Bonn" in page
    placed = checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer(language="en"))
    settle_events()
    with reading() as session:
        [letter] = session.scalars(select(Letter).where(Letter.kind == "order_placed"))
    assert f"/en/bestellung/{placed.order_ref}?t={placed.token}" in letter.body_text
    assert f"/en/vertrag-widerrufen?bestellung={placed.order_ref}&t=" in letter.body_text
    assert "/bestellung/" not in letter.body_text.replace("/en/bestellung/", "")
