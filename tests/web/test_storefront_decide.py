"""Deciding: offers with all that belongs to them, goods side by side, shelves, themes."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy.orm import Session

from app.web.storefront import in_stock
from catalog import attributes, landing, pricing, promotions, publishing, release, search
from catalog.facets import Facet
from catalog.landing import Page
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from fulfilment.places import displays
from kit.database import transaction
from tests.small_shop import HOOK, LURE, PAN, WEDNESDAY
from tests.web.storefront import data, open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")
SPINNER = "/artikel/spinner"
MAKER = {"name": "Kōbō", "address": "1-2 Minato, Niigata", "email": "kobo@kobo.example",
         "country": "JP", "eu_name": "Agent B.V.", "eu_address": "Kade 1, Rotterdam",
         "eu_email": "agent@agent.example"}  # fmt: skip
OPTIONS = (("SP-2-SI", "2", "silber", 390), ("SP-2-GO", "2", "gold", 390),
           ("SP-3-SI", "3", "silber", 450))  # fmt: skip


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """The small shop with a spinner in sizes and colours, reduced by a promotion."""
    in_stock.forget()
    open_shop()
    with transaction() as session:
        _spinner(session)
        rule = Rule("", "percent", "Herbst", "Autumn", basis_points=1000,
                    skus=frozenset(sku for sku, *_ in OPTIONS))  # fmt: skip
        promotions.create(session, Offer(rule, WEDNESDAY - timedelta(days=2)), actor="test")
        landing.put(
            session,
            Page("herbst", "Herbst am Fluss", "Autumn by the river", category="koeder",
                 products=(PAN.lower(),), terms=("herbstangeln",)),
            actor="test",
        )  # fmt: skip
        search.reindex(session)
    return client


def _spinner(session: Session) -> None:
    attributes.put(session, Facet("blade", "Größe", "Size"), position=0)
    attributes.put(session, Facet("colour", "Farbe", "Colour"), position=1)
    publishing.put_product(
        session, "spinner", category="koeder", family="spinner", name_de="Spinner",
        name_en="Spinner", text_de="Dreht sich.", text_en="It spins.", brand="Kōbō", maker=MAKER,
        safety_de="Spitze Haken.", safety_en="Sharp hooks.", electrical=True,
        weee_number="DE12345678", age_min=18, type_number="SP-X",
        guarantee={"years": 5, "giver": "Kōbō", "model": "SP-X"},
    )  # fmt: skip
    for position, (sku, blade, colour, price) in enumerate(OPTIONS):
        _item(session, position, sku, blade, colour)
        pricing.set_price(session, sku, price, WEDNESDAY - timedelta(days=90))


def _item(session: Session, position: int, sku: str, blade: str, colour: str) -> None:
    publishing.put_item(
        session, sku, product="spinner", weight_grams=9, variant_de=f"Größe {blade} · {colour}",
        variant_en=f"size {blade} · {colour}", position=position,
        attributes={"blade": blade, "colour": colour}, content_quantity=2, content_unit="piece",
        picture=f"pictures/{sku}.svg", length_mm=120, width_mm=40, height_mm=20,
        pictures=[{"path": f"pictures/{sku}-nah.svg", "de": "von Nahem", "en": "close up"}],
    )  # fmt: skip


def links(body: str, words: str) -> str:
    """Return where the link with these words leads."""
    (href,) = re.findall(rf'<a[^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*?{words}', body, re.DOTALL)[:1]
    return href.replace("&amp;", "&")


def test_an_offer_says_all_that_the_law_and_a_buyer_want(shop: FlaskClient) -> None:
    said = text(shop.get(SPINNER))
    for words in (
        "3,51 € −10 % · niedrigster Preis der 30 Tage davor: 3,90 € 1,76 €/St. · inkl. MwSt.",
        "Herbst",
        "In den Läden Stand 12:30 Uhr",
        "Bonn: nicht da Bonn, offen bis 19:00 mein Laden",
        "Gesetzliche Gewährleistung: mindestens 2 Jahre",
        "Muster Hier steht die amtliche Darstellung der EU",
        "5 Jahre Haltbarkeitsgarantie Kōbō · SP-X",
        "ab 18 Jahren Diesen Artikel geben wir nur an Personen ab",
        "Spitze Haken.",
        "Hersteller: Kōbō, 1-2 Minato, Niigata, kobo@kobo.example",
        "Verantwortlich in der EU: Agent B.V., Kade 1, Rotterdam, agent@agent.example",
        "Nicht in den Hausmüll. Elektrogeräte werden getrennt gesammelt.",
        "WEEE-Reg.-Nr. DE12345678",
        "Packmaß 12 × 4 × 2 cm",
    ):
        assert words in said, words
    lure = text(shop.get(f"/artikel/{LURE.lower()}"))
    assert "6,90 € inkl. MwSt., zzgl. Versand" in lure
    assert "6 in Bonn, heute ab 14 Uhr abholbereit Bonn, offen bis 19:00" in lure
    assert "Versand 4,90 €, ab 59,00 € Warenwert kostenlos" in lure
    assert "30 Tage davor" not in lure
    assert "Haltbarkeitsgarantie" not in lure


def test_a_variant_on_display_is_said_on_the_pages_of_the_others_too(shop: FlaskClient) -> None:
    with transaction() as session:
        displays.put_up(session, "koeln", "SP-3-SI", actor="test")
    said = text(shop.get(f"{SPINNER}?sku=SP-2-SI"))
    assert "Köln: nicht da andere Ausführung ausgestellt Köln" in said
    assert "Köln: nicht da ausgestellt Köln" in text(shop.get(f"{SPINNER}?sku=SP-3-SI"))


def shown_as_money(amount: str, address: str) -> str:
    """Return an amount of the structured data as the page writes it."""
    return f"€{amount}" if address.startswith("/en") else f"{amount.replace('.', ',')} €"


def test_structured_data_say_what_the_page_says(shop: FlaskClient) -> None:
    for sku in ("spinner", "spinner?sku=SP-3-SI", LURE.lower(), PAN.lower()):
        _compare(shop, f"/artikel/{sku}")
    refresh()  # the tests' outer application context remembers the first request's language
    _compare(shop, f"/en/artikel/{HOOK.lower()}")


def _compare(shop: FlaskClient, address: str) -> None:
    answer = shop.get(address)
    said, body, (product, _) = text(answer), answer.get_data(as_text=True), data(answer)
    offer = product["offers"]
    now, *before = offer["priceSpecification"]
    shown = [shown_as_money(one["price"], address) for one in (now, *before)]
    assert now["price"] == offer["price"]
    (block,) = re.findall(r'<div class="price price--big">(.*?)</div>', body, re.DOTALL)
    assert re.findall(r"[€\d][\d.,]*\d(?:\xa0€)?", block)[0].replace("\xa0", " ") == shown[0]
    assert all(amount in said for amount in shown)
    assert ("price__was" in block) == bool(before)
    shipping = offer["shippingDetails"]["shippingRate"]["value"]
    coming = offer["availability"].endswith("InStock")
    assert coming == ("Bei Ihnen am" in said or "With you on" in said)
    if coming:
        free = {"Versand kostenlos", "Free delivery"}
        amount = shown_as_money(shipping, address)
        assert any(one in said for one in (free if shipping == "0.00" else {amount}))
    for one in product["additionalProperty"]:
        assert f"{one['name']} {one['value']}" in said, one
    lines = re.findall(r'shops__one"><span class="avail avail--(\w+)">([^<]*)<', body)
    there = {line for tone, line in lines if tone != "none"}
    stores = {one["name"].split()[-1] for one in offer.get("availableAtOrFrom", [])}
    assert len(lines) == 2
    assert len(there) == len(stores)
    assert all(any(store in line for line in there) for store in stores)
    assert product["name"].split()[0] in said
    assert product["sku"] in said
    assert product["brand"]["name"] in said
    images = [one.partition("/media/")[2] for one in product.get("image", [])]
    assert all(f"/media/{path}" in body for path in images)
    assert len(images) == body.count('aria-label="Bild ')


def test_each_option_has_price_and_stock_and_leads_to_its_variant(shop: FlaskClient) -> None:
    body = shop.get(SPINNER).get_data(as_text=True)
    assert links(body, "gold") == f"{SPINNER}?sku=SP-2-GO"
    assert links(body, '<span class="swatch__name">3') == f"{SPINNER}?sku=SP-3-SI"
    said = text(shop.get(f"{SPINNER}?sku=SP-3-SI"))
    assert "Größe 2 3,51 €, nicht lieferbar 3 4,05 €, nicht lieferbar" in said
    # There is no gold in size 3: gold leads to the size that has it.
    large = shop.get(f"{SPINNER}?sku=SP-3-SI").get_data(as_text=True)
    assert links(large, "gold") == f"{SPINNER}?sku=SP-2-GO"


def test_pictures_are_links_to_themselves_and_can_be_changed_without_a_script(
    shop: FlaskClient,
) -> None:
    body = shop.get(f"{SPINNER}?sku=SP-2-SI&bild=2").get_data(as_text=True)
    assert 'class="zoom" href="/media/pictures/SP-2-SI-nah.svg"' in body
    assert 'alt="Spinner Größe 2 · silber: von Nahem"' in body
    first = shop.get(f"{SPINNER}?sku=SP-2-SI&bild=9").get_data(as_text=True)
    assert 'class="zoom" href="/media/pictures/SP-2-SI.svg"' in first


def test_up_to_four_goods_stand_side_by_side_and_the_address_holds_them(shop: FlaskClient) -> None:
    assert "Noch nichts zum Vergleichen" in text(shop.get("/vergleich?artikel=GIBT-ES-NICHT"))
    address = "/vergleich?artikel=SP-2-SI&artikel=SP-3-SI&artikel=SP-2-SI"
    answer = shop.get(address)
    said, body = text(answer), answer.get_data(as_text=True)
    assert "In 1 Punkt verschieden." in said
    assert "Größe ≠ (verschieden) 2 3 Farbe silber silber" in said
    assert "3,51 €" in said
    assert "4,05 €" in said
    only = text(shop.get(f"{address}&nur=unterschiede"))
    assert "Größe ≠ (verschieden) 2 3" in only
    assert "Farbe silber" not in only
    assert links(body, "entfernen") == "/vergleich?artikel=SP-3-SI"
    assert "/vergleich?artikel=SP-2-SI&artikel=SP-3-SI&artikel=RS-9-MO" in body.replace(
        "&amp;", "&"
    )
    three = "SP-2-SI&artikel=SP-2-GO&artikel=SP-3-SI"
    many = text(shop.get(f"/vergleich?artikel={three}&artikel={LURE}&artikel={HOOK}"))
    assert "Höchstens vier Artikel passen nebeneinander." in many
    assert "Offset-Haken" not in many.partition("Dazunehmen")[0]


def test_a_shelf_counts_who_has_it_and_keeps_the_choice_in_the_address(shop: FlaskClient) -> None:
    said = text(shop.get("/sortiment/koeder"))
    assert "Sofort da online lieferbar 2 in Bonn 2 in Köln 1" in said
    assert "Preis unter 5 € 2 5 bis 10 € 1 50 bis 100 € 1" in said
    here = text(shop.get("/sortiment/koeder?laden=koeln&laden=online&preis=5000-10000"))
    assert "Preis: 50 bis 100 € entfernen Sofort da: online lieferbar entfernen" in here
    assert "1 Artikel" in here
    none = text(shop.get("/sortiment/koeder?laden=bonn&preis=5000-10000"))
    assert "Dazu passt gerade nichts" in none
    assert shop.get("/sortiment/koeder").get_data(as_text=True).count('name="artikel"') == 4


def test_results_are_narrowed_down_as_a_shelf_is(shop: FlaskClient) -> None:
    said = text(shop.get("/suche?q=Köder&alle=1"))
    assert "Preis unter 5 € 2 5 bis 10 € 1" in said
    assert "Sofort da online lieferbar" in said
    here = text(shop.get("/suche?q=Köder&alle=1&laden=koeln&preis=500-1000"))
    assert "Preis: 5 bis 10 € entfernen" in here
    none = text(shop.get("/suche?q=Köder&laden=bonn&preis=5000-10000"))
    assert "Dazu passt gerade nichts" in none


def test_my_store_comes_first_everywhere_until_i_leave_it(shop: FlaskClient) -> None:
    kept = shop.post("/filialen/meine", data={"store": "koeln", "next": f"/artikel/{PAN.lower()}"})
    assert kept.location == f"/artikel/{PAN.lower()}"
    said = text(shop.get(f"/artikel/{PAN.lower()}"))
    assert "1 in Köln, heute ab 14 Uhr abholbereit Köln, offen bis 19:00 · mein Laden Bonn" in said
    assert "in meinem Laden, Köln 1 online" in text(shop.get("/sortiment/koeder"))
    assert shop.post("/filialen/meine", data={"store": "nirgends"}).status_code == 404
    away = shop.post("/filialen/meine", data={"store": "", "next": "https://elsewhere.example/"})
    assert away.location == "/filialen"


def test_a_term_leads_to_its_page_with_the_chosen_goods_first(shop: FlaskClient) -> None:
    assert shop.get("/suche?q=Herbst-Angeln").location == "/thema/herbst"
    said = text(shop.get("/thema/herbst"))
    assert said.index("Unsere Auswahl Schmiedepfanne") < said.index("Mehr dazu")
    assert said.count("Schmiedepfanne 28 cm") == 2  # its name, and what its tick box is for
    assert shop.get("/thema/gibt-es-nicht").status_code == 404
    with transaction() as session:
        hidden = landing.by_slug(session, "herbst")
        landing.put(session, Page(**{**vars(hidden), "shown": False}), actor="test")
    assert shop.get("/thema/herbst").location == "/sortiment/koeder"


def test_a_draft_has_no_page_and_a_withdrawn_article_keeps_its_own(shop: FlaskClient) -> None:
    with transaction() as session:
        release.withdraw(session, "spinner")
    said = text(shop.get(f"{SPINNER}?sku=SP-2-SI"))
    assert "Diesen Artikel verkaufen wir nicht mehr." in said
    assert "In den Warenkorb" not in said
    with transaction() as session:
        publishing.put_product(session, "neu", draft=True, category="koeder", family="x",
                               name_de="Neu", name_en="New", text_de="Text.", text_en="Text.",
                               brand="Rhein", maker={})  # fmt: skip
        publishing.put_item(session, "NEU", product="neu", weight_grams=9)
        pricing.set_price(session, "NEU", 100, WEDNESDAY)
    assert shop.get("/artikel/neu").status_code == 404


def test_a_released_article_is_found_without_waiting_for_the_night(
    shop: FlaskClient, settle_events: Callable[[], int]
) -> None:
    with transaction() as session:
        publishing.put_product(session, "floh", draft=True, category="koeder", family="x",
                               name_de="Quappenfloh", name_en="Burbot flea", text_de="Text.",
                               text_en="Text.", brand="Rhein", maker=MAKER, no_warning="geprüft",
                               type_number="QF-1")  # fmt: skip
        publishing.put_item(session, "QF-1", product="floh", weight_grams=9, picture="q.svg")
        pricing.set_price(session, "QF-1", 250, WEDNESDAY - timedelta(days=1))
    assert "Dazu finden wir nichts" in text(shop.get("/suche?q=Quappenfloh"))
    with transaction() as session:
        release.publish(session, "floh")
    assert "Dazu finden wir nichts" in text(shop.get("/suche?q=Quappenfloh"))
    assert settle_events() >= 1
    assert "Quappenfloh 2,50 €" in text(shop.get("/suche?q=Quappenfloh"))
    assert "Quappenfloh" in text(shop.get("/sortiment/koeder"))
