"""The rows of fulfilment, by what they are about."""

from fulfilment.models.backorders import Backorder, BackorderPolicy
from fulfilment.models.claims import Allocation, CountTask, Reservation, Shortage
from fulfilment.models.floor import (
    Box,
    FloorStep,
    Manifest,
    ParcelEvent,
    ParcelLabel,
    Pickup,
    ShelfPlace,
    Wave,
)
from fulfilment.models.foresight import ParcelPrice, PriceRun, StockPrice
from fulfilment.models.incoming import (
    IncomingEntry,
    PurchaseLine,
    PurchaseOrder,
    Transfer,
    TransferLine,
)
from fulfilment.models.locations import ClosedDay, Display, Location, Tariff
from fulfilment.models.lots import Lot, Recall, SkuRule, StockLot, StockLotClosing
from fulfilment.models.overrides import RoutingOverride
from fulfilment.models.parcels import (
    FulfilmentOrder,
    Parcel,
    ParcelInsert,
    ParcelLine,
    RoutingDecision,
    Shipment,
)
from fulfilment.models.refusals import DayLimit, Refusal
from fulfilment.models.settings import StockCheck, StockRepair, StockSetting, StockSurprise
from fulfilment.models.setups import (
    RoutingDraft,
    RoutingRules,
    RoutingSetup,
    SetupStamp,
    WhatIfRun,
)
from fulfilment.models.stock import (
    StockBalance,
    StockClosing,
    StockMonth,
    StockMovement,
    StockMovementKey,
)
from fulfilment.models.stops import OrderStop

__all__ = [
    "Allocation",
    "Backorder",
    "BackorderPolicy",
    "Box",
    "ClosedDay",
    "CountTask",
    "DayLimit",
    "Display",
    "FloorStep",
    "FulfilmentOrder",
    "IncomingEntry",
    "Location",
    "Lot",
    "Manifest",
    "OrderStop",
    "Parcel",
    "ParcelEvent",
    "ParcelInsert",
    "ParcelLabel",
    "ParcelLine",
    "ParcelPrice",
    "Pickup",
    "PriceRun",
    "PurchaseLine",
    "PurchaseOrder",
    "Recall",
    "Refusal",
    "Reservation",
    "RoutingDecision",
    "RoutingDraft",
    "RoutingOverride",
    "RoutingRules",
    "RoutingSetup",
    "SetupStamp",
    "ShelfPlace",
    "Shipment",
    "Shortage",
    "SkuRule",
    "StockBalance",
    "StockCheck",
    "StockClosing",
    "StockLot",
    "StockLotClosing",
    "StockMonth",
    "StockMovement",
    "StockMovementKey",
    "StockPrice",
    "StockRepair",
    "StockSetting",
    "StockSurprise",
    "Tariff",
    "Transfer",
    "TransferLine",
    "Wave",
    "WhatIfRun",
]
