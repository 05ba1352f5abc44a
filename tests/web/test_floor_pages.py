"""The floor beyond one order: phones offline, waves, boxes, manifests, pickups, goods in."""

import io
import uuid

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from app.carriers import chosen
from app.carriers.shapes import CarrierDown, CarrierLabel, CarrierRefused
from app.messages.models import Message
from app.payments import charges
from app.sales.models import OrderReturn
from app.workflows import acceptance, checkout, pickups, return_order
from app.workflows.return_order import Returned
from fulfilment.inbound import purchases, transfers
from fulfilment.models import (
    FloorStep,
    FulfilmentOrder,
    Manifest,
    Parcel,
    ParcelLabel,
    Pickup,
    Shipment,
    Wave,
)
from fulfilment.outbound import boxes, shelving
from fulfilment.stock import counts
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid
from tests import small_shop
from tests.small_shop import HOOK, HOOK_GTIN, LURE, LURE_GTIN, MUELLER, PAN
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of
from tests.web.test_floor import job_of, paid, parcels_of, state_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 9, ("bonn", HOOK): 5, ("bonn", LURE): 5}
PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture
def shop(app, settle_events):
    small_shop.build({**STOCK, ("lager", PAN): 6})
    with transaction() as session:
        for code, sides, tare, most in (
            ("s", (220, 160, 80), 80, 2_000),
            ("m", (330, 240, 120), 190, 10_000),
        ):
            length, width, height = sides
            boxes.put(
                session, code, name_de=code.upper(), name_en=code.upper(), length_mm=length,
                width_mm=width, height_mm=height, tare_grams=tare, most_grams=most,
            )  # fmt: skip
        shelving.put(session, "lager", {LURE: "B-1", HOOK: "A-10", PAN: "A-2"})
    hire("lager", "bonn", "lead")
    yield app
    chosen._known.clear()


@pytest.fixture
def ref(shop, settle_events):
    return paid(settle_events, (LURE, 2), (HOOK, 1))


def tell(client, *told):
    named = [{"key": str(uuid.uuid4()), "lot": None, **step} for step in told]
    answer = client.post("/floor/steps", json={"steps": named})
    assert answer.status_code == 200, answer.text
    return named, answer.json["answers"]


def scan(job, code):
    return {"job": str(job), "what": "scan", "code": code}


def all_picked(client, ref, place="lager"):
    job = job_of(ref, place)
    client.post(f"/floor/jobs/{job}/start")
    for code in (LURE_GTIN, LURE_GTIN, HOOK_GTIN):
        client.post(f"/floor/jobs/{job}/scans", data={"code": code})
    assert state_of(job) == "picked"
    return job


