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
class ParcelDelivered(Event):
    """A parcel has reached the customer."""

    order_ref: str
    parcel_id: str
