"""Who listens to what, on one page: EVENT → handlers, in the order in which they run.

`inside` handlers get the session of their own transaction and act at most once per event.
`outside` handlers call the world: they open their transactions themselves and are idempotent by
the state they leave and by the provider's idempotency key.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.events import (
    DebitAsked,
    GoodsReturned,
    GoodsSold,
    HoldChanged,
    MessageFailed,
    MessageWritten,
    OfferMade,
    OrderCompleted,
    OrderConfirmed,
    OrderLapsed,
    OrderPlaced,
    OrderRerouted,
    PlanFailed,
    ReceiptWanted,
    RefundIntended,
)
from app.jobs import handlers
from app.jobs.handlers import Handler
from app.messages import delivery, evidence
from app.workflows import (
    backorders,
    collecting,
    counter_offers,
    findable,
    import_catalog,
    invoice_order,
    learn_together,
    parcel_labels,
    points,
    recall,
    refunds,
    reserve_in_store,
    route_order,
    tell,
    tell_choices,
    tell_counter,
    tell_holds,
    unreachable,
    watch,
    what_if,
)
from app.workflows import evidence as reading_books
from catalog.events import CatalogImportAsked, ProductPublished, ProductWithdrawn
from fulfilment.events import (
    BackorderCovered,
    BackorderDelayed,
    CollectionRefused,
    DayClosed,
    IncomingDelayed,
    LabelGivenUp,
    ParcelDelivered,
    ReadyForCollection,
    RecalledGoodsSold,
    RecallOpened,
    SetupPublished,
    ShipmentDispatched,
    ShortageOpened,
    WhatIfAsked,
)
from kit.events import Event


def _inside(function: Callable[[Session, Any], None]) -> Handler:
    return Handler(f"{function.__module__}.{function.__name__}", inside=function)


def _outside(function: Callable[[Any], None]) -> Handler:
    return Handler(f"{function.__module__}.{function.__name__}", outside=function)


HANDLERS: dict[type[Event], list[Handler]] = {
    OrderPlaced: [_inside(tell.order_placed)],
    DebitAsked: [_inside(tell.debit_asked)],
    OrderConfirmed: [_inside(tell.order_confirmed), _inside(learn_together.on_confirmed)],
    GoodsSold: [_inside(learn_together.on_sold)],
    GoodsReturned: [_inside(learn_together.on_returned)],
    OrderLapsed: [_inside(tell.order_lapsed)],
    SetupPublished: [_inside(watch.on_setup_published)],
    ShortageOpened: [
        _inside(reserve_in_store.on_shortage),
        _inside(counter_offers.on_shortage),
        _inside(route_order.on_shortage),
    ],
    HoldChanged: [_inside(tell_holds.hold_changed)],
    OfferMade: [_inside(tell_counter.offer_made)],
    ReceiptWanted: [_inside(tell_counter.receipt_wanted)],
    OrderRerouted: [_inside(tell_choices.order_rerouted)],
    PlanFailed: [_inside(watch.on_plan_failed)],
    CollectionRefused: [_inside(collecting.on_refused)],
    ReadyForCollection: [_inside(tell_choices.ready_for_collection)],
    DayClosed: [_inside(watch.on_day_closed)],
    BackorderCovered: [_inside(backorders.on_covered)],
    ShipmentDispatched: [_inside(tell.shipment_dispatched)],
    LabelGivenUp: [_outside(parcel_labels.give_back)],
    ParcelDelivered: [],
    RecallOpened: [_inside(recall.tell_buyers)],
    RecalledGoodsSold: [_inside(recall.tell_buyers)],
    IncomingDelayed: [_inside(backorders.on_incoming_delayed)],
    BackorderDelayed: [_inside(backorders.on_delayed)],
    OrderCompleted: [_inside(points.earn_for_order), _inside(invoice_order.on_completed)],
    RefundIntended: [_outside(refunds.carry_out)],
    WhatIfAsked: [_outside(what_if.carry_out)],
    CatalogImportAsked: [_outside(import_catalog.carry_out)],
    ProductPublished: [_inside(findable.on_product_changed)],
    ProductWithdrawn: [_inside(findable.on_product_changed)],
    MessageWritten: [_outside(delivery.send)],
    MessageFailed: [_inside(unreachable.on_failed)],
}


def register() -> None:
    """Tell the jobs of this process who listens, and messages how the books are read.

    The factory calls it once.
    """
    evidence.read_with(reading_books.books())
    handlers.register(HANDLERS)