def test_what_a_phone_did_without_network_counts_once_however_often_it_is_told(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    client.post(f"/floor/jobs/{job}/start")
    steps, answers = tell(
        client, scan(job, LURE_GTIN), scan(job, "4006381333931"), scan(job, LURE), scan(job, LURE)
    )
    assert [(one["state"], one["left"]) for one in answers] == [
        ("picking", 2), ("refused", 0), ("picking", 1), ("refused", 0),
    ]  # fmt: skip
    assert answers[3]["words"] == "Davon ist schon alles gepickt."
    before = snapshot()
    again = client.post("/floor/steps", json={"steps": [steps[0], steps[2]]})
    assert [one["left"] for one in again.json["answers"]] == [2, 1]
    assert moved(before) == set()
    _, [last] = tell(client, {"job": str(job), "what": "short", "code": HOOK})
    assert (last["state"], last["left"]) == ("picked", 0)
    _, [done] = tell(client, {"job": str(job), "what": "finish", "code": ""})
    assert (done["state"], state_of(job)) == ("picked", "picked")


def test_a_key_that_meant_another_step_is_refused(shop, ref):
    client, job = at_work(shop, "lager"), job_of(ref)
    client.post(f"/floor/jobs/{job}/start")
    [step], _ = tell(client, scan(job, LURE))
    other = {**step, "what": "short"}
    [answer] = client.post("/floor/steps", json={"steps": [other]}).json["answers"]
    assert answer["state"] == "refused"
    for wrong in (
        {},
        {"steps": [1]},
        {"steps": [{**step, "what": "pay"}]},
        {"steps": [step] * 201},
    ):
        assert client.post("/floor/steps", json=wrong).status_code == 422
    with reading() as session:
        assert len(session.scalars(select(FloorStep)).all()) == 1


def test_only_who_has_claimed_it_scans_it(shop, ref):
    with transaction() as session:
        job = session.get_one(FulfilmentOrder, job_of(ref))
        job.state, job.picker, job.picking_at = "picking", "Somebody Else", clock.now()
    client, job = at_work(shop, "lager"), job_of(ref)
    before = snapshot()
    _, answers = tell(client, scan(job, LURE), {"job": str(job), "what": "short", "code": LURE})
    assert [one["state"] for one in answers] == ["refused", "refused"]
    client.post(f"/floor/jobs/{job}/scans", data={"code": LURE})
    client.post(f"/floor/jobs/{job}/short-picks", data={"sku": LURE})
    assert moved(before) == set()
    assert "Somebody Else pickt diesen Auftrag" in words_of(client.get(f"/floor/jobs/{job}"))


def test_the_job_stands_in_the_order_of_the_shelves(shop, ref):
    shown = words_of(at_work(shop, "lager").get(f"/floor/jobs/{job_of(ref)}"))
    assert shown.index("A-10") < shown.index("Offset-Haken") < shown.index("B-1")


def test_a_wave_fills_one_tote_after_the_other_and_ends_by_itself(shop, settle_events):
    first = paid(settle_events, (LURE, 1), (HOOK, 1))
    second = paid(settle_events, (LURE, 1))
    client = at_work(shop, "lager")
    one, two = job_of(first), job_of(second)
    page = client.post(
        "/floor/waves", data={"job": [str(one), str(two)], "totes": "11 12"}
    ).location
    shown = words_of(client.get(page))
    assert shown.index("A-10") < shown.index("B-1")
    assert "In Kiste 11." in words_of(
        client.post(f"{page}/scans", data={"code": LURE_GTIN}, follow_redirects=True)
    )
    assert "In Kiste 12." in words_of(
        client.post(f"{page}/scans", data={"code": LURE_GTIN}, follow_redirects=True)
    )
    before = snapshot()
    for code in (LURE_GTIN, PAN):
        client.post(f"{page}/scans", data={"code": code})
    assert moved(before) == set()
    assert (state_of(one), state_of(two)) == ("picking", "picked")
    client.post(f"{page}/scans", data={"code": HOOK})
    with reading() as session:
        [wave] = session.scalars(select(Wave))
        assert (wave.state, wave.picker) == ("done", "Dirk Hessler")
        totes = session.execute(select(FulfilmentOrder.tote).order_by(FulfilmentOrder.tote))
        assert totes.scalars().all() == ["11", "12"]


def test_a_wave_takes_all_or_none(shop, ref, settle_events):
    other = paid(settle_events, (LURE, 1))
    client = at_work(shop, "lager")
    client.post(f"/floor/jobs/{job_of(other)}/start")
    before = snapshot()
    for form in (
        {"job": [str(job_of(ref)), str(job_of(other))]},
        {"job": []},
        {"job": [str(job_of(ref))], "totes": "1 2"},
        {"job": ["x"]},
    ):
        assert client.post("/floor/waves", data=form).location.endswith("/floor/waves")
    assert moved(before) == set()
    with reading() as session:
        assert session.scalars(select(Wave)).all() == []


def test_units_are_packed_into_parcels_with_box_and_weight_and_papers_for_each(shop, ref):
    client = at_work(shop, "lager")
    job = all_picked(client, ref)
    page = client.get(f"/floor/jobs/{job}/pack").text
    with reading() as session:
        lines = dict(
            session.execute(
                text("SELECT sku, line_id FROM stock_allocations WHERE fulfilment_order_id = :job"),
                {"job": job},
            ).all()
        )
    assert f'name="units-1-{lines[LURE]}"' in page
    form = {
        f"units-1-{lines[LURE]}": "2", "box-1": "s", "kilos-1": "0,16",
        f"units-2-{lines[HOOK]}": "1", "box-2": "m", "kilos-2": "1,9",
    }  # fmt: skip
    odd = client.post(f"/floor/jobs/{job}/parcels", data=form)
    assert odd.status_code == 422
    assert "Paket 2: gewogen 1900 g, erwartet 202 g." in words_of(odd)
    assert state_of(job) == "picked"
    wrong = {**form, f"units-2-{lines[HOOK]}": "2", "sure": "1"}
    client.post(f"/floor/jobs/{job}/parcels", data=wrong)
    client.post(f"/floor/jobs/{job}/parcels", data={**form, "kilos-1": "99", "sure": "1"})
    assert state_of(job) == "picked"
    client.post(f"/floor/jobs/{job}/parcels", data={**form, "sure": "1"})
    one, two = parcels_of(ref)
    assert (one.box, one.weight_grams, two.box, two.weight_grams) == ("s", 160, "m", 1900)
    for parcel, there, elsewhere in ((one, "Rheinshad", "Offset"), (two, "Offset", "Rheinshad")):
        slip = client.get(f"/floor/parcels/{parcel.id}/slip.pdf")
        said = PdfReader(io.BytesIO(slip.data)).pages[0].extract_text()
        assert said.index(there) < said.index("Kommt getrennt") < said.index(elsewhere)
        label = PdfReader(io.BytesIO(client.get(f"/floor/parcels/{parcel.id}/label.pdf").data))
        assert "Jürgen Müller" in label.pages[0].extract_text()
        assert client.get(f"/floor/parcels/{parcel.id}/card.pdf").status_code == 404
    assert at_work(shop, "bonn").get(f"/floor/parcels/{one.id}/label.pdf").status_code == 404


class Told:
    """A carrier of the test: it gives numbers, or what it is told to raise."""

    name = "DHL"

    def __init__(self, error=None):
        self.error, self.asked, self.closed = error, [], []

    def label(self, parcel):
        self.asked.append(parcel)
        if self.error:
            raise self.error
        return CarrierLabel(f"DHL-{len(self.asked)}", PDF)

    def cancel(self, number):
        raise AssertionError(number)

    def close(self, numbers):
        self.closed.append(list(numbers))

    def movements(self, number, postal_code):
        return []


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (CarrierDown("slow"), "Der Paketdienst antwortet nicht"),
        (CarrierRefused("Die Hausnummer fehlt."), "Die Hausnummer fehlt."),
    ],
)
def test_a_carrier_that_fails_holds_up_nobody_and_a_label_by_hand_counts(shop, ref, error, shown):
    told = Told(error)
    chosen.put(told)
    client = at_work(shop, "lager")
    job = all_picked(client, ref)
    answer = client.post(f"/floor/jobs/{job}/parcels", follow_redirects=True)
    assert shown in words_of(answer)
    assert state_of(job) == "packed"
    [parcel] = parcels_of(ref)
    assert client.get(f"/floor/parcels/{parcel.id}/label.pdf").data.startswith(b"%PDF-1.7")
    client.post(f"/floor/parcels/{parcel.id}/label", data={"number": "", "job": str(job)})
    client.post(f"/floor/parcels/{parcel.id}/label", data={"number": "003404", "job": str(job)})
    with reading() as session:
        label = session.get_one(ParcelLabel, parcel.id)
        assert (label.source, label.number, label.carrier) == ("hand", "003404", "DHL")
    told.error = None
    client.post(f"/floor/jobs/{job}/labels")
    assert len(told.asked) == 1
    assert parcels_of(ref)[0].tracking_code == "003404"


