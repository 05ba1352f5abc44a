"""Searching and looking around: what is shown, in both languages, and what does not exist."""

import gzip
import re

import pytest
from flask.testing import FlaskClient
from flask_babel import refresh

from catalog import publishing, search
from kit.database import transaction
from tests.small_shop import HOOK, LURE, LURE_GTIN, PAN
from tests.web.storefront import add, data, open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """A client in front of the small shop, its search index built."""
    open_shop()
    with transaction() as session:
        publishing.put_document(
            session,
            "ratgeber-koeder",
            kind="guide",
            title_de="Ratgeber Köder",
            title_en="Guide to lures",
            path="documents/ratgeber-koeder.pdf",
            pages=11,
            bytes=96_000,
            categories=["koeder"],
        )
        search.reindex(session)
    return client


def test_the_first_page_shows_shelves_goods_and_until_when_to_order(shop: FlaskClient) -> None:
    said = text(shop.get("/"))
    assert "Heute bis 16 Uhr bestellt, Freitag da" in said
    assert "Rheinshad 9 cm" in said
    assert "Ratgeber Köder PDF · 11 Seiten · 96 kB · kostenlos" in said


def test_a_card_says_price_tax_and_where_it_can_be_had_when(shop: FlaskClient) -> None:
    said = text(shop.get("/sortiment/koeder"))
    assert "6,90 € inkl. MwSt., zzgl. Versand 24 online · Freitag da 6 in Bonn, heute" in said
    assert "89,00 € inkl. MwSt., zzgl. Versand aus der Filiale · Samstag da 1 in Köln" in said


@pytest.mark.parametrize(
    "address",
    [
        "/sortiment/gibt-es-nicht",
        "/sortiment/koeder?seite=0",
        "/sortiment/koeder?sortierung=zufall",
        "/artikel/gibt-es-nicht",
        f"/artikel/{LURE.lower()}?sku={HOOK}",
        "/suche?q=haken&seite=-1",
        "/dokumente/gibt-es-nicht.pdf",
        "/filme/ratgeber-koeder",
        "/gibt-es-nicht",
    ],
)
def test_what_does_not_exist_is_a_page_that_says_so(shop: FlaskClient, address: str) -> None:
    answer = shop.get(address)
    assert answer.status_code == 404
    assert "Zur Startseite" in text(answer)


def test_the_product_page_says_the_same_as_its_structured_data(shop: FlaskClient) -> None:
    answer = shop.get(f"/artikel/{LURE.lower()}")
    said, (product, trail) = text(answer), data(answer)
    offer = product["offers"]
    assert "6,90 € inkl. MwSt., zzgl. Versand" in said
    assert (offer["price"], offer["priceCurrency"]) == ("6.90", "EUR")
    assert offer["availability"] == "https://schema.org/InStock"
    assert product["gtin"] == LURE_GTIN
    assert "Bei Ihnen am Freitag, 27.11." in said
    assert "6 in Bonn, heute ab 14 Uhr" in said
    assert "Köln: nicht da" in said
    assert [step["name"] for step in trail["itemListElement"]] == ["Köder"]


def test_the_product_page_names_maker_and_what_else_is_needed(shop: FlaskClient) -> None:
    said = text(shop.get(f"/artikel/{LURE.lower()}"))
    assert "Hersteller: Maker, Weg 1, 53111 Bonn, maker@example.org" in said
    assert "Dazu brauchen Sie Offset-Haken 3/0 passt zu Rheinshad 9 cm 4,90 €" in said


def test_what_nobody_has_cannot_be_put_into_the_basket(shop: FlaskClient) -> None:
    add(shop, PAN)
    said = text(shop.get(f"/artikel/{PAN.lower()}"))
    assert "In den Warenkorb" in said
    with transaction() as session:
        publishing.put_product(
            session,
            "leer",
            category="koeder",
            family="lure_shad",
            name_de="Leer",
            name_en="Empty",
            text_de="Text.",
            text_en="Text.",
            brand="Rhein",
            maker={"name": "Maker", "address": "Weg 1", "email": "maker@example.org"},
        )
        publishing.put_item(session, "LEER", product="leer", weight_grams=10)
    assert shop.get("/artikel/leer").status_code == 404  # without a price it is not on sale


def test_a_known_term_opens_its_shelf_and_a_number_its_article(shop: FlaskClient) -> None:
    assert shop.get("/suche?q=Koeder").location == "/sortiment/koeder"
    found = shop.get(f"/suche?q={LURE_GTIN}")
    assert found.location == f"/artikel/{LURE.lower()}?sku={LURE}"


