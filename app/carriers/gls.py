"""GLS Germany, Web API for Parcel Processing, version 1 (REST). UNVERIFIED: it never met GLS.

Written from what is public: the requests and recorded answers of the SDK that GLS Germany has had
published (github.com/netresearch/gls-sdk-api-parcel-processing). Tested against a double of our
own; docs/floor.md lists what the first hour in their test system must show.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

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

SANDBOX = "https://api-qs1.gls-group.eu"
PRODUCTION = "https://api.gls-group.eu"
# 105 × 148 mm: what our printers hold.
LABEL_SIZE = "A6"
# They say ISO 3166-1 alpha-2.
_COUNTRIES = {"DEU": "DE", "AUT": "AT", "LUX": "LU", "NLD": "NL", "BEL": "BE"}
_GRAMS_PER_KILO = 1000
_LIGHTEST_KILOS = 0.01
_CANCELLED = "E000"


class Gls:
    """GLS for business customers.

    Args:
        base: `SANDBOX`, `PRODUCTION`, or a double.
        user, password: of the API account.
        shipper_id: customer and contact, as the depot has given them.
    """

    name = "GLS"

    def __init__(self, *, base: str, user: str, password: str, shipper_id: str) -> None:
        self._base = f"{base.rstrip('/')}/public/v1"
        self._shipper_id = shipper_id
        self._session = requests.Session()
        self._session.auth = (user, password)
        self._session.headers.update({"Accept": "application/json", "Accept-Language": "de"})

    def label(self, parcel: Consignment) -> CarrierLabel:
        """See `app.carriers.shapes.Carrier.label`."""
        answer = self._call("POST", f"{self._base}/shipments", json=self.shipment(parcel))
        try:
            number = str(answer["parcels"][0]["parcelNumber"])
            pdf = base64.b64decode(answer["labels"][0], validate=True)
        except (KeyError, IndexError, TypeError, binascii.Error) as error:
            raise CarrierDown("parcel without number or label") from error
        return CarrierLabel(number, pdf)

    def shipment(self, parcel: Consignment) -> dict[str, Any]:
        """Return a parcel in GLS's words.

        Raises:
            CarrierRefused: a country that we have no short name for; a parcel at whose door
                somebody has to look at an age, which this interface cannot book.
        """
        if parcel.age_min:
            raise CarrierRefused(f"GLS: Altersprüfung ab {parcel.age_min}")
        kilos = max(round(parcel.weight_grams / _GRAMS_PER_KILO, 2), _LIGHTEST_KILOS)
        packed: dict[str, Any] = {"weight": kilos, "references": [parcel.sscc]}
        if parcel.drop_off:
            place = {"name": "placeofdeposit", "value": parcel.drop_off}
            packed["services"] = [{"name": "depositservice", "infos": [place]}]
        return {
            "shipperId": self._shipper_id,
            "shipmentDate": parcel.ships_on.isoformat(),
            "references": [parcel.reference],
            "addresses": {
                "delivery": _party(parcel.receiver),
                "alternativeShipper": _party(parcel.sender),
            },
            "parcels": [packed],
            "labelFormat": "PDF",
            "labelSize": LABEL_SIZE,
        }

    def cancel(self, number: str) -> None:
        """See `app.carriers.shapes.Carrier.cancel`."""
        answer = self._call("PUT", f"{self._base}/cancellation/parcelids/{number}")
        told = answer.get("status")
        state = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
        if state.get("code") != _CANCELLED:
            raise CarrierRefused(str(state.get("info") or "not cancelled"))

    def close(self, numbers: Sequence[str]) -> None:
        """Do nothing: the interface knows no manifest; a parcel counts from their first scan."""

    def movements(self, number: str, postal_code: str) -> list[Movement]:
        """Return nothing: where parcels are is told by another service of theirs."""
        return []

    def _call(self, method: str, url: str, **asked: Any) -> dict[str, Any]:
        return rest.call(self._session, method, url, words=_words, **asked)


def _party(party: Party) -> dict[str, str]:
    country = _COUNTRIES.get(party.country)
    if country is None:
        raise CarrierRefused(f"GLS: {party.country}")
    facts = {
        "name1": party.name,
        "name2": party.extra,
        "street1": party.street,
        "zipCode": party.postal_code,
        "city": party.city,
        "country": country,
        "email": party.email,
        "phone": party.phone,
    }
    return {name: value for name, value in facts.items() if value}


def _words(body: dict[str, Any], status: int) -> str:
    errors = body.get("errors")
    said = [
        str(one.get("description") or one.get("exitMessage") or "")
        for one in (errors if isinstance(errors, list) else [])
        if isinstance(one, dict)
    ]
    return "; ".join(filter(None, said)) or f"HTTP {status}"
