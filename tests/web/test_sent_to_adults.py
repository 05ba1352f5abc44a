"""Goods for adults go by parcel where a carrier looks at the age: in a parcel of their own."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.carriers import chosen
from app.carriers.shapes import CarrierLabel
from app.messages.models import Message
from app.payments import charges
from app.sales.models import Order, OrderLine
from app.workflows import checkout, quoting
from catalog.models import Item, Product
from fulfilment.models import Location, Tariff
from fulfilment.routing import snapshot
from kit import clock
from kit.database import reading, transaction
from tests.small_shop import HOOK, LURE
from tests.web import floor_bench
from tests.web.floor_bench import all_picked, parcels_of
from tests.web.staff_bench import at_work
from tests.web.storefront import FORM, add, data, text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

TOTAL = 2 * 690 + 490 + 490
CHECKED = {"steps": [2000], "minor": [689], "max_parcels": 2}


class Post:
    """A carrier who notes what it is asked for."""

    name = "DHL"

    def __init__(self):
        self.asked = []

    def label(self, parcel):
        self.asked.append((parcel.age_min, parcel.drop_off, parcel.weight_grams))
        return CarrierLabel(str(len(self.asked)), b"%PDF-1.4\n%%EOF")


@pytest.fixture
def shop(client):
    """A visitor with two lures for adults and hooks for everybody in the basket."""
    floor_bench.build()
    with transaction() as session:
        session.get_one(Product, session.get_one(Item, LURE).product).age_min = 18
        tariff = session.get_one(Tariff, "paket")
        tariff.groups = {**tariff.groups, "std-18": CHECKED}
        session.get_one(Location, "lager").groups = ["std", "std-18"]
    snapshot.forget()
    add(client, LURE, 2)
    add(client, HOOK)
    yield client
    chosen._known.clear()


def test_they_are_promised_priced_and_told_as_a_parcel_of_their_own(shop, settle_events):
    page = shop.get(f"/artikel/{LURE.lower()}")
    assert "Bei Ihnen am Freitag, 27.11." in text(page)
    assert "Wer es bringt, sieht auf Ihren Ausweis" in text(page)
    assert "https://schema.org/InStoreOnly" not in str(data(page))
    basket = text(shop.get("/warenkorb"))
    assert "Freitag, 27.11. bei Ihnen, 2 Pakete" in basket
    assert "ab 18, mit Ausweis" in basket
    shop.post("/bestellen", data=FORM)
    review = text(shop.get("/bestellen/pruefen"))
    assert review.count("Freitag, 27.11. aus: Lager Kassel") == 2
    assert review.count("Bitte den Ausweis bereithalten") == 1
    assert "an Ihre Adresse" in text(shop.get("/bestellen/abholen"))
    shop.post("/bestellen/pruefen", data={"total_minor": TOTAL})
    with reading() as session:
        order = session.scalars(select(Order)).one()
        payment = charges.of_order(session, order.ref)
        planned = {p.group: p.cost_minor for p in snapshot.latest(session, order.ref).parcels}
        lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id))
        groups = {line.sku: line.shipping_group for line in lines}
    assert planned == {"std": 490, "std-18": 689}
    assert groups == {LURE: "std-18", HOOK: "std"}
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle_events()
    told = text(shop.get(f"/bestellung/{order.ref}?t={order.token}"))
    assert "In 2 Paketen ohne Mehrkosten, alles bis Freitag, 27.11." in told
    parcels, letters = told.split("Was wir Ihnen schrieben")
    assert parcels.count("Bitte den Ausweis bereithalten") == 1
    assert letters.count("Bitte den Ausweis bereithalten") == 1
    with reading() as session:
        query = select(Message.body_text).where(Message.kind == "order_confirmed")
        [letter] = session.scalars(query)
    assert "Paket 2 von 2" in letter
    assert letter.count("Bitte den Ausweis bereithalten") == 1


def test_the_carrier_is_asked_to_look_and_to_leave_it_with_nobody_else(app, shop, settle_events):
    carrier = Post()
    chosen.put(carrier)
    shop.post("/bestellen", data=FORM)
    shop.post("/bestellen/ablage", data={"wish": "drop_off", "wish_text": "Gartenhaus"})
    shop.post("/bestellen/pruefen", data={"total_minor": TOTAL})
    with reading() as session:
        order = session.scalars(select(Order)).one()
        payment = charges.of_order(session, order.ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle_events()
    floor = at_work(app, "lager")
    job = all_picked(floor, order.ref)
    page = floor.get(f"/floor/jobs/{job}/pack").text
    assert "units-2-" in page  # two parcels are suggested
    with reading() as session:
        lines = {
            line.sku: line.id
            for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id))
        }
    form = {f"units-1-{lines[LURE]}": "2", "box-1": "s", f"units-2-{lines[HOOK]}": "1"}
    floor.post(f"/floor/jobs/{job}/parcels", data={**form, "box-2": "s", "sure": "1"})
    assert carrier.asked == [(18, "", 160), (0, "Gartenhaus", 92)]
    adults, _ = parcels_of(order.ref)
    ours = floor.get(f"/floor/parcels/{adults.id}/label.pdf?own=1")
    said = PdfReader(io.BytesIO(ours.data)).pages[0].extract_text()
    assert "Ab 18: nur persönlich, Ausweis prüfen" in said
    assert "Gartenhaus" not in said


def test_a_store_hands_over_what_it_does_not_send(shop):
    with reading() as session:
        stock = quoting.collectable(session, [(LURE, 2), (HOOK, 1)], clock.now())
        collected = quoting.quote(
            session, [(LURE, 2), (HOOK, 1)], customer_number=None, postal_code=None,
            at=clock.now(), collect_at="bonn",
        )  # fmt: skip
    assert [one.code for one in stock] == ["bonn"]
    assert (collected.missing(), collected.planned.locations) == ({}, ("bonn",))