def test_a_slip_is_found_and_said(shop: FlaskClient) -> None:
    said = text(shop.get("/suche?q=Rheinschad"))
    assert "Rheinshad 9 cm" in said


def test_a_missing_manual_can_be_asked_for_without_proof_of_purchase(shop: FlaskClient) -> None:
    said = text(shop.get("/suche?q=Gebrauchsanleitung+XK-99"))
    assert "Diese Anleitung haben wir noch nicht" in said
    assert "Kaufbeleg brauchen Sie keinen" in said


def test_nothing_found_offers_a_way_on(shop: FlaskClient) -> None:
    answer = shop.get("/suche?q=xyzqqq")
    assert answer.status_code == 200
    assert "Dazu finden wir nichts" in text(answer)


def test_every_page_has_its_english_address(shop: FlaskClient) -> None:
    german = shop.get(f"/artikel/{LURE.lower()}").get_data(as_text=True)
    refresh()  # the tests' outer application context remembers the first request's language
    english = shop.get(f"/en/artikel/{LURE.lower()}")
    assert f'hreflang="en" href="http://localhost/en/artikel/{LURE.lower()}"' in german
    assert '<html lang="en"' in english.get_data(as_text=True)
    assert "With you on Friday 27 November" in text(english)
    assert 'action="/en/warenkorb/artikel"' in english.get_data(as_text=True)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("impressum", "Vertreten durch"),
        ("agb", "Zahlungspflichtig bestellen"),
        ("datenschutz", "Ein notwendiges Cookie"),
        ("widerruf", "Muster-Widerrufsformular"),
        ("versand", "4,90 € je Bestellung, ab 59,00 € kostenlos"),
        ("barrierefreiheit", "EN 301 549"),
        ("filialen", "Mittwoch 09:00–19:00"),
        ("anleitungen", "Ratgeber Köder"),
        ("vertrag-widerrufen", "Ohne Anmeldung und ohne Grund"),
        ("bestellung", "Wo ist meine Bestellung?"),
    ],
)
def test_the_pages_that_must_be_findable_are(shop: FlaskClient, page: str, words: str) -> None:
    answer = shop.get(f"/{page}")
    assert answer.status_code == 200
    assert words in text(answer)
    assert "Vertrag widerrufen" in text(answer)


def test_machines_are_told_what_there_is_and_what_is_private(shop: FlaskClient) -> None:
    rules = shop.get("/robots.txt").get_data(as_text=True)
    sitemap = shop.get("/sitemap.xml").get_data(as_text=True)
    assert "Disallow: /en/bestellung" in rules
    assert "Sitemap: http://localhost/sitemap.xml" in rules
    assert f"<loc>http://localhost/artikel/{LURE.lower()}</loc>" in sitemap
    assert f"<loc>http://localhost/en/artikel/{LURE.lower()}</loc>" in sitemap


def test_the_stylesheet_is_one_file_that_may_be_kept(shop: FlaskClient) -> None:
    page = shop.get("/").get_data(as_text=True)
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    sheet = shop.get(address)
    assert "immutable" in sheet.headers["Cache-Control"]
    assert 'url("/static/fonts/hanken-grotesk.woff2")' in sheet.get_data(as_text=True)
    assert len(gzip.compress(sheet.get_data())) <= 20_000
    old = shop.get("/stil/shop-000000000000.css")
    assert "immutable" not in old.headers.get("Cache-Control", "")
    assert shop.get("/stil/nix-000000000000.css").status_code == 404


def test_text_travels_compressed_where_the_browser_takes_it(shop: FlaskClient) -> None:
    takes = {"Accept-Encoding": "gzip"}
    page = shop.get("/impressum", headers=takes)
    plain = shop.get("/impressum")
    assert page.headers["Content-Encoding"] == "gzip"
    assert b"Vertreten durch" in gzip.decompress(page.get_data())
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    with shop.get("/static/icons.svg", headers=takes) as icons:
        assert gzip.decompress(icons.get_data()).startswith(b"<svg")
        assert int(icons.headers["Content-Length"]) == len(icons.get_data())
        known = {**takes, "If-None-Match": icons.headers["ETag"]}
    with shop.get("/static/icons.svg", headers=known) as again:
        assert again.status_code == 304
    with shop.get("/static/fonts/hanken-grotesk.woff2", headers=takes) as font:
        assert "Content-Encoding" not in font.headers


def test_a_film_can_still_be_asked_for_in_parts(shop: FlaskClient) -> None:
    wanted = {"Range": "bytes=0-99", "Accept-Encoding": "gzip"}
    with shop.get("/static/media/barsche-mit-gummi.webm", headers=wanted) as part:
        assert (part.status_code, len(part.get_data())) == (206, 100)
