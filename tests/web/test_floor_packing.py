"""Parcels with carton, weight and papers; carriers that fail; the driver's list."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from app.carriers import chosen
from app.carriers.shapes import CarrierDown, CarrierLabel, CarrierRefused
from app.sales import orders
from fulfilment.models import Manifest, Parcel, ParcelLabel, Shipment
from kit.database import reading
from tests.small_shop import HOOK, LURE, PAN
from tests.standing import moved, snapshot
from tests.web import floor_bench
from tests.web.floor_bench import all_picked, job_of, paid, parcels_of, state_of
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture
def shop(app):
    floor_bench.build()
    yield app
    chosen._known.clear()


@pytest.fixture
def ref(shop, settle_events):
    return paid(settle_events, (LURE, 2), (HOOK, 1))


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
        noted = [(entry.what, entry.actor) for entry in orders.timeline(session, ref)]
        assert noted.count(("parcel_delivered", "Ute Kranz")) == 1
