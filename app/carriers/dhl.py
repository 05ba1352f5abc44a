"""DHL Parcel DE Shipping, version 2 (REST). UNVERIFIED: it has never met DHL's sandbox.

Written from what is published: developer.dhl.com, "Parcel DE Shipping (Post & Parcel Germany)",
2.1, and "Shipment Tracking - Unified" for movements. Tested against a double of our own, which
answers as those pages say; docs/floor.md lists what the first hour in the sandbox must show.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import requests

from app.carriers import rest
from app.carriers.shapes import (
    CarrierDown,
    CarrierLabel,
    CarrierRefused,
    Consignment,
    Movement,
    Party,
)

SANDBOX = "https://api-sandbox.dhl.com/parcel/de/shipping/v2"
PRODUCTION = "https://api-eu.dhl.com/parcel/de/shipping/v2"
TRACKING_URL = "https://api-eu.dhl.com/track/shipments"
PROFILE = "STANDARD_GRUPPENPROFIL"
PARCEL = "V01PAK"
# 100 × 150 mm has no format of its own there; this is the nearest thermal one, 105 × 208 mm.
PRINT_FORMAT = "910-300-710"
_LONGEST = {"name": 50, "street": 50, "reference": 35, "city": 40, "wish": 100}
_SHORTEST_REFERENCE = 8
# "Musterstraße 12 a" → street and house number; what does not match stays in one field.
_HOUSE = re.compile(r"^(?P<street>.*\D)\s+(?P<house>\d+\s?[a-zA-Z]?(\s?[-/]\s?\d+\s?[a-zA-Z]?)?)$")
_WHAT = {
    "pre-transit": "announced",
    "transit": "in_transit",
    "delivered": "delivered",
    "failure": "failed",
}
# DHL looks at the age at the door ("Alterssichtprüfung") for these two.
_AGES = (16, 18)
# A time without zone is the carrier's own.
_BERLIN = ZoneInfo("Europe/Berlin")


class Dhl:
    """DHL for business customers.

    Args:
        base: `SANDBOX`, `PRODUCTION`, or a double.
        api_key: of the application, sent as ``dhl-api-key``.
        user, password: of a system user of the business customer portal.
        billing_number: 14 digits: EKP, procedure, participation.
        tracking_url: where movements are asked for.
    """

    name = "DHL"

    def __init__(
        self,
        *,
        base: str,
        api_key: str,
        user: str,
        password: str,
        billing_number: str,
        tracking_url: str = TRACKING_URL,
    ) -> None:
        self._base = base.rstrip("/")
        self._tracking = tracking_url
        self._billing_number = billing_number
        self._session = requests.Session()
        self._session.auth = (user, password)
        self._session.headers.update(
            {"dhl-api-key": api_key, "Accept": "application/json", "Accept-Language": "de-DE"}
        )

    def label(self, parcel: Consignment) -> CarrierLabel:
        """See `app.carriers.shapes.Carrier.label`."""
        answer = self._call(
            "POST",
            f"{self._base}/orders",
            params={
                "validate": "false",
                "mustEncode": "true",
                "includeDocs": "include",
                "docFormat": "PDF",
                "printFormat": PRINT_FORMAT,
            },
            json={"profile": PROFILE, "shipments": [self.shipment(parcel)]},
        )
        item = _first(answer)
        said = tuple(_messages(item))
        number = item.get("shipmentNo")
        if not number:
            raise CarrierRefused("; ".join(said) or "no shipment number")
        try:
            pdf = base64.b64decode(item["label"]["b64"], validate=True)
        except (KeyError, TypeError, binascii.Error) as error:
            raise CarrierDown("label without document") from error
        return CarrierLabel(str(number), pdf, said)

    def shipment(self, parcel: Consignment) -> dict[str, Any]:
        """Return a parcel in DHL's words.

        Raises:
            CarrierRefused: for people older than DHL looks for.
        """
        reference = parcel.reference[: _LONGEST["reference"]].ljust(_SHORTEST_REFERENCE, "_")
        details: dict[str, Any] = {"weight": {"uom": "g", "value": max(parcel.weight_grams, 1)}}
        if parcel.sides is not None:
            length, width, height = sorted(parcel.sides, reverse=True)
            details["dim"] = {"uom": "mm", "length": length, "width": width, "height": height}
        services: dict[str, Any] = {}
        # One of both: DHL takes no parcel that may go to two places.
        if parcel.age_min:
            services = {"visualCheckOfAge": _age(parcel.age_min), "noNeighbourDelivery": True}
        elif parcel.drop_off:
            services["preferredLocation"] = parcel.drop_off[: _LONGEST["wish"]]
        elif parcel.neighbour:
            services["preferredNeighbour"] = parcel.neighbour[: _LONGEST["wish"]]
        return {
            "product": PARCEL,
            "billingNumber": self._billing_number,
            "refNo": reference,
            "shipDate": parcel.ships_on.isoformat(),
            "shipper": _party(parcel.sender),
            "consignee": _party(parcel.receiver),
            "details": details,
            **({"services": services} if services else {}),
        }

    def cancel(self, number: str) -> None:
        """See `app.carriers.shapes.Carrier.cancel`."""
        self._call(
            "DELETE", f"{self._base}/orders", params={"profile": PROFILE, "shipment": number}
        )

    def close(self, numbers: Sequence[str]) -> None:
        """See `app.carriers.shapes.Carrier.close`."""
        wanted = {
            "profile": PROFILE,
            "billingNumber": self._billing_number,
            "shipmentNumbers": list(numbers),
        }
        self._call("POST", f"{self._base}/manifests", json=wanted)

    def movements(self, number: str, postal_code: str) -> list[Movement]:
        """See `app.carriers.shapes.Carrier.movements`."""
        asked = {"trackingNumber": number, "recipientPostalCode": postal_code, "language": "de"}
        answer = self._call("GET", self._tracking, params=asked, missing={"shipments": []})
        found = []
        for event in ((answer.get("shipments") or [{}])[0]).get("events") or []:
            what = _WHAT.get(str(event.get("statusCode", "")))
            moment = _moment(event.get("timestamp"))
            if what is None or moment is None:
                continue
            place = ((event.get("location") or {}).get("address") or {}).get("addressLocality", "")
            words = event.get("description") or event.get("status") or ""
            found.append(Movement(what, moment, str(place), str(words)))
        return sorted(found, key=lambda movement: movement.at)

    def _call(self, method: str, url: str, **asked: Any) -> dict[str, Any]:
        return rest.call(self._session, method, url, words=_words, **asked)


def _age(age_min: int) -> str:
    """Return the service of DHL's two that looks for at least this age."""
    if age_min > max(_AGES):
        raise CarrierRefused(f"DHL: {age_min}")
    return f"A{min(age for age in _AGES if age >= age_min)}"


