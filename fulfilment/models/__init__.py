"""The rows of fulfilment, by what they are about."""

from fulfilment.models.claims import Allocation, CountTask, Reservation, Shortage
from fulfilment.models.locations import ClosedDay, Location, Tariff
from fulfilment.models.parcels import (
    FulfilmentOrder,
    Parcel,
    ParcelInsert,
    ParcelLine,
    RoutingDecision,
    Shipment,
)
from fulfilment.models.stock import (
    StockBalance,
    StockClosing,
    StockMonth,
    StockMovement,
    StockMovementKey,
)

__all__ = [
    "Allocation",
    "ClosedDay",
    "CountTask",
    "FulfilmentOrder",
    "Location",
    "Parcel",
    "ParcelInsert",
    "ParcelLine",
    "Reservation",
    "RoutingDecision",
    "Shipment",
    "Shortage",
    "StockBalance",
    "StockClosing",
    "StockMonth",
    "StockMovement",
    "StockMovementKey",
    "Tariff",
]
