"""The DHL adapter against a double that says it is one. Unverified: no request has met DHL."""

import base64
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.carriers import rest
from app.carriers.circuit import REST_SECONDS, TRIES, Guarded
from app.carriers.dhl import Dhl
from app.carriers.shapes import CarrierDown, CarrierRefused, Consignment, Movement, Party
from tests.carriers.doubles import PDF, DhlDouble

SENDER = Party(
    "Angelhaus Rhein, Bonn", "Sternstraße 22", "53111", "Bonn", email="b@angelhaus.example"
)
PARCEL = Consignment(
    sscc="095212340000000017",
    reference="K-7Q2M9X 00000017",
    sender=SENDER,
    receiver=Party("Jürgen Müller", "Moselweg 3 a", "56068", "Koblenz", extra="Hinterhaus"),
    weight_grams=940,
    ships_on=date(2026, 11, 25),
    sides=(160, 220, 80),
    drop_off="Gartenhaus",
    neighbour="Schmitz",
)


@pytest.fixture(scope="module")
def server():
    double = DhlDouble()
    yield double
    double.stop()


@pytest.fixture
def double(server):
    server.asked.clear()
    server.answer = None
    server.silent.clear()
    return server


@pytest.fixture
def carrier(double):
    return Dhl(
        base=double.shipping, api_key="key", user="shop", password="word",
        billing_number="33333333330101", tracking_url=double.tracking,
    )  # fmt: skip


def test_a_label_is_ordered_in_dhls_words_and_comes_as_pdf(carrier, double):
    label = carrier.label(PARCEL)
    assert label.pdf == PDF
    assert label.number == "00340400000000000001"
    [asked] = double.asked
    assert (asked["method"], asked["path"]) == ("POST", "/v2/orders")
    assert "docFormat=PDF" in asked["query"]
    assert asked["headers"]["dhl-api-key"] == "key"
    assert asked["headers"]["authorization"] == "Basic " + base64.b64encode(b"shop:word").decode()
    assert asked["body"] == {
        "profile": "STANDARD_GRUPPENPROFIL",
        "shipments": [
            {
                "product": "V01PAK",
                "billingNumber": "33333333330101",
                "refNo": "K-7Q2M9X 00000017",
                "shipDate": "2026-11-25",
                "shipper": {
                    "name1": "Angelhaus Rhein, Bonn",
                    "addressStreet": "Sternstraße",
                    "addressHouse": "22",
                    "postalCode": "53111",
                    "city": "Bonn",
                    "country": "DEU",
                    "email": "b@angelhaus.example",
                },
                "consignee": {
                    "name1": "Jürgen Müller",
                    "additionalAddressInformation1": "Hinterhaus",
                    "addressStreet": "Moselweg",
                    "addressHouse": "3 a",
                    "postalCode": "56068",
                    "city": "Koblenz",
                    "country": "DEU",
                },
                "details": {
                    "weight": {"uom": "g", "value": 940},
                    "dim": {"uom": "mm", "length": 220, "width": 160, "height": 80},
                },
                "services": {"preferredLocation": "Gartenhaus"},
            }
        ],
    }


def test_for_adults_the_age_is_looked_at_and_no_neighbour_takes_it(carrier):
    asked = carrier.shipment(replace(PARCEL, age_min=18))
    assert asked["services"] == {"visualCheckOfAge": "A18", "noNeighbourDelivery": True}
    assert carrier.shipment(replace(PARCEL, age_min=7))["services"]["visualCheckOfAge"] == "A16"
    with pytest.raises(CarrierRefused, match="21"):
        carrier.shipment(replace(PARCEL, age_min=21))