def _party(party: Party) -> dict[str, Any]:
    street, house = party.street.strip(), ""
    if split := _HOUSE.match(street):
        street, house = split["street"].strip(" ,"), split["house"]
    facts = {
        "name1": party.name[: _LONGEST["name"]],
        "additionalAddressInformation1": party.extra[: _LONGEST["street"]],
        "addressStreet": street[: _LONGEST["street"]],
        "addressHouse": house,
        "postalCode": party.postal_code,
        "city": party.city[: _LONGEST["city"]],
        "country": party.country,
        "email": party.email,
        "phone": party.phone,
    }
    return {name: value for name, value in facts.items() if value}


def _first(body: Mapping[str, Any]) -> dict[str, Any]:
    items = body.get("items")
    first = items[0] if isinstance(items, list) and items else {}
    return first if isinstance(first, dict) else {}


def _messages(item: Mapping[str, Any]) -> list[str]:
    said = item.get("validationMessages") or []
    return [str(one.get("validationMessage", "")) for one in said if isinstance(one, dict)]


def _words(body: dict[str, Any], status: int) -> str:
    return "; ".join(_messages(_first(body))) or _title(body, status)


def _title(body: Mapping[str, Any], status: int) -> str:
    told = body.get("status")
    inner = told if isinstance(told, dict) else body
    return str(inner.get("detail") or inner.get("title") or f"HTTP {status}")


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=_BERLIN)
