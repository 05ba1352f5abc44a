"""What a carrier is to us: it gives labels, closes the day, and says where parcels are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


class CarrierRefused(Exception):
    """The carrier has understood and says no: an address, a weight. Asking again changes nothing.

    Args:
        words: its own, for the person who packs.
    """

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class CarrierDown(Exception):
    """The carrier gave no answer that one can use: slow, broken or not reachable."""


@dataclass(frozen=True)
class Party:
    """Sender or receiver; `country` is ISO 3166-1 alpha-3."""

    name: str
    street: str
    postal_code: str
    city: str
    extra: str = ""
    email: str = ""
    phone: str = ""
    country: str = "DEU"


@dataclass(frozen=True)
class Consignment:
    """One parcel, as a carrier wants to know it; sides in millimetres, weight in grams.

    `age_min`: the carrier has to look at the receiver's age (0: no need); it goes to nobody else
    then, and is left nowhere. Who cannot promise that refuses the parcel.
    """

    sscc: str
    reference: str
    sender: Party
    receiver: Party
    weight_grams: int
    ships_on: date
    sides: tuple[int, int, int] | None = None
    drop_off: str = ""
    neighbour: str = ""
    age_min: int = 0


@dataclass(frozen=True)
class CarrierLabel:
    """What a carrier gives for a parcel: its number and the label as PDF."""

    number: str
    pdf: bytes
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Movement:
    """What a carrier says of a parcel; `what` as in `fulfilment.models.floor.TRACKING`."""

    what: str
    at: datetime
    place: str
    note: str


class Carrier(Protocol):
    """Somebody who takes parcels and can be asked by machine."""

    name: str

    def label(self, parcel: Consignment) -> CarrierLabel:
        """Order a label.

        Raises:
            CarrierRefused, CarrierDown
        """

    def cancel(self, number: str) -> None:
        """Give a label back that is not used after all."""

    def close(self, numbers: Sequence[str]) -> None:
        """Say that parcels are handed over today."""

    def movements(self, number: str, postal_code: str) -> list[Movement]:
        """Ask where a parcel is, the first event first."""


Carriers = Mapping[str, Carrier]
"""By the carrier's name in the tariffs; who is not here gets labels of our own."""
