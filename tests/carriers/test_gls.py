"""The GLS adapter against a double that says it is one. Unverified: no request has met GLS."""

import base64
from dataclasses import replace
from datetime import date

import pytest

from app.carriers.gls import Gls
from app.carriers.shapes import CarrierDown, CarrierRefused, Consignment, Party
from tests.carriers.doubles import PDF, GlsDouble

PARCEL = Consignment(
    sscc="095212340000000017",
    reference="K-7Q2M9X 00000017",
    sender=Party("Angelhaus Rhein, Bonn", "Sternstraße 22", "53111", "Bonn", phone="+49228"),
    receiver=Party("Jürgen Müller", "Moselweg 3 a", "56068", "Koblenz", extra="Hinterhaus"),
    weight_grams=944,
    ships_on=date(2026, 11, 25),
    drop_off="Gartenhaus",
)


@pytest.fixture(scope="module")
def double():
    served = GlsDouble()
    yield served
    served.stop()


@pytest.fixture
def carrier(double):
    double.asked.clear()
    double.answer = None
    return Gls(base=double.base, user="shop", password="word", shipper_id="2760000000 276")


def test_a_label_is_ordered_in_their_words_and_comes_as_pdf(carrier, double):
    label = carrier.label(PARCEL)
    assert (label.number, label.pdf) == ("00000000001", PDF)
    [asked] = double.asked
    assert (asked["method"], asked["path"]) == ("POST", "/public/v1/shipments")
    assert asked["headers"]["authorization"] == "Basic " + base64.b64encode(b"shop:word").decode()
    assert asked["body"] == {
        "shipperId": "2760000000 276",
        "shipmentDate": "2026-11-25",
        "references": ["K-7Q2M9X 00000017"],
        "addresses": {
            "delivery": {
                "name1": "Jürgen Müller",
                "name2": "Hinterhaus",
                "street1": "Moselweg 3 a",
                "zipCode": "56068",
                "city": "Koblenz",
                "country": "DE",
            },
            "alternativeShipper": {
                "name1": "Angelhaus Rhein, Bonn",
                "street1": "Sternstraße 22",
                "zipCode": "53111",
                "city": "Bonn",
                "country": "DE",
                "phone": "+49228",
            },
        },
        "parcels": [
            {
                "weight": 0.94,
                "references": ["095212340000000017"],
                "services": [
                    {
                        "name": "depositservice",
                        "infos": [{"name": "placeofdeposit", "value": "Gartenhaus"}],
                    }
                ],
            }
        ],
        "labelFormat": "PDF",
        "labelSize": "A6",
    }


def test_a_refusal_is_told_in_their_words_and_a_foreign_country_is_not_asked_for(carrier, double):
    error = {"exitCode": "0004", "exitMessage": "Input validation error."}
    double.answer = (400, {"errors": [{**error, "description": "We need a delivery address."}]})
    with pytest.raises(CarrierRefused) as refusal:
        carrier.label(PARCEL)
    assert refusal.value.words == "We need a delivery address."
    double.answer = (401, {"errors": []})
    with pytest.raises(CarrierRefused, match="HTTP 401"):
        carrier.label(PARCEL)
    double.asked.clear()
    abroad = Consignment(
        "1", "K-1", PARCEL.sender, Party("A", "B", "1", "C", country="ISL"), 1, PARCEL.ships_on
    )
    with pytest.raises(CarrierRefused, match="ISL"):
        carrier.label(abroad)
    assert double.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}),
        (200, {"parcels": [], "labels": []}),
        (200, {"parcels": [{"parcelNumber": "1"}], "labels": []}),
        (200, {"parcels": [{"parcelNumber": "1"}], "labels": ["%%%"]}),
        (200, b"<html>"),
    ],
)
def test_a_broken_answer_is_no_answer(carrier, double, answer):
    double.answer = answer
    with pytest.raises(CarrierDown):
        carrier.label(PARCEL)


def test_a_label_is_given_back_unless_they_know_it_not(carrier, double):
    carrier.cancel("12345678901")
    [asked] = double.asked
    expected = ("PUT", "/public/v1/cancellation/parcelids/12345678901")
    assert (asked["method"], asked["path"]) == expected
    unknown = {"parcelId": "2", "code": "E001", "info": "Invalid Parcel Id."}
    double.answer = (200, {"status": [unknown]})
    with pytest.raises(CarrierRefused, match="Invalid Parcel Id"):
        carrier.cancel("2")
    carrier.close(["1"])
    assert carrier.movements("1", "56068") == []
    assert len(double.asked) == 2


def test_a_parcel_for_adults_is_refused_since_no_look_at_an_age_can_be_booked(carrier, double):
    with pytest.raises(CarrierRefused, match="Altersprüfung ab 18"):
        carrier.label(replace(PARCEL, age_min=18))
    assert double.asked == []
