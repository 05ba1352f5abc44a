"""The decision page and the way to another plan, as the back office uses them."""

import re

import pytest
from sqlalchemy import select

from app.payments import charges
from app.workflows import checkout, floor
from app.workflows.floor import Worker
from fulfilment.models import FulfilmentOrder, RoutingOverride
from kit.database import reading
from tests import small_shop
from tests.small_shop import HOOK, LURE
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", HOOK): 5, ("bonn", LURE): 6}
DIRK = Worker("Dirk Hessler", "lager")


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    hire("office", "service", "lead")
    return app


@pytest.fixture
def office(shop):
    return at_work(shop, "office")


@pytest.fixture
def ref(shop, settle_events):
    """Two lures and a hook, paid, all to be sent from Kassel."""
    token = small_shop.basket_with((LURE, 2), (HOOK, 1))
    found = checkout.place(token, small_shop.buyer()).order_ref
    with reading() as session:
        payment = charges.of_order(session, found)
        checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle_events()
    return found


def address(page, label):
    """Return where the link with this label leads."""
    found = re.search(rf'<a href="([^"]+)"[^>]*aria-label="{label}', page.get_data(as_text=True))
    return found[1].replace("&amp;", "&")


def fields(page):
    """Return the hidden fields of the form that sends it."""
    form = page.get_data(as_text=True).split('method="post" action="/office/orders')[1]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {
        "kind": dict(found)["kind"],
        "seen": dict(found)["seen"],
        "w": [value for name, value in found if name == "w"],
    }


def test_the_decision_is_told_with_its_costs_and_those_who_could_have_sent(office, ref):
    page = text(office.get(f"/office/orders/{ref}/decisions"))
    assert "Alles aus Lager Kassel: ein Paket für 4,90 €, am Freitag, 27.11. da." in page
    assert "bewiesen: kein Plan ist günstiger" in page
    assert "Porto 4,90 €" in page
    assert "Bonn 55 km Offset-Haken 3/0: 5 frei Rheinshad 9 cm: 6 frei ginge" in page
    assert "Ein Standort hat nichts davon frei: Köln" in page


def test_three_clicks_and_a_reason_send_it_from_another_store(office, ref):
    order = office.get(f"/office/orders/{ref}")
    assert f'href="/office/orders/{ref}/override"' in order.get_data(as_text=True)
    plans = office.get(f"/office/orders/{ref}/override")
    assert "Lager Kassel so ist es jetzt Vorschlag des Routers" in text(plans)
    preview = office.get(address(plans, "Ansehen: Bonn"))
    said = text(preview)
    assert "Der zugesagte Tag wird gehalten." in said
    assert "Der Kunde" not in said
    done = office.post(
        f"/office/orders/{ref}/override", data={**fields(preview), "reason": "Kassel ist voll"}
    )
    assert done.status_code == 302
    page = text(office.get(done.location))
    assert "Von Hand gewählt: Ute Kranz · Kassel ist voll" in page
    assert "Der Router hätte gewählt: Lager Kassel" in page
    assert "Von Hand anders geschickt" in text(office.get(f"/office/orders/{ref}"))
    with reading() as session:
        states = session.execute(select(FulfilmentOrder.location, FulfilmentOrder.state)).all()
    assert set(states) == {("lager", "cancelled"), ("bonn", "open")}


def test_a_line_by_hand_is_shown_with_the_second_parcel_and_the_call(office, ref):
    plans = office.get(f"/office/orders/{ref}/override").get_data(as_text=True)
    name = re.search(r'name="(line-[0-9a-f-]+)"[^>]*aria-label="Offset-Haken', plans)[1]
    preview = text(office.get(f"/office/orders/{ref}/override/preview?kind=hand&{name}=bonn"))
    assert "6,80 € teurer als der Plan des Routers: Porto +4,90 €, zusätzliche Pakete" in preview
    assert "2 Pakete statt 1" in preview
    assert "Der Kunde wird danach angerufen." in preview


def test_without_a_reason_the_form_comes_back_with_the_choice(office, ref):
    preview = office.get(address(office.get(f"/office/orders/{ref}/override"), "Ansehen: Bonn"))
    before = snapshot()
    again = office.post(f"/office/orders/{ref}/override", data={**fields(preview), "reason": " "})
    assert again.status_code == 422
    assert "Bitte sagen Sie, warum." in text(again)
    assert fields(again) == fields(preview)
    assert moved(before) == set()


def test_picking_that_has_begun_meanwhile_gets_a_clear_page(office, ref):
    preview = office.get(address(office.get(f"/office/orders/{ref}/override"), "Ansehen: Bonn"))
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, DIRK)
    before = snapshot()
    late = office.post(f"/office/orders/{ref}/override", data={**fields(preview), "reason": "x"})
    assert late.status_code == 302
    page = text(office.get(late.location))
    assert "Das Picken hat begonnen." in page
    assert "Anders schicken" not in page
    assert moved(before) == set()


def test_what_somebody_else_changed_is_shown_anew_with_the_reason_kept(office, ref):
    plans = office.get(f"/office/orders/{ref}/override")
    one = office.get(address(plans, "Ansehen: Bonn"))
    name = re.search(r'name="(line-[0-9a-f-]+)"', plans.get_data(as_text=True))[1]
    other = office.get(f"/office/orders/{ref}/override/preview?kind=hand&{name}=bonn")
    office.post(f"/office/orders/{ref}/override", data={**fields(other), "reason": "zuerst"})
    late = office.post(f"/office/orders/{ref}/override", data={**fields(one), "reason": "zweite"})
    assert late.status_code == 409
    assert "Inzwischen hat sich etwas geändert." in text(late)
    assert 'value="zweite"' in late.get_data(as_text=True)
    assert fields(late)["seen"] != fields(one)["seen"]
    with reading() as session:
        assert [row.reason for row in session.scalars(select(RoutingOverride))] == ["zuerst"]


@pytest.mark.parametrize(
    "query",
    ["", "w=nothing", "w=a:b:1", "kind=hand&line-1=bonn", "w=" + "x" * 2000,
     "w=01a201b1-4203-7213-904b-493ae13bdc88:bonn:99999999"],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_leads_back(office, ref, query):
    answer = office.get(f"/office/orders/{ref}/override/preview?{query}")
    assert answer.status_code == 302
    assert answer.location.endswith(f"/office/orders/{ref}/override")


@pytest.mark.parametrize("who", ["service", "lead"])
def test_others_read_the_decision_and_are_not_offered_another_plan(shop, ref, who):
    client = at_work(shop, who)
    assert "Anders schicken" not in text(client.get(f"/office/orders/{ref}/decisions"))
    assert client.get(f"/office/orders/{ref}/override").status_code == 403
    assert client.post(f"/office/orders/{ref}/override").status_code == 403


def test_an_order_that_is_none_is_not_found(office):
    assert office.get("/office/orders/K-NONE00/decisions").status_code == 404
    assert office.get("/office/orders/K-NONE00/override").status_code == 404
