"""Pages are kept until something on them changes, and not a request longer."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from app.web.kept_pages import Page, Shelf
from app.workflows import freshness
from app.workflows.freshness import Seen
from catalog import pricing
from catalog.stamps import Version
from fulfilment.claims import reservations
from fulfilment.claims.reservations import Want
from fulfilment.models import DayLimit
from fulfilment.stock import ledger
from kit import clock
from kit.database import transaction
from kit.ids import new_id
from migrations.run import shown_tables
from tests.small_shop import LURE, MUELLER, WEDNESDAY
from tests.web.storefront import add, open_shop, text

PRODUCT, SHELF = f"/artikel/{LURE.lower()}", "/sortiment/koeder"
HOUR = timedelta(hours=1)
PRICE = "INSERT INTO prices (sku, amount_minor, valid_from, reduced) VALUES (%s, 444, %s, false)"


@pytest.fixture
def shop(
    client: FlaskClient, app: Flask, wednesday: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """A client in front of the small shop; nothing is kept yet."""
    app.extensions["kept_pages"].clear()
    # The shop is a copy with the same stamp: which places are full was read in another test's.
    monkeypatch.setattr(freshness, "_places", [freshness._Places()])
    open_shop()
    yield client
    app.extensions["kept_pages"].clear()


@pytest.fixture
def asked(database: Engine) -> Iterator[list[str]]:
    """What views have asked the database; the look at a request's beginning goes another way."""
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database, "before_cursor_execute", note)
    yield statements
    event.remove(database, "before_cursor_execute", note)


def warm(shop: FlaskClient, *pages: str) -> None:
    """Have pages made: once to learn what they show, once to keep them."""
    for page in pages:
        for _ in range(2):
            assert shop.get(page).status_code == 200


def price_now(amount_minor: int, at: datetime | None = None) -> None:
    with transaction() as session:
        pricing.set_price(session, LURE, amount_minor, at or clock.now())


@pytest.mark.parametrize("page", ["/", SHELF, PRODUCT, "/suche?q=rheinshad&alle=1"])
def test_what_has_not_changed_is_not_made_again(
    shop: FlaskClient, asked: list[str], page: str
) -> None:
    warm(shop, page)
    before = shop.get(page).get_data()
    asked.clear()
    assert shop.get(page).get_data() == before
    assert asked == []


def test_a_price_change_is_visible_at_once(shop: FlaskClient) -> None:
    warm(shop, PRODUCT, SHELF)
    price_now(555)
    assert "5,55 €" in text(shop.get(PRODUCT))
    assert "5,55 €" in text(shop.get(SHELF))


