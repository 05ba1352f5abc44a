"""Cartons and places with a way back; labels given back; lots looked at; what the office sees."""

import io
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.carriers import chosen
from app.carriers.shapes import CarrierDown, CarrierLabel, CarrierRefused
from app.identity.models import AuditEntry
from app.sales import orders
from app.sales.models import OrderReturn
from app.web.retailer import RETAILER
from app.workflows import (
    acceptance,
    floor,
    inspecting,
    journeys,
    office_order,
    parcel_labels,
    pickups,
    recall,
    return_order,
)
from app.workflows.floor import Worker
from app.workflows.return_order import Returned
from fulfilment.events import LabelGivenUp
from fulfilment.models import FulfilmentOrder, Parcel, Pickup
from fulfilment.outbound import boxes, shelving
from fulfilment.outbound.boxes import Good
from fulfilment.stock import ledger
from fulfilment.tracing import lot_books, tracking
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused
from tests import small_shop
from tests.small_shop import HOOK, LURE
from tests.standing import moved, snapshot
from tests.web.floor_bench import job_of, paid
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

DIRK = Worker("Dirk Hessler", "lager")
BOX = {
    "code": "S", "name_de": "Klein", "name_en": "Small", "length_mm": "200", "width_mm": "150",
    "height_mm": "100", "tare_grams": "60", "most_grams": "5000",
}  # fmt: skip


class Post:
    """A carrier who gives a label for everything, and takes it back unless it is closed."""

    name = "DHL"

    def __init__(self):
        self.given, self.back, self.closed, self.refuses = [], [], False, False

    def label(self, parcel):
        self.given.append(f"N{len(self.given) + 1}")
        return CarrierLabel(self.given[-1], b"%PDF-1.4 of the test")

    def cancel(self, number):
        if self.closed:
            raise CarrierDown("closed")
        self.back.append(number)
        if self.refuses:
            raise CarrierRefused("unknown number")

    def close(self, numbers):
        return

    def movements(self, number, postal_code):
        return []


@pytest.fixture
def post():
    carrier = Post()
    chosen.put(carrier)
    yield carrier
    chosen._known.clear()


@pytest.fixture
def shop(app):
    small_shop.build({("lager", HOOK): 9})
    with transaction() as session:
        tracking.track(session, LURE, "lot", actor="test")
        ledger.receive(
            session, "lager", [(LURE, 9)], document="PO-1", actor="test", key="po",
            lots={LURE: {"A1": 5, "B2": 4}},
        )  # fmt: skip
    hire("lager", "bonn", "office", "service", "lead")
    return app


def packed(settle_events, *, lot="A1"):
    """An order of one lure of a lot, sealed in Kassel."""
    ref = paid(settle_events, (LURE, 1))
    job = job_of(ref)
    floor.start(job, DIRK)
    floor.scan(job, LURE, DIRK, lot)
    floor.pack(job, DIRK)
    return ref, job


def came_back(settle_events):
    ref, job = packed(settle_events)
    floor.hand_over(job, DIRK)
    with reading() as session:
        [line] = orders.lines_of(session, orders.by_ref(session, ref))
    back = [Returned(line.id, 1, "inspect", "defective", "A1")]
    return_order.take_back(ref, back, location="lager", actor="Ute", key=f"back-{ref}")
    with reading() as session:
        return session.scalars(select(OrderReturn.id).order_by(OrderReturn.id.desc())).first()


def of_lot(lot):
    with reading() as session:
        [found] = [one for one in lot_books.of_places(session, [("lager", LURE)]) if one.lot == lot]
    return found.on_hand, found.quarantined


def test_goods_by_lot_go_on_sale_again_as_the_lot_that_came_back(shop, settle_events):
    aside = came_back(settle_events)
    assert of_lot("A1") == (5, 1)
    assert inspecting.decide(aside, 1, DIRK) == (1, 0)
    assert of_lot("A1") == (5, 0)
    assert of_lot("B2") == (4, 0)


def test_what_was_called_back_meanwhile_is_not_released_and_can_be_written_off(shop, settle_events):
    aside = came_back(settle_events)
    recall.call_back(LURE, ("A1",), reason="Weichmacher", actor="Ute Kranz")
    before = snapshot()
    with pytest.raises(Refused, match="recalled"):
        inspecting.decide(aside, 1, DIRK)
    assert moved(before) == set()
    assert inspecting.decide(aside, 0, DIRK, "Rückruf") == (0, 1)


