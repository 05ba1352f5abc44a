"""What fulfilment has to say to the rest of the house, written into the outbox with the change."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True)
class ShortageOpened(Event):
    """Units of an order have lost their place and must be routed again."""

    order_ref: str
    cause: str


@dataclass(frozen=True)
class ShipmentDispatched(Event):
    """Parcels of an order have been handed over to a carrier."""

    order_ref: str
    shipment_id: str


@dataclass(frozen=True)
class LabelGivenUp(Event):
    """A sealed parcel was opened again: the label that its carrier had given is not used."""

    order_ref: str
    carrier: str
    number: str


@dataclass(frozen=True)
class ParcelDelivered(Event):
    """A parcel has reached the customer."""

    order_ref: str
    parcel_id: str


@dataclass(frozen=True)
class BackorderCovered(Event):
    """Units that an order was waiting for are there: reserved if it is unpaid, else allocated."""

    order_ref: str


@dataclass(frozen=True)
class IncomingDelayed(Event):
    """Goods of a purchase order or transfer come later than their day said.

    `lines` hold sku, quantity, was_on and expected_on (ISO days; None where nobody knows one).
    """

    document: str
    location: str
    lines: list[dict[str, object]]


@dataclass(frozen=True)
class RecallOpened(Event):
    """Goods are called back: those who have some are to be told."""

    recall_id: str


@dataclass(frozen=True)
class RecalledGoodsSold(Event):
    """A till that was offline has posted a sale of goods that have been called back since."""

    recall_id: str


@dataclass(frozen=True)
class BackorderDelayed(Event):
    """Units that an order is waiting for will be there later than was promised."""

    order_ref: str


@dataclass(frozen=True)
class SetupPublished(Event):
    """The retailer has put changed rules, costs or calendars in force, as version `number`."""

    number: int
    actor: str


@dataclass(frozen=True)
class CollectionRefused(Event):
    """A store cannot hand over what a customer wanted to collect, although the goods are there."""

    order_ref: str
    location: str
    reason: str


@dataclass(frozen=True)
class ReadyForCollection(Event):
    """What a customer wants to collect has been laid out for them."""

    order_ref: str
    fulfilment_order_id: str


@dataclass(frozen=True)
class DayClosed(Event):
    """A location sends nothing further on a day: what waits there is to be routed again."""

    location: str
    day: str
    actor: str


@dataclass(frozen=True)
class WhatIfAsked(Event):
    """Somebody asks what a period's orders would have cost under another setup."""

    run_id: str