def test_a_price_that_another_process_has_changed_is_visible_at_once(
    shop: FlaskClient, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    warm(shop, PRODUCT)
    with owner.transaction(force_rollback=True):
        owner.execute(
            PRICE,
            [LURE, WEDNESDAY - HOUR],
        )
        # Not committed: nobody sees it yet, and nobody waits for it.
        assert "6,90 €" in text(shop.get(PRODUCT))
    assert "6,90 €" in text(shop.get(PRODUCT))
    owner.execute(
        PRICE,
        [LURE, WEDNESDAY - HOUR],
    )
    assert "4,44 €" in text(shop.get(PRODUCT))


def test_a_price_whose_time_has_come_is_visible_at_its_instant(shop: FlaskClient) -> None:
    price_now(333, WEDNESDAY + timedelta(seconds=30))
    warm(shop, PRODUCT, SHELF)
    with clock.frozen(WEDNESDAY + timedelta(seconds=29)):
        assert "6,90 €" in text(shop.get(PRODUCT))
    with clock.frozen(WEDNESDAY + timedelta(seconds=30)):
        assert "3,33 €" in text(shop.get(PRODUCT))
        assert "3,33 €" in text(shop.get(SHELF))


def test_sold_units_are_gone_from_every_page_at_once(shop: FlaskClient) -> None:
    warm(shop, PRODUCT, SHELF)
    assert "24 online" in text(shop.get(SHELF))
    with transaction() as session:
        ledger.write_off(session, "lager", [(LURE, 2)], document="W-1", actor="t", key="w/1")
    for page in (PRODUCT, SHELF):
        assert "22 online" in text(shop.get(page))
        assert "24 online" not in text(shop.get(page))


def test_a_hold_is_seen_at_once_and_its_end_too(shop: FlaskClient) -> None:
    with transaction() as session:
        reservations.place(
            session,
            order_ref="K-1",
            wants=[Want(new_id(), LURE, "lager", 4)],
            expires_at=WEDNESDAY + timedelta(seconds=20),
        )
    warm(shop, SHELF)
    assert "20 online" in text(shop.get(SHELF))
    # Nobody has released it yet; its time is over all the same.
    with clock.frozen(WEDNESDAY + timedelta(seconds=21)):
        assert "24 online" in text(shop.get(SHELF))


def test_a_place_that_is_full_is_known_after_five_seconds_at_most(
    shop: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert freshness.FULL_FOR_SECONDS < 5
    monkeypatch.setattr(freshness, "FULL_FOR_SECONDS", 0.0)
    warm(shop, SHELF)
    assert "24 online · Freitag da" in text(shop.get(SHELF))
    with transaction() as session:
        session.add_all(
            DayLimit(location=place, day=day, parcels=0, reason="", actor="t", set_at=clock.now())
            for place in ("lager", "bonn", "koeln")
            for day in (clock.today(), clock.today() + timedelta(days=1))
        )
    assert "24 online · Freitag da" not in text(shop.get(SHELF))


def test_a_page_is_as_of_its_own_minute(shop: FlaskClient, asked: list[str]) -> None:
    warm(shop, PRODUCT)
    assert "Stand 12:30 Uhr" in text(shop.get(PRODUCT))
    asked.clear()
    for minute in (31, 32):
        with clock.frozen(WEDNESDAY + timedelta(minutes=minute - 30)):
            packed = shop.get(PRODUCT, headers={"Accept-Encoding": "gzip"}).get_data()
            assert f"Stand 12:{minute} Uhr" in gzip.decompress(packed).decode()
    assert asked == []


def test_words_of_time_turn_when_their_time_is_over(shop: FlaskClient) -> None:
    warm(shop, "/")
    assert "Heute bis 16 Uhr bestellt" in text(shop.get("/"))
    with clock.frozen(datetime(2026, 11, 25, 15, 0, tzinfo=UTC)):
        assert "Heute bis 16 Uhr bestellt" not in text(shop.get("/"))


def test_a_store_that_is_renamed_is_renamed_on_every_page(
    shop: FlaskClient, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    warm(shop, PRODUCT)
    owner.execute("UPDATE locations SET city = 'Beuel' WHERE code = 'bonn'")
    assert "6 in Beuel" in text(shop.get(PRODUCT))


def test_a_basket_is_its_owners(shop: FlaskClient, app: Flask) -> None:
    warm(shop, SHELF, PRODUCT)
    plain = shop.get(SHELF).get_data()
    other = app.test_client()
    add(other, LURE, 3)
    other.get("/warenkorb")  # says that it is in the basket
    body = other.get(SHELF).get_data(as_text=True)
    assert re.search(r'class="count">3\b', body)
    assert shop.get(SHELF).get_data() == plain
    add(other, LURE, 1)
    other.get("/warenkorb")
    assert re.search(r'class="count">4\b', other.get(SHELF).get_data(as_text=True))


def test_a_message_is_shown_once_and_to_nobody_else(shop: FlaskClient, app: Flask) -> None:
    warm(shop, PRODUCT)
    other = app.test_client()
    add(other, LURE, 1, next=PRODUCT)
    assert "liegt im Warenkorb" in text(other.get(PRODUCT))
    assert "liegt im Warenkorb" not in text(other.get(PRODUCT))
    assert "liegt im Warenkorb" not in text(shop.get(PRODUCT))


def test_a_customers_price_is_for_that_customer(shop: FlaskClient, app: Flask) -> None:
    warm(shop, PRODUCT)
    member = app.test_client()
    add(member, LURE)
    member.get("/warenkorb")
    member.post("/warenkorb/kundennummer", data={"customer_number": MUELLER})
    for _ in range(2):
        assert "mit Ihrer Kundennummer" in text(member.get(PRODUCT))
        assert "mit Ihrer Kundennummer" not in text(shop.get(PRODUCT))


def test_each_language_and_each_place_has_its_page(shop: FlaskClient, app: Flask) -> None:
    warm(shop, PRODUCT, f"/en{PRODUCT}")
    assert "Add to basket" in text(shop.get(f"/en{PRODUCT}"))
    assert "In den Warenkorb" in text(shop.get(PRODUCT))
    other = app.test_client()
    other.post("/warenkorb/ort", data={"postal_code": "50676"})
    assert "50676" in text(other.get(PRODUCT))
    assert "50676" not in text(shop.get(PRODUCT))


def test_a_kept_page_leaves_packed_and_carries_nobodys_token(
    shop: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    warm(shop, PRODUCT)
    packed = shop.get(PRODUCT, headers={"Accept-Encoding": "gzip"})
    plain = shop.get(PRODUCT)
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding, Cookie"
    assert not re.search(r'name="csrf_token" value="[^"]', plain.get_data(as_text=True))
    assert "Set-Cookie" not in plain.headers
    assert plain.headers["Cache-Control"] == "no-store"


FORMS: list[tuple[dict[str, str], int]] = [
    ({"Sec-Fetch-Site": "same-origin"}, 303),
    ({"Sec-Fetch-Site": "cross-site"}, 400),
    ({"Sec-Fetch-Site": "same-site"}, 400),
    ({"Sec-Fetch-Site": "none"}, 400),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 400),
    ({"Origin": "http://localhost"}, 303),
    ({"Origin": "http://localhost.evil.example"}, 400),
    ({"Origin": "null"}, 400),
    ({}, 400),
]


@pytest.mark.parametrize(("headers", "status"), FORMS)
def test_a_form_without_a_token_has_to_come_from_a_page_of_ours(
    shop: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str], status: int,
) -> None:  # fmt: skip
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    form = {"sku": LURE, "quantity": "1"}
    assert shop.post("/warenkorb/artikel", data=form, headers=headers).status_code == status


def test_every_change_of_every_table_that_pages_show_moves_the_stamp(
    owner: psycopg.Connection[tuple[object, ...]],
) -> None:
    rows = owner.execute(
        "SELECT tgrelid::regclass::text, tgtype & 60 FROM pg_trigger"
        " WHERE tgname = 'stamp_catalog' AND tgenabled = 'O'"
    )
    # Bits of pg_trigger.tgtype: 4 INSERT, 8 DELETE, 16 UPDATE, 32 TRUNCATE.
    assert dict(rows) == dict.fromkeys(shown_tables(), 60)
    assert {"prices", "items", "products", "promotions", "documents"} <= shown_tables()


def test_the_last_use_of_a_limited_promotion_moves_the_stamp(
    owner: psycopg.Connection[tuple[object, ...]], database: Engine
) -> None:
    def stamp() -> object:
        [(found,)] = owner.execute("SELECT stamp FROM catalog_stamps").fetchall()
        return found

    def use(promotion: str, number: int) -> object:
        owner.execute(
            "INSERT INTO promotion_uses (promotion, order_ref, uses, saved_minor, used_at, key)"
            " VALUES (%s, %s, 1, 100, now(), %s)",
            [promotion, f"K-{number}", f"{promotion}/{number}"],
        )
        return stamp()

    for ref, limit in (("two", 2), ("all", None)):
        owner.execute(
            "INSERT INTO promotions (ref, name_de, name_en, kind, basis_points, amount_minor,"
            " buy_units, get_units, channels, skus, categories, brands, price_groups, min_minor,"
            " limit_total, stackable, starts_at, created_by, created_at) VALUES (%s, '', '',"
            " 'percent', 100, 0, 0, 0, '[]', '[]', '[]', '[]', '[]', 0, %s, false, now(), '',"
            " now())",
            [ref, limit],
        )
    start = stamp()
    assert use("all", 1) == use("all", 2) == use("two", 1) == start
    assert use("two", 2) != start


SEEN = Seen(Version("a", 0), "b", "c", (1, 2, 3), frozenset())


def test_a_process_keeps_so_many_bytes_and_lets_the_oldest_go() -> None:
    shelf = Shelf(4_000)
    place: Callable[[str], tuple[str, str, str, str, tuple[None]]] = lambda path: (
        "de", "shop", path, "", (None,)
    )  # fmt: skip
    for path in ("/1", "/2", "/3"):
        shelf.put(place(path), Page(SEEN, ()), 0, b"x" * 800)
        shelf.take(place("/1"))
    assert shelf.take(place("/1")) is not None
    assert shelf.take(place("/2")) is None
    assert shelf.take(place("/3")) is not None
    shelf.put(place("/4"), Page(SEEN, ()), 0, b"x" * 3_000)
    assert shelf.take(place("/4")) is None


def test_texts_for_other_baskets_stay_while_nothing_has_changed() -> None:
    shelf = Shelf(100_000)
    place = ("de", "shop", "/", "", (None,))
    shelf.put(place, Page(SEEN, ("A",)), 0, b"none")
    shelf.put(place, Page(SEEN, ("A",)), 2, b"two")
    found = shelf.take(place)
    assert found is not None
    assert {units: text.made for units, text in found.texts.items()} == {0: b"none", 2: b"two"}
    shelf.put(place, Page(freshness.before(SEEN), ("A",)), 0, b"new")
    found = shelf.take(place)
    assert found is not None
    assert {units: text.made for units, text in found.texts.items()} == {0: b"new"}