def test_a_carriers_label_is_the_one_that_is_printed_and_the_manifest_tells_it(shop, ref):
    told = Told()
    chosen.put(told)
    client = at_work(shop, "lager")
    job = all_picked(client, ref)
    client.post(f"/floor/jobs/{job}/parcels")
    [parcel] = parcels_of(ref)
    assert (parcel.tracking_code, told.asked[0].receiver.city) == ("DHL-1", "Koblenz")
    assert client.get(f"/floor/parcels/{parcel.id}/label.pdf").data == PDF
    page = client.post("/floor/manifests", data={"carrier": "DHL", "parcel": [str(parcel.id)]})
    assert told.closed == [["DHL-1"]]
    assert "DHL-1" in words_of(client.get(page.location))


def test_a_driver_takes_whole_orders_with_a_gapless_list(shop, ref, settle_events):
    client = at_work(shop, "lager")
    job = all_picked(client, ref)
    client.post(f"/floor/jobs/{job}/parcels")
    other = paid(settle_events, (PAN, 2))
    second = job_of(other)
    client.post(f"/floor/jobs/{second}/start")
    for _ in range(2):
        client.post(f"/floor/jobs/{second}/scans", data={"code": PAN})
    with reading() as session:
        line = session.scalar(
            text("SELECT line_id FROM stock_allocations WHERE fulfilment_order_id = :job LIMIT 1"),
            {"job": second},
        )
    client.post(
        f"/floor/jobs/{second}/parcels",
        data={f"units-1-{line}": "1", f"units-2-{line}": "1"},
    )
    [small], pans = parcels_of(ref), parcels_of(other)
    stranger = at_work(shop, "bonn")
    before = snapshot()
    client.post("/floor/manifests", data={"carrier": "DHL", "parcel": [str(pans[0].id)]})
    client.post("/floor/manifests", data={"carrier": "DHL"})
    client.post("/floor/manifests", data={"carrier": "Nobody", "parcel": [str(small.id)]})
    stranger.post("/floor/manifests", data={"carrier": "DHL", "parcel": [str(small.id)]})
    assert moved(before) == set()
    chosen_ids = [str(one.id) for one in (small, *pans)]
    form = {"carrier": "DHL", "parcel": chosen_ids, "driver": "Herr Wolf"}
    assert client.post("/floor/manifests", data=form).location.endswith("/M-LAGER-000001")
    with reading() as session:
        manifest = session.get_one(Manifest, "M-LAGER-000001")
        assert (manifest.parcels, manifest.driver) == (3, "Herr Wolf")
        assert manifest.weight_grams == small.weight_grams + 2 * 1900
        named = session.scalars(select(Shipment.manifest)).all()
        assert named == ["M-LAGER-000001"] * 2
    settle_events()
    lead = {"what": "delivered", "note": "Nachbar"}
    assert client.post(f"/floor/parcels/{small.id}/events", data=lead).status_code == 403
    hire("office")
    office = at_work(shop, "office")
    for _ in range(2):
        office.post(
            f"/floor/parcels/{small.id}/events?place=lager", data={**lead, "at": "2026-11-25T12:00"}
        )
    office.post(f"/floor/parcels/{pans[0].id}/events?place=lager", data={"what": "failed"})
    later = {"what": "delivered", "at": "2030-01-01T10:00"}
    office.post(f"/floor/parcels/{pans[0].id}/events?place=lager", data=later)
    with reading() as session:
        delivered = dict(session.execute(select(Parcel.id, Parcel.delivered_at)).all())
        assert [delivered[one.id] is not None for one in (small, *pans)] == [True, False, False]
        assert session.scalar(text("SELECT count(*) FROM parcel_events")) == 2