def test_a_parcel_that_a_recall_opens_gives_its_label_back_once(shop, settle_events, post):
    ref, job = packed(settle_events)
    kept, other = packed(settle_events, lot="B2")
    for number in (job, other):
        parcel_labels.order(number, DIRK, RETAILER)
    assert post.given == ["N1", "N2"]
    recall.call_back(LURE, ("A1",), reason="Weichmacher", actor="Ute Kranz")
    assert post.back == []
    settle_events()
    assert post.back == ["N1"]
    with reading() as session:
        [noted] = [
            entry for entry in orders.timeline(session, ref) if entry.what == "label_given_back"
        ]
        assert noted.facts == {"carrier": "DHL", "number": "N1"}
        assert "label_given_back" not in [one.what for one in orders.timeline(session, kept)]
    # Twice, and from a carrier who does not know it any more: noted once.
    post.refuses = True
    before = snapshot()
    parcel_labels.give_back(LabelGivenUp(ref, "DHL", "N1"))
    assert moved(before) == set()
    post.closed = True
    with pytest.raises(CarrierDown):
        parcel_labels.give_back(LabelGivenUp(ref, "DHL", "N9"))
    assert moved(before) == set()


def test_the_office_sees_news_label_and_who_is_late_on_order_and_board(shop, settle_events, post):
    office = at_work(shop, "office")
    ref = paid(settle_events, (HOOK, 1))
    job = job_of(ref)
    with transaction() as session:
        row = session.get_one(FulfilmentOrder, job)
        row.opened_at -= timedelta(hours=2)
        row.due_at = clock.now() + timedelta(minutes=50)
    assert acceptance.escalate() == 1
    assert "Lager Kassel hat noch nicht angenommen" in words_of(office.get(f"/office/orders/{ref}"))
    board = "/office/?only=open"
    assert "Lager Kassel hat nicht angenommen" in words_of(office.get(board))
    floor.start(job, DIRK)
    assert "nicht angenommen" not in words_of(office.get(board))
    floor.pick_all(job, DIRK)
    floor.pack(job, DIRK)
    parcel_labels.order(job, DIRK, RETAILER)
    office_order.hold(ref, reason="Adresse prüfen", actor="Ute Kranz")
    assert "angehalten" in words_of(office.get(board))
    assert "angehalten" in words_of(at_work(shop, "lager").get("/floor/"))
    office_order.release(ref, actor="Ute Kranz")
    floor.hand_over(job, DIRK)
    with reading() as session:
        parcel = session.scalars(select(Parcel)).one()
    journeys.note(
        parcel.id, "failed", at=clock.now(), source="DHL", place="Koblenz", words="niemand da"
    )
    shown = words_of(office.get(f"/office/orders/{ref}"))
    assert "Etikett vom Paketdienst · DHL N1" in shown
    assert "nicht zugestellt · Koblenz · niemand da · DHL" in shown


def test_the_signature_stands_on_the_order_with_who_took_it(shop, settle_events):
    ref, job = packed(settle_events)
    with transaction() as session:
        row = session.get_one(FulfilmentOrder, job)
        row.kind, row.pickup_code, row.shelf_place = "collect", "4711", "T-3"
    office = at_work(shop, "office")
    assert "liegt in T-3" in words_of(office.get(f"/office/orders/{ref}"))
    proof = pickups.Proof("4711", taken_by="Anna Müller", signature="M 10 10 L 200 90")
    pickups.hand_out(job, DIRK, proof)
    page = office.get(f"/office/orders/{ref}").text
    assert 'd="M 10 10 L 200 90"' in page
    assert "Unterschrift von Anna Müller" in page
    assert "gegen den Abholcode · Dirk Hessler" in page
    with reading() as session:
        assert session.scalars(select(Pickup.signature)).all() == ["M 10 10 L 200 90"]