def test_a_refusal_is_told_in_the_carriers_words(carrier, double):
    words = {"validationMessages": [{"validationMessage": "Die Hausnummer fehlt."}]}
    double.answer = (400, {"status": {"title": "Bad Request"}, "items": [words]})
    with pytest.raises(CarrierRefused) as refusal:
        carrier.label(PARCEL)
    assert refusal.value.words == "Die Hausnummer fehlt."
    double.answer = (401, {"title": "Unauthorized", "status": 401, "detail": "Invalid key"})
    with pytest.raises(CarrierRefused, match="Invalid key"):
        carrier.label(PARCEL)


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"title": "Internal"}),
        (429, {"title": "Too many"}),
        (200, b"<html>"),
        (200, []),
        (200, {"items": [{"shipmentNo": "1"}]}),
        (200, {"items": [{"shipmentNo": "1", "label": {"b64": "%%%"}}]}),
    ],
)
def test_a_broken_answer_is_no_answer(carrier, double, answer):
    double.answer = answer
    with pytest.raises(CarrierDown):
        carrier.label(PARCEL)


def test_a_slow_carrier_is_given_up_within_its_limit(carrier, double, monkeypatch):
    monkeypatch.setattr(rest, "READ_SECONDS", 0.05)
    double.silent.set()
    with pytest.raises(CarrierDown, match="ReadTimeout"):
        carrier.label(PARCEL)
    double.wakes.set()


def test_the_day_is_closed_with_the_numbers_that_left(carrier, double):
    carrier.close(["1", "2"])
    assert double.asked[0]["path"] == "/v2/manifests"
    assert double.asked[0]["body"]["shipmentNumbers"] == ["1", "2"]
    carrier.cancel("2")
    assert (double.asked[1]["method"], "shipment=2" in double.asked[1]["query"]) == ("DELETE", True)


def test_movements_are_read_in_order_and_unknown_ones_left_out(carrier, double):
    event = {"location": {"address": {"addressLocality": "Koblenz"}}, "description": "Zugestellt"}
    double.answer = (
        200,
        {
            "shipments": [
                {
                    "events": [
                        {
                            "statusCode": "delivered",
                            "timestamp": "2026-11-27T10:15:00+01:00",
                            **event,
                        },
                        {"statusCode": "transit", "timestamp": "2026-11-26T04:00:00"},
                        {"statusCode": "unknown", "timestamp": "2026-11-26T05:00:00"},
                        {"statusCode": "transit", "timestamp": "never"},
                    ]
                }
            ]
        },
    )
    found = carrier.movements("1", "56068")
    assert found == [
        Movement("in_transit", datetime(2026, 11, 26, 3, tzinfo=UTC), "", ""),
        Movement("delivered", datetime(2026, 11, 27, 9, 15, tzinfo=UTC), "Koblenz", "Zugestellt"),
    ]
    double.answer = (404, {"title": "No result found"})
    assert carrier.movements("1", "56068") == []


class Faulty:
    """A carrier that fails as long as it is told to."""

    name = "Faulty"

    def __init__(self):
        self.calls, self.error = 0, CarrierDown("broken")

    def label(self, parcel):
        self.calls += 1
        if self.error:
            raise self.error
        return "label"


def test_the_circuit_opens_after_three_failures_and_one_may_try_later():
    seconds = [0.0]
    faulty = Faulty()
    guarded = Guarded(faulty, clock=lambda: seconds[0])
    for _ in range(TRIES):
        with pytest.raises(CarrierDown):
            guarded.label(PARCEL)
    with pytest.raises(CarrierDown, match="resting"):
        guarded.label(PARCEL)
    assert faulty.calls == TRIES
    seconds[0] = REST_SECONDS
    with pytest.raises(CarrierDown, match="broken"):
        guarded.label(PARCEL)
    assert guarded.resting
    seconds[0] = 2 * REST_SECONDS
    faulty.error = None
    assert guarded.label(PARCEL) == "label"
    assert not guarded.resting


def test_a_refusal_opens_no_circuit():
    faulty = Faulty()
    faulty.error = CarrierRefused("no")
    guarded = Guarded(faulty)
    for _ in range(TRIES + 1):
        with pytest.raises(CarrierRefused):
            guarded.label(PARCEL)
    assert faulty.calls == TRIES + 1