def collected(settle_events, client, place="bonn"):
    token = small_shop.basket_with((LURE, 1), number=MUELLER)
    order = checkout.place(token, small_shop.buyer(collect_at=place, contact_by="mail"))
    with reading() as session:
        payment = charges.of_order(session, order.order_ref)
    checkout.settle(str(payment.id), payment.amount_minor, f"pi_{order.order_ref}")
    settle_events()
    job = job_of(order.order_ref, place)
    client.post(f"/floor/jobs/{job}/start")
    client.post(f"/floor/jobs/{job}/scans", data={"code": LURE})
    return job


def test_goods_are_laid_in_a_place_and_given_for_the_code_that_the_mail_says(shop, settle_events):
    client = at_work(shop, "bonn")
    job = collected(settle_events, client)
    client.post(f"/floor/jobs/{job}/laid-out", data={"shelf_place": " "})
    assert state_of(job) == "picked"
    client.post(f"/floor/jobs/{job}/laid-out", data={"shelf_place": "Fach 7"})
    settle_events()
    with reading() as session:
        code = session.get_one(FulfilmentOrder, job).pickup_code
        [mail] = session.scalars(select(Message).where(Message.kind == "ready"))
    assert f"Abholcode: {code}" in mail.body_text
    assert "bis Mittwoch, 02.12." in mail.body_text
    assert "Fach 7" in words_of(client.get("/floor/pickups?q=müller"))
    before = snapshot()
    wrong = "0000" if code != "0000" else "1111"
    for form in ({"code": wrong}, {}, {"identity": "1"}, {"code": code, "signature": "<script>"}):
        client.post(f"/floor/pickups/{job}", data=form)
    client.post(f"/floor/jobs/{job}/handover")
    assert moved(before) == set()
    client.post(f"/floor/pickups/{job}", data={"code": f" {code} ", "signature": "M1 2L3 4"})
    with reading() as session:
        [pickup] = session.scalars(select(Pickup))
        assert (pickup.proof, pickup.taken_by, pickup.signature) == (
            "code",
            "Jürgen Müller",
            "M1 2L3 4",
        )
        [parcel] = session.scalars(select(Parcel))
        assert parcel.delivered_at is not None