def test_a_carton_is_made_changed_retired_and_taken_back(shop):
    office = at_work(shop, "office")
    assert office.post("/office/boxes", data=BOX).status_code == 303
    known = {**BOX, "known": "1", "length_mm": "300"}
    assert later(1, office.post, "/office/boxes", data=known).status_code == 303
    before = snapshot()
    for wrong in (
        BOX,
        {**known, "code": "unknown"},
        {**known, "width_mm": "0"},
        {**known, "height_mm": "hoch"},
        {**known, "most_grams": "50"},
        {**known, "name_en": ""},
    ):
        answer = office.post("/office/boxes", data=wrong)
        assert answer.status_code == 422, wrong
    assert moved(before) == set()
    assert length() == 300
    later(2, undo, office, "boxes")
    assert length() == 200
    later(3, office.post, "/office/boxes/S/retirement")
    with reading() as session:
        cartons = [boxes.carton_of(row) for row in boxes.all_of(session)]
        assert boxes.suggest([Good("x", 10)], cartons)[0].carton is None
        assert [row.code for row in boxes.all_of(session, retired=True)] == ["S"]
    later(4, undo, office, "boxes")
    with reading() as session:
        assert [row.code for row in boxes.all_of(session)] == ["S"]
    assert at_work(shop, "service").post("/office/boxes", data=BOX).status_code == 403


def later(minutes, act, *about, **form):
    """Do something minutes later: what happens at one instant is one change."""
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        return act(*about, **form)


def length():
    with reading() as session:
        return boxes.one(session, "S").length_mm


def changes(office, page):
    found = office.get(f"/office/{page}").text.split("/office/packing/")[1:]
    return [part.split("/")[0] for part in found]


def undo(office, page, place=0):
    first = changes(office, page)[place]
    return office.post(f"/office/packing/{first}/undo", data={"page": page}, follow_redirects=True)


def places():
    with reading() as session:
        return shelving.listed(session, "lager")


def test_places_are_seen_before_they_count_and_a_table_is_taken_back_as_a_whole(shop):
    office = at_work(shop, "office")
    with transaction() as session:
        shelving.put(session, "lager", {LURE: "A-2"})
    before = snapshot()
    table = f"sku;place\n{LURE};A-10\n{HOOK};A-1"
    form = {"at": "lager", "table": table}
    assert "2 geändert" in words_of(office.post("/office/places", data={**form, "do": "try"}))
    bad = office.post(
        "/office/places",
        data={
            "at": "lager",
            "do": "save",
            "table": f"{LURE};B-1\nXX;B-2\n{LURE};B-3\n{HOOK};{'x' * 33}",
        },
    )
    assert bad.status_code == 422
    faults = words_of(bad)
    assert "Zeile 2: Den Artikel XX gibt es nicht." in faults
    assert f"Zeile 3: {LURE} steht schon in Zeile 1." in faults
    assert "Zeile 4: Der Platz hat mehr als 32 Zeichen." in faults
    assert moved(before) == set()

    sheet = {**form, "table": "", "file": (io.BytesIO(table.encode()), "plaetze.csv")}
    office.post("/office/places", data={**sheet, "do": "save"})
    assert places() == [(HOOK, "A-1"), (LURE, "A-10")]
    assert office.get("/office/places.csv?at=lager").text == f"sku;place\n{HOOK};A-1\n{LURE};A-10\n"
    undo(office, "places")
    assert places() == [(LURE, "A-2")]

    later(1, office.post, "/office/places", data={**form, "do": "save"})
    gone = {**form, "table": f"{HOOK};", "do": "save"}
    later(2, office.post, "/office/places", data=gone)
    assert places() == [(LURE, "A-10")]
    # The table named a place that is another one by now: nothing of it is taken back.
    assert "inzwischen jemand geändert" in words_of(undo(office, "places", 1))
    assert places() == [(LURE, "A-10")]


def test_who_belongs_to_a_place_sees_and_changes_only_its_shelves(shop):
    lead = at_work(shop, "lead")
    before = snapshot()
    lead.post("/office/places", data={"at": "lager", "table": f"{LURE};A-1", "do": "save"})
    with reading() as session:
        assert shelving.listed(session, "lager") == []
        assert shelving.listed(session, "bonn") == [(LURE, "A-1")]
    assert moved(before) == {"shelf_places", "audit_log"}
    at_work(shop, "office").post(
        "/office/places", data={"at": "lager", "table": f"{LURE};A-1", "do": "save"}
    )
    page = lead.get("/office/places").text
    assert "bonn / RS-9-MO" in page
    assert "lager / RS-9-MO" not in page
    with reading() as session:
        other = session.scalar(select(AuditEntry.id).where(AuditEntry.key == f"lager / {LURE}"))
    for first in (other, 2**40):
        assert lead.post(f"/office/packing/{first}/undo").status_code == 404
    with reading() as session:
        assert shelving.listed(session, "lager") == [(LURE, "A-1")]
    assert lead.get(f"/office/boxes?code={uuid.uuid4()}").status_code == 404