def test_what_nobody_fetches_goes_back_to_the_shelf_and_is_paid_back(shop, settle_events):
    client = at_work(shop, "bonn")
    job = collected(settle_events, client)
    client.post(f"/floor/jobs/{job}/laid-out", data={"shelf_place": "7"})
    settle_events()
    laid_out = clock.now()
    with clock.frozen(laid_out + pickups.KEPT_FOR):
        assert pickups.expire_due() == 0
    with clock.frozen(laid_out + pickups.KEPT_FOR * 1.2):
        assert pickups.expire_due() == 1
        assert pickups.expire_due() == 0
        settle_events()
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE] == (5, 0, 0, 0)
        paid_minor = session.scalar(text("SELECT total_minor FROM orders"))
        assert session.scalar(text("SELECT amount_minor FROM refunds")) == paid_minor
    assert state_of(job) == "cancelled"


def test_what_nobody_takes_is_said_before_the_van_comes_and_once(shop, ref):
    job = job_of(ref)
    with reading() as session:
        due = session.get_one(FulfilmentOrder, job).due_at
    assert acceptance.escalate() == 0
    with clock.frozen(due - acceptance.BEFORE):
        assert acceptance.escalate() == 1
        assert acceptance.escalate() == 0
        assert "1 Auftrag hat noch niemand angenommen" in words_of(
            at_work(shop, "lager").get("/floor/")
        )
    with reading() as session:
        assert session.get_one(FulfilmentOrder, job).escalated_at is not None


def test_deliveries_and_transfers_come_in_by_scan_each_once(shop):
    with transaction() as session:
        wanted = [purchases.Wanted(LURE, 3, clock.today())]
        bought = purchases.place(
            session, supplier="Rhein GmbH", location="bonn", lines=wanted, actor="Ute"
        )
        moved_ = transfers.request(
            session, origin="lager", location="bonn", lines=[(HOOK, 2)], actor="Ute"
        )
        transfers.send(session, moved_, actor="Dirk")
    client = at_work(shop, "bonn")
    shown = words_of(client.get("/floor/receiving"))
    assert "Rhein GmbH" in shown
    assert moved_ in shown
    counted = client.post(
        f"/floor/receiving/{bought}", data={"code": LURE_GTIN, f"units-{LURE}": "2"}
    )
    assert f'name="units-{LURE}" value="3"' in counted.text
    form = {f"units-{LURE}": "3", "book": "1", "key": "WE-12345678"}
    for _ in range(2):
        client.post(f"/floor/receiving/{bought}", data=form)
    client.post(
        f"/floor/receiving/{moved_}", data={f"units-{HOOK}": "2", "book": "1", "key": "k" * 9}
    )
    with reading() as session:
        books = small_shop.books(session)
    assert (books["bonn", LURE][0], books["bonn", HOOK][0]) == (8, 7)
    assert at_work(shop, "lager").get(f"/floor/receiving/{bought}").status_code == 404


def test_what_came_back_is_looked_at_and_sold_again_or_written_off(shop, ref):
    client = at_work(shop, "lager")
    job = all_picked(client, ref)
    client.post(f"/floor/jobs/{job}/parcels")
    client.post(f"/floor/jobs/{job}/handover")
    with reading() as session:
        line = session.scalar(
            text("SELECT line_id FROM parcel_lines WHERE sku = :sku"), {"sku": LURE}
        )
    back = [Returned(line, 2, "inspect", "defective")]
    return_order.take_back(ref, back, location="lager", actor="Ute", key="one")
    with reading() as session:
        [row] = session.scalars(select(OrderReturn))
    assert "Rheinshad" in words_of(client.get("/floor/returns"))
    stranger = at_work(shop, "bonn")
    before = snapshot()
    for form in ({"good": "3"}, {"good": "x"}, {"good": "1"}):
        client.post(f"/floor/inspections/{row.id}", data=form)
    stranger.post(f"/floor/inspections/{row.id}", data={"good": "2"})
    assert moved(before) == set()
    for _ in range(2):
        client.post(f"/floor/inspections/{row.id}", data={"good": "1", "note": "Öse gebrochen"})
    with reading() as session:
        assert small_shop.books(session)["lager", LURE] == (23, 0, 0, 0)
    assert "Zu prüfen" not in words_of(client.get("/floor/returns"))


def test_counts_are_blind_by_task_or_by_a_scan_and_a_difference_is_asked_about(shop):
    with transaction() as session:
        counts.plan(session, [("bonn", HOOK)], document="Woche 47")
        [task] = counts.open_tasks(session, "bonn")
    client = at_work(shop, "bonn")
    assert "Offset-Haken" in words_of(client.get("/floor/counts"))
    page = f"/floor/counts/{task.id}"
    assert "5" not in words_of(client.get(page)).partition("Zählen Sie")[2]
    before = snapshot()
    asked = client.post(page, data={"counted": "4"})
    assert asked.status_code == 422
    assert "Das weicht von den Büchern ab" in words_of(asked)
    client.post(page, data={"counted": "viele"})
    assert moved(before) == set()
    client.post(page, data={"counted": "4", "reason": "theft"})
    scanned = client.post("/floor/counts", data={"code": LURE_GTIN})
    assert "Die Bücher stimmen" in words_of(
        client.post(scanned.location, data={"counted": "5"}, follow_redirects=True)
    )
    with reading() as session:
        books = small_shop.books(session)
        assert (books["bonn", HOOK][0], books["bonn", LURE][0]) == (4, 5)
    assert at_work(shop, "lager").get(page).status_code == 404


def test_a_place_needs_words(shop):
    with pytest.raises(Invalid, match="shelf_place"), transaction() as session:
        shelving.put(session, "lager", {LURE: ""})
